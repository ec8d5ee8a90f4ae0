"""Shapes that are well formed but can't mean what was meant: inert ones, and ones that nothing can satisfy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TypeVar

import polars as pl

from datahub.findings import findings
from datahub.i18n import Text
from datahub.rdf.frame import empty
from datahub.rdf.terms import IRI, LITERAL, SH, Term
from datahub.shacl import model as m
from datahub.shacl.messages import subject
from datahub.shacl.ordering import compared
from datahub.shacl.parse import KNOWN
from datahub.shacl.report import Report
from datahub.shacl.shapesgraph import shown
from datahub.shacl.validation import validate

VALUE_TESTS = (m.Datatype, m.NodeKind, m.Bound, m.MinLength, m.MaxLength, m.Pattern, m.LanguageIn, m.In)
"""The constraints that look at nothing but the value."""


@dataclass(frozen=True)
class Doubt:
    """Something that is probably wrong with a shape.

    ``code`` is stable: shape-unreached, shape-empty, shape-contradiction, value-impossible,
    shape-unknown-term. ``severity`` is info for a shape that
    is unreached (it may be there for other files to use) or asks for nothing, else warning.
    """

    code: str
    shape: Term
    message: Text

    @property
    def severity(self) -> str:
        """info or warning."""
        return "info" if self.code in ("shape-unreached", "shape-empty") else "warning"


def doubts(shapes: m.Shapes) -> tuple[Doubt, ...]:
    """What is inert or contradictory in ``shapes``, in their order. Empty where nothing is to be said."""
    reached = {node for shape in shapes.by_node.values() for each in shape.constraints for node in references(each)}
    found: list[Doubt] = []
    for node, shape in shapes.by_node.items():
        if not shape.targets and node not in reached:
            found.append(
                _doubt(
                    "shape-unreached",
                    shape,
                    "it has no target, and no other shape uses it",
                    "elle n'a pas de cible, et aucune autre forme ne l'utilise",
                )
            )
        if shape.targets and not shape.constraints:
            found.append(_doubt("shape-empty", shape, "it asks for nothing", "elle ne demande rien"))
        found.extend(unknown_terms(shape))
        found.extend(_contradictions(shape))
        found.extend(_counts(shape, shapes))
    return tuple(found)


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
                "message_en": "No shape found a node to check: nothing was checked.",
                "message_fr": "Aucune forme n'a trouvé de nœud à vérifier : rien n'a été vérifié.",
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
        yield _doubt(
            "shape-unknown-term",
            shape,
            f"SHACL has no sh:{name}, so that nothing is asked by it{hint.en}",
            f"SHACL n'a pas de sh:{name}, qui ne demande donc rien{hint.fr}",
        )


DRAFT = {"shape": "node", "valueShape": "node", "hasShape": "node"}
"""Names of the drafts before 2017."""


def _doubt(code: str, shape: m.Shape, en: str, fr: str) -> Doubt:
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
    yield from _impossible_values(shape)


C = TypeVar("C", bound=m.Constraint)


def _of(shape: m.Shape, cls: type[C]) -> list[C]:
    return [each for each in shape.constraints if isinstance(each, cls)]


def _contradiction(shape: m.Shape, one: m.Constraint, two: m.Constraint) -> Doubt:
    names = " / ".join(f"sh:{_parameter(each)}" for each in (one, two))
    return _doubt("shape-contradiction", shape, f"nothing can satisfy both {names}", f"rien ne peut satisfaire {names}")


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
    for code in report.results["focus"].unique(maintain_order=True):
        value = shown(report.term(code))
        yield _doubt(
            "value-impossible",
            shape,
            f"it names the value {value}, which its other constraints refuse",
            f"elle nomme la valeur {value}, que ses autres contraintes refusent",
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
            yield _doubt(
                "shape-contradiction",
                group[0],
                f"at least {least} and at most {min(most)} values are asked for",
                f"au moins {least} et au plus {min(most)} valeurs sont demandées",
            )
