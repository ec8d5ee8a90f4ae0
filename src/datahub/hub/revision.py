"""Revising what stands of a dataset without a delivery: another visibility, or its withdrawal."""

from __future__ import annotations

import polars as pl

from datahub.findings import FINDING_SCHEMA
from datahub.hub.audience import VISIBILITY, ranks
from datahub.hub.follow import follow_index, frame_of, owners
from datahub.hub.report import Counts, PushReport
from datahub.hub.writer import Writer
from datahub.records.log import CHANGE_SCHEMA, REFUSED_SCHEMA
from datahub.records.visibility import Visibility, rank


def revise(writer: Writer, visibility: Visibility | None) -> PushReport:
    """Gives every record of the dataset the visibility that goes with a new one of the dataset; None deletes them all."""
    stores, dataset = writer.stores, writer.dataset.id
    with writer.steps.stage("compare") as items:
        writer.expected = stores.log.last(dataset)
        table = stores.log.states(0, dataset=dataset, standing=True, bodies=visibility is not None)
        items[0] = table.height
        changes = _withdrawn(table) if visibility is None else _reranked(table, rank(visibility))
    bodies = changes["body"].drop_nulls().cast(pl.Binary).to_list()
    deleted = changes.height if visibility is None else 0
    counts = Counts(
        read=table.height,
        updated=changes.height - deleted,
        deleted=deleted,
        unchanged=table.height - changes.height,
    )
    findings, aside = pl.DataFrame(schema=FINDING_SCHEMA), pl.DataFrame(schema=REFUSED_SCHEMA)
    writer.write(changes.select(list(CHANGE_SCHEMA)), bodies, aside, counts, findings)
    with writer.steps.stage("index") as items:
        items[0] = changes.height
        follow_index(stores.log, stores.index)
    return writer.finished()


def _withdrawn(table: pl.DataFrame) -> pl.DataFrame:
    """Deletions of all versions of ``table``."""
    none = pl.lit(None, pl.String)
    gone = table.with_columns(op=pl.lit("delete"), hash=none, body=none, was="visibility", previous="seq")
    return gone.with_columns(pl.lit(None, pl.UInt8).alias("visibility"))


def _reranked(table: pl.DataFrame, floor: int) -> pl.DataFrame:
    """Updates of those versions of ``table`` that have another visibility when that of their dataset is ``floor``."""
    if table.is_empty():
        return table
    # Only records that state a visibility of their own can differ from their dataset.
    own = table.with_row_index("place").filter(pl.col("body").str.contains(f"> <{VISIBILITY}> ", literal=True))
    frame = frame_of(own["body"])
    stricter = ranks(frame, owners(frame, own["record"]), own.height, floor)
    fresh = pl.repeat(floor, table.height, dtype=pl.UInt8, eager=True).scatter(own["place"], stricter)
    joined = table.with_columns(fresh.alias("fresh")).filter(pl.col("fresh") != pl.col("visibility"))
    return joined.with_columns(op=pl.lit("update"), was="visibility", visibility="fresh", previous="seq")
