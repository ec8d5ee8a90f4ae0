"""Shapes graph → `Shapes` (SHACL sections 2 and 4, and the syntax rules of Appendix A).

What this engine does not evaluate is refused here by name: a constraint is never silently ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path as File
from typing import TYPE_CHECKING

from datahub.errors import DefinitionError
from datahub.i18n import Text
from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, DH, IRI, LITERAL, OWL, RDF, RDFS, SH, XSD, Term
from datahub.shacl import model as m
from datahub.shacl.paths import REPEATS, Alternative, Inverse, Path, Predicate, Repeat
from datahub.shacl.paths import Sequence as Steps
from datahub.shacl.regex import matcher
from datahub.shacl.shapesgraph import ShapesGraph, broken, read, shown

TARGETS = {
    "targetClass": "class",
    "targetNode": "node",
    "targetSubjectsOf": "subjects-of",
    "targetObjectsOf": "objects-of",
}
NODE_KINDS = {
    "IRI": {IRI},
    "BlankNode": {BLANK},
    "Literal": {LITERAL},
    "BlankNodeOrIRI": {BLANK, IRI},
    "BlankNodeOrLiteral": {BLANK, LITERAL},
    "IRIOrLiteral": {IRI, LITERAL},
}
DESCRIPTIVE = {"name", "description", "order", "group", "defaultValue", "message", "severity", "deactivated", "path"}
"""What SHACL section 2.3.2 calls non-validating characteristics, and the properties that `Shape` itself holds."""
COMPANIONS = {"flags", "ignoredProperties", "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint"}
PROPERTY_ONLY = {"minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals", "qualifiedValueShape"}
DEEPEST = 64
"""How deep shapes and paths may be nested."""
TRUE = Term.literal("true", XSD + "boolean")


if TYPE_CHECKING:
    import rdflib


def load(shapes: Frame | File | str | Sequence[File | str] | rdflib.Graph) -> m.Shapes:
    """The shapes of a shapes graph: a frame, an rdflib graph, or one or more RDF files.

    Raises:
        DefinitionError: the file is not RDF, a shape is ill formed, shapes refer to themselves, or a constraint component is
            used that this engine does not evaluate (SPARQL and JavaScript constraints among them); the component is named.
    """
    return _Reader(read(shapes)).shapes()


Values = list[Term]


class _Reader:
    def __init__(self, graph: ShapesGraph) -> None:
        self.graph = graph
        self.done: dict[Term, m.Shape] = {}
        self.open: list[Term] = []
        self.foreign = dict(_foreign_components(graph))
        self.typed = graph.instances(SH + "NodeShape") | graph.instances(SH + "PropertyShape")
        self.classes = graph.instances(RDFS + "Class") | graph.instances(OWL + "Class")

    def shapes(self) -> m.Shapes:
        """All shapes, each after those that it refers to."""
        targeted = {node for name in [*TARGETS, "target"] for node in self.graph.subjects(SH + name)}
        for node in self.graph.index:
            if node in self.typed or node in targeted:
                self.shape(node)
        return m.Shapes(self.done)

    def refer(self, node: Term, must_have_path: bool = False) -> Term:
        """Reads the shape that another shape refers to."""
        if node.kind == IRI and node not in self.graph.index:
            raise broken(
                "shapes-missing",
                node,
                "{parent} refers to the shape {node}, which these files do not describe.",
                "{parent} renvoie à la forme {node}, que ces fichiers ne décrivent pas.",
                parent=shown(self.open[-1]),
            )
        if must_have_path and not self.graph.values(node, SH + "path"):
            raise broken(
                "shapes-path",
                node,
                "{node} is the sh:property of {parent}, but has no sh:path.",
                "{node} est une sh:property de {parent}, mais n'a pas de sh:path.",
                parent=shown(self.open[-1]),
            )
        self.shape(node)
        return node

    def shape(self, node: Term) -> None:
        """Reads one shape into ``done``."""
        if node in self.open:
            raise broken(
                "shapes-recursive",
                node,
                "The shape {node} refers to itself through {chain}: recursive shapes have no defined meaning.",
                "La forme {node} renvoie à elle-même par {chain} : les formes récursives n'ont pas de sens défini.",
                chain=" → ".join(shown(step) for step in self.open[self.open.index(node) :]),
            )
        if node in self.done:
            return
        if len(self.open) > DEEPEST:
            raise broken(
                "shapes-depth",
                node,
                "The shapes are nested more than {most} deep, at {node}.",
                "Les formes sont imbriquées sur plus de {most} niveaux, à {node}.",
                most=DEEPEST,
            )
        if node.kind == LITERAL:
            raise broken("shapes-literal", node, "{node} is no shape.", "{node} n'est pas une forme.")
        self.open.append(node)
        paths = self.graph.values(node, SH + "path")
        if len(paths) > 1:
            raise broken("shapes-path", node, "{node} has several sh:path.", "{node} a plusieurs sh:path.")
        path = self.path(paths[0]) if paths else None
        targets = [
            m.Target(kind, term) for name, kind in TARGETS.items() for term in self.graph.values(node, SH + name)
        ]
        if node in self.typed and node in self.classes:
            targets.append(m.Target("class", node))
        constraints = tuple(self.constraints(node, path))
        self.open.pop()
        severity = self.single(node, "severity")
        self.done[node] = m.Shape(
            node=node,
            path=path,
            targets=tuple(targets),
            constraints=constraints,
            severity=severity.lexical if severity else SH + "Violation",
            deactivated=TRUE in self.graph.values(node, SH + "deactivated"),
            messages=self.sentences(node, SH + "message"),
            fixes=self.sentences(node, DH + "fix"),
            name=self.name(node),
        )

    def constraints(self, node: Term, path: Path | None) -> Iterable[m.Constraint]:
        """The constraints of one shape, in document order of their parameters."""
        for predicate, values in self.graph.index.get(node, {}).items():
            if predicate in self.foreign:
                raise unsupported(node, self.foreign[predicate])
            if predicate in CUSTOM:
                yield from CUSTOM[predicate](self, node, values)
            elif predicate.startswith(SH):
                name = predicate.removeprefix(SH)
                if name in PROPERTY_ONLY and path is None:
                    raise broken(
                        "shapes-property-only",
                        node,
                        "The shape {node} has sh:{name} but no sh:path: only property shapes may have it.",
                        "La forme {node} a sh:{name} sans sh:path : seules les formes de propriété peuvent l'avoir.",
                        name=name,
                    )
                if name in PARAMETERS:
                    yield from PARAMETERS[name](self, node, values)
                elif name not in DESCRIPTIVE | COMPANIONS and name not in TARGETS:
                    raise unsupported(node, predicate)

    def single(self, node: Term, name: str) -> Term | None:
        """The one value of ``sh:name``, or None."""
        values = self.graph.values(node, SH + name)
        return only(node, name, values) if values else None

    def sentences(self, node: Term, predicate: str) -> tuple[tuple[str, str], ...]:
        return tuple((value.language or "", value.lexical) for value in self.graph.values(node, predicate))

    def name(self, node: Term) -> Text | None:
        """sh:name, else rdfs:label, where they are given; one language stands in for the other."""
        for predicate in (SH + "name", RDFS + "label"):
            named = {lang.split("-")[0]: sentence for lang, sentence in self.sentences(node, predicate)}
            if named:
                any_name = named.get("", next(iter(named.values())))
                return Text(named.get("en", any_name), named.get("fr", any_name))
        return None

    def path(self, node: Term, within: tuple[Term, ...] = ()) -> Path:
        """The property path that ``node`` stands for (section 2.3.1)."""
        if node in within or len(within) > DEEPEST:
            raise broken(
                "shapes-path", node, "The path {node} contains itself.", "Le chemin {node} se contient lui-même."
            )
        within = (*within, node)
        if node.kind == IRI and node.lexical != RDF + "nil":
            return Predicate(node.lexical)
        if node.kind == BLANK:
            if self.graph.is_list(node):
                steps = tuple(self.path(step, within) for step in self.graph.members(node))
                if len(steps) > 1:
                    return Steps(steps)
            properties = self.graph.index.get(node, {})
            if SH + "alternativePath" in properties:
                options = self.graph.members(properties[SH + "alternativePath"][0])
                if len(options) > 1:
                    return Alternative(tuple(self.path(option, within) for option in options))
            if SH + "inversePath" in properties:
                return Inverse(self.path(properties[SH + "inversePath"][0], within))
            for name, sign in REPEATS.items():
                if SH + name in properties:
                    return Repeat(self.path(properties[SH + name][0], within), sign)
        raise broken("shapes-path", node, "{node} is no property path.", "{node} n'est pas un chemin de propriétés.")


def unsupported(node: Term, component: str) -> DefinitionError:
    """The refusal of a component that this engine does not evaluate."""
    return broken(
        "shapes-unsupported",
        node,
        "The shape {node} uses {component}, which this engine does not evaluate.",
        "La forme {node} utilise {component}, que ce moteur n'évalue pas.",
        component=f"<{component}>",
    )


def _foreign_components(graph: ShapesGraph) -> Iterable[tuple[str, str]]:
    """The parameters of constraint components that the shapes graph declares and this engine does not know (section 6.2)."""
    for component in graph.instances(SH + "ConstraintComponent"):
        if component.lexical.startswith(SH):
            continue
        for parameter in graph.values(component, SH + "parameter"):
            for path in graph.values(parameter, SH + "path"):
                if path.lexical not in CUSTOM and not path.lexical.startswith(SH):
                    yield path.lexical, component.lexical


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


def _invalid(node: Term, name: str, value: Term) -> DefinitionError:
    return broken(
        "shapes-parameter",
        node,
        "The shape {node} has sh:{name} {value}, which is no valid value for it.",
        "La forme {node} a sh:{name} {value}, qui n'est pas une valeur valable.",
        name=name,
        value=shown(value),
    )


Parameter = Callable[[_Reader, Term, Values], Iterable[m.Constraint]]


def _integer(node: Term, name: str, values: Values) -> int:
    value = only(node, name, values)
    if value.kind != LITERAL or value.datatype != XSD + "integer" or not re.fullmatch(r"[+-]?[0-9]+", value.lexical):
        raise _invalid(node, name, value)
    return int(value.lexical)


def _iri(node: Term, name: str, value: Term) -> Term:
    if value.kind != IRI:
        raise _invalid(node, name, value)
    return value


def _counted(name: str, make: Callable[[int], m.Constraint]) -> Parameter:
    return lambda reader, node, values: [make(_integer(node, name, values))]


def _bounded(name: str, make: Callable[[Term], m.Constraint]) -> Parameter:
    def read_bound(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
        limit = only(node, name, values)
        if limit.kind != LITERAL:
            raise _invalid(node, name, limit)
        return [make(limit)]

    return read_bound


def _each_predicate(name: str, make: Callable[[str], m.Constraint]) -> Parameter:
    return lambda reader, node, values: [make(_iri(node, name, value).lexical) for value in values]


def _property(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.Property(reader.refer(value, must_have_path=True)) for value in values]


def _each_shape(make: Callable[[Term], m.Constraint]) -> Parameter:
    return lambda reader, node, values: [make(reader.refer(value)) for value in values]


def _each_list(make: Callable[[tuple[Term, ...]], m.Constraint]) -> Parameter:
    return lambda reader, node, values: [
        make(tuple(reader.refer(member) for member in reader.graph.members(value))) for value in values
    ]


def _class(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.Class(_iri(node, "class", value)) for value in values]


def _datatype(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.Datatype(_iri(node, "datatype", only(node, "datatype", values)).lexical)]


def _node_kind(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    value = only(node, "nodeKind", values)
    kinds = NODE_KINDS.get(value.lexical.removeprefix(SH))
    if kinds is None or value.kind != IRI:
        raise _invalid(node, "nodeKind", value)
    return [m.NodeKind(frozenset(kinds))]


def _pattern(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    regex = only(node, "pattern", values)
    flags = reader.single(node, "flags")
    try:
        return [m.Pattern(regex.lexical, matcher(regex.lexical, flags.lexical if flags else ""))]
    except ValueError as error:
        raise _invalid(node, "pattern", regex) from error


def _language_in(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    members = reader.graph.members(only(node, "languageIn", values))
    return [m.LanguageIn(tuple(member.lexical.lower() for member in members))]


def _unique_lang(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    # Only the literal true activates the constraint: "1" does not (section 4.4.5, and the suite's uniqueLang-002).
    return [m.UniqueLang()] if only(node, "uniqueLang", values) == TRUE else []


def _closed(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    if only(node, "closed", values) != TRUE:
        return []
    ignored = reader.single(node, "ignoredProperties")
    allowed = {member.lexical for member in (reader.graph.members(ignored) if ignored else [])}
    for shape in reader.graph.values(node, SH + "property"):
        allowed |= {path.lexical for path in reader.graph.values(shape, SH + "path") if path.kind == IRI}
    return [m.Closed(frozenset(allowed))]


def _in(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.In(tuple(reader.graph.members(only(node, "in", values))))]


def _has_value(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.HasValue(value) for value in values]


def _qualified(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
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


def _not_in_future(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.NotInFuture()] if TRUE in values else []


def _starts_with_value_of(reader: _Reader, node: Term, values: Values) -> Iterable[m.Constraint]:
    return [m.StartsWithValueOf(_iri(node, "startsWithValueOf", value).lexical) for value in values]


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
