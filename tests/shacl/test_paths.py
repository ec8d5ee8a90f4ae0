"""Property paths lead where SPARQL's lead, and are read and written as SHACL section 2.3.1 spells them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path as File

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, Graph, URIRef

from datahub.errors import DefinitionError
from datahub.rdf.frame import Frame
from datahub.rdf.terms import SH, Term
from datahub.shacl import load
from datahub.shacl.data import Data, codes
from datahub.shacl.paths import Alternative, Inverse, Path, Predicate, Repeat, Sequence, inverse, text
from datahub.shacl.reportgraph import add_path
from datahub.shacl.walk import values

from .conftest import EX, frame_of

PREDICATES = [EX + name for name in "pqr"]
NODES = [Term.iri(EX + f"n{i}") for i in range(6)]

triples = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(PREDICATES), st.sampled_from(NODES)), min_size=1, max_size=14
)
paths = st.recursive(
    st.sampled_from(PREDICATES).map(Predicate),
    lambda inner: st.one_of(
        inner.map(Inverse),
        st.lists(inner, min_size=2, max_size=3).map(lambda steps: Sequence(tuple(steps))),
        st.lists(inner, min_size=2, max_size=3).map(lambda options: Alternative(tuple(options))),
        st.tuples(inner, st.sampled_from("*+?")).map(lambda pair: Repeat(*pair)),
    ),
    max_leaves=5,
)


def walked(graph: list[tuple[Term, str, Term]], path: Path) -> set[tuple[str, str]]:
    frame = frame_of("\n".join(f"<{s.lexical}> <{p}> <{o.lexical}> ." for s, p, o in graph))
    data = Data(frame, map(Term.iri, PREDICATES))
    everything = codes(sorted({code for name in "so" for code in frame.triples[name]}))
    pairs = values(data, path, data.nodes(everything))
    assert not pairs.is_duplicated().any()
    return {(data.lexical[focus], data.lexical[value]) for focus, value in pairs.iter_rows()}


@settings(max_examples=150, deadline=None)
@given(graph=triples, path=paths)
def test_a_path_leads_where_sparql_leads(graph: list[tuple[Term, str, Term]], path: Path) -> None:
    store = ox.Store()
    for s, p, o in graph:
        store.add(ox.Quad(ox.NamedNode(s.lexical), ox.NamedNode(p), ox.NamedNode(o.lexical)))
    written = f"<{path.iri}>" if isinstance(path, Predicate) else text(path)
    rows = store.query(
        f"SELECT DISTINCT ?a ?b {{ ?a ({written}) ?b . FILTER EXISTS {{ {{ ?a ?p ?x }} UNION {{ ?x ?p ?a }} }} }}"
    )
    assert walked(graph, path) == {(row["a"].value, row["b"].value) for row in rows}


@settings(max_examples=50, deadline=None)
@given(graph=triples, path=paths)
def test_the_inverse_path_leads_back(graph: list[tuple[Term, str, Term]], path: Path) -> None:
    assert walked(graph, inverse(path)) == {(b, a) for a, b in walked(graph, path)}


@settings(max_examples=100, deadline=None)
@given(path=paths)
def test_a_path_that_is_written_as_rdf_is_read_as_itself(path: Path) -> None:
    graph = Graph()
    node = add_path(path, graph)
    graph.add((URIRef(EX + "S"), RDF.type, URIRef(SH + "PropertyShape")))
    graph.add((URIRef(EX + "S"), URIRef(SH + "path"), node))
    assert load(graph).by_node[Term.iri(EX + "S")].path == path


def test_a_loop_in_the_data_ends_the_walk() -> None:
    loop = [(NODES[i], PREDICATES[0], NODES[(i + 1) % 6]) for i in range(6)]
    assert len(walked(loop, Repeat(Predicate(PREDICATES[0]), "+"))) == 36


@pytest.mark.parametrize(
    "path",
    ["'text'", "rdf:nil", "( ex:p )", "[ sh:alternativePath ( ex:p ) ]", "[ ex:p ex:q ]", "[ sh:inversePath _:x ]"],
)
def test_a_broken_path_is_refused(turtle: Callable[[str], File], path: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        load(turtle(f"ex:S a sh:PropertyShape ; sh:path {path} ; sh:minCount 1 ."))
    assert refused.value.code == "shapes-path"


def test_a_path_that_contains_itself_is_refused(turtle: Callable[[str], File]) -> None:
    with pytest.raises(DefinitionError, match="contains itself"):
        load(turtle("_:p sh:inversePath _:p . ex:S a sh:PropertyShape ; sh:path _:p ."))


def test_one_frame_can_serve_two_predicates_with_one_value(frame: Callable[[str], Frame]) -> None:
    data = Data(frame("ex:a ex:p ex:b ; ex:q ex:b ."), map(Term.iri, PREDICATES))
    both = Alternative((Predicate(EX + "p"), Predicate(EX + "q")))
    code = data.frame.iri(EX + "a")
    assert code is not None
    assert values(data, both, data.nodes(codes([code]))).height == 1
