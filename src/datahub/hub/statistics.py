"""How much there is, as one reader may know it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
import sqlalchemy as sa

from datahub.hub.access import moment
from datahub.hub.audience import Reader
from datahub.hub.datasets import Datasets
from datahub.hub.search import PlaceIndex
from datahub.records.database import Database, frame
from datahub.records.tables import push, tally

TALLY_SCHEMA: dict[str, type[pl.DataType]] = {
    "dataset": pl.String,
    "records": pl.Int64,
    "created": pl.Int64,
    "updated": pl.Int64,
    "deleted": pl.Int64,
    "last": pl.Int64,
}


@dataclass(frozen=True, eq=False)
class Statistics:
    """Counts over the datasets that a reader may know of.

    ``versions``, ``pushes``: in those datasets. ``head``: last sequence number of the log. ``graph_position`` and
    ``index_position``: how far the projections have followed. ``by_dataset``: dataset, records, created, updated, deleted
    (versions of each kind) and last (commit time, UTC).
    """

    platforms: int
    datasets: int
    records: int
    versions: int
    pushes: int
    last_commit: datetime | None
    head: int
    graph_position: int
    index_position: int
    by_dataset: pl.DataFrame


def statistics(
    database: Database, datasets: Datasets, index: PlaceIndex, head: int, graph_position: int, reader: Reader
) -> Statistics:
    """The statistics that ``reader`` may see."""
    known = datasets.all(reader)
    names = [each.id for each in known]
    columns = (tally.c.dataset, tally.c.records, tally.c.created, tally.c.updated, tally.c.deleted, tally.c.time)
    pushed = sa.select(sa.func.count()).select_from(push).where(push.c.dataset.in_(names))
    with database.read() as connection:
        found = frame(connection, sa.select(*columns).where(tally.c.dataset.in_(names)), TALLY_SCHEMA)
        pushes = int(connection.execute(pushed).scalar_one())
    table = pl.DataFrame({"dataset": names}, schema={"dataset": pl.String}).join(
        found, on="dataset", how="left", maintain_order="left"
    )
    last = found["last"].max()
    counts = pl.col("records", "created", "updated", "deleted").fill_null(0)
    when = pl.col("last").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return Statistics(
        platforms=len({each.platform for each in known}),
        datasets=len(known),
        records=int(found["records"].sum()),
        versions=int(found.select(pl.sum_horizontal("created", "updated", "deleted").sum()).item()),
        pushes=pushes,
        last_commit=moment(last) if isinstance(last, int) else None,
        head=head,
        graph_position=graph_position,
        index_position=index.position(),
        by_dataset=table.with_columns(counts, when),
    )
