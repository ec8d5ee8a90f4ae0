"""The inverse plan: for each source, how its columns are read back from RDF, and what can't be. Made before any data is seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from datahub.i18n import Text
from datahub.mapping.inversion import CONDITION, Inversion, invert
from datahub.mapping.model import (
    Call,
    Constant,
    Expression,
    Link,
    PredicateObjectMap,
    Reference,
    Template,
    TermMap,
    TermType,
    TriplesMap,
    references,
)
from datahub.mapping.nodes import Node, constant, object_maps, reach
from datahub.mapping.plan import Plan, SourcePlan


@dataclass(frozen=True)
class Reader:
    """Fills a column from the values of ``predicate`` of node number ``node``; ``part``: from their lexical form, their language or
    their datatype.

    ``turn``: where several columns feed one predicate in the same way, which of the values is this column's (0 the first).
    ``claimed``: languages of the same predicate that have a column of their own; ``strict``: no language but its own, or none,
    because another column takes any. ``written_only``: nothing is lifted to it, so that what it takes comes back otherwise.
    """

    node: int
    predicate: str
    term_map: TermMap
    inversion: Inversion
    turn: int = 0
    claimed: frozenset[str] = frozenset()
    strict: bool = False
    part: Literal["lexical", "language", "datatype"] = "lexical"
    written_only: bool = False


@dataclass(frozen=True)
class Unread:
    """A use of ``columns`` that can't be read back, and why."""

    node: int
    predicate: str
    columns: tuple[str, ...]
    reason: tuple[str, Text]


@dataclass(frozen=True)
class Inverse:
    """The inverse plan of one source."""

    source: SourcePlan
    nodes: tuple[Node, ...]
    readers: tuple[Reader, ...]
    unread: tuple[Unread, ...]
    unreached: tuple[TriplesMap, ...]


NOT_LINKED = ("not-linked", Text("Nothing links it to the record.", "Rien ne le relie à la fiche."))


def inverses(plan: Plan) -> tuple[Inverse, ...]:
    """The inverse plan of each source of ``plan``."""
    return tuple(_inverse(plan, source, root) for source, root in zip(plan.sources, plan.roots, strict=True))


def _inverse(plan: Plan, source: SourcePlan, root: TriplesMap) -> Inverse:
    own = [m for m in plan.mapping.maps if plan.key(m) == source.key]
    nodes = reach(plan, own, root)
    seen = {node.map.id for node in nodes if not node.joins}
    readers: list[Reader] = []
    unread: list[Unread] = []
    for number, node in enumerate(nodes):
        if node.joins:
            readers += _through_join(plan, nodes, number)
            continue
        for pom, value in object_maps(node.map):
            if isinstance(value, Link) or _links_to(value, own):
                continue
            _read(plan, number, pom, value, readers, unread)
        for expression in _conditions(node.map):
            unread.append(Unread(number, "", tuple(dict.fromkeys(references(expression))), CONDITION))
    found = list(_among_siblings(readers))
    for reader in dict.fromkeys(replace(reader, inversion=ONCE) for reader in found):
        _read_tags(plan, reader, found, unread)
    return Inverse(source, tuple(nodes), tuple(found), tuple(unread), tuple(m for m in own if m.id not in seen))


ONCE = Inversion("", lambda text, _: text)
"""In place of the inversions of one term map, which may have several columns."""


def _read_tags(plan: Plan, reader: Reader, readers: list[Reader], unread: list[Unread]) -> None:
    """Adds how the columns are read that say the language or the datatype of what ``reader`` reads."""
    term_map = reader.term_map
    parts: tuple[tuple[Literal["language", "datatype"], Expression | None, TermType], ...] = (
        ("language", term_map.language, TermType.LITERAL),
        ("datatype", term_map.datatype, TermType.IRI),
    )
    for part, expression, kind in parts:
        columns = tuple(dict.fromkeys(references(expression)))
        if expression is None or not columns or term_map.type is not TermType.LITERAL:
            continue
        found, reason = invert(TermMap(expression, kind), plan.calls)
        readers += [replace(reader, inversion=inversion, part=part) for inversion in found]
        if reason is not None:
            unread.append(Unread(reader.node, reader.predicate, columns, reason))


def _among_siblings(readers: list[Reader]) -> Iterator[Reader]:
    """``readers`` with what they have to leave to others of the same node and predicate."""
    turns: dict[tuple[object, ...], list[str]] = {}
    for reader in readers:
        place = (reader.node, reader.predicate)
        same = (
            *place,
            _shape(reader.term_map),
            reader.term_map.type,
            _nameless(reader.term_map.datatype),
            _nameless(reader.term_map.language),
            _nameless(reader.term_map.condition),  # what stands in place of another takes no turn
        )
        columns_of = turns.setdefault(same, [])
        if reader.inversion.column not in columns_of:
            columns_of.append(reader.inversion.column)
        own = language(reader.term_map)
        others = {language(r.term_map) for r in readers if (r.node, r.predicate) == place}
        claimed = frozenset(tag for tag in others if tag is not None and tag != own)
        any_language = any(
            r.term_map.language is not None and language(r.term_map) is None
            for r in readers
            if (r.node, r.predicate) == place
        )
        turn = columns_of.index(reader.inversion.column)
        yield replace(
            reader,
            turn=turn,
            claimed=claimed,
            strict=any_language and (reader.term_map.language is None or own is not None),
        )


def _shape(term_map: TermMap) -> str:
    """The expression without the names of its columns."""
    if isinstance(term_map.expression, Template):
        return str(term_map.expression)
    return _nameless(term_map.expression)


def _nameless(expression: Expression | None) -> str:
    text = str(expression)
    for name in references(expression):
        text = text.replace("{" + name + "}", "{}")
    return text


def language(term_map: TermMap) -> str | None:
    """The language that ``term_map`` always gives, lower-cased."""
    tag = term_map.language
    return tag.term.lexical.lower() if isinstance(tag, Constant) else None


def _links_to(value: TermMap, maps: list[TriplesMap]) -> bool:
    return (
        isinstance(value.expression, Template | Call)
        and value.type.is_iri
        and any(m.subject.expression == value.expression for m in maps)
    )


def _conditions(m: TriplesMap) -> Iterator[Expression]:
    if m.subject.condition is not None:
        yield m.subject.condition
    for pom, value in object_maps(m):
        if pom.condition is not None:
            yield pom.condition
        if isinstance(value, TermMap) and value.condition is not None:
            yield value.condition


def _read(
    plan: Plan,
    number: int,
    pom: PredicateObjectMap,
    value: TermMap,
    readers: list[Reader],
    unread: list[Unread],
) -> None:
    found, reason = invert(value, plan.calls)
    for predicate in pom.predicates:
        name = constant(predicate)
        if name is None:
            continue
        readers += [Reader(number, name, value, inversion, written_only=pom.written_only) for inversion in found]
        if reason is not None:
            columns = tuple(dict.fromkeys(references(value.expression)))
            unread.append(Unread(number, name, columns, reason))


def _through_join(plan: Plan, nodes: list[Node], number: int) -> Iterator[Reader]:
    """The child's columns of a join, read from the parent's record."""
    node = nodes[number]
    for join in node.joins:
        if not isinstance(join.child, Reference) or not isinstance(join.parent, Reference):
            continue
        for pom, value in object_maps(node.map):
            if isinstance(value, Link):
                continue
            found, _ = invert(value, plan.calls)
            for inversion in found:
                if inversion.column == join.parent.name and not inversion.separator and not inversion.several:
                    for predicate in map(constant, pom.predicates):
                        if predicate is not None:
                            renamed = Inversion(join.child.name, inversion.before, loss=inversion.loss)
                            yield Reader(number, predicate, value, renamed)
