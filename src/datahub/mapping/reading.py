"""Reads the sources of a mapping that stands alone: files beside it, and what its caller allows beyond them."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from datahub.errors import ForbiddenError, InputError, Place
from datahub.i18n import Text
from datahub.mapping.plan import Plan, SourcePlan
from datahub.mapping.presence import absent
from datahub.sources import csv, csv_stream
from datahub.sources.access import NOTHING, Access, Database
from datahub.sources.sql import missing as column_missing
from datahub.sources.table import Table

_NOT_PLAIN = "json-not-plain"


def read_sources(
    plan: Plan, where: Path | None, only: Sequence[SourcePlan] | None = None, access: Access = NOTHING
) -> dict[str, Table]:
    """The table of each source of ``plan`` (of ``only`` those); ``where`` is the folder of its files (by default the mapping's), or
    the only file itself; ``access``: what may be reached beyond files.

    Raises `InputError` where a source can't be read or lacks a column that the mapping refers to, `ForbiddenError` where
    ``access`` does not allow what the mapping asks for.
    """
    chosen = plan.sources if only is None else only
    return {source.key: _read(plan, source, where, access) for source in chosen}


def batches(plan: Plan, source: SourcePlan, where: Path | None, access: Access = NOTHING) -> Iterator[Table]:
    """The table of one source, piece by piece; arguments and errors as of `read_sources`."""
    origin = source.source.origin
    if origin is None and source.formulation == "csv":
        for table in csv_stream.batches(locate(plan, source, where), _dialect(source), name=source.key):
            yield _with_all_columns(table, source)
    elif origin is None and source.formulation == "json":
        yield from _json_batches(source, locate(plan, source, where))
    else:
        yield _read(plan, source, where, access)


def _json_batches(source: SourcePlan, path: Path) -> Iterator[Table]:
    from datahub.sources import json_stream

    seen: set[str] = set()
    height = 0
    for table in json_stream.batches(path, source.iterator or "$", source.references, name=source.key):
        _check_nested(table, source)
        height += len(table)
        seen.update(name for name in source.references if table.columns[name].null_count() < len(table))
        yield table
    if height:
        _check_present([name for name in source.references if name not in seen], source, path)


def locate(plan: Plan, source: SourcePlan, where: Path | None) -> Path:
    """The file of ``source``: in the folder ``where``, else below the current one. Raises `InputError` ``source-missing``."""
    folder = where or (plan.mapping.file.parent if plan.mapping.file else Path())
    path = folder / source.name if folder.is_dir() else folder
    if not path.is_file():
        path = Path(source.name)
    if not path.is_file():
        raise InputError(
            "source-missing",
            Text(f"The source {source.name} is not there.", f"La source {source.name} est absente."),
            place=Place(file=source.name),
        )
    return path


def _read(plan: Plan, source: SourcePlan, where: Path | None, access: Access) -> Table:
    origin = source.source.origin
    if isinstance(origin, Database):
        return _from_database(source, origin, access)
    return read(source, locate(plan, source, where))


def read(source: SourcePlan, data: bytes | Path) -> Table:
    """The table of one file. What the mapping refers to has to be there: a column of CSV; in JSON and XML, which leave out what is
    empty, a name that occurs at all."""
    if source.formulation == "csv":
        return _with_all_columns(csv.read(data, _dialect(source), name=source.key), source)
    # Imported here: their parsers cost start-up time that a CSV mapping does not need.
    module = importlib.import_module(f"datahub.sources.{source.formulation}")
    found: Table = module.read(data, source.iterator, list(source.references), name=source.key)
    _check_nested(found, source)
    if len(found):
        empty = [name for name in source.references if found.columns[name].null_count() == len(found)]
        _check_present(empty, source, data)
    return found


def _check_nested(table: Table, source: SourcePlan) -> None:
    """Refuses a reference that leads to a list or an object instead of a value."""
    nested = table.findings.filter(pl.col("code") == _NOT_PLAIN)
    if nested.height:
        first = nested.row(0, named=True)
        raise InputError(
            _NOT_PLAIN,
            Text(first["message_en"], first["message_fr"]),
            Text(first["fix_en"] or "", first["fix_fr"] or ""),
            Place(file=source.name, row=first["row"], column=first["column"]),
        )


def _check_present(empty: list[str], source: SourcePlan, data: bytes | Path) -> None:
    """Refuses references without any value whose name does not occur in ``data`` at all."""
    lacking = absent(data, source.formulation, empty) if empty else []
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


def _from_database(source: SourcePlan, origin: Database, access: Access) -> Table:
    from datahub.sources import database

    url = access.databases.get(origin.name) or access.databases.get("")
    if url is None and origin.url is not None and access.stated:
        url = database.with_credentials(origin.url, origin.user, origin.password)
    if url is None:
        raise ForbiddenError(
            "database-not-allowed",
            Text(
                f"The mapping reads the database “{origin.name}”; no connection to it was given.",
                f"Le mapping lit la base « {origin.name} » ; aucune connexion à celle-ci n'a été donnée.",
            ),
            Text(
                "Give one with --database URL, or allow the one that the mapping states with --trust-mapping.",
                "Donnez-en une par --database URL, ou autorisez celle que le mapping indique par --trust-mapping.",
            ),
            Place(file=origin.name),
        )
    target = {source.formulation: source.iterator}
    return database.read(
        url,
        table=target.get("table"),
        query=target.get("query"),
        references=source.references,
        null_values=source.source.null_values,
        name=origin.name if source.formulation == "query" else f"{origin.name}, {source.iterator}",
    )


def _dialect(source: SourcePlan) -> csv.Dialect:
    described = source.source.dialect or csv.BARE
    encodings = (source.source.encoding,) if source.source.encoding else described.encodings
    return dataclasses.replace(described, null_values=source.source.null_values, encodings=encodings)


def _with_all_columns(table: Table, source: SourcePlan) -> Table:
    there = table.columns.columns
    lacking = next((name for name in source.references if name not in there), None)
    if lacking is not None:
        raise column_missing(lacking, there, source.name)
    return table
