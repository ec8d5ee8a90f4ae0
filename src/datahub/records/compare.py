"""What a push changes: the records that came against those that stand. A few joins, whatever the size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from datahub.records.log import CHANGE_SCHEMA

_COLUMNS: dict[str, type[pl.DataType]] = {
    **CHANGE_SCHEMA,
    "number": pl.UInt32,
}

Mode = Literal["snapshot", "delta"]


@dataclass(frozen=True)
class Comparison:
    """``changes``: what to append, deletions first, then by record: the columns of `CHANGE_SCHEMA` and ``number``, the record's
    number in what was pushed (null for a deletion), by which the bodies of what changed are fetched. The rest are counts.

    ``kept``: the refused records whose earlier version stays (column record). ``unknown``: records to delete that do not stand.
    """

    changes: pl.DataFrame
    created: int
    updated: int
    deleted: int
    unchanged: int
    kept: pl.Series
    unknown: pl.Series


def compare(
    latest: pl.DataFrame,
    taken: pl.DataFrame,
    *,
    mode: Mode,
    refused: pl.Series,
    absorbed: pl.Series,
    deletions: pl.Series,
) -> Comparison:
    """The changes that bring ``latest`` (`LATEST_SCHEMA`) to what was pushed.

    ``taken``: columns record, hash, visibility, number. ``refused``: records that came and were refused; what stands of them stays.
    ``absorbed``: IRIs that are now part of another record, and so no records of their own any more. ``deletions``: records to
    delete in a delta; a record that is both delivered and named there is deleted. A record missing from a snapshot is deleted.
    """
    named = pl.DataFrame({"record": deletions.cast(pl.String)}).unique()
    taken = taken.join(named, on="record", how="anti")
    last = latest.select("record", pl.col("seq").alias("previous"), was_hash="hash", was="visibility")
    before = last.filter(pl.col("was_hash").is_not_null())
    joined = taken.select("record", "hash", "visibility", "number").join(last, on="record", how="left")
    fresh = pl.col("was_hash").is_null()
    same = pl.col("hash").eq(pl.col("was_hash")) & pl.col("visibility").eq(pl.col("was"))
    written = joined.filter(fresh | ~same).with_columns(
        pl.when(fresh).then(pl.lit("create")).otherwise(pl.lit("update")).alias("op")
    )

    refused_table = pl.DataFrame({"record": refused.cast(pl.String)}).unique()
    leaving = pl.DataFrame({"record": pl.concat([absorbed.cast(pl.String), named["record"]])}).unique()
    missing = before.join(taken, on="record", how="anti")
    if mode == "delta":
        missing = missing.join(leaving, on="record", how="semi")
    else:
        stays = refused_table.join(leaving, on="record", how="anti")
        missing = missing.join(stays, on="record", how="anti")
    gone = missing.select("record", "was", "previous", op=pl.lit("delete"))

    # Deletions first: a part that moves into another record is gone before that record has it.
    changes = pl.concat([_complete(gone).sort("record"), _complete(written).sort("record")])
    kept = before.join(refused_table, on="record", how="semi").join(gone, on="record", how="anti")["record"].sort()
    created = int((written["op"] == "create").sum())
    return Comparison(
        changes,
        created=created,
        updated=written.height - created,
        deleted=gone.height,
        unchanged=joined.height - written.height,
        kept=kept,
        unknown=named.join(before, on="record", how="anti")["record"].sort(),
    )


def _complete(table: pl.DataFrame) -> pl.DataFrame:
    return table.select(
        (pl.col(name) if name in table.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in _COLUMNS.items()
    )
