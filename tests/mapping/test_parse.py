"""Parsing: both vocabularies give the same mapping, and mistakes are told with their place."""

from pathlib import Path
from types import SimpleNamespace as Kit

import pytest

from datahub.errors import DefinitionError
from datahub.mapping import parse, plan

NEW = """
@prefix rml: <http://w3id.org/rml/> . @prefix ex: <http://ex.org/> . @base <http://m/> .
<t> a rml:TriplesMap ; rml:logicalSource [
    rml:source [ a rml:RelativePathSource ; rml:root rml:MappingDirectory ; rml:path "s.json" ] ;
    rml:referenceFormulation rml:JSONPath ; rml:iterator "$.items[*]" ] ;
  rml:subjectMap [ rml:template "http://ex.org/{id}" ; rml:class ex:T ] ;
  rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap [ rml:reference "name" ; rml:language "fr" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:q ; rml:object "x" ] ;
  rml:predicateObjectMap [ rml:predicate ex:u ; rml:objectMap [
    rml:parentTriplesMap <u> ; rml:joinCondition [ rml:child "a" ; rml:parent "b" ] ] ] .
<u> rml:logicalSource [ rml:source "u.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:reference "b" ; rml:termType rml:BlankNode ] .
"""
OLD = """
@prefix rml: <http://semweb.mmlab.be/ns/rml#> . @prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> . @prefix ex: <http://ex.org/> . @base <http://m/> .
<t> a rr:TriplesMap ; rml:logicalSource [
    rml:source "s.json" ; rml:referenceFormulation ql:JSONPath ; rml:iterator "$.items[*]" ] ;
  rr:subjectMap [ rr:template "http://ex.org/{id}" ; rr:class ex:T ] ;
  rr:predicateObjectMap [ rr:predicate ex:p ; rr:objectMap [ rml:reference "name" ; rr:language "fr" ] ] ;
  rr:predicateObjectMap [ rr:predicate ex:q ; rr:object "x" ] ;
  rr:predicateObjectMap [ rr:predicate ex:u ; rr:objectMap [
    rr:parentTriplesMap <u> ; rr:joinCondition [ rr:child "a" ; rr:parent "b" ] ] ] .
<u> rml:logicalSource [ rml:source "u.csv" ; rml:referenceFormulation ql:CSV ] ;
  rr:subjectMap [ rml:reference "b" ; rr:termType rr:BlankNode ] .
"""


def test_both_vocabularies_give_the_same_mapping() -> None:
    assert parse(NEW) == parse(OLD)


def test_sources_say_how_they_are_to_be_read() -> None:
    items, other = plan(parse(NEW)).sources
    assert (items.key, items.formulation, items.iterator, items.references) == (
        "s.json",
        "json",
        "$.items[*]",
        ("id", "name", "a"),
    )
    assert (other.key, other.references) == ("u.csv", ("b",))


def test_a_file_that_is_read_with_two_iterators_has_two_keys() -> None:
    text = NEW.replace(
        'rml:source "u.csv" ; rml:referenceFormulation rml:CSV',
        ('rml:source "s.json" ; rml:referenceFormulation rml:JSONPath ; rml:iterator "$.others[*]"'),
    )
    assert [source.key for source in plan(parse(text)).sources] == ["s.json#$.items[*]", "s.json#$.others[*]"]


BROKEN = [
    ("rml:subject ex:a ; rml:subject ex:b", "one subject map was expected, 2 found"),
    ('rml:subjectMap [ rml:template "p/{id" ]', "unbalanced braces"),
    ('rml:subjectMap [ rml:reference "a" ; rml:template "{b}" ]', "takes one value, this one has 2"),
    ('rml:subjectMap [ rml:reference "a" ; rml:termType rml:Literal ]', "a subject can't be a literal"),
    ('rml:subjectMap [ rml:template "a b/{c}" ]', "has a character that an IRI can't have"),
    ("rml:subject ex:a ; rml:predicateObjectMap [ rml:predicate ex:p ]", "at least one predicate and one object"),
    (
        "rml:subject ex:a ; rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap [ rml:parentTriplesMap <#x> ] ]",
        "the parent triples map “x” does not exist",
    ),
    (
        "rml:subject ex:a ; rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap "
        '[ rml:reference "a" ; rml:language "english" ] ]',
        "“english” is not a language tag",
    ),
]


@pytest.mark.parametrize(("inside", "expected"), BROKEN)
def test_a_mistake_is_told_with_its_triples_map_and_what_was_expected(kit: Kit, inside: str, expected: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        plan(parse(f"{kit.PREFIXES} <#things> rml:logicalSource <#csv> ; {inside} ."))
    assert expected in caught.value.message.en
    assert caught.value.message.en.startswith("things")
    assert caught.value.message.fr != caught.value.message.en


def test_a_function_that_does_not_exist_is_told_with_the_nearest_name(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:price", kit.call("decimalcomma", "price")))
    with pytest.raises(DefinitionError, match=r"Did you mean fn:decimalComma\?"):
        plan(parse(kit.PREFIXES + turtle))


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ('rml:reference "x" ], [ rml:parameter fn:shape', "has no parameter"),
        ('rml:reference "x" ], [ rml:parameter fn:format', "has to be a constant"),
    ],
)
def test_wrong_parameters_are_refused_when_the_mapping_is_compiled(kit: Kit, inside: str, expected: str) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:d", kit.call("date", "d")))
    broken = turtle.replace('rml:reference "d" ]', inside + ' ; rml:inputValueMap [ rml:reference "y" ]').replace(
        'rml:inputValueMap [ rml:reference "x" ], [', 'rml:inputValueMap [ rml:reference "x" ] ] , ['
    )
    with pytest.raises(DefinitionError, match=expected):
        plan(parse(kit.PREFIXES + broken))


def test_a_mistake_is_told_with_file_and_line(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "m.ttl").write_text(
        kit.PREFIXES + "\n" + kit.triples_map("t", "p/{id}", kit.pom("ex:d", kit.call("nothing", "d"))), "utf-8"
    )
    with pytest.raises(DefinitionError) as caught:
        plan(parse(tmp_path / "m.ttl"))
    lines = (tmp_path / "m.ttl").read_text("utf-8").splitlines()
    assert caught.value.place.file == "m.ttl"
    assert "fn:nothing" in lines[(caught.value.place.row or 0) - 1]
    assert caught.value.to("fr").startswith("m.ttl, ligne ")


@pytest.mark.parametrize(
    ("function", "constants"),
    [
        ("match", {"pattern": "("}),
        ("matches", {"pattern": "a{9999999}"}),
        ("scale", {"factor": "a lot"}),
        ("scale", {"factor": "0"}),
        ("part", {"separator": ";", "index": "last"}),
        ("recode", {"pairs": "a"}),
    ],
)
def test_parameters_that_can_not_be_used_are_told_when_the_mapping_is_compiled(
    kit: Kit, function: str, constants: dict[str, str]
) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:d", kit.call(function, "d", **constants)))
    with pytest.raises(DefinitionError, match=f"the function {function} can't be used with"):
        plan(parse(kit.PREFIXES + turtle))


def test_turtle_that_is_not_turtle_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "m.ttl").write_text("@prefix ex: <http://ex.org/> .\nex:a ex:b ;;; oops\n", "utf-8")
    with pytest.raises(DefinitionError) as caught:
        parse(tmp_path / "m.ttl")
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.row) == ("m.ttl", 2)
    assert "a value is expected" in caught.value.message.en
    assert "une valeur est attendue" in caught.value.message.fr


def test_a_mapping_that_is_missing_binary_or_empty_is_told(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="missing"):
        parse(tmp_path / "none.ttl")
    (tmp_path / "b.ttl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DefinitionError, match="UTF-8"):
        parse(tmp_path / "b.ttl")
    with pytest.raises(DefinitionError, match="no triples map"):
        parse("")
