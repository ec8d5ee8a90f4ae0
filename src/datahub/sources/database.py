"""Tables and queries of a relational database, PostgreSQL or SQLite, as tables (R2RML section 5).

Rows are streamed in batches into columns. The session may only read. Values become the natural literals of their SQL types.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import sqlalchemy as sa

from datahub.errors import InputError, Place
from datahub.findings import findings
from datahub.i18n import Text
from datahub.rdf.terms import XSD
from datahub.sources import database_errors as errors
from datahub.sources import sql, sqlvalues
from datahub.sources.limits import DEFAULT, Limits
from datahub.sources.natural import one_type
from datahub.sources.table import Table

BATCH = 50_000
"""Rows that are held as Python values at one time."""
CONNECT_SECONDS = 10

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
    """The rows of ``table`` (an SQL identifier, see `sql.identifier`) or of ``query`` (one statement that reads).

    ``url``: ``postgresql://user:password@host/database``, ``sqlite:///path``, or the same with ``jdbc:`` before it. ``references``:
    the columns that are kept, by their exact names; all by default. NULL is null, and so are ``null_values``; an empty text is a
    value. Row numbers count from 1 in the order of the database.

    Raises `InputError`: ``database-url``, ``database-unreachable``, ``sql-table``, ``column-missing``, ``database-rows``,
    ``too-large``, ``database-value``; `DefinitionError`: ``sql-query``, ``sql-columns`` (a name twice), ``sql-statements``.
    """
    statement = None if query is None else sql.one_statement(query)
    parts = sql.identifier(table or "") if query is None else []
    engine = _engine(url)
    try:
        with errors.worded(name, statement):
            if statement is None:
                with engine.connect() as connection:
                    statement, declared = _select(connection, parts, references, name)
                    return _rows(connection, statement, references, declared, null_values, name, limits)
            return _query(engine, statement, references, null_values, name, limits)
    finally:
        engine.dispose()


_UNKNOWN_NAMES = ("42P01", "42703")
_FOLDED = {
    "severity": "warning",
    "code": "sql-case",
    "message_en": "The query has names in quotes that the database does not know; it was read with them in small letters.",
    "message_fr": "La requête a des noms entre guillemets inconnus de la base ; elle a été lue avec ces noms en minuscules.",
    "fix_en": "Write the names as the database has them.",
    "fix_fr": "Écrivez les noms comme la base les a.",
}


def _query(
    engine: sa.Engine,
    statement: str,
    references: Sequence[str] | None,
    null_values: Sequence[str],
    name: str,
    limits: Limits,
) -> Table:
    """The answer to a query; one whose quoted names are not there is asked once more with them in small letters."""
    try:
        with engine.connect() as connection:
            return _rows(connection, statement, references, {}, null_values, name, limits)
    except sa.exc.DBAPIError as error:
        again = sql.folded(statement) if getattr(error.orig, "sqlstate", "") in _UNKNOWN_NAMES else None
        if again is None:
            raise
        try:
            with engine.connect() as connection:
                found = _rows(connection, again, references, {}, null_values, name, limits)
        except sa.exc.DBAPIError:
            raise error from None
    return replace(found, findings=pl.concat([found.findings, findings([_FOLDED])]))


def _rows(
    connection: sa.Connection,
    statement: str,
    references: Sequence[str] | None,
    declared: dict[str, str],
    null_values: Sequence[str],
    name: str,
    limits: Limits,
) -> Table:
    streaming = connection.execution_options(stream_results=True, yield_per=BATCH, no_parameters=True)
    result = streaming.exec_driver_sql(statement)
    names = list(result.keys())
    wanted = sql.matched(names, references, name)
    kinds: dict[str, sqlvalues.Datatypes] = {reference: set() for reference in wanted}
    pieces: list[pl.DataFrame] = []
    total = size = 0
    for batch in result.partitions(BATCH):
        total += len(batch)
        columns = dict(zip(names, zip(*batch, strict=True), strict=True))
        made = []
        for reference, column in wanted.items():
            series, datatypes = sqlvalues.column(reference, columns[column], declared.get(column))
            kinds[reference] |= datatypes
            made.append(series)
        pieces.append(pl.DataFrame(made))
        size += int(pieces[-1].estimated_size())
        if total > limits.max_rows or size > limits.max_bytes:
            raise errors.too_many(name, limits)
    types = {column: kind for column, found in kinds.items() if (kind := one_type(found))}
    if not wanted:
        frame = pl.DataFrame({"": [None] * total}).drop("")
    else:
        frame = _together(pieces) if pieces else pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
    empty = [column for column, dtype in frame.schema.items() if null_values and dtype == pl.String]
    frame = frame.with_columns(pl.when(~pl.col(c).is_in(list(null_values))).then(pl.col(c)).alias(c) for c in empty)
    rows = pl.arange(1, total + 1, dtype=pl.UInt32, eager=True).alias("row")
    renamed = [_renamed(reference, column) for reference, column in wanted.items() if reference != column]
    return Table(name, frame, rows, findings(renamed), types)


def _renamed(reference: str, column: str) -> dict[str, object]:
    return {
        "severity": "warning",
        "code": "column-renamed",
        "column": column,
        "message_en": f"There is no column “{reference}”; “{column}” was read.",
        "message_fr": f"Il n'y a pas de colonne « {reference} » ; « {column} » a été lue.",
    }


def _together(pieces: list[pl.DataFrame]) -> pl.DataFrame:
    """The batches as one; an array column has lists in all of them, also where a batch has no array."""
    lists = {c for piece in pieces for c, dtype in piece.schema.items() if isinstance(dtype, pl.List)}
    return pl.concat(
        piece.with_columns(
            pl.lit(None, pl.List(pl.String)).alias(c) for c in lists if not isinstance(piece.schema[c], pl.List)
        )
        for piece in pieces
    )


def _select(
    connection: sa.Connection, parts: list[tuple[str, bool]], references: Sequence[str] | None, name: str
) -> tuple[str, dict[str, str]]:
    """The statement that reads the table, and the datatypes that it declares where the database keeps values as something else."""
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
    declared = (
        {str(c["name"]): kind for c in columns if (kind := _declared(c["type"]))}
        if connection.dialect.name == "sqlite"
        else {}
    )
    return f"SELECT {', '.join(map(quoted, wanted)) or '1'} FROM {table}", declared


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


def with_credentials(url: str, user: str | None, password: str | None) -> str:
    """``url`` with user and password, where they are given and it has none (D2RQ states them apart)."""
    try:
        parsed = address(url)
    except InputError:
        return url  # `read` will say so
    if parsed.get_backend_name() != "sqlite" and user and not parsed.username:
        parsed = parsed.set(username=user)
        parsed = parsed.set(password=password) if password else parsed
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
            Text("pip install 'datahub[postgres]'", "pip install 'datahub[postgres]'"),
        )
    return sa.create_engine(
        parsed,
        poolclass=sa.NullPool,
        connect_args={"connect_timeout": CONNECT_SECONDS},
        execution_options={"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
    )


def _sqlite(path: Path) -> sqlite3.Connection:
    """A connection that can only read this file: nothing is written, no other file is attached."""
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
    connection.execute("PRAGMA query_only = ON")
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK
    )
    return connection
