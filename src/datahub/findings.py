"""Findings: what a check, a repair or a mapping has to say about single rows and values, as columns.

One table schema serves the readers (repairs), the mapping (dropped fields), SHACL results and the push report, so that a report
of 100,000 problems is made and counted without a loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

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
}
"""code: kebab-case, stable. record: IRI or null. row: as a spreadsheet counts, or null. column: the publisher's own field name.
value: as the publisher wrote it. rule: IRI of the shape or name of the check."""


def findings(rows: Iterable[Mapping[str, object]] = ()) -> pl.DataFrame:
    """A findings table from dictionaries with any of the columns of `FINDING_SCHEMA`."""
    complete = [{name: row.get(name) for name in FINDING_SCHEMA} for row in rows]
    return pl.DataFrame(complete, schema=FINDING_SCHEMA)


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
