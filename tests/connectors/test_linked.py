"""DFC documents of every generation: namespaces, wild names, missing inverses, versions, and what is written back."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from datahub.connectors import connector
from datahub.errors import InputError
from datahub.profiles.vocabulary import vocabulary
from datahub.rdf.formats import parse
from datahub.rdf.frame import Frame

BASE = "https://hub.example/r/"
B = "https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#"
M = "https://github.com/datafoodconsortium/taxonomies/releases/latest/download/measures.rdf#"
DFC = connector("dfc")
GENERATIONS = {
    "before 1.8": "http://static.datafoodconsortium.org/ontologies/DFC_BusinessOntology.owl#",
    "1.8 to 1.16": B,
    "2.0": "http://w3id.org/dfc/ontology/v2.0.0/src/DFC_BusinessOntology.owl#",
    "2.0 (own)": "https://w3id.org/dfc/ontology/src/DFC_BusinessOntology.owl#",
}


def lines(frame: Frame) -> str:
    return "".join(frame.canonical_lines())


def told(found: pl.DataFrame, code: str) -> list[str]:
    return found.filter(pl.col("code") == code)["value"].to_list()


def document(*nodes: dict[str, object], context: str = "https://www.datafoodconsortium.org") -> bytes:
    return json.dumps({"@context": context, "@graph": list(nodes)}).encode()


PRODUCT = {"@id": "https://a.example/p/1", "@type": "dfc-b:SuppliedProduct", "dfc-b:name": "Navet"}


@pytest.mark.parametrize(("version", "namespace"), GENERATIONS.items(), ids=GENERATIONS.keys())
def test_all_generations_become_one_and_the_assumed_version_is_told(version: str, namespace: str) -> None:
    data = f'@prefix d: <{namespace}> . <https://a.example/p/1> a d:SuppliedProduct ; d:name "Navet" .'
    lift = DFC.lift(data.encode(), BASE)
    assert lines(lift.frame) == "".join(
        sorted(
            [
                f'<https://a.example/p/1> <{B}name> "Navet" .\n',
                f"<https://a.example/p/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{B}SuppliedProduct> .\n",
            ]
        )
    )
    assert told(lift.findings, "version-assumed") == [version.removesuffix(" (own)")]


def test_the_unversioned_context_is_never_fetched_and_terms_tell_the_version() -> None:
    old = DFC.lift(document(PRODUCT), BASE)
    assert told(old.findings, "version-assumed") == ["1.8 to 1.16"]
    new = DFC.lift(
        document(PRODUCT, {"@id": "https://a.example/o", "@type": "dfc-b:Organization", "dfc-b:name": "O"}), BASE
    )
    assert told(new.findings, "version-assumed") == ["2.0"]


def test_a_foreign_context_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        DFC.lift(document(PRODUCT, context="https://evil.example/context.jsonld"), BASE)
    assert caught.value.code == "context-refused"


WILD = {
    "dfc-b:hasStreet": "street",
    "dfc-b:hasCity": "city",
    "dfc-b:hasPostalCode": "postcode",
    "dfc-b:beginDate": "startDate",
    "dfc-b:totalTheoreticalStock": "totalTheoriticalStock",
    "dfc-b:image": "Image",
    "dfc-b:alcoholPercentage": "hasPercentageOfAlcoholByVolume",
    "dfc-b:offeredItem": "offers",
    "dfc-b:offeredTo": "offersTo",
    "dfc-b:hasIncome": "hasInput",
    "dfc-b:hasOutcome": "hasOutput",
}


@pytest.mark.parametrize(("wild", "right"), WILD.items())
def test_a_wild_name_is_repaired_and_the_repair_told(wild: str, right: str) -> None:
    lift = DFC.lift(document({**PRODUCT, wild: "https://a.example/x"}), BASE)
    assert f"<{B}{right}> " in lines(lift.frame)
    assert f"<{B}{wild.removeprefix('dfc-b:')}> " not in lines(lift.frame)
    assert wild in told(lift.findings, "term-repaired")
    assert B + right in vocabulary()
    assert B + wild.removeprefix("dfc-b:") not in vocabulary()


def test_an_unknown_term_is_kept_and_told_with_the_one_it_resembles() -> None:
    lift = DFC.lift(document({**PRODUCT, "dfc-b:descripton": "x"}), BASE)
    assert f'<{B}descripton> "x"' in lines(lift.frame)
    [note] = lift.findings.filter(pl.col("code") == "term-unknown").to_dicts()
    assert note["severity"] == "warning"
    assert "dfc-b:description" in note["fix_fr"]


@pytest.mark.parametrize(
    ("given", "wanted", "is_repair"),
    [
        ('"12.06"', "12.06", True),
        ("12.06", "12.06", False),
        ("4.95E0", "4.95", False),
        ("5", "5", False),
        ('"0"', "0", True),
    ],
)
def test_numbers_become_decimals_and_texts_that_are_numbers_are_told(given: str, wanted: str, is_repair: bool) -> None:
    data = '{"@context": "https://www.datafoodconsortium.org", "@id": "https://a.example/o", "@type": "dfc-b:Offer",'
    data += f'"dfc-b:stockLimitation": {given}}}'
    lift = DFC.lift(data.encode(), BASE)
    assert f'<{B}stockLimitation> "{wanted}"^^<http://www.w3.org/2001/XMLSchema#decimal>' in lines(lift.frame)
    assert ("dfc-b:stockLimitation" in told(lift.findings, "number-from-text")) == is_repair


def test_a_text_that_is_no_number_stays_for_the_shapes_to_refuse() -> None:
    lift = DFC.lift(
        document({"@id": "https://a.example/o", "@type": "dfc-b:Offer", "dfc-b:stockLimitation": "beaucoup"}), BASE
    )
    assert f'<{B}stockLimitation> "beaucoup" .' in lines(lift.frame)


def test_inverse_links_are_stated_between_nodes_that_the_document_describes_and_no_others() -> None:
    item = {
        "@id": "https://a.example/i",
        "@type": "dfc-b:CatalogItem",
        "dfc-b:references": "https://a.example/p/1",
        "dfc-b:managedBy": "https://other.example/e",
    }
    lift = DFC.lift(document({**PRODUCT, "dfc-b:hasType": "dfc-pt:turnip"}, item), BASE)
    text = lines(lift.frame)
    assert f"<https://a.example/p/1> <{B}referencedBy> <https://a.example/i> ." in text
    assert "<https://other.example/e> <" not in text
    assert "typeOf" not in text
    assert told(lift.findings, "inverse-inferred") == ["1"]


def test_every_inverse_pair_of_the_vocabulary_is_completed_in_both_directions() -> None:
    pairs = [(one, other) for one, other in vocabulary().inverse_pairs() if one.startswith(B) and other.startswith(B)]
    assert len(pairs) >= 60
    data = f"<https://a.example/x> a <{B}Catalog> . <https://a.example/y> a <{B}Catalog> .\n"
    data += "".join(f"<https://a.example/x> <{one}> <https://a.example/y> .\n" for one, _ in pairs)
    text = lines(DFC.lift(data.encode(), BASE).frame)
    for one, other in pairs:
        assert f"<https://a.example/y> <{other}> <https://a.example/x> ." in text, one


def test_undeclared_prefixes_and_links_given_as_text_are_repaired() -> None:
    data = f"""{{"@context": {{"dfc-b": "{B}"}}, "@graph": [
        {{"@id": "https://a.example/all", "@type": "ldp:Container", "http://www.w3.org/ns/ldp#contains": "https://a.example/p/1"}},
        {{"@id": "https://a.example/p/1", "@type": "dfc-b:SuppliedProduct", "dfc-b:hasUnit": {{"@id": "dfc-m:Kilogram"}},
          "dfc-b:suppliedBy": "https://a.example/e"}},
        {{"@id": "https://a.example/e", "@type": "dfc-b:Enterprise"}}]}}"""
    lift = DFC.lift(data.encode(), BASE)
    text = lines(lift.frame)
    assert f"<{M}Kilogram>" in text
    assert "<http://www.w3.org/ns/ldp#Container>" in text
    assert "<http://www.w3.org/ns/ldp#contains> <https://a.example/p/1> ." in text
    assert f"<https://a.example/e> <{B}supplies> <https://a.example/p/1> ." in text
    assert set(told(lift.findings, "prefix-expanded")) == {"ldp:", "dfc-m:"}
    assert set(told(lift.findings, "text-to-link")) == {"ldp:contains", "dfc-b:suppliedBy"}


def test_blank_nodes_get_the_same_names_whatever_their_labels_and_order() -> None:
    def with_price(label: str, *, turned: bool) -> bytes:
        nodes = [
            {"@id": "https://a.example/o", "@type": "dfc-b:Offer", "dfc-b:hasPrice": {"@id": label}},
            {"@id": label, "@type": "dfc-b:Price", "dfc-b:value": "3"},
        ]
        return document(*(nodes[::-1] if turned else nodes))

    one, other = DFC.lift(with_price("_:b1", turned=False), BASE), DFC.lift(with_price("_:zz", turned=True), BASE)
    assert lines(one.frame) == lines(other.frame)
    assert "_:" not in lines(one.frame)


def test_another_document_is_refused_by_what_it_holds() -> None:
    data = b'{"@context": {"dfc-b": "https://x.example/"}, "@id": "https://a.example/1", "@type": "dfc-b:Thing"}'
    with pytest.raises(InputError) as caught:
        DFC.lift(data, BASE)
    assert caught.value.code == "not-this-format"
    assert "https://x.example/Thing" in caught.value.message.fr


@pytest.mark.parametrize("sample", DFC.samples, ids=lambda path: path.name)
@pytest.mark.parametrize("variant", ["1.16", "2.0"])
def test_what_is_written_says_the_same_when_read_again(sample: Path, variant: str) -> None:
    lift = DFC.lift(sample, BASE)
    lowering = DFC.lower(lift.frame, BASE, variant)
    again = DFC.lift(lowering.data, BASE, lowering.filename)
    assert lines(again.frame) == lines(lift.frame)
    assert lowering.loss.lost == 0
    [version] = told(again.findings, "version-assumed")
    assert (version == "2.0") == (variant == "2.0")


def test_version_2_is_written_in_its_own_namespace_and_class_names() -> None:
    lift = DFC.lift(document({"@id": "https://a.example/e", "@type": "dfc-b:Enterprise", "dfc-b:name": "E"}), BASE)
    written = json.loads(DFC.lower(lift.frame, BASE, "2.0").data)
    assert written["@context"].endswith("context_2.0.0.jsonld")
    assert written["@graph"][0]["@type"] == "dfc-b:Organization"
    assert GENERATIONS["2.0"] + "Organization" in lines(_plainly(DFC.lower(lift.frame, BASE, "2.0").data))


def _plainly(data: bytes) -> Frame:
    from datahub.profiles.namespaces import contexts

    return parse(data, "jsonld", contexts=contexts())


def test_properties_of_other_vocabularies_are_lost_and_counted() -> None:
    ofn = connector("ofn-products")
    lift = ofn.lift(ofn.samples[1], BASE)
    lowering = DFC.lower(lift.frame, BASE)
    lost = {row["field"]: row["count"] for row in lowering.loss.table.to_dicts()}
    predicates = lift.frame.terms["lexical"].gather(lift.frame.triples["p"])
    objects = lift.frame.terms["lexical"].gather(lift.frame.triples["o"])
    foreign = ~predicates.str.contains("datafoodconsortium|rdf-syntax-ns#type")
    own_concept = objects.str.starts_with("https://w3id.org/datahub/ns/")
    assert sum(lost.values()) == lowering.loss.lost == (foreign | own_concept).sum()
    assert "dhf:displayName" in lost
    assert "dfc-b:name" not in lost


def test_concepts_of_the_hub_alone_are_told_as_lost_and_replaced_by_a_broader_one_where_there_is_one() -> None:
    header = "producer,sku,name,category,units,unit_type,price\n"
    rows = "P,1,Sauce tomate,Preserves and Sauces,1,kl,2\nP,2,Chou,Vegetables,1,kg,2\n"
    lift = connector("ofn-products").lift((header + rows).encode(), BASE)
    lowering = DFC.lower(lift.frame, BASE)
    assert b"w3id.org/datahub/ns" not in lowering.data
    lost = {row["field"]: row["example_value"] for row in lowering.loss.table.iter_rows(named=True)}
    assert lost["dfc-b:hasUnit"].endswith("units/kilolitre")
    again = lines(DFC.lift(lowering.data, BASE, lowering.filename).frame)
    assert f"<{M}Kilogram>" in again
    assert "kilolitre" not in again
    if "dfc-b:hasType" in lost:
        assert "/product-types/" in lost["dfc-b:hasType"]


def test_a_node_whose_only_value_is_a_concept_of_the_hub_alone_is_not_written_as_an_empty_node() -> None:
    data = f"""<http://x/1> a <{B}SuppliedProduct> ; <{B}name> "Chou" .
        <http://x/2> a <{B}QuantitativeValue> ; <{B}hasUnit> <https://w3id.org/datahub/ns/units/kilolitre> ."""
    lowering = DFC.lower(parse(data.encode(), "ttl"), BASE)
    assert b"http://x/2" not in lowering.data
    assert lowering.loss.lost == 2
