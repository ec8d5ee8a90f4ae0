"""What a bare mapping may reach is the caller's to say."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.conftest import Session

MAPPING = """
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix rml: <http://w3id.org/rml/> . @prefix schema: <http://schema.org/> .
@prefix d2rq: <http://www.wiwiss.fu-berlin.de/suhl/bizer/D2RQ/0.1#> .
<#shop> a d2rq:Database ; d2rq:jdbcDSN "jdbc:sqlite:shop.db" .
<#product> rml:logicalSource [ rml:source <#shop> ; rml:referenceFormulation rml:SQL2008Table ; rml:iterator "product" ] ;
  rml:subjectMap [ rml:template "products/{sku}" ] ;
  rml:predicateObjectMap [ rml:predicate schema:name ; rml:objectMap [ rml:reference "name" ] ] .
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.execute("CREATE TABLE product (sku TEXT, name TEXT)")
        database.execute("INSERT INTO product VALUES ('CAR', 'Carottes')")
    database.close()
    (tmp_path / "mapping.ttl").write_text(MAPPING, "utf-8")
    return tmp_path


def test_a_mapping_reaches_no_database_by_itself(datahub: Session, shop: Path) -> None:
    said = datahub("lift", "--mapping", "mapping.ttl", "-o", "out.nt")
    assert said.code == 2
    assert "--database" in said.err
    assert not (shop / "out.nt").exists()


@pytest.mark.parametrize(
    "option",
    [["--trust-mapping"], ["--database", "sqlite:///shop.db"], ["--database", "shop=sqlite:///shop.db"]],
)
def test_the_caller_names_a_connection_or_trusts_that_of_the_mapping(
    datahub: Session, shop: Path, option: list[str]
) -> None:
    said = datahub("lift", "--mapping", "mapping.ttl", *option)
    assert said.code == 0
    assert "products/CAR> <http://schema.org/name> " in said.out


def test_a_connection_for_another_database_is_not_used(datahub: Session, shop: Path) -> None:
    assert datahub("lift", "--mapping", "mapping.ttl", "--database", "other=sqlite:///shop.db").code == 2


@pytest.mark.parametrize("option", [["--trust-mapping"], ["--allow-host", "shop.example"], ["--allow-private"]])
def test_a_connector_is_allowed_nothing_beyond_the_file(datahub: Session, products: Path, option: list[str]) -> None:
    said = datahub("lift", products, "--connector", "ofn-products", *option)
    assert (said.code, said.out) == (2, "")
    assert option[0] in said.err


def test_private_addresses_are_allowed_for_named_hosts_only(datahub: Session, shop: Path) -> None:
    said = datahub("lift", "--mapping", "mapping.ttl", "--allow-private")
    assert said.code == 2
    assert "--allow-host" in said.err


@pytest.fixture
def address() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/csv")
            self.end_headers()
            self.wfile.write(b"sku,name\nCAR,Carottes\n")

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/d.csv"
    server.shutdown()
    server.server_close()


def test_a_web_address_is_read_where_its_host_is_allowed(datahub: Session, tmp_path: Path, address: str) -> None:
    source = f"rml:source <{address}> ; rml:referenceFormulation rml:CSV"
    old = 'rml:source <#shop> ; rml:referenceFormulation rml:SQL2008Table ; rml:iterator "product"'
    (tmp_path / "mapping.ttl").write_text(MAPPING.replace(old, source), "utf-8")
    assert "--allow-host" in datahub("lift", "--mapping", "mapping.ttl").err
    assert "--allow-private" in datahub("lift", "--mapping", "mapping.ttl", "--allow-host", "127.0.0.1").err
    refused = datahub("lift", "--mapping", "mapping.ttl", "--allow-host", "a.example", "--allow-private")
    assert (refused.code, refused.out) == (2, "")
    said = datahub("lift", "--mapping", "mapping.ttl", "--allow-host", "127.0.0.1", "--allow-private")
    assert said.code == 0
    assert "products/CAR> <http://schema.org/name> " in said.out


@pytest.mark.parametrize("out", [[], ["-o", "out.nt"], ["-o", "out.ttl"]])
def test_strict_writes_nothing_where_a_value_is_no_iri(datahub: Session, tmp_path: Path, out: list[str]) -> None:
    (tmp_path / "people.csv").write_text("page\nhttps://a.example/1\nnot an address\n", "utf-8")
    mapping = """@prefix rml: <http://w3id.org/rml/> . <#m> rml:logicalSource [ rml:source "people.csv" ] ;
        rml:subjectMap [ rml:reference "page" ; rml:class <https://a.example/Page> ] ."""
    (tmp_path / "people.ttl").write_text(mapping, "utf-8")
    mild = datahub("lift", "--mapping", "people.ttl", *out)
    assert mild.code == 0
    for name in out[1:]:
        (tmp_path / name).unlink()
    said = datahub("lift", "--mapping", "people.ttl", "--strict", *out)
    assert said.code == 2
    assert "not an address" in said.err
    assert said.out == ""
    assert not any((tmp_path / name).exists() for name in out[1:])
