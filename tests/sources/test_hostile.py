"""Damaged and hostile files of every format end in a worded error, or are read; nothing else comes out."""

from __future__ import annotations

import gzip
import io
import random
import sqlite3
import zipfile
from pathlib import Path

import polars as pl
import pytest

from datahub.errors import DatahubError
from datahub.mapping import files
from datahub.mapping.model import LogicalSource
from datahub.mapping.plan import SourcePlan
from datahub.sources import database
from tests.sources.test_opendocument import ods

CSV = 'id;name\n1;"Pâté, ""fin"""\n2;Pommes\n3;"a\nb"\n'.encode()
ROWS = {"id": list(range(300)), "name": [f"Item {n}" for n in range(300)], "at": [[{"x": n}] for n in range(300)]}


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("products.csv", CSV * 20)
    return out.getvalue()


def workbook() -> bytes:
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row>'
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><t>Pomme</t></is></c></row></sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    pl.DataFrame(ROWS).write_parquet(out)
    return out.getvalue()


FORMS: dict[str, tuple[str, str | None, bytes]] = {
    "csv": ("csv", None, CSV),
    "csv in UTF-16": ("csv", None, CSV.decode().encode("utf-16")),
    "gzip": ("csv", None, gzip.compress(CSV * 20, mtime=0)),
    "zip": ("csv", None, zipped()),
    "workbook": ("csv", None, workbook()),
    "ods": ("csv", None, ods([["id", "name"], [1, "Pomme"]])),
    "parquet": ("csv", None, parquet()),
    "json": ("json", "$.items[*]", b'{"items": [{"id": 1, "name": "P\\u00e2t\xc3\xa9"}, {"id": 2.50, "name": null}]}'),
    "json lines": ("json", "$", b'{"id": 1, "name": "a"}\n{"id": 2, "name": "b"}\n'),
    "xml": ("xml", "/all/one", b'<?xml version="1.0"?><all><one><id>1</id><name>a &amp; b</name></one></all>'),
}


def source(form: str) -> SourcePlan:
    formulation, iterator, _ = FORMS[form]
    return SourcePlan("source", LogicalSource("source", formulation, iterator), ("id", "name"))


def attempt(form: str, data: bytes) -> None:
    try:
        files.read(source(form), data)
    except DatahubError as error:
        check(error)


def check(error: DatahubError) -> None:
    assert error.message.en
    assert error.message.fr
    assert "polars" not in error.to("en").lower()
    assert "Error(" not in error.to("en")


@pytest.mark.parametrize("form", FORMS)
def test_the_whole_file_is_read(form: str) -> None:
    assert len(files.read(source(form), FORMS[form][2])) >= 1


@pytest.mark.parametrize("form", FORMS)
def test_a_cut_file_is_read_or_refused(form: str) -> None:
    data = FORMS[form][2]
    for cut in sorted({0, 1, 3, 8, *range(0, len(data), max(len(data) // 40, 1))}):
        attempt(form, data[:cut])


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_file_is_read_or_refused(form: str) -> None:
    chance = random.Random(form)
    data = FORMS[form][2]
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(chance.choice([1, 1, 4, 20])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        attempt(form, bytes(damaged))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("other", FORMS)
def test_one_format_taken_for_another_is_read_or_refused(form: str, other: str) -> None:
    attempt(form, FORMS[other][2])


def test_a_damaged_database_is_read_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE t (id INTEGER, name TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"Item {n}" * 9) for n in range(500)])
    connection.close()
    data, chance = file.read_bytes(), random.Random(1)
    for _ in range(40):
        damaged = bytearray(data[: chance.choice([len(data), len(data), len(data) // 2])])
        for _ in range(30):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        file.write_bytes(damaged)
        try:
            database.read(f"sqlite:///{file}", table="t")
        except DatahubError as error:
            check(error)
