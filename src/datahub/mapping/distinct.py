"""Which statements of a mapping can't make a triple that another one makes too: told from their term maps, before any data.

A graph is a set of triples (RDF 1.1 Concepts section 3), so a writer that keeps no dictionary has to know where repetitions may
come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from datahub.mapping import iri
from datahub.mapping.model import Constant, Expression, Link, Template, TermMap, TermType, TriplesMap

if TYPE_CHECKING:
    from datahub.mapping.plan import Statement

_RESERVED = re.compile(r"[:/?#\[\]@!$&'()*+,;=]")
_UNKNOWN_BASE = "\0"


@dataclass(frozen=True, eq=False)
class _Terms:
    """A term map where it stands: ``base`` is its triples map's."""

    map: TermMap
    base: str | None


def single(statements: Sequence[Statement], maps: Mapping[str, TriplesMap]) -> Iterator[Statement]:
    """Those of ``statements`` that share no triple with another. ``maps``: the triples maps by IRI."""
    parts = [_parts(statement, maps) for statement in statements]
    for number, statement in enumerate(statements):
        others = (other for at, other in enumerate(parts) if at != number)
        if len(statement.graphs) <= 1 and all(any(map(_apart, parts[number], other)) for other in others):
            yield statement


def _parts(statement: Statement, maps: Mapping[str, TriplesMap]) -> tuple[_Terms, _Terms, _Terms]:
    m, value = statement.map, statement.value
    parent = maps[value.parent] if isinstance(value, Link) else m
    target = parent.subject if isinstance(value, Link) else value
    return _Terms(statement.predicate, m.base), _Terms(m.subject, m.base), _Terms(target, parent.base)


def _apart(one: _Terms, other: _Terms) -> bool:
    """Whether no term can come from both: for certain, from kinds, constants, and what is fixed in IRI templates."""
    a, b = one.map, other.map
    if a.type.is_iri != b.type.is_iri or (a.type is TermType.BLANK) != (b.type is TermType.BLANK):
        return True
    if a.type is TermType.LITERAL:
        if isinstance(a.expression, Constant) and isinstance(b.expression, Constant):
            return a.expression.term.lexical != b.expression.term.lexical
        return _tags_apart(a.datatype, b.datatype) or _tags_apart(a.language, b.language)
    return _skeletons_apart(_fixed(one), _fixed(other))


def _tags_apart(one: Expression | None, other: Expression | None) -> bool:
    return isinstance(one, Constant) and isinstance(other, Constant) and one.term.lexical != other.term.lexical


def _fixed(terms: _Terms) -> tuple[str | None, ...]:
    """The fixed texts of an IRI, with None for each hole; empty where nothing is known."""
    expression = terms.map.expression
    if isinstance(expression, Constant):
        parts: tuple[str | None, ...] = (expression.term.lexical,)
    elif isinstance(expression, Template) and terms.map.type in (TermType.IRI, TermType.URI):
        parts = tuple(part if isinstance(part, str) else None for part in expression.parts)
    else:
        return ()
    if parts[0] is not None and iri.is_absolute(parts[0]):
        return parts
    return (terms.base or _UNKNOWN_BASE) + (parts[0] or ""), *(parts if parts[0] is None else parts[1:])


def _skeletons_apart(one: tuple[str | None, ...], other: tuple[str | None, ...]) -> bool:
    """What fills a hole is percent-encoded, so that reserved characters (RFC 3986 section 2.2) come from the fixed texts only."""
    if not one or not other or _relative(one) != _relative(other):
        return False
    if _reserved(one) != _reserved(other) or (len(one) == len(other) == 1 and one != other):
        return True
    return not (_agree(one[0], other[0], str.startswith) and _agree(one[-1], other[-1], str.endswith))


def _relative(parts: tuple[str | None, ...]) -> bool:
    return parts[0] is not None and parts[0].startswith(_UNKNOWN_BASE)


def _reserved(parts: tuple[str | None, ...]) -> list[str]:
    return [c for part in parts if part is not None for c in _RESERVED.findall(part)]


def _agree(one: str | None, other: str | None, test: Callable[[str, str], bool]) -> bool:
    return one is None or other is None or test(one, other) or test(other, one)
