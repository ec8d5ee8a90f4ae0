"""Pages: every link leads somewhere, every page can be read by a screen reader, in either language."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import lxml.html
import pytest
from fastapi.testclient import TestClient

from datahub.hub import Hub
from datahub.settings import Settings
from datahub.web import create_app
from tests.web.street import Street, sample

START = ("/", "/help/push", "/key", "/sparql", "/collections", "/help/problems")


def page(street: Street, path: str, lang: str = "fr") -> lxml.html.HtmlElement:
    street.client.cookies.clear()
    answer = street.client.get(path, headers={"Accept": "text/html,*/*;q=0.8", "Accept-Language": lang})
    assert answer.status_code == 200, path
    assert answer.headers["content-type"].startswith("text/html")
    return lxml.html.fromstring(answer.content)


def pages_to_check(street: Street) -> list[str]:
    records = [street.hub.records(dataset).items[0].record for dataset in ("market", "carpool", "stays")]
    return [
        "/", "/datasets", "/datasets/market", "/datasets/carpool", "/datasets/stays", "/datasets/carpool/records",
        "/datasets/market/records?q=lait", "/records", "/records?q=nothing-at-all", "/platforms/marche.example",
        *[urlsplit(record).path for record in records], f"/pushes/{street.reports['stays'].id}",
        "/datasets/market/loss?connector=cagette-catalogue", "/ns", "/ns/core", "/ns/units", "/ns/food/displayName",
        "/ns/reused/dfc/SuppliedProduct", "/connectors", "/connectors/ofn-products", "/sparql", "/collections",
        "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%203", "/conformance", "/docs", "/key",
        "/help/push", "/help/read", "/help/words", "/help/licences", "/help/problems",
    ]  # fmt: skip


def test_every_link_of_the_site_leads_somewhere(street: Street) -> None:
    """Follows the links of every page, and from one page of each kind on to its own links."""
    todo, seen, kinds = list(START), set(), Counter[str]()
    while todo:
        path = todo.pop(0).partition("#")[0]
        kind = re.sub(r"(?<=/)[^/?]+", "x", path.partition("?")[0]) + "?".join(sorted(re.findall(r"[?&](\w+)=", path)))
        if path in seen or kinds[kind] >= 12:
            continue
        seen.add(path)
        kinds[kind] += 1
        answer = street.client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
        assert answer.status_code in (200, 303), f"{path}: {answer.status_code}"
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for element in lxml.html.fromstring(answer.content).iter("a", "link", "script", "img"):
            target = element.get("href") or element.get("src") or ""
            found = urlsplit(urljoin(f"https://hub.example{path}", target))
            if found.netloc == "hub.example" and found.scheme == "https":
                todo.append(found.path + (f"?{found.query}" if found.query else ""))
    assert len(seen) > 100


def test_nothing_on_a_page_comes_from_elsewhere(street: Street) -> None:
    for path in pages_to_check(street):
        document = page(street, path)
        for element in document.iter("script", "link", "img", "iframe"):
            target = element.get("src") or element.get("href") or ""
            if element.tag != "link" or element.get("rel") in ("stylesheet", "icon"):
                assert target.startswith("/static/"), (path, target)
        assert not document.xpath("//script[not(@src)]"), path
        assert not document.xpath("//*[@style or @onclick or @onload]"), path


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_page_can_be_read_aloud(street: Street, lang: str) -> None:
    for path in pages_to_check(street):
        document = page(street, path, lang)
        assert document.get("lang") == lang, path
        assert document.findtext(".//title"), path
        assert len(document.xpath("//h1")) == 1, path
        assert len(document.xpath("//main")) == len(document.xpath("//header[@class='site']")) == 1, path
        assert document.xpath("//a[@class='skip' and @href='#main']"), path
        levels = [int(heading.tag[1]) for heading in document.iter("h1", "h2", "h3", "h4")]
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), (path, levels)
        names = Counter(element.get("id") for element in document.xpath("//*[@id]"))
        assert not [name for name, count in names.items() if count > 1], (path, names.most_common(2))
        for field in document.iter("input", "select", "textarea"):
            if field.get("type") != "hidden":
                assert document.xpath(f"//label[@for='{field.get('id')}']"), (path, field.get("name"))
        for element in document.xpath("//nav | //*[@role='region'] | //*[@role='application'] | //*[@role='search']"):
            named = element.get("aria-label") or element.get("aria-labelledby") or element.xpath(".//label")
            assert named, (path, element.tag)
        for element in document.xpath("//*[@aria-labelledby]"):
            assert element.get("aria-labelledby") in names, (path, element.get("aria-labelledby"))
        for link in document.iter("a"):
            assert link.text_content().strip() or link.xpath(".//img[@alt]"), (path, link.get("href"))
        for image in document.iter("img"):
            assert image.get("alt") is not None, path
        for cell in document.xpath("//thead//th"):
            assert cell.get("scope") == "col", path


def test_a_page_and_its_twin_say_the_same(street: Street) -> None:
    for path in pages_to_check(street):
        if path in ("/sparql", "/docs") or path.startswith(("/help", "/sparql")):
            continue
        answer = street.client.get(path, headers={"Accept": "application/json"})
        assert answer.headers["content-type"].startswith("application/json"), path
        assert answer.json()


def test_the_home_page_says_what_is_in_the_hub(street: Street) -> None:
    text = page(street, "/").text_content()
    for title in ("Le market", "Le carpool", "Le stays"):
        assert title in text
    assert "secret" not in text
    assert street.client.get("/").json()["counts"]["records"] == street.hub.statistics().records


def test_a_dataset_page_has_its_licence_and_its_last_report(workshop: Street) -> None:
    faulty = sample("hospitality-offers", "corriger").read_bytes()
    workshop.hub.push("stays", faulty, allow_deletions=True)
    document = page(workshop, "/datasets/stays")
    text = document.text_content()
    assert document.xpath("//a[@rel='license']")
    assert "quarante" in text
    assert "Écrivez" in text or "nombre" in text
    english = page(workshop, "/datasets/stays", "en").text_content()
    assert "quarante" in english
    assert "refused" in english


def test_a_connector_tells_its_variants_version_and_what_is_not_written_back(street: Street) -> None:
    document = page(street, "/connectors/ofn-products")
    headings = [heading.text_content() for heading in document.iter("h2")]
    assert headings == ["Colonnes\u00a0: products", "Colonnes\u00a0: inventaire"]
    text = document.text_content()
    assert "seulement écrite" in text
    assert "Version du format" in text
    (check,) = document.xpath("//a[@class='button']")
    chosen = page(street, check.get("href")).xpath("//select[@id='connector']/option[@selected]")
    assert [option.get("value") for option in chosen] == ["ofn-products"]


def test_hostile_text_stays_text(workshop: Street) -> None:
    hostile = "<script>alert(1)</script>"
    data = sample("ofn-products", "amap").read_text("utf-8").replace("Carottes des sables", hostile)
    workshop.hub.push("market", data.encode())
    found = workshop.client.get("/records?q=script").json()["records"]
    assert found, "the hostile record was not taken: nothing is tested"
    for path in ("/records?q=script", found[0]["path"], '/records?q="><script>alert(1)</script>'):
        answer = workshop.client.get(path, headers={"Accept": "text/html"})
        assert hostile not in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_a_tile_server_is_named_by_the_settings_only(tmp_path: Path) -> None:

    settings = Settings(data_dir=tmp_path, tile_url="https://tiles.example/{z}/{x}/{y}.png", tile_attribution="© T")
    with Hub(settings) as hub, TestClient(create_app(hub)) as client:
        answer = client.get("/datasets", headers={"Accept": "text/html"})
        assert "img-src 'self' data: https://tiles.example;" in answer.headers["content-security-policy"]
