"""Which rules look at the clock: with them the same data may have other results at another time."""

from __future__ import annotations

from datahub.rdf.terms import IRI, Term
from datahub.shacl import Shapes
from datahub.shacl.doubt import references
from datahub.shacl.model import Custom, NotInFuture, Property, Sparql

FLEETING = ("NOW", "RAND", "UUID")
"""SPARQL functions whose value is another each time (SPARQL 1.1 Query section 17.4): also STRUUID."""


def passing(shapes: Shapes) -> frozenset[str] | None:
    """The rules (IRIs) that data can break today and keep later, but not the other way round: what lies in the future will not stay
    there. None where time can change more than what these say."""
    named = set()
    within = _within(shapes)
    for shape in shapes.by_node.values():
        for constraint in shape.constraints:
            if isinstance(constraint, Sparql | Custom):
                text = constraint.query.text.upper()
                if any(word in text for word in FLEETING):
                    return None
            if isinstance(constraint, NotInFuture):
                if shape.node.kind != IRI or shape.node in within:
                    return None
                named.add(shape.node.lexical)
    return frozenset(named)


def _within(shapes: Shapes) -> set[Term]:
    """The shapes whose results others turn into results of their own (sh:not, sh:node, sh:qualifiedValueShape …)."""
    found: set[Term] = set()
    frontier = [
        node
        for shape in shapes.by_node.values()
        for constraint in shape.constraints
        if not isinstance(constraint, Property)
        for node in references(constraint)
    ]
    while frontier:
        node = frontier.pop()
        if node in found or node not in shapes.by_node:
            continue
        found.add(node)
        frontier += [each for constraint in shapes.by_node[node].constraints for each in references(constraint)]
    return found
