"""Constraint components that a shapes graph declares itself (SHACL section 6), and sh:sparql constraints (section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from datahub.rdf.terms import SH, XSD, Term
from datahub.shacl import model as m
from datahub.shacl import paths, sparql
from datahub.shacl.shapesgraph import ShapesGraph, broken, shown

_TRUE = Term.literal("true", XSD + "boolean")


@dataclass(frozen=True)
class Parameter:
    """``path``: the predicate that shapes give it by; its local name is the variable."""

    path: str
    optional: bool

    @property
    def variable(self) -> str:
        """The name of the variable (section 6.2.1)."""
        return re.split(r"[#/:]", self.path)[-1]


@dataclass(frozen=True)
class Declared:
    """A declared component."""

    node: Term
    parameters: tuple[Parameter, ...]

    @property
    def mandatory(self) -> tuple[Parameter, ...]:
        """The parameters that a shape must give, so that the component applies to it."""
        return tuple(each for each in self.parameters if not each.optional)


def declared(graph: ShapesGraph, known: frozenset[str]) -> tuple[Declared, ...]:
    """The components of the shapes graph, without those of the standard and those whose parameters are all ``known``."""
    found = []
    for node in sorted(graph.instances(SH + "ConstraintComponent"), key=lambda term: term.lexical):
        if node.lexical.startswith(SH):
            continue
        parameters = tuple(
            Parameter(path.lexical, _TRUE in graph.values(parameter, SH + "optional"))
            for parameter in graph.values(node, SH + "parameter")
            for path in graph.values(parameter, SH + "path")
        )
        if parameters and not all(each.path in known for each in parameters):
            found.append(Declared(node, parameters))
    return tuple(found)


def constraints(
    graph: ShapesGraph, component: Declared, shape: Term, path: paths.Path | None
) -> Iterator[m.Constraint]:
    """What ``component`` asks of ``shape``: one constraint for each value of its parameters (section 6.1)."""
    given = {each.variable: graph.values(shape, each.path) for each in component.parameters}
    if not component.mandatory and not any(given.values()):
        return
    if any(not given[each.variable] for each in component.mandatory):
        return
    if len(component.parameters) > 1 and any(len(values) > 1 for values in given.values()):
        raise broken(
            "shapes-repeated",
            shape,
            "The shape {node} gives a parameter of {component} more than once.",
            "La forme {node} donne plusieurs fois un paramètre de {component}.",
            component=shown(component.node),
        )
    validator = _validator(graph, component, shape, path)
    kind = "ask" if graph.values(validator, SH + "ask") else "select"
    texts = graph.values(validator, SH + kind)
    if len(texts) != 1:
        raise _no_query(component.node, shape)
    names = [each.variable for each in component.parameters]
    spelt = None if path is None else paths.sparql(path)
    query = sparql.query(graph, validator, texts[0].lexical, names, spelt)
    messages = _sentences(graph, validator) or _sentences(graph, component.node)
    filled = {name: values for name, values in given.items() if values}
    for values in product(*filled.values()):
        yield m.Custom(component.node.lexical, query, tuple(zip(filled, values, strict=True)), messages)


def _validator(graph: ShapesGraph, component: Declared, shape: Term, path: paths.Path | None) -> Term:
    """The validator for the kind of shape (section 6.2.3)."""
    own = "nodeValidator" if path is None else "propertyValidator"
    for name in (own, "validator"):
        for node in graph.values(component.node, SH + name):
            if graph.values(node, SH + "ask") or graph.values(node, SH + "select"):
                return node
    raise _no_query(component.node, shape)


def _no_query(component: Term, shape: Term) -> Exception:
    return broken(
        "shapes-unsupported",
        shape,
        "The shape {node} uses {component}, which has no SPARQL validator for it.",
        "La forme {node} utilise {component}, qui n'a pas de validateur SPARQL pour elle.",
        component=shown(component),
    )


def sparql_constraints(
    graph: ShapesGraph, shape: Term, values: list[Term], path: paths.Path | None
) -> Iterator[m.Constraint]:
    """The sh:sparql constraints of ``shape`` (section 5.1)."""
    for node in values:
        if _TRUE in graph.values(node, SH + "deactivated"):
            continue
        texts = graph.values(node, SH + "select")
        if len(texts) != 1:
            raise broken(
                "shapes-sparql",
                node,
                "{node}, a sh:sparql of {shape}, must have one sh:select.",
                "{node}, sh:sparql de {shape}, doit avoir un seul sh:select.",
                shape=shown(shape),
            )
        spelt = None if path is None else paths.sparql(path)
        yield m.Sparql(node, sparql.query(graph, node, texts[0].lexical, (), spelt), _sentences(graph, node))


def _sentences(graph: ShapesGraph, node: Term) -> tuple[tuple[str, str], ...]:
    return tuple((value.language or "", value.lexical) for value in graph.values(node, SH + "message"))
