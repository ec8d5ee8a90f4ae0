"""What a file looks like, before it is read in earnest: which connectors would fit, and how it differs from the one asked for."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from datahub.connectors.codes import folded
from datahub.connectors.definition import Definition, Variant
from datahub.errors import InputError
from datahub.i18n import Text
from datahub.sources import spreadsheet

_HEAD = 1 << 18
_SPREADSHEET = frozenset({"workbook.xml", "content.xml"})
"""Members that only spreadsheets have: Office Open XML and OpenDocument."""
_TOLD = 3
_JSON_NAMES = re.compile(r'"((?:[^"\\]|\\.){1,80})"\s*:')
_JSON_TEXTS = re.compile(r'"(?:type|@type|@context)"\s*:\s*"([^"\\]{1,200})"')


@dataclass(frozen=True)
class Look:
    """What the beginning of a file shows. ``form``: csv, sheet, json, zip, rdf or unknown.

    ``names``: the columns of a spreadsheet, the members of an archive, the names and prefixes of JSON. ``lines``: the first lines
    of a text.
    """

    form: str
    names: frozenset[str]
    lines: tuple[str, ...] = ()


FORMS = {
    "csv": Text("a CSV file", "un fichier CSV"),
    "sheet": Text("a spreadsheet", "un tableur"),
    "json": Text("a JSON file", "un fichier JSON"),
    "zip": Text("a zip archive", "une archive zip"),
    "rdf": Text("an RDF or XML file", "un fichier RDF ou XML"),
    "unknown": Text("a file of unknown kind", "un fichier de nature inconnue"),
}
_FORM_OF_KIND = {
    "csv": ("csv", "sheet"),
    "json": ("json", "zip"),
    "geojson": ("json",),
    "gtfs": ("zip",),
    "rdf": ("rdf", "json"),
}


def look(data: bytes | Path) -> Look:
    """What the beginning of ``data`` shows.

    Raises:
        InputError: ``file-missing``, or what `datahub.sources.spreadsheet.read` says of a spreadsheet.
    """
    head = _head(data)
    if head.startswith(b"PK\x03\x04"):
        members = _members(data)
        if _SPREADSHEET & members:
            return Look("sheet", frozenset(spreadsheet.read(data).columns.columns))
        return Look("zip", members)
    text = head.decode("utf-8-sig", "ignore") if _is_utf8(head) else head.decode("cp1252", "replace")
    start = text.lstrip()[:1]
    if start in "[{" and start:
        found = {*_JSON_NAMES.findall(text), *_JSON_TEXTS.findall(text)}
        prefixes = {f"{name.partition(':')[0]}:" for name in found if ":" in name}
        return Look("json", frozenset(found | prefixes))
    if start == "<" or re.match(r"\s*(@prefix|@base|prefix|base|_:\w+ |#)", text, re.I):
        names = re.findall(r"(?:xmlns:|@?prefix\s+)([\w-]+:?)", text, re.I)
        return Look("rdf", frozenset(names), tuple(text.splitlines()[:12]))
    if "\x00" in text or not text.strip():
        return Look("unknown", frozenset())
    return Look("csv", frozenset(), tuple(text.splitlines()[:12]))


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
    try:
        with zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data) as archive:
            names = archive.namelist()[:10_000]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return frozenset()
    return frozenset({name.rsplit("/", 1)[-1] for name in names} | {Path(name).suffix for name in names})


def header(seen: Look, variant: Variant) -> frozenset[str]:
    """The column names that the file would have if it were in the dialect of ``variant``."""
    return _names(seen, variant)[1]


def header_row(seen: Look, variant: Variant) -> int:
    """Which of the header lines holds the names (first = 1): the one that the format knows most of."""
    return _names(seen, variant)[0]


def _names(seen: Look, variant: Variant) -> tuple[int, frozenset[str]]:
    if seen.form == "sheet":
        return 1, seen.names
    dialect = variant.dialect
    wanted = {folded(name) for column in variant.fields for name in (column.name, *column.aliases)}
    best: tuple[tuple[int, bool, int], int, frozenset[str]] = ((-1, False, 0), dialect.header_row, frozenset())
    for delimiter in dialect.delimiters:
        try:
            records = list(csv.reader(io.StringIO("\n".join(seen.lines)), delimiter=delimiter, quotechar=dialect.quote))
        except csv.Error:
            continue
        for row in range(1, dialect.header_rows + 1):
            at = dialect.skip_rows + row - 1
            cells = records[at] if at < len(records) else []
            names = frozenset(" ".join(cell.replace("\ufeff", "").split()) for cell in cells)
            rank = (len({folded(name) for name in names} & wanted), row == dialect.header_row, len(cells))
            best = max(best, (rank, row, names), key=lambda each: each[0])
    return best[1], best[2]


def differences(seen: Look, variant: Variant) -> list[Text]:
    """Why the file is not in the format of ``variant``; empty where it may be."""
    allowed = _FORM_OF_KIND[variant.kind]
    if seen.form not in allowed:
        is_, should = FORMS[seen.form], FORMS[allowed[0]]
        return [Text(f"it is {is_.en}, not {should.en}", f"c'est {is_.fr}, pas {should.fr}")]
    if seen.form in ("csv", "sheet"):
        names = {folded(name) for name in header(seen, variant)}
        lacking = [
            column.name
            for column in variant.fields
            if column.required and not names & {folded(name) for name in (column.name, *column.aliases)}
        ]
        return [Text(f"it has no column “{name}”", f"il n'a pas de colonne « {name} »") for name in lacking]
    lacking = [sign for sign in variant.signs if not (set(sign.split("|")) & seen.names)]
    if seen.form == "zip" and variant.kind == "json":
        lacking = [] if ".json" in seen.names else [".json"]
    if seen.form == "rdf":
        lacking = []
    shown = [sign.partition("|")[0] for sign in lacking]
    return [Text(f"“{sign}” does not occur in it", f"« {sign} » n'y figure pas") for sign in shown]


def known(seen: Look, variant: Variant) -> int:
    """How many of the columns or signs of ``variant`` the file has."""
    if seen.form in ("csv", "sheet") and variant.kind == "csv":
        names = {folded(name) for name in header(seen, variant)}
        return sum(bool(names & {folded(name) for name in (column.name, *column.aliases)}) for column in variant.fields)
    if seen.form == "zip" and variant.kind == "json":
        return int(".json" in seen.names)
    return sum(bool(set(sign.split("|")) & seen.names) for sign in variant.signs)


def choose(seen: Look, definition: Definition) -> Variant | None:
    """The variant of ``definition`` that the file is in: of those that fit, the one that knows most of its columns."""
    fitting = [variant for variant in definition.variants if not differences(seen, variant)]
    return max(fitting, key=lambda variant: known(seen, variant), default=None)


def refusal(seen: Look, definition: Definition, others: Iterable[Definition]) -> InputError:
    """The error that tells the three most telling differences, and the connectors that would fit."""
    nearest = min(definition.variants, key=lambda variant: (len(differences(seen, variant)), -known(seen, variant)))
    told = differences(seen, nearest)[:_TOLD]
    if seen.form in ("csv", "sheet") and nearest.kind == "csv" and len(told) < _TOLD:
        names = {folded(name) for column in nearest.fields for name in (column.name, *column.aliases)}
        strange = sorted(name for name in header(seen, nearest) if folded(name) not in names and name)[:_TOLD]
        if strange:
            listed = ", ".join(name[:40] for name in strange)
            told.append(
                Text(
                    f"it has columns that the format does not know ({listed})",
                    f"il a des colonnes que le format ne connaît pas ({listed})",
                )
            )
    en, fr = "; ".join(text.en for text in told), " ; ".join(text.fr for text in told)
    return InputError(
        "not-this-format",
        Text(
            f"This does not look like “{definition.title.en}”: {en}.",
            f"Ceci ne ressemble pas à « {definition.title.fr} » : {fr}.",
        ),
        _advice(fits(seen, others)),
    )


def fits(seen: Look, definitions: Iterable[Definition]) -> tuple[Definition, ...]:
    """The connectors in whose format the file seems to be, best first."""
    found: list[tuple[int, str, Definition]] = []
    for definition in definitions:
        variant = choose(seen, definition)
        if variant is not None and (count := known(seen, variant)) and "in" in definition.directions:
            found.append((-count, definition.name, definition))
    return tuple(definition for _, _, definition in sorted(found, key=lambda item: item[:2]))


def _advice(found: Sequence[Definition]) -> Text:
    if not found:
        return Text(
            "No connector knows this format; check that it is the right file.",
            "Aucun connecteur ne connaît ce format ; vérifiez que c'est le bon fichier.",
        )
    best = found[0]
    return Text(
        f"It looks like “{best.name}” ({best.title.en}): use that connector.",
        f"Il ressemble à « {best.name} » ({best.title.fr}) : utilisez ce connecteur.",
    )
