"""`validate`: a frame against shapes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl

from datahub.rdf.frame import Frame
from datahub.rdf.terms import IRI, RDF_TYPE, Term
from datahub.shacl import model as m
from datahub.shacl.components import COMPONENTS
from datahub.shacl.data import SUBCLASS_OF, Data
from datahub.shacl.engine import Engine, Rows
from datahub.shacl.paths import Alternative, Inverse, Path, Predicate, Repeat, Sequence
from datahub.shacl.report import Report


def validate(frame: Frame, shapes: m.Shapes, *, ontology: Frame | None = None, now: datetime | None = None) -> Report:
    """Validates the data graph ``frame`` against ``shapes`` (SHACL section 3).

    Named graphs are read as one graph, their union. The standard expects the rdfs:subClassOf of the ontologies in the data graph
    (section 3.1), where files seldom have them: those of ``ontology`` are taken as if the frame said them, and nothing else of it.
    ``now`` is the moment that dh:notInFuture compares with, by default the present.
    """
    data = Data(frame, mentioned(shapes), () if ontology is None else hierarchy(ontology))
    engine = Engine(data, shapes, COMPONENTS, now or datetime.now(UTC))
    rows: list[Rows] = []
    unused: list[m.Shape] = []
    checked: list[pl.Series] = []
    for shape in shapes.targeted:
        focus = engine.focus(shape)
        if not len(focus):
            unused.append(shape)
            continue
        checked.append(focus.codes)
        rows += engine.results(shape, focus)
    nodes = pl.concat(checked).n_unique() if checked else 0
    return Report(tuple(rows), data.terms, shapes, tuple(unused), nodes)


def hierarchy(ontology: Frame) -> Iterator[tuple[Term, Term]]:
    """Each class of ``ontology`` that has an IRI, with a class above it."""
    for below, above in ontology.predicate(SUBCLASS_OF).select("s", "o").unique(maintain_order=True).iter_rows():
        pair = (ontology.term(below), ontology.term(above))
        if all(term.kind == IRI for term in pair):
            yield pair


def mentioned(shapes: m.Shapes) -> Iterator[Term]:
    """The terms that evaluation looks up in the data."""
    yield from (Term.iri(RDF_TYPE), Term.iri(SUBCLASS_OF))
    for shape in shapes.by_node.values():
        for target in shape.targets:
            yield target.term
        if shape.path is not None:
            yield from map(Term.iri, _predicates(shape.path))
        for constraint in shape.constraints:
            match constraint:
                case m.Class(iri):
                    yield iri
                case m.Bound(limit):
                    yield limit
                case m.PropertyPair(predicate) | m.StartsWithValueOf(predicate):
                    yield Term.iri(predicate)
                case m.Closed(allowed):
                    yield from map(Term.iri, sorted(allowed))
                case m.HasValue(value):
                    yield value
                case m.In(values):
                    yield from values
                case m.Sparql() | m.Custom() if constraint.query.plain is not None:
                    yield from constraint.query.plain.terms
                case _:
                    pass


def _predicates(path: Path) -> Iterator[str]:
    match path:
        case Predicate(iri):
            yield iri
        case Inverse(inner) | Repeat(inner):
            yield from _predicates(inner)
        case Sequence(parts) | Alternative(parts):
            for part in parts:
                yield from _predicates(part)
