"""The benchmark runs, compares results before it times anything, and its catalogue is the same everywhere."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import catalogue, checking, equal, mistakes, orders, reading, table
from benchmarks.measure import Line, Measured
from benchmarks.setting import HERE, Setting
from benchmarks.timing import Timing, in_turn, timed
from datahub.rdf.formats import parse
from datahub.shacl import load, validate

ROOT = HERE.parent
DIGEST = "7e0994c95be87aee774d37d2e76c4d00f1a7839408b6fb1df6957eb15859c3e0"
"""SHA-256 of the first thousand rows."""


def test_the_catalogue_is_the_same_on_every_machine(tmp_path: Path) -> None:
    path = catalogue.write(tmp_path / "catalogue.csv", 1000)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == DIGEST
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1000
    assert len({row["sku"] for row in rows}) == 1000
    assert 10 < len({row["producer"] for row in rows}) < 60


def test_a_shorter_catalogue_is_the_start_of_a_longer_one() -> None:
    assert list(catalogue.rows(50)) == list(catalogue.rows(200))[:50]


def test_differences_between_engines_stop_the_benchmark(tmp_path: Path) -> None:
    one, other = tmp_path / "one.nt", tmp_path / "other.nt"
    one.write_text('<urn:a> <urn:p> "\\u00e9" .\n<urn:a> <urn:p> "x" .\n', "utf-8")
    other.write_text('<urn:a> <urn:p> "x" .\n<urn:a> <urn:p> "é" .\n', "utf-8")
    assert equal.same("t", equal.triples, one, other) == "t: 2 equal"
    other.write_text('<urn:a> <urn:p> "x" .\n', "utf-8")
    with pytest.raises(RuntimeError, match="differ"):
        equal.same("t", equal.triples, one, other)


def test_shares_of_the_work_are_counted_linearly() -> None:
    line = Line("w", Timing("ours", (2.0, 1.0, 3.0), 1), (Timing("a", (4.0,), 1), Timing("b", (3.0,), 1)), (1.0, 2.0))
    assert line.against == 10.0
    assert line.ratio == 5.0


def test_programs_are_timed_in_turn() -> None:
    order: list[str] = []

    def work(name: str, *sizes: int) -> Callable[[], Timing]:
        left = iter(sizes)

        def run() -> Timing:
            order.append(name)
            return Timing(name, (float(len(order)),), next(left))

        return run

    ours, theirs = in_turn(2, work("a", 7, 5), work("b", 1, 2))
    assert order == ["a", "b", "a", "b"]
    assert (ours, theirs) == (Timing("a", (1.0, 3.0), 7), Timing("b", (2.0, 4.0), 2))


def test_a_command_that_fails_stops_the_benchmark() -> None:
    with pytest.raises(RuntimeError, match="no such luck"):
        timed("x", [sys.executable, "-c", "import sys; sys.exit('no such luck')"])


def test_a_command_that_does_not_end_gives_a_lower_bound() -> None:
    theirs = timed("x", [sys.executable, "-c", "import time; time.sleep(60)"], limit=0.5)
    assert (theirs.ended, theirs.seconds) == (False, (0.5,))
    line = Line("w", Timing("ours", (0.1,), 1), (theirs,), (2.0,), 5)
    assert not line.ended
    row = table.table(Measured([line])).splitlines()[2]
    assert "x: no end within 0 s, counted 2 times" in row
    assert "| > 10 " in row


def test_validation_finds_the_mistakes_that_were_put_in(tmp_path: Path) -> None:
    data, report = orders.write(tmp_path / "orders.nt", 3_000), tmp_path / "report.ttl"
    report.write_text(validate(parse(data, "nt"), load(checking.SHAPES)).turtle(), "utf-8")
    expected = mistakes.results(data)
    assert equal.results(report) == expected
    kinds = {result[3] for result in expected}
    assert len(kinds) >= 10


def test_reading_and_lowering_are_compared_before_they_count(tmp_path: Path) -> None:
    setting, measured = Setting(tmp_path, 200, 200, 200, 1), Measured()
    reading.reading(setting, measured)
    reading.lowering(setting, measured)
    assert [line.what.split()[0] for line in measured.lines] == ["read", "lower"]
    assert len(measured.equal) == 2


@pytest.mark.slow
@pytest.mark.skipif(
    not (ROOT / ".venv-bench" / "bin" / "python").exists(), reason="morph-kgc is not installed: make bench does it"
)
def test_the_whole_benchmark_runs_at_a_tiny_size(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--out", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [saved] = tmp_path.glob("*.json")
    lines = json.loads(saved.read_text("utf-8"))["lines"]
    assert len(lines) >= 10
    assert all(line["ratio"] > 0 for line in lines)
    assert done.stdout.count("equal") >= 6
