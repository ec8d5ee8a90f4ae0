"""One cell of a sample is emptied or garbled at a time: what is told then names that row, and that column or one it depends on."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from html import escape
from pathlib import Path

import pytest

from datahub.connectors import Connector, connectors
from datahub.connectors.checking import check_frame, check_native, shapes_for
from datahub.findings import columns_of
from datahub.mapping import lift, parse
from datahub.profiles import class_hierarchy
from datahub.shacl import Shapes, load
from tests.sources.test_spreadsheet import workbook

BASE = "https://hub.example/records/broken/"
Told = Counter[tuple[object, ...]]

SAMPLES = [
    (
        one,
        min(
            (path for path in one.samples if path.suffix == ".csv" and path.name != "a-corriger.csv"),
            key=lambda p: p.name,
        ),
    )
    for one in connectors()
    if {"in", "out"} <= set(one.directions) and any(path.suffix == ".csv" for path in one.samples)
]
TOGETHER = {
    "bnlc": {"insee": {"id_lieu"}, "id_lieu": {"insee"}},
    "ofn-products": {
        "variant_unit_name": {"unit_type"},
        "unit_type": {"units", "variant_unit_name"},
        "units": {"unit_type"},
    },
}
"""Columns that a rule compares or that stand for each other: it names one of them."""


def told(one: Connector, shapes: Shapes, content: bytes, name: str) -> Told:
    """Findings by what they say; the record is left out, for a cell can be part of its name."""
    found = check_native(content, one, shapes, BASE, name, class_hierarchy()).findings
    names = ("severity", "code", "rule", "row", "column", "value")
    return Counter(found.select(names).rows())


def csv_of(lines: list[list[str]], delimiter: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(lines)
    return out.getvalue().encode()


def sheet_of(lines: list[list[str]], delimiter: str) -> bytes:
    """A workbook with a title, an empty row and then the table, in which the row after the header is empty, too."""
    cells: list[list[str | float | date | None]] = [[escape(cell) or None for cell in line] for line in lines]
    return workbook([[], [], cells[0], [], *cells[1:]])


FORMS = {"csv": (csv_of, 2, "broken.csv"), "sheet": (sheet_of, 5, "broken.xlsx")}
"""How a table is written; on which row its first record stands then."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("one", "sample"), SAMPLES, ids=[one.name for one, _ in SAMPLES])
def test_a_broken_cell_is_named_by_row_and_column(one: Connector, sample: Path, form: str) -> None:
    if form == "sheet":
        pytest.importorskip("fastexcel")
    write, row, name = FORMS[form]
    text = sample.read_bytes().decode("utf-8-sig")
    delimiter = csv.Sniffer().sniff(text.splitlines()[0], delimiters=",;\t").delimiter
    lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    shapes = shapes_for(None, one)
    before = told(one, shapes, write(lines, delimiter), name)
    named = 0
    for at, column in enumerate(lines[0]):
        for broken in ("", "%%£x") if form == "csv" else ("%%£x",):
            if lines[1][at] == broken:
                continue
            changed = [[*cells] for cells in lines]
            changed[1][at] = broken
            allowed = {column, *TOGETHER.get(one.name, {}).get(column, ())}
            new = told(one, shapes, write(changed, delimiter), name) - before
            for severity, code, _, found_row, found_column, value in new:
                case = f"{column!r} as {broken!r}: {severity} {code} of row {found_row}, column {found_column!r}, {value!r}"
                assert found_row == row, case
                assert allowed & set(columns_of(str(found_column))), case
                if broken and found_column == column:
                    assert value == broken, case
                named += 1
    assert named >= 5


FARMS = """
@prefix rml: <http://w3id.org/rml/> .
@prefix ex: <https://x.example/> .
<#farm> a rml:TriplesMap ;
  rml:logicalSource [ rml:source "farms.xml" ; rml:referenceFormulation rml:XPath ; rml:iterator "//farm" ] ;
  rml:subjectMap [ rml:template "https://x.example/farm/{@id}" ; rml:class ex:Farm ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "name" ] ] ,
    [ rml:predicate ex:size ; rml:objectMap [ rml:reference "land/@hectares" ] ] ,
    [ rml:predicate ex:crop ; rml:objectMap [ rml:reference "crops/crop" ] ] .
"""
DEMANDS = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://x.example/> .
ex:Farm a <http://www.w3.org/2000/01/rdf-schema#Class> , sh:NodeShape ;
  sh:property [ sh:path ex:name ; sh:minCount 1 ; sh:pattern "^[A-Z]" ] ,
    [ sh:path ex:size ; sh:minCount 1 ; sh:pattern "^[0-9]+$" ] ,
    [ sh:path ex:crop ; sh:in ( "rye" "oats" ) ] .
"""


@pytest.mark.parametrize(
    ("was", "becomes", "column", "value"),
    [
        ("<name>F{}</name>", "", "name", None),
        ("<name>F{}</name>", "<name>%{}</name>", "name", "%{}"),
        (' hectares="{}"', "", "size", None),
        (' hectares="{}"', ' hectares="{}ha"', "size", "{}ha"),
        ("<crop>oats</crop><!--{}-->", "<crop>stone</crop>", "crop", "stone"),
    ],
)
@pytest.mark.parametrize("number", [1, 4, 7])
def test_a_broken_element_is_named_by_its_number_and_property(
    tmp_path: Path, was: str, becomes: str, column: str, value: str | None, number: int
) -> None:
    def farm(n: int) -> str:
        crops = f"<crops><crop>rye</crop><crop>oats</crop><!--{n}--></crops>"
        return f'<farm id="{n}"><name>F{n}</name><land hectares="{n}"/>{crops}</farm>'

    text = "<list><region>" + "</region><region>".join(farm(n) for n in range(1, 9)) + "</region></list>"
    assert was.format(number) in text
    (tmp_path / "farms.xml").write_text(text.replace(was.format(number), becomes.format(number)), "utf-8")
    (tmp_path / "farms.rml.ttl").write_text(FARMS, "utf-8")
    (tmp_path / "demands.ttl").write_text(DEMANDS, "utf-8")
    frame = lift(parse(tmp_path / "farms.rml.ttl")).frame
    found = check_frame(frame, load(tmp_path / "demands.ttl")).findings
    assert found.select("record", "row", "column", "value").rows() == [
        (f"https://x.example/farm/{number}", number, f"https://x.example/{column}", value and value.format(number))
    ]
