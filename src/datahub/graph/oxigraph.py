"""An embedded Oxigraph as graph store: one process writes, any number of killable workers read.

RocksDB does not allow reading a folder that another process writes to. So after every batch the writer makes a checkpoint: a
folder of hard links to immutable files, which takes milliseconds and no space. Queries read the newest checkpoint::

    folder/store/        the database of the writer
    folder/read/N/       checkpoints
    folder/current.json  {"position": last sequence number of the log, "checkpoint": N}, replaced atomically

Oxigraph keeps numbers, booleans and dates by value: a query gives ``1.5`` where the record says ``1.50``. The log keeps the text.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pyoxigraph as ox

from datahub.errors import ConflictError, DatahubError
from datahub.graph.query import QueryLimits, QueryPool, QueryRequest, QueryResult
from datahub.i18n import Text

BULK = 4 << 20
"""From so many bytes on, triples are written as new files at once instead of through the journal."""
PIECE = 12 << 20
"""So many bytes are loaded at a time. A load takes three times their size of memory; measured from 10 to 40 MB, the processor works
as long."""
LOADERS = 2
"""So many bulk loads run at the same time, each on a core of its own."""
KEPT_SECONDS = 120.0
"""An older checkpoint is removed when no query that began on it can still be running."""


class GraphError(DatahubError):
    """The graph can't be written at present."""

    status = 503


class OxigraphStore:
    """A `graph.store.GraphStore` in a folder."""

    def __init__(self, path: Path, limits: QueryLimits) -> None:
        self.path = path
        self._pool = QueryPool(limits)
        self._guard = threading.Lock()
        self._store: ox.Store | None = None
        self._lock_file: int | None = None

    def position(self) -> int:
        """See `GraphStore.position`."""
        return max(0, self._current()["position"])

    def fresh(self) -> bool:
        """See `GraphStore.fresh`."""
        return self._current()["position"] < 0

    def query(self, request: QueryRequest) -> QueryResult:
        """See `GraphStore.query`."""
        number = self._current()["checkpoint"]
        return self._pool.run(str(self._checkpoint(number)) if number else "", request)

    @contextmanager
    def writing(self) -> Iterator[_Writing | None]:
        """See `GraphStore.writing`. The store stays open for the next time; `close` gives it back to other processes."""
        with self._guard:
            if not self._hold():
                yield None
                return
            try:
                with ThreadPoolExecutor(LOADERS, "datahub-graph-load") as loaders:
                    yield _Writing(self, loaders)
            except OSError as error:
                raise GraphError(
                    "graph-unwritable",
                    Text(
                        "The graph can't be written at present. What was pushed is in the log; nothing is lost.",
                        "Le graphe ne peut pas être écrit pour l'instant. Ce qui a été envoyé est dans le journal.",
                    ),
                    Text(
                        "Look at free disk space; the graph follows with the next push or query.",
                        "Vérifiez l'espace disque ; le graphe suivra au prochain envoi ou à la prochaine requête.",
                    ),
                ) from error

    def close(self) -> None:
        """See `GraphStore.close`."""
        self._pool.close()
        with self._guard:
            self._release()

    def _hold(self) -> bool:
        if self._store is not None:
            return True
        self.path.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path / "writer.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return False
        self._lock_file = lock
        try:
            self._store = self._opened()
        except OSError:
            self._release()
            raise ConflictError(
                "graph-unreadable",
                Text("The graph's files can't be read.", "Les fichiers du graphe sont illisibles."),
                Text(
                    "Remove the folder {path} and start again: it is made anew from the log.",
                    "Supprimez le dossier {path} et relancez : il est refait à partir du journal.",
                ).format(path=self.path),
            ) from None
        return True

    def _opened(self) -> ox.Store:
        try:
            return ox.Store(str(self.path / "store"))
        except OSError:
            gc.collect()  # a database is closed when its last reference goes; one may wait for the collector
            return ox.Store(str(self.path / "store"))

    def _release(self) -> None:
        self._store = None
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def _current(self) -> dict[str, int]:
        try:
            found: dict[str, int] = json.loads((self.path / "current.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {"position": -1, "checkpoint": 0}
        return found

    def _checkpoint(self, number: int) -> Path:
        return self.path / "read" / str(number)

    def _publish(self, position: int) -> None:
        assert self._store is not None
        folder = self.path / "read"
        folder.mkdir(exist_ok=True)
        taken = [int(entry.name) for entry in folder.iterdir() if entry.name.isdigit()]
        number = max([self._current()["checkpoint"], *taken], default=0) + 1
        self._store.backup(str(self._checkpoint(number)))
        before = self._current()["checkpoint"]
        with suppress(OSError):
            os.utime(self._checkpoint(before))  # the time from which it is no longer the newest
        self._point(position, number)
        self._forget(number)

    def _point(self, position: int, checkpoint: int) -> None:
        fresh = self.path / "current.json.new"
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"position": position, "checkpoint": checkpoint}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path / "current.json")

    def _forget(self, newest: int) -> None:
        for entry in (self.path / "read").iterdir():
            with suppress(OSError):
                old = time.time() - entry.stat().st_mtime > KEPT_SECONDS
                if entry.name != str(newest) and old:
                    shutil.rmtree(entry)


class _Writing:
    def __init__(self, owner: OxigraphStore, loaders: ThreadPoolExecutor) -> None:
        self._owner = owner
        self._loaders = loaders
        self._loading: deque[Future[None]] = deque()
        self._graph = ""
        self._waiting: list[bytes] = []
        self._size = 0

    @property
    def _store(self) -> ox.Store:
        assert self._owner._store is not None
        return self._owner._store

    def remove(self, graph: str, triples: bytes) -> None:
        self._settle()
        name = ox.NamedNode(graph)
        for quad in ox.parse(triples, format=ox.RdfFormat.N_TRIPLES):
            self._store.remove(ox.Quad(quad.subject, quad.predicate, quad.object, name))

    def add(self, graph: str, triples: bytes) -> None:
        if graph != self._graph:
            self._flush()
            self._graph = graph
        self._waiting.append(triples)
        self._size += len(triples)
        if self._size >= PIECE:
            self._flush()

    def _flush(self) -> None:
        """Begins to load what waits."""
        triples, size = b"".join(self._waiting), self._size
        self._waiting, self._size = [], 0
        if size < BULK:
            if size:
                self._load(self._store.load, self._graph, triples)
            return
        while len(self._loading) >= LOADERS:
            self._loading.popleft().result()
        self._loading.append(self._loaders.submit(self._load, self._store.bulk_load, self._graph, triples))

    @staticmethod
    def _load(load: Callable[..., None], graph: str, triples: bytes) -> None:
        load(triples, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph), lenient=True)

    def _settle(self) -> None:
        """Waits until everything that was added is there."""
        self._flush()
        while self._loading:
            self._loading.popleft().result()

    def replace(self, graph: str, triples: bytes) -> None:
        self._settle()
        name = ox.NamedNode(graph)
        wanted = {
            ox.Quad(quad.subject, quad.predicate, quad.object, name)
            for quad in ox.parse(triples, format=ox.RdfFormat.N_TRIPLES)
        }
        there = set(self._store.quads_for_pattern(None, None, None, name))
        for quad in there - wanted:
            self._store.remove(quad)
        self._store.extend(wanted - there)

    def clear(self) -> None:
        # A new folder: removing the triples of a graph one by one takes longer than loading them. Queries read the last
        # checkpoint until the next commit.
        self._settle()
        self._owner._point(-1, self._owner._current()["checkpoint"])
        if next(self._store.quads_for_pattern(None, None, None, None), None) is None:
            return
        self._owner._store = None
        shutil.rmtree(self._owner.path / "store", ignore_errors=True)
        self._owner._store = self._owner._opened()

    def commit(self, position: int) -> None:
        self._settle()
        self._owner._publish(position)
