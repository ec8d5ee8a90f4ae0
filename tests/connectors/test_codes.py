"""Codes and labels find their concept with patience; unknown ones are told with what they may have meant, never replaced."""

from __future__ import annotations

import polars as pl
import pytest

from datahub.connectors import connector
from datahub.connectors.codes import codes, folded, suggestions

BASE = "https://hub.example/r/"
PT = "https://github.com/datafoodconsortium/taxonomies/releases/latest/download/productTypes.rdf#"
HEADER = "producer,sku,name,category,units,unit_type,price\n"


def types(category: str) -> tuple[set[str], pl.DataFrame]:
    row = f'P,1,Produit,"{category}",1,kg,2\n'
    lift = connector("ofn-products").lift((HEADER + row).encode(), BASE)
    links = lift.frame.predicate(
        "https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#hasType"
    )
    return set(lift.frame.terms["lexical"].gather(links["o"])), lift.findings


@pytest.mark.parametrize("category", ["Vegetables", "vegetables", "VEGETABLES ", "Légumes", "LÉGUMES", "légumes "])
def test_a_category_is_found_whatever_language_case_and_accents(category: str) -> None:
    found, told = types(category)
    assert found == {PT + "vegetable"}
    assert "value-not-in-code-list" not in set(told["code"])


def test_accents_may_be_left_out() -> None:
    for written in ("Céréales", "cereales", "CEREALES"):
        assert types(written)[0] == types("céréales")[0] != set()


def test_a_word_that_means_two_things_without_accents_is_not_guessed() -> None:
    # French for vegetables without its accent, and English for pulses.
    found, told = types("legumes")
    assert found == set()
    [fix] = told.filter(pl.col("code") == "value-not-in-code-list")["fix_en"]
    assert "légumes" in fix


def test_of_very_many_unknown_codes_the_most_frequent_are_compared_with_the_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each comparison takes milliseconds, and a file may have another word in each of its rows."""
    monkeypatch.setattr("datahub.connectors.notes.SUGGESTED", 1)
    words = ["Frruits", "Vegetabels", "Vegetabels"]
    rows = "".join(f"P,{at},Produit,{word},1,kg,2\n" for at, word in enumerate(words))
    found = connector("ofn-products").lift((HEADER + rows).encode(), BASE).findings
    fixes = {row["value"]: row["fix_en"] for row in found.iter_rows(named=True) if row["column"] == "category"}
    assert fixes["Vegetabels"].startswith("Did you mean “Vegetables”")
    assert fixes["Frruits"].startswith("Use one of the")


def test_an_unknown_category_is_a_warning_with_suggestions_and_its_words_are_kept() -> None:
    row = "P,1,Produit,Legume sek,1,kg,2\n"
    lift = connector("ofn-products").lift((HEADER + row).encode(), BASE)
    told = lift.findings.filter(pl.col("code") == "value-not-in-code-list").to_dicts()
    assert [(each["severity"], each["row"], each["column"], each["value"]) for each in told] == [
        ("warning", 2, "category", "Legume sek")
    ]
    assert "« légume sec »" in told[0]["fix_fr"]
    lines = "".join(lift.frame.lines())
    assert "hasType" not in lines
    assert '/food/sourceCategory> "Legume sek"' in lines
    assert lift.refused.is_empty()


def test_a_value_that_is_like_no_code_is_told_what_the_codes_are() -> None:
    lift = connector("ofn-products").lift((HEADER + "P,1,Produit,Vegetables,1,tonneau,2\n").encode(), BASE)
    (told,) = lift.findings.filter(
        pl.col("code") == "value-not-in-code-list", pl.col("column") == "unit_type"
    ).to_dicts()
    for words in (told["fix_en"], told["fix_fr"]):
        assert "kg" in words
    long = connector("ofn-products").lift((HEADER + "P,1,Produit,Xyzzy,1,kg,2\n").encode(), BASE)
    (told,) = long.findings.filter(pl.col("code") == "value-not-in-code-list").to_dicts()
    assert "codes of the list, such as" in told["fix_en"]
    assert "codes de la liste, comme" in told["fix_fr"]


def test_a_typographic_apostrophe_makes_no_other_type() -> None:
    header = "id_local,nom_lieu,insee,type,date_maj,ouvert,Xlong,Ylat\n"
    for written in ("Sortie d'autoroute", "Sortie d’autoroute", "sortie d’autoroute"):
        lift = connector("bnlc").lift((header + f"A,B,01001,{written},2026-01-01,true,5,46\n").encode(), BASE)
        assert "place-types/motorway-exit" in "".join(lift.frame.lines())
        assert lift.findings.is_empty()


def test_a_concept_without_code_is_written_with_that_of_its_broader_concept() -> None:
    table = codes("https://w3id.org/datahub/ns/product-types", "dh:ofnCode skos:prefLabel")
    written = dict(reversed(table.select("iri", "code").rows()))
    assert written[PT + "vegetable"] == "Vegetables"
    assert written[PT + "round-tomato"] == "Vegetables"
    read = dict(reversed(table.select("code", "iri").rows()))
    assert read["Vegetables"] == PT + "vegetable"
    assert read["tomate ronde"] == PT + "round-tomato"


def test_folding_and_suggesting() -> None:
    assert folded("  Sortie d’AUTOROUTE \n été") == "sortie d'autoroute ete"
    near = suggestions("Parkings", "https://w3id.org/datahub/ns/place-types", "dh:bnlcCode")
    assert near[0] == "Parking"
    assert suggestions("xyzzy", "https://w3id.org/datahub/ns/place-types", "dh:bnlcCode") == ()
