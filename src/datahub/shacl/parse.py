"""Shapes graph → `Shapes` (SHACL sections 2 and 4, and the syntax rules of Appendix A).

What this engine does not evaluate is refused here by name: a constraint is never silently ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path as File
from typing import TYPE_CHECKING

from datahub.errors import DefinitionError
from datahub.i18n import Text
from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, DH, IRI, LITERAL, OWL, RDF, RDFS, SH, Term
from datahub.shacl import declared
from datahub.shacl import model as m
from datahub.shacl.location import located
from datahub.shacl.parameters import ADDRESS, CUSTOM, NODE, PARAMETERS, TRUE, address, invalid, only
from datahub.shacl.paths import REPEATS, Alternative, Inverse, Path, Predicate, Repeat
from datahub.shacl.paths import Sequence as Steps
from datahub.shacl.shapesgraph import BrokenShapesError, ShapesGraph, broken, read, several, shown

if TYPE_CHECKING:
    import rdflib

TARGETS = {
    "targetClass": "class",
    "targetNode": "node",
    "targetSubjectsOf": "subjects-of",
    "targetObjectsOf": "objects-of",
}
DESCRIPTIVE = {"name", "description", "order", "group", "defaultValue", "message", "severity", "deactivated", "path"}
"""What SHACL section 2.3.2 calls non-validating characteristics, and the properties that `Shape` itself holds."""
COMPANIONS = {"flags", "ignoredProperties", "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint"}
PROPERTY_ONLY = {"minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals", "qualifiedValueShape"}
DECLARATIONS = {"declare", "parameter", "validator", "nodeValidator", "propertyValidator", "labelTemplate", "optional"}
"""What a node may have that is a component or an ontology, too."""
ELSEWHERE = {"js", "target", "rule", "expression", "values", "entailment"}
"""What the Advanced Features and SHACL-JS define."""
QUERIES = {"select", "ask", "prefixes"}
"""What a shape has that is a SPARQL constraint or validator, too."""
KNOWN = {*DESCRIPTIVE, *COMPANIONS, *QUERIES, *TARGETS, *PARAMETERS, "sparql", *DECLARATIONS}
DEEPEST = 64
"""How deep shapes and paths may be nested."""
MOST_STEPS = 1_000
"""How many parts a path may have: one whose parts share their parts is short as RDF, and twice as long with each level."""


def load(
    shapes: Frame | File | str | Sequence[File | str] | rdflib.Graph,
    labels: Callable[[str], Text | None] | None = None,
) -> m.Shapes:
    """The shapes of a shapes graph: a frame, an rdflib graph, or one or more RDF files.

    ``labels`` gives what the terms of a vocabulary are called, for sentences where a shape has none of its own.

    Raises:
        DefinitionError: the file is not RDF, a shape is ill formed, shapes refer to themselves, or a constraint component is
            used that this engine does not evaluate (JavaScript and the Advanced Features); the component is named. A SPARQL query
            can't be read, or has what pre-binding forbids. Where several things are broken: `SeveralBrokenError`, with each.
    """
    graph = read(shapes)
    reader = _Reader(graph)
    found = reader.shapes(labels)
    if reader.problems:
        raise several([located(each, each.node, graph) for each in reader.problems])
    return found


class _Reader:
    """``problems``: all that is broken; what lies beside it is read nevertheless, so that all is told at once."""

    def __init__(self, graph: ShapesGraph) -> None:
        self.graph = graph
        self.done: dict[Term, m.Shape] = {}
        self.open: list[Term] = []
        self.steps = 0
        self.problems: list[BrokenShapesError] = []
        self.declared = declared.declared(graph, frozenset(CUSTOM))
        self.typed = graph.instances(SH + "NodeShape") | graph.instances(SH + "PropertyShape")
        self.classes = graph.instances(RDFS + "Class") | graph.instances(OWL + "Class")

    def shapes(self, labels: Callable[[str], Text | None] | None) -> m.Shapes:
        """All shapes, each after those that it refers to."""
        for node in self.graph.subjects(SH + "entailment"):
            with self.noting():  # section 1.5: what can't be honoured must not be ignored
                raise unsupported(node, SH + "entailment")
        targeted = {node for name in [*TARGETS, "target"] for node in self.graph.subjects(SH + name)}
        for node in self.graph.index:
            if node in self.typed or node in targeted:
                with self.noting():
                    self.shape(node)
        return m.Shapes(self.done, self.graph, labels)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Notes what is broken inside, and goes on behind it."""
        try:
            yield
        except BrokenShapesError as error:
            self.problems.append(error)

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
        _not_too_deep(len(self.open), node)
        if node.kind == LITERAL:
            raise broken("shapes-literal", node, "{node} is no shape.", "{node} n'est pas une forme.")
        self.open.append(node)
        path = self.own_path(node)
        targets = list(self.targets(node))
        constraints = tuple(self.constraints(node, path))
        self.open.pop()
        self.done[node] = m.Shape(
            node=node,
            path=path,
            targets=tuple(targets),
            constraints=constraints,
            severity=self.severity(node),
            deactivated=TRUE in self.graph.values(node, SH + "deactivated"),
            messages=self.sentences(node, SH + "message"),
            fixes=self.sentences(node, DH + "fix"),
            name=self.name(node),
            unknown=tuple(self.unknown(node)),
        )

    def own_path(self, node: Term) -> Path | None:
        """The path of a property shape; a broken one is noted, and stands for itself."""
        paths = self.graph.values(node, SH + "path")
        self.steps = 0
        with self.noting():
            if len(paths) > 1:
                raise broken("shapes-path", node, "{node} has several sh:path.", "{node} a plusieurs sh:path.")
            return self.path(paths[0]) if paths else None
        return Predicate(paths[0].lexical)

    def targets(self, node: Term) -> Iterator[m.Target]:
        """Section 2.1.3: what sh:targetNode names is an IRI or a literal, what the others name an IRI."""
        for name, kind in TARGETS.items():
            for term in self.graph.values(node, SH + name):
                with self.noting():
                    if term.kind == BLANK or (term.kind == LITERAL and kind != "node"):
                        raise invalid(node, name, term, NODE if kind == "node" else ADDRESS)
                    yield m.Target(kind, term)
        if node in self.typed and node in self.classes:
            yield m.Target("class", node)

    def severity(self, node: Term) -> str:
        """Section 2.1.4."""
        with self.noting():
            severity = self.single(node, "severity")
            if severity is not None:
                return address(node, "severity", severity).lexical
        return SH + "Violation"

    def constraints(self, node: Term, path: Path | None) -> Iterable[m.Constraint]:
        """The constraints of one shape, in document order of their parameters."""
        for predicate, values in self.graph.index.get(node, {}).items():
            with self.noting():
                yield from self.asked(node, predicate, values, path)
        for component in self.declared:
            with self.noting():
                yield from declared.constraints(self.graph, component, node, path)

    def asked(self, node: Term, predicate: str, values: list[Term], path: Path | None) -> Iterable[m.Constraint]:
        """The constraints that the values of one property of a shape stand for."""
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
            if name == "sparql":
                for value in values:
                    with self.noting():
                        yield from declared.sparql_constraints(self.graph, node, [value], path)
            elif name in PARAMETERS:
                yield from PARAMETERS[name](self, node, values)
            elif name in ELSEWHERE:
                raise unsupported(node, predicate)

    def unknown(self, node: Term) -> Iterable[str]:
        """The terms of the SHACL namespace that mean nothing: another engine would pass over them without a word."""
        for predicate in self.graph.index.get(node, {}):
            name = predicate.removeprefix(SH)
            if predicate.startswith(SH) and name not in KNOWN and name not in ELSEWHERE:
                yield name

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
        _not_too_deep(len(within), node)
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise broken(
                "shapes-path",
                node,
                "The path with {node} has more than {most} parts.",
                "Le chemin contenant {node} a plus de {most} parties.",
                most=MOST_STEPS,
            )
        if node in within:
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


def _not_too_deep(depth: int, node: Term) -> None:
    if depth > DEEPEST:
        raise broken(
            "shapes-depth",
            node,
            "The shapes are nested more than {most} deep, at {node}.",
            "Les formes sont imbriquées sur plus de {most} niveaux, à {node}.",
            most=DEEPEST,
        )


def unsupported(node: Term, component: str) -> DefinitionError:
    """The refusal of a component that this engine does not evaluate."""
    return broken(
        "shapes-unsupported",
        node,
        "The shape {node} uses {component}, which this engine does not evaluate.",
        "La forme {node} utilise {component}, que ce moteur n'évalue pas.",
        component=f"<{component}>",
    )
