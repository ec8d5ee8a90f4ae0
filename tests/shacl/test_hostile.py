"""Shapes and data that are odd or hostile: refused in words, or judged by the standard's text; never a crash, never for ever."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import rdflib

from datahub.errors import DefinitionError, InputError
from datahub.shacl import data as engine_data
from datahub.shacl import doubts, load
from datahub.shacl import regex as patterns
from datahub.shacl.doubt import NAMED
from datahub.shacl.shapesgraph import TOLD, SeveralBrokenError

from .conftest import Validate

Load = Callable[[str], Path]
Found = Callable[..., Counter[tuple[str | None, ...]]]
SHAPE = "ex:S sh:targetNode ex:n ; sh:property [ sh:path ex:p ; {} ] ."


def test_all_that_is_broken_is_named_at_once_each_with_its_line(turtle: Load) -> None:
    file = turtle("""
ex:S a sh:NodeShape ;
  sh:property [ sh:path ex:p ; sh:minCount "one" ; sh:nodeKind sh:Iri ] ;
  sh:in ex:noList .
ex:T a sh:NodeShape ; sh:node ex:Gone .
ex:U a sh:NodeShape ; sh:sparql [ sh:select "SELECT $this {" ], [ sh:select "SELECT ?x { ?x a ?y }" ] .
""")
    with pytest.raises(SeveralBrokenError) as refused:
        load(file)
    problems = refused.value.problems
    assert [each.code for each in problems] == [
        *("shapes-parameter", "shapes-parameter", "shapes-list", "shapes-missing", "shapes-sparql", "shapes-sparql")
    ]
    assert {(each.place.file, each.place.row) for each in problems} == {
        (file.name, 10),
        (file.name, 13),
        (file.name, 14),
    }
    said = refused.value.to("fr").splitlines()
    assert len(said) == 1 + len(problems)
    assert "un nombre entier" in said[1]
    assert "ligne 10" in said[1]
    assert "a whole number" in refused.value.to("en")


def test_files_that_can_not_be_read_are_named_together(turtle: Load) -> None:
    one, two = turtle("ex:S a ."), turtle("ex:T sh:path [ .")
    with pytest.raises(SeveralBrokenError) as refused:
        load([one, turtle("ex:U a sh:NodeShape ."), two])
    assert {each.place.file for each in refused.value.problems} == {one.name, two.name}


def test_a_thousand_broken_shapes_do_not_flood_the_reader(turtle: Load) -> None:
    with pytest.raises(SeveralBrokenError) as refused:
        load(turtle("\n".join(f"ex:S{n} a sh:NodeShape ; sh:class 'x' ." for n in range(TOLD + 7))))
    assert len(refused.value.problems) == TOLD + 7
    assert refused.value.to("en").splitlines()[-1] == "… and 7 more."


def test_a_broken_path_is_one_fault_not_one_for_each_parameter(turtle: Load) -> None:
    with pytest.raises(DefinitionError) as refused:
        load(turtle("ex:P a sh:PropertyShape ; sh:path [] ; sh:minCount 1 ; sh:maxCount 2 ."))
    assert not isinstance(refused.value, SeveralBrokenError)
    assert refused.value.code == "shapes-path"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("sh:severity 'much'", "an IRI"),
        ("sh:severity []", "an IRI"),
        ("sh:pattern ex:p", "a regular expression"),
        ("sh:languageIn ( ex:fr )", "a language"),
        ("sh:closed true ; sh:ignoredProperties ( 'http://example.org/q' )", "an IRI"),
        ("sh:targetClass 'C'", "an IRI"),
        ("sh:targetNode []", "an IRI or a literal"),
        ("sh:minInclusive ex:one", "a literal"),
    ],
)
def test_a_refused_value_says_what_was_expected(turtle: Load, asked: str, expected: str) -> None:
    with pytest.raises(DefinitionError, match=f"{expected}.* is expected") as refused:
        load(turtle(SHAPE.format(asked)))
    assert refused.value.code == "shapes-parameter"


@pytest.mark.parametrize("digits", ["9" * 20, "9" * 5000, "-" + "9" * 5000, "0" * 5000 + "1"])
@pytest.mark.parametrize("name", ["minCount", "maxCount", "minLength", "maxLength"])
def test_counts_of_any_size_are_counts(found: Found, name: str, digits: str) -> None:
    count = 0 if digits.startswith("-") else 1 if digits.startswith("0") else 10
    violated = count > 2 if name.startswith("min") else count < 1
    shape = SHAPE.format(f'sh:{name} "{digits}"^^xsd:integer')
    assert bool(found(shape, "ex:n ex:p 'ab' .")) is (violated or (name == "maxLength" and count == 1))


def test_blank_nodes_of_shapes_are_none_of_the_data(check: Validate) -> None:
    """SHACL section 1.3: shapes graph and data graph are two graphs; RDF 1.1 section 3.4: blank nodes belong to one of them."""
    data = "ex:n ex:p " + ", ".join(f"_:b{n}" for n in range(9)) + " ."
    report = check("ex:S sh:targetNode ex:n ; sh:property [ sh:path ex:p ; sh:in ( [] ex:a ) ] .", data)
    assert report.results.height == 9
    graph = rdflib.Graph().parse(data=report.turtle(), format="turtle")
    assert not set(graph.objects(None, rdflib.SH.value)) & set(graph.objects(None, rdflib.SH.sourceShape))


def test_terms_that_a_query_makes_do_not_upset_the_constraints_after_it(found: Found) -> None:
    shapes = """ex:S sh:targetNode ex:n ; sh:property [ sh:path ex:p ; sh:nodeKind sh:Literal ] ;
      sh:sparql [ sh:select "SELECT $this (CONCAT(STR(?x), 'new') AS ?value) WHERE { $this <http://example.org/p> ?x }" ] .
    ex:T sh:targetNode ex:n ; sh:property [ sh:path ex:p ; sh:datatype xsd:gYear ; sh:languageIn ("fr") ] ."""
    assert found(shapes, "ex:n ex:p 1 .") == {
        ("n", None, "1new", "SPARQL"): 1,
        ("n", "p", "1", "Datatype"): 1,
        ("n", "p", "1", "LanguageIn"): 1,
    }


def test_a_query_from_elsewhere_is_refused(turtle: Load) -> None:
    """5.3.1: the query is asked of the data graph; FROM would ask another."""
    query = "SELECT $this FROM <file:///etc/passwd> WHERE { $this ?p ?o }"
    with pytest.raises(DefinitionError, match="FROM"):
        load(turtle(f"ex:S a sh:NodeShape ; sh:sparql [ sh:select '{query}' ] ."))


def test_patterns_that_would_run_for_ever_are_stopped(check: Validate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "PATIENCE", 0.2)
    with pytest.raises(InputError) as refused:
        check(SHAPE.format("sh:pattern '^(?=a)(a|aa)+$'"), f"ex:n ex:p '{'a' * 60}!' .")
    assert refused.value.code == "pattern-slow"
    assert "^(?=a)(a|aa)+$" in refused.value.message.fr


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        (r"^[a&&b]+$", "a&b", True),
        (r"^[a~~b]+$", "~", True),
        (r"^(?=a)a$", r"a\n", False),
        (r"^(?=a)[a$]+$", "a$", True),
        (r"^a$", r"a\n", False),
        (r"^((a{0,100}){0,100}){0,100}$", "aaaa", True),
    ],
)
def test_patterns_mean_what_xpath_means(check: Validate, pattern: str, value: str, fits: bool) -> None:
    escaped = pattern.replace("\\", "\\\\")
    assert check(SHAPE.format(f'sh:pattern "{escaped}"'), f'ex:n ex:p "{value}" .').conforms is fits


def test_integers_beyond_floating_point_are_compared_by_their_digits(check: Validate) -> None:
    one, two = "1" + "0" * 400, "2" + "0" * 400
    assert check(SHAPE.format("sh:lessThan ex:q"), f"ex:n ex:p {one} ; ex:q {two} .").conforms
    assert not check(SHAPE.format("sh:lessThan ex:q"), f"ex:n ex:p {two} ; ex:q {one} .").conforms


def test_times_are_compared_to_the_microsecond(check: Validate) -> None:
    times = [f"'2020-01-01T00:00:00.00{digits}Z'^^xsd:dateTime" for digits in ("1008", "1009")]
    assert check(SHAPE.format("sh:lessThan ex:q"), f"ex:n ex:p {times[0]} ; ex:q {times[1]} .").conforms


def test_sentences_about_shapes_that_use_others_over_and_over_stay_readable(check: Validate) -> None:
    """Each of forty shapes uses the next one twice: spelt out, that would be a million million phrases."""
    shapes = " ".join(
        f"ex:S{n} a sh:NodeShape ; sh:node ex:S{n + 1} ; sh:or ( ex:S{n + 1} ex:S{n + 1} ) ." for n in range(40)
    )
    report = check(
        f"{shapes} ex:S40 a sh:NodeShape ; sh:nodeKind sh:Literal . ex:S0 sh:targetNode ex:n .", "ex:n ex:p 1 ."
    )
    assert report.results.height == 2
    assert report.results["message_fr"].str.len_chars().max() < 3_000


def test_doubts_about_thousands_of_shapes_and_values_are_few(turtle: Load) -> None:
    values = " ".join(map(str, range(3_000)))
    found = doubts(load(turtle(SHAPE.format(f"sh:in ( {values} ) ; sh:pattern 'x'"))))
    assert len(found) == NAMED + 1
    assert f"{3_000 - NAMED} more values" in found[-1].message.en


def test_a_prefix_rule_does_not_compare_millions_of_pairs(check: Validate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_data, "PAIRS_AT_LEAST", 1000)
    monkeypatch.setattr(engine_data, "PAIRS_PER_ROW", 1)
    values, codes = (", ".join(f"'{letter}{n}'" for n in range(99)) for letter in "ab")
    with pytest.raises(InputError) as refused:
        check(SHAPE.format("dh:startsWithValueOf ex:code"), f"ex:n ex:p {values} ; ex:code {codes} .")
    assert refused.value.code == "data-entangled"


def test_a_chain_of_classes_takes_time_in_proportion_to_its_length(check: Validate) -> None:
    """Level by level, 50,000 of them took minutes."""
    chain = " ".join(f"ex:C{n} rdfs:subClassOf ex:C{n + 1} ." for n in range(50_000))
    began = time.process_time()
    report = check("ex:S sh:targetClass ex:C50000 ; sh:nodeKind sh:Literal .", f"{chain} ex:n a ex:C0 .")
    assert report.results.height == 1
    assert time.process_time() - began < 20


def test_shapes_that_use_each_other_over_and_over_are_asked_once_for_the_same_nodes(check: Validate) -> None:
    """Each of thirty shapes leads to the next one by two paths: way by way, that would be a thousand million checks."""
    shapes = " ".join(
        f"ex:S{n} a sh:NodeShape ; sh:property [ sh:path ex:p ; sh:node ex:S{n + 1} ], [ sh:path ex:q ; sh:node ex:S{n + 1} ] ."
        for n in range(30)
    )
    report = check(f"{shapes} ex:S30 sh:class ex:C . ex:S0 sh:targetNode ex:n .", "ex:n ex:p ex:n ; ex:q ex:n .")
    assert report.results.height == 2


def test_a_path_whose_parts_share_their_parts_is_refused(turtle: Load) -> None:
    parts = " ".join(f"_:p{n} sh:alternativePath ( _:p{n + 1} _:p{n + 1} ) ." for n in range(40))
    with pytest.raises(DefinitionError) as refused:
        load(turtle(f"ex:S sh:property [ sh:path _:p0 ] ; a sh:NodeShape . {parts} _:p40 sh:inversePath ex:p ."))
    assert refused.value.code == "shapes-path"
    assert "1000 part" in refused.value.message.fr
