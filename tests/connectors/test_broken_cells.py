"""One cell of a sample is emptied or garbled at a time: what is told then names that row, and that column or one it depends on."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pytest

from datahub.connectors import Connector, connectors
from datahub.connectors.checking import check_native, shapes_for
from datahub.profiles import class_hierarchy
from datahub.shacl import Shapes

BASE = "https://hub.example/records/broken/"
Told = Counter[tuple[object, ...]]

SAMPLES = [
    (
        one,
        min(
            (path for path in one.samples if path.suffix == ".csv" and path.name != "a-corriger.csv"),
            key=lambda p: p.name,
        ),
    )
    for one in connectors()
    if {"in", "out"} <= set(one.directions) and any(path.suffix == ".csv" for path in one.samples)
]
TOGETHER = {
    "bnlc": {"insee": {"id_lieu"}, "id_lieu": {"insee"}},
    "ofn-products": {
        "variant_unit_name": {"unit_type"},
        "unit_type": {"units", "variant_unit_name"},
        "units": {"unit_type"},
    },
}
"""Columns that a rule compares or that stand for each other: it names one of them."""


def told(one: Connector, shapes: Shapes, lines: list[list[str]], delimiter: str) -> Told:
    """Findings by what they say; the record is left out, for a cell can be part of its name."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(lines)
    found = check_native(out.getvalue().encode(), one, shapes, BASE, "broken.csv", class_hierarchy()).findings
    names = ("severity", "code", "rule", "row", "column", "value")
    return Counter(found.select(names).rows())


@pytest.mark.parametrize(("one", "sample"), SAMPLES, ids=[one.name for one, _ in SAMPLES])
def test_a_broken_cell_is_named_by_row_and_column(one: Connector, sample: Path) -> None:
    raw = sample.read_bytes()
    text = raw.decode("utf-8-sig")
    delimiter = csv.Sniffer().sniff(text.splitlines()[0], delimiters=",;\t").delimiter
    lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    shapes = shapes_for(None, one)
    before = told(one, shapes, lines, delimiter)
    row, named = 2, 0
    for at, column in enumerate(lines[0]):
        for broken in ("", "%%£x"):
            if lines[row - 1][at] == broken:
                continue
            changed = [[*cells] for cells in lines]
            changed[row - 1][at] = broken
            allowed = {column, *TOGETHER.get(one.name, {}).get(column, ())}
            for severity, code, _, found_row, found_column, value in told(one, shapes, changed, delimiter) - before:
                case = f"{column!r} as {broken!r}: {severity} {code} of row {found_row}, column {found_column!r}, {value!r}"
                assert found_row == row, case
                assert allowed & set(str(found_column).split("+")), case
                if broken and found_column == column:
                    assert value == broken, case
                named += 1
    assert named >= 5
