"""Lists of objects in JSON become nodes of their own, one for each object, with a link to the record that they belong to."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from datahub.connectors import Connector, connector
from datahub.connectors.check import check, outcome
from datahub.connectors.scaffold import Scaffold, scaffold
from datahub.connectors.uses import uses
from datahub.profiles.namespaces import expand

BASE = "https://hub.example/r/"

PRODUCTS: list[dict[str, Any]] = [
    {
        "ref": "A1",
        "nom": "Miel",
        "producteur": {"nom": "Rucher du Lac"},
        "offres": [{"libellé": "pot 250 g", "prix": 5.5, "stock": 3}, {"libellé": "pot 1 kg", "prix": 14, "stock": 10}],
        "avis": [{"qui": "x"}],
    },
    {"ref": "A2", "nom": "Pain", "producteur": {"nom": "Fournil"}, "offres": [{"libellé": "la pièce", "prix": 3.2}]},
    {"ref": "A3", "nom": "Sel", "producteur": {"nom": "Marais"}, "offres": []},
]


def begun(folder: Path, document: object, **said: Any) -> tuple[Scaffold, Connector]:
    path = folder / "exemple.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document, ensure_ascii=False), "utf-8")
    made = scaffold("mine", path, folder / "new", **said)
    return made, connector(str(made.folder))


def lines(one: Connector, document: object) -> list[str]:
    return list(one.lift(json.dumps(document).encode(), BASE).frame.canonical_lines())


def prices(found: list[str], record: str) -> set[str]:
    value = expand("dfc-b:value")
    return {line.split('"')[1] for line in found if f"/{record}#price" in line and f"<{value}>" in line}


def test_each_offer_of_a_product_is_an_offer_with_its_own_price(tmp_path: Path) -> None:
    made, one = begun(tmp_path, PRODUCTS)
    assert made.draft.model.type == "dfc-b:SuppliedProduct"
    assert dict(made.draft.parts.homes) == {"catalogItem": "offres", "offer": "offres", "price": "offres"}
    (result,) = check(one)
    assert result.passed, result.detail
    found = lines(one, PRODUCTS)
    assert prices(found, "A1") == {"5.5", "14"}
    assert prices(found, "A2") == {"3.2"}
    links = [line for line in found if f"<{expand('dfc-b:referencedBy')}>" in line]
    assert len(links) == 3, "each offer hangs on its product, and on no other"
    assert all(line.split("#")[0].split("<")[-1] in line for line in links)
    of_honey = [line for line in links if "/A1>" in line.split(" ")[0]]
    assert len(of_honey) == 2
    backwards = [line for line in found if f"<{expand('dfc-b:references')}>" in line]
    assert len(backwards) == 3


def test_what_is_in_a_list_is_told_with_its_way_from_the_record_and_with_examples(tmp_path: Path) -> None:
    made, one = begun(tmp_path, PRODUCTS)
    rows = {use.column: use for use in uses(one, check(one))}
    price = rows["offres[*].prix"]
    assert price.paths == ("dfc-b:referencedBy/dfc-b:offeredThrough/dfc-b:hasPrice/dfc-b:value",)
    assert price.examples == ("5.5", "14", "3.2")
    assert all(use.back for use in rows.values() if use.paths)
    notes = made.draft.parts.notes(made.draft.model, made.draft.sample.lists)
    assert any("“offres”" in note.en and "« offres »" in note.fr for note in notes)
    assert any("avis" in note.en for note in notes), "a list of which nothing is known is named"
    mapping = (made.folder / "mapping.ttl").read_text("utf-8")
    assert "$[*].avis[*]" in mapping, "with the source to read it by"


def test_objects_of_refused_records_are_left_out_with_them(tmp_path: Path) -> None:
    _, one = begun(tmp_path, PRODUCTS)
    twice = [*PRODUCTS, {**PRODUCTS[0], "nom": "Autre"}]
    lift = one.lift(json.dumps(twice).encode(), BASE)
    assert lift.refused.to_list() == [1, 4], "two records of one reference"
    assert not [line for line in lift.frame.canonical_lines() if "/A1" in line]
    assert prices(list(lift.frame.canonical_lines()), "A2") == {"3.2"}


def test_records_without_an_identifier_give_their_made_up_key_to_the_objects_of_their_lists(tmp_path: Path) -> None:
    plain = [{key: value for key, value in each.items() if key != "ref"} for each in PRODUCTS]
    made, one = begun(tmp_path, plain)
    assert made.keys.keys[0].made
    assert prices(lines(one, plain), "miel") == {"5.5", "14"}


@pytest.mark.parametrize("form", ["array", "one object", "lines", "envelope"])
def test_every_form_of_json_is_read(tmp_path: Path, form: str) -> None:
    forms = {
        "array": json.dumps(PRODUCTS),
        "one object": json.dumps(PRODUCTS[0]),
        "lines": "\n".join(json.dumps(each) for each in PRODUCTS),
        "envelope": json.dumps({"meta": {"page": 1}, "data": {"products": PRODUCTS}}),
    }
    _, one = begun(tmp_path, forms[form], record_class="dfc-b:SuppliedProduct")
    found = list(outcome(one, one.samples[0]).lift.frame.canonical_lines())
    assert prices(found, "A1") == {"5.5", "14"}


def test_a_draft_from_one_object_reads_an_array_of_them(tmp_path: Path) -> None:
    _, one = begun(tmp_path, PRODUCTS[0], record_class="dfc-b:SuppliedProduct")
    assert prices(lines(one, PRODUCTS), "A2") == {"3.2"}


def test_prices_in_a_list_within_a_list_belong_to_the_offer_of_the_inner_one(tmp_path: Path) -> None:
    document = [
        {"ref": f"P{n}", "name": f"Tour {n}", "lat": 45.123, "lon": 5.123, "@type": ["PlaceOfInterest"],
         "offers": [{"note": "x", "prices": [{"minPrice": 10, "maxPrice": 12, "currency": "EUR"}, {"minPrice": 7, "maxPrice": 9}]}]}
        for n in range(2)
    ]  # fmt: skip
    made, one = begun(tmp_path, document)
    assert made.draft.model.type == "dhh:PlaceOfInterest"
    assert made.draft.parts.homes["offer"] == "offers[*].prices"
    found = lines(one, document)
    cheap = next(line.split(" ")[0] for line in found if "minPrice" in line and '"7"' in line)
    assert any(line.startswith(f"{cheap} ") and "maxPrice" in line and '"9"' in line for line in found)


TOURISM = {
    "@id": "https://data.example/1",
    "dc:identifier": "X1",
    "@type": ["schema:LocalBusiness", "Accommodation", "PlaceOfInterest", "PointOfInterest"],
    "rdfs:label": {"fr": ["Gîte du Lac"], "en": ["Lake lodge"]},
    "rdfs:comment": {"fr": ["Un gîte au bord du lac, avec une grande terrasse et un jardin pour les enfants."]},
    "creationDate": "2022-10-18",
    "lastUpdate": "2026-02-01",
    "hasBeenCreatedBy": {
        "@id": "https://data.example/org",
        "schema:legalName": "Office de tourisme",
        "schema:address": [{"schema:postalCode": "75001", "schema:addressLocality": "Paris"}],
    },
    "hasTheme": [{"@id": "kb:Lake", "rdfs:label": {"pt": ["Lago"]}}],
    "isLocatedAt": [
        {
            "@id": "https://data.example/place",
            "schema:address": [{"schema:postalCode": "19400", "schema:addressLocality": "Argentat"}],
            "schema:geo": {"schema:latitude": "45.0955", "schema:longitude": "1.9388"},
        }
    ],
}


def test_records_that_name_their_class_are_taken_at_their_word_and_others_in_them_are_not_they(tmp_path: Path) -> None:
    made, one = begun(tmp_path, TOURISM)
    assert made.draft.model.type == "dhh:PlaceOfInterest"
    got = {guess.column.name: guess.slot.predicate for guess in made.draft.guesses if guess.slot}
    assert got["isLocatedAt[*]['schema:address'][*]['schema:postalCode']"] == "schema:postalCode", "not its author's"
    assert got["['rdfs:label'].fr[*]"] == "schema:name"
    assert got["creationDate"] == "dct:created"
    assert "hasBeenCreatedBy['schema:legalName']" not in got
    assert "hasTheme[*]['rdfs:label'].pt[*]" not in got, "the name of a theme is not that of the record"
    (result,) = check(one)
    assert result.passed, result.detail
    assert result.outcome is not None
    assert result.outcome.lift.read == 1


def test_members_with_signs_in_their_name_make_signs_that_the_sample_has(tmp_path: Path) -> None:
    _, one = begun(
        tmp_path, [{"@id": "a:1", "dc:title": "Un", "a b": "x"}, {"@id": "a:2", "dc:title": "Deux", "a b": "y"}]
    )
    assert set(one.definition.variants[0].signs) <= {"@id", "dc:title", "a b"}
    assert check(one)[0].outcome is not None


PLACES = {
    "count": 2,
    "results": [
        {"id": n, "nom": f"Aire {n}", "position": {"lat": 45.1 + n, "lng": 4.85},
         "adresse": {"rue": "Route", "code_postal": "26000"}, "places": 20 + n, "gratuit": n == 1, "tags": ["abri"]}
        for n in (1, 2)
    ],
}  # fmt: skip


def test_nested_objects_are_drafted_both_ways_and_written_as_they_were(tmp_path: Path) -> None:
    made, one = begun(tmp_path, PLACES)
    assert made.read_only is None
    assert one.directions == ("in", "out")
    (result,) = check(one)
    assert result.passed, result.detail
    assert result.loss is not None
    assert result.loss.lost == 0
    written = json.loads(one.lower(one.lift(json.dumps(PLACES).encode(), BASE).frame, BASE).data)
    (first, _), (was, _) = written["results"], PLACES["results"]
    assert first == {name: value for name, value in was.items() if name in first}
    assert {"id", "nom", "position", "adresse", "places", "gratuit"} <= set(first)
    assert all(use.back for use in uses(one, (result,)) if use.paths)


def test_items_of_lists_are_put_back_into_their_records(tmp_path: Path) -> None:
    made, one = begun(tmp_path, PRODUCTS, said={"offres libellé": "offer name"})
    assert made.read_only is None
    first = one.lift(json.dumps(PRODUCTS).encode(), BASE)
    lowering = one.lower(first.frame, BASE)
    assert lowering.loss.lost == 0
    written = json.loads(lowering.data)
    assert [each.get("offres", []) for each in written] == [each["offres"] for each in PRODUCTS], "in their order"


def test_items_of_records_from_elsewhere_are_written_below_them_and_what_hangs_on_none_is_lost(tmp_path: Path) -> None:
    _, one = begun(tmp_path, PRODUCTS, said={"offres libellé": "offer name"})
    other = connector("ofn-products")
    frame = other.lift((other.folder / "samples" / "marche-couvert.csv").read_bytes(), BASE).frame
    lowering = one.lower(frame, BASE)
    written = json.loads(lowering.data)
    assert {"prix": 2.4, "stock": 60} in [offer for each in written for offer in each["offres"]]
    again = set(one.lift(lowering.data, BASE).frame.canonical_lines())
    assert lowering.loss.lost == len(set(frame.canonical_lines()) - again)


def test_a_value_in_an_item_that_cannot_be_read_again_costs_the_whole_record_and_the_loss_says_so(
    tmp_path: Path,
) -> None:
    _, one = begun(tmp_path, PRODUCTS, said={"offres libellé": "offer name"})
    frame = one.lift(json.dumps(PRODUCTS).encode(), BASE).frame
    terms = frame.terms.with_columns(
        pl.when(pl.col("lexical") == "14").then(pl.lit("cher")).otherwise(pl.col("lexical")).alias("lexical")
    )
    broken = replace(frame, terms=terms)
    lowering = one.lower(broken, BASE)
    again = one.lift(lowering.data, BASE)
    assert lowering.loss.lost == len(set(broken.canonical_lines()) - set(again.frame.canonical_lines()))


def test_items_that_several_records_may_share_are_only_read_and_that_is_told(tmp_path: Path) -> None:
    shared = [
        {"ref": "A1", "nom": "Miel", "producteurs": [{"nom": "Rucher du Lac"}, {"nom": "Fournil"}]},
        {"ref": "A2", "nom": "Pain", "producteurs": [{"nom": "Fournil"}]},
    ]
    made, one = begun(tmp_path, shared, record_class="dfc-b:SuppliedProduct")
    assert "producer" in made.draft.parts.homes
    assert one.directions == ("in",)
    assert made.read_only is not None
    assert "“producteurs”" in made.read_only.en
    assert "« producteurs »" in made.read_only.fr
