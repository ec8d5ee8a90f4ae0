"""Shapes that found nothing to check in given data."""

from __future__ import annotations

from datetime import UTC, datetime

from datahub.rdf.frame import Frame
from datahub.rdf.terms import Term
from datahub.shacl import model as m
from datahub.shacl.components import COMPONENTS
from datahub.shacl.data import Data
from datahub.shacl.doubt import Doubt, doubt_about
from datahub.shacl.engine import Engine, Scope
from datahub.shacl.validation import hierarchy, mentioned, validate


def unreached(frame: Frame, shapes: m.Shapes, ontology: Frame | None = None) -> tuple[Doubt, ...]:
    """What found nothing to check in ``frame``: targets without a node, and property shapes whose paths lead nowhere."""
    report = validate(frame, shapes, ontology=ontology)
    found = [
        doubt_about(
            "shape-unused",
            shape,
            "its target selects nothing in the data",
            "sa cible ne sélectionne rien dans les données",
        )
        for shape in report.unused
    ]
    engine = Engine(
        Data(frame, mentioned(shapes), () if ontology is None else hierarchy(ontology)),
        shapes,
        COMPONENTS,
        datetime.now(UTC),
    )
    reached: dict[Term, bool] = {}
    frontier = [(shape, engine.focus(shape)) for shape in shapes.targeted if shape not in report.unused]
    while frontier:
        shape, focus = frontier.pop()
        values = Scope(engine, shape, focus).values
        first = shape.node not in reached
        grown = bool(len(values)) and not reached.get(shape.node)
        reached[shape.node] = reached.get(shape.node, False) or bool(len(values))
        if first or grown:
            for node in [each.shape for each in shape.constraints if isinstance(each, m.Property | m.Node)]:
                inner = shapes.by_node[node]
                if not inner.deactivated:
                    frontier.append((inner, values))
    asking = (m.MinCount, m.HasValue, m.QualifiedMinCount, m.Sparql, m.Custom, m.Equals)
    for node, some in reached.items():
        shape = shapes.by_node[node]
        if not some and shape.path is not None and not any(isinstance(each, asking) for each in shape.constraints):
            found.append(
                doubt_about(
                    "shape-unused",
                    shape,
                    "its path leads to no value in the data",
                    "son chemin ne mène à aucune valeur",
                )
            )
    return tuple(found)
