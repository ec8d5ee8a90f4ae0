"""Each constraint component: which values violate it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from datahub.rdf.formats import parse
from datahub.shacl import load, validate

from .conftest import EX

Found = Callable[..., Counter[tuple[str | None, ...]]]


def violating(found: Found, constraint: str, values: str) -> list[str | None]:
    """The values of ex:p at ex:a that violate a property shape with ``constraint``."""
    shapes = f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path ex:p ; {constraint} ] ."
    results = found(
        shapes, f"ex:a ex:p {values} . ex:Dog rdfs:subClassOf ex:Animal . ex:rex a ex:Dog . ex:tom a ex:Cat ."
    )
    assert all(key[:2] == ("a", "p") for key in results)
    return sorted((key[2] for key in results.elements()), key=str)


VALUE_CASES = [
    ("class takes instances of subclasses", "sh:class ex:Animal", "ex:rex, ex:tom, 'x'", ["tom", "x"]),
    ("datatype is the literal's own", "sh:datatype xsd:decimal", "1.5, 1, 'x', ex:i", ["1", "i", "x"]),
    ("datatype refuses ill-formed literals", "sh:datatype xsd:decimal", "'12,5'^^xsd:decimal, '12.5'^^xsd:decimal", ["12,5"]),
    ("datatype takes texts with a language", "sh:datatype rdf:langString", "'a'@fr, 'b'", ["b"]),
    ("nodeKind IRI", "sh:nodeKind sh:IRI", "ex:i, 'x'", ["x"]),
    ("nodeKind Literal", "sh:nodeKind sh:Literal", "ex:i, 'x'", ["i"]),
    ("nodeKind IRIOrLiteral", "sh:nodeKind sh:IRIOrLiteral", "ex:i, 'x'", []),
    ("minInclusive", "sh:minInclusive 0", "-1, 0, 0.0, '-0.5'^^xsd:double, 'x'", ["-0.5", "-1", "x"]),
    ("minExclusive", "sh:minExclusive 0", "0, 0.00, 1e-9, '0.000000000000000000001'^^xsd:decimal", ["0", "0.00"]),
    ("maxInclusive", "sh:maxInclusive 100", "100, 100.0, 1e3, '100.00000000000000000001'^^xsd:decimal",
     ["100.00000000000000000001", "1e3"]),
    ("maxExclusive", "sh:maxExclusive 10", "9.999999999999999999999, 10.0, 11", ["10.0", "11"]),
    ("a bound refuses what is no number", "sh:minInclusive 0", "'5', 'abc'^^xsd:decimal, ex:i, 'NaN'^^xsd:double",
     ["5", "NaN", "abc", "i"]),
    ("infinity is above every number", "sh:minInclusive 0", "'INF'^^xsd:double, '-INF'^^xsd:double", ["-INF"]),
    ("bounds of dates", "sh:minInclusive '2026-01-01'^^xsd:date",
     "'2025-12-31'^^xsd:date, '2026-01-01'^^xsd:date, '2026-01-01'", ["2025-12-31", "2026-01-01"]),
    ("bounds of dateTimes compare instants", "sh:maxInclusive '2026-01-01T00:00:00Z'^^xsd:dateTime",
     "'2026-01-01T00:30:00+01:00'^^xsd:dateTime, '2026-01-01T00:30:00Z'^^xsd:dateTime", ["2026-01-01T00:30:00Z"]),
    ("dateTimes with and without zone compare when 14 hours apart", "sh:maxInclusive '2026-01-02T00:00:00Z'^^xsd:dateTime",
     "'2026-01-01T09:59:59'^^xsd:dateTime, '2026-01-01T10:00:00'^^xsd:dateTime", ["2026-01-01T10:00:00"]),
    ("bounds of texts go by code point", "sh:minInclusive 'b'", "'a', 'b', 'é', 'B'", ["B", "a"]),
    ("bounds of durations", "sh:maxInclusive 'PT2H'^^xsd:dayTimeDuration",
     "'PT90M'^^xsd:dayTimeDuration, 'P1D'^^xsd:dayTimeDuration", ["P1D"]),
    ("minLength counts characters, not bytes", "sh:minLength 3", "'éà', 'éàü', 12, 123", ["12", "éà"]),
    ("maxLength", "sh:maxLength 2", "'éà', 'abc'", ["abc"]),
    ("length of an IRI is that of its text", "sh:maxLength 20", "ex:i, ex:longer", ["longer"]),
    ("pattern is searched, not matched whole", "sh:pattern 'b'", "'abc', 'ac'", ["ac"]),
    ("pattern with flag i", "sh:pattern '^AB' ; sh:flags 'i'", "'abc', 'bc'", ["bc"]),
    ("pattern with flag q is plain text", "sh:pattern 'a.c' ; sh:flags 'q'", "'a.c', 'abc'", ["abc"]),
    ("pattern with flag x skips white space", "sh:pattern '^ a b $' ; sh:flags 'x'", "'ab', 'a b'", ["a b"]),
    ("pattern with look-ahead", "sh:pattern '^(?=.*[0-9])[a-z0-9]+$'", "'a1', 'a'", ["a"]),
    ("pattern with a Unicode category", r"sh:pattern '^\\p{Lu}'", "'École', 'école'", ["école"]),
    ("pattern with class subtraction", "sh:pattern '^[a-z-[aeiou]]+$'", "'bcd', 'bad'", ["bad"]),
    ("languageIn takes ranges", "sh:languageIn ('fr' 'en')", "'a'@fr, 'b'@fr-CA, 'c'@de, 'd', 'e'@frs", ["c", "d", "e"]),
    ("not", "sh:not [ sh:datatype xsd:string ]", "'a', 1", ["a"]),
    ("and", "sh:and ( [ sh:datatype xsd:integer ] [ sh:minInclusive 5 ] )", "7, 3, 7.5", ["3", "7.5"]),
    ("or", "sh:or ( [ sh:datatype xsd:integer ] [ sh:datatype xsd:decimal ] )", "1, 1.5, 'x'", ["x"]),
    ("xone", "sh:xone ( [ sh:datatype xsd:integer ] [ sh:minInclusive 5 ] )", "3, 7, 7.5, 'x'", ["7", "x"]),
    ("node", "sh:node [ sh:class ex:Animal ; sh:nodeKind sh:IRI ]", "ex:rex, ex:tom, 'x'", ["tom", "x"]),
    ("in compares terms", "sh:in ( 1 'a' ex:i )", "1, '01'^^xsd:integer, 'a', 'a'@fr, ex:i", ["01", "a"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("constraint", "values", "expected"), [c[1:] for c in VALUE_CASES], ids=[c[0] for c in VALUE_CASES]
)
def test_value(found: Found, constraint: str, values: str, expected: list[str]) -> None:
    assert violating(found, constraint, values) == sorted(expected)


FOCUS_CASES = [
    ("minCount", "sh:minCount 2", "1", 1),
    ("minCount is met", "sh:minCount 2", "1, 2", 0),
    ("minCount 0 asks for nothing", "sh:minCount 0", "1", 0),
    ("maxCount", "sh:maxCount 1", "1, 2", 1),
    ("maxCount 0", "sh:maxCount 0", "1", 1),
    ("equal numbers that are written differently are two values", "sh:maxCount 1", "1, 1.0", 1),
    ("hasValue", "sh:hasValue 3", "1, 2", 1),
    ("hasValue is met", "sh:hasValue 2", "1, 2", 0),
    ("uniqueLang reports once for each language", "sh:uniqueLang true", "'a'@fr, 'b'@FR, 'c'@en, 'd'@en, 'e'@de, 'f', 'g'", 2),
    ("uniqueLang false asks for nothing", "sh:uniqueLang false", "'a'@fr, 'b'@fr", 0),
    ("qualifiedMinCount", "sh:qualifiedValueShape [ sh:class ex:Animal ] ; sh:qualifiedMinCount 1", "ex:tom", 1),
    ("qualifiedMaxCount", "sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMaxCount 1", "ex:tom, ex:rex, 1", 1),
    ("qualified counts that are met",
     "sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 1", "ex:tom, 1", 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("constraint", "values", "expected"), [c[1:] for c in FOCUS_CASES], ids=[c[0] for c in FOCUS_CASES]
)
def test_count(found: Found, constraint: str, values: str, expected: int) -> None:
    assert violating(found, constraint, values) == [None] * expected


def test_min_count_sees_a_focus_node_without_any_value(found: Found) -> None:
    shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    assert found(shapes, "ex:a a ex:C ; ex:p 1 . ex:b a ex:C .") == {("b", "p", None, "MinCount"): 1}


PAIRS = [
    ("equals", "ex:a ex:p 1, 2 ; ex:q 2, 3", {("a", "p", "1", "Equals"): 1, ("a", "p", "3", "Equals"): 1}),
    ("equals", "ex:a ex:q 3", {("a", "p", "3", "Equals"): 1}),
    ("disjoint", "ex:a ex:p 1, 2 ; ex:q 2, 3", {("a", "p", "2", "Disjoint"): 1}),
    ("lessThan", "ex:a ex:p 1, 2 ; ex:q 2, 3", {("a", "p", "2", "LessThan"): 1}),
    ("lessThan", "ex:a ex:p 5 ; ex:q 2, 3", {("a", "p", "5", "LessThan"): 2}),
    ("lessThan", "ex:a ex:p 5", {}),
    ("lessThanOrEquals", "ex:a ex:p 2 ; ex:q 2.0, 'x'", {("a", "p", "2", "LessThanOrEquals"): 1}),
    ("lessThan", "ex:a ex:p '2026-01-01'^^xsd:date ; ex:q '2026-01-02T00:00:00Z'^^xsd:dateTime",
     {("a", "p", "2026-01-01", "LessThan"): 1}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "expected"), PAIRS)
def test_property_pair(found: Found, name: str, data: str, expected: dict[tuple[str | None, ...], int]) -> None:
    shapes = f"ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:{name} ex:q ] ."
    assert found(shapes, f"{data} . ex:b ex:q 9 .") == expected


def test_closed_names_the_property_that_is_not_allowed(found: Found) -> None:
    shapes = """ex:S sh:targetClass ex:C ; sh:closed true ; sh:ignoredProperties ( rdf:type ) ;
        sh:property [ sh:path ex:p ] ."""
    assert found(shapes, "ex:a a ex:C ; ex:p 1 ; ex:r 2 . ex:other ex:r 3 .") == {("a", "r", "2", "Closed"): 1}


def test_a_nested_property_shape_reports_on_the_inner_node(found: Found) -> None:
    shapes = (
        """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:property [ sh:path ex:q ; sh:minCount 1 ] ] ."""
    )
    data = "ex:a a ex:C ; ex:p ex:x . ex:b a ex:C ; ex:p ex:x, ex:y . ex:y ex:q 1 ."
    # The standard validates ex:x once for ex:a and once for ex:b: one row, counted twice.
    assert found(shapes, data) == {("x", "q", None, "MinCount"): 2}


def test_siblings_of_a_disjoint_qualified_shape_do_not_count(found: Found) -> None:
    shapes = """ex:Hand sh:targetClass ex:Hand ;
        sh:property [ sh:path ex:digit ; sh:qualifiedValueShapesDisjoint true ;
            sh:qualifiedValueShape [ sh:class ex:Thumb ] ; sh:qualifiedMinCount 1 ] ;
        sh:property [ sh:path ex:digit ; sh:qualifiedValueShapesDisjoint true ;
            sh:qualifiedValueShape [ sh:class ex:Finger ] ; sh:qualifiedMinCount 1 ] ."""
    both = "ex:h a ex:Hand ; ex:digit ex:d . ex:d a ex:Thumb, ex:Finger ."
    assert found(shapes, both) == {("h", "digit", None, "QualifiedMinCount"): 2}


NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "late"),
    [
        ("'2026-06-15'^^xsd:date", False),
        ("'2026-06-16'^^xsd:date", True),
        ("'2026-06-15T12:00:00Z'^^xsd:dateTime", False),
        ("'2026-06-15T12:00:01Z'^^xsd:dateTime", True),
        ("'2026-06-15T13:30:00+02:00'^^xsd:dateTime", False),
        ("'2026-06-15T12:30:00'^^xsd:dateTime", True),
        ("'2099'", False),
        ("'2099-13-45'^^xsd:date", False),
    ],
)
def test_not_in_future(found: Found, value: str, late: bool) -> None:
    shapes = "ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:p ; dh:notInFuture true ] ."
    assert bool(found(shapes, f"ex:a ex:p {value} .", now=NOW)) is late


def test_starts_with_value_of(found: Found) -> None:
    shapes = "ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; dh:startsWithValueOf ex:code ] ."
    data = "ex:a ex:p '35238-C-001', '35000-X' ; ex:code '35238', '99' . ex:b ex:p 'free' ."
    assert set(found(shapes, data)) == {("a", "p", "35000-X", "https://w3id.org/datahub/ns/core/StartsWithValueOf")}


def test_a_triple_in_two_graphs_is_one_value(turtle: Callable[[str], Path]) -> None:
    spo = f"<{EX}a> <{EX}p> <{EX}b>"
    quads = parse(f"{spo} <{EX}g1> .\n{spo} <{EX}g2> .\n{spo} .\n".encode(), "nq")
    shapes = load(
        turtle("ex:S sh:targetSubjectsOf ex:p ; sh:closed true ; sh:property [ sh:path ex:q ; sh:maxCount 0 ] .")
    )
    assert validate(quads, shapes).results.height == 1
    once = load(turtle("ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] ."))
    assert validate(quads, once).conforms


def test_a_value_that_two_records_share_is_reported_for_both(found: Found) -> None:
    shapes = "ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:nodeKind sh:IRI ] ."
    assert found(shapes, "ex:a ex:p 1 . ex:b ex:p 1 .") == {
        ("a", "p", "1", "NodeKind"): 1,
        ("b", "p", "1", "NodeKind"): 1,
    }
