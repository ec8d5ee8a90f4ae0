"""Findings: what a check, a repair or a mapping has to say about single rows and values, as columns.

One table schema serves the readers (repairs), the mapping (dropped fields), SHACL results and the push report, so that a report
of 100,000 problems is made and counted without a loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from datahub.errors import InputError, Place
from datahub.i18n import Text

SEVERITIES = ("violation", "warning", "info")
"""A violation refuses the record; a warning and an info do not (SHACL section 2.1.4)."""

FINDING_SCHEMA: dict[str, type[pl.DataType]] = {
    "severity": pl.String,
    "code": pl.String,
    "record": pl.String,
    "row": pl.UInt32,
    "column": pl.String,
    "value": pl.String,
    "rule": pl.String,
    "message_en": pl.String,
    "message_fr": pl.String,
    "fix_en": pl.String,
    "fix_fr": pl.String,
    "file": pl.String,
}
"""code: kebab-case, stable. record: IRI or null. row: as a spreadsheet counts, or null. column: the publisher's own field name, or
several with `BETWEEN` between them. value: as the publisher wrote it. rule: IRI of the shape or name of the check. file: which of
several files the row is in; null where there is only one."""


def findings(rows: Iterable[Mapping[str, object]] = ()) -> pl.DataFrame:
    """A findings table from dictionaries with any of the columns of `FINDING_SCHEMA`."""
    complete = [{name: row.get(name) for name in FINDING_SCHEMA} for row in rows]
    return pl.DataFrame(complete, schema=FINDING_SCHEMA)


BETWEEN = ", "
"""Between the names where a finding is about several columns together."""


def columns_of(column: str) -> list[str]:
    """The names of the columns that a finding's ``column`` is about."""
    return column.split(BETWEEN)


def conform(table: pl.DataFrame, **constants: str | None) -> pl.DataFrame:
    """``table`` with exactly the columns of `FINDING_SCHEMA`: ``constants`` fill columns, what is missing becomes null."""
    columns = []
    for name, dtype in FINDING_SCHEMA.items():
        if name in constants:
            columns.append(pl.lit(constants[name], dtype).alias(name))
        elif name in table.columns:
            columns.append(pl.col(name).cast(dtype))
        else:
            columns.append(pl.lit(None, dtype).alias(name))
    return table.select(columns)


def counts(table: pl.DataFrame) -> dict[str, int]:
    """How many findings there are of each of `SEVERITIES`."""
    return {severity: table.filter(pl.col("severity") == severity).height for severity in SEVERITIES}


UNSEEN = "[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]"
"""Control characters, and those that turn the direction of writing: they can make a terminal or a page show something else."""


def printable(table: pl.DataFrame) -> pl.DataFrame:
    """``table`` as people may see it: each cell on one line, with a sign for what can't be seen (`UNSEEN`)."""
    return table.with_columns(
        pl.col(name).str.replace_all(r"[\r\n\x0b\x0c\u2028\u2029\x85]+|\t", " ").str.replace_all(UNSEEN, "\ufffd")
        for name, dtype in table.schema.items()
        if dtype == pl.String
    )


def refuse_violations(table: pl.DataFrame) -> None:
    """Raises the first violation of ``table`` as an `InputError`: for callers who want all of the data or none of it."""
    violations = table.filter(pl.col("severity") == "violation")
    if not violations.height:
        return
    first = violations.row(0, named=True)
    more = violations.height - 1
    raise InputError(
        first["code"],
        Text(
            first["message_en"] + (f" ({more} more like this.)" if more else ""),
            first["message_fr"] + (f" ({more} autres de ce genre.)" if more else ""),
        ),
        Text(first["fix_en"], first["fix_fr"]) if first["fix_en"] else None,
        Place(first["file"], first["row"], first["column"], first["value"]),
    )
