"""What a file looks like, before it is read in earnest: its form, its first lines or sheets, its encoding."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from datahub.connectors.codes import folded
from datahub.connectors.definition import Field, Variant
from datahub.errors import InputError
from datahub.i18n import Text
from datahub.sources import archive, spreadsheet

_HEAD = 1 << 18
_DOCUMENTS = 8
"""Documents of an archive whose beginnings are looked at: the first may be a list of the others."""
LINES = 12
"""Lines, or rows of a sheet, that are looked at."""
_SPREADSHEET = frozenset({"workbook.xml", "content.xml"})
"""Members that only spreadsheets have: Office Open XML and OpenDocument."""
_JSON_NAMES = re.compile(r'"((?:[^"\\]|\\.){1,80})"\s*:')
_JSON_TEXTS = re.compile(r'"(?:type|@type|@context|version)"\s*:\s*(?:\[\s*)?"([^"\\]{1,200})"')

_TURTLE = re.compile(r"\s*(@prefix\s|@base\s|prefix\s+[\w.-]*:\s*<|base\s+<|_:\w+ )", re.I)
_TURTLE_BELOW = re.compile(r"^[ \t]*(@prefix\s|@base\s|prefix\s+[\w.-]*:\s*<|base\s+<|<[^>\s]*>\s|_:\w+ )", re.I | re.M)
"""The same below a comment: a CSV header may start with # too. Blanks within a line only, or many empty lines would take long."""

_XML_START = re.compile(r"\s*(?:<\?xml\b|<!--|<!DOCTYPE\b|<(?:([A-Za-z_][\w.-]*):)?[^\W\d][\w.-]*[\s/>])")
_XML_NAMES = re.compile(r"<((?:[^\W\d][\w.-]*:)?[^\W\d][\w.-]*)[\s/>]")
_XML_ATTRIBUTES = re.compile(r"\s((?:[^\W\d][\w.-]*:)?[^\W\d][\w.-]*)\s*=\s*[\"']")
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Look:
    """What the beginning of a file shows. ``form``: csv, sheet, json, xml, zip, rdf or unknown.

    ``names``: the members of an archive, the names and prefixes of JSON (of that in an archive too), the names of XML. ``lines``:
    the first lines of a text. ``sheets``: the first rows of each sheet of a spreadsheet. ``encoding``: of a text, in Python's word.
    """

    form: str
    names: frozenset[str] = frozenset()
    lines: tuple[str, ...] = ()
    sheets: Mapping[str, Rows] = field(default_factory=lambda: MappingProxyType({}))
    encoding: str = "utf-8"


FORMS = {
    "csv": Text("a CSV file", "un fichier CSV"),
    "sheet": Text("a spreadsheet", "un tableur"),
    "json": Text("a JSON file", "un fichier JSON"),
    "zip": Text("a zip archive", "une archive zip"),
    "rdf": Text("an RDF file", "un fichier RDF"),
    "xml": Text("an XML file", "un fichier XML"),
    "unknown": Text("a file of unknown kind", "un fichier de nature inconnue"),
}


def look(data: bytes | Path) -> Look:
    """What the beginning of ``data`` shows.

    Raises:
        InputError: ``file-missing``, or what `datahub.sources.archive.names` says of an archive and
        `datahub.sources.spreadsheet.heads` of a spreadsheet.
    """
    head = _head(data)
    if head.startswith(b"PK\x03\x04"):
        members = _members(data)
        if _SPREADSHEET & members:
            heads = spreadsheet.heads(data, LINES)
            rows = {name: tuple(tuple(cell or "" for cell in row) for row in first) for name, first in heads.items()}
            return Look("sheet", sheets=MappingProxyType(rows))
        return Look("zip", members)
    text, encoding = _text(head)
    start = text.lstrip()[:1]
    if start in "[{" and start:
        return Look("json", _json_names(text))
    if _is_xml(text):
        found = {*_XML_NAMES.findall(text), *_XML_ATTRIBUTES.findall(text)}
        return Look(
            "xml", frozenset(found | {name.rpartition(":")[2] for name in found}), tuple(text.splitlines()[:LINES])
        )
    if start == "<" or _TURTLE.match(text) or (start == "#" and _TURTLE_BELOW.search(text)):
        names = re.findall(r"(?:xmlns:|@?prefix\s+)([\w-]+:?)", text, re.I)
        return Look("rdf", frozenset(names), tuple(text.splitlines()[:LINES]))
    if "\x00" in text or not text.strip():
        return Look("unknown")
    return Look("csv", lines=tuple(text.splitlines()[:LINES]), encoding=encoding)


def _is_xml(text: str) -> bool:
    """Whether ``text`` is XML that is not RDF. An address in N-Triples may look like an element with a prefix, but XML declares
    prefixes."""
    found = _XML_START.match(text)
    if found is None or _RDF in text:
        return False
    return found[1] is None or f"xmlns:{found[1]}" in text


def _json_names(text: str) -> frozenset[str]:
    """The members that the JSON ``text`` names, their prefixes, and the texts that say what it is."""
    found = {_unescaped(name) for name in (*_JSON_NAMES.findall(text), *_JSON_TEXTS.findall(text))}
    return frozenset(found | {f"{name.partition(':')[0]}:" for name in found if ":" in name})


def _unescaped(name: str) -> str:
    """A JSON text as it is meant: ``libell\\u00e9`` is “libellé”."""
    try:
        return str(json.loads(f'"{name}"')) if "\\" in name else name
    except ValueError:
        return name


def _text(head: bytes) -> tuple[str, str]:
    for bom, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(bom):
            return head[2:].decode(name, "ignore"), name
    if _is_utf8(head):
        return head.decode("utf-8-sig", "ignore"), "utf-8"
    return head.decode("cp1252", "replace"), "cp1252"


def _head(data: bytes | Path) -> bytes:
    if isinstance(data, bytes):
        return data[:_HEAD]
    try:
        with data.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        raise InputError(
            "file-missing",
            Text(
                f"The file {data.name} is missing or can't be read.", f"Le fichier {data.name} est absent ou illisible."
            ),
        ) from None


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4
    return True


def _members(data: bytes | Path) -> frozenset[str]:
    """The names and endings of the files in an archive, and what the beginnings of its first JSON documents show."""
    names = archive.names(data)[:10_000]
    found = {name.rsplit("/", 1)[-1] for name in names} | {Path(name).suffix for name in names}
    documents = [name for name in names if name.endswith(".json")][:_DOCUMENTS]
    try:
        with zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data) as opened:
            for name in documents:
                with opened.open(name) as member:
                    found |= _json_names(_text(member.read(_HEAD))[0])
    except archive.BROKEN:
        return frozenset(found)
    return frozenset(found)


def called(column: Field) -> frozenset[str]:
    """The names by which a column of a format is known, folded."""
    return frozenset(folded(name) for name in (column.name, *column.aliases))


def cells(row: Sequence[str]) -> tuple[str, ...]:
    """The names in a header row, without byte order marks and needless spaces."""
    return tuple(" ".join(cell.replace("\ufeff", "").split()) for cell in row)


def records(seen: Look, delimiter: str, quote: str = '"') -> list[tuple[str, ...]]:
    """The first lines of a text, cut at ``delimiter``."""
    try:
        return [
            cells(row) for row in csv.reader(io.StringIO("\n".join(seen.lines)), delimiter=delimiter, quotechar=quote)
        ]
    except csv.Error:
        return []


def header(seen: Look, variant: Variant) -> tuple[int, tuple[str, ...]]:
    """Which of the header lines holds the names (first = 1), and the names, if the file were in the dialect of ``variant``.

    Of two header lines that counts which the format knows most of.
    """
    dialect = variant.dialect
    if seen.form == "sheet":
        named = variant.sheet or ""
        sheet = named if named in seen.sheets else next(iter(seen.sheets), "")
        rows = seen.sheets.get(sheet, ())
        return 1, cells(rows[dialect.skip_rows]) if dialect.skip_rows < len(rows) else ()
    wanted = {name for column in variant.fields for name in called(column)}
    best: tuple[tuple[int, bool, int], int, tuple[str, ...]] = ((-1, False, 0), dialect.header_row, ())
    for delimiter in dialect.delimiters:
        found = records(seen, delimiter, dialect.quote)
        for row in range(1, dialect.header_rows + 1):
            at = dialect.skip_rows + row - 1
            names = found[at] if at < len(found) else ()
            rank = (len({folded(name) for name in names} & wanted), row == dialect.header_row, len(names))
            best = max(best, (rank, row, names), key=lambda each: each[0])
    return best[1], best[2]
