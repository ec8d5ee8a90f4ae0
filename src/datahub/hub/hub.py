"""The hub: its services put together, behind one surface for the web, the command line and scripts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from datahub.connectors import Lowering, shipped
from datahub.connectors import connector as load_connector
from datahub.graph import QueryLimits, QueryRequest, QueryResult, open_graph
from datahub.hub import provenance
from datahub.hub.access import Keys, Platforms
from datahub.hub.audience import ANONYMOUS, Reader
from datahub.hub.datasets import Dataset, Datasets
from datahub.hub.follow import Background, GraphFollower, follow_index
from datahub.hub.pushes import Pushes
from datahub.hub.reading import Changes, Facets, Page, Reading, RecordView, Version
from datahub.hub.report import PushReport
from datahub.hub.search import Interval, PlaceIndex
from datahub.hub.statistics import Statistics, statistics
from datahub.hub.steps import Progress, Steps
from datahub.hub.writer import Stores
from datahub.rdf.frame import Frame
from datahub.rdf.terms import PREFIXES
from datahub.records import Database, SqlLog
from datahub.records.visibility import Visibility
from datahub.settings import Settings

Bbox = tuple[float, float, float, float]
WAIT_STEP = 0.05


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild went through, and how long it took in seconds."""

    versions: int
    seconds: float


class Hub:
    """A hub on the stores that its settings name.

    ``platforms``, ``datasets`` and ``keys`` are the registers. Reading methods take the `Reader` who asks; without one they show
    what is open. Methods may be called from several threads at once.
    """

    def __init__(self, settings: Settings | None = None, background: bool = False) -> None:
        """Opens the hub, creating what is absent, and brings the index to the end of the log.

        ``background``: the graph follows in a thread, as a server wants it; otherwise pushes and queries wait for it.
        """
        self.settings = settings or Settings()
        self._database = Database(self.settings.log)
        self.log = SqlLog(self._database)
        self.graph = open_graph(self.settings.graph, _limits(self.settings))
        self._index = PlaceIndex(self._database)
        self.platforms = Platforms(self._database, self.settings)
        self.keys = Keys(self._database, self.settings, self.platforms)
        self.datasets = Datasets(self._database, self.settings, self.platforms, self._revise, self._described)
        self._pushes = Pushes(Stores(self.log, self._index, self.settings, self._written), self.datasets)
        self._reading = Reading(self.log, self._index, self.datasets, self.platforms)
        self._follower = GraphFollower(
            self.log, self.graph, self.settings.dataset_iri, f"{self.settings.base_iri}catalog", self.metadata
        )
        follow_index(self.log, self._index)
        self._background = Background(self._follower, self.log, self._index) if background else None
        self._beside = ThreadPoolExecutor(1, "datahub-graph")
        self._following: Future[float] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends threads and workers, and closes the stores."""
        if self._background is not None:
            self._background.close()
        self._beside.shutdown()
        self.graph.close()
        self.log.close()

    def reader(self, api_key: str | None) -> Reader:
        """Who reads with ``api_key``; see `datahub.hub.access.Keys.reader`."""
        return self.keys.reader(api_key)

    # Pushing

    def push(
        self,
        dataset: str,
        data: bytes | Path | None,
        *,
        mode: str = "snapshot",
        dry_run: bool = False,
        filename: str | None = None,
        media_type: str | None = None,
        deletions: Sequence[str] = (),
        allow_deletions: bool = False,
        lang: str = "en",
        progress: Progress | None = None,
        by: str | None = None,
    ) -> PushReport:
        """Takes one delivery of a dataset; see `datahub.hub.pushes.Pushes.push`."""
        name = filename or (data.name if isinstance(data, Path) else None)
        report = self._pushes.push(
            dataset,
            data,
            mode=mode,
            dry_run=dry_run,
            filename=name,
            media_type=media_type,
            deletions=deletions,
            allow_deletions=allow_deletions,
            progress=progress,
            by=by,
        )
        return report if dry_run else self._followed(report, progress)

    def push_report(self, push: str) -> PushReport:
        """The report of a push. Raises NotFoundError ``push-unknown``."""
        return self._pushes.report(push)

    def pushes(self, dataset: str, limit: int = 20) -> tuple[PushReport, ...]:
        """The reports of the last pushes of a dataset, newest first."""
        return self._pushes.reports(dataset, limit)

    def last_push(self, dataset: str) -> PushReport | None:
        """The report of the last push of a dataset."""
        return next(iter(self.pushes(dataset, 1)), None)

    def refused(self, push: str) -> pl.DataFrame:
        """The refused records of a push, as long as they are kept; see `datahub.records.log.REFUSED_SCHEMA`."""
        return self.log.refused(push)

    def _revise(self, dataset: Dataset, visibility: Visibility | None) -> PushReport:
        return self._followed(self._pushes.revise(dataset, visibility), None)

    def _written(self) -> None:
        """There is more in the log: the graph follows while the index does."""
        if self._background is not None:
            self._background.wake()
        else:
            self._following = self._beside.submit(self._follow)

    def _follow(self) -> float:
        """Brings the graph to the end of the log; the seconds that it took."""
        began = time.perf_counter()
        self._follower.redescribe()
        self._follower.follow()
        return time.perf_counter() - began

    def _followed(self, report: PushReport, progress: Progress | None) -> PushReport:
        # A push to another dataset may have begun to follow later: it follows what this one wrote, too.
        following = self._following
        if following is None:
            return report
        steps = Steps(progress, list(report.stages))
        changed = report.counts.created + report.counts.updated + report.counts.deleted
        steps.waited("graph", following.result, changed)
        return steps.completed(report)

    def _described(self) -> None:
        """A dataset or platform is described anew: the graph holds the descriptions too."""
        self._follower.redescribe()
        if self._background is not None:
            self._background.wake()

    # Reading

    def records(
        self,
        dataset: str | None = None,
        *,
        q: str | None = None,
        department: str | None = None,
        kind: str | None = None,
        bbox: Bbox | None = None,
        located: bool | None = None,
        changed: Interval | None = None,
        reader: Reader = ANONYMOUS,
        cursor: str | None = None,
        offset: int | None = None,
        limit: int = 100,
        count: bool = True,
    ) -> Page:
        """A page of the list of records that match all that is given.

        ``q``: every word occurs in the record. ``kind``: class or category. ``bbox``: west, south, east, north. ``located``: with
        or without coordinates. ``changed``: first and last time of the latest change, None for an open end. The order is by folded
        label, then by a hash of the IRI: nothing is ranked.
        """
        return self._reading.records(
            dataset,
            reader,
            cursor=cursor,
            offset=offset,
            limit=limit,
            count=count,
            q=q,
            department=department,
            kind=kind,
            bbox=bbox,
            located=located,
            changed=changed,
        )

    def facets(self, dataset: str | None = None, reader: Reader = ANONYMOUS) -> Facets:
        """How many records there are by class, category, department and dataset."""
        return self._reading.facets(dataset, reader)

    def extent(self, dataset: str | None = None, reader: Reader = ANONYMOUS) -> Bbox | None:
        """The smallest box around all located records: west, south, east, north."""
        return self._reading.extent(dataset, reader)

    def record(self, iri: str, reader: Reader = ANONYMOUS, dataset: str | None = None) -> RecordView:
        """One record. Raises NotFoundError ``record-unknown``, or with status 410 ``record-deleted``."""
        return self._reading.record(iri, reader, dataset)

    def history(self, iri: str, reader: Reader = ANONYMOUS, dataset: str | None = None) -> tuple[Version, ...]:
        """The versions of a record, newest first."""
        return self._reading.history(iri, reader, dataset)

    def frame(
        self,
        dataset: str | None = None,
        *,
        records: Sequence[str] | None = None,
        reader: Reader = ANONYMOUS,
        provenance: bool = True,
    ) -> Frame:
        """The standing records of a dataset (or of all), or those named, as one frame."""
        return self._reading.frame(dataset, records, reader, provenance)

    def frames(
        self, dataset: str | None = None, *, reader: Reader = ANONYMOUS, chunk: int = 20_000, provenance: bool = True
    ) -> Iterator[Frame]:
        """The standing records in pieces, for exports of any size."""
        return self._reading.frames(dataset, reader, chunk, provenance)

    def page_frame(self, page: Page, reader: Reader = ANONYMOUS, provenance: bool = True) -> Frame:
        """The records of one page of a list, as a frame."""
        return self._reading.page_frame(page, reader, provenance)

    def changes(
        self, dataset: str | None = None, *, after: int = 0, limit: int = 1000, reader: Reader = ANONYMOUS
    ) -> Changes:
        """Every version after a sequence number, in order, as the reader sees it."""
        return self._reading.changes(dataset, after, limit, reader)

    def states(
        self, dataset: str | None = None, *, after: int = 0, limit: int = 500, reader: Reader = ANONYMOUS
    ) -> Changes:
        """The last version of each record after a sequence number, in order."""
        return self._reading.states(dataset, after, limit, reader)

    def lower(
        self,
        dataset: str | None,
        connector: str,
        *,
        reader: Reader = ANONYMOUS,
        records: Sequence[str] | None = None,
    ) -> Lowering:
        """The standing records in the format of a connector, with what it could not express: one that ships with datahub, or the
        dataset's own. Formats that state a time get that of the dataset's last change."""
        known = None if dataset is None else self.datasets.get(dataset, reader)
        own = known is not None and known.connector == connector
        chosen = load_connector(connector) if own else shipped(connector)
        frame = self.frame(dataset, records=records, reader=reader, provenance=False)
        base = self.settings.record_base(dataset) if dataset else f"{self.settings.base_iri}records/"
        return chosen.lower(frame, base, time=None if known is None else known.modified)

    def sparql(
        self,
        query: str,
        *,
        accept: str | None = None,
        format: str | None = None,  # noqa: A002 (the field's own word)
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> QueryResult:
        """The answer to a read-only SPARQL query over what is open; see `datahub.graph.query.QueryPool.run` for the errors."""
        request = QueryRequest(query, accept, format, tuple(default_graphs), tuple(named_graphs), PREFIXES)
        if self._background is None and self._follower.behind():
            self._follower.follow()
        return self.graph.query(request)

    # The whole

    def statistics(self, reader: Reader = ANONYMOUS) -> Statistics:
        """How much there is, as ``reader`` may know it."""
        head, position = self.log.head().seq, self.graph.position()
        return statistics(self._database, self.datasets, self._index, head, position, reader)

    def metadata(self) -> Frame:
        """The open datasets and their platforms, as dcat:Dataset and foaf:Organization."""
        return provenance.of_datasets(self.datasets.all(), self.platforms.all())

    def head(self) -> int:
        """The last sequence number that lists show. It says whether an answer may have changed: lists never lag behind it."""
        return self._index.position()

    def ready(self) -> bool:
        """Whether the log answers and the index has followed it."""
        return self._index.position() == self.log.head().seq

    def wait(self, seconds: float = 60.0) -> bool:
        """Waits until the graph has followed the log; False when it has not within ``seconds``."""
        end = time.monotonic() + seconds
        head = self.log.head().seq
        while self.graph.position() < head:
            if time.monotonic() > end:
                return False
            if self._background is not None:
                self._background.wake()
                time.sleep(WAIT_STEP)
            elif not self._follower.follow():
                time.sleep(WAIT_STEP)
        return True

    def rebuild(self, progress: Progress | None = None) -> Rebuilt:
        """Makes every projection again from the log: standing records, index and graph."""
        began = time.perf_counter()
        self.log.rebuild()
        self._index.clear()
        follow_index(self.log, self._index, _told(progress, "index"))
        self._follower.follow(_told(progress, "graph"), anew=True)
        return Rebuilt(self.log.head().seq, time.perf_counter() - began)


def _told(progress: Progress | None, stage: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(stage, done, total)


def _limits(settings: Settings) -> QueryLimits:
    return QueryLimits(
        seconds=settings.query_seconds,
        rows=settings.query_rows,
        bytes=settings.query_bytes,
        memory=settings.query_memory,
        workers=settings.query_workers,
    )
