"""Shapes that can't mean what was meant are told apart from those that can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from datahub.errors import DefinitionError
from datahub.profiles import profiles, shapes_files
from datahub.rdf.formats import parse
from datahub.rdf.frame import empty
from datahub.shacl import NothingCheckedWarning, doubts, load, remarks, unreached, validate

CASES = [
    ("ex:S a sh:NodeShape ; sh:nodeKind sh:IRI .", "shape-unreached"),
    ("ex:S sh:targetClass ex:C .", "shape-empty"),
    ("ex:S sh:targetClass ex:C ; sh:minInclusive 10 ; sh:maxInclusive 9 .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:minInclusive 10 ; sh:maxExclusive 10 .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:minInclusive 1 ; sh:maxInclusive '2026-01-01'^^xsd:date .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:minLength 3 ; sh:maxLength 2 .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:nodeKind sh:IRI ; sh:datatype xsd:string .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:nodeKind sh:Literal ; sh:class ex:D .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 2 ; sh:maxCount 1 ] .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 2 ], [ sh:path ex:p ; sh:maxCount 1 ] .",
     "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:in ( 1 'a' ) ; sh:datatype xsd:integer .", "value-impossible"),
    ("ex:S sh:targetClass ex:C ; sh:in ( 'abc' 'd' ) ; sh:pattern '^[a-c]+$' .", "value-impossible"),
    ("ex:S sh:targetClass ex:C ; sh:hasValue ex:x ; sh:in ( ex:y ) .", "value-impossible"),
    ("ex:S sh:targetClass ex:C ; sh:deactivated true ; sh:class ex:D .", "shape-deactivated"),
    ("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 0 ] .", "constraint-inert"),
    ("ex:S sh:targetClass ex:C ; sh:in () .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:or () .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:datatype xsd:string ; sh:languageIn ('fr') ] .",
     "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:hasValue 1 ; sh:maxCount 0 ] .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:equals ex:q ; sh:disjoint ex:q ] .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ sh:class ex:D ] ; sh:qualifiedMinCount 2 ;"
     " sh:qualifiedMaxCount 1 ] .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:datatype xsd:string ], [ sh:path ex:p ; sh:datatype xsd:date ] .",
     "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minInclusive 5 ], [ sh:path ex:p ; sh:maxExclusive 5 ] .",
     "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:in ( 1 ) ] . "
     "ex:T sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:in ( 2 ) ] .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:node ex:T ; sh:property [ sh:path ex:p ; sh:nodeKind sh:IRI ] . ex:T a sh:NodeShape ;"
     " sh:property [ sh:path ex:p ; sh:datatype xsd:string ] .", "shape-contradiction"),
    ("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:in ( 'a' ) ], [ sh:path ex:p ; sh:pattern '^b' ] .",
     "value-impossible"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), CASES)
def test_doubtful(turtle: Callable[[str], Path], text: str, code: str) -> None:
    found = doubts(load(turtle(text)))
    assert [doubt.code for doubt in found] == [code]
    assert found[0].message.en != found[0].message.fr


SOUND = [
    "ex:S sh:targetClass ex:C ; sh:minInclusive 10 ; sh:maxInclusive 10.0 .",
    "ex:S sh:targetClass ex:C ; sh:minLength 2 ; sh:maxLength 2 .",
    "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:maxCount 1 ], [ sh:path ex:q ; sh:maxCount 0 ] .",
    "ex:S sh:targetClass ex:C ; sh:or ( ex:T [ sh:nodeKind sh:IRI ] ) . ex:T a sh:NodeShape ; sh:class ex:D .",
    "ex:S sh:targetClass ex:C ; sh:in ( 1 2 ) ; sh:datatype xsd:integer ; sh:hasValue 2 .",
    "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:datatype xsd:string ], [ sh:path ex:q ; sh:datatype xsd:date ] .",
    "ex:S sh:targetClass ex:C ; sh:or ( [ sh:path ex:p ; sh:datatype xsd:string ] [ sh:path ex:p ; sh:datatype xsd:date ] ) .",
    "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:in ( 1 ) ] . "
    "ex:T sh:targetClass ex:D ; sh:property [ sh:path ex:p ; sh:in ( 2 ) ] .",
]


@pytest.mark.parametrize("text", SOUND)
def test_sound(turtle: Callable[[str], Path], text: str) -> None:
    assert doubts(load(turtle(text))) == ()


@pytest.mark.parametrize("name", [profile.name for profile in profiles()])
def test_nothing_is_impossible_in_our_own_shapes(name: str) -> None:
    assert {doubt.code for doubt in doubts(load(shapes_files(name)))} <= {"shape-unreached"}


@pytest.mark.parametrize(
    ("written", "meant"), [("mincount", "minCount"), ("shape", "node"), ("maxLenght", "maxLength")]
)
def test_a_term_that_shacl_lacks_is_told_with_what_may_be_meant(
    turtle: Callable[[str], Path], written: str, meant: str
) -> None:
    shapes = load(turtle(f"ex:S sh:targetClass ex:C ; sh:path ex:p ; sh:minCount 1 ; sh:{written} 1 ."))
    [told] = [doubt for doubt in doubts(shapes) if doubt.code == "shape-unknown-term"]
    assert f"no sh:{written}," in told.message.en
    assert f"is it sh:{meant}?" in told.message.en
    assert remarks(validate(empty(), shapes))["code"].to_list() == ["shape-unknown-term", "shapes-selected-nothing"]


def test_a_validation_that_checked_nothing_says_so(turtle: Callable[[str], Path]) -> None:
    report = validate(empty(), load(turtle("ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:class ex:D .")))
    with pytest.warns(NothingCheckedWarning):
        assert report.conforms
    assert remarks(report)["code"].to_list() == ["shapes-selected-nothing"]
    assert report.turtle().startswith("# No shape found a node to check")


REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"


@pytest.mark.corpus
@pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the folder ../shared with the shapes of DCAT-AP and STR-AP is absent"
)
@pytest.mark.parametrize(
    ("file", "targeted"),
    [
        ("dcat-ap-3.0.1/shapes.ttl", 15),
        ("dcat-ap-3.0.1/shapes_recommended.ttl", 11),
        ("dcat-ap-3.0.1/mdr-vocabularies.shape.ttl", 7),
        ("hospitality/str-ap-SHACL.ttl", 42),
    ],
)
def test_shapes_of_others_load_and_run(file: str, targeted: int) -> None:
    shapes = load(REFERENCE / file)
    assert len(shapes.targeted) == targeted
    report = validate(parse(DATASET, "ttl"), shapes)
    assert report.focus_nodes > 0


DATASET = b"""@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<http://d.example/c> a dcat:Catalog ; dct:title "C"@en ; dcat:dataset <http://d.example/d> .
<http://d.example/d> a dcat:Dataset ; dct:title "D"@en ; dct:license <http://l.example/> ; dct:issued "soon" ."""


CLASSES = ("http://example.org/Product", "http://example.org/Place")


@pytest.mark.parametrize(
    ("target", "told"), [("ex:Prodct", True), ("ex:Product", False), ("<urn:elsewhere:Product>", False)]
)
def test_a_class_that_its_ontology_does_not_know_is_told(
    turtle: Callable[[str], Path], target: str, told: bool
) -> None:
    found = doubts(load(turtle(f"ex:S sh:targetClass {target} ; sh:nodeKind sh:IRI .")), CLASSES)
    assert [doubt.code for doubt in found] == ["target-unknown"] * told
    assert all("is it <http://example.org/Product>?" in doubt.message.en for doubt in found)


def test_what_selected_nothing_in_the_data_is_told_down_to_nested_properties(turtle: Callable[[str], Path]) -> None:
    shapes = load(
        turtle("""ex:S sh:targetClass ex:C ; sh:property ex:Used, ex:Asked, ex:Idle . ex:T sh:targetClass ex:None ; sh:class ex:D .
        ex:Used sh:path ex:p ; sh:nodeKind sh:IRI ; sh:property ex:Deep . ex:Deep sh:path ex:r ; sh:datatype xsd:string .
        ex:Asked sh:path ex:q ; sh:minCount 1 . ex:Idle sh:path ex:prise ; sh:datatype xsd:decimal .
        ex:Sub sh:targetClass ex:Above ; sh:class ex:Above .""")
    )
    data = parse(b"@prefix ex: <http://example.org/> . ex:a a ex:C ; ex:p ex:b ; ex:price 1 .", "ttl")
    names = {doubt.shape.lexical.rsplit("/", 1)[-1] for doubt in unreached(data, shapes)}
    assert names == {"T", "Deep", "Idle", "Sub"}
    above = b"@prefix ex: <http://example.org/> . ex:C <http://www.w3.org/2000/01/rdf-schema#subClassOf> ex:Above ."
    names = {doubt.shape.lexical.rsplit("/", 1)[-1] for doubt in unreached(data, shapes, parse(above, "ttl"))}
    assert names == {"T", "Deep", "Idle"}


BROKEN = [
    ("ex:S a sh:NodeShape ;\n  sh:targetClass ex:C ;\n  sh:minLength 'x' .", 2, "ex:S"),
    (
        "ex:T a sh:NodeShape .\n\n  ex:S\n  sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:pattern '([' ] .",
        4,
        "<http://example.org/p>",
    ),
]


@pytest.mark.parametrize(("text", "line", "named"), BROKEN)
def test_broken_shapes_are_named_with_file_and_line(tmp_path: Path, text: str, line: int, named: str) -> None:
    file = tmp_path / "mine.ttl"
    file.write_text("@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .\n" + text, "utf-8")
    with pytest.raises(DefinitionError) as error:
        load(file)
    assert (error.value.place.file, error.value.place.row) == ("mine.ttl", line)
    assert named.removeprefix("ex:") in error.value.message.fr
