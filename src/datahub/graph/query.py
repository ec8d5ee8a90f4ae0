"""Queries of strangers: each in a process that is killed when its time is over, whatever the query engine is doing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from datahub.errors import DatahubError, InputError, Place
from datahub.graph.guard import check
from datahub.i18n import Text


@dataclass(frozen=True)
class QueryLimits:
    """``seconds`` per query, ``rows`` and ``bytes`` per result, ``memory`` in bytes per worker, and how many ``workers``."""

    seconds: float = 10.0
    rows: int = 100_000
    bytes: int = 64 << 20
    memory: int = 2 << 30
    workers: int = 2


@dataclass(frozen=True)
class QueryRequest:
    """A SPARQL query with the format wanted: an Accept header, or a short name (json, xml, csv, tsv, ttl, nt, rdfxml, jsonld).

    ``default_graphs``, ``named_graphs``: as in the SPARQL 1.1 Protocol section 2.1.4; without them the default graph is the union.
    """

    query: str
    accept: str | None = None
    format: str | None = None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class QueryResult:
    """The bytes of a result and their media type."""

    media_type: str
    data: bytes


class QueryError(DatahubError):
    """A query that could not be answered within its limits."""

    status = 503


class NotAcceptableError(DatahubError):
    """A result in none of the formats asked for."""

    status = 406


class QueryPool:
    """Worker processes, started when first needed and reused until they have to be killed."""

    def __init__(self, limits: QueryLimits) -> None:
        self.limits = limits
        self._free: list[subprocess.Popen[bytes]] = []
        self._guard = threading.Lock()
        self._slots = threading.BoundedSemaphore(limits.workers)

    def run(self, path: str, request: QueryRequest) -> QueryResult:
        """The answer to ``request`` from the store in the folder ``path`` (empty: an empty store).

        Raises:
            ForbiddenError: ``sparql-service`` or ``sparql-update``.
            InputError: ``sparql-syntax``, ``sparql-too-many-rows``, ``sparql-too-large``, ``sparql-evaluation``.
            NotAcceptableError: ``sparql-not-acceptable``.
            QueryError: ``sparql-timeout`` or ``sparql-busy`` (try again later).
        """
        check(request.query)
        end = time.monotonic() + self.limits.seconds
        if not self._slots.acquire(timeout=self.limits.seconds):
            raise _busy()
        try:
            return self._run(path, request, end)
        finally:
            self._slots.release()

    def _run(self, path: str, request: QueryRequest, end: float) -> QueryResult:
        line = {
            "path": path,
            "query": request.query,
            "accept": request.accept,
            "format": request.format,
            "default_graphs": request.default_graphs,
            "named_graphs": request.named_graphs,
            "prefixes": dict(request.prefixes),
            "rows": self.limits.rows,
            "bytes": self.limits.bytes,
            "seconds": self.limits.seconds,
        }
        worker = self._take()
        late = threading.Event()

        def stop() -> None:
            late.set()
            worker.kill()

        timer = threading.Timer(max(end - time.monotonic(), 0.05), stop)
        timer.start()
        try:
            head, data = _ask(worker, json.dumps(line).encode() + b"\n")
        finally:
            timer.cancel()
            timer.join()
        if late.is_set() or head is None:
            worker.kill()
            _reap(worker)
            raise self._timeout() if late.is_set() else _too_large()
        with self._guard:
            self._free.append(worker)
        if "error" in head:
            raise self._error(head)
        return QueryResult(str(head["media"]), data)

    def _take(self) -> subprocess.Popen[bytes]:
        with self._guard:
            while self._free:
                worker = self._free.pop()
                if worker.poll() is None:
                    return worker
                _reap(worker)
        command = [sys.executable, "-m", "datahub.graph.worker"]
        worker = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Address space is what is capped: without this, glibc reserves some of it for every core.
            env={**os.environ, "MALLOC_ARENA_MAX": "2"},
        )
        assert worker.stdin is not None
        worker.stdin.write(b"%d\n" % self.limits.memory)
        return worker

    def close(self) -> None:
        """Ends the idle workers."""
        with self._guard:
            for worker in self._free:
                worker.kill()
                _reap(worker)
            self._free.clear()

    def _timeout(self) -> QueryError:
        return QueryError(
            "sparql-timeout",
            Text(
                "The query was stopped after {seconds:g} seconds.",
                "La requête a été arrêtée après {seconds:g} secondes.",
            ).format(seconds=self.limits.seconds),
            Text("Make it narrower, or add LIMIT.", "Restreignez-la, ou ajoutez LIMIT."),
        )

    def _error(self, head: Mapping[str, object]) -> DatahubError:
        kind = head["error"]
        if kind == "syntax":
            place = head.get("place")
            row, column = place if isinstance(place, list) else (None, None)
            where = Text(f" (column {column})", f" (colonne {column})") if column else Text("", "")
            return InputError(
                "sparql-syntax",
                Text(f"The query is not valid SPARQL{where.en}.", f"La requête n'est pas du SPARQL valide{where.fr}."),
                Text("Check prefixes, brackets and dots there.", "Vérifiez-y préfixes, accolades et points."),
                Place(row=row),
            )
        if kind == "rows":
            return InputError(
                "sparql-too-many-rows",
                Text("The result has more than {n} rows.", "Le résultat compte plus de {n} lignes.").format(
                    n=self.limits.rows
                ),
                Text("Add LIMIT, or download the dataset.", "Ajoutez LIMIT, ou téléchargez le jeu de données."),
            )
        if kind in ("bytes", "memory"):
            return _too_large()
        if kind == "unacceptable":
            return NotAcceptableError(
                "sparql-not-acceptable",
                Text(
                    "This kind of result has none of the formats asked for.",
                    "Ce type de résultat n'existe dans aucun des formats demandés.",
                ),
                Text(
                    "SELECT and ASK: json, xml, csv, tsv. CONSTRUCT and DESCRIBE: ttl, nt, rdfxml, jsonld.",
                    "SELECT et ASK : json, xml, csv, tsv. CONSTRUCT et DESCRIBE : ttl, nt, rdfxml, jsonld.",
                ),
            )
        if kind == "store":
            return _busy()
        return InputError(
            "sparql-evaluation",
            Text("The query can't be evaluated.", "La requête ne peut pas être évaluée."),
            Text("Check its functions and graph names.", "Vérifiez ses fonctions et ses noms de graphes."),
        )


def _ask(worker: subprocess.Popen[bytes], line: bytes) -> tuple[dict[str, object] | None, bytes]:
    """The head and the data of the answer; no head when the worker died."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        worker.stdin.write(line)
        worker.stdin.flush()
        first = worker.stdout.readline()
        if not first.endswith(b"\n"):
            return None, b""
        head: dict[str, object] = json.loads(first)
        size = head.get("size", 0)
        assert isinstance(size, int)
        data = worker.stdout.read(size)
    except (BrokenPipeError, ValueError):
        return None, b""
    return (head, data) if len(data) == size else (None, b"")


def _reap(worker: subprocess.Popen[bytes]) -> None:
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    worker.wait()


def _busy() -> QueryError:
    return QueryError(
        "sparql-busy",
        Text("Too many queries are running.", "Trop de requêtes sont en cours."),
        Text("Try again in a moment.", "Réessayez dans un instant."),
    )


def _too_large() -> InputError:
    return InputError(
        "sparql-too-large",
        Text(
            "The query needs more memory than it may have, or its result is too large.",
            "La requête demande plus de mémoire que permis, ou son résultat est trop grand.",
        ),
        Text("Add LIMIT, or ask for fewer variables.", "Ajoutez LIMIT, ou demandez moins de variables."),
    )
