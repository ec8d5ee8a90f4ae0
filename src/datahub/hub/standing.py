"""What stands of a dataset beside a delta, read from the log only as far as the rules look at it."""

from __future__ import annotations

import polars as pl

from datahub.hub.follow import frame_of
from datahub.rdf.frame import Frame, concat, empty
from datahub.rdf.split import record_iris
from datahub.records import Log
from datahub.shacl.ground import Looked

MOST_SOUGHT = 100_000
"""Links to more nodes than this are not looked up: the whole dataset is read."""

MOST_ASKED = 100
"""Paths along so many records, one after the other, are followed; then the whole dataset is read."""


class Standing:
    """The records that stand in ``dataset``. ``latest``: see `Log.latest`. ``replaced``: those that a delta brings or deletes."""

    def __init__(self, log: Log, dataset: str, latest: pl.DataFrame, replaced: pl.Series) -> None:
        self._log = log
        self._dataset = dataset
        there = latest.filter(pl.col("hash").is_not_null()).select("record", "seq")
        named = pl.col("record").is_in(replaced.implode())
        self._left = there.filter(~named)
        self._names = there["record"]
        self._sought = pl.DataFrame(schema={"predicate": pl.String, "value": pl.String})
        self._given: list[Frame] = []
        self._asked = 0
        self.others = self._left["record"]
        """The records that the delta neither brings nor deletes."""
        seqs = there.filter(named)
        self.replaced = seqs.join(log.bodies(seqs["seq"].to_list()).select("seq", "body"), on="seq")
        """The records that are replaced: columns record, seq and body."""

    def fetch(self, looked: Looked) -> Frame:
        """The records besides those replaced that hold what was looked at, each once; see `datahub.shacl.surroundings.Fetch`."""
        new = looked.into.join(self._sought, on=["predicate", "value"], how="anti")
        self._sought = pl.concat([self._sought, new])
        if self._left.is_empty():
            return empty()
        found = self._left
        if not looked.everything and new.height <= MOST_SOUGHT and self._asked <= MOST_ASKED:
            own = pl.col("record").is_in(record_iris(looked.own, self._names).implode())
            leading = pl.Series(self._log.leading(self._dataset, new), dtype=pl.Int64)
            found = self._left.filter(own | pl.col("seq").is_in(leading.implode()))
        self._asked += not found.is_empty()
        self._left = self._left.join(found, on="seq", how="anti")
        self._given.append(frame_of(self._log.bodies(found["seq"].to_list())["body"]))
        return self._given[-1]

    @property
    def given(self) -> Frame:
        """All that `fetch` gave so far."""
        return concat(self._given)
