"""Joins of two large files: each of their rows gives its half of a line, and Spark's shuffle joins the halves of equal values.

The half of a child is what stands before and after the object, that of a parent is the object. Both are made by the tasks that
lift the rows, with the same plan; neither file is held anywhere as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dict
from typing import TYPE_CHECKING

import polars as pl

from datahub.mapping.execution import Execution, Sink
from datahub.mapping.lenses import Codes
from datahub.mapping.model import Link
from datahub.mapping.plan import Plan, Statement
from datahub.mapping.scope import Rows, Scope
from datahub.rdf.columns import Column, escaped, framed
from datahub.rdf.terms import LITERAL, Term
from datahub.sources.table import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Pairs = frozenset[tuple[str, str]]
"""Joins by the keys of their child and their parent source."""
CHILD = "`statement` int, `on` string, `before` string, `after` string"
PARENT = "`statement` int, `on` string, `object` string"
"""The columns of halves in Spark's terms. ``on``: the values that are joined, as one text."""


class Apart(Execution):
    """An execution that leaves out the joins of ``pairs``, of which it gives the halves instead."""

    def __init__(
        self,
        pairs: Pairs,
        plan: Plan,
        tables: Dict[str, Table],
        base: str,
        codes: Codes,
        sink: Sink,
        starts: Dict[str, int],
    ) -> None:
        super().__init__(plan, tables, base, codes, sink, starts)
        self.pairs = pairs

    def join(self, rows: Rows, statement: Statement, link: Link) -> None:
        """Nothing for the joins of ``pairs``; all others as ever."""
        if _pair(self.plan, statement, link) not in self.pairs:
            super().join(rows, statement, link)

    def children(self, key: str, *, graphs: bool) -> Iterator[pl.Series]:
        """The halves of children that the rows of the source ``key`` give, as JSON of the columns `CHILD`."""
        for number, statement, link in _joins(self.plan, self.pairs):
            if self.plan.key(statement.map) == key:
                yield from self._child(number, statement, link, graphs)

    def parents(self, key: str) -> Iterator[pl.Series]:
        """The halves of parents that the rows of the source ``key`` give, as JSON of the columns `PARENT`."""
        for number, _, link in _joins(self.plan, self.pairs):
            parent, rows = self.plan.mapping.map(link.parent), self.rows[key]
            if self.plan.key(parent) == key:
                scope = rows.scope(rows.leaves(*parent.subject.expressions(), *(join.parent for join in link.joins)))
                on = _on([scope.value(join.parent) for join in link.joins])
                for term in self.terms(scope, parent.subject, parent):
                    yield _json(number, {"on": on, "object": _text(term, scope)})

    def _child(self, number: int, statement: Statement, link: Link, graphs: bool) -> Iterator[pl.Series]:
        m, rows = statement.map, self.rows[self.plan.key(statement.map)]
        maps = (m.subject, statement.predicate, *statement.graphs)
        expressions = [expression for term_map in maps for expression in term_map.expressions()]
        scope = rows.scope(rows.leaves(*expressions, *(join.child for join in link.joins), statement.condition))
        on = _on([scope.value(join.child) for join in link.joins])
        if statement.condition is not None:
            holds = (scope.value(statement.condition) == "true").fill_null(value=False)
            on = on.zip_with(holds, pl.Series([None], dtype=pl.String))
        for graph in self.graphs(scope, statement.graphs, m):
            named = graph is not None and graphs
            after = " " + _text(graph, scope) + " ." if named and graph is not None else _repeated(" .", scope)
            for subject in self.terms(scope, m.subject, m):
                for predicate in self.terms(scope, statement.predicate, m):
                    before = _text(subject, scope) + " " + _text(predicate, scope) + " "
                    yield _json(number, {"on": on, "before": before, "after": after})


def joined(children: DataFrame, parents: DataFrame) -> DataFrame:
    """The lines of the halves that have the same values, by Spark's own join."""
    from pyspark.sql import functions as F  # noqa: N812

    return children.join(parents, ["statement", "on"]).select(F.concat("before", "object", "after").alias("value"))


def _joins(plan: Plan, pairs: Pairs) -> Iterator[tuple[int, Statement, Link]]:
    """The statements that join ``pairs``, with their numbers, which are the same in every task."""
    for number, statement in enumerate(plan.statements):
        link = statement.value
        if isinstance(link, Link) and link.joins and _pair(plan, statement, link) in pairs:
            yield number, statement, link


def _pair(plan: Plan, statement: Statement, link: Link) -> tuple[str, str]:
    return plan.key(statement.map), plan.key(plan.mapping.map(link.parent))


def _on(values: Sequence[pl.Series]) -> pl.Series:
    """``values`` as one text that tells all of them apart; null where one is, which joins with nothing."""
    frame = pl.DataFrame({str(number): value for number, value in enumerate(values)})
    parts = [
        part
        for name in frame.columns
        for part in (pl.col(name).str.len_bytes().cast(pl.String), pl.lit(":"), pl.col(name))
    ]
    return frame.select(pl.concat_str(parts)).to_series()


def _text(term: Column | Term, scope: Scope) -> pl.Series:
    """``term`` in N-Triples on each line of ``scope``."""
    column = Column.constant(term, scope.height) if isinstance(term, Term) else term
    before, after = framed(column)
    body = escaped(pl.col("t")) if column.kind == LITERAL else pl.col("t")
    return pl.DataFrame({"t": column.lexical}).select(pl.concat_str(pl.lit(before), body, pl.lit(after))).to_series()


def _repeated(text: str, scope: Scope) -> pl.Series:
    return pl.repeat(text, scope.height, dtype=pl.String, eager=True)


def _json(number: int, columns: dict[str, pl.Series]) -> pl.Series:
    """One JSON object to a row, without those that lack something."""
    frame = pl.DataFrame(columns).drop_nulls().with_columns(pl.lit(number, pl.Int32).alias("statement"))
    return frame.select(pl.struct(pl.all()).struct.json_encode()).to_series()
