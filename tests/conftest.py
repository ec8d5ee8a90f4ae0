"""What every test shares: where others' data lies, and how long hypothesis may search."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Wall-clock deadlines would fail on a busy machine without anything being wrong.
settings.register_profile("datahub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", parent=settings.get_profile("datahub"), max_examples=2000)
settings.load_profile(os.environ.get("DATAHUB_HYPOTHESIS", "datahub"))

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips the tests marked ``corpus`` where others' data is not beside the checkout."""
    if (SHARED / "corpus").is_dir():
        return
    skip = pytest.mark.skip(reason="others' data is not in ../shared")
    for item in items:
        if item.get_closest_marker("corpus"):
            item.add_marker(skip)
