"""SPARQL in shapes: constraints, declared components, and that many nodes at once get the answers of one by one."""

from __future__ import annotations

from pathlib import Path

import pyshacl
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.rdf.formats import parse
from datahub.shacl import Report, load, validate
from datahub.shacl import answers as answers_module

HEAD = """@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
"""
PRICES = """ex:S a sh:NodeShape ; sh:targetClass ex:Offer ; sh:sparql [ sh:prefixes ex: ;
  sh:message "{?value} is less than the cost {?cost}"@en , "{?value} est sous le coût {?cost}"@fr ;
  sh:select "SELECT $this ?value ?cost { $this ex:price ?value ; ex:cost ?cost . FILTER (?value < ?cost) }" ] ."""
OFFERS = "".join(f"ex:o{n} a ex:Offer ; ex:price {n % 7} ; ex:cost {n % 5} .\n" for n in range(40))


def checked(data: str, shapes: str, tmp_path: Path) -> Report:
    file = tmp_path / "shapes.ttl"
    file.write_text(HEAD + shapes)
    return validate(parse((HEAD + data).encode(), "ttl", base="http://example.org/"), load(file))


def focus(report: Report) -> list[str]:
    return sorted(report.term(code).lexical.rpartition("/")[2] for code in report.results["focus"])


def test_each_solution_is_a_result_with_its_sentence_filled(tmp_path: Path) -> None:
    report = checked(
        "ex:a a ex:Offer ; ex:price 3 ; ex:cost 5 . ex:b a ex:Offer ; ex:price 5 ; ex:cost 3 .", PRICES, tmp_path
    )
    [row] = report.results.rows(named=True)
    assert report.term(row["focus"]).lexical == "http://example.org/a"
    assert report.term(row["value"]).lexical == "3"
    assert (row["message_en"], row["message_fr"]) == ("3 is less than the cost 5", "3 est sous le coût 5")
    said = {str(text) for text in report.graph().objects(None, rdflib.SH.resultMessage)}
    assert said == {"3 is less than the cost 5", "3 est sous le coût 5"}


QUERIES = {
    "filter": "SELECT $this { FILTER NOT EXISTS { $this ex:price ?p } }",
    "union": "SELECT $this { { $this ex:price 0 } UNION { FILTER ($this = ex:o3) } }",
    "optional": "SELECT $this { $this a ex:Offer . OPTIONAL { $this ex:price ?p } FILTER (!bound(?p) || ?p > 5) }",
    "bind": "SELECT $this ?value { BIND ($this AS ?same) ?same ex:price ?value . FILTER (?value < 2) }",
    "grouped": "SELECT $this { $this ex:price ?p . $this ex:cost ?c } GROUP BY $this HAVING (SUM(?p) > 5)",
    "limited": "SELECT $this ?value { $this ex:price ?value } LIMIT 1",
    "nested": "SELECT $this { { SELECT $this (MAX(?p) AS ?m) { $this ex:price ?p } GROUP BY $this } FILTER (?m > 4) }",
    "anywhere": "SELECT $this ?path ?value { $this ?path ?value . FILTER (isNumeric(?value) && ?value > 4) }",
    "alone": "SELECT $this { ?other ex:price 6 . FILTER ($this = ?other) }",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_many_nodes_at_once_get_the_answers_of_one_by_one(
    query: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes = (
        f"""ex:S a sh:NodeShape ; sh:targetClass ex:Offer ; sh:sparql [ sh:prefixes ex: ; sh:select "{query}" ] ."""
    )
    columns = ["path", "message_en", "severity"]
    together = checked(OFFERS, shapes, tmp_path)
    monkeypatch.setattr(answers_module, "AT_ONCE", 1)
    single = checked(OFFERS, shapes, tmp_path)
    assert focus(together) == focus(single)
    assert sorted(together.results.select(columns).rows()) == sorted(single.results.select(columns).rows())
    assert len(together.results) < 200


COMPONENT = """
ex:Longer a sh:ConstraintComponent ; sh:parameter [ sh:path ex:longerThan ] , [ sh:path ex:unless ; sh:optional true ] ;
  sh:validator [ a sh:SPARQLAskValidator ; sh:message "{$value} must be longer than {$longerThan}"@en ;
    sh:ask "ASK { FILTER (STRLEN(STR($value)) > $longerThan || STR($value) = COALESCE($unless, '')) }" ] .
"""


def test_a_declared_component_is_asked_for_each_value(tmp_path: Path) -> None:
    shapes = (
        COMPONENT
        + "ex:S sh:targetClass ex:C ; a sh:NodeShape ; sh:property [ sh:path ex:p ; ex:longerThan 2 ; ex:unless 'x' ] ."
    )
    report = checked("ex:a a ex:C ; ex:p 'abc' , 'ab' , 'x' . ex:b a ex:C ; ex:p 'y' .", shapes, tmp_path)
    rows = report.results.rows(named=True)
    assert {report.term(row["value"]).lexical for row in rows} == {"ab", "y"}
    assert {row["component"] for row in rows} == {"http://example.org/Longer"}
    assert sorted(row["message_en"] for row in rows) == ["ab must be longer than 2", "y must be longer than 2"]


def test_a_component_counts_inside_of_other_shapes(tmp_path: Path) -> None:
    shapes = COMPONENT + "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:not [ sh:path ex:p ; ex:longerThan 2 ] ."
    report = checked("ex:a a ex:C ; ex:p 'abc' . ex:b a ex:C ; ex:p 'y' .", shapes, tmp_path)
    assert focus(report) == ["a"]


def test_a_query_sees_blank_nodes(tmp_path: Path) -> None:
    shapes = """ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ;
      sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this { $this ex:p ?x }' ] ."""
    assert len(checked("[] ex:p 1 . [] ex:p 2 . ex:a ex:p 3 .", shapes, tmp_path).results) == 3


def test_a_deactivated_query_is_not_asked(tmp_path: Path) -> None:
    assert checked(
        OFFERS, PRICES.replace("sh:prefixes ex: ;", "sh:prefixes ex: ; sh:deactivated true ;"), tmp_path
    ).conforms


TEXT = st.sampled_from(["", "a", "ab", 'q"uote', "back\\slash", "new\nline", "é", "{}", "?this"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), max_size=6))
def test_values_of_any_text_can_be_bound(pairs: list[tuple[str, str]]) -> None:
    graph = rdflib.Graph()
    ex = rdflib.Namespace("http://example.org/")
    for number, (one, other) in enumerate(pairs):
        graph.add((ex[f"n{number}"], rdflib.RDF.type, ex.C))
        graph.add((ex[f"n{number}"], ex.p, rdflib.Literal(one)))
        graph.add((ex[f"n{number}"], ex.p, rdflib.Literal(other, lang="fr")))
    turtle = """ex:Long a sh:ConstraintComponent ; sh:parameter [ sh:path ex:longerThan ] ;
      sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER (STRLEN(STR($value)) > $longerThan) }" ] .
    ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; ex:longerThan 3 ] ."""
    shapes = rdflib.Graph().parse(data=HEAD + turtle)
    report = validate(parse(graph.serialize(format="nt").encode(), "nt"), load(shapes))
    theirs = pyshacl.validate(graph, shacl_graph=shapes, advanced=False)[1]
    assert isinstance(theirs, rdflib.Graph)
    assert len(report.results) == len(list(theirs.subjects(rdflib.RDF.type, rdflib.SH.ValidationResult)))
