"""A file that is one array is cut between its items, however they are nested, and never elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datahub.sources import json as json_source
from datahub.sources import json_array, json_types

MOST = 1 << 30
DECODER = json_types.decoder(json_source.readings([("$[*]", ["a"])]))

texts = st.sampled_from(["x", "},{", ']},{"a"', '\\",{"a":', "é", '"'])
inner = st.fixed_dictionaries({"a": texts, "b": st.lists(st.fixed_dictionaries({"a": texts}), max_size=3)})
items = st.fixed_dictionaries({"a": texts, "c": st.lists(inner, max_size=2)})


@given(st.lists(items, min_size=3, max_size=30), st.sampled_from([None, 1, "\t"]), st.integers(60, 400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_pieces_hold_the_items_in_their_order(
    tmp_path: Path, found: list[object], indent: int | str | None, size: int
) -> None:
    path = tmp_path / "items.json"
    separators = (",", ":") if indent is None else None
    path.write_text(json.dumps(found, indent=indent, separators=separators, ensure_ascii=False), "utf-8")
    pieces = json_array.pieces(path, size, MOST, DECODER)
    if pieces is None:
        return
    cut = list(pieces)
    arrays = [json.loads(piece.text) for piece in cut]
    assert [item for array in arrays for item in array] == found
    assert [piece.records for piece in cut[:-1]] == [len(array) for array in arrays[:-1]]
    read = [[item.a for item in piece.documents.values[0]] for piece in cut[:-1] if piece.documents]
    assert read == [[item["a"] for item in array] for array in arrays[:-1]]


@pytest.mark.parametrize("indent", [None, 2])
def test_no_piece_is_much_longer_than_asked_for(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "items.json"
    path.write_text(json.dumps([{"id": n, "parts": [{"id": 1}, {"id": 2}]} for n in range(500)], indent=indent))
    pieces = json_array.pieces(path, 1000, MOST, DECODER)
    assert pieces is not None
    lengths = [len(piece.text) for piece in pieces]
    assert len(lengths) > 10
    assert max(lengths) < 2200


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"items": [{"a": 1}, {"a": 2}]}',
        "[1, 2, 3]",
        '[{"a": 1}]',
        '[{"a": 1} {"a": 2}]',
        '[{"a": "' + "x" * 20_000 + '"}, {"a": 1}]',
        "[" * 5000,
        "[" + '{"a":' * 5000,
    ],
)
def test_other_documents_are_left_to_other_readers(tmp_path: Path, text: str) -> None:
    path = tmp_path / "items.json"
    path.write_text(text)
    assert json_array.pieces(path, 100, MOST, DECODER) is None


def test_what_follows_a_damaged_item_is_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "items.json"
    whole = ",".join('{"a":1}' for _ in range(100))
    path.write_text(f"[{whole},{{a:2}},{whole}]")
    pieces = json_array.pieces(path, 100, MOST, DECODER)
    assert pieces is not None
    *before, rest = pieces
    assert sum(piece.records for piece in before) > 80
    assert b"{a:2}" in rest.text
    assert rest.text.endswith(b"]")


def test_items_of_another_form_than_expected_are_cut_as_well(tmp_path: Path) -> None:
    path = tmp_path / "items.json"
    path.write_text(json.dumps([{"a": 1}] * 100 + [[{"a": 1}]] + [{"a": 1}] * 100))
    pieces = json_array.pieces(path, 200, MOST, DECODER)
    assert pieces is not None
    unread = [piece for piece in pieces if piece.documents is None]
    assert b"[{" in unread[0].text[1:]
    assert unread[0].records == len(json.loads(unread[0].text))


def test_no_more_is_held_than_a_whole_document_may_have(tmp_path: Path) -> None:
    path = tmp_path / "items.json"
    path.write_text('[{"a":1},{"a":1},{"a":"' + "x" * 100_000 + '"},{"a":1}]')
    pieces = json_array.pieces(path, 100, 20_000, DECODER)
    assert pieces is not None
    *_, rest = pieces
    assert len(rest.text) == 20_002
    assert rest.documents is None
