"""Formats that state when they were made get the time that is given, and no other."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from datahub.connectors import connector

BASE = "https://hub.example/r/"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GBFS = connector("gbfs-stations")


@pytest.mark.parametrize("sample", GBFS.samples, ids=lambda path: path.name)
@pytest.mark.parametrize("time", [NOON, NOON.replace(tzinfo=None), NOON.astimezone(timezone(timedelta(hours=2)))])
def test_a_gbfs_file_has_all_that_a_reader_of_the_whole_file_wants(sample: Path, time: datetime) -> None:
    lift = GBFS.lift(sample, BASE)
    lowering = GBFS.lower(lift.frame, BASE, lift.variant, time)
    head = {name: value for name, value in json.loads(lowering.data).items() if name != "data"}
    expected = {"2": (int(NOON.timestamp()), "2.3"), "3": ("2026-11-21T12:00:00Z", "3.0")}[lift.variant]
    assert head == {"last_updated": expected[0], "ttl": 0, "version": expected[1]}
    assert "required-empty" not in set(lowering.findings["code"])
    assert GBFS.lower(lift.frame, BASE, lift.variant, time).data == lowering.data, "no clock is asked"
    assert GBFS.lift(lowering.data, BASE).frame.canonical_lines().equals(lift.frame.canonical_lines())


def test_without_a_time_none_is_made_up_and_that_is_told() -> None:
    lift = GBFS.lift(GBFS.samples[0], BASE)
    lowering = GBFS.lower(lift.frame, BASE, lift.variant)
    assert "last_updated" not in json.loads(lowering.data)
    assert "^.last_updated" in set(lowering.findings.filter(code="required-empty")["column"])
