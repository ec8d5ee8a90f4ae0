"""XML that is read in pieces gives what the whole gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from datahub.errors import DefinitionError, InputError
from datahub.sources import xml, xml_stream
from datahub.sources.table import joined

REFERENCES = ["id", "@kind", "name", "tag", "maker/city", "normalize-space(name)", "count(tag)", ".//city"]


def document(space: str = "", prefix: str = "") -> bytes:
    p = f"{prefix}:" if prefix else ""
    rows = "".join(
        f'<{p}one kind="k{n}"><{p}id>{n}</{p}id><{p}name> é {n} </{p}name>{f"<{p}tag>a</{p}tag>" * (n % 3)}'
        f"<{p}maker><{p}city>Brest</{p}city><{p}one><{p}id>x</{p}id></{p}one></{p}maker></{p}one>"
        f"<!-- <one/> --><{p}other><{p}id>no</{p}id></{p}other>"
        for n in range(25)
    )
    return f'<?xml version="1.0"?><{p}all {space}><{p}one><{p}id>first</{p}id></{p}one><{p}part>{rows}</{p}part></{p}all>'.encode()


@pytest.mark.parametrize("rows", [1, 7, 25, 1000])
@pytest.mark.parametrize(
    ("data", "iterator", "references", "namespaces"),
    [
        (document(), "/all/part/one", REFERENCES, {}),
        (document(), "/all/part/*", ["id"], {}),
        (document(), "/*/*/one", ["id", "@kind"], {}),
        (document(), "/all/part/absent", ["id"], {}),
        (document('xmlns="urn:x"'), "/all/part/one", REFERENCES, {}),
        (document('xmlns="urn:x"'), "/a:all/a:part/a:one", ["a:id", "@kind", "a:maker/a:city"], {"a": "urn:x"}),
        (document('xmlns="urn:x"'), "/all/part/one", ["id"], {"a": "urn:x"}),
        (document('xmlns:p="urn:x"', "p"), "/p:all/p:part/p:one", ["p:id", "p:tag"], {}),
        (document('xmlns:p="urn:x"', "p"), "/all/part/one", ["id"], {}),
    ],
)
def test_pieces_are_what_the_whole_is(
    tmp_path: Path, rows: int, data: bytes, iterator: str, references: list[str], namespaces: dict[str, str]
) -> None:
    (tmp_path / "d.xml").write_bytes(data)
    whole = xml.read(data, iterator, references, namespaces=namespaces)
    parts = list(
        xml_stream.batches(tmp_path / "d.xml", iterator, references, namespaces=namespaces, whole=0, rows=rows)
    )
    assert len(parts) >= min(len(whole), 25) // rows
    assert joined(parts).columns.equals(whole.columns)
    assert joined(parts).rows.to_list() == whole.rows.to_list()


@pytest.mark.parametrize(
    ("iterator", "references"),
    [
        ("/all/part/one[id > 3]", ["id"]),
        ("//one", ["id"]),
        ("/all/part/one", ["../other/id"]),
        ("/all/part/one", ["/all/one/id"]),
        ("/all/part/one", ["following-sibling::other[1]/id"]),
    ],
)
def test_paths_that_need_the_whole_document_get_it(tmp_path: Path, iterator: str, references: list[str]) -> None:
    (tmp_path / "d.xml").write_bytes(document())
    parts = list(xml_stream.batches(tmp_path / "d.xml", iterator, references, whole=0, rows=3))
    assert len(parts) == 1
    assert parts[0].columns.equals(xml.read(document(), iterator, references).columns)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (document()[:-20], "syntax"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><all><one/></all>', "xml-doctype"),
        (b"<a>" * 1000, "too-deep"),
        (b"PK\x03\x04 no XML", "not-text"),
    ],
)
def test_a_damaged_or_hostile_file_gives_no_row_at_all(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "d.xml").write_bytes(data)
    with pytest.raises(InputError) as refused:
        next(xml_stream.batches(tmp_path / "d.xml", "/all/part/one", ["id"], whole=0, rows=1))
    assert refused.value.code == code


ODD = {
    "prefix that is not declared": (b"<all><one><id>1</id></one><x:b/></all>", "syntax"),
    "prefix without a namespace": (b'<all xmlns:p=""><one/></all>', "syntax"),
    "attribute twice by namespace": (b'<all xmlns:p="u" xmlns:q="u"><one p:c="1" q:c="2"/></all>', "syntax"),
    "long text": (b"<all><one><id>" + b"x" * 10_100_000 + b"</id></one></all>", "xml-too-long"),
    "long name": (b"<all><one><id>1</id><" + b"x" * 60_000 + b"/></one></all>", "xml-too-long"),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_only_one_parser_minds_is_refused_alike(tmp_path: Path, odd: str) -> None:
    data, code = ODD[odd]
    (tmp_path / "d.xml").write_bytes(data)
    with pytest.raises(InputError) as whole:
        xml.read(data, "/all/one", ["id"])
    with pytest.raises(InputError) as pieces:
        list(xml_stream.batches(tmp_path / "d.xml", "/all/one", ["id"], whole=0))
    assert whole.value.code == pieces.value.code == code
    assert whole.value.place.row == pieces.value.place.row == 1


def test_an_undeclared_prefix_is_told(tmp_path: Path) -> None:
    (tmp_path / "d.xml").write_bytes(document())
    with pytest.raises(DefinitionError):
        list(xml_stream.batches(tmp_path / "d.xml", "/x:all/x:part/x:one", ["id"], whole=0))
