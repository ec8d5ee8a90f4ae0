"""Which triples a lowering keeps: the lowered cells are evaluated forwards again with the mapping's own lenses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from datahub.mapping.graphtable import GraphTable
from datahub.mapping.inverse import Inverse, Node, classes, constant, edges
from datahub.mapping.model import TermMap, TriplesMap
from datahub.mapping.plan import Plan
from datahub.mapping.scope import Rows, Scope
from datahub.rdf.frame import Column
from datahub.rdf.terms import IRI, LANG_STRING, LITERAL, RDF_TYPE, XSD_STRING, Term

NOTE_SCHEMA: dict[str, type[pl.DataType]] = {"at": pl.UInt32, "reason": pl.String, "weight": pl.UInt8}


@dataclass(frozen=True, eq=False)
class Part:
    """One source lowered: its inverse plan, the nodes of each row, its cells with the datatypes of typed columns (JSON), and the
    notes of its readers."""

    inverse: Inverse
    rows: pl.DataFrame
    cells: pl.DataFrame
    types: Mapping[str, str]
    notes: pl.DataFrame


class Forward:
    """Evaluates the mapping over the lowered cells of one source and marks what comes out again."""

    def __init__(
        self, plan: Plan, inverse: Inverse, rows: pl.DataFrame, cells: Rows, graph: GraphTable, base: str
    ) -> None:
        self.plan, self.inverse, self.rows, self.cells, self.graph, self.base = plan, inverse, rows, cells, graph, base
        self.others: list[Forward] = []
        self.nodes = {
            node.map.id: number for number, node in reversed(list(enumerate(inverse.nodes))) if not node.joins
        }

    def node(self, scope: Scope, number: int) -> pl.Series:
        """The code of node ``number`` on each line of ``scope``; null where its condition does not hold."""
        codes = self.rows[f"n{number}"]
        condition = self.inverse.nodes[number].map.subject.condition
        if condition is not None and not self.cells.leaves(condition):
            holds = self.cells.scope(frozenset()).value(condition) == "true"
            codes = codes.zip_with(holds.fill_null(value=False), pl.Series([None], dtype=pl.UInt32))
        return codes if scope.index is None else codes.gather(scope.index)

    def mark(self) -> None:
        plain = self.cells.scope(frozenset())
        for number, node in enumerate(self.inverse.nodes):
            if node.joins:
                self._mark_join(plain, node)
                continue
            self._mark_classes(plain, number, node.map)
            self._mark_links(plain, number, node.map)
            for pom in node.map.properties:
                for value in pom.objects:
                    for predicate in map(constant, pom.predicates):
                        if isinstance(value, TermMap) and predicate is not None:
                            scope = self.cells.scope(self.cells.leaves(*value.expressions(), pom.condition))
                            subjects = self.node(scope, number)
                            if pom.condition is not None:
                                holds = (scope.value(pom.condition) == "true").fill_null(value=False)
                                subjects = subjects.zip_with(holds, pl.Series([None], dtype=pl.UInt32))
                            for term in scope.term(value, node.map.base or self.base, node.map.id):
                                self._mark_term(subjects, predicate, term)

    def _mark_join(self, scope: Scope, node: Node) -> None:
        """Joins the lowered cells of both sources again."""
        other = next((f for f in self.others if node.map.id in f.nodes), None)
        if other is None or node.parent is None or node.predicate is None:
            return
        if any(self.cells.leaves(join.child) or other.cells.leaves(join.parent) for join in node.joins):
            return
        parents = other.cells.scope(frozenset())
        on = [str(number) for number in range(len(node.joins))]
        left = pl.DataFrame({name: scope.value(join.child) for name, join in zip(on, node.joins, strict=True)})
        right = pl.DataFrame({name: parents.value(join.parent) for name, join in zip(on, node.joins, strict=True)})
        left = left.with_columns(self.node(scope, node.parent).alias("child"))
        right = right.with_columns(other.node(parents, other.nodes[node.map.id]).alias("parent")).unique()
        pairs = left.join(right, on=on, how="inner")
        self.graph.mark(pairs["child"], node.predicate, pairs["parent"])

    def _mark_classes(self, scope: Scope, number: int, m: TriplesMap) -> None:
        for name in m.classes:
            self._mark_term(self.node(scope, number), RDF_TYPE, Term.iri(name))

    def _mark_links(self, scope: Scope, number: int, m: TriplesMap) -> None:
        for predicate, target, link in edges(self.plan, m):
            if not link.joins and target.id in self.nodes:
                subjects, objects = self.node(scope, number), self.node(scope, self.nodes[target.id])
                self.graph.mark(subjects, predicate, objects)

    def _mark_term(self, subjects: pl.Series, predicate: str, term: Column | Term) -> None:
        if isinstance(term, Term):
            code = self.graph.frame.code(term)
            if code is not None:
                self.graph.mark(subjects, predicate, pl.repeat(code, len(subjects), dtype=pl.UInt32, eager=True))
            return
        language = term.language.lower() if term.language else None
        datatype = None if term.kind != LITERAL else LANG_STRING if language else term.datatype or XSD_STRING
        objects = self.graph.code_of(predicate, term.lexical, term.kind, datatype, language)
        self.graph.mark(subjects, predicate, objects)

    def withheld(self) -> pl.Series:
        """The nodes that no row brings out again, since the condition of their subject does not hold there."""
        scope = self.cells.scope(frozenset())
        found = [pl.Series([], dtype=pl.UInt32)]
        for number, node in enumerate(self.inverse.nodes):
            if node.map.subject.condition is not None and not node.joins:
                all_codes, held = self.rows[f"n{number}"].drop_nulls(), self.node(scope, number).drop_nulls()
                found.append(all_codes.filter(~all_codes.is_in(held.implode())))
        return pl.concat(found)

    def identifiers(self) -> pl.Series:
        """The positions of the class triples of nodes whose own IRI would not come out again.

        Nodes below a record (a fragment of its IRI, a blank node) are told by where they stand, not by their IRI.
        """
        found = []
        scope = self.cells.scope(frozenset())
        lexical, kinds = self.graph.terms["lexical"], self.graph.terms["kind"]
        for number, node in enumerate(self.inverse.nodes):
            names = classes(node.map)
            subject = node.map.subject
            if node.joins or not names or self.cells.leaves(*subject.expressions()):
                continue
            minted = scope.term(subject, node.map.base or self.base, node.map.id)[0]
            again = (
                minted.lexical
                if isinstance(minted, Column)
                else pl.repeat(minted.lexical, self.rows.height, dtype=pl.String, eager=True)
            )
            codes = self.node(scope, number)
            table = pl.DataFrame(
                {"s": codes, "old": lexical.gather(codes), "kind": kinds.gather(codes), "new": again}
            ).drop_nulls("s")
            own = (
                (pl.col("kind") == IRI) & ~pl.col("old").str.contains("#", literal=True)
                if number
                else pl.lit(value=True)
            )
            changed = table.filter(pl.col("new").is_null() | (own & (pl.col("old") != pl.col("new"))))["s"].unique()
            kind = self.graph.frame.iri(names[0])
            if kind is not None:
                types = self.graph.triples(RDF_TYPE).filter(pl.col("o") == kind)
                found.append(types.filter(pl.col("s").is_in(changed.implode()))["at"])
        return pl.concat(found) if found else pl.Series([], dtype=pl.UInt32)
