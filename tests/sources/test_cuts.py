"""Files cut into stretches that are read apart: together they give each record once, wherever the cuts fall."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.sources import cuts
from datahub.sources.cuts import Read, Tally

CELLS = st.text(st.sampled_from('ab,;" \n\ré'), max_size=8)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=30)


def reader(data: bytes) -> Read:
    return lambda start, length: data[start : start + length]


def written(rows: list[list[str]], end: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=end).writerows(rows)
    return out.getvalue().encode()


def tallies(data: bytes, start: int, step: int, quote: str = '"') -> tuple[list[cuts.Stretch], Tally]:
    parts = cuts.stretches(start, len(data), step)
    return cuts.counted(parts, [cuts.tally(reader(data), p.start, p.end, ",", quote) for p in parts])


@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.integers(1, 60), st.integers(1, 40), st.booleans())
def test_the_pieces_of_all_stretches_are_the_records_of_the_file(
    rows: list[list[str]], end: str, step: int, size: int, last_line_ends: bool
) -> None:
    head = b'"x\ny","z"\n'
    body = written(rows, end)
    data = head + (body if last_line_ends else body.removesuffix(end.encode()))
    found, total = tallies(data, len(head), step)
    assert total.stray[0] is None
    assert total.records[0] == max(0, len(rows) - (not last_line_ends))
    pieces = [piece for part in found for piece in cuts.pieces(reader(data), part, '"', 1 << 20, size)]
    assert b"".join(piece.data for piece in pieces) == data[len(head) :]
    read = 0
    for piece in pieces:
        assert piece.before == read
        assert data[piece.offset :].startswith(piece.data)
        read += len(list(csv.reader(io.StringIO(piece.data.decode(), newline=""))))
    assert read == len(rows)


@given(st.text(st.sampled_from('a,"\n'), max_size=60), st.integers(0, 60))
def test_tallies_add_up(text: str, at: int) -> None:
    data = b"h\n" + text.encode()
    middle = min(2 + at, len(data))
    read = reader(data)
    whole = cuts.tally(read, 2, len(data), ",", '"')
    assert cuts.tally(read, 2, middle, ",", '"') + cuts.tally(read, middle, len(data), ",", '"') == whole


@pytest.mark.parametrize(
    ("text", "stray"),
    [
        ('a,b\nc,"d ""e"" \n f"\n', None),
        ('a,b\nc,5" pipe\nd,e"\n', 1),
        ('a,b\nc,"d" e\n', 1),
        ('a,b\n"c\nd",e\nf,"g"h\n', 2),
    ],
)
def test_a_quote_in_the_middle_of_a_value_is_found_with_the_records_before_it(text: str, stray: int | None) -> None:
    for step in (1, 3, 7, 100):
        assert tallies(text.encode(), 0, step)[1].stray[0] == stray


def test_without_quotes_each_line_feed_ends_a_record() -> None:
    found, total = tallies(b'{"a": 1}\n{"a": "x"}\n{}', 0, 4, quote="")
    assert (total.quotes, total.records[0]) == (0, 2)
    assert [part.before for part in found] == sorted(part.before for part in found)
