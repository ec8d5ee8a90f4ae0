"""What stands of a dataset beside a delta, read from the log only as far as the rules look at it."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from datahub.hub.follow import CHUNK, frame_of
from datahub.rdf.frame import Frame, concat, empty
from datahub.rdf.split import record_iris
from datahub.records import Log
from datahub.shacl.ground import Looked

MOST_SOUGHT = 10_000
"""Links to more nodes than this are not sought one by one: the whole dataset is read."""

MOST_KEPT = 50_000
"""Bodies of so many records are kept for the next look: of products, about 150 MB."""


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
        self._kept: pl.DataFrame | None = None
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
        everything = looked.everything or new.height > MOST_SOUGHT
        # A line of N-Triples with this predicate and object, whatever its subject. Literals are escaped: none holds such a text.
        wanted = new.select(pl.format("> <{}> {} .\n", "predicate", "value")).to_series()
        names = record_iris(looked.own, self._names)
        named = self._left.filter(pl.col("record").is_in(names.implode()))
        parts = [self._log.bodies(named["seq"].to_list()).select("seq", "body")]
        if everything or len(wanted):
            for states in self._bodies():
                hit = pl.lit(everything) | pl.col("body").str.contains_any(wanted.to_list())
                parts.append(states.filter(hit))
        found = pl.concat(parts).unique("seq", maintain_order=True)
        self._left = self._left.join(found, on="seq", how="anti")
        self._given.append(frame_of(found["body"]))
        return self._given[-1]

    @property
    def given(self) -> Frame:
        """All that `fetch` gave so far."""
        return concat(self._given)

    def _bodies(self) -> Iterator[pl.DataFrame]:
        """The bodies of the records that were not given yet, chunk by chunk. Those of a small dataset are read once and kept."""
        if self._kept is not None:
            yield self._kept.join(self._left, on="seq", how="semi", maintain_order="left")
            return
        small = self._left.height <= MOST_KEPT
        parts = []
        after = 0
        while not (states := self._read(after)).is_empty():
            after = int(states["seq"][-1])
            chunk = states.select("seq", "body").join(self._left, on="seq", how="semi", maintain_order="left")
            parts += [chunk] if small else []
            yield chunk
        self._kept = pl.concat(parts) if parts else None

    def _read(self, after: int) -> pl.DataFrame:
        return self._log.states(after, CHUNK, dataset=self._dataset, standing=True, bodies=True)
