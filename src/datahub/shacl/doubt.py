"""Shapes that are well formed but can't mean what was meant: inert ones, and ones that nothing can satisfy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from difflib import get_close_matches
from itertools import combinations
from typing import TypeVar

import polars as pl

from datahub.findings import findings
from datahub.i18n import Text
from datahub.rdf.frame import empty
from datahub.rdf.terms import IRI, LANG_STRING, LITERAL, SH, Term
from datahub.shacl import model as m
from datahub.shacl.messages import subject
from datahub.shacl.ordering import compared
from datahub.shacl.parse import KNOWN
from datahub.shacl.paths import Path
from datahub.shacl.report import NOTHING_CHECKED, Report
from datahub.shacl.shapesgraph import shown
from datahub.shacl.validation import validate

VALUE_TESTS = (m.Datatype, m.NodeKind, m.Bound, m.MinLength, m.MaxLength, m.Pattern, m.LanguageIn, m.In)
"""The constraints that look at nothing but the value."""


@dataclass(frozen=True)
class Doubt:
    """Something that is probably wrong with a shape.

    ``code`` is stable: shape-unreached, shape-empty, shape-deactivated, constraint-inert, shape-contradiction, value-impossible,
    target-unknown, shape-unknown-term. ``severity`` is info for what merely has no effect (a shape that no other uses may be there
    for other files), else warning.
    """

    code: str
    shape: Term
    message: Text

    @property
    def severity(self) -> str:
        """info or warning."""
        return "info" if self.code in IDLE else "warning"


NAMED = 10
"""How many impossible values are told one by one."""
IDLE = ("shape-unreached", "shape-empty", "shape-deactivated", "constraint-inert")


def doubts(shapes: m.Shapes, classes: Collection[str] = ()) -> tuple[Doubt, ...]:
    """What is inert or contradictory in ``shapes``, in their order. Empty where nothing is to be said.

    ``classes`` are those that ontologies declare: a target or sh:class in the namespace of one of them has to be among them.
    """
    namespaces = {_namespace(iri) for iri in classes}
    reached = {node for shape in shapes.by_node.values() for each in shape.constraints for node in references(each)}
    found: list[Doubt] = []
    aimed = _aimed(shapes)
    for node, shape in shapes.by_node.items():
        if not shape.targets and node not in reached:
            found.append(
                doubt_about(
                    "shape-unreached",
                    shape,
                    "it has no target, and no other shape uses it",
                    "elle n'a pas de cible, et aucune autre forme ne l'utilise",
                )
            )
        if shape.targets and not shape.constraints:
            found.append(doubt_about("shape-empty", shape, "it asks for nothing", "elle ne demande rien"))
        found.extend(unknown_terms(shape))
        found.extend(_unknown_classes(shape, classes, namespaces))
        found.extend(_idle(shape))
        found.extend(_contradictions(shape))
        found.extend(_counts(shape, shapes))
        found.extend(_excluding(shape, shapes, aimed))
    return tuple(dict.fromkeys(found))


def _namespace(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _unknown_classes(shape: m.Shape, classes: Collection[str], namespaces: set[str]) -> Iterator[Doubt]:
    """Classes that an ontology should know and does not, with what may be meant."""
    named = [each.term.lexical for each in shape.targets if each.kind == "class" and each.term != shape.node]
    named += [each.iri.lexical for each in _of(shape, m.Class)]
    for iri in dict.fromkeys(named):
        if iri in classes or _namespace(iri) not in namespaces:
            continue
        space = _namespace(iri)
        near = {one.removeprefix(space): one for one in classes if one.startswith(space)}
        meant = [near[name] for name in get_close_matches(iri.removeprefix(space), near, 1, 0.7)]
        hint = Text(f"; is it <{meant[0]}>?", f" ; est-ce <{meant[0]}> ?") if meant else Text("", "")
        yield doubt_about(
            "target-unknown",
            shape,
            f"no ontology knows the class <{iri}>{hint.en}",
            f"aucune ontologie ne connaît la classe <{iri}>{hint.fr}",
        )


def _idle(shape: m.Shape) -> Iterator[Doubt]:
    """What can never yield a result."""
    if shape.deactivated:
        yield doubt_about(
            "shape-deactivated", shape, "it is switched off (sh:deactivated)", "elle est désactivée (sh:deactivated)"
        )
    for each in shape.constraints:
        least = isinstance(each, m.MinCount | m.QualifiedMinCount) and each.count <= 0
        if least or (isinstance(each, m.And) and not each.shapes):
            name = f"sh:{_parameter(each)}"
            yield doubt_about("constraint-inert", shape, f"its {name} asks for nothing", f"son {name} ne demande rien")


def remarks(report: Report) -> pl.DataFrame:
    """What the reader of ``report`` has to know, as findings: terms that asked for nothing, and that nothing was checked at all."""
    told = [doubt for shape in report.shapes.by_node.values() for doubt in unknown_terms(shape)]
    rows: list[dict[str, object]] = [
        {
            "severity": "warning",
            "code": doubt.code,
            "rule": doubt.shape.lexical,
            "message_en": doubt.message.en,
            "message_fr": doubt.message.fr,
        }
        for doubt in told
    ]
    if not report.focus_nodes:
        rows.append(
            {
                "severity": "warning",
                "code": "shapes-selected-nothing",
                "message_en": NOTHING_CHECKED.en,
                "message_fr": NOTHING_CHECKED.fr,
                "fix_en": "Choose the shapes for the classes that the data have, or check the IRIs of these classes.",
                "fix_fr": "Choisissez les formes des classes présentes dans les données, ou vérifiez les IRI de ces classes.",
            }
        )
    return findings(rows)


def unknown_terms(shape: m.Shape) -> Iterator[Doubt]:
    """The terms of the SHACL namespace that the shape uses and SHACL does not have, with what may be meant."""
    for name in shape.unknown:
        meant = [DRAFT[name]] if name in DRAFT else get_close_matches(name, KNOWN, 1)
        hint = Text(f"; is it sh:{meant[0]}?", f" ; est-ce sh:{meant[0]} ?") if meant else Text("", "")
        yield doubt_about(
            "shape-unknown-term",
            shape,
            f"SHACL has no sh:{name}, so that nothing is asked by it{hint.en}",
            f"SHACL n'a pas de sh:{name}, qui ne demande donc rien{hint.fr}",
        )


DRAFT = {"shape": "node", "valueShape": "node", "hasShape": "node"}
"""Names of the drafts before 2017."""


def doubt_about(code: str, shape: m.Shape, en: str, fr: str) -> Doubt:
    """A doubt about ``shape``, which its sentence names."""
    name = shown(shape.node) if shape.node.kind == IRI or shape.path is None else subject(shape, m.Shapes({})).en
    return Doubt(code, shape.node, Text(f"Shape {name}: {en}.", f"Forme {name} : {fr}."))


def references(constraint: m.Constraint) -> tuple[Term, ...]:
    """The shapes that a constraint refers to."""
    match constraint:
        case m.Not(shape) | m.Node(shape) | m.Property(shape):
            return (shape,)
        case m.Qualified(shape, _, siblings):
            return (shape, *siblings)
        case m.And(shapes) | m.Or(shapes) | m.Xone(shapes):
            return shapes
        case _:
            return ()


def _contradictions(shape: m.Shape) -> Iterator[Doubt]:
    """Constraints of one shape that exclude each other."""
    bounds = [each for each in shape.constraints if isinstance(each, m.Bound)]
    lower = [each for each in bounds if each.operator.startswith(">")]
    upper = [each for each in bounds if each.operator.startswith("<")]
    for low in lower:
        for high in upper:
            sign = "<=" if low.operator == ">=" and high.operator == "<=" else "<"
            if not compared(low.limit, sign, high.limit):
                yield _contradiction(shape, low, high)
    for short in _of(shape, m.MinLength):
        for long in _of(shape, m.MaxLength):
            if short.length > long.length:
                yield _contradiction(shape, short, long)
    literal_only = [each for each in shape.constraints if isinstance(each, m.Datatype | m.LanguageIn | m.Bound)]
    for kind in _of(shape, m.NodeKind):
        if LITERAL not in kind.kinds:
            yield from (_contradiction(shape, kind, each) for each in literal_only)
        if kind.kinds == {LITERAL}:
            yield from (_contradiction(shape, kind, each) for each in _of(shape, m.Class))
    for cls in _of(shape, m.Class):
        yield from (_contradiction(shape, cls, each) for each in literal_only)
    for one, two in combinations(shape.constraints, 2):
        if _exclude(one, two):
            yield _contradiction(shape, one, two)
    for each in shape.constraints:
        if isinstance(each, m.In | m.LanguageIn | m.Or | m.Xone) and not astuple(each)[0]:
            name = f"sh:{_parameter(each)}"
            yield doubt_about(
                "shape-contradiction",
                shape,
                f"nothing can satisfy an empty {name}",
                f"rien ne peut satisfaire un {name} vide",
            )
    yield from _impossible_values(shape)


def _exclude(one: m.Constraint, two: m.Constraint) -> bool:
    """Whether no value can meet both of two constraints that are compared in the order in which they stand, or in the other."""
    match one, two:
        case m.Datatype(a), m.Datatype(b):
            return a != b
        case m.NodeKind(a), m.NodeKind(b):
            return not a & b
        case (m.Datatype(a), m.LanguageIn()) | (m.LanguageIn(), m.Datatype(a)):
            return a != LANG_STRING
        case m.In(a), m.In(b):
            return bool(a) and bool(b) and not set(a) & set(b)
        case (m.Equals(a), m.Disjoint(b)) | (m.Disjoint(a), m.Equals(b)):
            return a == b
        case m.QualifiedMinCount(a, least, _), m.QualifiedMaxCount(b, most, _):
            return a == b and least > most
        case (m.QualifiedMinCount(_, least, _), m.MaxCount(most)) | (
            m.MaxCount(most),
            m.QualifiedMinCount(_, least, _),
        ):
            return least > most
        case (m.HasValue(), m.MaxCount(most)) | (m.MaxCount(most), m.HasValue()):
            return most <= 0
        case _:
            return False


Aimed = dict[m.Target, dict[int, m.Shape]]
"""The node shapes that have a target, each under its number."""


def _aimed(shapes: m.Shapes) -> Aimed:
    found: Aimed = {}
    for number, shape in enumerate(shapes.targeted):
        for target in shape.targets if shape.path is None else ():
            found.setdefault(target, {})[number] = shape
    return found


def _excluding(shape: m.Shape, shapes: m.Shapes, aimed: Aimed) -> Iterator[Doubt]:
    """Property shapes for one path that exclude each other, where one record has to meet them all: those of one node shape, of the
    shapes that it refers to by sh:node and sh:and, and of those with the same target."""
    if shape.path is not None or shape.deactivated:
        return
    numbered = {number: one for target in shape.targets for number, one in aimed.get(target, {}).items()}
    alike = [one for _, one in sorted(numbered.items())]
    if alike and alike[0].node != shape.node:  # told once, at the first
        return
    by_path: dict[Path, dict[Term, m.Shape]] = {}
    for one in _together([shape, *alike], shapes):
        for each in _of(one, m.Property):
            nested = shapes.by_node[each.shape]
            if nested.path is not None and not nested.deactivated:
                by_path.setdefault(nested.path, {})[nested.node] = nested
    for group in by_path.values():
        if len(group) < 2:
            continue
        members = list(group.values())
        merged = replace(members[0], constraints=tuple(dict.fromkeys(c for one in members for c in one.constraints)))
        known = {(doubt.code, doubt.message.en.split(": ", 1)[-1]) for one in members for doubt in _contradictions(one)}
        new = [each for each in _contradictions(merged) if (each.code, each.message.en.split(": ", 1)[-1]) not in known]
        others = ", ".join(shown(one.node) if one.node.kind == IRI else subject(one, shapes).en for one in members[1:])
        # Two lists without a value in common refuse each other's values: that is one fault.
        for doubt in [each for each in new if each.code == "shape-contradiction"] or new:
            en, fr = doubt.message.en.rstrip("."), doubt.message.fr.rstrip(".")
            yield replace(doubt, message=Text(f"{en} (together with {others}).", f"{fr} (avec {others})."))


def _together(start: list[m.Shape], shapes: m.Shapes) -> list[m.Shape]:
    """The node shapes that a node meets all at once."""
    found: dict[Term, m.Shape] = {}
    frontier = list(start)
    while frontier:
        one = frontier.pop(0)
        if one.node in found or one.deactivated or one.path is not None:
            continue
        found[one.node] = one
        frontier += [shapes.by_node[each.shape] for each in _of(one, m.Node)]
        frontier += [shapes.by_node[node] for each in _of(one, m.And) for node in each.shapes]
    return list(found.values())


C = TypeVar("C", bound=m.Constraint)


def _of(shape: m.Shape, cls: type[C]) -> list[C]:
    return [each for each in shape.constraints if isinstance(each, cls)]


def _contradiction(shape: m.Shape, one: m.Constraint, two: m.Constraint) -> Doubt:
    names = " / ".join(f"sh:{_parameter(each)}" for each in (one, two))
    return doubt_about(
        "shape-contradiction", shape, f"nothing can satisfy both {names}", f"rien ne peut satisfaire {names}"
    )


def _parameter(constraint: m.Constraint) -> str:
    name = constraint.component.removeprefix(SH).removesuffix("ConstraintComponent")
    return name[:1].lower() + name[1:]


def _impossible_values(shape: m.Shape) -> Iterator[Doubt]:
    """Values that sh:in or sh:hasValue name and the other constraints of the shape refuse: the engine itself is asked."""
    tests = tuple(each for each in shape.constraints if isinstance(each, VALUE_TESTS))
    named = [value for each in shape.constraints for value in _named(each)]
    if not named or not tests:
        return
    asked = replace(
        shape, path=None, targets=tuple(m.Target("node", value) for value in dict.fromkeys(named)), constraints=tests
    )
    report = validate(empty(), m.Shapes({shape.node: asked}))
    impossible = report.results["focus"].unique(maintain_order=True)
    for code in impossible.head(NAMED):
        value = shown(report.term(code))
        yield doubt_about(
            "value-impossible",
            shape,
            f"it names the value {value}, which its other constraints refuse",
            f"elle nomme la valeur {value}, que ses autres contraintes refusent",
        )
    if (left := len(impossible) - NAMED) > 0:
        yield doubt_about(
            "value-impossible",
            shape,
            f"it names {left} more values that its other constraints refuse",
            f"elle nomme {left} autres valeurs que ses autres contraintes refusent",
        )


def _named(constraint: m.Constraint) -> tuple[Term, ...]:
    match constraint:
        case m.In(values):
            return values
        case m.HasValue(value):
            return (value,)
        case _:
            return ()


def _counts(shape: m.Shape, shapes: m.Shapes) -> Iterator[Doubt]:
    """Counts that no number of values satisfies: in one shape, or in the property shapes of one node shape for one path."""
    properties = [shapes.by_node[each.shape] for each in _of(shape, m.Property)]
    groups: Iterable[list[m.Shape]] = [[shape]]
    if shape.path is None:
        paths = dict.fromkeys(each.path for each in properties)
        groups = [[each for each in properties if each.path == path] for path in paths]
    for group in groups:
        least = max((each.count for one in group for each in _of(one, m.MinCount)), default=0)
        most = [each.count for one in group for each in _of(one, m.MaxCount)]
        if (len(group) > 1 or shape.path is not None) and most and least > min(most):
            yield doubt_about(
                "shape-contradiction",
                group[0],
                f"at least {least} and at most {min(most)} values are asked for",
                f"au moins {least} et au plus {min(most)} valeurs sont demandées",
            )
