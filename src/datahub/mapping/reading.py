"""Reads the sources of a mapping that stands alone, from the folder in which they lie."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from datahub.errors import InputError, Place
from datahub.findings import findings
from datahub.i18n import Text
from datahub.mapping.plan import Plan, SourcePlan
from datahub.sources import csv, csv_stream
from datahub.sources.table import Table


def read_sources(plan: Plan, where: Path | None, only: Sequence[SourcePlan] | None = None) -> dict[str, Table]:
    """The table of each source of ``plan`` (of ``only`` those); ``where`` is their folder (by default the mapping's), or the only
    source itself."""
    return {
        source.key: read(source, locate(plan, source, where)) for source in (plan.sources if only is None else only)
    }


def batches(plan: Plan, source: SourcePlan, where: Path | None) -> Iterator[Table]:
    """The table of one source, piece by piece; ``where`` as for `read_sources`."""
    path = locate(plan, source, where)
    if source.formulation != "csv":
        yield read(source, path)
        return
    for table in csv_stream.batches(path, _dialect(source), name=source.key):
        yield _with_all_columns(table, source)


def locate(plan: Plan, source: SourcePlan, where: Path | None) -> Path:
    """The file of ``source``. Raises `InputError` ``source-missing``."""
    folder = where or (plan.mapping.file.parent if plan.mapping.file else Path())
    path = folder / source.name if folder.is_dir() else folder
    if not path.is_file():
        raise InputError(
            "source-missing",
            Text(f"The source {source.name} is not there.", f"La source {source.name} est absente."),
            place=Place(file=source.name),
        )
    return path


def read(source: SourcePlan, path: Path) -> Table:
    """The table of one source. The columns that the mapping uses have to be there; in JSON and XML, which leave out what is empty,
    one that no record has is reported as a warning."""
    if source.formulation == "csv":
        return _with_all_columns(csv.read(path, _dialect(source), name=source.key), source)
    # Imported here: their parsers cost start-up time that a CSV mapping does not need.
    module = importlib.import_module(f"datahub.sources.{source.formulation}")
    found: Table = module.read(path, source.iterator, list(source.references), name=source.key)
    empty = [name for name in source.references if len(found) and found.columns[name].null_count() == len(found)]
    notes = [
        {
            "severity": "warning",
            "code": "column-missing",
            "column": name,
            "message_en": f"No record has “{name}”.",
            "message_fr": f"Aucune fiche n'a « {name} ».",
        }
        for name in empty
    ]
    return dataclasses.replace(found, findings=pl.concat([found.findings, findings(notes)]))


def _dialect(source: SourcePlan) -> csv.Dialect:
    return dataclasses.replace(csv.STANDARD, null_values=source.source.null_values, trim=False)


def _with_all_columns(table: Table, source: SourcePlan) -> Table:
    missing = [name for name in source.references if name not in table.columns.columns]
    if missing:
        there = ", ".join(table.columns.columns)
        raise InputError(
            "column-missing",
            Text(
                f"The column “{missing[0]}” is missing; there are {there}.",
                f"La colonne « {missing[0]} » est absente ; il y a {there}.",
            ),
            place=Place(file=source.name, column=missing[0]),
        )
    return table
