"""A file that is not what it is said to be."""

import pytest

from datahub.errors import InputError
from datahub.i18n import Text
from datahub.sources import csv, header

TITLE = Text("an Open Food Network product list", "une liste de produits Open Food Network")
REQUIRED = ("producer", "name", "price")
OPTIONAL = ("description", "on_hand")


def test_names_that_differ_in_case_or_accents_are_renamed_and_told() -> None:
    table = header.fit(csv.read(b"Producer,NAME,Price,on hand,note\nA,B,1,2,x\n"), REQUIRED, OPTIONAL, title=TITLE)
    assert table.columns.select("producer", "name", "price", "on_hand", "description").rows() == [
        ("A", "B", "1", "2", None)
    ]
    assert table.findings["code"].to_list() == ["column-renamed"] * 4 + ["column-unknown"]


def test_a_misspelt_optional_column_is_suggested() -> None:
    table = header.fit(csv.read(b"producer,name,price,descripton\nA,B,1,x\n"), REQUIRED, OPTIONAL, title=TITLE)
    assert table.findings.select("code", "column", "fix_en").rows() == [
        ("column-unknown", "descripton", "Is it “description”?")
    ]


def test_another_format_is_refused_with_the_most_telling_differences() -> None:
    with pytest.raises(InputError) as caught:
        header.fit(csv.read(b"id_local,nom_lieu,prices,insee,type\n1,2,3,4,5\n"), REQUIRED, OPTIONAL, title=TITLE)
    error = caught.value
    assert error.code == "not-this-format"
    assert error.message.en == (
        "This does not look like an Open Food Network product list: unknown columns (id_local, nom_lieu, insee); "
        "“prices” instead of “price”; no column “producer”; and 1 more."
    )
    assert "pas de colonne « producer »" in error.message.fr


def test_a_wrong_delimiter_is_named() -> None:
    table = csv.read(b"producer|name|price\nA|B|1\n")
    with pytest.raises(InputError, match="separated by “\\|”"):
        header.fit(table, REQUIRED, title=TITLE)
