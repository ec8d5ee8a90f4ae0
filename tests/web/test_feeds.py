"""The feeds of a living hub: walked to the end they give what stands; what was withdrawn is withdrawn there too."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import polars as pl
import pytest

from datahub.hub import Hub
from datahub.rdf.formats import parse
from datahub.rdf.frame import Frame
from datahub.rdf.terms import DCT, RDF_TYPE
from datahub.settings import Settings
from datahub.syndication import ldes, rpde
from datahub.syndication.objects import context
from tests.serving import listening, serving
from tests.web.street import OPEN_LICENCE, Street, sample

MARKET = "marche.example"
GOOD = sample("ofn-products", "amap").read_bytes()


def walk(street: Street, dataset: str) -> list[dict[str, Any]]:
    """All pages of an RPDE feed."""
    path, pages = f"/feeds/{dataset}/rpde", []
    while True:
        answer = street.client.get(path)
        assert answer.status_code == 200
        pages.append({**answer.json(), "cache": answer.headers["cache-control"]})
        following = pages[-1]["next"]
        if following == "https://hub.example" + path:
            return pages
        path = following.removeprefix("https://hub.example")
        assert len(pages) < 1000


def states(pages: list[dict[str, Any]]) -> dict[str, str]:
    """The last state of each record, as a reader of the feed knows it."""
    return {item["id"]: item["state"] for page in pages for item in page["items"]}


def test_rpde_walked_to_the_end_gives_what_stands(street: Street) -> None:
    found = states(walk(street, "all"))
    assert {iri for iri, state in found.items() if state == "updated"} == set(
        street.hub.records(limit=1000).table["record"]
    )


def test_rpde_items_are_ordered_unique_and_whole_records(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpde, "PAGE_SIZE", 3)
    pages = walk(street, "carpool")
    items = [item for page in pages for item in page["items"]]
    assert len({item["id"] for item in items}) == len(items)
    assert [item["modified"] for item in items] == sorted(item["modified"] for item in items)
    assert {item["kind"] for item in items} == {"mobility.record"}
    contexts = {"https://hub.example/ns/context": json.dumps({"@context": context()}).encode()}
    for item in items[:3]:
        data = parse(json.dumps(item["data"]).encode(), "jsonld", contexts=contexts)
        assert data.equals(street.hub.record(item["id"]).frame)
    assert pages[0]["cache"] == "public, max-age=3600"
    assert pages[-1]["cache"] == "public, max-age=8"


def test_the_licence_of_a_feed_is_the_datasets_or_a_page_that_lists_them(street: Street) -> None:
    assert walk(street, "market")[0]["license"] == OPEN_LICENCE
    mixed = walk(street, "all")[0]["license"]
    assert "Licence Ouverte" in street.client.get(mixed).text


def test_a_withdrawn_record_is_deleted_in_the_feed(workshop: Street) -> None:
    gone = next(one.record for one in workshop.hub.records("market").items if "/products/" in one.record)
    workshop.hub.push("market", None, mode="delta", deletions=[gone])
    pages = walk(workshop, "market")
    (item,) = [item for page in pages for item in page["items"] if item["id"] == gone]
    assert item["state"] == "deleted"
    assert "data" not in item


@pytest.mark.parametrize("how", ["removed", "made private"])
def test_a_dataset_that_is_taken_back_leaves_tombstones_everywhere(workshop: Street, how: str) -> None:
    before = {one.record for one in workshop.hub.records("market", limit=1000).items}
    names = [one.label for one in workshop.hub.records("market", limit=1000).items]
    if how == "removed":
        workshop.hub.datasets.remove("market")
    else:
        workshop.hub.datasets.update("market", visibility="private")
    for feed in ("market", "all"):
        found = states(walk(workshop, feed))
        assert {iri for iri in before if found[iri] == "deleted"} == before
    stream = ldes_pages(workshop, "all")
    for path in (
        "/records?format=csv",
        "/records?format=nt",
        "/sparql?query=SELECT * {?s ?p ?o}",
        "/feeds/market/rpde",
    ):
        text = workshop.client.get(path).text
        assert not [name for name in names if name in text], path
    assert not [name for name in names for page in stream if name in set(page.terms["lexical"])]
    deletions = [tombstones(page) for page in stream]
    assert before <= set().union(*deletions)
    for iri in before:
        assert workshop.client.get(iri).status_code == 410


def tombstones(page: Frame) -> set[str]:
    types = page.predicate(RDF_TYPE)
    deleted = types.filter(pl.col("o") == page.iri(ldes.AS + "Delete"))["s"]
    of = page.predicate(DCT + "isVersionOf").filter(pl.col("s").is_in(deleted.implode()))
    return set(page.terms["lexical"].gather(of["o"]))


def ldes_pages(street: Street, dataset: str) -> list[Frame]:
    """All pages of an event stream, from its view on."""
    start = parse(street.client.get(f"/feeds/{dataset}/ldes", headers={"Accept": "application/trig"}).content, "trig")
    (view,) = start.terms["lexical"].gather(start.predicate(ldes.TREE + "view")["o"])
    pages, todo = [], [view]
    while todo:
        answer = street.client.get(todo.pop())
        assert answer.status_code == 200
        page = parse(answer.content, "trig")
        pages.append(page)
        if page.predicate(ldes.LDES + "immutable").height:
            assert answer.headers["cache-control"] == "public, max-age=3600"
            relation = page.predicate(ldes.TREE + "node")
            todo += page.terms["lexical"].gather(relation["o"]).to_list()
        assert len(pages) < 1000
    return pages


def test_an_event_stream_holds_every_version_with_its_data(workshop: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ldes, "PAGE_SIZE", 4)
    workshop.hub.push("market", GOOD.replace(b"Carottes des sables", b"Carottes des dunes"))
    pages = ldes_pages(workshop, "market")
    assert len(pages) > 2
    members = [iri for page in pages for iri in page.terms["lexical"].gather(page.predicate(ldes.TREE + "member")["o"])]
    assert len(members) == len(set(members)) == workshop.hub.changes("market", limit=1000).table.height
    words = [set(page.terms["lexical"]) for page in pages]
    assert any("Carottes des sables" in page for page in words)
    assert any("Carottes des dunes" in page for page in words)


def test_a_full_page_stays_as_it_is_when_more_is_pushed(workshop: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ldes, "PAGE_SIZE", 4)
    first = workshop.client.get("/feeds/market/ldes?after=0")
    workshop.hub.push("market", GOOD.replace(b"Courge butternut", b"Courge muscade"))
    assert workshop.client.get("/feeds/market/ldes?after=0").content == first.content


def test_a_cached_full_page_is_current_until_a_record_on_it_is_withdrawn(
    workshop: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ldes, "PAGE_SIZE", 4)
    path = "/feeds/market/ldes?after=0"
    tag = {"If-None-Match": workshop.client.get(path).headers["etag"]}
    workshop.hub.push("market", GOOD.replace(b"Courge butternut", b"Courge muscade"))
    assert workshop.client.get(path, headers=tag).status_code == 304
    on_it = workshop.hub.changes("market", limit=4).table["record"][0]
    workshop.hub.push("market", None, mode="delta", deletions=[on_it])
    fetched = workshop.client.get(path, headers=tag)
    assert fetched.status_code == 200
    assert on_it not in set(parse(fetched.content, "trig").terms["lexical"])


def test_a_version_has_an_address_and_is_gone_when_its_record_is_withdrawn(workshop: Street) -> None:
    one = next(one for one in workshop.hub.records("market").items if "/products/" in one.record)
    (version,) = workshop.hub.history(one.record)
    found = parse(workshop.client.get(f"/versions/{version.seq}").content, "trig")
    assert one.record in set(found.terms["lexical"])
    workshop.hub.push("market", None, mode="delta", deletions=[one.record])
    assert workshop.client.get(f"/versions/{version.seq}").status_code == 410


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """A hub behind a real server, with more than one page of changes, deletions among them."""
    place, url = listening()
    with Hub(Settings(data_dir=tmp_path / "hub", base_iri=url)) as hub:
        hub.platforms.add(MARKET, "Marché")
        hub.datasets.add("market", platform=MARKET, connector="ofn-products", title="Market", licence=OPEN_LICENCE)
        header, first = GOOD.splitlines()[:2]
        many = [first.replace(b"TC-001", f"P-{n}".encode()) for n in range(rpde.PAGE_SIZE + 100)]
        hub.push("market", b"\n".join([header, *many, b""]))
        hub.push("market", b"\n".join([header, *many[5:], b""]))
        with serving(hub, place):
            yield url


def validator() -> Path:
    """The folder of the RPDE validator, installed once into the user's cache; skips where there is no node or no registry."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "datahub-tests" / "rpde-validator"
    if not (home / "node_modules" / "@openactive" / "rpde-validator").is_dir():
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true}')
        command = [
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=0",
            "@openactive/rpde-validator@3.0.3571",
        ]
        try:
            done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip("the npm registry does not answer")
        if done.returncode:
            pytest.skip(f"the npm registry could not be reached: {done.stderr.strip()[-200:]}")
    return home


_SCRIPT = """
const { RpdeValidator } = require('@openactive/rpde-validator');
RpdeValidator(process.argv[2], { pageLimit: 10, timeoutMs: 20000 }).then((log) => {
  const errors = log.pages.flatMap((page) => page.errors.map((error) => error.data));
  console.log(JSON.stringify({ pages: log.pages.length, errors }));
});
"""


def check(url: str) -> dict[str, Any]:
    script = validator() / "check.js"
    script.write_text(_SCRIPT)
    done = subprocess.run(["node", str(script), url], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_the_openactive_validator_finds_nothing_wrong(served: str) -> None:
    for feed in ("market", "all"):
        found = check(served + f"feeds/{feed}/rpde")
        assert found["pages"] >= 3
        faults = [one for one in found["errors"] if one["severity"] in ("failure", "warning")]
        # On its walk the validator takes no page for the last one, so it wants the empty last page to be cached for an hour;
        # when it comes back to that page knowingly, it wants eight seconds, as the standard does.
        end = max((one["url"] for one in faults), key=lambda url: int(url.rpartition("=")[2]), default="")
        faults = [one for one in faults if (one["rule"], one["url"]) != ("HttpCacheHeaderRule", end) or not empty(end)]
        assert not faults, json.dumps(faults, indent=1)[:3000]


def empty(url: str) -> bool:
    return httpx.get(url).json()["items"] == []


@pytest.mark.slow
def test_the_openactive_validator_would_find_a_fault(served: str) -> None:
    host = urlsplit(served)
    found = check(f"{host.scheme}://{host.netloc}/datasets/market?format=json")
    assert [one for one in found["errors"] if one["severity"] == "failure"]


def test_one_iri_of_two_datasets_keeps_each_ones_words_and_licence(workshop: Street) -> None:
    iri = "https://elsewhere.example/places/1"
    for number, licence in enumerate(("https://licence.example/a", "https://licence.example/b")):
        platform, name = f"p{number}.example", f"twin-{number}"
        workshop.hub.platforms.add(platform, platform)
        workshop.hub.datasets.add(name, platform=platform, connector="geojson-places", title=name, licence=licence)
        turtle = f'<{iri}> a <http://schema.org/Place> ; <http://schema.org/name> "Name {number}"@fr ; '
        turtle += "<http://schema.org/latitude> 45.1 ; <http://schema.org/longitude> 5.1 ."
        report = workshop.hub.push(name, turtle.encode(), media_type="text/turtle")
        assert report.counts.created == 1, report.text("en")
    workshop.hub.wait()
    bodies = [item["data"] for page in walk(workshop, "all") for item in page["items"] if item["id"] == iri]
    assert len(bodies) == 2
    for number, body in enumerate(bodies):
        text = json.dumps(body)
        assert f"Name {number}" in text
        assert f"Name {1 - number}" not in text
        assert ("licence.example/a" in text) == (number == 0)
