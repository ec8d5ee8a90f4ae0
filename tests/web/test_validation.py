"""Checking a file over HTTP, as the builds of others do: nothing is kept, nothing is needed but the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import quote

import jsonschema
import pytest
from fastapi.testclient import TestClient
from rdflib import RDF, SH, Graph

from datahub.hub import Hub
from datahub.settings import Settings
from datahub.web.app import create_app
from tests.web.street import Street, sample

GOOD = sample("ofn-products", "amap").read_bytes()
PACKAGE = sample("ofn-products", "amap").parents[1]
"""The folder of a connector: whoever is far away must not name folders of the hub's machine."""
FAULTY = sample("ofn-products", "corriger").read_bytes()


def test_a_report_follows_its_published_schema(street: Street) -> None:
    answer = street.client.post("/validate?connector=ofn-products", content=FAULTY)
    assert answer.status_code == 200
    report = answer.json()
    jsonschema.validate(report, street.client.get("/validate/schema").json())
    assert not report["conforms"]
    assert report["counts"]["violation"] == sum(f["severity"] == "violation" for f in report["findings"])
    assert report["groups"][0]["severity"] == "violation"
    assert {"row", "column", "value", "rule"} <= set(report["findings"][0])
    assert street.client.post("/validate?connector=ofn-products", content=GOOD).json()["conforms"]


def test_nothing_is_kept(street: Street) -> None:
    before = street.hub.head()
    street.client.post("/validate?connector=ofn-products", content=FAULTY)
    assert street.hub.head() == before


def test_a_colleague_gets_one_line_per_problem_in_their_language(street: Street) -> None:
    answer = street.client.post("/validate?connector=ofn-products&format=csv&lang=fr", content=FAULTY)
    assert answer.headers["content-disposition"] == 'attachment; filename="validation-report.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    report = street.client.post("/validate?connector=ofn-products", content=FAULTY).json()
    assert len(lines) == len(report["findings"])
    assert lines[0]["effet"] == "violation"
    assert lines[0]["ligne"].isdigit()
    assert {line["problème"] for line in lines} == {found["message"]["fr"] for found in report["findings"]}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_page_stands_alone_and_escapes_what_publishers_wrote(street: Street, lang: str) -> None:
    hostile = FAULTY.replace(b"Carottes", b"<script>alert(1)</script>")
    answer = street.client.post(
        "/validate?connector=ofn-products&format=html", content=hostile, headers={"Accept-Language": lang}
    )
    assert "<script>" not in answer.text
    assert f'<html lang="{lang}">' in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_rdf_is_checked_by_its_media_type_and_a_profile(street: Street) -> None:
    turtle = '<https://x.example/1> a <http://schema.org/Person> ; <http://schema.org/age> "old" .'
    answer = street.client.post("/validate?profile=food", content=turtle, headers={"Content-Type": "text/turtle"})
    assert answer.json()["nodes"] == 0
    assert [group["code"] for group in answer.json()["groups"]] == ["shapes-selected-nothing"]
    report = street.client.post("/validate?format=ttl", content=turtle, headers={"Content-Type": "text/turtle"})
    assert list(Graph().parse(data=report.text, format="turtle").subjects(RDF.type, SH.ValidationReport))


def test_a_form_of_a_browser_is_read(street: Street) -> None:
    answer = street.client.post(
        "/validate", files={"file": ("a.csv", FAULTY)}, data={"connector": "ofn-products", "profile": ""}
    )
    assert not answer.json()["conforms"]
    assert street.client.get("/validate", headers={"Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize(
    ("address", "body", "status", "code"),
    [
        ("/validate", b"a,b\n1,2\n", 422, "format-unknown"),
        ("/validate?connector=none-such", b"a", 404, "connector-unknown"),
        (f"/validate?connector={quote(str(PACKAGE))}", GOOD, 404, "connector-unknown"),
        ("/validate?connector=ofn-products&profile=none", GOOD, 404, "profile-unknown"),
        ("/validate?connector=ofn-products", b"", 422, "empty"),
        ("/validate?connector=ofn-products", b"x" * (3 << 20), 413, "body-too-large"),
    ],
)
def test_what_cannot_be_checked_is_said_in_words(
    empty_hub: Callable[..., TestClient], address: str, body: bytes, status: int, code: str
) -> None:
    answer = empty_hub(max_check_bytes=2 << 20).post(address, content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_one_address_can_not_keep_the_hub_busy(empty_hub: Callable[..., TestClient]) -> None:
    client = empty_hub(checks_per_minute=2)
    codes = [client.post("/validate?connector=ofn-products", content=GOOD).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


@pytest.fixture
def empty_hub(tmp_path: Path) -> Iterator[Callable[..., TestClient]]:
    """Opens a hub without datasets, with settings of one's own."""
    with ExitStack() as stack:

        def open_one(**settings: object) -> TestClient:
            hub = stack.enter_context(
                closing(Hub(Settings(data_dir=tmp_path, base_iri="https://hub.example/", **settings)))  # type: ignore[arg-type]
            )
            return stack.enter_context(TestClient(create_app(hub), base_url="https://hub.example"))

        yield open_one


def test_addresses_do_not_lead_to_folders_of_the_machine(street: Street) -> None:
    for address in (
        f"/datasets/market/records?connector={quote(str(PACKAGE))}",
        f"/connectors/{quote(str(PACKAGE), safe='')}",
    ):
        assert street.client.get(address).status_code in (404, 422)
