"""The plan of a mapping: what is read from which source, which functions run, which triples come out; made before any data."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Dict
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from datahub.errors import DefinitionError, Place
from datahub.i18n import Lang, Text
from datahub.mapping import distinct, iri
from datahub.mapping.lenses import LENSES, Resolved, resolve
from datahub.mapping.model import (
    Call,
    Constant,
    Expression,
    Link,
    LogicalSource,
    Mapping,
    PredicateObjectMap,
    Reference,
    Template,
    TermMap,
    TermType,
    TriplesMap,
    references,
)
from datahub.mapping.problems import problem
from datahub.rdf.terms import RDF_TYPE, Term, curie

_TYPE = TermMap(Constant(Term.iri(RDF_TYPE)), TermType.IRI)


@dataclass(frozen=True)
class SourcePlan:
    """One source as it has to be read: ``key`` names its table, ``references`` the columns that are used, in order."""

    key: str
    source: LogicalSource
    references: tuple[str, ...]

    @property
    def name(self) -> str:
        """The source as the mapping names it."""
        return self.source.name

    @property
    def formulation(self) -> str:
        """csv, json or xml."""
        return self.source.formulation

    @property
    def iterator(self) -> str | None:
        """The JSONPath or XPath of the rows."""
        return self.source.iterator


@dataclass(frozen=True, eq=False)
class Statement:
    """One predicate with one object of a triples map (RML-Core section 5.3), or one of its classes; ``graphs`` of map and pom."""

    map: TriplesMap
    predicate: TermMap
    value: TermMap | Link
    graphs: tuple[TermMap, ...] = ()
    condition: Expression | None = None


@dataclass(frozen=True)
class Plan:
    """A compiled mapping. ``str(plan)`` explains it."""

    mapping: Mapping
    sources: tuple[SourcePlan, ...]
    keys: Dict[LogicalSource, str] = field(repr=False)
    calls: Dict[Call, Resolved] = field(repr=False)

    def key(self, triples_map: TriplesMap) -> str:
        """The key of the source that ``triples_map`` reads."""
        return self.keys[triples_map.source]

    @cached_property
    def roots(self) -> tuple[TriplesMap, ...]:
        """Per source, the triples map whose subject is the record."""
        found = []
        for source in self.sources:
            own = [m for m in self.mapping.maps if self.key(m) == source.key]
            found.append(_root(own))
        return tuple(found)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """What the triples maps say, one predicate and object each, in order."""
        return tuple(statement for m in self.mapping.maps for statement in _statements(m))

    @cached_property
    def single(self) -> frozenset[Statement]:
        """The statements whose triples no other statement makes, and whose own differ as long as their subjects do."""
        return frozenset(distinct.single(self.statements, {m.id: m for m in self.mapping.maps}))

    def __str__(self) -> str:
        return self.text.en

    @property
    def text(self) -> Text:
        """The plan, for people: each source with what is read of it, and what is made of it."""
        return Text("\n".join(self._lines("en")), "\n".join(self._lines("fr")))

    def _lines(self, lang: Lang) -> Iterator[str]:
        for source, root in zip(self.sources, self.roots, strict=True):
            columns = ", ".join(source.references) or _NO_COLUMNS.to(lang)
            yield _READ.to(lang).format(source=source.source, key=source.key, columns=columns)
            for m in self.mapping.maps:
                if self.key(m) == source.key:
                    yield from (f"  {line}" for line in _explain(m, lang, record=m is root))


_READ = Text("read {source} as “{key}”: {columns}", "lire {source}, nommé « {key} » : {columns}")
_NO_COLUMNS = Text("no columns", "aucune colonne")
_RECORD = Text("record {name}: subject {subject}", "fiche {name} : sujet {subject}")
_NODE = Text("node {name}: subject {subject}", "nœud {name} : sujet {subject}")
_GRAPH = Text(" in {graph}", " dans {graph}")
_WHERE = Text(" where {condition}", " si {condition}")
_WRITTEN_ONLY = Text(" (only written)", " (seulement écrit)")


def _statements(m: TriplesMap) -> Iterator[Statement]:
    for name in m.classes:
        yield Statement(m, _TYPE, TermMap(Constant(Term.iri(name)), TermType.IRI), m.graphs)
    for pom in m.properties:
        if pom.written_only:
            continue
        for predicate in pom.predicates:
            for value in pom.objects:
                yield Statement(m, predicate, value, (*m.graphs, *pom.graphs), pom.condition)


def plan(mapping: Mapping) -> Plan:
    """Compiles ``mapping``. Raises `DefinitionError` for functions that do not exist and templates that can't give an IRI."""
    calls: dict[Call, Resolved] = {}
    used: dict[LogicalSource, dict[str, None]] = {}
    by_id = {m.id: m for m in mapping.maps}
    for m in mapping.maps:
        names = used.setdefault(m.source, {})
        for where, expression, line in _expressions(m):
            names.update(dict.fromkeys(references(expression)))
            for call in calls_in(expression):
                if call not in calls:
                    with _located(mapping, line or m.line):
                        calls[call] = resolve(call, f"{m.name}, {where}")
        for link in links(m):
            parent = by_id[link.parent]
            if not link.joins:
                names.update(dict.fromkeys(references(parent.subject.expression)))
                names.update(dict.fromkeys(references(parent.subject.condition)))
            for join in link.joins:
                names.update(dict.fromkeys(references(join.child)))
                used.setdefault(parent.source, {}).update(dict.fromkeys(references(join.parent)))
        for where, term_map in term_maps(m):
            with _located(mapping, term_map.line or m.line):
                _check_template(f"{m.name}, {where}", term_map)
    iterators: dict[str, set[LogicalSource]] = {}
    for source in used:
        iterators.setdefault(source.name, set()).add(source)
    keys = {
        source: source.name if len(iterators[source.name]) == 1 else f"{source.name}#{source.iterator}"
        for source in used
    }
    sources: dict[str, SourcePlan] = {}
    for source, names in used.items():
        before = sources[keys[source]].references if keys[source] in sources else ()
        sources[keys[source]] = SourcePlan(keys[source], source, tuple(dict.fromkeys([*before, *names])))
    return Plan(mapping, tuple(sources.values()), keys, calls)


@contextmanager
def _located(mapping: Mapping, line: int | None) -> Iterator[None]:
    """Gives the errors inside the file of ``mapping`` and ``line``."""
    try:
        yield
    except DefinitionError as error:
        error.place = Place(file=mapping.file.name if mapping.file else None, row=line)
        raise


def links(m: TriplesMap) -> Iterator[Link]:
    """The referencing object maps of ``m``."""
    for pom in m.properties:
        for value in pom.objects:
            if isinstance(value, Link):
                yield value


def calls_in(expression: Expression | None) -> Iterator[Call]:
    """The calls in ``expression``, inner ones first."""
    if isinstance(expression, Call):
        for _, value in expression.inputs:
            yield from calls_in(value)
        yield expression


def term_maps(m: TriplesMap) -> Iterator[tuple[str, TermMap]]:
    """The term maps of ``m`` with the words for where they stand."""
    yield "subject map", m.subject
    for graph in m.graphs:
        yield "graph map", graph
    for pom in m.properties:
        where = pom_name(pom)
        for predicate in pom.predicates:
            yield f"predicate map of {where}", predicate
        for value in pom.objects:
            if isinstance(value, TermMap):
                yield f"object map of {where}", value
        for graph in pom.graphs:
            yield f"graph map of {where}", graph


def pom_name(pom: PredicateObjectMap) -> str:
    """The predicates of ``pom`` for people."""
    return ", ".join(
        curie(p.expression.term.lexical) if isinstance(p.expression, Constant) else str(p) for p in pom.predicates
    )


def _expressions(m: TriplesMap) -> Iterator[tuple[str, Expression, int | None]]:
    """What has to be computed, where it stands and on which line."""
    for where, term_map in term_maps(m):
        for expression in term_map.expressions():
            yield where, expression, term_map.line
    for pom in m.properties:
        if pom.condition is not None:
            yield f"condition of {pom_name(pom)}", pom.condition, next((p.line for p in pom.predicates), None)


def _check_template(where: str, term_map: TermMap) -> None:
    expression = term_map.expression
    if isinstance(expression, Template) and term_map.type.is_iri:
        for part in expression.parts:
            if isinstance(part, str) and not iri.is_valid(part):
                raise problem(
                    "mapping-template",
                    where,
                    f"the template {expression} has a character that an IRI can't have.",
                    f"le modèle {expression} a un caractère interdit dans un IRI.",
                )


def _root(maps: list[TriplesMap]) -> TriplesMap:
    """The map marked as record; else the first that no other of the same rows links to; else the first."""
    for m in maps:
        if m.record:
            return m
    linked = {link.parent for m in maps for link in links(m) if not link.joins and link.parent != m.id}
    return next((m for m in maps if m.id not in linked), maps[0])


def _explain(m: TriplesMap, lang: Lang, *, record: bool) -> list[str]:
    lines = [(_RECORD if record else _NODE).to(lang).format(name=m.name, subject=m.subject)]
    lines += [f"  a {curie(name)}" for name in m.classes]
    for pom in m.properties:
        for value in pom.objects:
            graphs = "".join(_GRAPH.to(lang).format(graph=graph) for graph in (*m.graphs, *pom.graphs))
            where = "" if pom.condition is None else _WHERE.to(lang).format(condition=pom.condition)
            only = _WRITTEN_ONLY.to(lang) if pom.written_only else ""
            lines.append(f"  {pom_name(pom)} {value}{graphs}{where}{only}")
    return lines


__all__ = ["LENSES", "Plan", "Reference", "SourcePlan", "plan"]
