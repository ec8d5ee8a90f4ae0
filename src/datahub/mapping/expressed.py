"""Which triples a lowering keeps: the written tables are lifted again, and what comes out of that is sought in the input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from datahub.mapping.execution import Block, Execution
from datahub.mapping.graphtable import GraphTable
from datahub.mapping.inverse import Inverse
from datahub.mapping.lenses import Codes
from datahub.mapping.model import TermMap
from datahub.mapping.plan import Plan
from datahub.mapping.scope import Rows
from datahub.rdf.frame import Column, Frame
from datahub.rdf.terms import BLANK, Term
from datahub.sources.table import Table

NOTE_SCHEMA: dict[str, type[pl.DataType]] = {"at": pl.UInt32, "reason": pl.String, "weight": pl.UInt8}

Refuses = Callable[[pl.DataFrame], pl.Series]
"""Findings of lifting the written tables again (their rows are lines) → the lines that the reader would leave out for them."""


@dataclass(frozen=True, eq=False)
class Part:
    """One source lowered: its inverse plan, the nodes of each row, the table that a reader finds in what was written (its rows are
    positions among these), and the notes of its readers."""

    inverse: Inverse
    rows: pl.DataFrame
    table: Table
    notes: pl.LazyFrame

    def without(self, lines: pl.Series) -> Part:
        """The part without ``lines``, which a reader would refuse."""
        keep = ~self.table.rows.is_in(lines.implode())
        table = replace(self.table, columns=self.table.columns.filter(keep), rows=self.table.rows.filter(keep))
        return replace(self, table=table)

    def lines(self) -> Table:
        """The table with a line for each of the rows, empty where a reader finds nothing."""
        numbers = pl.arange(0, self.rows.height, dtype=pl.UInt32, eager=True)
        if len(self.table) == self.rows.height:
            return self.table
        found = self.table.columns.with_columns(self.table.rows.alias("\0row"))
        columns = numbers.alias("\0row").to_frame().join(found, on="\0row", how="left", maintain_order="left")
        return replace(self.table, columns=columns.drop("\0row"), rows=numbers)


def settle(
    plan: Plan, parts: list[Part], graph: GraphTable, base: str, codes: Codes, refuses: Mapping[str, Refuses]
) -> tuple[list[Part], GraphTable]:
    """``parts`` without the lines that a reader would refuse, and the table on which everything that they give again is marked.

    A blank node of the input is the node that comes out in its place: nothing is lost where it gets a name (RDF 1.1 Semantics,
    section 5.3: the graph with the name entails the one without).
    """
    while True:
        named = GraphTable(_named(plan, parts, graph, base, codes))
        again = _Again(named, {part.inverse.source.key: part for part in parts})
        tables = {part.inverse.source.key: part.table for part in parts}
        findings = pl.concat(Execution(plan, tables, base, codes, again).run())
        refused = {key: refuse(findings) for key, refuse in refuses.items()} if findings.height else {}
        if not any(map(len, refused.values())):
            return parts, named
        keys = [part.inverse.source.key for part in parts]
        parts = [part.without(refused[key]) if key in refused else part for key, part in zip(keys, parts, strict=True)]


class _Again:
    """Takes the triples that come out again, and marks them."""

    def __init__(self, graph: GraphTable, parts: Mapping[str, Part]) -> None:
        self.graph = graph
        self.places = {
            node.map.id: (part.rows[f"n{number}"], part)
            for part in parts.values()
            for number, node in reversed(list(enumerate(part.inverse.nodes)))
            if not node.joins
        }
        self._subjects: dict[int, tuple[pl.Series, pl.Series]] = {}

    def add(self, block: Block) -> None:
        """Marks the triples of ``block``."""
        subjects = self._codes(block.subject, block)
        graph = block.graph
        if isinstance(graph, Term):
            graph = Column.constant(graph, len(subjects))
        graphs = None if graph is None else self.graph.graph_of(graph.lexical, graph.kind)
        if isinstance(block.predicate, Term):
            self._mark(subjects, block.predicate.lexical, block.value, graphs)
            return
        names = block.predicate.lexical
        for name in names.drop_nulls().unique():
            own = pl.select(pl.when(pl.lit(names == name)).then(pl.lit(subjects))).to_series()
            self._mark(own, name, block.value, graphs)

    def _mark(self, subjects: pl.Series, predicate: str, value: Column | Term, graphs: pl.Series | None) -> None:
        if isinstance(value, Term):
            code = self.graph.frame.code(value)
            if code is None:
                return
            objects = pl.repeat(code, len(subjects), dtype=pl.UInt32, eager=True)
        else:
            objects = self.graph.code_of(predicate, value, subjects)
        self.graph.mark(subjects, predicate, objects, graphs)

    def _codes(self, column: Column, block: Block) -> pl.Series:
        """The codes of the subjects ``column``; null where the input has no such node."""
        known = self._subjects.get(id(column.lexical))
        if known is None:
            # Most often the node that comes out is the one that was read in its place.
            place, _ = self.places.get(block.statement.map.id, (None, None))
            guess = place.gather(block.rows) if place is not None else None
            known = self._subjects[id(column.lexical)] = (column.lexical, self.graph.node_code(column, guess))
        return known[1]


def _named(plan: Plan, parts: list[Part], graph: GraphTable, base: str, codes: Codes) -> Frame:
    """The frame with the blank nodes of the input called by the first node that comes out in their place; others by a name that
    nothing has."""
    frame = graph.frame
    blank = frame.terms["kind"] == BLANK
    if not blank.any():
        return frame
    found = [pl.DataFrame(schema={"code": pl.UInt32, "kind": pl.UInt8, "lexical": pl.String})]
    for part in parts:
        rows = Rows(part.table, plan, codes)
        scope = rows.scope(frozenset())
        for number, node in enumerate(part.inverse.nodes):
            subject: TermMap = node.map.subject
            if node.joins or rows.leaves(*subject.expressions()) or not rows.height:
                continue
            place = part.rows[f"n{number}"].gather(part.table.rows)
            [minted, *_] = scope.term(subject, node.map.base or base, node.map.id)
            column = minted if isinstance(minted, Column) else Column.constant(minted, rows.height)
            named = pl.DataFrame({"code": place, "lexical": column.lexical}).drop_nulls()
            named = named.filter(blank.gather(named["code"]))
            found.append(named.select("code", pl.lit(column.kind, pl.UInt8).alias("kind"), "lexical"))
    names = pl.concat(found).unique("code", keep="first", maintain_order=True)
    numbered = frame.terms.with_row_index("code").with_columns(pl.col("code").cast(pl.UInt32))
    nobody = pl.when(pl.col("kind") == BLANK).then(pl.concat_str([pl.lit("\0"), "lexical"])).otherwise("lexical")
    terms = (
        numbered.with_columns(nobody)
        .join(names, on="code", how="left", maintain_order="left")
        .select(
            pl.coalesce("kind_right", "kind").alias("kind"),
            pl.coalesce("lexical_right", "lexical").alias("lexical"),
            "datatype",
            "language",
        )
    )
    # Two nodes may get one name, and the name of a third: they are one term now.
    first = terms.with_row_index("code").select(
        pl.col("code").first().over("kind", "lexical", "datatype", "language").cast(pl.UInt32)
    )["code"]
    triples = frame.triples.with_columns(first.gather(frame.triples[name]).alias(name) for name in ("s", "o"))
    return Frame(terms, triples)
