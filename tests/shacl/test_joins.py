"""SPARQL in shapes by columns: a plain query has the same solutions as the embedded engine finds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.rdf.formats import parse
from datahub.shacl import Shapes, load, plain, validate
from datahub.shacl import model as m

EX = "https://t.example/"
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://t.example/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:o sh:declare [ sh:prefix "ex" ; sh:namespace "https://t.example/"^^xsd:anyURI ] .
ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:targetObjectsOf ex:p ;
  sh:sparql [ sh:prefixes ex:o ; sh:message "value {?value}, {$this}" ; sh:select '''QUERY''' ] .
"""
PLAIN = (
    "SELECT $this ?value WHERE { $this ex:p ?value }",
    "SELECT $this WHERE { $this ex:p ?a , ?b . FILTER (?a < ?b) }",
    "SELECT DISTINCT $this ?value { ?value ex:q ?x ; ex:p $this . ?x a ex:C }",
    "SELECT $this ?value WHERE { $this ex:p/ex:q ?value . FILTER (?value >= 2) }",
    "SELECT $this ?value WHERE { $this ^ex:p/^ex:q ?value }",
    "SELECT $this ?value WHERE { $this ex:q ?value . FILTER (STR(?value) != STR($this) && !isBlank(?value)) }",
    "SELECT $this ?value WHERE { $this ex:q ?value . FILTER NOT EXISTS { ?value ex:p ?other } }",
    "SELECT $this ?value WHERE { $this ex:p ?value FILTER EXISTS { ?n ex:q ?value . FILTER (?n != $this) } }",
    'SELECT $this ?value WHERE { $this ex:p ?value . $this ex:q "1"^^<http://www.w3.org/2001/XMLSchema#integer> }',
    "SELECT $this ?value WHERE { $this ex:p $this ; ex:q ?value . FILTER regex(STR(?value), '1') }",
    "SELECT * WHERE { $this ex:p ?value . ?value ex:p ?then . ?then ex:q $this }",
    "SELECT $this (ex:p AS ?path) ?value WHERE { $this ex:p ?value . FILTER (?value < 2) }",
    "SELECT $this WHERE { FILTER NOT EXISTS { $this ex:q ?any } }",
    "SELECT $this WHERE { FILTER (isIRI($this)) FILTER NOT EXISTS { ?any ex:q $this } }",
    "SELECT $this (1 AS ?value) WHERE { FILTER (STR($this) != 'https://t.example/a') }",
    "SELECT $this ?value ?path WHERE { $this ?path ?value . FILTER (?value = 1) }",
)
OTHER = (
    "SELECT $this WHERE { OPTIONAL { $this ex:p ?a } FILTER (!bound(?a)) }",
    "SELECT $this (COUNT(?a) AS ?n) WHERE { $this ex:p ?a } GROUP BY $this",
    "SELECT $this WHERE { { $this ex:p ?a } UNION { $this ex:q ?a } }",
    "SELECT $this WHERE { $this ex:p* ?a . ?a ex:q 1 }",
    "SELECT $this WHERE { $this ex:p ?a . ?b ex:q ?c }",
    "SELECT $this WHERE { $this ex:p [ ex:q ?a ] }",
    "SELECT $this WHERE { $this ex:p ?a } LIMIT 1",
    "SELECT ($this AS ?that) WHERE { $this ex:p ?a }",
    "SELECT $this (ex:p AS ?a) WHERE { $this ex:p ?a }",
    "SELECT $this (STR(?a) AS ?value) WHERE { $this ex:p ?a }",
    "SELECT $this WHERE { }",
    "SELECT $this WHERE { FILTER (1 < 2) }",
    "SELECT $this WHERE { $this ex:p ?a . BIND (?a AS ?b) }",
)
NODES = [f"<{EX}{name}>" for name in "abcd"] + ["_:x"]
VALUES = [*NODES, '"1"^^<http://www.w3.org/2001/XMLSchema#integer>', '"2.5"^^<http://www.w3.org/2001/XMLSchema#decimal>',
          '"10"', '"un"@fr', '"2020-01-01"^^<http://www.w3.org/2001/XMLSchema#date>']  # fmt: skip
TRIPLES = st.tuples(st.sampled_from(NODES), st.sampled_from(["p", "q"]), st.sampled_from(VALUES)) | st.tuples(
    st.sampled_from(NODES), st.just("type"), st.just(f"<{EX}C>")
)
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


@cache
def shapes(query: str) -> Shapes:
    return load(parse(SHAPES.replace("QUERY", query).encode(), "ttl"))


@cache
def by_the_engine(query: str) -> Shapes:
    """The same shapes, their queries left to the embedded engine."""
    rules = shapes(query)
    asked = {
        node: replace(
            shape,
            constraints=tuple(
                replace(each, query=replace(each.query, plain=None)) if isinstance(each, m.Sparql) else each
                for each in shape.constraints
            ),
        )
        for node, shape in rules.by_node.items()
    }
    return Shapes(asked, rules.graph)


def told(data: bytes, rules: Shapes) -> list[tuple[object, ...]]:
    report = validate(parse(data, "nt"), rules)
    rows = report.results.select("focus", "path", "value", "message_en").iter_rows()
    return sorted(
        (report.term(focus).key, path, None if value is None else report.term(value).key, said)
        for focus, path, value, said in rows
    )


@pytest.mark.parametrize("query", PLAIN)
@settings(max_examples=20, deadline=None)
@given(triples=st.lists(TRIPLES, min_size=1, max_size=14))
def test_columns_find_what_the_engine_finds(query: str, triples: list[tuple[str, str, str]]) -> None:
    data = "".join(f"{s} <{TYPE if p == 'type' else EX + p}> {o} .\n" for s, p, o in triples).encode()
    assert told(data, shapes(query)) == told(data, by_the_engine(query))


@pytest.mark.parametrize("query", PLAIN[:-1])
def test_plain_queries_need_no_full_parser(query: str) -> None:
    assert plain.read(query, {"ex": EX}) is not None


@pytest.mark.parametrize("query", [*OTHER, PLAIN[-1]])
def test_what_is_more_than_plain_is_left_to_the_full_parser(query: str) -> None:
    assert plain.read(query, {"ex": EX}) is None


def test_what_looks_plain_and_is_no_sparql_is_refused() -> None:
    from datahub.errors import DefinitionError

    with pytest.raises(DefinitionError, match="SPARQL"):
        shapes("SELECT $this WHERE { $this ex:p ?value . FILTER (?value < ) }")
