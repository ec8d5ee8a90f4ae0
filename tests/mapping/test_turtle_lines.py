"""Errors in a Turtle mapping name the file, the line of the very node, the way to it, and what was expected."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from datahub.connectors import connectors
from datahub.errors import DefinitionError
from datahub.mapping import parse, plan
from datahub.mapping.turtle_lines import LINE, numbered

HEAD = """@prefix rml: <http://w3id.org/rml/> .
@prefix fn: <https://w3id.org/datahub/ns/fn/> .
@prefix ex: <http://ex.org/#> . # a comment with [ and "

ex:source rml:source \"\"\"a
"[.csv\"\"\" ; rml:referenceFormulation rml:CSV .

<#product>
  rml:logicalSource ex:source ;
"""
OBJECT = "  rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap"
SUBJECT = '  rml:subjectMap [ rml:template "p/{id}" ] ;\n'


@pytest.mark.parametrize(
    ("body", "line", "where", "expected"),
    [
        ('  rml:subjectMap [\n    rml:template "p/{id" ] .', 10, "product, subject map", "unbalanced braces"),
        ("  rml:subjectMap ex:a, ex:b .", 8, "product", "one subject map was expected, 2 found"),
        (
            SUBJECT
            + "  rml:predicateObjectMap\n    [ rml:predicate ex:p ;\n      rml:objectMap [\n        rml:language 'english' ;"
            ' rml:reference "x" ] ] .',
            13,
            "product, object map of http://ex.org/#p",
            "one like “fr”",
        ),
        (
            SUBJECT + "  rml:predicateObjectMap [\n    rml:predicate ex:p ] .",
            11,
            "product",
            "at least one predicate and one object",
        ),
        (
            SUBJECT + OBJECT + " [ rml:reference 'a' ] ,\n\n [ rml:termType rml:IRI ] ] .",
            13,
            "product, object map of http://ex.org/#p",
            "rml:reference, rml:template",
        ),
        (
            SUBJECT + OBJECT + "\n [ rml:functionExecution [ rml:function fn:no ] ] ] .",
            12,
            "product, object map of http://ex.org/#p",
            "fn/no",
        ),
        (
            SUBJECT
            + "  rml:predicateObjectMap [ rml:predicate ex:p ;\n rml:objectMap [ rml:template 'http://a b/{x}' ] ] .",
            12,
            "product, object map of http://ex.org/#p",
            "a character that an IRI can't have",
        ),
    ],
)
def test_an_error_names_line_way_and_expectation(
    tmp_path: Path, body: str, line: int, where: str, expected: str
) -> None:
    path = tmp_path / "mapping.ttl"
    path.write_text(HEAD + body + "\n", "utf-8")
    with pytest.raises(DefinitionError) as caught:
        plan(parse(path))
    assert expected in caught.value.message.en
    assert caught.value.message.en.startswith(f"{where}: ")
    assert caught.value.place.file == "mapping.ttl"
    assert caught.value.place.row == line


def test_a_syntax_error_names_the_line_of_the_text_as_it_was_written() -> None:
    with pytest.raises(DefinitionError) as caught:
        parse(HEAD + SUBJECT + "  rml:predicateObjectMap [ rml:predicate .\n")
    assert caught.value.place.row == 11


TURTLE = [
    "@base <http://a/> . PREFIX x: <http://x/#>\nBASE <http://b/>\nx:a x:b [], [ x:c ( 1.5 x:d [] ) ] ; x:e 'it\\'s' .",
    '<a> <b> """ [ . \\""" ] """ ; <c> "\\"[" , \'\'\'x\'y [\'\'\' . # [ <x> .\n[ <b> <c> ] .\n'
    '_:n <p> true, 1e3, -.5, "x"@fr, "y"^^<d> .',
    "@prefix : <http://e/> .\n:a.b :p\\,q :c.\n:d :p :e.f . [] :p ( [ :p 1 ] ) .",
]


@pytest.mark.parametrize(
    "text", [*TURTLE, *(path.read_text("utf-8") for c in connectors() for path in c.folder.glob("*.ttl"))]
)
def test_numbering_adds_lines_and_changes_nothing_else(text: str) -> None:
    def dataset(given: str) -> ox.Dataset:
        found = ox.Dataset(
            q for q in ox.parse(given, format=ox.RdfFormat.TURTLE, base_iri="http://base/") if q.predicate.value != LINE
        )
        found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        return found

    assert numbered(text).count("\n") == text.count("\n")
    assert dataset(numbered(text)) == dataset(text)
