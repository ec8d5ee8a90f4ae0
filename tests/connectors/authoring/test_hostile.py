"""Samples with names and values that would break a file that is written carelessly still make a connector that works."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from datahub.connectors import connector
from datahub.connectors.scaffold import scaffold

BASE = "https://hub.example/r/"
NAMES = [
    'Nom "court"',
    "Prix {€}",
    "a\\b",
    "c|d=e",
    "_key",
    "# x",
    "%s",
    "null",
    "yes",
    "- a",
    "[b]",
    "&d",
    "!f",
    "y" * 3000,
]


def test_odd_names_of_columns_make_a_connector_that_reads_and_writes(tmp_path: Path) -> None:
    quoted = ['"' + name.replace('"', '""') + '"' for name in NAMES]
    rows = [
        ",".join(f"{name}{row}" if at else f"Miel {row}" for at, name in enumerate("abcdefghijklmn")) for row in "12"
    ]
    (tmp_path / "odd.csv").write_text("\n".join([",".join(quoted), *rows]), "utf-8")
    made = scaffold("odd", tmp_path / "odd.csv", tmp_path / "new", record_class="dfc-b:SuppliedProduct")
    assert [guess.column.name for guess in made.draft.guesses] == NAMES
    one = connector(str(made.folder))
    lift = one.lift(tmp_path / "odd.csv", BASE)
    assert lift.read == 2
    again = one.lift(one.lower(lift.frame, BASE).data, BASE)
    assert list(again.frame.canonical_lines()) == list(lift.frame.canonical_lines())


@pytest.mark.parametrize("first", ["a.b", "c['d']", "é\n", "$", ""])
def test_odd_members_of_json_do_not_stand_for_the_format(tmp_path: Path, first: str) -> None:
    records = [{first: 1, "nom": "Miel", "prix": 3.5}, {first: 2, "nom": "Pain", "prix": 2}]
    (tmp_path / "odd.json").write_text(json.dumps(records), "utf-8")
    made = scaffold("odd", tmp_path / "odd.json", tmp_path / "new", record_class="dfc-b:SuppliedProduct")
    one = connector(str(made.folder))
    lift = one.lift(tmp_path / "odd.json", BASE)
    again = one.lift(one.lower(lift.frame, BASE).data, BASE)
    assert list(again.frame.canonical_lines()) == list(lift.frame.canonical_lines())
