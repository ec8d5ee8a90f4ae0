"""Shapes that can't mean what was meant are told apart from those that can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from datahub.profiles import profiles, shapes_files
from datahub.shacl import doubts, load

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
]


@pytest.mark.parametrize("text", SOUND)
def test_sound(turtle: Callable[[str], Path], text: str) -> None:
    assert doubts(load(turtle(text))) == ()


@pytest.mark.parametrize("name", [profile.name for profile in profiles()])
def test_nothing_is_impossible_in_our_own_shapes(name: str) -> None:
    assert {doubt.code for doubt in doubts(load(shapes_files(name)))} <= {"shape-unreached"}
