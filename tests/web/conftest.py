from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.street import Street, opened


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A filled hub that tests only read."""
    found = opened(tmp_path_factory.mktemp("street"))
    with found.client:
        yield found
    found.hub.close()


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Street]:
    """A filled hub that a test may change."""
    found = opened(tmp_path / "hub")
    with found.client:
        yield found
    found.hub.close()
