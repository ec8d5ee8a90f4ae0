"""Reading out: records, versions and changes as one reader may see them, with where they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import polars as pl

from datahub.errors import NotFoundError
from datahub.hub import provenance
from datahub.hub.access import Platforms, moment
from datahub.hub.audience import ADMIN, Reader, level, public, seen
from datahub.hub.datasets import Dataset, Datasets, levels
from datahub.hub.follow import frame_of, public_text
from datahub.hub.search import SUMMARY_SCHEMA, Filter, Interval, PlaceIndex, RecordSummary
from datahub.i18n import Text
from datahub.rdf.frame import Frame, concat, empty
from datahub.records import Log
from datahub.records.visibility import OPEN, RANKS

STEP = 500


class GoneError(NotFoundError):
    """There was something by that name, and it was withdrawn."""

    status = 410


@dataclass(frozen=True)
class Version:
    """One version of a record, as its reader sees it: ``op`` is create, update or delete; ``hash`` is None for a deletion."""

    seq: int
    dataset: str
    record: str
    op: str
    time: datetime
    hash: str | None


@dataclass(frozen=True, eq=False)
class RecordView:
    """One record: its last version, its triples with provenance, and its line in lists."""

    record: str
    dataset: Dataset
    version: Version
    frame: Frame
    summary: RecordSummary | None


@dataclass(frozen=True, eq=False)
class Page:
    """A page of a list. ``table``: the fields of `RecordSummary` as columns. ``next``: cursor of the next page."""

    table: pl.DataFrame
    next: str | None
    total: int | None

    @cached_property
    def items(self) -> tuple[RecordSummary, ...]:
        """The rows as values."""
        return tuple(RecordSummary(**row) for row in self.table.iter_rows(named=True))


@dataclass(frozen=True, eq=False)
class Facets:
    """How many records there are by class, category, department and dataset: columns value and count."""

    kinds: pl.DataFrame
    categories: pl.DataFrame
    departments: pl.DataFrame
    datasets: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Changes:
    """Versions in order: columns seq, dataset, record, op, time (UTC) and hash. ``last``: the sequence number to go on from.

    ``complete``: nothing comes after ``last`` at present.
    """

    table: pl.DataFrame
    last: int
    complete: bool
    _load: Callable[[], pl.DataFrame] = field(repr=False)
    _describe: Callable[[pl.DataFrame], Frame] = field(repr=False)

    @cached_property
    def bodies(self) -> pl.DataFrame:
        """The N-Triples of each version that is no deletion: columns seq, record and body (no provenance).

        A body is null where the record is no longer for this reader: what a platform took back is not handed on.
        """
        return self._texts.select("seq", "record", "body")

    @cached_property
    def frame(self) -> Frame:
        """The triples of `bodies`, with provenance. Of several versions of one record, all."""
        return self._describe(self._texts)

    @cached_property
    def _texts(self) -> pl.DataFrame:
        return self._load()


class Reading:
    """Everything that is read out of the log and the index."""

    def __init__(self, log: Log, index: PlaceIndex, datasets: Datasets, platforms: Platforms) -> None:
        self._log = log
        self._index = index
        self._datasets = datasets
        self._platforms = platforms

    # Lists

    def records(
        self,
        dataset: str | None,
        reader: Reader,
        *,
        cursor: str | None,
        offset: int | None,
        limit: int,
        count: bool,
        q: str | None,
        department: str | None,
        kind: str | None,
        bbox: tuple[float, float, float, float] | None,
        located: bool | None,
        changed: Interval | None,
    ) -> Page:
        """A page of the list of records."""
        visible = self._levels(dataset, reader)
        wanted = Filter(tuple(visible.iter_rows()), q, department, kind, bbox, located, changed)
        table, following, total = self._index.page(wanted, cursor=cursor, offset=offset, limit=limit, count=count)
        return Page(_summaries(table), following, total)

    def facets(self, dataset: str | None, reader: Reader) -> Facets:
        """How many records there are by class, category, department and dataset."""
        wanted = Filter(tuple(self._levels(dataset, reader).iter_rows()))
        columns = ("kind", "category", "department", "dataset")
        return Facets(*(self._index.facet(wanted, column) for column in columns))

    def extent(self, dataset: str | None, reader: Reader) -> tuple[float, float, float, float] | None:
        """The smallest box around all located records: west, south, east, north."""
        return self._index.extent(Filter(tuple(self._levels(dataset, reader).iter_rows())))

    # Single records

    def record(self, iri: str, reader: Reader, dataset: str | None) -> RecordView:
        """One record. Raises NotFoundError ``record-unknown``, or GoneError ``record-deleted`` where the reader once saw it."""
        state, owner = self._state(iri, reader, dataset)
        row = state.row(0, named=True)
        if row["visibility"] is None or row["visibility"] > level(reader, owner.platform):
            raise GoneError(
                "record-deleted",
                Text("This record was deleted.", "Cette fiche a été supprimée."),
                Text("Its history stays.", "Son historique reste."),
            )
        body = self._log.bodies([row["seq"]])
        frame = self._frame(body, levels((owner,), reader), True)
        summary = _summaries(self._index.find(owner.id, iri))
        items = Page(summary, None, None).items
        return RecordView(iri, owner, _version(row), frame, items[0] if items else None)

    def history(self, iri: str, reader: Reader, dataset: str | None) -> tuple[Version, ...]:
        """The versions of a record that ``reader`` may know of, newest first."""
        _, owner = self._state(iri, reader, dataset)
        table = seen(self._log.history(owner.id, iri), pl.lit(level(reader, owner.platform)))
        return tuple(_version(row) for row in table.iter_rows(named=True))

    def _state(self, iri: str, reader: Reader, dataset: str | None) -> tuple[pl.DataFrame, Dataset]:
        """The last version of a record, in the first dataset where ``reader`` ever saw it, standing ones first."""
        table = self._log.find(iri)
        if dataset is not None:
            table = table.filter(pl.col("dataset") == dataset)
        known = {each.id: each for each in self._datasets.all(ADMIN, withdrawn=True)}
        ranked = levels(tuple(known.values()), reader)
        visible = table.join(ranked, on="dataset").filter(pl.col("widest") <= pl.col("level"))
        if visible.is_empty():
            raise NotFoundError(
                "record-unknown",
                Text("There is no record with this IRI.", "Il n'y a pas de fiche avec cet IRI."),
                Text("Look for it in the list of records.", "Cherchez-la dans la liste des fiches."),
            )
        first = visible.sort(
            (pl.col("visibility") <= pl.col("level")).fill_null(False), "dataset", descending=[True, False]
        )
        return first.head(1), known[first["dataset"][0]]

    # Many records

    def frames(self, dataset: str | None, reader: Reader, chunk: int, described: bool) -> Iterator[Frame]:
        """All standing records that ``reader`` may see, in pieces of ``chunk`` records."""
        visible = self._levels(dataset, reader)
        after = 0
        while True:
            table = self._log.states(after, chunk, dataset=dataset, standing=True, bodies=True)
            if table.is_empty():
                return
            after = int(table["seq"][-1])
            frame = self._frame(_visible(table, visible), visible, described)
            if len(frame):
                yield frame

    def frame(self, dataset: str | None, records: Sequence[str] | None, reader: Reader, described: bool) -> Frame:
        """The standing records that ``reader`` may see: all, or those named (unknown ones are left out)."""
        if records is None:
            return concat(list(self.frames(dataset, reader, 20_000, described)))
        visible = self._levels(dataset, reader)
        states = [self._log.find(iri) for iri in dict.fromkeys(records)]
        if not states:
            return empty()
        found = _visible(pl.concat(states), visible)["seq"].to_list()
        return self._frame(self._log.bodies(found), visible, described)

    def page_frame(self, page: Page, reader: Reader, described: bool) -> Frame:
        """The records of one page of a list."""
        rank = pl.col("visibility").replace_strict(list(RANKS), range(len(RANKS)), return_dtype=pl.UInt8)
        table = page.table.select("seq", "dataset", "record", rank.alias("visibility"))
        visible = self._levels(None, reader)
        bodies = self._log.bodies(_visible(table, visible)["seq"].to_list())
        return self._frame(bodies, visible, described)

    # Changes

    def changes(self, dataset: str | None, after: int, limit: int, reader: Reader) -> Changes:
        """Every version after ``after``, as ``reader`` sees it: what becomes invisible is a deletion."""
        return self._walk(self._log.changes, lambda table: seen(table, pl.col("level")), dataset, after, limit, reader)

    def states(self, dataset: str | None, after: int, limit: int, reader: Reader) -> Changes:
        """The last version of each record after ``after``, by sequence number: each record once, deletions too."""
        return self._walk(self._log.states, _states_seen, dataset, after, limit, reader)

    def _walk(
        self,
        fetch: Callable[..., pl.DataFrame],
        view: Callable[[pl.DataFrame], pl.DataFrame],
        dataset: str | None,
        after: int,
        limit: int,
        reader: Reader,
    ) -> Changes:
        """``limit`` versions that ``reader`` sees, over as many as need be that it does not see."""
        visible = self._levels(dataset, reader, tombstones=True)
        parts, at, missing, complete = [], after, limit, False
        while missing > 0 and not complete:
            size = max(missing, STEP)
            table = fetch(at, size, dataset=dataset)
            part = view(table.join(visible, on="dataset", maintain_order="left")).head(missing)
            end = int(table["seq"][-1]) if table.height else at
            at = int(part["seq"][-1]) if part.height == missing else end
            complete = table.height < size and at == end
            missing -= part.height
            parts.append(part)
        table = pl.concat(parts) if parts else view(fetch(at, 1, dataset=dataset).clear().join(visible, on="dataset"))
        hashes = pl.when(pl.col("op") != "delete").then(pl.col("hash")).alias("hash")
        time = pl.col("time").cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("time")
        there = table.filter(pl.col("op") != "delete")["seq"].to_list()
        return Changes(
            table.select("seq", "dataset", "record", "op", time, hashes),
            at,
            complete,
            lambda: self._version_bodies(there, visible),
            lambda bodies: self._with_provenance(frame_of(bodies["body"]), bodies.filter(pl.col("body") != "")),
        )

    def _version_bodies(self, seqs: list[int], visible: pl.DataFrame) -> pl.DataFrame:
        """Bodies without what ``visible`` does not allow; null where the record is no longer to be seen at all."""
        table = self._log.bodies(seqs).join(visible, on="dataset", maintain_order="left")
        now = (pl.col("now") <= pl.col("level")).fill_null(False)
        shown = pl.when(pl.col("level") > OPEN).then(pl.col("body")).otherwise(public_text(table["body"]))
        return table.with_columns(pl.when(now).then(shown).alias("body"))

    # What all of them share

    def _levels(self, dataset: str | None, reader: Reader, tombstones: bool = False) -> pl.DataFrame:
        """The datasets to read, with the highest rank that ``reader`` sees in each: columns dataset and level.

        With ``tombstones`` also a dataset that is no longer for this reader, when it once was: it has to learn of the deletions.
        """
        if dataset is None:
            return levels(self._datasets.all(ADMIN, withdrawn=True), reader)
        found = self._datasets.get(dataset, ADMIN)
        if not (tombstones and self._log.was_seen(dataset, level(reader, found.platform))):
            found = self._datasets.get(dataset, reader)
        return levels((found,), reader)

    def _frame(self, versions: pl.DataFrame, visible: pl.DataFrame, described: bool) -> Frame:
        """The triples of versions (with bodies) that were found visible, without what their reader may not see of them."""
        beyond = dict(visible.select("dataset", pl.col("level") > OPEN).iter_rows())
        parts = []
        for part in versions.partition_by("dataset", maintain_order=True):
            if part.height:
                frame = frame_of(part["body"])
                parts.append(frame if beyond[part["dataset"][0]] else public(frame))
        frame = concat(parts)
        return self._with_provenance(frame, versions) if described else frame

    def _with_provenance(self, frame: Frame, versions: pl.DataFrame) -> Frame:
        if versions.is_empty():
            return frame
        iris = {each.id: each.iri for each in self._platforms.all()}
        owners = self._datasets.all(ADMIN, withdrawn=True)
        return concat([frame, provenance.of_records(versions, owners, iris)])


def _states_seen(table: pl.DataFrame) -> pl.DataFrame:
    """Last versions as a reader sees them: those that it never saw are left out, those that it no longer sees are deletions."""
    known = table.filter(pl.col("widest") <= pl.col("level"))
    now = (pl.col("visibility") <= pl.col("level")).fill_null(False)
    before = (pl.col("was") <= pl.col("level")).fill_null(False)
    op = pl.when(~now).then(pl.lit("delete")).when(before).then(pl.lit("update")).otherwise(pl.lit("create"))
    return known.with_columns(op.alias("op"))


def _visible(table: pl.DataFrame, visible: pl.DataFrame) -> pl.DataFrame:
    joined = table.join(visible, on="dataset", maintain_order="left")
    return joined.filter((pl.col("visibility") <= pl.col("level")).fill_null(False)).drop("level")


def _summaries(table: pl.DataFrame) -> pl.DataFrame:
    return table.select(list(SUMMARY_SCHEMA)).with_columns(
        pl.col("modified").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        pl.col("visibility").replace_strict(range(len(RANKS)), list(RANKS), return_dtype=pl.String),
    )


def _version(row: dict[str, object]) -> Version:
    time = row["time"]
    assert isinstance(time, int)
    hash_ = row["hash"] if row["op"] != "delete" else None
    return Version(row["seq"], row["dataset"], row["record"], row["op"], moment(time), hash_)  # type: ignore[arg-type]
