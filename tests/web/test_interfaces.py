"""The other doors: DCAT-AP, OGC API Features, SPARQL, ontologies, OpenAPI."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest

from datahub.profiles import profile, vocabulary
from datahub.rdf.formats import parse
from datahub.rdf.terms import DCAT, RDF_TYPE
from tests.web.street import ODBL, Street

SHAPES = Path(__file__).parents[3] / "shared" / "reference" / "dcat-ap-3.0.1"


@pytest.mark.parametrize("form", ["ttl", "jsonld", "rdfxml", "nt"])
def test_the_catalogue_lists_open_datasets_in_every_form(street: Street, form: str) -> None:
    answer = street.client.get("/catalog", params={"format": form})
    found = parse(answer.content, form)
    types = found.predicate(RDF_TYPE)
    datasets = types.filter(pl.col("o") == found.iri(DCAT + "Dataset"))["s"]
    assert set(found.terms["lexical"].gather(datasets)) == {
        f"https://hub.example/datasets/{name}" for name in ("market", "carpool", "stays")
    }


def test_every_download_of_the_catalogue_works(street: Street) -> None:
    found = parse(street.client.get("/catalog?format=nt").content, "nt")
    for predicate in ("downloadURL", "accessURL", "endpointURL"):
        for url in set(found.terms["lexical"].gather(found.predicate(DCAT + predicate)["o"])):
            assert street.client.get(url).status_code == 200, url


@pytest.mark.corpus
@pytest.mark.parametrize("path", ["/catalog", "/datasets/market", "/platforms/marche.example"])
def test_what_the_server_says_conforms_to_dcat_ap(street: Street, path: str) -> None:
    if not SHAPES.is_dir():
        pytest.skip("../shared with the DCAT-AP shapes is absent")
    import pyshacl
    import rdflib

    data = rdflib.Graph().parse(data=street.client.get(path, params={"format": "ttl"}).text, format="turtle")
    conforms, _, text = pyshacl.validate(
        data, shacl_graph=rdflib.Graph().parse(SHAPES / "shapes.ttl"), allow_warnings=True, allow_infos=True
    )
    assert conforms, text


def test_the_landing_page_leads_to_the_parts_of_features(street: Street) -> None:
    links = {link["rel"]: link["href"] for link in street.client.get("/").json()["links"]}
    for relation in ("self", "service-desc", "service-doc", "conformance", "data"):
        assert street.client.get(links[relation]).status_code == 200


def test_a_collection_has_its_extent_and_items(street: Street) -> None:
    (carpool,) = [one for one in street.client.get("/collections").json()["collections"] if one["id"] == "carpool"]
    assert carpool["extent"]["spatial"]["bbox"] == [list(street.hub.extent("carpool") or ())]
    links = {link["rel"]: link["href"] for link in carpool["links"]}
    assert links["license"] == ODBL
    items = street.client.get(links["items"]).json()
    assert items["type"] == "FeatureCollection"
    assert items["numberMatched"] == items["numberReturned"] == len(items["features"])
    assert items["timeStamp"].endswith("Z")


def test_items_come_in_pages_that_end(street: Street) -> None:
    url: str | None = "/collections/carpool/items?limit=4"
    seen = []
    while url:
        page = street.client.get(url).json()
        seen += [one["id"] for one in page["features"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert sorted(seen) == sorted(street.hub.records("carpool", limit=1000).table["record"])


def test_items_are_filtered_by_area_and_time(street: Street) -> None:
    west, south, east, north = street.hub.extent("carpool") or (0.0, 0.0, 0.0, 0.0)
    inside = street.client.get(f"/collections/carpool/items?bbox={west},{south},{east},{north}").json()
    assert inside["numberMatched"] == street.hub.records("carpool", located=True, limit=1).total
    assert street.client.get("/collections/carpool/items?bbox=-60,-60,-59,-59").json()["features"] == []
    assert street.client.get("/collections/carpool/items?datetime=2001-01-01T00:00:00Z/..").json()["features"]
    assert street.client.get("/collections/carpool/items?datetime=../2001-01-01T00:00:00Z").json()["features"] == []


def test_a_feature_is_found_by_its_id(street: Street) -> None:
    for one in street.client.get("/collections/carpool/items").json()["features"]:
        answer = street.client.get(f"/collections/carpool/items/{quote(one['id'], safe='')}")
        assert answer.headers["content-type"] == "application/geo+json"
        found = answer.json()
        assert {key: found[key] for key in ("id", "geometry")} == {key: one[key] for key in ("id", "geometry")}
        links = {link["rel"]: link["href"] for link in found["links"]}
        assert street.client.get(links["self"]).json() == found
        assert street.client.get(links["canonical"]).status_code == 200
    assert street.client.get("/collections/carpool/items/https%3A%2F%2Fnowhere.example%2F").status_code == 404


def test_whoever_reads_features_in_a_browser_is_led_to_the_page(street: Street) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    items = street.client.get("/collections/carpool/items?bbox=4,43,6,46", headers=browser)
    assert (items.status_code, items.headers["location"]) == (303, "/datasets/carpool/records?bbox=4%2C43%2C6%2C46")
    assert street.client.get(items.headers["location"], headers=browser).status_code == 200
    one = street.hub.records("carpool").items[0].record
    item = street.client.get(f"/collections/carpool/items/{quote(one, safe='')}", headers=browser)
    assert item.status_code == 303
    french = street.client.get("/collections/carpool/items?lang=fr", headers=browser)
    assert french.headers["location"] == "/datasets/carpool/records?lang=fr"
    assert street.client.get(item.headers["location"], headers=browser).status_code == 200
    for accept in ("application/json", "*/*", "application/geo+json,text/html;q=0.5"):
        answer = street.client.get("/collections/carpool/items?limit=1", headers={"Accept": accept})
        assert answer.headers["content-type"] == "application/geo+json"


def test_the_catalogue_says_who_may_have_a_dataset(street: Street) -> None:
    for dataset, platform, right in (
        ("market", "marche.example", "PUBLIC"),
        ("circle", "voisin.example", "RESTRICTED"),
        ("secret", "accueil.example", "NON_PUBLIC"),
    ):
        text = street.client.get(f"/datasets/{dataset}?format=nt", headers=street.as_(platform)).text
        assert f"access-right/{right}>" in text


@pytest.mark.parametrize("query", ["colour=red", "bbox=1", "datetime=yesterday", "limit=10&crs=x"])
def test_what_features_does_not_know_is_400(street: Street, query: str) -> None:
    assert street.client.get(f"/collections/carpool/items?{query}").status_code == 400


ALL = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH <https://hub.example/datasets/market> { ?s ?p ?o } }"


def test_a_query_may_come_in_three_ways(street: Street) -> None:
    answers = [
        street.client.get("/sparql", params={"query": ALL}),
        street.client.post("/sparql", data={"query": ALL}),
        street.client.post("/sparql", content=ALL, headers={"Content-Type": "application/sparql-query"}),
    ]
    counts = {answer.json()["results"]["bindings"][0]["n"]["value"] for answer in answers}
    assert len(counts) == 1
    assert int(counts.pop()) > 10


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/sparql-results+json", "application/sparql-results+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/sparql-results+json, text/html;q=0.5", "application/sparql-results+json"),
        ("text/csv;q=0.3, text/html;q=0.5", "text/html"),
        ("text/html;q=0, */*", "application/sparql-results+json"),
    ],
)
def test_results_come_in_the_form_that_weighs_most(street: Street, accept: str, media: str) -> None:
    answer = street.client.get("/sparql", params={"query": ALL}, headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(media)


def test_a_graph_comes_as_rdf(street: Street) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 5"
    answer = street.client.get("/sparql", params={"query": query}, headers={"Accept": "application/n-triples"})
    assert len(parse(answer.content, "nt")) == 5


@pytest.mark.parametrize(
    "query",
    [
        "SELECT",
        "DELETE WHERE { ?s ?p ?o }",
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "LOAD <http://127.0.0.1/>",
    ],
)
def test_a_query_that_may_not_be_is_a_clear_error_in_both_languages(street: Street, query: str) -> None:
    said = set()
    for lang in ("en", "fr"):
        answer = street.client.get("/sparql", params={"query": query, "lang": lang})
        assert 400 <= answer.status_code < 500
        said.add(answer.json()["detail"])
    assert len(said) == 2


def test_the_page_shows_each_kind_of_answer(street: Street) -> None:
    def page(query: str) -> str:
        headers = {"Accept": "text/html", "Accept-Language": "fr"}
        return street.client.get("/sparql", params={"query": query}, headers=headers).text

    assert "<strong>oui</strong>" in page("ASK { ?s ?p ?o }")
    assert "<strong>non</strong>" in page("ASK { ?s ?p <urn:none> }")
    nested = page("CONSTRUCT { ?s a ?t } WHERE { SELECT ?s ?t { ?s a ?t } LIMIT 1 } # select")
    assert "<pre" in nested
    assert "0 ligne" in page("SELECT ?s { ?s ?p <urn:none> }")


def test_a_query_with_a_mistake_stays_in_the_form(street: Street) -> None:
    headers = {"Accept": "text/html", "Accept-Language": "fr"}
    answer = street.client.get("/sparql", params={"query": "SELECT ?x { ?x <b> "}, headers=headers)
    assert 400 <= answer.status_code < 500
    assert "SELECT ?x { ?x &lt;b&gt; </textarea>" in answer.text
    assert 'role="alert"' in answer.text


def test_the_page_says_when_it_shows_only_the_first_rows(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    query = {"query": "SELECT ?s { ?s ?p ?o }"}
    monkeypatch.setattr("datahub.web.routers.sparql.ROWS_SHOWN", 2)
    text = street.client.get("/sparql", params=query, headers={"Accept": "text/html"}).text
    assert "Only the first 2 rows are shown here" in text
    assert text.count("<tr>") == 3


def test_a_body_that_is_no_query_is_415(street: Street) -> None:
    answer = street.client.post("/sparql", content=b"x", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (415, "media-type")


def test_the_endpoint_describes_itself(street: Street) -> None:
    found = parse(street.client.get("/sparql", headers={"Accept": "text/turtle"}).content, "ttl")
    assert "https://hub.example/datasets/market" in set(found.terms["lexical"])
    assert "https://hub.example/datasets/secret" not in set(found.terms["lexical"])


def test_every_term_of_our_ontologies_has_a_page_and_rdf(street: Street) -> None:
    own = [term for term in vocabulary() if term.own and term.module in ("core", "food", "mobility", "hospitality")]
    assert own
    for term in own[::5]:
        path = term.iri.removeprefix("https://w3id.org/datahub")
        page = street.client.get(path, headers={"Accept": "text/html", "Accept-Language": "fr"})
        assert page.status_code == 200, path
        assert term.label.fr in page.text.replace("&#39;", "'")
        rdf = parse(street.client.get(path, headers={"Accept": "text/turtle"}).content, "ttl")
        assert rdf.iri(term.iri) is not None


def test_a_term_tells_where_it_is_used(street: Street) -> None:
    view = street.client.get("/ns/mobility/nationalIdentifier?format=json").json()
    assert "bnlc" in view["connectors"]


def test_a_module_is_the_turtle_that_is_edited(street: Street) -> None:
    for name in ("core", "units", "reused/dfc"):
        answer = street.client.get(f"/ns/{name}?format=ttl")
        assert answer.content == vocabulary().module(name).path.read_bytes()


def test_the_context_of_a_profile_is_served(street: Street) -> None:
    assert json.loads(street.client.get("/ns/food/context").content) == json.loads(profile("food").context)


def test_the_openapi_document_names_every_route_and_is_worded(street: Street) -> None:
    document = street.client.get("/openapi.json").json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation["summary"], (method, path)
            assert operation["tags"], (method, path)
            for parameter in operation.get("parameters", []):
                assert parameter["in"] == "path" or parameter.get("description"), (path, parameter["name"])
    for route in (
        "/datasets/{dataset}/pushes",
        "/pushes/{push}",
        "/feeds/{dataset}/rpde",
        "/catalog",
        "/sparql",
        "/metrics",
    ):
        assert route in document["paths"]


def test_the_api_page_needs_nothing_from_elsewhere(street: Street) -> None:
    page = street.client.get("/docs", headers={"Accept": "text/html"}).text
    assert "cdn" not in page
    assert "/datasets/{dataset}/pushes" in page
