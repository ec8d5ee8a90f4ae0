"""SHACL results name the publisher's own row, column and value."""

from __future__ import annotations

import polars as pl
import pytest

from datahub.connectors import connector, explain
from datahub.connectors.check import outcome
from datahub.findings import columns_of
from datahub.profiles import shapes_files
from datahub.shacl import load, validate

BASE = "https://hub.example/r/"


def findings(name: str, data: bytes) -> pl.DataFrame:
    one = connector(name)
    lift = one.lift(data, BASE)
    report = validate(lift.frame, load(list(shapes_files(one.profile))))
    return explain(report, lift.frame, one, lift)


HEADER = "id_lieu;id_local;nom_lieu;insee;type;date_maj;ouvert;Xlong;Ylat;duree\n"


@pytest.mark.parametrize(
    ("row", "code", "column", "value"),
    [
        (
            "35126-C-005;C-1;Goven;35123;Parking;2021-06-08;true;-1.8;47.9;",
            "national-identifier",
            "id_lieu",
            "35126-C-005",
        ),
        (
            "35123-A;A;Goven;35123;Parking;2099-06-08;true;-1.8;47.9;",
            "modified-not-in-future",
            "date_maj",
            "2099-06-08",
        ),
        ("35123-A;A;Goven;35123;Parking;2021-06-08;true;-1.8;147.90;", "latitude", "Ylat", "147.90"),
        ("35123-A;A;;35123;Parking;2021-06-08;true;-1.8;47.9;", "name-given", "nom_lieu", None),
        ("35123-A;A;Goven;35123;Parking;2021-06-08;true;-1.8;47.9;0", "maximum-stay", "duree", "0"),
    ],
)
def test_row_column_and_value_are_those_of_the_file(row: str, code: str, column: str, value: str | None) -> None:
    filler = "01001-X;X;Filler;01001;Parking;2021-06-08;true;5.1;46.1;\n"
    found = findings("bnlc", (HEADER + filler + row + "\n").encode())
    assert found.select("row", "code", "column", "value").rows() == [(3, code, column, value)]
    assert found["record"][0].startswith(BASE + "places/")
    assert found["message_fr"][0] != found["message_en"][0]
    assert found["fix_fr"][0]


def test_values_are_shown_as_written_and_not_as_rdf_has_them() -> None:
    data = "identifiant;titre;type;hôte;communauté;statut;mise à jour;précision;commune;tarif;prix\n"
    data += "A;T;séjour;H;C;actif;31/12/2098;commune;Die;payant;-1 234,50\n"
    found = findings("hospitality-offers", data.encode())
    shown = dict(found.select("column", "value").rows())
    assert shown == {"mise à jour": "31/12/2098", "prix": "-1 234,50"}


def test_a_missing_link_names_the_column_that_would_make_it() -> None:
    data = "identifiant;titre;type;hôte;communauté;statut;mise à jour;précision;commune;tarif\n"
    data += "A;T;séjour;;;actif;2026-01-01;commune;Die;gratuit\n"
    found = findings("hospitality-offers", data.encode())
    assert set(found["column"]) == {"hôte", "communauté"}
    assert set(found["row"]) == {2}


def test_a_result_deep_in_a_record_names_the_row_of_the_record() -> None:
    header = "producer,sku,name,category,units,unit_type,price\n"
    found = findings("ofn-products", (header + "P,1,Navet,Légumes,1,kg,2\nP,2,Chou,Légumes,1,kg,-3.00\n").encode())
    assert found.filter(pl.col("severity") == "violation").select("row", "column", "value").rows() == [
        (3, "price", "-3.00")
    ]


def test_rdf_has_no_columns_so_the_property_is_named() -> None:
    data = b"""@prefix dfc-b: <https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#> .
<https://a.example/p/1> a dfc-b:SuppliedProduct ."""
    found = findings("dfc", data)
    named = found.filter(pl.col("code") == "product-name")
    assert named.select("record", "row", "column").rows() == [("https://a.example/p/1", None, "dfc-b:name")]


@pytest.mark.parametrize("name", ["bnlc", "hospitality-offers", "ofn-products"])
def test_the_sample_to_correct_gets_a_row_a_column_and_a_fix_for_every_violation(name: str) -> None:
    one = connector(name)
    sample = next(each for each in one.samples if each.name == "a-corriger.csv")
    told = outcome(one, sample).findings.filter(pl.col("severity") == "violation")
    assert told.height >= 5
    columns = {column.name for variant in one.definition.variants for column in variant.fields}
    for row in told.iter_rows(named=True):
        assert row["row"], row
        assert row["fix_fr"], row
        # What concerns a record as a whole (where it is, its price) has no column of its own.
        assert row["column"] is None or set(columns_of(row["column"])) <= columns, row
