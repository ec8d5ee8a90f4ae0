"""What lists know of a record is drawn from its triples, whatever their order."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.hub.fields import department, department_of_postal_code, fields
from datahub.rdf.formats import parse
from datahub.rdf.split import split

A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
S = "http://schema.org/"
DECIMAL = "^^<http://www.w3.org/2001/XMLSchema#decimal>"


def of(*lines: str) -> dict[str, object]:
    records = split(parse(("\n".join(line + " ." for line in lines) + "\n").encode(), "nt"))
    table = fields(records.frame, records.owner, records.index["record"])
    assert table.height == 1
    return table.row(0, named=True)


def test_the_label_is_french_first_then_without_language_then_english() -> None:
    names = [
        f'<http://h/a> <{S}name> "{text}"{tag}'
        for text, tag in (("three", "@en"), ("deux", ""), ("un", "@fr"), ("drei", "@de"))
    ]
    assert of(*names)["label"] == "un"
    assert of(*(name for name in names if "@fr" not in name))["label"] == "deux"
    assert of(names[0], names[3])["label"] == "three"
    assert of(names[3])["label"] == "drei"


def test_a_record_without_name_is_called_by_the_end_of_its_iri() -> None:
    assert of(f"<http://h/x/42> {A} <http://h/T>")["label"] == "42"
    assert of(f'<http://h/x/42> <{S}name> "  "')["label"] == "42"


def test_the_name_of_a_part_is_not_the_name_of_the_record() -> None:
    found = of(f'<http://h/a> <{S}name> "offer"', f'<http://h/a#host> <{S}name> "A host"')
    assert found["label"] == "offer"
    assert found["text"] == "a host offer"


def test_coordinates_may_lie_on_a_part_and_only_on_earth() -> None:
    found = of(
        f'<http://h/a#geo> <{S}latitude> "45.5"{DECIMAL}',
        f'<http://h/a#geo> <{S}longitude> "4.5"{DECIMAL}',
        f'<http://h/a> <{S}name> "x"',
    )
    assert (found["lat"], found["lon"]) == (45.5, 4.5)
    lost = of(f'<http://h/a> <{S}latitude> "455"', f'<http://h/a> <{S}longitude> "4.5"')
    assert (lost["lat"], lost["lon"]) == (None, None)
    assert of(f'<http://h/a> <{S}latitude> "45,5"')["lat"] is None


@pytest.mark.parametrize(
    ("insee", "expected"),
    [
        ("26362", "26"),
        ("2A004", "2A"),
        ("2B033", "2B"),
        ("97411", "974"),
        ("98818", "988"),
        ("1004", None),
        ("x", None),
    ],
)
def test_the_department_of_a_commune_code(insee: str, expected: str | None) -> None:
    assert pl.select(department(pl.lit(insee))).item() == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [("26000", "26"), ("20000", "2A"), ("20167", "2A"), ("20200", "2B"), ("97400", "974"), ("2600", None)],
)
def test_the_department_of_a_postal_code(code: str, expected: str | None) -> None:
    assert pl.select(department_of_postal_code(pl.lit(code))).item() == expected


@settings(max_examples=25)
@given(st.permutations(range(9)))
def test_fields_do_not_depend_on_the_order_of_triples(order: list[int]) -> None:
    lines = [
        f"<http://h/a> {A} <http://h/T2>",
        f"<http://h/a> {A} <http://h/T1>",
        f'<http://h/a> <{S}name> "b"@fr',
        f'<http://h/a> <{S}name> "a"@fr',
        f'<http://h/a> <{S}latitude> "1"',
        f'<http://h/a#x> <{S}latitude> "2"',
        f'<http://h/a> <{S}longitude> "3"',
        f'<http://h/a> <{S}postalCode> "26000"',
        f'<http://h/a> <{S}postalCode> "38000"',
    ]
    assert of(*(lines[place] for place in order)) == of(*lines)
