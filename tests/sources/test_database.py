"""Tables and queries of databases: natural literals, names as SQL has them, and nothing but reading."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from datahub.errors import DatahubError, DefinitionError, InputError
from datahub.sources import database, sql
from datahub.sources.access import Database
from datahub.sources.limits import Limits

XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    connection = sqlite3.connect(tmp_path / "shop.db")
    with connection:
        connection.executescript("""
            CREATE TABLE product (sku TEXT, "unit price" DECIMAL(8,2), organic BOOLEAN, added DATE, seen TIMESTAMP, weight REAL,
                stock INTEGER, photo BLOB, note TEXT);
            INSERT INTO product VALUES ('CAR', 4.20, 1, '2026-01-31', '2026-02-01 12:30:00', 0.5, 12, x'89ab', '');
            INSERT INTO product VALUES ('POM', 3, 0, NULL, NULL, 100, NULL, NULL, NULL);
        """)
    connection.close()
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def postgres(postgres_url: str) -> str:
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS market CASCADE; CREATE SCHEMA market")
        connection.execute("""
            CREATE TABLE market."Odd "" Name" ("Unit Price" numeric, b boolean, d date, t timestamp, tz timestamptz, n int8,
                r float4, f float8, x bytea, u uuid, a text[], j jsonb, c char(4), i interval, h time, big numeric);
            INSERT INTO market."Odd "" Name" VALUES (4.20, true, '2026-01-31', '2026-02-01 12:30:00.250',
                '2026-02-01 12:30:00+02', 12, 80.25, 1e-7, '\\x89ab', '00000000-0000-0000-0000-000000000001', '{a,NULL,b}',
                '{"k": [1]}', 'ab', '26 hours', '01:02:03', 123456789012345678901234567890);
            INSERT INTO market."Odd "" Name" ("Unit Price", c, big) VALUES ('NaN', '', 0.000000010);
        """)
    return postgres_url


def test_declared_types_of_sqlite_give_natural_literals(sqlite_url: str) -> None:
    table = database.read(sqlite_url, table="product")
    assert table.columns.row(0, named=True) == {
        "sku": "CAR",
        "unit price": "4.2",
        "organic": "true",
        "added": "2026-01-31",
        "seen": "2026-02-01T12:30:00",
        "weight": "5.0E-1",
        "stock": "12",
        "photo": "89AB",
        "note": "",
    }
    assert {name: kind.removeprefix(XSD) for name, kind in table.types.items()} == {
        "unit price": "decimal",
        "organic": "boolean",
        "added": "date",
        "seen": "dateTime",
        "weight": "double",
        "stock": "integer",
        "photo": "hexBinary",
    }
    assert table.columns.row(1, named=True)["unit price"] == "3"
    assert table.rows.to_list() == [1, 2]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM product",
        "SELECT * FROM (SELECT * FROM product WHERE 1) AS inner_one",
        "WITH all_of_them AS (SELECT * FROM product) SELECT * FROM all_of_them",
    ],
)
def test_columns_of_tables_keep_their_types_in_queries(sqlite_url: str, query: str) -> None:
    table, asked = database.read(sqlite_url, table="product"), database.read(sqlite_url, query=query)
    assert asked.columns.equals(table.columns)
    assert asked.types == table.types


def test_what_a_query_computes_has_the_types_of_its_values(sqlite_url: str) -> None:
    query = """SELECT "unit price" AS price, "unit price" * 2 AS twice, stock + 1 AS more, upper(sku) AS name, organic AS o,
        0 + organic AS n, x'00' AS b, NULL AS absent FROM product"""
    table = database.read(sqlite_url, query=query)
    types = {name: kind.removeprefix(XSD) for name, kind in table.types.items()}
    assert types == {"price": "decimal", "more": "integer", "o": "boolean", "n": "integer", "b": "hexBinary"}
    assert table.columns["twice"].to_list() == ["8.4E0", "6"]
    assert table.columns[table.mixed["twice"]].to_list() == [XSD + "double", XSD + "integer"]


def test_asking_for_types_leaves_the_session_read_only(sqlite_url: str, tmp_path: Path) -> None:
    before = (tmp_path / "shop.db").read_bytes()
    engine = database._engine(sqlite_url)
    with engine.connect() as connection:
        assert database._queried(connection, "SELECT organic FROM product")
        assert database._queried(connection, "SELECT nothing FROM product") == []
        for statement in ("DELETE FROM product", "CREATE TEMP TABLE t (a)"):
            with pytest.raises(sa.exc.OperationalError):
                connection.exec_driver_sql(statement)
    assert (tmp_path / "shop.db").read_bytes() == before


@pytest.mark.parametrize("kept", ["count(*)", "i"])
def test_a_query_without_end_ends(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, kept: str) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.2)
    query = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {kept} AS i FROM n WHERE i < 0"
    with pytest.raises(DefinitionError) as refused:
        database.read(sqlite_url, query=query)
    assert "too long" in refused.value.message.en


def test_postgresql_is_not_waited_for_without_end(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.2)
    with pytest.raises(DefinitionError) as refused:
        database.read(postgres, query="SELECT pg_sleep(20)::text AS a")
    assert "too long" in refused.value.message.en


def test_a_text_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "x.db")
    with connection:
        connection.execute("CREATE TABLE t AS SELECT CAST(x'ff' AS TEXT) AS a")
    connection.close()
    with pytest.raises(InputError) as refused:
        database.read(f"sqlite:///{tmp_path / 'x.db'}", table="t")
    assert refused.value.code == "database-value"


def test_types_of_postgresql_give_natural_literals(postgres: str) -> None:
    table = database.read(postgres, table='market."Odd "" Name"')
    assert table.columns.row(0, named=True) == {
        "Unit Price": "4.2",
        "b": "true",
        "d": "2026-01-31",
        "t": "2026-02-01T12:30:00.25",
        "tz": "2026-02-01T10:30:00Z",
        "n": "12",
        "r": "8.025E1",
        "f": "1.0E-7",
        "x": "89AB",
        "u": "00000000-0000-0000-0000-000000000001",
        "a": ["a", "b"],
        "j": '{"k": [1]}',
        "c": "ab  ",
        "i": "P1DT2H",
        "h": "01:02:03",
        "big": "123456789012345678901234567890",
    }
    types = {name: kind.removeprefix(XSD) for name, kind in table.types.items()}
    assert types["Unit Price"] == types["big"] == "decimal"
    assert types["tz"] == "dateTime"
    assert "c" not in types
    second = table.columns.row(1, named=True)
    assert second["Unit Price"] is None
    assert second["big"] == "0.00000001"


def test_batches_come_together_whatever_types_they_have(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BATCH", 1)
    table = database.read(postgres, query='SELECT a, n, "Unit Price" FROM market."Odd "" Name"')
    assert table.columns.rows() == [(["a", "b"], "12", "4.2"), (None, None, None)]


def test_null_values_of_the_mapping_are_null_and_empty_texts_are_not(sqlite_url: str) -> None:
    assert database.read(sqlite_url, table="product").columns["note"].to_list() == ["", None]
    assert database.read(sqlite_url, table="product", null_values=[""]).columns["note"].to_list() == [None, None]


def test_only_the_columns_that_are_referred_to_are_read(sqlite_url: str) -> None:
    assert database.read(sqlite_url, table="product", references=["sku"]).columns.columns == ["sku"]
    assert len(database.read(sqlite_url, table="product", references=[])) == 2


@pytest.mark.parametrize("name", ["PRODUCT", '"product"', "main.product"])
def test_identifiers_fold_as_in_sql(sqlite_url: str, name: str) -> None:
    assert len(database.read(sqlite_url, table=name)) == 2


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("product", [("product", False)]),
        ('shop."Odd.Name"', [("shop", False), ("Odd.Name", True)]),
        ('"a ""b"""', [('a "b"', True)]),
        ("[country info]", [("country info", True)]),
    ],
)
def test_identifiers_are_taken_apart(text: str, parts: list[tuple[str, bool]]) -> None:
    assert sql.identifier(text) == parts


@pytest.mark.parametrize("text", ["", "a.b.c", "a..b", '"a'])
def test_what_is_no_identifier_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError):
        sql.identifier(text)


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM product",
        "SELECT 1; DROP TABLE product",
        "SELECT 1 /* ; */; DROP TABLE product",
        "",
        "PRAGMA query_only = OFF",
        "ATTACH 'other.db' AS other",
    ],
)
def test_a_query_is_one_statement_that_reads(sqlite_url: str, query: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        database.read(sqlite_url, query=query)
    assert refused.value.code == "sql-statements"


@pytest.mark.parametrize("query", ["SELECT ';' AS a;", "-- all;\nSELECT ';;' AS \";\" ; ", "(SELECT 1 AS a)"])
def test_semicolons_in_texts_and_comments_are_not_ends(query: str) -> None:
    assert sql.one_statement(query)


def test_the_session_of_postgresql_cannot_write(postgres: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        database.read(postgres, query='WITH gone AS (DELETE FROM market."Odd "" Name" RETURNING 1) SELECT * FROM gone')
    assert "write" in refused.value.message.en or "only" in refused.value.message.en
    assert len(database.read(postgres, table='market."Odd "" Name"')) == 2


def test_a_percent_sign_and_a_colon_are_just_text(postgres: str) -> None:
    table = database.read(postgres, query="SELECT c FROM market.\"Odd \"\" Name\" WHERE c LIKE 'a%' AND ':x' = ':x'")
    assert table.columns["c"].to_list() == ["ab  "]


def test_a_missing_table_is_named_with_those_there_are(sqlite_url: str) -> None:
    with pytest.raises(InputError) as refused:
        database.read(sqlite_url, table="products")
    assert refused.value.code == "sql-table"
    assert "product" in refused.value.message.fr


def test_columns_count_letter_by_letter_and_the_likely_one_is_told(sqlite_url: str) -> None:
    with pytest.raises(InputError) as refused:
        database.read(sqlite_url, table="product", references=["SKU"])
    assert refused.value.place.column == "SKU"
    assert refused.value.fix is not None
    assert "sku" in refused.value.fix.en


def test_a_column_that_differs_in_case_beside_exact_ones_is_read_and_told(sqlite_url: str) -> None:
    table = database.read(sqlite_url, table="product", references=["sku", "Organic"])
    assert table.columns.columns == ["sku", "Organic"]
    assert table.findings["code"].to_list() == ["column-renamed"]


def test_delimited_identifiers_of_r2rml_stand_for_their_columns(sqlite_url: str) -> None:
    table = database.read(sqlite_url, table='"product"', references=['"sku"', '"unit price"', "sku"])
    assert table.columns.row(0) == ("CAR", "CAR", "4.2")
    assert table.columns.columns == ["sku", '"sku"', '"unit price"']
    assert not table.findings.height


def test_two_columns_of_one_name_are_refused(sqlite_url: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        database.read(sqlite_url, query="SELECT sku, name AS sku FROM (SELECT sku, note AS name FROM product)")
    assert refused.value.code == "sql-columns"


@pytest.mark.parametrize(
    ("query", "word"),
    [("SELECT nothing FROM product", "nothing"), ("SELECT * FROM absent", "absent"), ("SELECT FROM FROM", "FROM")],
)
def test_what_is_wrong_in_a_query_is_pointed_at(sqlite_url: str, query: str, word: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        database.read(sqlite_url, query=query)
    assert f"“{word}”" in refused.value.message.en
    assert f"« {word} »" in refused.value.message.fr


def test_postgresql_points_at_the_word_too(postgres: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        database.read(postgres, query='SELECT nothing FROM market."Odd "" Name"')
    assert "“nothing”" in refused.value.message.en


def test_an_infinite_date_is_said_to_be_unreadable(postgres: str) -> None:
    with pytest.raises(InputError) as refused:
        database.read(postgres, query="SELECT 'infinity'::date AS d")
    assert refused.value.code == "database-value"


def test_errors_show_neither_password_nor_words_of_a_library(postgres: str) -> None:
    for url in ("postgresql://me:s3cret@127.0.0.1:1/x", "mysql://me:s3cret@host/x", "s3cret"):
        with pytest.raises(DatahubError) as refused:
            database.read(url, table="t")
        assert "s3cret" not in refused.value.to("en").replace("“s3cret”", "")
        assert "psycopg" not in refused.value.to("en")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"id,name\n" * 200)
    with pytest.raises(InputError) as refused:
        database.read(f"jdbc:sqlite:{tmp_path / 'x.db'}", table="t")
    assert refused.value.code == "database-damaged"
    with pytest.raises(InputError) as absent:
        database.read(f"sqlite:///{tmp_path / 'none.db'}", table="t")
    assert absent.value.code == "database-unreachable"
    assert not (tmp_path / "none.db").exists()


def test_answers_beyond_the_limits_are_refused(sqlite_url: str) -> None:
    query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    with pytest.raises(InputError) as refused:
        database.read(sqlite_url, query=query, limits=Limits(max_rows=120_000))
    assert refused.value.code == "database-rows"


def test_jdbc_addresses_and_credentials_stated_apart_are_understood() -> None:
    origin = Database("shop", "jdbc:postgresql://db.example:5433/shop?sslmode=require", "reader", "p@ss")
    url = database.stated(origin, Path())
    assert url == "postgresql+psycopg://reader:p%40ss@db.example:5433/shop?sslmode=require"
    assert database.stated(Database("shop", "jdbc:sqlite:shop.db"), Path("/m")) == "sqlite:////m/shop.db"
    assert database.address("jdbc:postgresql://h/d?user=u&password=p").username == "u"
