"""OpenDocument spreadsheets, where the extra is installed: a few letters can stand for any number of cells."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from xml.sax.saxutils import escape

import pytest

from datahub.errors import InputError
from datahub.mapping import files
from datahub.mapping.model import LogicalSource
from datahub.mapping.plan import SourcePlan
from datahub.sources import opendocument, spreadsheet
from datahub.sources.limits import Limits

pytest.importorskip("fastexcel")
Cell = str | float | bool | date | time | None
NAMES = ("office", "table", "text")
REST = '<table:table-cell table:number-columns-repeated="16000"/>'


def cell(value: Cell, attributes: str = "") -> str:
    """One cell, written as office programs do (OpenDocument 1.3, part 3, section 9.1.4)."""
    if value is None:
        return f"<table:table-cell {attributes}/>"
    if isinstance(value, bool):
        typed = f'boolean" office:boolean-value="{str(value).lower()}'
    elif isinstance(value, str):
        typed = "string"
    elif isinstance(value, time):
        typed = f'time" office:time-value="{value:PT%HH%MM%SS}'
    elif isinstance(value, date):
        typed = f'date" office:date-value="{value.isoformat()}'
    else:
        typed = f'float" office:value="{value}'
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f'<table:table-cell office:value-type="{typed}" {attributes}>{paragraphs}</table:table-cell>'


def row(cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{cells}</table:table-row>"


def table(rows: str, name: str = "Produits") -> str:
    return f'<table:table table:name="{name}">{rows}</table:table>'


def packed(tables: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>', manifest: str = "") -> bytes:
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in NAMES)
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", opendocument.KIND, zipfile.ZIP_STORED)
        archive.writestr("content.xml", f"{head}<office:document-content {spaces}>{body}</office:document-content>")
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest>{manifest}</manifest:manifest>")
    return out.getvalue()


def ods(rows: Sequence[Sequence[Cell]]) -> bytes:
    """A spreadsheet with what office programs write to the end of each row and of the sheet."""
    lines = "".join(row("".join(map(cell, each)) + REST) for each in rows)
    return packed(table(lines + row(REST, 'table:number-rows-repeated="1048000"') + row(REST)))


HEADER = row(cell("id") + cell("name"))


def test_a_sheet_is_read_as_text_with_its_rows() -> None:
    found = spreadsheet.read(
        ods(
            [
                [],
                ["name ", "price", "stock", "until", "open", "from", "at"],
                [
                    "Épinards\nfrais & <verts>",
                    4.2,
                    10.0,
                    date(2026, 11, 21),
                    True,
                    time(8, 30),
                    datetime(2026, 1, 2, 3, 4),
                ],
                [],
                [" Kiwi ", 3, *[None] * 5],
            ]
        ),
        name="products",
    )
    assert found.columns.columns == ["name", "price", "stock", "until", "open", "from", "at"]
    first = ("Épinards\nfrais & <verts>", "4.2", "10", "2026-11-21", "true", "08:30:00", "2026-01-02T03:04:00")
    assert found.columns.rows() == [first, ("Kiwi", "3", *[None] * 5)]
    assert found.rows.to_list() == [3, 5]


def test_what_repeats_is_read_as_often() -> None:
    repeated = row(cell("x", 'table:number-columns-repeated="2"'), "table:number-rows-repeated = '3'")
    gap = row(cell(None), 'table:number-rows-repeated="4"')
    spaces = row(
        '<table:table-cell office:value-type="string"><text:p>a<text:s text:c="3"/>b</text:p></table:table-cell>'
    )
    indented = (
        (HEADER + repeated + gap + spaces).replace("><table:", ">\n  <table:").replace("></table:", ">\n</table:")
    )
    for rows in (HEADER + repeated + gap + spaces, indented):
        found = spreadsheet.read(packed(table(rows)))
        assert found.columns.rows() == [("x", "x")] * 3 + [("a   b", None)]
        assert found.rows.to_list() == [2, 3, 4, 9]


WIDE = 'table:number-columns-repeated="999999999"'
LONG = 'table:number-rows-repeated="999999999"'


@pytest.mark.parametrize(
    "rows",
    [
        row(cell("x", WIDE)),
        row(cell(None, WIDE) + cell("x")),
        row(cell("x"), LONG),
        row(cell(None), LONG) + row(cell("x")),
        row(cell("x", 'table:number-columns-repeated="1999"'), 'table:number-rows-repeated="1000000"'),
        row(
            '<table:table-cell office:value-type="string"><text:p><text:s text:c="1999999999"/></text:p></table:table-cell>'
        ),
        row(cell("x" * 2000, 'table:number-columns-repeated="1000"'), 'table:number-rows-repeated="1000"'),
    ],
)
def test_a_few_letters_for_a_billion_cells_do_not_take_the_machine(rows: str) -> None:
    with pytest.raises(InputError) as caught:
        spreadsheet.read(packed(table(HEADER + rows)))
    assert caught.value.code == "too-large"


def test_the_cells_of_all_sheets_count_together() -> None:
    rows = row(cell("x", 'table:number-columns-repeated="100"'), 'table:number-rows-repeated="100"')
    data = packed("".join(table(HEADER + rows, f"s{at}") for at in range(30)))
    assert len(spreadsheet.heads(data, 3)) == 30
    with pytest.raises(InputError) as caught:
        spreadsheet.heads(data, 3, Limits(max_bytes=9_000_000))
    assert caught.value.code == "too-large"


@pytest.mark.parametrize(
    "hidden",
    [
        '<!-- <table:table "> -->' + row(cell(None, WIDE) + cell("x")),
        '<?x <table:table "> ?>' + row(cell("x")),
        row(
            f'<table:table-cell {WIDE}><text:p title="</table:table-row>"/><table:table-row/></table:table-cell>'
            + cell("x")
        ),
        row("<table:table-cell>" + table(row(cell("in"))) + "</table:table-cell>"),
        row("<table:table-cell>" + row(cell("in")) + "</table:table-cell>"),
        row(cell("x", 'table:number-columns-repeated="&#57;&#57;"')),
        row(cell("x", 'table:number-columns-repeated="-5"')),
        row('<table:table-cell a=">' + cell("x")),
    ],
)
def test_a_sheet_that_could_hide_its_cells_is_refused(hidden: str) -> None:
    with pytest.raises(InputError) as caught:
        spreadsheet.read(packed(table(HEADER + hidden)))
    assert caught.value.code == "not-spreadsheet"


def test_entities_are_not_expanded() -> None:
    head = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(InputError) as caught:
        spreadsheet.read(packed(table(HEADER + row("<table:table-cell>&a;</table:table-cell>")), head))
    assert caught.value.code == "not-spreadsheet"


def test_a_password_is_told() -> None:
    entry = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    with pytest.raises(InputError) as caught:
        spreadsheet.read(packed(table(HEADER), manifest=entry))
    assert caught.value.code == "spreadsheet-password"


@pytest.mark.parametrize("other", ["xl/workbook.xml", "xl/workbook.bin"])
def test_a_file_that_is_two_kinds_of_workbook_is_refused(other: str) -> None:
    out = io.BytesIO(ods([["id"], ["1"]]))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(other, "<workbook/>")
    with pytest.raises(InputError) as caught:
        spreadsheet.read(out.getvalue())
    assert caught.value.code == "not-spreadsheet"


def test_a_mapping_reads_it_in_place_of_csv() -> None:
    source = SourcePlan("source", LogicalSource("source", "csv", None), ("id", "name"))
    assert files.read(source, ods([["id", "name"], [1, "Miel"]])).columns.rows() == [("1", "Miel")]
