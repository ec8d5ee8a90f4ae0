"""What tests of sources share: an HTTP API on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sources.api import Api


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()
    yield made
    made.server.shutdown()
    made.server.server_close()
