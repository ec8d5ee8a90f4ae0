"""The database under the log: SQLite or PostgreSQL by URL, transactions, bulk inserts, and the turns of a dataset."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from datahub.errors import ConflictError, DatahubError, InputError
from datahub.i18n import Text
from datahub.records.queue import Turns, file_lock
from datahub.records.tables import SCHEMA_VERSION, head, layout, metadata

Row = tuple[Any, ...]


class StorageError(DatahubError):
    """The database can't be used at present: it is locked, full, read-only or away."""

    status = 503


class Database:
    """One SQLite file or one PostgreSQL database.

    SQLite runs in WAL mode with ``synchronous=FULL``: a push is answered with sequence numbers that feeds hand on at once, so a
    commit must survive a power cut, not only a killed process. That costs one fsync per push.
    """

    def __init__(self, url: str) -> None:
        """Opens the database at ``url``, and creates its tables when they are absent.

        Raises InputError ``log-url`` where the URL can't be used, ConflictError ``log-newer`` where a newer datahub wrote it.
        """
        self.url = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.path = Path(self.url.database) if self.is_sqlite and self.url.database else None
        self._turns = Turns()
        self._engine = _sqlite_engine(self.url, self.path) if self.is_sqlite else _server_engine(self.url)
        self._writer = self._engine.execution_options(datahub_write=True)
        try:
            self._prepare()
        except (StorageError, sa.exc.DBAPIError):
            self.close()
            raise _unusable(url) from None

    def _prepare(self) -> None:
        with self.write() as connection:
            if not self.is_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(7301)"))
            known = sa.inspect(connection).has_table("layout")
            if known:
                found = connection.execute(sa.select(sa.func.max(layout.c.version))).scalar_one()
                if found > SCHEMA_VERSION:
                    raise ConflictError(
                        "log-newer",
                        Text(
                            "The log was written by a newer datahub (layout {found}, this one knows {known}).",
                            "Le journal a été écrit par un datahub plus récent (structure {found}, celui-ci connaît {known}).",
                        ).format(found=found, known=SCHEMA_VERSION),
                        Text("Install that version or a later one.", "Installez cette version ou une plus récente."),
                    )
                return
            metadata.create_all(connection)
            connection.execute(layout.insert().values(version=SCHEMA_VERSION))
            connection.execute(head.insert().values(id=1, seq=0, time=0))

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read transaction: everything read in it belongs to one state. Raises StorageError where the database fails."""
        with self._explained(), self._engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A write transaction: all of it is committed at the end, or nothing. Raises StorageError where the database fails."""
        with self._explained(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        driver: Any = self._engine.dialect.dbapi
        try:
            yield
        except (sa.exc.DataError, driver.DataError) as error:
            raise InputError(
                "log-value",
                Text(
                    "A text or number here is none that the database can hold.",
                    "Un texte ou un nombre ici ne peut pas être gardé par la base de données.",
                ),
                Text(
                    "Look for characters that can't be seen (NUL), and for numbers beyond all bounds.",
                    "Cherchez des caractères invisibles (NUL) et des nombres démesurés.",
                ),
            ) from error
        except (sa.exc.OperationalError, driver.OperationalError) as error:
            raise StorageError(
                "log-unavailable",
                Text(
                    "The log can't be used at present; nothing was changed.",
                    "Le journal est indisponible ; rien n'a été modifié.",
                ),
                Text(
                    "Try again; if it stays so, look at free disk space and at the database.",
                    "Réessayez ; si cela dure, vérifiez l'espace disque et la base de données.",
                ),
            ) from error

    @contextmanager
    def turn(self, key: str) -> Iterator[None]:
        """Waits in line for ``key``: first in, first out in this process, one at a time across processes."""
        with self._turns.turn(key):
            if self.is_sqlite:
                if self.path is None:
                    yield
                    return
                with file_lock(self.path.with_name(self.path.name + ".locks"), key):
                    yield
                return
            number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)
            with self._engine.connect() as connection:
                # Held by the session: the server frees it when this process dies.
                connection.execute(sa.text("SELECT pg_advisory_lock(:n)"), {"n": number})
                try:
                    yield
                finally:
                    connection.execute(sa.text("SELECT pg_advisory_unlock(:n)"), {"n": number})

    def insert(self, connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Inserts many rows at once: one prepared statement on SQLite, COPY on PostgreSQL."""
        names = ", ".join(f'"{name}"' for name in columns)
        cursor: Any = connection.connection.cursor()
        try:
            if self.is_sqlite:
                places = ", ".join("?" * len(columns))
                cursor.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({places})', rows)
                return
            with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
        finally:
            cursor.close()

    def close(self) -> None:
        """Closes all connections."""
        self._engine.dispose()


def frame(connection: sa.Connection, statement: sa.Select[Any], schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """The rows of ``statement`` as columns of ``schema``."""
    rows = connection.execute(statement).fetchall()
    if not rows:
        return pl.DataFrame(schema=schema)
    columns = zip(*rows, strict=True)
    return pl.DataFrame(
        [pl.Series(name, column, dtype=dtype) for (name, dtype), column in zip(schema.items(), columns, strict=True)]
    )


def _parsed(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise _unusable(url) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return parsed
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise _unusable(url)


def _unusable(url: str) -> InputError:
    return InputError(
        "log-url",
        Text("The log can't be opened at {url}.", "Le journal ne peut pas être ouvert à {url}.").format(
            url=url.split("@")[-1]
        ),
        Text(
            "Give sqlite:///path or postgresql://user@host/database in DATAHUB_LOG_URL, and check that it can be reached.",
            "Donnez sqlite:///chemin ou postgresql://utilisateur@hôte/base dans DATAHUB_LOG_URL, et vérifiez l'accès.",
        ),
    )


def _server_engine(url: sa.URL) -> sa.Engine:
    # A push holds one connection for its turn while it uses another.
    return sa.create_engine(url, pool_size=10, max_overflow=50, pool_pre_ping=True)


def _sqlite_engine(url: sa.URL, path: Path | None) -> sa.Engine:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, max_overflow=50, connect_args={"timeout": 120, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-65536")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A writer takes its lock at once: no deadlock of two readers that both want to write.
        write = connection.get_execution_options().get("datahub_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
