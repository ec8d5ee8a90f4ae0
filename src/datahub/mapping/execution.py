"""Runs a plan over tables: hands the triples, in columns, to a sink, with findings for the cells that no lens could read."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dict
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

import polars as pl

from datahub.errors import InputError
from datahub.findings import conform, findings
from datahub.i18n import Text
from datahub.mapping.lenses import Codes
from datahub.mapping.model import DEFAULT_GRAPHS, Call, Link, Template, TermMap, TermType, TriplesMap
from datahub.mapping.plan import Plan, Statement, calls_in, term_maps
from datahub.mapping.scope import Failure, Rows, Scope, check_size
from datahub.rdf.columns import Column
from datahub.rdf.terms import Term
from datahub.sources.table import Table

_BAD_IRI = Text("“{value}” can't be an IRI.", "« {value} » ne peut pas être un IRI.")
_FIX_IRI = Text("Give a full web address without spaces.", "Donnez une adresse web complète, sans espaces.")
_MISSING = Text("The column “{value}” is missing.", "La colonne « {value} » est absente.")


@dataclass(frozen=True, eq=False)
class Block:
    """The triples of one ``statement`` over one scope: one per position where subject, predicate, object and graph (when given)
    are present. ``rows``: the source row of each position. ``single``: asks whether no triple is in it twice, nor in another
    block of the same tables."""

    statement: Statement
    subject: Column
    predicate: Column | Term
    value: Column | Term
    graph: Column | Term | None
    rows: pl.Series
    single: Callable[[], bool]


class Sink(Protocol):
    """What takes the triples of a mapping."""

    def add(self, block: Block) -> None:
        """Takes the triples of ``block``."""


class Execution:
    """A plan over the tables of its sources; ``run`` hands all triples to ``sink`` and gives the findings.

    ``starts``: by source key, how many lines came before those of a table that is one batch of its source.
    """

    def __init__(
        self,
        plan: Plan,
        tables: Dict[str, Table],
        base: str,
        codes: Codes,
        sink: Sink,
        starts: Dict[str, int] = MappingProxyType({}),
    ) -> None:
        self.plan = plan
        self.base = base
        self.sink = sink
        self.notes: list[pl.DataFrame] = []
        self.rows: dict[str, Rows] = {}
        for source in plan.sources:
            table = tables.get(source.key)
            if table is None:
                continue
            missing = [name for name in source.references if name not in table.columns.columns]
            if missing:
                empty = [pl.lit(None, pl.String).alias(name) for name in missing]
                table = replace(table, columns=table.columns.with_columns(empty))
                self.notes.append(self._placed(_missing(missing), source.key))
            if not source.source.typed:
                table = replace(table, types={}, mixed={})
            self.notes.append(self._placed(table.findings, source.key))
            self.rows[source.key] = Rows(table, plan, codes, starts.get(source.key, 0))
        if not self.rows:
            raise InputError(
                "sources-missing",
                Text(
                    f"None of the expected files is there: {', '.join(s.name for s in plan.sources)}.",
                    f"Aucun des fichiers attendus n'est là : {', '.join(s.name for s in plan.sources)}.",
                ),
            )

    def _placed(self, notes: pl.DataFrame, key: str) -> pl.DataFrame:
        """``notes`` with the file that their rows are in, where the mapping reads several."""
        files = {source.key: source.name for source in self.plan.sources}
        if len(set(files.values())) < 2 or notes.is_empty():
            return notes
        return notes.with_columns(pl.lit(files[key]).alias("file"))

    def run(self, only: str | None = None) -> list[pl.DataFrame]:
        """Hands on all triples; gives the findings. ``only``: the key of the source that is lifted; joins look into the others."""
        for key, rows in self.rows.items():
            if only not in (None, key):
                continue
            self.prepare([m for m in self.plan.mapping.maps if self.plan.key(m) == key], rows)
        for statement in self.plan.statements:
            rows_of = self.rows.get(self.plan.key(statement.map))
            if rows_of is None or not rows_of.height or only not in (None, self.plan.key(statement.map)):
                continue
            if isinstance(statement.value, Link) and statement.value.joins:
                self.join(rows_of, statement, statement.value)
            else:
                self.add(rows_of, statement, statement.value)
        for source, root in zip(self.plan.sources, self.plan.roots, strict=True):
            if source.key in self.rows and only in (None, source.key):
                self.notes += [self._placed(n, source.key) for n in self.failures(self.rows[source.key], root)]
        return self.notes

    def close(self) -> None:
        """Frees the columns of the tables, once nothing more is asked of their triples."""
        for rows in self.rows.values():
            rows.close()

    def run_apart(self) -> dict[str, pl.DataFrame]:
        """As `run`, with the findings of each source by its key."""
        found = {}
        for key in self.rows:
            told = len(self.notes)
            found[key] = pl.concat([findings(), *self.run(key)[told:]])
        return found

    def prepare(self, maps: list[TriplesMap], rows: Rows) -> None:
        """Evaluates the functions of ``maps`` together, so that they run on all cores."""
        calls: list[Call] = []
        columns: list[tuple[str, bool]] = []
        for m in maps:
            for _, term_map in term_maps(m):
                calls += [expression for expression in term_map.expressions() if isinstance(expression, Call)]
                if isinstance(term_map.expression, Template) and term_map.type in (TermType.IRI, TermType.URI):
                    strict = term_map.type is TermType.URI
                    columns += [(part.name, strict) for part in term_map.expression.references]
        rows.prepare(calls, columns)

    def add(self, rows: Rows, statement: Statement, value: TermMap | Link) -> None:
        """Adds the triples of one subject, predicate and object map of the same row in all graphs."""
        m = statement.map
        parent = self.plan.mapping.map(value.parent) if isinstance(value, Link) else m
        target = parent.subject if isinstance(value, Link) else value
        involved = (m.subject, statement.predicate, *statement.graphs, target)
        expressions = [expression for term_map in involved for expression in term_map.expressions()]
        scope = rows.scope(rows.leaves(*expressions, statement.condition))
        subjects = self.terms(scope, m.subject, m)
        predicates = self.terms(scope, statement.predicate, m)
        objects = self.terms(scope, target, parent)
        keep = None if statement.condition is None else scope.value(statement.condition) == "true"
        alone = statement in self.plan.single and len(subjects) == len(predicates) == 1

        def single() -> bool:
            return alone and scope.distinct(m.subject, m.base or self.base, m.id)

        for graph in self.graphs(scope, statement.graphs, m):
            for subject in subjects:
                column = _column(subject, scope.height, keep)
                for p in predicates:
                    for o in objects:
                        self.sink.add(Block(statement, column, p, o, graph, scope.numbers, single))

    def terms(self, scope: Scope, term_map: TermMap, m: TriplesMap) -> list[Column | Term]:
        return scope.term(term_map, m.base or self.base, m.id)

    def graphs(self, scope: Scope, graphs: tuple[TermMap, ...], m: TriplesMap) -> list[Column | Term | None]:
        """The graphs of a triple: the default one where no graph map is given."""
        found: list[Column | Term | None] = []
        for graph in graphs:
            for term in self.terms(scope, graph, m):
                found.append(None if isinstance(term, Term) and term.lexical in DEFAULT_GRAPHS else term)
        return found or [None]

    def join(self, rows: Rows, statement: Statement, link: Link) -> None:
        """Adds the triples of a referencing object map with join conditions: an inner join of both sources' keys."""
        m, predicate, graphs = statement.map, statement.predicate, statement.graphs
        parent = self.plan.mapping.map(link.parent)
        other = self.rows.get(self.plan.key(parent))
        if other is None or not other.height:
            return
        involved = [*m.subject.expressions(), *predicate.expressions(), *(e for g in graphs for e in g.expressions())]
        child_scope = rows.scope(rows.leaves(*involved, *(join.child for join in link.joins), statement.condition))
        parent_scope = other.scope(other.leaves(*parent.subject.expressions(), *(join.parent for join in link.joins)))
        on = [str(number) for number in range(len(link.joins))]
        left = pl.DataFrame({n: child_scope.value(j.child) for n, j in zip(on, link.joins, strict=True)})
        right = pl.DataFrame({n: parent_scope.value(j.parent) for n, j in zip(on, link.joins, strict=True)})
        sizes = left.group_by(on).len().join(right.group_by(on).len("other"), on=on)
        check_size(int((sizes["len"].cast(pl.UInt64) * sizes["other"]).sum()), f"{m.name} {link}")
        pairs = left.with_row_index("child").join(right.with_row_index("parent"), on=on, how="inner")
        keep = None if statement.condition is None else child_scope.value(statement.condition) == "true"
        numbers = child_scope.numbers.gather(pairs["child"])
        for graph in self.graphs(child_scope, graphs, m):
            for subject in self.terms(child_scope, m.subject, m):
                column = _pick(_column(subject, child_scope.height, keep), pairs["child"])
                for p in self.terms(child_scope, predicate, m):
                    for o in self.terms(parent_scope, parent.subject, parent):
                        block = Block(
                            statement,
                            column,
                            _gather(p, pairs["child"]),
                            _gather(o, pairs["parent"]),
                            None if graph is None else _gather(graph, pairs["child"]),
                            numbers,
                            _never,
                        )
                        self.sink.add(block)

    def failures(self, rows: Rows, root: TriplesMap) -> list[pl.DataFrame]:
        """The findings of the cells that could not be read, with the record that they belong to."""
        if not rows.failures:
            return []
        scope = rows.scope(frozenset())
        subject = (
            _column(self.terms(scope, root.subject, root)[0], rows.height, None)
            if not rows.leaves(*root.subject.expressions())
            else None
        )
        return [self.finding(self.asked_for(failure, rows), rows, subject) for failure in rows.failures]

    def asked_for(self, failure: Failure, rows: Rows) -> Failure:
        """``failure`` without the rows in which no object map asked for the value, because its condition does not hold."""
        call = failure.call
        if call is None:
            return failure
        conditions = []
        for m in self.plan.mapping.maps:
            for _, term_map in term_maps(m):
                if any(call in calls_in(each) for each in term_map.expressions() if each != term_map.condition):
                    conditions.append(term_map.condition)
                if call in calls_in(term_map.condition):
                    conditions.append(None)
        if not conditions or any(each is None or rows.leaves(each) for each in conditions):
            return failure
        plain = rows.scope(frozenset())
        met = [plain.value(each) == "true" for each in conditions if each is not None]
        asked = pl.select(pl.any_horizontal(pl.lit(each.fill_null(value=False)) for each in met)).to_series()
        keep = asked.gather(failure.index)
        return replace(failure, index=failure.index.filter(keep), values=failure.values.filter(keep))

    def finding(self, failure: Failure, rows: Rows, subject: Column | None) -> pl.DataFrame:
        resolved = self.plan.calls[failure.call] if failure.call is not None else None
        message = resolved.lens.unreadable if resolved else _BAD_IRI
        fix = resolved.lens.fix if resolved else _FIX_IRI
        record = pl.lit(None, pl.String) if subject is None else pl.lit(subject.lexical.gather(failure.index))
        table = pl.DataFrame({"row": rows.table.rows.gather(failure.index), "value": failure.values}).with_columns(
            record.alias("record"), _filled(message.en).alias("message_en"), _filled(message.fr).alias("message_fr")
        )
        return conform(
            table,
            severity=resolved.severity if resolved else "violation",
            code=resolved.lens.code if resolved else "iri-invalid",
            column=failure.column,
            rule=failure.call.function if failure.call else None,
            fix_en=fix.en,
            fix_fr=fix.fr,
        )


def _never() -> bool:
    return False


def _filled(sentence: str) -> pl.Expr:
    before, _, after = sentence.partition("{value}")
    return pl.concat_str([pl.lit(before), pl.col("value").str.slice(0, 200), pl.lit(after)])


def _missing(names: list[str]) -> pl.DataFrame:
    rows = []
    for name in names:
        message = _MISSING.format(value=name)
        rows.append(
            {
                "severity": "info",
                "code": "column-missing",
                "column": name,
                "message_en": message.en,
                "message_fr": message.fr,
            }
        )
    return findings(rows)


def _column(term: Column | Term, height: int, keep: pl.Series | None) -> Column:
    column = Column.constant(term, height) if isinstance(term, Term) else term
    if keep is None:
        return column
    lexical = column.lexical.zip_with(keep.fill_null(value=False), pl.Series([None], dtype=pl.String))
    return replace(column, text=lexical)


def _pick(column: Column, index: pl.Series) -> Column:
    return replace(column, text=column.lexical.gather(index))


def _gather(term: Column | Term, index: pl.Series) -> Column | Term:
    return term if isinstance(term, Term) else _pick(term, index)
