"""Projections follow the log: the index at once, the graph a little later. Both know where they are, and go on from there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import polars as pl
import structlog

from datahub.errors import DatahubError
from datahub.graph import GraphStore
from datahub.hub.audience import personal
from datahub.hub.fields import fields
from datahub.hub.provenance import DATE_TIME, GENERATED, IN_DATASET, stamps
from datahub.hub.search import ROW_SCHEMA, PlaceIndex
from datahub.rdf.formats import parse
from datahub.rdf.frame import Frame, empty
from datahub.rdf.split import record_iris
from datahub.records import Log
from datahub.records.visibility import OPEN

CHUNK = 6_000
"""Versions taken into the index at a time: of products, about 40 MB of N-Triples."""
GRAPH_CHUNK = 500
"""Versions read at a time for the graph, which puts them together again: what is read takes ten times its size on the way."""
POLL_SECONDS = 5.0
"""How often the server looks whether another process has pushed."""

_logger = structlog.get_logger("datahub.follow")
Progress = Callable[[int, int], None]


def frame_of(bodies: pl.Series) -> Frame:
    """The frame of bodies of versions (N-Triples)."""
    text = bodies.drop_nulls()
    return parse(_whole(text), "nt") if len(text) else empty()


def _whole(texts: pl.Series) -> bytes:
    """All texts in UTF-8, one after another. They never become a Python string, which takes up to four times their size."""
    joined: bytes = texts.str.join("").cast(pl.Binary).item()
    return joined


def rows_of(versions: pl.DataFrame) -> pl.DataFrame:
    """The index rows (`ROW_SCHEMA`) of standing versions: seq, dataset, record, time, visibility and body."""
    parts = [_rows_of_dataset(part) for part in versions.partition_by("dataset") if part.height]
    return pl.concat(parts) if parts else pl.DataFrame(schema=ROW_SCHEMA)


def _rows_of_dataset(versions: pl.DataFrame) -> pl.DataFrame:
    frame, names = frame_of(versions["body"]), versions["record"]
    return completed(fields(frame, owners(frame, names), names), versions)


def owners(frame: Frame, names: pl.Series) -> pl.Series:
    """For each triple of ``frame`` the position of its record in ``names``.

    The records are named, so that a body which holds only parts of its record is still that record's.
    """
    subjects = frame.triples["s"].unique()
    records = record_iris(frame.terms["lexical"].gather(subjects), names)
    numbered = names.alias("record").to_frame().with_row_index("owner")
    table = pl.DataFrame({"s": subjects, "record": records}).join(numbered, on="record", how="left")
    return frame.triples.select("s").join(table, on="s", how="left", maintain_order="left")["owner"]


def completed(found: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    """`fields` with what the log knows of each version, as rows of the index."""
    known = versions.select("record", "dataset", "seq", "visibility", modified="time")
    joined = found.join(known, on="record", how="inner", maintain_order="left")
    return joined.select(pl.col(name).cast(dtype) for name, dtype in ROW_SCHEMA.items())


def follow_index(log: Log, index: PlaceIndex, progress: Progress | None = None) -> None:
    """Brings the index to the end of the log."""
    while (after := index.position()) < (head := log.head().seq):
        table = log.changes(after, CHUNK)
        upto = int(table["seq"][-1])
        last = table.unique(["dataset", "record"], keep="last", maintain_order=True)
        standing = last.filter(pl.col("op") != "delete")
        bodies = log.bodies(standing["seq"].to_list()).select("seq", "body")
        rows = rows_of(standing.join(bodies, on="seq", maintain_order="left"))
        index.apply(after, upto, last.filter((pl.col("op") != "create") | (pl.col("previous").is_not_null())), rows)
        if progress is not None:
            progress(upto, head)


class GraphFollower:
    """Brings the graph to the end of the log: only what is open, without personal data, one named graph per dataset."""

    def __init__(
        self,
        log: Log,
        graph: GraphStore,
        graph_name: Callable[[str], str],
        catalogue: str,
        metadata: Callable[[], Frame],
    ) -> None:
        self._log = log
        self._graph = graph
        self._name = graph_name
        self._catalogue = catalogue
        self._metadata = metadata
        self._described: bytes | None = None
        self._undescribed = threading.Event()
        self._undescribed.set()
        self._turn = threading.Lock()

    def behind(self) -> bool:
        """Whether the log has gone on, or the description of a dataset may have changed."""
        return self._undescribed.is_set() or self._graph.position() != self._log.head().seq

    def redescribe(self) -> None:
        """Has the description of the datasets written again the next time."""
        self._undescribed.set()

    def follow(self, progress: Progress | None = None, *, anew: bool = False) -> bool:
        """Goes to the end of the log. False while another process writes the graph, which then follows the log itself."""
        with self._turn, self._graph.writing() as writing:
            if writing is None:
                return False
            head = self._log.head().seq
            position = self._graph.position()
            if anew or self._graph.fresh() or position > head:  # an older log was put back in place
                writing.clear()
                self._described = None
                steps = self._standing(head)
            else:
                steps = self._changes(position, head)
            changed = False
            for removed, added, done in steps:
                for name, part in _by_dataset(removed):
                    writing.remove(self._name(name), self._text(part))
                for name, part in _by_dataset(added):
                    writing.add(self._name(name), self._text(part))
                changed = True
                if progress is not None:
                    progress(done, head)
            self._undescribed.clear()  # before the description is read: what changes from here on sets it again
            try:
                described = self._metadata().canonical_lines().str.join("").item().encode()
                if described != self._described:
                    writing.replace(self._catalogue, described)
                if changed or described != self._described or position != head:
                    writing.commit(head)
            except BaseException:
                self._undescribed.set()
                raise
            self._described = described
            return True

    def _standing(self, head: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, int]]:
        after = 0
        while True:
            table = self._log.states(after, GRAPH_CHUNK, standing=True, bodies=True)
            if table.is_empty():
                return
            after = int(table["seq"][-1])
            yield table.clear(), table.filter(pl.col("visibility") == OPEN), min(after, head)

    def _changes(self, position: int, head: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, int]]:
        """What to remove and to add, chunk by chunk. After a crash the same chunk may be applied again: everything that a version
        in it replaced is removed, so what an interrupted run left behind goes too."""
        while position < head:
            table = self._log.changes(position, GRAPH_CHUNK, upto=head)
            position = int(table["seq"][-1])
            replaced = table.filter(pl.col("was") == OPEN)["previous"].to_list()
            last = table.unique(["dataset", "record"], keep="last", maintain_order=True)
            standing = last.filter(pl.col("visibility") == OPEN)["seq"].to_list()
            yield self._log.bodies(replaced), self._log.bodies(standing), position

    def _text(self, versions: pl.DataFrame) -> bytes:
        """The public triples of versions of one dataset, and what they come from, as N-Triples."""
        dataset = versions["dataset"][0]
        named = pl.concat_str([pl.lit("<"), "record", pl.lit(f"> <{IN_DATASET}> <{self._name(dataset)}> .\n")])
        stamp = pl.concat_str(
            [pl.lit("<"), "record", pl.lit(f'> <{GENERATED}> "'), stamps(), pl.lit(f'"^^<{DATE_TIME}> .\n')]
        )
        told = versions.select(pl.concat_str(named, stamp).alias("text"))["text"]
        whole = pl.concat([public_text(versions["body"]), told])
        return _whole(whole)


def public_text(bodies: pl.Series) -> pl.Series:
    """Bodies (N-Triples) without the lines whose predicate is personal. Only bodies that mention one are looked at by line."""
    hidden = sorted(f"<{iri}>" for iri in personal())
    table = bodies.alias("body").to_frame().with_row_index("place")
    suspect = table.filter(pl.col("body").str.contains_any(hidden)) if hidden else table.clear()
    if suspect.is_empty():
        return table["body"]
    lines = suspect.with_columns(pl.col("body").str.split("\n")).explode("body").filter(pl.col("body") != "")
    predicate = pl.col("body").str.extract(r"^<[^>]*> (<[^>]*>) ")
    kept = lines.filter(~predicate.is_in(hidden)).with_columns(pl.col("body") + "\n")
    whole = suspect.select("place").join(
        kept.group_by("place", maintain_order=True).agg(pl.col("body").str.join("").alias("shown")),
        on="place",
        how="left",
    )
    cleaned = whole.with_columns(pl.col("shown").fill_null(""))
    joined = table.join(cleaned, on="place", how="left", maintain_order="left")
    return joined.select(pl.coalesce("shown", "body").alias("body")).to_series()


def _by_dataset(versions: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for part in versions.partition_by("dataset", maintain_order=True):
        if part.height:
            yield part["dataset"][0], part


class Background:
    """A thread that keeps the graph behind the log, and the index where a process died between the two."""

    def __init__(self, follower: GraphFollower, log: Log, index: PlaceIndex) -> None:
        self._follower = follower
        self._log = log
        self._index = index
        self._index_was = -1
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="datahub-graph", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Has the thread look at once."""
        self._wake.set()

    def close(self) -> None:
        """Ends the thread when it has finished what it is doing."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._attempt(self._follow)
            if not self._wake.wait(POLL_SECONDS):
                self._attempt(self._help_index)
                self._follower.redescribe()  # another process may have registered a dataset
            self._wake.clear()

    def _help_index(self) -> None:
        # Whoever pushes takes its push into the index itself. Only an index that has stood still is helped.
        position = self._index.position()
        if position == self._index_was:
            follow_index(self._log, self._index)
        self._index_was = position

    def _follow(self) -> None:
        if self._follower.behind():
            self._follower.follow()

    @staticmethod
    def _attempt(step: Callable[[], None]) -> None:
        try:
            step()
        except DatahubError as error:
            _logger.error("log-not-followed", code=error.code, reason=error.message.en)
        except Exception:
            # The log is untouched and the next attempt begins where the projection stands; the thread must live on.
            _logger.exception("log-not-followed")
