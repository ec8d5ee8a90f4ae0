"""One file of a mapping as a table: unpacked, in the format that it turns out to be, with all that the mapping refers to."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import polars as pl

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.mapping.plan import SourcePlan
from datahub.mapping.presence import absent
from datahub.sources import archive, csv
from datahub.sources.limits import load
from datahub.sources.sql import missing
from datahub.sources.table import Table, without

_NOT_PLAIN = "json-not-plain"
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"


def read(source: SourcePlan, data: bytes | Path) -> Table:
    """The table of one file. What the mapping refers to has to be there: a column of CSV; in JSON and XML, which leave out what is
    empty, a name that occurs at all. Tables may be spreadsheets or Parquet files instead of CSV; gzip and zip are unpacked.

    Raises `InputError` of the readers, ``column-missing``, ``json-not-plain``.
    """
    content = unpacked(source, data)
    found = table(source, content)
    if len(found):
        refuse_absent(unmentioned(found, source, content), source)
    return found


def table(source: SourcePlan, content: bytes | Path) -> Table:
    """As `read` of what is `unpacked`, but JSON and XML may lack names that the mapping refers to: one piece of several."""
    if source.formulation == "csv":
        return with_all_columns(_tabular(source, content), source)
    # Imported here: their parsers cost start-up time that a CSV mapping does not need.
    if source.formulation == "xml":
        from datahub.sources import xml

        namespaces = dict(source.source.namespaces)
        found = xml.read(content, source.iterator or "/*", source.references, name=source.key, namespaces=namespaces)
    else:
        from datahub.sources import json

        found = json.read(_in_utf8(source, content), source.iterator or "$", source.references, name=source.key)
    check_values(found, source)
    return without_nulls(found, source)


def is_plain(source: SourcePlan, data: bytes | Path) -> bool:
    """Whether the file is text of its formulation as it lies there, so that it can be read in pieces."""
    described = source.source
    if described.compression or described.member:
        return False
    if source.formulation != "csv" and (described.null_values or described.encoding not in (None, "utf-8")):
        return False
    return not _head(data).startswith((_GZIP, _PARQUET, b"PK\x03\x04"))


def is_parquet(source: SourcePlan, path: Path) -> bool:
    """Whether the file is a Parquet file as it lies there."""
    return source.formulation == "csv" and not source.source.compression and _head(path).startswith(_PARQUET)


def unpacked(source: SourcePlan, data: bytes | Path) -> bytes | Path:
    """The file itself, or what the compression that the mapping states, or that it starts with, has packed."""
    kind, member = source.source.compression, source.source.member
    head = _head(data)
    if kind is None and head.startswith(_GZIP):
        kind = "gzip"
    if kind is None and archive.is_zip(head) and source.formulation != "json" and not archive.is_workbook(data):
        kind = "zip"
    if kind is None or (kind == "zip" and source.formulation == "json" and member is None):
        return data  # the reader of JSON takes all documents of an archive
    from datahub.sources.unpack import unpack

    return unpack(data, kind, member)


def _tabular(source: SourcePlan, data: bytes | Path) -> Table:
    head = _head(data)
    if head.startswith(_PARQUET):
        from datahub.sources import parquet

        return without_nulls(parquet.read(data, source.references, name=source.key), source)
    if archive.is_zip(head):
        from datahub.sources import spreadsheet

        return without_nulls(spreadsheet.read(data, sheet=source.source.member or 0, name=source.key), source)
    return csv.read(data, dialect(source), name=source.key)


def _head(data: bytes | Path) -> bytes:
    if isinstance(data, bytes):
        return data[:8]
    with data.open("rb") as file:
        return file.read(8)


def _in_utf8(source: SourcePlan, data: bytes | Path) -> bytes | Path:
    """JSON in the encoding that the mapping states."""
    name = source.source.encoding
    if name in (None, "utf-8"):
        return data
    from datahub.sources import encoding

    return encoding.decode(load(data), (name,)).data


def without_nulls(found: Table, source: SourcePlan) -> Table:
    """``found`` without the null values of the mapping."""
    return without(found, source.source.null_values)


def check_values(found: Table, source: SourcePlan) -> None:
    """Refuses a reference that leads to a list or an object instead of a value."""
    nested = found.findings.filter(pl.col("code") == _NOT_PLAIN)
    if nested.height:
        first = nested.row(0, named=True)
        raise InputError(
            _NOT_PLAIN,
            Text(first["message_en"], first["message_fr"]),
            Text(first["fix_en"] or "", first["fix_fr"] or ""),
            Place(file=source.name, row=first["row"], column=first["column"]),
        )


def check_present(empty: list[str], source: SourcePlan, data: bytes | Path) -> None:
    """Refuses references without any value whose name does not occur in ``data`` at all."""
    refuse_absent(absent(data, source.formulation, empty) if empty else [], source)


def unmentioned(found: Table, source: SourcePlan, data: bytes | Path) -> list[str]:
    """The references without any value in ``found`` whose name does not occur in ``data`` either."""
    if source.formulation == "csv":
        return []
    empty = [name for name in source.references if found.columns[name].null_count() == len(found)]
    return absent(data, source.formulation, empty) if empty else []


def refuse_absent(lacking: list[str], source: SourcePlan) -> None:
    """Raises `InputError` ``column-missing`` for references that no record has."""
    if lacking:
        raise InputError(
            "column-missing",
            Text(f"No record has “{lacking[0]}”.", f"Aucune fiche n'a « {lacking[0]} »."),
            Text(
                "Check the reference in the mapping against the names in the file.",
                "Comparez la référence du mapping aux noms du fichier.",
            ),
            Place(file=source.name, column=lacking[0]),
        )


def dialect(source: SourcePlan) -> csv.Dialect:
    """How the CSV file of ``source`` is written, as far as the mapping says."""
    described = source.source.dialect or csv.BARE
    encodings = (source.source.encoding,) if source.source.encoding else described.encodings
    return dataclasses.replace(described, null_values=source.source.null_values, encodings=encodings)


def with_all_columns(found: Table, source: SourcePlan) -> Table:
    """``found``, refused with `InputError` ``column-missing`` where it lacks what the mapping refers to."""
    there = found.columns.columns
    lacking = next((name for name in source.references if name not in there), None)
    if lacking is not None:
        raise missing(lacking, there, source.name)
    return found
