"""Files read piece by piece give what they give as a whole."""

from __future__ import annotations

import csv as stdlib_csv
import io
import json as stdlib_json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datahub.errors import InputError
from datahub.sources import csv, csv_stream, json, json_stream
from datahub.sources.table import Table

CELLS = st.text(st.sampled_from(list('aé,;"\n\r 1\\')), max_size=6)
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def together(tables: list[Table]) -> tuple[pl.DataFrame, list[int], list[tuple[object, ...]]]:
    columns = pl.concat([table.columns for table in tables])
    rows = [row for table in tables for row in table.rows.to_list()]
    notes = pl.concat([table.findings for table in tables]).select("code", "row", "value", "message_en").rows()
    return columns, rows, notes


@quick
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=40), st.sampled_from(["\n", "\r\n"]))
def test_a_csv_file_in_pieces_is_the_same_table(tmp_path: Path, cells: list[list[str]], end: str) -> None:
    text = io.StringIO()
    stdlib_csv.writer(text, lineterminator=end).writerows([["a", "b", "c"], *cells])
    path = tmp_path / "t.csv"
    path.write_bytes(text.getvalue().encode())
    whole = csv.read(path)
    for size in (16, 37, 200):
        columns, rows, notes = together(list(csv_stream.batches(path, size=size)))
        assert (columns.rows(), rows) == (whole.columns.rows(), whole.rows.to_list())
        assert notes == whole.findings.select("code", "row", "value", "message_en").rows()


def test_a_refused_row_keeps_its_number_in_a_later_piece(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lines = ["a,b", *(f"{n},x" for n in range(50)), "too,many,fields", *(f"{n},y" for n in range(50))]
    path.write_text("\n".join(lines))
    columns, rows, notes = together(list(csv_stream.batches(path, size=40)))
    assert [note[:2] for note in notes] == [("csv-fields", 52)]
    assert columns.height == 100
    assert rows == [row for row in range(2, 103) if row != 52]


@quick
@given(
    st.lists(st.sampled_from(["1,2,3", "1;2", "a", '"x, y",2,3', '"a\nb",,', "", "sep=;", "1,2"]), max_size=30),
    st.integers(0, 1),
)
def test_without_a_header_the_first_record_tells_the_columns_of_all_pieces(
    tmp_path: Path, lines: list[str], skipped: int
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("note\n" * skipped + "\n".join(["7,8,9", *lines, "7,8,9"]), encoding="utf-8")
    dialect = csv.Dialect(header_rows=0, skip_rows=skipped, names=("first",))
    whole = csv.read(path, dialect)
    assert whole.columns.columns == ["first", "_col.2", "_col.3"]
    for size in (16, 37, 200):
        columns, rows, notes = together(list(csv_stream.batches(path, dialect, size=size)))
        assert columns.equals(whole.columns)
        assert rows == whole.rows.to_list()
        assert notes == whole.findings.select("code", "row", "value", "message_en").rows()


def test_a_quote_that_is_text_makes_the_rest_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,x\n" * 30 + '2,5" pipe\n' * 3 + "3,z\n" * 30)
    whole = csv.read(path)
    columns, rows, _ = together(list(csv_stream.batches(path, size=64)))
    assert (columns.rows(), rows) == (whole.columns.rows(), whole.rows.to_list())


def test_a_quote_that_never_closes_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,x\n" * 30 + '2,"open\n' + "3,z\n" * 30)
    with pytest.raises(InputError) as caught:
        list(csv_stream.batches(path, size=64))
    assert (caught.value.code, caught.value.place.row) == ("csv-quote", 32)


def test_a_file_that_turns_to_windows_1252_half_way_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n" + "1,été\n".encode() * 20 + "2,été\n".encode("cp1252") * 20)
    columns, _, notes = together(list(csv_stream.batches(path, size=64)))
    assert columns["b"].to_list() == ["été"] * 40
    assert {note[0] for note in notes} <= {"encoding-mixed", "encoding-repaired"}
    assert notes


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 99), st.sampled_from([0.5, 2.0]), st.text('aé"\\', max_size=3)
)
ITEMS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "a": VALUES,
            "n": st.one_of(st.none(), st.fixed_dictionaries({}, optional={"b": VALUES})),
            "l": st.lists(VALUES, max_size=3),
            "o": st.lists(st.fixed_dictionaries({}, optional={"c": VALUES}), max_size=3),
        },
    ),
    max_size=30,
)
READINGS = [
    ("$[*]", ["a", "n.b", "l[*]", "o[*].c"]),
    ("$[*].o[*]", ["c", "^.a"]),
    ("$[*].n", ["b"]),
]


@quick
@given(ITEMS, st.sampled_from(READINGS))
def test_a_json_array_in_pieces_is_the_same_table(
    tmp_path: Path, items: list[object], reading: tuple[str, list[str]]
) -> None:
    path = tmp_path / "t.json"
    path.write_text(stdlib_json.dumps(items, ensure_ascii=False, indent=1))
    check_pieces(path, *reading)
    path.write_text(stdlib_json.dumps({"around": {"it": items}, "after": 1}))
    check_pieces(path, reading[0].replace("$", "$.around.it"), reading[1])


@quick
@given(ITEMS)
def test_json_lines_in_pieces_are_the_same_table(tmp_path: Path, items: list[object]) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(stdlib_json.dumps(item) for item in [{"a": 1}, {"a": 2}, *items]))
    check_pieces(path, "$", ["a", "l[*]", "n.b"])


def check_pieces(path: Path, iterator: str, references: list[str]) -> None:
    whole = json.read(path, iterator, references)
    for size in (8, 60, 400):
        found = list(json_stream.batches(path, [(iterator, references), (iterator, references)], size=size))
        pieces = [tables[0] for tables in found]
        assert all(tables[0].columns.equals(tables[1].columns) for tables in found)
        columns = pl.concat([piece.columns.select(references) for piece in pieces])
        assert columns.rows() == whole.columns.select(references).rows()
        assert [row for piece in pieces for row in piece.rows.to_list()] == whole.rows.to_list()
