"""How each parameter of a constraint component is read (SHACL section 4; our own two at the end)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from datahub.errors import DefinitionError
from datahub.i18n import Text
from datahub.rdf.terms import BLANK, DH, IRI, LITERAL, SH, XSD, XSD_STRING, Term
from datahub.shacl import model as m
from datahub.shacl.regex import matcher
from datahub.shacl.shapesgraph import ShapesGraph, broken, shown

NODE_KINDS = {
    "IRI": {IRI},
    "BlankNode": {BLANK},
    "Literal": {LITERAL},
    "BlankNodeOrIRI": {BLANK, IRI},
    "BlankNodeOrLiteral": {BLANK, LITERAL},
    "IRIOrLiteral": {IRI, LITERAL},
}
TRUE = Term.literal("true", XSD + "boolean")

LONGEST = 200
"""Characters of a value that an error repeats."""

Values = list[Term]


class Reader(Protocol):
    """What a parameter needs of the reading of its shape."""

    graph: ShapesGraph

    def refer(self, node: Term, must_have_path: bool = False) -> Term:
        """Reads the shape ``node`` and returns it."""

    def single(self, node: Term, name: str) -> Term | None:
        """The one value of ``sh:name``, or None."""


Parameter = Callable[[Reader, Term, Values], Iterable[m.Constraint]]


def only(node: Term, name: str, values: Values) -> Term:
    """The one value that ``sh:name`` must have at most."""
    if len(values) > 1:
        raise broken(
            "shapes-repeated",
            node,
            "The shape {node} has sh:{name} more than once.",
            "La forme {node} a sh:{name} plusieurs fois.",
            name=name,
        )
    return values[0]


ADDRESS = Text("an IRI", "un IRI")
NODE = Text("an IRI or a literal", "un IRI ou un littéral")
WHOLE = Text("a whole number such as 1", "un nombre entier comme 1")
VALUE = Text("a literal such as a number or a date", "un littéral comme un nombre ou une date")
TEXT = Text("a text", "un texte")
LANGUAGE = Text('a language such as "fr"', 'une langue comme "fr"')
REGEX = Text(
    "a regular expression of XPath, with no other flags than i, s, m, x and q",
    "une expression régulière de XPath, sans autres drapeaux que i, s, m, x et q",
)
KIND = Text(f"one of {', '.join(map('sh:'.__add__, NODE_KINDS))}", f"un de {', '.join(map('sh:'.__add__, NODE_KINDS))}")
ENDLESS = 2**31 - 1
"""Counts and lengths beyond it are taken for it: no data reach it."""


def invalid(node: Term, name: str, value: Term, expected: Text) -> DefinitionError:
    """That ``value`` can't be one of ``sh:name``, and what it has to be."""
    long = value.lexical
    told = value if len(long) <= LONGEST else replace(value, lexical=long[:LONGEST] + "…")
    return broken(
        "shapes-parameter",
        node,
        "The shape {node} has sh:{name} {value}; {expected_en} is expected.",
        "La forme {node} a sh:{name} {value} ; {expected_fr} est attendu.",
        name=name,
        value=shown(told),
        expected_en=expected.en,
        expected_fr=expected.fr,
    )


def _integer(node: Term, name: str, values: Values) -> int:
    value = only(node, name, values)
    if value.kind != LITERAL or value.datatype != XSD + "integer" or not re.fullmatch(r"[+-]?[0-9]+", value.lexical):
        raise invalid(node, name, value, WHOLE)
    digits = value.lexical.lstrip("+-").lstrip("0")[: len(str(ENDLESS))]
    return min(int(digits or "0"), ENDLESS) * (-1 if value.lexical.startswith("-") else 1)


def address(node: Term, name: str, value: Term) -> Term:
    """``value``, which has to be an IRI."""
    if value.kind != IRI:
        raise invalid(node, name, value, ADDRESS)
    return value


def _text(node: Term, name: str, value: Term, expected: Text = TEXT) -> str:
    if value.kind != LITERAL or value.datatype not in (None, XSD_STRING):
        raise invalid(node, name, value, expected)
    return value.lexical


def _counted(name: str, make: Callable[[int], m.Constraint]) -> Parameter:
    return lambda reader, node, values: [make(_integer(node, name, values))]


def _bounded(name: str, make: Callable[[Term], m.Constraint]) -> Parameter:
    def read_bound(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
        limit = only(node, name, values)
        if limit.kind != LITERAL:
            raise invalid(node, name, limit, VALUE)
        return [make(limit)]

    return read_bound


def _each_predicate(name: str, make: Callable[[str], m.Constraint]) -> Parameter:
    return lambda reader, node, values: [make(address(node, name, value).lexical) for value in values]


def _property(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.Property(reader.refer(value, must_have_path=True)) for value in values]


def _each_shape(make: Callable[[Term], m.Constraint]) -> Parameter:
    return lambda reader, node, values: [make(reader.refer(value)) for value in values]


def _each_list(make: Callable[[tuple[Term, ...]], m.Constraint]) -> Parameter:
    return lambda reader, node, values: [
        make(tuple(reader.refer(member) for member in reader.graph.members(value))) for value in values
    ]


def _class(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.Class(address(node, "class", value)) for value in values]


def _datatype(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.Datatype(address(node, "datatype", only(node, "datatype", values)).lexical)]


def _node_kind(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    value = only(node, "nodeKind", values)
    kinds = NODE_KINDS.get(value.lexical.removeprefix(SH))
    if kinds is None or value.kind != IRI:
        raise invalid(node, "nodeKind", value, KIND)
    return [m.NodeKind(frozenset(kinds))]


def _pattern(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    regex = only(node, "pattern", values)
    flags = reader.single(node, "flags")
    text = _text(node, "pattern", regex, REGEX)
    try:
        return [m.Pattern(text, matcher(text, _text(node, "flags", flags) if flags else ""))]
    except ValueError as error:
        raise invalid(node, "pattern", regex, REGEX) from error


def _language_in(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    members = reader.graph.members(only(node, "languageIn", values))
    return [m.LanguageIn(tuple(_text(node, "languageIn", member, LANGUAGE).lower() for member in members))]


def _unique_lang(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    # Only the literal true activates the constraint: "1" does not (section 4.4.5, and the suite's uniqueLang-002).
    return [m.UniqueLang()] if only(node, "uniqueLang", values) == TRUE else []


def _closed(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    if only(node, "closed", values) != TRUE:
        return []
    ignored = reader.single(node, "ignoredProperties")
    members = reader.graph.members(ignored) if ignored else []
    allowed = {address(node, "ignoredProperties", member).lexical for member in members}
    for shape in reader.graph.values(node, SH + "property"):
        allowed |= {path.lexical for path in reader.graph.values(shape, SH + "path") if path.kind == IRI}
    return [m.Closed(frozenset(allowed))]


def _in(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.In(tuple(reader.graph.members(only(node, "in", values))))]


def _has_value(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.HasValue(value) for value in values]


def _qualified(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    shape = reader.refer(only(node, "qualifiedValueShape", values))
    siblings: list[Term] = []
    if TRUE in reader.graph.values(node, SH + "qualifiedValueShapesDisjoint"):
        for parent in reader.graph.subjects(SH + "property", node):
            for sibling in reader.graph.values(parent, SH + "property"):
                siblings += reader.graph.values(sibling, SH + "qualifiedValueShape")
    others = tuple(dict.fromkeys(reader.refer(sibling) for sibling in siblings if sibling != shape))
    least, most = (reader.graph.values(node, SH + name) for name in ("qualifiedMinCount", "qualifiedMaxCount"))
    if least:
        yield m.QualifiedMinCount(shape, _integer(node, "qualifiedMinCount", least), others)
    if most:
        yield m.QualifiedMaxCount(shape, _integer(node, "qualifiedMaxCount", most), others)


def _not_in_future(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.NotInFuture()] if TRUE in values else []


def _starts_with_value_of(reader: Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.StartsWithValueOf(address(node, "startsWithValueOf", value).lexical) for value in values]


PARAMETERS: dict[str, Parameter] = {
    "class": _class,
    "datatype": _datatype,
    "nodeKind": _node_kind,
    "minCount": _counted("minCount", m.MinCount),
    "maxCount": _counted("maxCount", m.MaxCount),
    "minExclusive": _bounded("minExclusive", m.MinExclusive),
    "minInclusive": _bounded("minInclusive", m.MinInclusive),
    "maxExclusive": _bounded("maxExclusive", m.MaxExclusive),
    "maxInclusive": _bounded("maxInclusive", m.MaxInclusive),
    "minLength": _counted("minLength", m.MinLength),
    "maxLength": _counted("maxLength", m.MaxLength),
    "pattern": _pattern,
    "languageIn": _language_in,
    "uniqueLang": _unique_lang,
    "equals": _each_predicate("equals", m.Equals),
    "disjoint": _each_predicate("disjoint", m.Disjoint),
    "lessThan": _each_predicate("lessThan", m.LessThan),
    "lessThanOrEquals": _each_predicate("lessThanOrEquals", m.LessThanOrEquals),
    "not": _each_shape(m.Not),
    "and": _each_list(m.And),
    "or": _each_list(m.Or),
    "xone": _each_list(m.Xone),
    "node": _each_shape(m.Node),
    "property": _property,
    "qualifiedValueShape": _qualified,
    "closed": _closed,
    "hasValue": _has_value,
    "in": _in,
}
"""The parameters of SHACL Core and how each is read."""

CUSTOM: dict[str, Parameter] = {
    DH + "notInFuture": _not_in_future,
    DH + "startsWithValueOf": _starts_with_value_of,
}
"""The parameters of our own components, which shapes/components.ttl declares for other engines."""
