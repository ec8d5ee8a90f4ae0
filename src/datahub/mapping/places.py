"""Which nodes of a lowering come out again under another address, and which no row brings out; and what a lift of the written
tables does not show: joins with nodes of other addresses, and what is only written.

The lowered cells are evaluated forwards again. It is asked only where something is lost (`expressed` tells what).
"""

from __future__ import annotations

import polars as pl

from datahub.mapping.graphtable import NOBODY, GraphTable, Marks
from datahub.mapping.inverse import Inverse
from datahub.mapping.model import DEFAULT_GRAPHS, Expression, PredicateObjectMap, TermMap, TriplesMap
from datahub.mapping.nodes import Node, constant
from datahub.mapping.plan import Plan
from datahub.mapping.scope import Rows, Scope
from datahub.rdf.columns import Column
from datahub.rdf.terms import BLANK, Term


class Forward:
    """Evaluates the mapping over the lowered cells of one source and marks what comes out again."""

    def __init__(
        self, plan: Plan, inverse: Inverse, rows: pl.DataFrame, cells: Rows, graph: GraphTable, base: str
    ) -> None:
        self.plan, self.inverse, self.rows, self.cells, self.graph, self.base = plan, inverse, rows, cells, graph, base
        self.others: list[Forward] = []
        self.marks = Marks(graph)
        self._codes: dict[int, pl.Series] = {}
        self._subjects: dict[int, Column | Term] = {}
        self.nodes = {
            node.map.id: number for number, node in reversed(list(enumerate(inverse.nodes))) if not node.joins
        }

    def node(self, scope: Scope, number: int) -> pl.Series:
        """The code of node ``number`` on each line of ``scope``; null where the cells make no such node: a column of its name is
        empty, or its condition does not hold."""
        if number not in self._codes:
            codes = self.rows[f"n{number}"]
            subject = self.inverse.nodes[number].map.subject
            if not self.cells.leaves(*subject.expressions()):
                minted = self._minted(number)
                if isinstance(minted, Column):
                    codes = codes.zip_with(minted.lexical.is_not_null(), NOBODY)
            self._codes[number] = codes
        codes = self._codes[number]
        return codes if scope.index is None else codes.gather(scope.index)

    def _minted(self, number: int) -> Column | Term:
        """The subjects that the cells give node ``number``, row by row."""
        if number not in self._subjects:
            node = self.inverse.nodes[number].map
            minted = self.cells.scope(frozenset()).term(node.subject, node.base or self.base, node.id)
            self._subjects[number] = minted[0]
        return self._subjects[number]

    def mark(self) -> None:
        """Marks what no lift of the cells shows at its place: joins with nodes of other addresses, and what is only written."""
        plain = self.cells.scope(frozenset())
        for number, node in enumerate(self.inverse.nodes):
            if node.joins:
                self._mark_join(plain, node)
                continue
            for pom in node.map.properties:
                for value in pom.objects if pom.written_only else ():
                    for predicate in map(constant, pom.predicates):
                        if isinstance(value, TermMap) and predicate is not None:
                            scope = self._scope(node.map, pom, *value.expressions(), pom.condition)
                            subjects = _where(self.node(scope, number), scope, pom.condition)
                            graphs = self._graphs(scope, node.map, pom)
                            for term in scope.term(value, node.map.base or self.base, node.map.id):
                                self._mark_term(subjects, predicate, term, graphs)

    def _scope(self, m: TriplesMap, pom: PredicateObjectMap | None, *expressions: Expression | None) -> Scope:
        """The scope of ``expressions`` and of the graphs that their triples stand in."""
        graphs = (*m.graphs, *(pom.graphs if pom else ()))
        return self.cells.scope(self.cells.leaves(*expressions, *(e for g in graphs for e in g.expressions())))

    def _graphs(self, scope: Scope, m: TriplesMap, pom: PredicateObjectMap | None = None) -> list[pl.Series | None]:
        """The codes of each graph that triples come out in, by line; None for the default graph."""
        found: list[pl.Series | None] = []
        for graph in (*m.graphs, *(pom.graphs if pom else ())):
            for term in scope.term(graph, m.base or self.base, m.id):
                if isinstance(term, Term) and term.lexical in DEFAULT_GRAPHS:
                    found.append(None)
                    continue
                column = Column.constant(term, scope.height) if isinstance(term, Term) else term
                found.append(self.graph.graph_of(column.lexical, column.kind))
        return found or [None]

    def _mark_join(self, scope: Scope, node: Node) -> None:
        """Joins the lowered cells of both sources again."""
        other = next((f for f in self.others if node.map.id in f.nodes), None)
        if other is None or node.parent is None or node.predicate is None:
            return
        assert node.edge is not None
        conditions = node.edge.conditions
        child, m = self.inverse.nodes[node.parent].map, node.edge.pom
        if self.cells.leaves(*conditions) or self._scope(child, m).leaves:
            return
        if any(self.cells.leaves(join.child) or other.cells.leaves(join.parent) for join in node.joins):
            return
        parents = other.cells.scope(frozenset())
        on = [str(number) for number in range(len(node.joins))]
        left = pl.DataFrame({name: scope.value(join.child) for name, join in zip(on, node.joins, strict=True)})
        right = pl.DataFrame({name: parents.value(join.parent) for name, join in zip(on, node.joins, strict=True)})
        for number, graph in enumerate(graphs := self._graphs(scope, child, m)):
            if graph is not None:
                left = left.with_columns(graph.alias(f"g{number}"))
        left = left.with_columns(_where(self.node(scope, node.parent), scope, *conditions).alias("child"))
        right = right.with_columns(other.node(parents, other.nodes[node.map.id]).alias("parent")).unique()
        pairs = left.join(right, on=on, how="inner")
        for number, graph in enumerate(graphs):
            self.marks.mark(
                pairs["child"], node.predicate, pairs["parent"], None if graph is None else pairs[f"g{number}"]
            )

    def _mark_term(
        self, subjects: pl.Series, predicate: str, term: Column | Term, graphs: list[pl.Series | None]
    ) -> None:
        if isinstance(term, Term):
            code = self.graph.frame.code(term)
            if code is not None:
                objects = pl.repeat(code, len(subjects), dtype=pl.UInt32, eager=True)
                for graph in graphs:
                    self.marks.mark(subjects, predicate, objects, graph)
            return
        objects = self.graph.code_of(predicate, term, subjects)
        for graph in graphs:
            self.marks.mark(subjects, predicate, objects, graph)

    def withheld(self) -> pl.Series:
        """The nodes that no row brings out again: a cell that their name or their condition needs is empty."""
        scope = self.cells.scope(frozenset())
        found = [pl.Series([], dtype=pl.UInt32)]
        for number, node in enumerate(self.inverse.nodes):
            if not node.joins:
                all_codes, held = self.rows[f"n{number}"].drop_nulls(), self.node(scope, number).drop_nulls()
                found.append(all_codes.filter(~all_codes.is_in(held.implode())))
        return pl.concat(found)

    def renamed(self) -> pl.Series:
        """The nodes that come out again under another address. A blank node that gets one is not meant: it had none."""
        found = [pl.Series([], dtype=pl.UInt32)]
        lexical, kinds = self.graph.terms["lexical"], self.graph.terms["kind"]
        for number, node in enumerate(self.inverse.nodes):
            if node.joins or self.cells.leaves(*node.map.subject.expressions()):
                continue
            minted = self._minted(number)
            again = minted if isinstance(minted, Column) else Column.constant(minted, self.rows.height)
            codes = self.node(self.cells.scope(frozenset()), number)
            same = (lexical.gather(codes) == again.lexical) & (kinds.gather(codes) == again.kind)
            found.append(codes.filter(~same.fill_null(value=False) & (kinds.gather(codes) != BLANK)).drop_nulls())
        return pl.concat(found).unique()


def _where(codes: pl.Series, scope: Scope, *conditions: Expression | None) -> pl.Series:
    """``codes`` on the lines of ``scope`` on which all ``conditions`` hold, null elsewhere."""
    for condition in conditions:
        if condition is not None:
            codes = codes.zip_with((scope.value(condition) == "true").fill_null(value=False), NOBODY)
    return codes
