"""What a push changes, taken into the place and text index from the frame at hand."""

from __future__ import annotations

import polars as pl

from datahub.hub.fields import FIELD_SCHEMA, fields
from datahub.hub.follow import completed, follow_index
from datahub.hub.search import ROW_SCHEMA
from datahub.hub.writer import Stores
from datahub.rdf.frame import Frame
from datahub.rdf.split import Records
from datahub.records import Appended


def drawn(changes: pl.DataFrame, records: Records) -> pl.DataFrame:
    """The fields (`FIELD_SCHEMA`) of the records that stand after ``changes``; see `datahub.records.Comparison.changes`."""
    standing = changes.filter(pl.col("op") != "delete")
    if standing.is_empty():
        return pl.DataFrame(schema=FIELD_SCHEMA)
    frame, owner = _part(records, standing["number"])
    return fields(frame, owner, standing["record"])


def indexed(stores: Stores, dataset: str, changes: pl.DataFrame, appended: Appended, found: pl.DataFrame) -> None:
    """Takes ``changes`` and their fields ``found`` into the index; where others pushed in between, all of it from the log."""
    if appended.first_seq is None or appended.last_seq is None:
        return
    written = changes.with_columns(
        pl.int_range(appended.first_seq, appended.last_seq + 1, dtype=pl.Int64).alias("seq"),
        pl.lit(dataset).alias("dataset"),
        pl.lit(appended.time, pl.Int64).alias("time"),
    )
    standing = written.filter(pl.col("op") != "delete")
    rows = completed(found, standing) if standing.height else pl.DataFrame(schema=ROW_SCHEMA)
    touched = written.filter(pl.col("previous").is_not_null())
    if not stores.index.apply(appended.first_seq - 1, appended.last_seq, touched, rows):
        follow_index(stores.log, stores.index)


def _part(records: Records, numbers: pl.Series) -> tuple[Frame, pl.Series]:
    """The triples of the records ``numbers``, and for each triple the position of its record in ``numbers``."""
    if len(numbers) == len(records):
        return records.frame, records.owner
    position = pl.int_range(0, len(numbers), dtype=pl.UInt32, eager=True)
    place = pl.repeat(None, len(records), dtype=pl.UInt32, eager=True).scatter(numbers, position)
    owner = place.gather(records.owner)
    there = owner.is_not_null()
    return Frame(records.frame.terms, records.frame.triples.filter(there)).compact(), owner.filter(there)
