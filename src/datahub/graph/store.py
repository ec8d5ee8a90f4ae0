"""What a hub needs of a SPARQL store, and the store behind a URL."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from datahub.errors import InputError
from datahub.graph.query import QueryLimits, QueryRequest, QueryResult
from datahub.i18n import Text


class Writing(Protocol):
    """The store while it is being changed. Every step may be done again after a crash: the end is the same."""

    def remove(self, graph: str, triples: bytes) -> None:
        """Removes triples (N-Triples) from a named graph; triples that are not there are passed over."""

    def add(self, graph: str, triples: bytes) -> None:
        """Adds triples (N-Triples) to a named graph."""

    def replace(self, graph: str, triples: bytes) -> None:
        """Makes a named graph hold exactly these triples (N-Triples)."""

    def clear(self) -> None:
        """Removes everything."""

    def commit(self, position: int) -> None:
        """Makes the changes last, and visible to queries, as the state of the log up to sequence number ``position``."""


class GraphStore(Protocol):
    """A SPARQL store with named graphs that follows the log up to a position."""

    def position(self) -> int:
        """The last sequence number of the log that queries see; 0 for nothing."""

    def fresh(self) -> bool:
        """Whether nothing was ever committed, or everything was cleared: the whole log is to be taken in."""

    def writing(self) -> AbstractContextManager[Writing | None]:
        """The right to change the store; None while another process has it, which then follows the log itself."""

    def query(self, request: QueryRequest) -> QueryResult:
        """Answers a read-only SPARQL query; see `graph.query.QueryPool.run` for the errors."""

    def close(self) -> None:
        """Stops the workers and closes what is open."""


def open_graph(url: str, limits: QueryLimits) -> GraphStore:
    """The store at ``url``: ``oxigraph:///folder`` is an embedded Oxigraph (four slashes for an absolute path).

    Raises InputError ``graph-url`` for any other kind of address.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "oxigraph" and rest.startswith("/") and len(rest) > 1:
        from datahub.graph.oxigraph import OxigraphStore

        return OxigraphStore(Path(rest[1:]), limits)
    raise InputError(
        "graph-url",
        Text("The graph can't be kept at {url}.", "Le graphe ne peut pas être tenu à {url}.").format(url=url),
        Text(
            "Give oxigraph:///folder in DATAHUB_GRAPH_URL; SPARQL endpoints by https are not supported in this version.",
            "Donnez oxigraph:///dossier dans DATAHUB_GRAPH_URL ; les points d'accès SPARQL en https ne sont pas encore gérés.",
        ),
    )
