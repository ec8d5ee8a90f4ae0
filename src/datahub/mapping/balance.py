"""The loss record by record: how many triples each record has, and how many of them are lost."""

from __future__ import annotations

import polars as pl

from datahub.rdf.frame import Frame
from datahub.rdf.split import record_iris
from datahub.rdf.terms import BLANK

BALANCE_SCHEMA: dict[str, type[pl.DataType]] = {"record": pl.String, "lost": pl.UInt32, "total": pl.UInt32}
MAX_DEPTH = 12
"""How far blank nodes are followed up to the record that they belong to."""


def balance(frame: Frame, lost: pl.Series) -> pl.DataFrame:
    """The triples of each record of ``frame`` and how many of those at the positions ``lost`` are its own.

    Columns of `BALANCE_SCHEMA`, sorted by record. A fragment counts with its record, a blank node with the record that links to it
    (by itself, as ``_:label``, where nothing does), so that both columns add up exactly to the whole.
    """
    if not len(frame):
        return pl.DataFrame(schema=BALANCE_SCHEMA)
    counts = frame.triples["s"].value_counts(name="total")
    gone = frame.triples["s"].gather(lost).value_counts(name="lost")
    table = counts.join(gone, on="s", how="left").join(_owners(frame, counts["s"]), on="s", how="left")
    return (
        table.group_by("record")
        .agg(pl.col("lost").sum().cast(pl.UInt32), pl.col("total").sum().cast(pl.UInt32))
        .sort("record")
    )


def _owners(frame: Frame, subjects: pl.Series) -> pl.DataFrame:
    """The record of each of ``subjects``: columns s, record."""
    lexical, blank = frame.terms["lexical"].gather(subjects), frame.terms["kind"].gather(subjects) == BLANK
    named = pl.DataFrame({"s": subjects.filter(~blank), "record": record_iris(lexical.filter(~blank))})
    if not blank.any():
        return named
    anonymous = subjects.filter(blank)
    links = (
        frame.triples.filter(pl.col("o").is_in(anonymous.implode()) & (pl.col("s") != pl.col("o")))
        .unique("o", keep="first", maintain_order=True)
        .select("s", "o")
    )
    found = named
    for _ in range(MAX_DEPTH):
        step = links.join(found, on="s", how="inner").select(pl.col("o").alias("s"), "record")
        step = step.join(found, on="s", how="anti")
        if not step.height:
            break
        found = pl.concat([found, step])
    alone = pl.DataFrame({"s": subjects, "record": "_:" + lexical}).join(found, on="s", how="anti")
    return pl.concat([found, alone])
