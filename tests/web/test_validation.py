"""Checking a file over HTTP, as the builds of others do: nothing is kept, nothing is needed but the file."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
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
from datahub.shacl import data
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


def test_people_read_the_key_of_a_record_and_programs_its_iri(street: Street) -> None:
    def said(form: str) -> str:
        answer = street.client.post(f"/validate?connector=ofn-products&format={form}&lang=fr", content=FAULTY)
        return answer.content.decode("utf-8-sig")

    for form in ("csv", "html"):
        assert "urn:" not in said(form)
        assert "ferme-des-trois-chenes~TC-001" in said(form)
    assert "urn:x-datahub:checked/products/ferme-des-trois-chenes~TC-001" in said("json")
    stops = sample("gtfs-stops").read_bytes()
    answer = street.client.post("/validate?connector=gtfs-stops&format=csv", content=stops)
    assert "ROMA:1a" in answer.text


def test_several_columns_are_listed_as_such(street: Street) -> None:
    lines = FAULTY.decode().splitlines()
    nameless = "\n".join([lines[0], lines[1].replace(lines[1].split(",")[0], "", 1).replace("TC-001", "")])
    found = street.client.post("/validate?connector=ofn-products", content=nameless.encode()).json()["findings"]
    assert any(", " in (one["column"] or "") and "+" not in one["column"] for one in found), found


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
    answer = street.client.post("/validate?profile=food", content=turtle, headers=TTL)
    assert answer.json()["nodes"] == 0
    assert [group["code"] for group in answer.json()["groups"]] == ["shapes-selected-nothing"]
    report = street.client.post("/validate?format=ttl", content=turtle, headers=TTL)
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
        ("/validate?connector={folder}", GOOD, 404, "connector-unknown"),
        ("/validate?connector=ofn-products&profile=none", GOOD, 404, "profile-unknown"),
        ("/validate?connector=ofn-products", b"", 422, "empty"),
        ("/validate?connector=ofn-products", b"x" * (3 << 20), 413, "body-too-large"),
    ],
)
def test_what_cannot_be_checked_is_said_in_words(
    empty_hub: Callable[..., TestClient], address: str, body: bytes, status: int, code: str
) -> None:
    address = address.format(folder=quote(str(PACKAGE)))
    answer = empty_hub(max_check_bytes=2 << 20).post(address, content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


TURTLE = '<https://x.example/1> a <http://schema.org/Place> ; <http://schema.org/name> "a" .'
JSONLD = '{"@id": "https://x.example/1", "http://schema.org/name": [{"@value": "a"}]}'
RDFXML = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="http://schema.org/">
<rdf:Description rdf:about="https://x.example/1"><s:name>a</s:name></rdf:Description></rdf:RDF>"""
LINE = '<https://x.example/1> <http://schema.org/name> "a"'
SYNTAXES = {
    "text/turtle": TURTLE,
    "application/trig": f"<https://x.example/g> {{ {TURTLE} }}",
    "application/n-triples": f"{LINE} .",
    "application/n-quads": f"{LINE} <https://x.example/g> .",
    "application/rdf+xml": RDFXML,
    "application/ld+json": JSONLD,
}
TTL, XML = {"Content-Type": "text/turtle"}, {"Content-Type": "application/rdf+xml"}
ENTITIES = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a {}>]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&a;</rdf:RDF>'


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


HOSTILE: list[tuple[str, str, bytes, dict[str, str], int, str]] = [
    *((f"cut {media}", "", text[: len(text) * 2 // 3].encode(), {"Content-Type": media}, 422, "syntax")
      for media, text in SYNTAXES.items()),
    *((f"{media} that is another", "", text.encode(), {"Content-Type": other}, 422, "syntax")
      for media, text, other in [("text/turtle", TURTLE, "application/rdf+xml"), ("text/turtle", TURTLE, "application/ld+json"),
                                 ("application/ld+json", JSONLD, "text/turtle"),
                                 ("application/rdf+xml", RDFXML, "application/n-quads")]),
    ("another kind of file", "", b"%PDF-1.4", {"Content-Type": "application/pdf"}, 422, "format-unknown"),
    ("no type that is one", "", TURTLE.encode(), {"Content-Type": ";;,"}, 422, "format-unknown"),
    ("UTF-16", "", TURTLE.encode("utf-16"), TTL, 422, "encoding"),
    ("Latin-1", "", "<x:a> <x:b> 'é' .".encode("latin-1"), TTL, 422, "encoding"),
    ("an encoding", "", gzip.compress(TURTLE.encode()), {**TTL, "Content-Encoding": "gzip"}, 422, "body-packed"),
    ("gzip without saying so", "", gzip.compress(TURTLE.encode()), TTL, 422, "body-packed"),
    ("a zip as RDF", "", zipped("a.ttl", TURTLE.encode()), TTL, 422, "body-packed"),
    ("a zip bomb", "?connector=gtfs-stops", zipped("stops.txt", b"stop_id\n" * 2_000_000), {}, 422, "zip-ratio"),
    ("a workbook bomb", "?connector=ofn-products", zipped("xl/workbook.xml", b" " * 20_000_000), {}, 422, "zip-ratio"),
    ("entities", "", ENTITIES.format('"' + "a" * 99 + '"').encode(), XML, 422, "xml-doctype"),
    ("outer entities", "", ENTITIES.format('SYSTEM "file:///etc/passwd"').encode(), XML, 422,
     "xml-doctype"),
    ("entities in UTF-16", "", ENTITIES.format('"b"').encode("utf-16"), XML, 422, "xml-doctype"),
    *((f"a context from {where}", "", context.encode(), {"Content-Type": "application/ld+json"}, 422, "context-refused")
      for where, context in {
          "our own network": '{"@context": "http://169.254.169.254/latest", "@id": "x:a", "name": "a"}',
          "a file": '{"@context": [{"a": "x:a"}, "file:///etc/passwd"], "@id": "x:a", "a": "a"}',
          "an import": '{"@context": {"@version": 1.1, "@import": "http://127.0.0.1:9/c"}, "@id": "x:a"}',
          "within a term": '{"@context": {"a": {"@id": "x:a", "@context": "http://127.0.0.1:9/c"}}, "a": {"b": 1}}',
      }.items()),
    *((f"depth in {media}", "", (start + step * 50_000).encode(), {"Content-Type": media}, 422, "too-deep")
      for media, start, step in [("application/ld+json", "", "["), ("text/turtle", "<x:a> <x:b> ", "[ <x:b> "),
                                 ("application/trig", "<x:a> <x:b> ", "( ")]),
    ("a name of a folder", "?profile=../../etc", TURTLE.encode(), TTL, 404, "profile-unknown"),
    ("a form without end", "", b"--b\r\nContent-Disposition: form-data; name=f",
     {"Content-Type": "multipart/form-data; boundary=b"}, 400, "no-file"),
    ("a form without boundary", "", b"--b\r\n\r\n", {"Content-Type": "multipart/form-data"}, 400, "no-file"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "body", "headers", "status", "code"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_hostile_bodies_are_refused_in_both_languages(
    patient: TestClient, query: str, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    said = {}
    for lang in ("en", "fr"):
        answer = patient.post(f"/validate{query}", content=body, headers={**headers, "Accept-Language": lang})
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        said[lang] = answer.json()["detail"]
    assert said["en"] != said["fr"]
    assert not re.search(r"Error|Exception|Traceback|polars|pyoxigraph|serde|0x", said["en"])


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\a.ttl", "a\r\nX: y.ttl", "<script>.ttl", "=1+1.ttl", "é" * 300 + ".ttl"]
)
@pytest.mark.parametrize("form", ["json", "csv", "html", "ttl"])
def test_odd_names_of_files_do_no_harm(patient: TestClient, name: str, form: str) -> None:
    files = {"file": (name, TURTLE.encode(), "text/turtle")}
    answer = patient.post(f"/validate?format={form}", files=files)
    assert answer.status_code == 200
    assert form != "html" or "<script>" not in answer.text
    assert "passwd" not in answer.text or "/etc" not in answer.text
    assert "x" not in {header.lower() for header in answer.headers}
    if form == "csv":
        assert not any(cell.startswith("=") for line in csv.reader(io.StringIO(answer.text)) for cell in line)


def test_a_file_that_is_too_large_is_told_what_to_do_here(empty_hub: Callable[..., TestClient]) -> None:
    client = empty_hub(max_check_bytes=2 << 20)
    for lang, fix in (("en", "on your own machine"), ("fr", "sur votre machine")):
        answer = client.post("/validate", content=b"x" * (4 << 20), headers={"Accept-Language": lang})
        assert answer.status_code == 413
        assert fix in answer.json()["detail"]
        assert "2 M" in answer.json()["detail"]
        assert "push" not in answer.json()["detail"]


@pytest.mark.parametrize("query", ["", "?connector=dfc"])
def test_a_small_file_of_very_many_triples_is_refused(empty_hub: Callable[..., TestClient], query: str) -> None:
    client = empty_hub(max_check_triples=1000)
    dfc = "<https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#"
    body = f"<https://x.example/1> a {dfc}SuppliedProduct> ; {dfc}name> {', '.join(map(str, range(1001)))} ."
    for lang, most in (("en", "1,000 triples"), ("fr", "1 000 triplets")):
        answer = client.post(f"/validate{query}", content=body, headers={**TTL, "Accept-Language": lang})
        assert (answer.status_code, answer.json()["code"]) == (422, "too-many-triples"), answer.text
        assert most in answer.json()["detail"].replace("\u202f", " ").replace("\xa0", " ")
    assert empty_hub(max_check_triples=2000).post(f"/validate{query}", content=body, headers=TTL).status_code == 200


def test_a_file_that_breaks_rules_a_million_times_is_refused_before_each_is_told(
    empty_hub: Callable[..., TestClient],
) -> None:
    client = empty_hub(max_check_results=59)
    body = "".join(f"<https://x.example/{n}> a <http://schema.org/Place> .\n" for n in range(20))
    for lang, sentence in (("en", "60 times; at most 59"), ("fr", "60 fois")):
        answer = client.post("/validate", content=body, headers={**TTL, "Accept-Language": lang})
        assert (answer.status_code, answer.json()["code"]) == (422, "too-many-results"), answer.text
        assert sentence in answer.json()["detail"]
    native = empty_hub(max_check_results=1).post("/validate?connector=ofn-products", content=FAULTY)
    assert (native.status_code, native.json()["code"]) == (422, "too-many-results"), native.text


def test_a_report_lists_so_many_findings_and_counts_all(empty_hub: Callable[..., TestClient]) -> None:
    client = empty_hub(max_check_findings=5)
    body = "".join(f"<https://x.example/{n}> a <http://schema.org/Place> .\n" for n in range(20))
    headers = TTL
    report = client.post("/validate", content=body, headers=headers).json()
    jsonschema.validate(report, client.get("/validate/schema").json())
    total = sum(report["counts"].values())
    assert total > 20
    assert (len(report["findings"]), report["more"]) == (5, total - 5)
    assert sum(group["count"] for group in report["groups"]) == total
    lines = client.post("/validate?format=csv&lang=fr", content=body, headers=headers).text.splitlines()
    assert len(lines) == 1 + 5 + 1
    assert f"… et {total - 5} autres remarques" in lines[-1]
    refused = client.post("/validate?format=ttl", content=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "report-too-long")


def test_nodes_with_thousands_of_values_on_both_sides_do_not_fill_the_memory(
    empty_hub: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "PAIRS_AT_LEAST", 1000)
    monkeypatch.setattr(data, "PAIRS_PER_ROW", 1)
    dates = [" , ".join(f'"{year}-01-01"^^xsd:date' for year in range(start, start + 99)) for start in (2100, 2300)]
    dhh = "https://w3id.org/datahub/ns/hospitality/"
    body = f"""@prefix s: <http://schema.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    <https://x.example/1> a <{dhh}HospitalityOffer> ; s:validFrom {dates[0]} ; s:validThrough {dates[1]} ."""
    answer = empty_hub().post("/validate?profile=hospitality", content=body, headers=TTL)
    assert (answer.status_code, answer.json()["code"]) == (422, "data-entangled")


def test_one_address_can_not_keep_the_hub_busy(empty_hub: Callable[..., TestClient]) -> None:
    client = empty_hub(checks_per_minute=2)
    codes = [client.post("/validate?connector=ofn-products", content=GOOD).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A hub without datasets that checks as often as it is asked to."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("patient"), base_iri="https://hub.example/", checks_per_minute=10_000
    )
    with closing(Hub(settings)) as hub, TestClient(create_app(hub), base_url="https://hub.example") as client:
        yield client


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
