"""Logs to test on: SQLite always; PostgreSQL where there is a server (`postgres_url` of tests/conftest.py)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from datahub.records import SqlLog


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
