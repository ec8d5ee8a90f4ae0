"""Spreadsheets, where the extra is installed."""

import io
import logging
import zipfile
from datetime import date, datetime, time

import pytest

from datahub.errors import InputError
from datahub.sources import spreadsheet
from datahub.sources.limits import Limits


def workbook(rows: list[list[str | float | date | None]], name: str = "Produits") -> bytes:
    """A minimal .xlsx (ECMA-376), with inline texts, numbers and dates."""

    def cell(value: str | float | date | None) -> str:
        if value is None:
            return "<c/>"
        if isinstance(value, date):
            return f'<c s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    body = "".join(f"<row>{''.join(cell(value) for value in row)}</row>" for row in rows)
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        f'<Override PartName="/xl/s.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        f'<sheet name="{name}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" '
        f'Target="s.xml"/><Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/s.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return out.getvalue()


def test_a_sheet_is_read_as_text_with_its_rows() -> None:
    pytest.importorskip("fastexcel")
    data = workbook(
        [
            ["name ", "price", "stock", "until"],
            ["Épinards", 4.2, 10, date(2026, 11, 21)],
            [None] * 4,
            [" Kiwi ", 3, None, None],
        ]
    )
    table = spreadsheet.read(data, name="products")
    assert table.columns.columns == ["name", "price", "stock", "until"]
    assert table.columns.rows()[1] == ("Kiwi", "3", None, None)
    first = table.columns.row(0)
    assert first[:3] == ("Épinards", "4.2", "10")
    assert first[3].startswith("2026-11-21")
    assert table.rows.to_list() == [2, 4]


def test_sheets_are_named_where_one_is_missing() -> None:
    pytest.importorskip("fastexcel")
    with pytest.raises(InputError) as caught:
        spreadsheet.read(workbook([["a"], ["1"]]), sheet="Clients")
    assert caught.value.code == "spreadsheet-sheet"
    assert "Produits" in caught.value.message.fr


@pytest.mark.parametrize("rows", [[["a", "a"], ["1", "2"]], [["a", None], ["1", "2"]], [["", ""], [None, None]]])
def test_columns_need_names(rows: list[list[str | float | date | None]]) -> None:
    pytest.importorskip("fastexcel")
    with pytest.raises(InputError) as caught:
        spreadsheet.read(workbook(rows))
    assert caught.value.code == "csv-header"


def test_what_is_no_spreadsheet_is_refused() -> None:
    pytest.importorskip("fastexcel")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x.txt", "x")
    for data in (b"a,b\n1,2\n", out.getvalue()):
        with pytest.raises(InputError) as caught:
            spreadsheet.read(data)
        assert caught.value.code == "not-spreadsheet"


@pytest.mark.parametrize("far", ["ZZZ1", "A99999999", "XFD1048576"])
def test_a_cell_far_out_does_not_take_the_machine(far: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["a"], ["1"]]))) as whole, zipfile.ZipFile(out, "w") as changed:
        for name in whole.namelist():
            text = whole.read(name).replace(
                b"</sheetData>", b'<row><c r="%s"><v>1</v></c></row></sheetData>' % far.encode()
            )
            changed.writestr(name, text)
    with pytest.raises(InputError) as caught:
        spreadsheet.read(out.getvalue())
    assert caught.value.code == "too-large"


def shared(texts: list[str], cells: list[int]) -> bytes:
    """A workbook whose cells name texts by their number."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strings = f'<sst xmlns="{main}">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>'
    link = (
        '<Relationship Id="r3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" '
        'Target="sharedStrings.xml"/></Relationships>'
    )
    rows = "".join(f'<row><c t="s"><v>{number}</v></c></row>' for number in cells)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([]))) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed:
        for name in whole.namelist():
            text = whole.read(name).decode().replace("<sheetData>", "<sheetData>" + rows)
            changed.writestr(name, text.replace("</Relationships>", link) if name.startswith("xl/_rels") else text)
        changed.writestr("xl/sharedStrings.xml", strings)
    return out.getvalue()


def test_a_long_text_that_each_cell_names_does_not_take_the_machine() -> None:
    pytest.importorskip("fastexcel")
    limits = Limits(max_bytes=4_000_000)
    long = "ab" * 20_000
    with pytest.raises(InputError) as caught:
        spreadsheet.read(shared(["id", long], [0, *[1] * 2000]), limits=limits)
    assert caught.value.code == "too-large"
    table = spreadsheet.read(shared(["id", long, "x"], [0, 1, *[2] * 2000]), limits=limits)
    assert table.columns["id"].to_list() == [long, *["x"] * 2000]


def test_empty_rows_above_the_header_count() -> None:
    pytest.importorskip("fastexcel")
    rows: list[list[str | float | date | None]] = [[None], [None], ["id"], ["1"], [None], ["2"]]
    table = spreadsheet.read(workbook(rows))
    assert table.columns["id"].to_list() == ["1", "2"]
    assert table.rows.to_list() == [4, 6]
    with pytest.raises(InputError) as caught:
        spreadsheet.read(workbook([[None], ["id", "id"], ["1", "2"]]))
    assert caught.value.place.row == 2


def test_a_hub_without_the_extra_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "find_spec", lambda _name: None)
    with pytest.raises(InputError) as caught:
        spreadsheet.read(workbook([["a"], ["1"]]))
    assert caught.value.code == "spreadsheet-support"
    assert caught.value.fix is not None
    assert "CSV" in caught.value.fix.fr


def test_the_library_says_nothing_of_its_own(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fastexcel")
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # as in a command
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["a"], ["1"]]))) as whole, zipfile.ZipFile(out, "w") as changed:
        for name in whole.namelist():
            changed.writestr(
                name, whole.read(name).replace(b"<sheetData>", b'<dimension ref="A1:ZZZZZZ9999999"/><sheetData>')
            )
    spreadsheet.read(out.getvalue())
    assert capfd.readouterr().err == ""


def test_a_time_of_the_day_has_no_day() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (["opens", "since"], [time(8, 30), datetime(2026, 1, 2, 3, 4)], [time(0, 0), date(2026, 1, 2)]):
        book.active.append(row)
    book.save(out)
    read = spreadsheet.read(out.getvalue()).columns
    assert read["opens"].to_list() == ["08:30:00", "00:00:00"]
    assert read["since"].to_list() == ["2026-01-02 03:04:00", "2026-01-02"]
