"""JSON that is read in pieces gives what the whole gives, also where it is damaged; and what is known of its texts holds."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datahub.errors import InputError
from datahub.sources import json, json_stream
from datahub.sources.table import Table, joined

DOCUMENTS = {
    "array": (
        '[{"a":"x","b":1},{"a":null,"b":2.50},{"a":"y"},{"b":true,"a":"é"},{"a":{"z":1},"b":[1]}]',
        "$[*]",
        ["a", "b"],
    ),
    "inner": (
        '{"n":{"items":[{"a":"x","c":[{"d":1},{"d":2}]},{"a":"y","c":{"d":3}}]},"t":1}',
        "$.n.items[*]",
        ["a", "c[*].d"],
    ),
    "nested": (
        '{"items":[{"a":"x","c":[{"d":1},{"d":2}]},{"a":"y","c":[{"d":"3"}]}]}',
        "$.items[*].c[*]",
        ["d", "^.a"],
    ),
    "lines": ('{"a":"x","b":1}\n{"a":"y","b":2}\n\n{"a":"z","b":3}\n{"a":"é","b":4}\n', "$", ["a", "b"]),
    "lines of lists": ('{"a":"x","b":[1,2]}\r\n{"a":"y","b":[]}\r\n{"a":"z","b":[3]}\r\n', "$", ["a", "b[*]"]),
}
DAMAGES = [
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\n",
    "\r\n",
    "\0",
    "\x7f",
    "\x01",
    "\\ud800",
    "\\u0041",
    "NaN",
    "null",
]
DAMAGES += ["-0", "1e999", "9" * 30, '"a":"again",', " ", "{}", '{"a":1}\n', '{"a":\n2}', "true", "\ufeff"]
ESCAPED = {*map(chr, range(0x20)), "\x7f", '"', "\\"}

damages = st.lists(st.tuples(st.integers(0, 99), st.sampled_from(DAMAGES), st.integers(0, 3)), max_size=3)


def said(table: Table) -> object:
    columns = table.columns.select(sorted(table.columns.columns))
    lost = table.findings.filter(pl.col("severity") == "violation")["row"].sort().to_list()
    codes = set(table.findings["code"])  # what is said of several records is said once in each batch
    return columns.rows(named=True), table.rows.to_list(), dict(table.types), set(table.mixed), lost, codes


def outcome(read: object) -> object:
    assert callable(read)
    try:
        return said(read())
    except InputError as error:
        return error.code


@given(st.sampled_from(list(DOCUMENTS)), damages, st.sampled_from([8, 20, 60]))
@example("lines", [(20, "{}", 0), (47, "\n", 0)], 20)
@example("lines", [(25, "\\ud800", 0)], 8)
@example("lines of lists", [(68, "\ufeff", 0)], 60)
@example("nested", [(90, '"', 2)], 20)
@example("array", [(73, "}", 1), (7, '{"a":1}\n', 3)], 60)
def test_pieces_are_what_the_whole_is_however_it_is_damaged(
    form: str, changes: list[tuple[int, str, int]], size: int
) -> None:
    text, iterator, references = DOCUMENTS[form]
    for percent, new, gone in changes:
        at = len(text) * percent // 100
        text = text[:at] + new + text[at + gone :]
    data = text.encode("utf-8", "surrogatepass")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.json"
        path.write_bytes(data)

        def pieces() -> Table:
            found = json_stream.batches(path, [(iterator, references)], name="table", size=size)
            return joined([part for tables in found for part in tables.values()])

        assert outcome(pieces) == outcome(lambda: json.read(data, iterator, references))


@given(st.sampled_from(list(DOCUMENTS)), damages)
def test_what_is_known_as_plain_has_nothing_to_escape(form: str, changes: list[tuple[int, str, int]]) -> None:
    text, iterator, references = DOCUMENTS[form]
    for percent, new, gone in changes:
        at = len(text) * percent // 100
        text = text[:at] + new + text[at + gone :]
    try:
        table = json.read(text.encode(), iterator, references)
    except InputError:
        return
    cells = [cell for row in table.columns.select(references).rows() for cell in row if cell]
    texts = [text for cell in cells for text in (cell if isinstance(cell, list) else [cell])]
    assert not (table.plain and any(ESCAPED & set(each) for each in texts))


@pytest.mark.parametrize(
    ("text", "rows", "broken"),
    [
        ('{"a":1}{"a":2}\n\n{"a":3}\n', [3], [1]),
        ('{"a":0}\nnull{"a":1}\n\n{"a":2}\n', [1, 4], [2]),
        ('{"a":1}\n{"a":\n2}{"a":3}\n', [1], [2, 3]),
        ('\n{"a":1}\n \n{"a":2}', [2, 4], []),
    ],
)
def test_a_line_holds_one_document(text: str, rows: list[int], broken: list[int]) -> None:
    table = json.read(text.encode(), "$", ["a"])
    assert table.rows.to_list() == rows
    assert table.findings["row"].to_list() == broken


def test_halves_of_characters_are_replaced_and_told() -> None:
    """JavaScript cuts an emoji in two where it cuts a text by length."""
    data = rb'[{"a":"Caf\u00e9 \ud83d"},{"a":"\ud83d\ude00 \\ud800"},{"a":"\ude00\ud83d"}]'
    table = json.read(data, "$[*]", ["a"])
    assert table.columns["a"].to_list() == ["Café �", "😀 \\ud800", "��"]
    assert table.findings["code"].to_list() == ["json-half-character"]
    assert "3" in table.findings["message_fr"][0]


@pytest.mark.parametrize("start", ["[", '{"a":', '\n{"a":1}\n{"a":'])
def test_what_is_nested_too_deep_is_refused_before_it_is_cut(tmp_path: Path, start: str) -> None:
    path = tmp_path / "deep.json"
    path.write_text(start + '{"a":' * 100_000 + "\n{}")
    with pytest.raises(InputError) as refused:
        list(json_stream.batches(path, [("$[*]", ["a"])]))
    assert refused.value.code == "too-deep"


@pytest.mark.parametrize("form", ["array", "lines", "inner"])
def test_no_batch_is_much_larger_than_asked_for(tmp_path: Path, form: str) -> None:
    items = [f'{{"a":{n:06}}}'.replace(":0", ":1") for n in range(2000)]
    texts = {
        "array": "[" + ",".join(items) + "]",
        "lines": "\n".join(items),
        "inner": '{"i":[' + ",".join(items) + "]}",
    }
    path = tmp_path / "items.json"
    path.write_text(texts[form])
    iterator = {"array": "$[*]", "lines": "$", "inner": "$.i[*]"}[form]
    lengths = [
        len(table) for tables in json_stream.batches(path, [(iterator, ["a"])], size=2000) for table in tables.values()
    ]
    assert sum(lengths) == 2000
    assert len(lengths) > 10
    assert max(lengths) < 1.5 * 2000 / len(items[0])
