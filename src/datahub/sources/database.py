"""Tables and queries of a relational database, PostgreSQL or SQLite, as tables (R2RML section 5).

Rows are streamed in batches into columns. The session may only read. Values become the natural literals of their SQL types.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import sqlalchemy as sa

from datahub import extras
from datahub.errors import InputError, Place
from datahub.findings import findings
from datahub.i18n import Text
from datahub.rdf.terms import XSD
from datahub.sources import database_errors as errors
from datahub.sources import sql, sqlvalues
from datahub.sources.access import Database
from datahub.sources.limits import DEFAULT, Limits
from datahub.sources.table import Table, joined, moved, without

BATCH = 50_000
"""Rows that are held as Python values at one time."""
CONNECT_SECONDS = 10
PATIENCE = 600.0
"""Seconds that the database may take for one batch."""
_PROBE = "datahub query"
_COMPUTED = ("", "NUM", "INT", "REAL", "TEXT", "BLOB")
"""What SQLite says of a column of a view that is no column of a table."""

_DECLARED: tuple[tuple[type[sa.types.TypeEngine[Any]], str], ...] = (
    (sa.Boolean, XSD + "boolean"),
    (sa.DateTime, XSD + "dateTime"),
    (sa.Date, XSD + "date"),
    (sa.Float, XSD + "double"),
    (sa.Numeric, XSD + "decimal"),
)


def read(
    url: str,
    *,
    table: str | None = None,
    query: str | None = None,
    references: Sequence[str] | None = None,
    null_values: Sequence[str] = (),
    name: str = "database",
    limits: Limits = DEFAULT,
) -> Table:
    """All that `batches` gives as one table, within ``limits``: `InputError` ``database-rows``."""
    parts = []
    rows = size = 0
    for part in batches(url, table=table, query=query, references=references, null_values=null_values, name=name):
        parts.append(part)
        rows += len(part)
        size += int(part.columns.estimated_size())
        if rows > limits.max_rows or size > limits.max_bytes:
            raise errors.too_many(name, limits)
    return joined(parts)


def batches(
    url: str,
    *,
    table: str | None = None,
    query: str | None = None,
    references: Sequence[str] | None = None,
    null_values: Sequence[str] = (),
    name: str = "database",
) -> Iterator[Table]:
    """The rows of ``table`` (an SQL identifier, see `sql.identifier`) or of ``query`` (one statement that reads), in tables of
    `BATCH` rows, one at least.

    ``url``: ``postgresql://user:password@host/database``, ``sqlite:///path``, or the same with ``jdbc:`` before it. ``references``:
    the columns that are kept, by their exact names; all by default. NULL is null, and so are ``null_values``; an empty text is a
    value. Row numbers count from 1 in the order of the database.

    Raises `InputError`: ``database-url``, ``database-driver``, ``database-unreachable``, ``database-damaged``, ``sql-table``,
    ``column-missing``, ``database-value``; `DefinitionError`: ``sql-query``, ``sql-columns`` (a name twice), ``sql-statements``.
    """
    statement = None if query is None else sql.one_statement(query)
    parts = sql.identifier(table or "") if query is None else []
    engine = _engine(url)
    try:
        with errors.worded(name, statement), engine.connect() as connection:
            sqlite = connection.dialect.name == "sqlite"
            if statement is None:
                statement, columns = _select(connection, parts, references, name)
            else:
                columns = _queried(connection, statement) if sqlite else []
            declared = {str(c["name"]): kind for c in columns if (kind := _declared(c["type"]))} if sqlite else {}
            with _patient(connection):
                result, notes = _executed(connection, statement)
            names = list(result.keys())
            wanted = sql.matched(names, references, name)
            notes += [
                _renamed(reference, column) for reference, column in wanted.items() if reference.strip('"') != column
            ]
            rows = 0
            while batch := _fetched(connection, result):
                values = dict(zip(names, zip(*batch, strict=True), strict=True))
                part = _table({each: values[wanted[each]] for each in wanted}, len(batch), wanted, declared, name)
                yield moved(without(replace(part, findings=findings(notes)), null_values), rows)
                rows, notes = rows + len(batch), []
            if not rows:
                empty = pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
                yield Table(name, empty, pl.Series("row", [], dtype=pl.UInt32), findings(notes))
    finally:
        engine.dispose()


def _fetched(connection: sa.Connection, result: sa.CursorResult[Any]) -> Sequence[sa.Row[Any]]:
    with _patient(connection):
        return result.fetchmany(BATCH)


_UNKNOWN_NAMES = ("42P01", "42703")
_FOLDED: dict[str, object] = {
    "severity": "warning",
    "code": "sql-case",
    "message_en": "The query has names in quotes that the database does not know; it was read with them in small letters.",
    "message_fr": "La requête a des noms entre guillemets inconnus de la base ; elle a été lue avec ces noms en minuscules.",
    "fix_en": "Write the names as the database has them.",
    "fix_fr": "Écrivez les noms comme la base les a.",
}


def _executed(connection: sa.Connection, statement: str) -> tuple[sa.CursorResult[Any], list[dict[str, object]]]:
    """The answer to ``statement``; one whose quoted names are not there is asked once more with them in small letters."""
    streaming = connection.execution_options(stream_results=True, yield_per=BATCH, no_parameters=True)
    try:
        return streaming.exec_driver_sql(statement), []
    except sa.exc.DBAPIError as error:
        again = sql.folded(statement) if getattr(error.orig, "sqlstate", "") in _UNKNOWN_NAMES else None
        if again is None:
            raise
        connection.rollback()
        try:
            return streaming.exec_driver_sql(again), [_FOLDED]
        except sa.exc.DBAPIError:
            raise error from None


def _table(
    values: dict[str, Sequence[Any]], height: int, wanted: dict[str, str], declared: dict[str, str], name: str
) -> Table:
    """One batch as text. ``values``: by reference; ``wanted``: the column that each reference means."""
    made: list[pl.Series] = []
    types: dict[str, str] = {}
    mixed: dict[str, str] = {}
    for reference, column in wanted.items():
        found = sqlvalues.column(reference, values[reference], declared.get(column))
        made.append(found.texts)
        if found.datatype:
            types[reference] = found.datatype
        if found.datatypes is not None:
            mixed[reference] = found.datatypes.name
            made.append(found.datatypes)
    columns = pl.DataFrame(made) if made else pl.DataFrame({"": [None] * height}).drop("")
    rows = pl.arange(1, height + 1, dtype=pl.UInt32, eager=True).alias("row")
    return Table(name, columns, rows, types=types, mixed=mixed)


def _renamed(reference: str, column: str) -> dict[str, object]:
    return {
        "severity": "warning",
        "code": "column-renamed",
        "column": column,
        "message_en": f"There is no column “{reference}”; “{column}” was read.",
        "message_fr": f"Il n'y a pas de colonne « {reference} » ; « {column} » a été lue.",
    }


def _select(
    connection: sa.Connection, parts: list[tuple[str, bool]], references: Sequence[str] | None, name: str
) -> tuple[str, Sequence[sa.engine.interfaces.ReflectedColumn]]:
    """The statement that reads the table, and its columns."""
    inspector = sa.inspect(connection)
    schemas = sql.spellings(parts[0]) if len(parts) > 1 else [None]
    found = next(
        ((t, s) for s in schemas for t in sql.spellings(parts[-1]) if inspector.has_table(t, schema=s)),
        None,
    )
    shown = ".".join(part for part, _ in parts)
    if found is None:
        there = sorted(inspector.get_table_names())[:20]
        raise InputError(
            "sql-table",
            Text(
                f"The database has no table “{shown}”; there are: {', '.join(there) or 'none'}.",
                f"La base n'a pas de table « {shown} » ; il y a : {', '.join(there) or 'aucune'}.",
            ),
            place=Place(file=name, value=shown),
        )
    columns = inspector.get_columns(found[0], schema=found[1])
    names = [str(column["name"]) for column in columns]
    wanted = dict.fromkeys(sql.matched(names, references, name).values())
    quoted = connection.dialect.identifier_preparer.quote_identifier
    table = ".".join(quoted(part) for part in (found[1], found[0]) if part)
    return f"SELECT {', '.join(map(quoted, wanted)) or '1'} FROM {table}", columns


def _queried(connection: sa.Connection, statement: str) -> Sequence[sa.engine.interfaces.ReflectedColumn]:
    """The columns of ``statement`` that are columns of a table, as SQLite tells them of a view; what is computed has the types of
    its values only. The view stands in memory, for this connection; nothing is read by it."""
    ask = connection.exec_driver_sql
    try:
        ask("PRAGMA query_only = OFF")
        ask(f'CREATE TEMP VIEW "{_PROBE}" AS {statement}')
        kinds = {row[1]: str(row[2]).upper() for row in ask(f'PRAGMA temp.table_xinfo("{_PROBE}")')}
        found = sa.inspect(connection).get_columns(_PROBE, schema="temp")
        ask(f'DROP VIEW temp."{_PROBE}"')
    except sa.exc.DBAPIError:
        return []  # asking for its rows says what is wrong
    finally:
        ask("PRAGMA query_only = ON")
    return [column for column in found if kinds.get(column["name"], "") not in _COMPUTED]


def _declared(kind: sa.types.TypeEngine[Any]) -> str | None:
    return next((datatype for each, datatype in _DECLARED if isinstance(kind, each)), None)


# Connections


def address(url: str) -> sa.URL:
    """``url`` as SQLAlchemy's, from its own form or JDBC's. Raises `InputError` ``database-url``."""
    text = url.strip().removeprefix("jdbc:")
    try:
        if text.startswith("sqlite:") and not text.startswith("sqlite://"):
            return sa.URL.create("sqlite", database=text.removeprefix("sqlite:"))
        parsed = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise errors.bad_url(text) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database:
        return parsed
    if backend not in ("postgresql", "postgres"):
        raise errors.bad_url(text)
    given = dict(parsed.query)
    user, password = given.pop("user", None), given.pop("password", None)  # as JDBC writes them
    parsed = parsed.set(drivername="postgresql+psycopg", query=given)
    if user and not parsed.username:
        parsed = parsed.set(username=str(user))
    return parsed.set(password=str(password)) if password and not parsed.password else parsed


def stated(origin: Database, folder: Path) -> str:
    """The connection that a mapping states for ``origin``, with the user and password that D2RQ states apart. A relative path of
    SQLite is one from ``folder``."""
    assert origin.url is not None
    try:
        parsed = address(origin.url)
    except InputError:
        return origin.url  # `batches` will say so
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(database=str(folder / (parsed.database or "")))
    elif origin.user and not parsed.username:
        parsed = parsed.set(username=origin.user)
        parsed = parsed.set(password=origin.password) if origin.password else parsed
    return parsed.render_as_string(hide_password=False)


def _engine(url: str) -> sa.Engine:
    parsed = address(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(parsed.database or "")
        if not path.is_file():
            raise InputError(
                "database-unreachable",
                Text(f"There is no SQLite file “{path.name}”.", f"Il n'y a pas de fichier SQLite « {path.name} »."),
                place=Place(file=path.name),
            )
        return sa.create_engine("sqlite://", creator=lambda: _sqlite(path), poolclass=sa.NullPool)
    if find_spec("psycopg") is None:
        raise InputError(
            "database-driver",
            Text("PostgreSQL can't be read in this installation.", "Cette installation ne lit pas PostgreSQL."),
            extras.install("postgres"),
        )
    return sa.create_engine(
        parsed,
        poolclass=sa.NullPool,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": f"{parsed.query.get('options', '')} -c statement_timeout={round(PATIENCE * 1000)}".strip(),
        },
        execution_options={"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
    )


def _sqlite(path: Path) -> sqlite3.Connection:
    """A connection that can only read this file: nothing is written, no other file is attached. It may be closed by another thread
    than the one that reads."""
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, check_same_thread=False)
    connection.execute("PRAGMA query_only = ON")
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK
    )
    return connection


@contextmanager
def _patient(connection: sa.Connection) -> Iterator[None]:
    """Ends what SQLite does inside when it takes too long; PostgreSQL keeps time itself."""
    raw = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        yield
        return
    end = time.monotonic() + PATIENCE
    raw.set_progress_handler(lambda: time.monotonic() > end, 100_000)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)
