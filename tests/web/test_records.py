"""Records: the same triples in every RDF form, readable tables, filters, and nothing that is not open."""

from __future__ import annotations

import csv
import io
import json
from urllib.parse import quote

import pytest

from datahub.rdf.formats import parse
from datahub.rdf.frame import Frame
from datahub.rdf.terms import DCT, VOID
from datahub.syndication.objects import context
from tests.web.street import ODBL, Street, sample

RDF = ("jsonld", "ttl", "nt", "rdfxml")


def frame(street: Street, path: str, form: str, **headers: str) -> Frame:
    answer = street.client.get(path, params={"format": form}, headers=headers)
    assert answer.status_code == 200, answer.text
    return parse(answer.content, form)


def rows(street: Street, path: str, **headers: str) -> list[dict[str, str]]:
    answer = street.client.get(path, headers={"Accept": "text/csv", **headers})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("form", RDF)
@pytest.mark.parametrize("dataset", ["market", "carpool", "stays"])
def test_each_rdf_form_holds_the_same_triples(street: Street, dataset: str, form: str) -> None:
    whole = street.hub.frame(dataset)
    assert len(whole)
    assert frame(street, f"/datasets/{dataset}/records", form).equals(whole)


@pytest.mark.parametrize("form", ["nq", "trig"])
def test_forms_with_graphs_name_the_dataset(street: Street, form: str) -> None:
    found = frame(street, "/datasets/market/records", form)
    graphs = set(found.terms["lexical"].gather(found.triples["g"].unique()))
    assert graphs == {"https://hub.example/datasets/market"}


def test_every_record_carries_licence_and_dataset_in_rdf(street: Street) -> None:
    found = frame(street, "/records", "nt")
    records = {one.record for one in street.hub.records(limit=1000).items}
    for predicate in (DCT + "license", DCT + "publisher", VOID + "inDataset"):
        assert set(found.terms["lexical"].gather(found.predicate(predicate)["s"])) >= records


def test_the_table_has_each_record_once_with_its_origin(street: Street) -> None:
    table = rows(street, "/datasets/carpool/records", **{"Accept-Language": "en"})
    assert {row["IRI"] for row in table} == set(street.hub.records("carpool", limit=1000).table["record"])
    assert {row["licence"] for row in table} == {ODBL}
    assert {row["publisher"] for row in table} == {"Covoiturage"}


def test_the_headings_follow_the_language(street: Street) -> None:
    french = rows(street, "/datasets/carpool/records", **{"Accept-Language": "fr"})[0]
    english = rows(street, "/datasets/carpool/records", **{"Accept-Language": "en"})[0]
    assert "code commune INSEE" in french
    assert "INSEE commune code" in english
    assert french["code commune INSEE"] == english["INSEE commune code"]


def test_geojson_has_the_points_of_the_records_and_names_the_source(street: Street) -> None:
    document = street.client.get("/datasets/carpool/records?format=geojson").json()
    places = street.hub.records("carpool", limit=1000).table
    assert len(document["features"]) == places.height
    points = {one["id"]: one["geometry"]["coordinates"] for one in document["features"] if one["geometry"]}
    for record, lon, lat in places.select("record", "lon", "lat").drop_nulls().iter_rows():
        assert points[record] == pytest.approx([lon, lat])
    assert document["license"] == ODBL
    assert document["sources"][0]["publisher"] == "covoiturage.example"


def test_different_licences_are_listed_and_never_merged(street: Street) -> None:
    document = street.client.get("/records?format=geojson").json()
    assert "license" not in document
    assert len({source["license"] for source in document["sources"]}) == 2


def test_filters_narrow_pages_and_files_alike(street: Street) -> None:
    department = street.hub.facets("carpool").departments["value"][0]
    query = f"/datasets/carpool/records?department={department}"
    listed = {one["iri"] for one in street.client.get(query + "&format=json").json()["records"]}
    assert listed
    assert listed == {row["IRI"] for row in rows(street, query)}
    assert len(listed) < street.hub.records("carpool").table.height
    assert all(one["department"] == department for one in street.client.get(query + "&format=json").json()["records"])


def test_a_kind_may_be_given_in_short(street: Street) -> None:
    long = street.client.get("/records", params={"kind": "https://w3id.org/datahub/ns/mobility/MeetingPoint"}).json()
    short = street.client.get("/records", params={"kind": "dhm:MeetingPoint"}).json()
    assert long["total"] == short["total"] > 0


def test_an_area_keeps_what_lies_in_it(street: Street) -> None:
    west, south, east, north = street.hub.extent("carpool") or (0, 0, 0, 0)
    half = f"{west},{south},{(west + east) / 2},{north}"
    found = street.client.get("/datasets/carpool/records", params={"bbox": half, "limit": 1000}).json()
    assert 0 < found["total"] < street.hub.records("carpool", limit=1).total  # type: ignore[operator]
    assert all(one["lon"] <= (west + east) / 2 for one in found["records"])


def test_pages_follow_one_another_to_the_end_without_repeating(street: Street) -> None:
    seen: list[str] = []
    path: str | None = "/datasets/carpool/records?limit=3"
    while path:
        page = street.client.get(path).json()
        seen += [one["iri"] for one in page["records"]]
        path = page["next"]
    assert sorted(seen) == sorted(street.hub.records("carpool", limit=1000).table["record"])


def test_a_page_of_rdf_leads_to_the_next_by_a_link(street: Street) -> None:
    answer = street.client.get("/datasets/carpool/records?limit=2&format=nt")
    assert 'rel="next"' in answer.headers["link"]


@pytest.mark.parametrize("form", RDF)
def test_a_record_is_found_at_its_own_iri(street: Street, form: str) -> None:
    for one in street.hub.records(limit=1000).items[::3]:
        found = frame(street, one.record, form)
        assert found.equals(street.hub.record(one.record).frame)


def test_a_record_page_has_a_twin_with_every_property(street: Street) -> None:
    one = street.hub.records("carpool").items[0]
    twin = street.client.get(one.record + "?format=json").json()
    values = {value["text"] for row in twin["properties"] for value in row["values"]}
    assert one.label in values
    assert twin["versions"][0]["op"] == "create"
    assert twin["dataset"]["licence"] == ODBL
    page = street.client.get(one.record, headers={"Accept": "text/html"}).text
    for row in twin["properties"]:
        assert row["path"][-1]["label"] in page


def test_a_record_shows_the_names_of_those_it_links_to(street: Street) -> None:
    one = next(one for one in street.hub.records("market").items if "/products/" in one.record)
    values = [v for row in street.client.get(one.record + "?format=json").json()["properties"] for v in row["values"]]
    linked = [value for value in values if "/enterprises/" in value.get("iri", "")]
    assert linked
    assert all("://" not in value["shown"] for value in linked)


def test_a_record_of_a_foreign_iri_is_looked_up(street: Street) -> None:
    one = street.hub.records("market").items[0].record
    by_iri = street.client.get("/records", params={"iri": one, "format": "nt"})
    assert by_iri.content == street.client.get(one + "?format=nt").content


def test_a_record_whose_address_has_letters_beyond_ascii_is_found(workshop: Street) -> None:
    text = sample("ofn-products", "amap").read_text("utf-8")
    sku = next(csv.DictReader(io.StringIO(text)))["sku"]
    workshop.hub.push("market", text.replace(sku, "Été-é%1").encode(), allow_deletions=True)
    (found,) = [one for one in workshop.hub.records("market", limit=1000).items if "Été-é%251" in one.record]
    path = found.record.removeprefix("https://hub.example")
    assert "É" in path
    for address in (path, quote(path, safe="/%"), quote(path, safe="/%").lower().replace("/%c3%89t", "/%C3%89t")):
        answer = workshop.client.get(address, headers={"Accept": "text/html"})
        assert answer.status_code == 200, address
        assert quote(path, safe="/%~") in answer.headers["link"]
    for path in (
        "/records",
        "/map",
        "/datasets/market/records?format=csv",
        "/feeds/market/rpde",
        "/collections/market/items",
    ):
        assert workshop.client.get(path).status_code == 200, path
    feature = workshop.client.get(f"/collections/market/items/{quote(found.record, safe='')}")
    assert feature.json()["id"] == found.record
    assert workshop.client.get("/records", params={"iri": found.record}).status_code == 200


def test_a_licence_with_letters_beyond_ascii_breaks_no_header(workshop: Street) -> None:
    workshop.hub.datasets.update("market", licence="https://données.example/licence")
    for path in ("/datasets/market", "/datasets/market/records", "/feeds/market/ldes"):
        assert workshop.client.get(path).status_code == 200, path


@pytest.mark.parametrize(
    "path", ["/records", "/datasets", "/catalog", "/collections", "/feeds/all/rpde", "/feeds/all/ldes?after=0", "/map"]
)
@pytest.mark.parametrize("form", [None, "nt", "csv", "geojson", "ttl", "trig", "html"])
def test_nothing_of_a_private_or_members_dataset_is_in_an_open_answer(
    street: Street, path: str, form: str | None
) -> None:
    answer = street.client.get(path, params={"format": form} if form else {})
    if answer.status_code == 406:
        return
    for name in ("secret", "circle"):
        assert f"/{name}" not in answer.text.replace("\\/", "/")


def test_the_platform_sees_its_own_and_members_see_what_is_for_members(street: Street) -> None:
    for platform, dataset, status in (
        ("accueil.example", "secret", 200),
        ("marche.example", "secret", 404),
        ("voisin.example", "circle", 200),
        ("accueil.example", "circle", 200),
    ):
        answer = street.client.get(f"/datasets/{dataset}/records", headers=street.as_(platform))
        assert answer.status_code == status
        if status == 200:
            assert answer.headers["cache-control"].startswith("private")


def test_personal_values_leave_only_to_members(street: Street) -> None:
    member = street.hub.reader(street.keys["accueil.example"])
    private = [value for value in street.hub.frame("stays", reader=member).terms["lexical"] if "@exemple.org" in value]
    assert private, "the sample has no personal data to test with"
    for path in (
        "/records",
        "/datasets/stays/records",
        "/feeds/stays/rpde",
        "/feeds/stays/ldes?after=0",
        "/versions/1",
    ):
        for form in ("csv", "nt", "jsonld", "geojson", "json", "trig", "html"):
            text = street.client.get(path, params={"format": form}).text
            assert not [value for value in private if value in text], (path, form)
    own = street.client.get("/datasets/stays/records?format=csv", headers=street.as_("accueil.example")).text
    assert all(value.removeprefix("mailto:") in own for value in private)


def test_another_platforms_format_comes_with_its_losses(street: Street) -> None:
    answer = street.client.get("/datasets/market/records?connector=cagette-catalogue")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert "/datasets/market/loss?connector=cagette-catalogue" in answer.headers["link"]
    for lang in ("en", "fr"):
        loss = street.client.get(f"/datasets/market/loss?connector=cagette-catalogue&lang={lang}").json()
        assert loss["expressed"] + loss["lost"] == loss["input"]
        assert sum(field["count"] for field in loss["fields"]) == loss["lost"]


def test_a_format_that_is_only_read_says_so(street: Street) -> None:
    answer = street.client.get("/datasets/carpool/records?connector=mobicoop-relay-points&lang=fr")
    assert answer.status_code == 422
    assert answer.json()["code"] == "direction"


def test_a_connector_is_named_and_never_a_path(street: Street) -> None:
    assert street.client.get("/datasets/carpool/records?connector=/etc").status_code == 422


def test_the_map_has_each_place_once(street: Street) -> None:
    found = street.client.get("/datasets/carpool/map").json()
    assert found["complete"]
    places = street.hub.records("carpool", located=True, limit=1000).table
    assert len(found["points"]) == places.height
    assert street.client.get(found["points"][0][3]).status_code == 200


def test_the_context_of_the_feeds_is_served(street: Street) -> None:
    assert json.loads(street.client.get("/ns/context").text) == {"@context": context()}
