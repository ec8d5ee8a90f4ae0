"""Reads the sources of a mapping that stands alone, from the folder in which they lie."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.mapping.plan import Plan, SourcePlan
from datahub.sources import csv
from datahub.sources.table import Table


def read_sources(plan: Plan, where: Path | None) -> dict[str, Table]:
    """The table of each source of ``plan``; ``where`` is their folder (by default the mapping's), or the only source itself."""
    folder = where or (plan.mapping.file.parent if plan.mapping.file else Path())
    tables = {}
    for source in plan.sources:
        path = folder / source.name if folder.is_dir() else folder
        if not path.is_file():
            raise InputError(
                "source-missing",
                Text(f"The source {source.name} is not there.", f"La source {source.name} est absente."),
                place=Place(file=source.name),
            )
        tables[source.key] = read(source, path)
    return tables


def read(source: SourcePlan, path: Path) -> Table:
    """The table of one source; columns that the mapping uses have to be there."""
    if source.formulation == "json":
        from datahub.sources import json

        return json.read(path, source.iterator or "$", list(source.references))
    if source.formulation == "xml":
        from datahub.sources import xml

        return xml.read(path, source.iterator or "/*", list(source.references))
    dialect = dataclasses.replace(csv.STANDARD, null_values=source.source.null_values, trim=False)
    table = csv.read(path, dialect, name=source.key)
    missing = [name for name in source.references if name not in table.columns.columns]
    if missing:
        raise InputError(
            "column-missing",
            Text(
                f"The column “{missing[0]}” is missing; there are {', '.join(table.columns.columns)}.",
                f"La colonne « {missing[0]} » est absente ; il y a {', '.join(table.columns.columns)}.",
            ),
            place=Place(file=source.name, column=missing[0]),
        )
    return table
