"""Which triples a lowering keeps: the written tables are lifted again, and what comes out of that is sought in the input."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import polars as pl

from datahub.mapping.execution import Block, Execution
from datahub.mapping.graphtable import NOBODY, GraphTable, Marks
from datahub.mapping.inverse import Inverse
from datahub.mapping.lenses import Codes
from datahub.mapping.model import Call, Link, Template, TermMap, TriplesMap
from datahub.mapping.nodes import curie_step
from datahub.mapping.plan import Plan, Statement
from datahub.mapping.scope import Rows
from datahub.rdf.columns import Column
from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, Term
from datahub.sources.table import Table

ADDED_SCHEMA: dict[str, type[pl.DataType]] = {
    "field": pl.String,
    "count": pl.UInt32,
    "example_record": pl.String,
    "example_value": pl.String,
}
NOTE_SCHEMA: dict[str, type[pl.DataType]] = {"at": pl.UInt32, "reason": pl.String, "weight": pl.UInt8}
_CORES = 2

Refuses = Callable[[Mapping[str, pl.DataFrame]], Mapping[str, pl.Series]]
"""Findings of lifting the written tables again, by source key (their rows are lines) → the lines that the reader would leave out
for them."""


@dataclass(frozen=True, eq=False)
class Found:
    """What comes out again. ``parts``: without the lines that a reader would refuse; ``same``: the triples that come out as they
    are; ``placed``: those that do at their place, be it under another address; ``added``: what comes out that the input does not
    say (columns of `ADDED_SCHEMA`)."""

    parts: list[Part]
    same: Marks
    placed: Marks
    added: pl.DataFrame


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


def settle(plan: Plan, parts: list[Part], graph: GraphTable, base: str, codes: Codes, refuses: Refuses | None) -> Found:
    """What ``parts`` give again of ``graph``, without the lines that a reader would refuse.

    A blank node of the input is the node that comes out in its place: nothing is lost where it gets a name (RDF 1.1 Semantics,
    section 5.3: the graph with the name entails the one without).
    """
    while True:
        frame, instead = _named(plan, parts, graph, base, codes)
        tables = {part.inverse.source.key: part.table for part in parts}
        with ThreadPoolExecutor(_CORES) as pool:  # much of it works on one core
            again = _Again(GraphTable(frame), parts, instead, pool)
            findings = Execution(plan, tables, base, codes, again).run_apart()
            again.finish()
        refused = refuses(findings) if refuses is not None and any(each.height for each in findings.values()) else {}
        if not any(map(len, refused.values())):
            return Found(parts, again.same, again.placed, again.added())
        keys = [part.inverse.source.key for part in parts]
        parts = [part.without(refused[key]) if key in refused else part for key, part in zip(keys, parts, strict=True)]


class _Again:
    """Takes the triples that come out again, and marks them, a few blocks at a time in threads of ``pool``."""

    def __init__(self, graph: GraphTable, parts: list[Part], instead: pl.Series | None, pool: Executor) -> None:
        self.graph = graph
        self._pool = pool
        self._waiting: deque[Future[None]] = deque()
        self.same, self.placed = Marks(graph), Marks(graph)
        self.places: dict[str, pl.Series] = {}
        self.paths: dict[str, tuple[str, ...]] = {}
        self.maps: list[TriplesMap] = []
        for part in parts:
            for number, node in enumerate(part.inverse.nodes):
                if not node.joins and node.map.id not in self.places:
                    codes = part.rows[f"n{number}"]
                    self.places[node.map.id] = codes if instead is None else instead.gather(codes)
                    self.paths[node.map.id] = node.path
                    self.maps.append(node.map)
        self._subjects: dict[int, tuple[pl.Series, pl.Series]] = {}
        self._added: list[pl.DataFrame] = []

    def add(self, block: Block) -> None:
        """Has the triples of ``block`` marked."""
        self._waiting.append(self._pool.submit(self._take, block))
        if len(self._waiting) > 2 * _CORES:  # the columns of more blocks would fill the memory
            self._waiting.popleft().result()

    def finish(self) -> None:
        """Waits until all is marked."""
        while self._waiting:
            self._waiting.popleft().result()

    def _take(self, block: Block) -> None:
        # Most often the node that comes out is the one that was read in its place.
        subjects = self._codes(block.subject, self._place(block.statement.map, block))
        graph = block.graph
        if isinstance(graph, Term):
            graph = Column.constant(graph, len(subjects))
        graphs = None if graph is None else self.graph.graph_of(graph.lexical, graph.kind)
        if isinstance(block.predicate, Term):
            self._mark(block, subjects, block.predicate.lexical, graphs)
            return
        names = block.predicate.lexical
        for name in names.drop_nulls().unique():
            here = (names == name).fill_null(value=False)
            lexical = block.subject.lexical.zip_with(here, pl.Series([None], dtype=pl.String))
            own = replace(block, subject=replace(block.subject, text=lexical))
            self._mark(own, subjects.zip_with(here, NOBODY), name, graphs)

    def _mark(self, block: Block, subjects: pl.Series, predicate: str, graphs: pl.Series | None) -> None:
        """Marks what comes out again, as it is and at its place, and notes what is added."""
        value = block.value
        joined = isinstance(block.statement.value, Link) and bool(block.statement.value.joins)
        of_node, target, of_value = self._place(block.statement.map, block), None, None
        s = subjects if of_node is None else of_node.zip_with(of_node.is_not_null(), subjects)
        if not joined and (target := self._target(block.statement)) is not None:
            of_value = self._place(target, block)
        if isinstance(value, Term):
            objects = pl.repeat(self.graph.frame.code(value), len(subjects), dtype=pl.UInt32, eager=True)
        elif joined or target is not None:
            objects = self._codes(value, of_value)
        else:
            objects = self.graph.code_of(predicate, value, s)
        self.same.mark(subjects, predicate, objects, graphs)
        o = objects if of_value is None else of_value.zip_with(of_value.is_not_null(), objects)
        said = block.subject.lexical.is_not_null()
        if isinstance(value, Column):
            said &= value.lexical.is_not_null()
        if not (s.equals(subjects) and o.equals(objects)):
            self.placed.mark(s.zip_with(said, NOBODY), predicate, o, graphs)
        self._compare(block, s, predicate, o, said & objects.is_not_null() if joined else said)

    def _compare(self, block: Block, s: pl.Series, predicate: str, o: pl.Series, said: pl.Series) -> None:
        """Notes what the nodes ``s`` say with ``predicate``, where it is ``said``, that those in their place do not. Of what is
        joined only what there is counts: it has its place in another row."""
        triples = self.graph.quads(predicate)
        there = (self.graph.at(triples["s"], triples["o"], s) == o).fill_null(value=False)
        lines = (said & ~there).arg_true()
        if not len(lines):
            return
        value = block.value.lexical
        pairs = pl.DataFrame(
            {
                "s": s.gather(lines),
                "o": o.gather(lines),
                "record": block.subject.lexical.gather(lines),
                "value": value.gather(lines)
                if isinstance(value, pl.Series)
                else pl.Series([value]).new_from_index(0, len(lines)),
            }
        )
        new = pairs.join(triples.select("s", "o"), on=["s", "o"], how="anti").select("record", "value").unique()
        field = "/".join(curie_step(step) for step in (*self.paths.get(block.statement.map.id, ()), predicate))
        self._added.append(new.with_columns(pl.lit(field).alias("field")))

    def _place(self, m: TriplesMap, block: Block) -> pl.Series | None:
        """What was read in the place of the nodes of ``m``, on each line of ``block``."""
        codes = self.places.get(m.id)
        return None if codes is None else codes.gather(block.rows)

    def _target(self, statement: Statement) -> TriplesMap | None:
        """The triples map whose subjects the values of ``statement`` are."""
        value = statement.value
        if isinstance(value, Link):
            return next((m for m in self.maps if m.id == value.parent), None)
        if isinstance(value.expression, Template | Call) and value.type.is_iri:
            return next((m for m in self.maps if m.subject.expression == value.expression), None)
        return None

    def added(self) -> pl.DataFrame:
        """What was noted, by field."""
        if not self._added:
            return pl.DataFrame(schema=ADDED_SCHEMA)
        return (
            pl.concat(self._added)
            .unique()
            .sort("field", "record", "value")
            .group_by("field", maintain_order=True)
            .agg(
                pl.len().cast(pl.UInt32).alias("count"),
                pl.col("record").first().alias("example_record"),
                pl.col("value").first().alias("example_value"),
            )
        )

    def _codes(self, column: Column, guess: pl.Series | None) -> pl.Series:
        """The codes of the nodes ``column``, most often ``guess``; null where the input has no such node."""
        known = self._subjects.get(id(column.lexical))
        if known is None:
            known = self._subjects[id(column.lexical)] = (column.lexical, self.graph.node_code(column, guess))
        return known[1]


def _named(plan: Plan, parts: list[Part], graph: GraphTable, base: str, codes: Codes) -> tuple[Frame, pl.Series | None]:
    """The frame with the blank nodes of the input called by the first node that comes out in their place, others by a name that
    nothing has; and the code that stands for each, where there are any."""
    frame = graph.frame
    blank = frame.terms["kind"] == BLANK
    if not blank.any():
        return frame, None
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
    return Frame(terms, triples), first
