"""Result formats: what a SPARQL client reads back is what the store holds."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from datahub.errors import DatahubError
from datahub.graph import QueryLimits, QueryRequest
from datahub.graph.oxigraph import OxigraphStore

TRICKY = [
    '<http://h/a> <http://h/p> "tab\\t, comma, \\"quote\\" & <tag> é\\nline" .',
    '<http://h/b> <http://h/p> "bonjour"@fr .',
    '<http://h/c> <http://h/p> "1.5"^^<http://www.w3.org/2001/XMLSchema#decimal> .',
    "<http://h/d> <http://h/p> <http://h/a?x=1&y=2> .",
    '<http://h/e> <http://h/p> "" .',
]
QUERY = "SELECT ?s ?o ?none { ?s ?p ?o } ORDER BY ?s"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OxigraphStore]:
    store = OxigraphStore(Path(tmp_path_factory.mktemp("graph")), QueryLimits())
    with store.writing() as writing:
        assert writing is not None
        writing.add("http://h/g", "\n".join(TRICKY).encode())
        writing.commit(1)
    yield store
    store.close()


@pytest.mark.parametrize(("name", "reader"), [("json", ox.QueryResultsFormat.JSON), ("xml", ox.QueryResultsFormat.XML)])
def test_json_and_xml_results_are_read_back_equal_by_another_reader(
    store: OxigraphStore, name: str, reader: ox.QueryResultsFormat
) -> None:
    read = ox.parse_query_results(store.query(QueryRequest(QUERY, format=name)).data, format=reader)
    assert isinstance(read, ox.QuerySolutions)
    rows = [(str(row["s"]), str(row["o"]), row["none"]) for row in read]
    expected = [
        (str(q.subject), str(q.object), None) for q in ox.parse("\n".join(TRICKY), format=ox.RdfFormat.N_TRIPLES)
    ]
    assert rows == expected


def test_tsv_results_are_read_back_equal_by_another_reader(store: OxigraphStore) -> None:
    data = store.query(QueryRequest(QUERY, format="tsv")).data
    read = ox.parse_query_results(data, format=ox.QueryResultsFormat.TSV)
    assert isinstance(read, ox.QuerySolutions)
    assert [str(row["o"]) for row in read] == [
        str(q.object) for q in ox.parse("\n".join(TRICKY), format=ox.RdfFormat.N_TRIPLES)
    ]


def test_csv_results_hold_plain_values(store: OxigraphStore) -> None:
    rows = list(csv.reader(io.StringIO(store.query(QueryRequest(QUERY, accept="text/csv")).data.decode(), newline="")))
    assert rows[0] == ["s", "o", "none"]
    assert rows[1] == ["http://h/a", 'tab\t, comma, "quote" & <tag> é\nline', ""]
    assert rows[3][1] == "1.5"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("text/html, application/sparql-results+xml;q=0.9, */*;q=0.1", "application/sparql-results+xml"),
        ("text/*", "text/csv"),
    ],
)
def test_the_accept_header_chooses_the_format(store: OxigraphStore, accept: str | None, media: str) -> None:
    assert store.query(QueryRequest(QUERY, accept=accept)).media_type == media


def test_a_format_that_this_kind_of_result_does_not_have_is_refused(store: OxigraphStore) -> None:
    for request in (QueryRequest(QUERY, format="ttl"), QueryRequest(QUERY, accept="image/png")):
        with pytest.raises(DatahubError) as error:
            store.query(request)
        assert (error.value.code, error.value.status) == ("sparql-not-acceptable", 406)


def test_ask_answers_yes_or_no_in_json_and_xml(store: OxigraphStore) -> None:
    assert json.loads(store.query(QueryRequest("ASK {}")).data)["boolean"] is True
    root = ElementTree.fromstring(store.query(QueryRequest("ASK { ?s ?s ?s }", format="xml")).data)
    assert root[1].text == "false"


@pytest.mark.parametrize("name", ["ttl", "nt", "rdfxml", "jsonld"])
def test_constructed_graphs_come_in_every_rdf_format(store: OxigraphStore, name: str) -> None:
    formats = {
        "ttl": ox.RdfFormat.TURTLE,
        "nt": ox.RdfFormat.N_TRIPLES,
        "rdfxml": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
    }
    request = QueryRequest("CONSTRUCT WHERE { ?s ?p ?o }", format=name, prefixes={"h": "http://h/"})
    read = {str(q.triple) for q in ox.parse(store.query(request).data, format=formats[name])}
    assert read == {str(q.triple) for q in ox.parse("\n".join(TRICKY), format=ox.RdfFormat.N_TRIPLES)}


def test_a_character_that_xml_can_not_hold_is_shown_as_missing(store: OxigraphStore) -> None:
    data = store.query(QueryRequest('SELECT ("a\\u0001\\uFFFF\\U0001F33Db" AS ?x) {}', format="xml")).data
    assert "".join(ElementTree.fromstring(data).itertext()).strip() == "a\ufffd\ufffd\U0001f33db"
