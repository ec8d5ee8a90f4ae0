"""Tables and queries of a relational database, PostgreSQL or SQLite, as tables (R2RML section 5).

Rows are streamed in batches into columns. The session may only read. Values become the natural literals of their SQL types.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import sqlalchemy as sa

from datahub.errors import DatahubError, DefinitionError, InputError, Place
from datahub.i18n import Text
from datahub.rdf.terms import XSD
from datahub.sources import sql, sqlvalues
from datahub.sources.limits import DEFAULT, MIB, Limits
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
        with _worded(name, statement), engine.connect() as connection:
            declared: dict[str, str] = {}
            if statement is None:
                statement, declared = _select(connection, parts, references, name)
            return _rows(connection, statement, references, declared, null_values, name, limits)
    finally:
        engine.dispose()


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
    sql.check_columns(names, references, name)
    kept = [at for at, column in enumerate(names) if references is None or column in references]
    kinds: dict[str, sqlvalues.Datatypes] = {names[at]: set() for at in kept}
    pieces: list[pl.DataFrame] = []
    total = size = 0
    for batch in result.partitions():
        total += len(batch)
        columns = list(zip(*batch, strict=True))
        made = []
        for at in kept:
            series, datatypes = sqlvalues.column(names[at], columns[at], declared.get(names[at]))
            kinds[names[at]] |= datatypes
            made.append(series)
        pieces.append(pl.DataFrame(made))
        size += int(pieces[-1].estimated_size())
        if total > limits.max_rows or size > limits.max_bytes:
            raise _too_many(name, limits)
    types = {column: kind for column, found in kinds.items() if (kind := one_type(found))}
    frame = _together(pieces) if pieces else pl.DataFrame(schema={names[at]: pl.String for at in kept})
    empty = [column for column, dtype in frame.schema.items() if null_values and dtype == pl.String]
    frame = frame.with_columns(pl.when(~pl.col(c).is_in(list(null_values))).then(pl.col(c)).alias(c) for c in empty)
    return Table(name, frame, pl.arange(1, total + 1, dtype=pl.UInt32, eager=True).alias("row"), types=types)


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
    sql.check_columns(names, references, name)
    wanted = [each for each in names if references is None or each in references]
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
        raise _bad_url(text) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database:
        return parsed
    if backend not in ("postgresql", "postgres"):
        raise _bad_url(text)
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


# Errors

_CAUSES: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
    (("42703",), r"no such column: (\S+)", "it names a column that is not there", "elle nomme une colonne absente"),
    (("42P01", "3F000"), r"no such table: (\S+)", "it names a table that is not there", "elle nomme une table absente"),
    (
        ("42702",),
        r"ambiguous column name: (\S+)",
        "a column could be of several tables",
        "une colonne peut être de plusieurs tables",
    ),
    (
        ("42883",),
        r"no such function: (\S+)",
        "it calls a function that is not there",
        "elle appelle une fonction absente",
    ),
    (
        ("42803",),
        r"misuse of aggregate: (\S+)",
        "a column is neither grouped nor aggregated",
        "une colonne n'est ni groupée ni agrégée",
    ),
    (("42501",), r"not authorized", "the user may not read this", "l'utilisateur n'a pas le droit de lire cela"),
    (
        ("25006",),
        r"readonly database",
        "it would write; here it may only read",
        "elle écrirait ; ici elle ne peut que lire",
    ),
    (("42601", "42804"), r"near \"(.+?)\"|incomplete input", "its syntax is wrong", "sa syntaxe est fausse"),
    (("57014",), r"interrupted", "it took too long", "elle a pris trop de temps"),
)
"""SQLSTATE codes (PostgreSQL, appendix A) and SQLite's messages, with what they mean."""


@contextmanager
def _worded(name: str, query: str | None) -> Iterator[None]:
    """Turns what the driver raises into errors of our own, in our own words."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _explained(error, name, query) from None
    except (sa.exc.SQLAlchemyError, ValueError, OverflowError):
        raise _unreadable(name) from None


def _explained(error: sa.exc.DBAPIError, name: str, query: str | None) -> DatahubError:
    state = getattr(error.orig, "sqlstate", None)
    message = str(error.orig) if isinstance(error.orig, sqlite3.Error) else ""
    if "not a database" in message or "malformed" in message:
        return InputError(
            "database-damaged",
            Text(
                "The file is not an SQLite database, or it is damaged.",
                "Le fichier n'est pas une base SQLite, ou il est abîmé.",
            ),
            place=Place(file=name),
        )
    for states, pattern, en, fr in _CAUSES:
        found = re.search(pattern, message) if message else None
        if found or state in states:
            at = (found[1] if found and found.re.groups else None) or _word_at(error.orig, query)
            near, pres = (f" (at “{at}”)", f" (à « {at} »)") if at else ("", "")
            return DefinitionError(
                "sql-query",
                Text(f"The database refuses the query: {en}{near}.", f"La base refuse la requête : {fr}{pres}."),
                Text("Try the query in the database itself.", "Essayez la requête dans la base elle-même."),
                Place(file=name, value=(query or "")[:200] or None),
            )
    if isinstance(error, sa.exc.DataError):
        return _unreadable(name)
    if (
        isinstance(error, sa.exc.OperationalError)
        and not message
        and (state is None or state[:2] in ("08", "28", "3D", "57"))
    ):
        return InputError(
            "database-unreachable",
            Text(
                "The database can't be reached, or refuses this user and password.",
                "La base de données est injoignable, ou refuse cet utilisateur et ce mot de passe.",
            ),
            Text(
                "Check host, port, database, user and password of the connection.",
                "Vérifiez hôte, port, base, utilisateur et mot de passe de la connexion.",
            ),
            Place(file=name),
        )
    code = f" ({state})" if state else ""
    return DefinitionError(
        "sql-query",
        Text(f"The database refuses the query{code}.", f"La base refuse la requête{code}."),
        Text("Try the query in the database itself.", "Essayez la requête dans la base elle-même."),
        Place(file=name, value=(query or "")[:200] or None),
    )


def _word_at(error: object, query: str | None) -> str | None:
    """The word of the query at which PostgreSQL stopped reading it."""
    position = getattr(getattr(error, "diag", None), "statement_position", None)
    statement = getattr(getattr(error, "diag", None), "internal_query", None)
    if not position or not query or statement:
        return None
    return None if not (found := re.search(r"[\w.\"]+", query[max(int(position) - 1, 0) :])) else found[0][:60]


def _unreadable(name: str) -> InputError:
    return InputError(
        "database-value",
        Text(
            "The database holds a value that can't be read, such as a date without an end.",
            "La base contient une valeur illisible, par exemple une date infinie.",
        ),
        Text("Cast the column to text in a query.", "Convertissez la colonne en texte dans une requête."),
        Place(file=name),
    )


def _too_many(name: str, limits: Limits) -> InputError:
    return InputError(
        "database-rows",
        Text(
            f"The answer has more than {limits.max_rows} rows or {limits.max_bytes // MIB} MB.",
            f"La réponse a plus de {limits.max_rows} lignes ou {limits.max_bytes // MIB} Mo.",
        ),
        Text(
            "Read it in parts, with a condition in the query.",
            "Lisez-la par parties, avec une condition dans la requête.",
        ),
        Place(file=name),
    )


def _bad_url(url: str) -> InputError:
    shown = url.split("@")[-1].split("?")[0]
    return InputError(
        "database-url",
        Text(f"“{shown}” is not a database that can be read.", f"« {shown} » n'est pas une base lisible."),
        Text(
            "Give postgresql://user:password@host/database or sqlite:///path.",
            "Donnez postgresql://utilisateur:motdepasse@hôte/base ou sqlite:///chemin.",
        ),
    )
