"""The registry that pages, reports and lenses ask."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from datahub.errors import NotFoundError
from datahub.profiles import (
    Vocabulary,
    aliases,
    called,
    compact,
    contexts,
    data_folder,
    expand,
    module_turtle,
    prefixes,
    vocabulary,
)
from datahub.profiles.context_files import build


def test_importing_the_package_reads_nothing_and_loads_no_rdf_library() -> None:
    code = "import sys, datahub.profiles; print(sorted({'rdflib', 'polars', 'pyoxigraph'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_all_ontologies_are_read() -> None:
    assert len(list(Vocabulary(data_folder("ontologies")))) > 1000


def test_a_term_is_found_by_iri_and_by_compact_iri() -> None:
    assert vocabulary().term("dh:inseeCode") is vocabulary().term("https://w3id.org/datahub/ns/core/inseeCode")
    assert vocabulary().term("dfc-b:hasPrice").label.fr == "a pour prix"


def test_an_unknown_term_or_module_is_an_error_in_both_languages() -> None:
    with pytest.raises(NotFoundError, match="No ontology of the hub defines") as error:
        vocabulary().term("dh:nothing")
    assert "Aucune ontologie" in error.value.to("fr")
    with pytest.raises(NotFoundError, match="no ontology “nowhere”"):
        vocabulary().terms("nowhere")


def test_an_undeclared_iri_still_has_something_to_show() -> None:
    assert vocabulary().label("https://example.org/ns#tomatoKind", "fr") == "tomatoKind"


@pytest.mark.parametrize(
    ("scheme", "notation", "code", "name"),
    [
        ("units", "ofn", "kl", "kilolitre"),
        ("units", "ofn", "KG", "Kilogram"),
        ("units", "cagette", "cl", "Centilitre"),
        ("place-types", "bnlc", "Délaissé routier", "roadside-land"),
        ("place-types", "mobicoop", "1", "carpool-area"),
        ("place-types", "gtfs", "1", "station"),
        ("answers", "gtfs", "0", "unknown"),
        ("certifications", "cagette", "1", "OrganicLabel"),
        ("product-types", "ofn label", "Fungi", "mushroom"),
        ("product-types", "ofn label", "  légumes ", "vegetable"),
        ("price-kinds", "label", "Prix libre", "free-contribution"),
        ("https://w3id.org/datahub/ns/units", "dh:ofnCode", "oz", "Ounce"),
        ("dh:Status", "label", "En pause", "Paused"),
        ("https://w3id.org/datahub/ns/core/LocationPrecision", "skos:prefLabel", "rue", "StreetLocation"),
    ],
)
def test_native_codes_and_labels_find_their_concept(scheme: str, notation: str, code: str, name: str) -> None:
    concept = vocabulary().concept_by_code(scheme, notation, code)
    assert concept is not None
    assert concept.name == name


def test_an_unknown_code_finds_nothing() -> None:
    assert vocabulary().concept_by_code("units", "ofn", "bushel") is None


def test_the_dfc_notations_that_clash_are_not_used() -> None:
    """In that taxonomy a keg is noted kg and a milligram g."""
    codes = dict(vocabulary().codes("units", "hub").iter_rows())
    assert codes["kg"] == expand("dfc-m:Kilogram")
    assert codes["g"] == expand("dfc-m:Gram")


def test_every_unit_type_of_open_food_network_has_a_unit() -> None:
    codes = vocabulary().codes("units", "ofn")["code"].to_list()
    assert sorted(codes) == sorted(["mg", "g", "kg", "oz", "lb", "t", "ml", "cl", "dl", "l", "kl", "gal"])


def test_a_code_list_writes_what_it_reads_and_the_format_comes_before_labels() -> None:
    table = vocabulary().codes("product-types", "ofn label")
    assert table["code"].n_unique() == table.height
    written = dict(reversed(list(table.select("iri", "code").iter_rows())))
    assert written[expand("dfc-pt:vegetable")] == "Vegetables"
    assert written[expand("dfc-pt:leek")] == "poireau"


def test_the_seven_place_types_of_the_national_base_are_there() -> None:
    assert vocabulary().codes("place-types", "bnlc").height == 7


def test_the_turtle_of_a_module_is_what_lies_in_the_folder() -> None:
    assert module_turtle("food") == (data_folder("ontologies") / "food.ttl").read_bytes()


def test_narrower_concepts_are_found() -> None:
    assert "tomato" in [child.name for child in vocabulary().children(expand("dfc-pt:vegetable"))]


def test_compact_and_full_iris_are_inverse() -> None:
    for term in vocabulary():
        assert expand(compact(term.iri)) == term.iri


def test_expanding_leaves_addresses_alone() -> None:
    assert expand("https://example.org/a") == "https://example.org/a"
    assert expand("geo://x") == "geo://x"


def test_all_four_generations_of_dfc_and_https_schema_org_lead_to_the_canonical_namespace() -> None:
    for business in (
        "http://static.datafoodconsortium.org/ontologies/DFC_BusinessOntology.owl#",
        "http://w3id.org/dfc/ontology/v2.0.0/src/DFC_BusinessOntology.owl#",
        "https://w3id.org/dfc/ontology/src/DFC_BusinessOntology.owl#",
    ):
        assert aliases()[business] == prefixes()["dfc-b"]
    assert aliases()["https://schema.org/"] == "http://schema.org/"


def test_no_alias_is_canonical_and_none_hides_another() -> None:
    known = aliases()
    assert not set(known) & set(prefixes().values())
    assert all(canonical in prefixes().values() for canonical in known.values())


def test_the_bundled_contexts_are_those_that_the_vocabularies_give() -> None:
    """After an edit: python -m datahub.profiles.context_files"""
    folder = data_folder("ontologies") / "contexts"
    assert {file.name: file.read_text("utf-8") for file in folder.glob("*.jsonld")} == build()


def test_every_listed_context_is_bundled() -> None:
    assert all(document.startswith(b"{") for document in contexts().values())
    assert "https://www.datafoodconsortium.org" in contexts()
    assert "https://schema.org/" in contexts()


def test_data_folders_are_found_and_a_missing_one_is_told() -> None:
    assert (data_folder("shapes") / "core.ttl").is_file()
    with pytest.raises(NotFoundError, match="is missing"):
        data_folder("no-such-folder")


def test_an_installed_package_prefers_its_own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datahub
    from datahub.profiles import data

    installed = tmp_path / "site" / "datahub" / "_data" / "shapes"
    installed.mkdir(parents=True)
    monkeypatch.setattr(datahub, "__file__", str(tmp_path / "site" / "datahub" / "__init__.py"))
    assert data.data_folder.__wrapped__("shapes") == installed


def test_terms_of_other_vocabularies_are_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading all ontologies takes longer than most checks."""
    assert all(called(term.iri) == term.label for term in vocabulary())
    monkeypatch.setattr(Vocabulary, "__contains__", lambda self, iri: pytest.fail("the ontologies were read"))
    assert called("https://elsewhere.example/name") is None
    assert called("b17") is None
