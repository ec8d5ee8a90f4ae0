"""The documentation as a site: it builds without a warning, asks nothing of other servers, and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.examples import DOCS, ROOT

pytest.importorskip("sphinx", reason="the documentation is built with Sphinx: pip install '.[docs]'")
pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """What a page says of itself: its language, its targets, what it links to and what it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.language = ""
        self.targets: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.targets.add(given["id"])
        if tag == "html":
            self.language = given.get("lang", "")
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and given.get("rel") != "canonical" and "href" in given:
            self.loads.append(given["href"])
        if "src" in given:
            self.loads.append(given["src"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Page]:
    """All pages of the built site by their place."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-d", str(out / "doctrees")]
    made = subprocess.run(
        [*command, str(DOCS), str(out / "html")], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert made.returncode == 0, made.stderr
    assert not made.stderr.strip(), made.stderr
    return {path: Page(path) for path in sorted((out / "html").rglob("*.html"))}


def test_nothing_is_loaded_from_another_server(site: dict[Path, Page]) -> None:
    foreign = {
        (page.path.name, address) for page in site.values() for address in page.loads if urlsplit(address).netloc
    }
    assert not foreign
    folder = next(iter(site)).parent
    for style in folder.rglob("_static/**/*.css"):
        assert "url(http" not in style.read_text("utf-8"), style
        assert "@import" not in style.read_text("utf-8"), style


def test_every_link_within_the_site_leads_to_a_page_and_a_place_on_it(site: dict[Path, Page]) -> None:
    broken = []
    for page in site.values():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            path = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            if path.is_dir():
                path = path / "index.html"
            target = unquote(parts.fragment)
            if not path.exists() or (target and path in site and target not in site[path].targets):
                broken.append(f"{page.path.name}: {link}")
    assert not broken


def test_french_pages_say_that_they_are_french(site: dict[Path, Page]) -> None:
    french = {page.language for path, page in site.items() if "fr" in path.parts}
    others = {page.language for path, page in site.items() if path.parent.name == "how-to" and "fr" not in path.parts}
    assert (french, others) == ({"fr"}, {"en"})


def test_french_punctuation_stays_on_the_line_of_its_word(site: dict[Path, Page]) -> None:
    tutorial = next(path for path in site if path.name == "tutorial.html" and path.parent.name == "fr")
    text = tutorial.read_text("utf-8")
    assert "Les voyez-vous\u202f?" in text
    assert "environnement et rend la commande" in text
    loose = [
        (path.name, found)
        for path in site
        if path.parent.name == "fr" or path.parent.parent.name == "fr"
        for found in re.findall(r"[^<>]{0,20}(?: [;:?!»]|« )[^<>]{0,10}", _prose(path.read_text("utf-8")))
    ]
    assert not loose


def _prose(html: str) -> str:
    """The article of a page without its code."""
    article = html[html.index("<article") : html.index("</article>")]
    return re.sub(r"<(pre|code)\b.*?</\1>", "", article, flags=re.DOTALL)


def test_every_page_can_be_reached_from_the_first(site: dict[Path, Page]) -> None:
    first = next(path for path in site if path.name == "index.html" and (path.parent / "objects.inv").exists())
    reached, todo = {first}, [first]
    while todo:
        page = site[todo.pop()]
        for link in page.links:
            parts = urlsplit(link)
            path = (page.path.parent / unquote(parts.path)).resolve() if parts.path and not parts.netloc else None
            if path in site and path not in reached:
                reached.add(path)
                todo.append(path)
    assert {path.name for path in set(site) - reached} <= {"search.html", "genindex.html"}
