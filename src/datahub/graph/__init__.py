"""The SPARQL projection: a store that follows the log, and read-only queries that can always be stopped."""

from datahub.graph.query import QueryLimits, QueryPool, QueryRequest, QueryResult
from datahub.graph.store import GraphStore, open_graph

__all__ = ["GraphStore", "QueryLimits", "QueryPool", "QueryRequest", "QueryResult", "open_graph"]
