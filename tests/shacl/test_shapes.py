"""Reading shapes: targets, and what is refused by name instead of being ignored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import rdflib

from datahub.errors import DefinitionError
from datahub.rdf.frame import Frame
from datahub.shacl import load

Load = Callable[[str], Path]
Found = Callable[..., Counter[tuple[str | None, ...]]]

REFUSED = [
    ("SPARQL that is none", "ex:S a sh:NodeShape ; sh:sparql [ sh:select 'SELECT $this {' ] .", "shapes-sparql", "line 1"),
    ("SPARQL without a query", "ex:S a sh:NodeShape ; sh:sparql [ sh:ask 'ASK {}' ] .", "shapes-sparql", "example.org/S"),
    ("SPARQL that forgets $this", "ex:S a sh:NodeShape ; sh:sparql [ sh:select 'SELECT ?x { ?x a ?y }' ] .",
     "shapes-sparql", "does not select"),
    ("SPARQL that counts all nodes together", """ex:S a sh:NodeShape ; sh:sparql [ sh:select
        'SELECT $this (COUNT(?x) AS ?n) { $this a ?x }' ] .""", "shapes-sparql", "GROUP BY"),
    ("SPARQL that asks elsewhere", """ex:S a sh:NodeShape ; sh:sparql [ sh:select
        'SELECT $this { SERVICE <http://other.example/> { $this a ?y } }' ] .""", "shapes-sparql", "SERVICE"),
    ("JavaScript constraint", "ex:S a sh:NodeShape ; sh:js [] .", "shapes-unsupported", "shacl#js"),
    ("SPARQL target", "ex:S sh:target [] ; sh:class ex:C .", "shapes-unsupported", "shacl#target"),
    ("entailment", "ex:S a sh:NodeShape . ex:G sh:entailment <http://www.w3.org/ns/entailment/RDFS> .",
     "shapes-unsupported", "entailment"),
    ("rule", "ex:S a sh:NodeShape ; sh:rule [] .", "shapes-unsupported", "shacl#rule"),
    ("declared component", """ex:Own a sh:ConstraintComponent ; sh:parameter [ sh:path ex:own ] .
        ex:S a sh:NodeShape ; ex:own 1 .""", "shapes-unsupported", "example.org/Own"),
    ("component for JavaScript", """ex:Own a sh:ConstraintComponent ; sh:parameter [ sh:path ex:own ] ;
        sh:validator [ a sh:JSValidator ] . ex:S a sh:NodeShape ; ex:own 1 .""", "shapes-unsupported", "example.org/Own"),
    ("recursion", "ex:S a sh:NodeShape ; sh:property [ sh:path ex:p ; sh:node ex:S ] .", "shapes-recursive", "example.org/S"),
    ("count on a node shape", "ex:S a sh:NodeShape ; sh:minCount 1 .", "shapes-property-only", "minCount"),
    ("count that is no integer", "ex:S a sh:PropertyShape ; sh:path ex:p ; sh:minCount 'one' .",
     "shapes-parameter", "minCount.*one"),
    ("two counts", "ex:S a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1, 2 .", "shapes-repeated", "minCount"),
    ("unknown node kind", "ex:S a sh:NodeShape ; sh:nodeKind sh:Iri .", "shapes-parameter", "nodeKind"),
    ("broken pattern", "ex:S a sh:NodeShape ; sh:pattern '(' .", "shapes-parameter", "pattern"),
    ("unknown flag", "ex:S a sh:NodeShape ; sh:pattern 'a' ; sh:flags 'g' .", "shapes-parameter", "pattern"),
    ("datatype as text", "ex:S a sh:NodeShape ; sh:datatype 'xsd:string' .", "shapes-parameter", "datatype"),
    ("broken list", "ex:S a sh:NodeShape ; sh:in [ rdf:first 1 ] .", "shapes-list", "list"),
    ("looping list", "ex:S a sh:NodeShape ; sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l .", "shapes-list", "list"),
    ("property shape without path", "ex:S a sh:NodeShape ; sh:property [ sh:minCount 1 ] .", "shapes-path", "sh:path"),
    ("two paths", "ex:S a sh:PropertyShape ; sh:path ex:p, ex:q .", "shapes-path", "several"),
    ("shape that is not there", "ex:S a sh:NodeShape ; sh:node ex:Gone .", "shapes-missing", "Gone"),
    ("text as shape", "ex:S a sh:NodeShape ; sh:node 'x' .", "shapes-literal", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "named"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused(turtle: Load, text: str, code: str, named: str) -> None:
    with pytest.raises(DefinitionError, match=named) as refused:
        load(turtle(text))
    assert refused.value.code == code
    assert refused.value.message.fr != refused.value.message.en


def test_broken_turtle_is_refused_with_file_and_line(turtle: Load) -> None:
    file = turtle("\nex:S a sh:NodeShape ;; ;\n  sh:property [ ex:p ] .\n")
    with pytest.raises(DefinitionError) as refused:
        load(file)
    assert refused.value.code == "shapes-syntax"
    assert refused.value.place.file == file.name
    assert refused.value.place.row == 11
    assert "ligne 11" in refused.value.to("fr")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError) as refused:
        load(tmp_path / "gone.ttl")
    assert refused.value.code == "shapes-file-missing"


def test_ill_formed_paths_that_no_shape_uses_do_no_harm(turtle: Load) -> None:
    assert len(load(turtle("_:x sh:alternativePath ( ex:p ) . ex:S a sh:NodeShape ."))) == 1


def test_shapes_come_from_files_graphs_and_frames_alike(turtle: Load, frame: Callable[[str], Frame]) -> None:
    text = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:P . ex:P sh:path ex:p ; sh:minCount 1 ."
    file = turtle(text)
    from_file = load(file).by_node
    assert load(rdflib.Graph().parse(file)).by_node == from_file
    assert load(frame(text)).by_node == from_file
    assert load([file, str(file)]).by_node == from_file


def test_blank_nodes_of_two_files_stay_apart(turtle: Load) -> None:
    one = turtle("ex:S a sh:NodeShape ; sh:property _:p . _:p sh:path ex:p ; sh:minCount 1 .")
    two = turtle("ex:T a sh:NodeShape ; sh:property _:p . _:p sh:path ex:q ; sh:minCount 1 .")
    assert len(load([one, two])) == 4


TARGETS = [
    ("class and its subclasses", "sh:targetClass ex:C", {"a", "b"}),
    ("nodes, even those that are not in the data", "sh:targetNode ex:a, ex:nowhere, 'text'", {"a", "nowhere", "text"}),
    ("subjects", "sh:targetSubjectsOf ex:p", {"a"}),
    ("objects, literals too", "sh:targetObjectsOf ex:p", {"b", "1"}),
    ("several targets at once", "sh:targetClass ex:D ; sh:targetSubjectsOf ex:p", {"a", "b"}),
    ("the class that the shape itself is", "a rdfs:Class ; ex:x ex:y", {"s"}),
    ("an OWL class that the shape itself is", "a owl:Class ; ex:x ex:y", {"s"}),
]


@pytest.mark.parametrize(("target", "expected"), [case[1:] for case in TARGETS], ids=[case[0] for case in TARGETS])
def test_targets(found: Found, target: str, expected: set[str]) -> None:
    data = "ex:a a ex:C ; ex:p ex:b, 1 . ex:b a ex:D . ex:D rdfs:subClassOf ex:C . ex:s a ex:S ."
    assert {key[0] for key in found(f"ex:S a sh:NodeShape ; {target} ; sh:in () .", data)} == expected


def test_a_deactivated_shape_asks_for_nothing(found: Found) -> None:
    off = "sh:deactivated true"
    assert not found(f"ex:S sh:targetNode ex:a ; {off} ; sh:in () .", "ex:a ex:p 1 .")
    assert not found(f"ex:S sh:targetNode ex:a ; sh:node [ {off} ; sh:in () ] .", "ex:a ex:p 1 .")


def test_bottomless_nesting_is_refused(turtle: Load) -> None:
    shapes = (
        " ".join(f"ex:S{i} a sh:NodeShape ; sh:node ex:S{i + 1} ." for i in range(500)) + " ex:S500 a sh:NodeShape ."
    )
    with pytest.raises(DefinitionError) as refused:
        load(turtle(shapes))
    assert refused.value.code == "shapes-depth"
    paths = " ".join(f"_:p{i} sh:inversePath _:p{i + 1} ." for i in range(500)) + " _:p500 sh:inversePath ex:p ."
    with pytest.raises(DefinitionError) as refused:
        load(turtle(f"{paths} ex:S a sh:PropertyShape ; sh:path _:p0 ."))
    assert refused.value.code == "shapes-depth"
