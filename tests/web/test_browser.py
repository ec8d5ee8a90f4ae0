"""The pages in a real Chromium: found, filtered, mapped, pushed to, by mouse and by keyboard, in light and dark."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from datahub.hub import Hub
from datahub.i18n import Text
from datahub.settings import Settings
from tests.serving import listening, serving
from tests.web.street import ODBL, OPEN_LICENCE, sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
SHARED = Path(__file__).parents[3] / "shared" / "corpus" / "mobility" / "bnlc.csv"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("DATAHUB_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.skip("no Chromium: install it (apt-get install chromium) or name it in DATAHUB_CHROMIUM")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as play:
        found = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A served hub and the key of one platform."""
    place, url = listening()
    with Hub(Settings(data_dir=tmp_path_factory.mktemp("hub"), base_iri=url)) as hub:
        for name, connector, licence, part in (
            ("lieux", "bnlc", ODBL, "base-rhone"),
            ("marche", "ofn-products", OPEN_LICENCE, "amap"),
            ("accueil", "hospitality-offers", OPEN_LICENCE, "corriger"),
        ):
            platform = f"{name}.example"
            hub.platforms.add(platform, name.title())
            hub.datasets.add(
                name, platform=platform, connector=connector, title=Text(f"The {name}", f"Le {name}"), licence=licence
            )
            hub.push(name, sample(connector, part))
        key = hub.keys.issue("marche.example")[1]
        with serving(hub, place):
            yield url, key


@pytest.fixture
def page(browser: Browser, site: tuple[str, str]) -> Iterator[Page]:
    """A French reader's page; any error of a script or of the content policy fails the test."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    found = context.new_page()
    faults: list[str] = []
    found.on("pageerror", lambda error: faults.append(str(error)))
    found.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    found.on("request", lambda request: faults.append(request.url) if not request.url.startswith(site[0]) else None)
    yield found
    context.close()
    assert not faults


def test_a_visitor_searches_and_reads_a_record(page: Page, site: tuple[str, str]) -> None:
    page.goto(site[0])
    page.get_by_label("Chercher dans les fiches").fill("carottes sables")
    page.get_by_role("button", name="Chercher").click()
    assert page.get_by_role("status").first.inner_text().startswith("1 fiche")
    page.get_by_role("link", name="Carottes des sables").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Carottes des sables"
    assert page.get_by_role("link", name="Licence Ouverte 2.0").is_visible()
    assert page.get_by_role("rowheader", name="description").is_visible()


def test_a_region_filters_by_department_and_sees_the_map(page: Page, site: tuple[str, str]) -> None:
    page.goto(site[0] + "datasets/lieux/records")
    page.locator("#map[data-ready]").wait_for()
    every = int(page.locator("#map").get_attribute("data-ready") or 0)
    option = page.locator("#department option:not([value=''])").first.get_attribute("value")
    assert option
    page.get_by_label("Département").select_option(option)
    page.get_by_role("button", name="Afficher").click()
    page.locator("#map[data-ready]").wait_for()
    some = int(page.locator("#map").get_attribute("data-ready") or 0)
    assert 0 < some < every
    assert f"department={option}" in page.url
    assert page.locator(".leaflet-container canvas").count() == 1
    assert page.locator(".grid-label").count() > 2


def test_a_place_on_the_map_opens_its_record(page: Page, site: tuple[str, str]) -> None:
    page.goto(site[0] + "datasets/lieux/records?q=Aubenas")
    page.locator("#map[data-ready='1']").wait_for()
    page.wait_for_timeout(300)
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.get_by_role("button", name="Fermer").is_visible()
    page.locator(".leaflet-popup-content a").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Place du Château"


def test_the_area_of_the_map_filters_the_table(page: Page, site: tuple[str, str]) -> None:
    page.goto(site[0] + "datasets/lieux/records")
    page.locator("#map[data-ready]").wait_for()
    before = page.locator("tbody tr").count()
    for _ in range(4):
        page.get_by_role("button", name="Agrandir").click()
        page.wait_for_timeout(350)
    page.get_by_role("link", name="Seulement cette zone").click()
    assert "bbox=" in page.url
    assert page.locator("tbody tr").count() < before


def test_the_last_report_is_on_the_page_of_the_dataset(page: Page, site: tuple[str, str]) -> None:
    page.goto(site[0] + "datasets/accueil")
    report = page.get_by_role("table", name="Ce qui a été constaté")
    assert report.get_by_text("refus").first.is_visible()
    assert page.get_by_text("quarante").first.is_visible()
    page.goto(site[0] + "datasets/accueil?lang=en")
    assert page.get_by_role("heading", name="Last push").is_visible()


def test_a_platform_tries_a_file_from_the_browser(page: Page, site: tuple[str, str]) -> None:
    page.goto(site[0] + "datasets/marche")
    page.get_by_text("Envoyer un fichier depuis ce navigateur").click()
    page.get_by_label("Fichier").set_input_files(sample("ofn-products", "inventaire"))
    page.get_by_label("Clé d’API de la plateforme").fill(site[1])
    page.get_by_label("seulement ce qui est nouveau ou changé").check()
    page.get_by_role("button", name="Envoyer").click()
    assert page.get_by_role("heading", name="Rapport d’envoi", level=1).is_visible()
    assert page.get_by_text("rien n’a été écrit").is_visible()


def test_a_download_is_a_file(page: Page, site: tuple[str, str]) -> None:
    page.goto(site[0] + "datasets/marche")
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSV, pour un tableur").click()
    assert saved.value.suggested_filename == "marche.csv"


def test_the_language_is_switched_and_stays(page: Page, site: tuple[str, str]) -> None:
    page.goto(site[0] + "datasets")
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Datasets"
    page.get_by_role("link", name="Connectors").first.click()
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_keyboard_alone_reaches_the_content(page: Page, site: tuple[str, str]) -> None:
    page.goto(site[0] + "records")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "q"


def test_a_term_is_explained(page: Page, site: tuple[str, str]) -> None:
    page.goto(site[0] + "ns/mobility")
    page.get_by_role("link", name="identifiant national").click()
    assert page.get_by_role("heading", level=1).inner_text() == "identifiant national"
    assert page.get_by_role("link", name="bnlc").is_visible()


CONTRAST = """() => {
  const rgb = (text) => {
    const parts = text.match(/[\\d.]+/g).map(Number);
    return { channels: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
  };
  const light = (channels) => {
    const [r, g, b] = channels.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor);
      if (found.alpha === 1) return found.channels;
    }
    return [255, 255, 255];
  };
  const aside = ".leaflet-container, script, noscript, .hidden, .hero";
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest(aside)) continue;
    const ink = light(rgb(getComputedStyle(element).color).channels);
    const [a, b] = [ink, light(ground(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) bad.push([text.slice(0, 30), (a + 0.05) / (b + 0.05)]);
  }
  return bad;
}"""
PATHS = (
    "", "datasets", "datasets/accueil", "datasets/lieux/records", "records?q=carottes", "ns/core", "docs", "help/push",
    "sparql", "key", "nothing",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground_and_nothing_overflows(
    browser: Browser, site: tuple[str, str], scheme: str
) -> None:
    for width in (360, 1280):
        context = browser.new_context(locale="fr-FR", color_scheme=scheme, viewport={"width": width, "height": 800})  # type: ignore[arg-type]
        page = context.new_page()
        for path in PATHS:
            page.goto(site[0] + path)
            assert page.evaluate(CONTRAST) == [], (path, scheme)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
        context.close()


@pytest.mark.corpus
def test_all_of_the_national_base_is_on_the_map_which_can_be_zoomed(browser: Browser, tmp_path: Path) -> None:
    if not SHARED.is_file():
        pytest.skip("../shared with the national base of carpool places is absent")
    place, url = listening()
    with Hub(Settings(data_dir=tmp_path / "hub", base_iri=url)) as hub:
        hub.platforms.add("bnlc.example", "BNLC")
        hub.datasets.add("bnlc", platform="bnlc.example", connector="bnlc", title="BNLC", licence=ODBL)
        report = hub.push("bnlc", SHARED)
        with serving(hub, place):
            page = browser.new_page(locale="fr-FR")
            page.goto(url + "datasets/bnlc/records")
            page.locator("#map[data-ready]").wait_for()
            assert int(page.locator("#map").get_attribute("data-ready") or 0) == report.counts.created
            zoom = """async () => {
              for (let n = 0; n < 4; n++) {
                document.querySelector('.leaflet-control-zoom-in').click();
                await new Promise((done) => setTimeout(done, 400));
              }
            }"""
            page.evaluate(zoom)
            assert page.locator("#map[data-ready]").is_visible()
            page.goto(url + "datasets/bnlc")
            assert page.get_by_text("1175").first.is_visible(), "a row whose identifier is that of another town"
            page.close()


def test_a_report_can_be_read_on_a_phone_from_top_to_bottom(browser: Browser, site: tuple[str, str]) -> None:
    context = browser.new_context(locale="fr-FR", viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(site[0] + "datasets/accueil")
    edges = page.eval_on_selector_all(
        ".findings td", "cells => cells.map(cell => cell.getBoundingClientRect()).map(box => [box.left, box.right])"
    )
    assert len(edges) > 20
    assert all(left >= 0 and right <= 390 for left, right in edges)
    assert page.locator("td[data-label='Colonne']").first.is_visible()
    context.close()
