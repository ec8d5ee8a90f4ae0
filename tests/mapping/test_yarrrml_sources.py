"""Sources of YARRRML are those of RML."""

from __future__ import annotations

from pathlib import Path

import pytest

from datahub.errors import DefinitionError
from datahub.mapping import lift, parse
from datahub.mapping.model import LogicalSource
from datahub.sources.access import Authentication, Database, Paging, Web

BODY = """
mappings:
  product:
    sources: shop
    s: http://a.example/$(id)
    po: [[http://schema.org/name, $(name)]]
"""


def source(keys: str) -> LogicalSource:
    indented = "".join(f"    {line.strip()}\n" for line in keys.strip().splitlines())
    return parse(f"sources:\n  shop:\n{indented}{BODY}", "yarrrml").maps[0].source


def test_a_query_of_a_database() -> None:
    found = source("""access: jdbc:postgresql://localhost/shop
        type: postgresql
        credentials: {username: root, password: s3cret}
        queryFormulation: sql2008
        query: SELECT id, name FROM product
        referenceFormulation: csv""")
    database = Database("shop", "jdbc:postgresql://localhost/shop", "root", "s3cret")
    assert found == LogicalSource("shop", "query", "SELECT id, name FROM product", origin=database)
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("access", "kind", "url"),
    [
        ("localhost/shop", "postgresql", "postgresql://localhost/shop"),
        ("shop.db", "sqlite", "sqlite:///shop.db"),
        ("sqlite:///shop.db", "sqlite", "sqlite:///shop.db"),
    ],
)
def test_a_table_of_a_database(access: str, kind: str, url: str) -> None:
    found = source(f"access: {access}\ntype: {kind}\ntable: product")
    assert found == LogicalSource("shop", "table", "product", origin=Database("shop", url))


def test_how_a_file_is_written() -> None:
    found = source("access: p.csv\ndelimiter: ';'\nencoding: utf-16\nnull: [n/a, '-']\ncompression: gzip")
    assert found.dialect is not None
    assert found.dialect.delimiters == (";",)
    assert (found.encoding, found.null_values, found.compression) == ("utf-16", ("-", "n/a"), "gzip")


def test_a_file_is_read_as_the_source_says(tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_bytes("id|name\n1|Pâté\n2|n/a\n".encode("utf-16"))
    text = "sources:\n  shop: {access: p.txt, delimiter: '|', encoding: utf-16, 'null': n/a}\n" + BODY
    assert lift(parse(text, "yarrrml"), tmp_path).frame.canonical_lines().to_list() == [
        '<http://a.example/1> <http://schema.org/name> "Pâté" .\n'
    ]


def test_an_api_with_pages_and_a_secret() -> None:
    found = source("""access: https://api.example/items
        referenceFormulation: jsonpath
        iterator: $.items[*]
        paging: {pageParameter: page, sizeParameter: per, pageSize: 50, firstPage: 0}
        security: [{type: apikey, in: header, name: X-Key, value: DATAHUB_SECRET_SHOP}]""")
    assert found.origin == Web(
        "https://api.example/items",
        Paging(page="page", first=0, size=("per", 50)),
        Authentication("header", "DATAHUB_SECRET_SHOP", None, "X-Key"),
    )


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ("access: x\ntype: sparql\nquery: SELECT", "sparql"),
        ("access: x\ntype: mysql", "query"),
        ("access: x\nreferenceFormulation: xquery", "xpath"),
        ("access: x\ncompression: rar", "rar"),
        ("access: x\nencoding: utf-99", "utf-99"),
        ("access: x\ndelimiter: ';;'", ";;"),
        ("access: https://a.example/x\npaging: {nextLink: true, pageParameter: p}", "paging"),
        ("access: https://a.example/x\nsecurity: [{type: apikey, name: X, value: s3cret}]", "DATAHUB_SECRET_"),
        ("access: https://a.example/x\nsecurity: {type: oauth2, value: DATAHUB_SECRET_X}", "apikey"),
    ],
)
def test_what_makes_no_sense_is_refused(keys: str, word: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        source(keys)
    assert word in refused.value.message.en
    assert word in refused.value.message.fr
    assert "s3cret" not in refused.value.to("en")
