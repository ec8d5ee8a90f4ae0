"""Subclasses count where an ontology says them, though the data do not (SHACL section 3.1)."""

from __future__ import annotations

from datahub.profiles import class_hierarchy, shapes_files
from datahub.shacl import load, validate

from .conftest import Validate, frame_of

ONTOLOGY = """
ex:Cheese rdfs:subClassOf ex:Dairy . ex:Dairy rdfs:subClassOf ex:Food . ex:Food rdfs:subClassOf ex:Food .
ex:Broken rdfs:subClassOf [ a owl:Restriction ] .
"""
SHAPE = "ex:S a sh:NodeShape ; sh:targetClass ex:Food ; sh:property [ sh:path ex:name ; sh:minCount 1 ] ."
DATA = "ex:brie a ex:Cheese . ex:milk a ex:Dairy ; ex:name 'Milk' . ex:soap a ex:Soap ."


def test_instances_of_a_subclass_are_checked_by_the_shape_of_the_class_above(check: Validate) -> None:
    assert check(SHAPE, DATA).focus_nodes == 0
    told = check(SHAPE, DATA, ontology=frame_of(ONTOLOGY))
    assert told.focus_nodes == 2
    assert [told.term(code).lexical for code in told.results["focus"]] == ["http://example.org/brie"]


def test_the_data_and_the_ontology_complete_each_other(check: Validate) -> None:
    data = DATA + "ex:camembert a ex:Norman . ex:Norman rdfs:subClassOf ex:Cheese ."
    assert check(SHAPE, data, ontology=frame_of(ONTOLOGY)).focus_nodes == 3


def test_values_of_a_subclass_are_of_the_class(check: Validate) -> None:
    shape = "ex:S a sh:NodeShape ; sh:targetNode ex:brie, ex:soap ; sh:class ex:Food ."
    told = check(shape, DATA, ontology=frame_of(ONTOLOGY))
    assert [told.term(code).lexical for code in told.results["focus"]] == ["http://example.org/soap"]


def test_queries_see_the_subclasses_too(check: Validate) -> None:
    shape = """ex:S a sh:NodeShape ; sh:targetNode ex:brie, ex:soap ; sh:sparql [ sh:select '''
        SELECT $this WHERE { $this a/<http://www.w3.org/2000/01/rdf-schema#subClassOf>* <http://example.org/Food> }''' ] ."""
    told = check(shape, DATA, ontology=frame_of(ONTOLOGY))
    assert [told.term(code).lexical for code in told.results["focus"]] == ["http://example.org/brie"]


def test_nothing_else_of_the_ontology_is_data(check: Validate) -> None:
    ontology = frame_of(ONTOLOGY + "ex:exemplar a ex:Cheese .")
    assert check(SHAPE, DATA, ontology=ontology).focus_nodes == 2


def test_a_meeting_point_is_a_place_for_the_rules_of_places() -> None:
    data = frame_of("@prefix dhm: <https://w3id.org/datahub/ns/mobility/> . ex:p a dhm:MeetingPoint .")
    shapes = load(shapes_files("core"))
    assert validate(data, shapes).focus_nodes == 0
    assert validate(data, shapes, ontology=class_hierarchy()).focus_nodes == 1
