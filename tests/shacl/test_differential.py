"""Our engine and pySHACL say the same of generated shapes and data: same focus, path, value, component, shape, as often."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator

import pyshacl
import pytest
import rdflib
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from rdflib import Graph

from datahub.shacl import load, validate

from .conftest import PREFIXES, frame_of
from .results import results

NODES = [f"ex:n{i}" for i in range(5)]
CLASSES = ["ex:A", "ex:B", "ex:C"]
PREDICATES = ["ex:p", "ex:q", "ex:r"]
LITERALS = ["1", "2", "10", "1.5", "2.0", "'a'", "'ab'", "'Abc'", "'a'@en", "'b'@en", "'a'@fr", "'c'@fr-be"]
"""No dates, booleans or ill-formed numbers: pySHACL compares them with numbers. For the same reason sh:lessThan is applied to
numbers only (ex:low, ex:high): pySHACL orders IRIs and texts of different languages. test_components.py tests what is left out."""

nodes = st.sampled_from(NODES)
predicates = st.sampled_from(PREDICATES)
values = st.sampled_from(NODES + LITERALS)
numbers = st.sampled_from(LITERALS[:5])
classes = st.sampled_from(CLASSES)


def joined(strategy: st.SearchStrategy[str], least: int = 1, most: int = 3) -> st.SearchStrategy[str]:
    return st.lists(strategy, min_size=least, max_size=most).map(" ".join)


@st.composite
def data_graphs(draw: st.DrawFn) -> str:
    lines = ["ex:A rdfs:subClassOf ex:B ."] if draw(st.booleans()) else []
    for node in NODES:
        for cls in draw(st.lists(classes, max_size=2)):
            lines.append(f"{node} a {cls} .")
        for _ in range(draw(st.integers(0, 5))):
            lines.append(f"{node} {draw(predicates)} {draw(values)} .")
        for _ in range(draw(st.integers(0, 2))):
            lines.append(f"{node} {draw(st.sampled_from(['ex:low', 'ex:high']))} {draw(numbers)} .")
    return "\n".join(lines)


paths = st.recursive(
    predicates,
    lambda inner: st.one_of(
        predicates.map(
            lambda p: f"[ sh:inversePath {p} ]"
        ),  # of a sequence, pySHACL takes the steps in the wrong order
        st.tuples(inner, inner).map(lambda ps: f"( {ps[0]} {ps[1]} )"),
        st.tuples(inner, inner).map(lambda ps: f"[ sh:alternativePath ( {ps[0]} {ps[1]} ) ]"),
        st.tuples(st.sampled_from(["zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"]), predicates).map(
            lambda pair: f"[ sh:{pair[0]} {pair[1]} ]"
        ),
    ),
    max_leaves=3,
)

KINDS = ["IRI", "Literal", "BlankNodeOrIRI", "IRIOrLiteral", "BlankNode"]
BOUNDS = ["minInclusive", "maxInclusive", "minExclusive", "maxExclusive"]

for_values = st.one_of(
    classes.map("sh:class {}".format),
    st.sampled_from(["xsd:integer", "xsd:decimal", "xsd:string", "rdf:langString", "xsd:date"]).map(
        "sh:datatype {}".format
    ),
    st.sampled_from(KINDS).map("sh:nodeKind sh:{}".format),
    st.tuples(st.sampled_from(BOUNDS), st.sampled_from(["1", "2", "1.5"])).map("sh:{0[0]} {0[1]}".format),
    st.integers(0, 3).map("sh:minLength {}".format),
    st.integers(0, 3).map("sh:maxLength {}".format),
    st.sampled_from(["^a", "b$", "[0-9]+"]).map("sh:pattern '{}'".format),
    st.sampled_from(["'en'", "'fr'", "'en' 'fr-BE'"]).map("sh:languageIn ( {} )".format),
    values.map("sh:hasValue {}".format),
    joined(values, 0).map("sh:in ( {} )".format),
    predicates.map("sh:equals {}".format),
    predicates.map("sh:disjoint {}".format),
)
for_properties = st.one_of(
    st.integers(0, 3).map("sh:minCount {}".format),
    st.integers(0, 3).map("sh:maxCount {}".format),
    st.just("sh:uniqueLang true"),
)
SINGLE = ("datatype", "nodeKind", "minLength", "maxLength", "pattern", "languageIn", "in ", "uniqueLang", "minCount", "maxCount",
          *BOUNDS)  # fmt: skip


def without_repeats(constraints: list[str]) -> list[str]:
    """A shape may have most parameters only once."""
    kept: dict[str, str] = {}
    for constraint in constraints:
        name = next((single for single in SINGLE if constraint.startswith(f"sh:{single}")), constraint)
        kept.setdefault(name, constraint)
    return list(kept.values())


@st.composite
def shapes_graphs(draw: st.DrawFn) -> str:
    """Node shapes with property shapes; each may refer to those before it, so that none is recursive."""
    lines: list[str] = []
    node_shapes: list[str] = []
    property_shapes: list[str] = []

    def logical() -> str:
        one = st.sampled_from(node_shapes + property_shapes)
        node_shape = st.sampled_from(node_shapes)
        listed = joined(one, 1, 2)
        return draw(
            st.one_of(
                node_shape.map("sh:node {}".format),
                one.map("sh:not {}".format),
                listed.map("sh:and ( {} )".format),
                listed.map("sh:or ( {} )".format),
                listed.map("sh:xone ( {} )".format),
            )
        )

    for number in range(draw(st.integers(1, 4))):
        own: list[str] = []
        for position in range(draw(st.integers(0, 2))):
            name = f"ex:P{number}{position}"
            body = without_repeats(draw(st.lists(st.one_of(for_values, for_properties), min_size=1, max_size=3)))
            if node_shapes and draw(st.booleans()):
                body.append(logical())
            if node_shapes and draw(st.integers(0, 3)) == 0:
                body.append(f"sh:qualifiedValueShape {draw(st.sampled_from(node_shapes))}")
                body.append(
                    f"sh:qualifiedMinCount {draw(st.integers(0, 2))} ; sh:qualifiedMaxCount {draw(st.integers(0, 2))}"
                )
            if property_shapes and draw(st.integers(0, 3)) == 0:
                body.append(f"sh:property {draw(st.sampled_from(property_shapes))}")
            path = draw(paths)
            if draw(st.integers(0, 3)) == 0:
                path = "ex:low"
                body.append(f"sh:{draw(st.sampled_from(['lessThan', 'lessThanOrEquals']))} ex:high")
            lines.append(f"{name} a sh:PropertyShape ; sh:path {path} ; {' ; '.join(body)} .")
            own.append(name)
        body = without_repeats(draw(st.lists(for_values, max_size=2)))
        body += [f"sh:property {name}" for name in own]
        if node_shapes and draw(st.booleans()):
            body.append(logical())
        if draw(st.integers(0, 5)) == 0:
            body.append("sh:closed true ; sh:ignoredProperties ( rdf:type ex:p )")
        target = draw(
            st.one_of(
                classes.map("sh:targetClass {}".format),
                nodes.map("sh:targetNode {}".format),
                predicates.map("sh:targetSubjectsOf {}".format),
                predicates.map("sh:targetObjectsOf {}".format),
            )
        )
        name = f"ex:S{number}"
        lines.append(f"{name} a sh:NodeShape ; {' ; '.join([target, *body])} .")
        node_shapes.append(name)
        property_shapes += own
    return "\n".join(lines)


@pytest.fixture(autouse=True)
def _literals_as_written() -> Iterator[None]:
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)
    yield
    rdflib.NORMALIZE_LITERALS = before


def parsed(text: str) -> Graph:
    return Graph().parse(data=PREFIXES + text, format="turtle")


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(data=data_graphs(), shapes=shapes_graphs())
def test_same_results_as_pyshacl(data: str, shapes: str) -> None:
    data_graph, shapes_graph = parsed(data), parsed(shapes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, theirs, _ = pyshacl.validate(data_graph, shacl_graph=shapes_graph, meta_shacl=False)
    assert isinstance(theirs, Graph)
    ours = validate(frame_of(data), load(shapes_graph)).graph()
    note(f"{data}\n\n{shapes}")
    assert results(ours) == results(theirs)
