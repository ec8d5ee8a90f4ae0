"""Lift: runs a plan over tables and gives a frame, with findings for the cells that no lens could read."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from datahub.errors import InputError
from datahub.findings import conform, findings
from datahub.i18n import Text
from datahub.mapping.lenses import Codes, no_codes
from datahub.mapping.model import (
    Call,
    Expression,
    Link,
    Mapping,
    PredicateObjectMap,
    Template,
    TermMap,
    TermType,
    TriplesMap,
)
from datahub.mapping.plan import Plan, calls_in, plan, term_maps
from datahub.mapping.reading import read_sources
from datahub.mapping.scope import Failure, Rows, Scope, check_size
from datahub.rdf.frame import Column, Frame, FrameBuilder
from datahub.rdf.terms import RDF_TYPE, Term
from datahub.sources.table import Table

DEFAULT_BASE = "http://example.com/base/"
_DEFAULT_GRAPHS = ("http://www.w3.org/ns/r2rml#defaultGraph", "http://w3id.org/rml/defaultGraph")
_TYPE = Term.iri(RDF_TYPE)
_BAD_IRI = Text("“{value}” can't be an IRI.", "« {value} » ne peut pas être un IRI.")
_FIX_IRI = Text("Give a full web address without spaces.", "Donnez une adresse web complète, sans espaces.")
_MISSING = Text("The column “{value}” is missing.", "La colonne « {value} » est absente.")


@dataclass(frozen=True)
class Lifted:
    """What a lift made: the frame, and the findings of readers and lenses."""

    frame: Frame
    findings: pl.DataFrame


def lift(
    mapping: Mapping | Plan,
    tables: Dict[str, Table] | Path | None = None,
    base: str = DEFAULT_BASE,
    codes: Codes | None = None,
) -> Lifted:
    """The triples that ``mapping`` makes of ``tables``.

    ``tables``: by source key (`Plan.sources`), or the folder in which the sources lie (by default the mapping's own), or the one
    file that is the source. ``base``: put before relative IRIs. ``codes``: the code tables of ``fn:lookup``.
    A value that its lens can't read makes a finding and no triple; an empty cell makes no triple.
    Raises `InputError` where a source can't be read, `DefinitionError` where the mapping is broken.
    """
    compiled = mapping if isinstance(mapping, Plan) else plan(mapping)
    given = tables if isinstance(tables, Dict) else read_sources(compiled, tables)
    return _Lift(compiled, given, base, codes or no_codes).run()


class _Lift:
    def __init__(self, plan: Plan, tables: Dict[str, Table], base: str, codes: Codes) -> None:
        self.plan = plan
        self.base = base
        self.builder = FrameBuilder()
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
                self.notes.append(_missing(missing))
            if not source.source.typed:
                table = replace(table, types={})
            self.notes.append(table.findings)
            self.rows[source.key] = Rows(table, plan, codes)
        if not self.rows:
            raise InputError(
                "sources-missing",
                Text(
                    f"None of the expected files is there: {', '.join(s.name for s in plan.sources)}.",
                    f"Aucun des fichiers attendus n'est là : {', '.join(s.name for s in plan.sources)}.",
                ),
            )

    def run(self) -> Lifted:
        for key, rows in self.rows.items():
            self.prepare([m for m in self.plan.mapping.maps if self.plan.key(m) == key], rows)
        for m in self.plan.mapping.maps:
            own = self.rows.get(self.plan.key(m))
            if own is not None and own.height:
                self.lift(m, own)
        for source, root in zip(self.plan.sources, self.plan.roots, strict=True):
            if source.key in self.rows:
                self.notes += self.failures(self.rows[source.key], root)
        return Lifted(self.builder.build(), pl.concat(self.notes) if self.notes else findings())

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

    def lift(self, m: TriplesMap, rows: Rows) -> None:
        for name in m.classes:
            self.add(rows, m, (m.subject,), _TYPE, Term.iri(name), m.graphs)
        for pom in m.properties:
            graphs = (*m.graphs, *pom.graphs)
            for predicate in pom.predicates:
                for value in pom.objects:
                    if isinstance(value, Link) and value.joins:
                        self.join(rows, m, pom, predicate, value, graphs)
                    else:
                        self.add(rows, m, (m.subject, predicate), predicate, self.object(value), graphs, pom.condition)

    def object(self, value: TermMap | Link) -> TermMap | tuple[TermMap, TriplesMap]:
        if isinstance(value, TermMap):
            return value
        parent = self.plan.mapping.map(value.parent)
        return parent.subject, parent

    def add(
        self,
        rows: Rows,
        m: TriplesMap,
        fixed: tuple[TermMap, ...],
        predicate: TermMap | Term,
        value: TermMap | Term | tuple[TermMap, TriplesMap],
        graphs: tuple[TermMap, ...],
        condition: Expression | None = None,
    ) -> None:
        """Adds the triples of one subject, predicate and object map in all graphs."""
        target, parent = value if isinstance(value, tuple) else (value, m)
        involved = [*fixed, *graphs, *([target] if isinstance(target, TermMap) else [])]
        expressions = [expression for term_map in involved for expression in term_map.expressions()]
        scope = rows.scope(rows.leaves(*expressions, condition))
        subjects = self.terms(scope, m.subject, m)
        predicates = [predicate] if isinstance(predicate, Term) else self.terms(scope, predicate, m)
        objects = [target] if isinstance(target, Term) else self.terms(scope, target, parent)
        keep = None if condition is None else scope.value(condition) == "true"
        for graph in self.graphs(scope, graphs, m):
            for subject in subjects:
                column = _column(subject, scope.height, keep)
                for p in predicates:
                    for o in objects:
                        self.builder.add(column, p, o, graph, scope.numbers)

    def terms(self, scope: Scope, term_map: TermMap, m: TriplesMap) -> list[Column | Term]:
        return scope.term(term_map, m.base or self.base, m.id)

    def graphs(self, scope: Scope, graphs: tuple[TermMap, ...], m: TriplesMap) -> list[Column | Term | None]:
        """The graphs of a triple: the default one where no graph map is given."""
        found: list[Column | Term | None] = []
        for graph in graphs:
            for term in self.terms(scope, graph, m):
                found.append(None if isinstance(term, Term) and term.lexical in _DEFAULT_GRAPHS else term)
        return found or [None]

    def join(
        self,
        rows: Rows,
        m: TriplesMap,
        pom: PredicateObjectMap,
        predicate: TermMap,
        link: Link,
        graphs: tuple[TermMap, ...],
    ) -> None:
        """Adds the triples of a referencing object map with join conditions: an inner join of both sources' keys."""
        parent = self.plan.mapping.map(link.parent)
        other = self.rows.get(self.plan.key(parent))
        if other is None or not other.height:
            return
        involved = [*m.subject.expressions(), *predicate.expressions(), *(e for g in graphs for e in g.expressions())]
        child_scope = rows.scope(rows.leaves(*involved, *(join.child for join in link.joins), pom.condition))
        parent_scope = other.scope(other.leaves(*parent.subject.expressions(), *(join.parent for join in link.joins)))
        on = [str(number) for number in range(len(link.joins))]
        left = pl.DataFrame({n: child_scope.value(j.child) for n, j in zip(on, link.joins, strict=True)})
        right = pl.DataFrame({n: parent_scope.value(j.parent) for n, j in zip(on, link.joins, strict=True)})
        sizes = left.group_by(on).len().join(right.group_by(on).len("other"), on=on)
        check_size(int((sizes["len"].cast(pl.UInt64) * sizes["other"]).sum()), f"{m.name} {link}")
        pairs = left.with_row_index("child").join(right.with_row_index("parent"), on=on, how="inner")
        keep = None if pom.condition is None else child_scope.value(pom.condition) == "true"
        for graph in self.graphs(child_scope, graphs, m):
            for subject in self.terms(child_scope, m.subject, m):
                column = _pick(_column(subject, child_scope.height, keep), pairs["child"])
                for p in self.terms(child_scope, predicate, m):
                    for o in self.terms(parent_scope, parent.subject, parent):
                        self.builder.add(
                            column,
                            _gather(p, pairs["child"]),
                            _gather(o, pairs["parent"]),
                            None if graph is None else _gather(graph, pairs["child"]),
                            child_scope.numbers.gather(pairs["child"]),
                        )

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
    return Column(column.kind, lexical, column.datatype, column.language)


def _pick(column: Column, index: pl.Series) -> Column:
    return Column(column.kind, column.lexical.gather(index), column.datatype, column.language)


def _gather(term: Column | Term, index: pl.Series) -> Column | Term:
    return term if isinstance(term, Term) else _pick(term, index)
