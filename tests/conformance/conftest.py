"""Collects what became of each case of the outside suites; ``--earl FOLDER`` writes the reports (`make conformance`)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance import earl

_RESULTS: list[earl.Result] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--earl",
        metavar="FOLDER",
        help="write an EARL report per suite to FOLDER, and the results into the documentation",
    )


@pytest.fixture
def conformance(record_property: Callable[[str, object], None]) -> Callable[[earl.Case], None]:
    """Says which case of which suite a test is."""
    return lambda case: record_property("conformance", earl.as_dict(case))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when != "call" and report.outcome == "passed":
        return
    outcome = {"passed": "passed", "failed": "failed"}.get(report.outcome, "untested")
    _RESULTS.extend(
        earl.Result(earl.Case(**told), outcome) for name, told in report.user_properties if name == "conformance"
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    folder = session.config.getoption("--earl", default=None)
    if folder and _RESULTS and not hasattr(session.config, "workerinput"):
        earl.write(_RESULTS, Path(folder), datetime.datetime.now(datetime.UTC).date())
