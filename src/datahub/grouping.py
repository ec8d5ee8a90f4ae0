"""Findings by kind, as one sentence each: what a report says first.

“312 records: The price is missing (rows 4, 9, 17 …).”
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from datahub.findings import SEVERITIES, columns_of
from datahub.i18n import Text, number

ROWS_SHOWN = 10
RECORDS_SHOWN = 3


@dataclass(frozen=True)
class Group:
    """All findings of one kind; ``file``: which of several files they are in. ``rows``: the first ten. ``records``: the first
    three. ``sentence``: the whole in one sentence."""

    severity: str
    code: str
    column: str | None
    rule: str | None
    count: int
    rows: tuple[int, ...]
    records: tuple[str, ...]
    example: str | None
    sentence: Text
    fix: Text | None
    file: str | None = None


def groups(findings: pl.DataFrame) -> tuple[Group, ...]:
    """The findings by kind (severity, code, rule, column and file), worst first, then most frequent.

    Where there are too many to list, a column ``count`` tells how many findings each row stands for.
    """
    if findings.is_empty():
        return ()
    stands_for = pl.col("count") if "count" in findings.columns else pl.lit(1)
    order = pl.col("severity").replace_strict(list(SEVERITIES), range(len(SEVERITIES)), default=len(SEVERITIES))
    who = pl.coalesce(pl.col("record"), pl.col("row").cast(pl.String))
    table = (
        findings.sort("row", nulls_last=True, maintain_order=True)
        .group_by("severity", "code", "rule", "column", "file", maintain_order=True)
        .agg(
            (stands_for - 1).sum().add(pl.len()).alias("count"),
            (stands_for - 1).sum().add(who.drop_nulls().n_unique()).alias("records_count"),
            pl.col("row").drop_nulls().unique(maintain_order=True).head(ROWS_SHOWN + 1).alias("rows"),
            pl.col("record").drop_nulls().unique(maintain_order=True).head(RECORDS_SHOWN).alias("records"),
            pl.col("value").drop_nulls().first().alias("example"),
            pl.col("message_en").n_unique().alias("messages"),
            *(pl.col(name).first() for name in ("message_en", "message_fr", "fix_en", "fix_fr")),
        )
        .with_columns(order.alias("order"))
        .sort(
            "order",
            "count",
            "code",
            "column",
            "rule",
            "file",
            descending=[False, True, False, False, False, False],
            nulls_last=True,
        )
    )
    return tuple(_grouped(row) for row in table.iter_rows(named=True))


def _grouped(row: Mapping[str, Any]) -> Group:
    rows, count = row["rows"], row["count"]
    text = Text(
        _sentence(row, "en", row["message_en"] or row["code"]), _sentence(row, "fr", row["message_fr"] or row["code"])
    )
    return Group(
        severity=row["severity"],
        code=row["code"],
        column=row["column"],
        rule=row["rule"],
        count=count,
        rows=tuple(rows[:ROWS_SHOWN]),
        records=tuple(row["records"]),
        example=row["example"],
        sentence=text,
        fix=optional(row["fix_en"], row["fix_fr"]),
        file=row["file"],
    )


def _sentence(row: Mapping[str, Any], lang: str, message: str) -> str:
    """How many, what, where: “312 records: The price is missing (rows 4, 9, 17 …).”"""
    rows, many = row["rows"], row["records_count"]
    body = message.strip().removesuffix(".")
    if row["messages"] > 1:
        body = _WORDS["for-example"].to(lang).format(body=body)
    if many > 1:
        body = _WORDS["many"].to(lang).format(n=number(many, lang), body=body)
    elif row["column"] and not all(name in body for name in columns_of(row["column"])):
        body = _WORDS["in-column"].to(lang).format(column=row["column"], body=body)
    if rows and not _names(message, rows):
        shown = ", ".join(map(str, rows[:ROWS_SHOWN])) + (" …" if len(rows) > ROWS_SHOWN else "")
        where = f"{row['file']}, " if row["file"] else ""
        body += _WORDS["rows" if len(rows) > 1 else "row"].to(lang).format(file=where, rows=shown)
    return body + "."


def _names(message: str, rows: Sequence[int]) -> bool:
    """Whether the message itself says which rows it is about."""
    said = re.search(r"\b(?:[Rr]ows?|[Ll]ignes?) ([\d, ]+(?:(?:and|et) \d+)?)", message)
    return said is not None and {str(row) for row in rows} <= set(re.findall(r"\d+", said[1]))


def optional(en: str | None, fr: str | None) -> Text | None:
    """The text, or None where there is none in English; English stands in for missing French."""
    return Text(en, fr or en) if en else None


_WORDS = {
    "many": Text("{n} records: {body}", "{n} fiches : {body}"),
    "for-example": Text("for example: {body}", "par exemple : {body}"),
    "in-column": Text("“{column}”: {body}", "« {column} » : {body}"),
    "rows": Text(" ({file}rows {rows})", " ({file}lignes {rows})"),
    "row": Text(" ({file}row {rows})", " ({file}ligne {rows})"),
}
