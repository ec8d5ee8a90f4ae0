"""Files are read in portions of one size, the first and the last of them half as large."""

from __future__ import annotations

import io
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from datahub.sources.portions import portion, portions


@given(content=st.binary(max_size=300), start=st.integers(0, 320), size=st.integers(1, 90))
def test_portions_are_all_of_the_file(content: bytes, start: int, size: int) -> None:
    read = list(portions(io.BytesIO(content), start, size))
    assert b"".join(read) == content[start:]
    assert all(0 < len(portion) <= 1.5 * size + 1 for portion in read)


@given(total=st.integers(1, 400), size=st.integers(1, 90))
def test_each_portion_has_its_number(total: int, size: int) -> None:
    ends = list(accumulate(map(len, portions(io.BytesIO(bytes(total)), 0, size)), initial=0))
    assert [portion(at, total, size) for at in ends[:-1]] == list(range(len(ends) - 1))
    assert [portion(at - 1, total, size) for at in ends[1:]] == list(range(len(ends) - 1))


def test_nobody_waits_for_the_first_and_the_last() -> None:
    assert [len(portion) for portion in portions(io.BytesIO(bytes(4_000)), 0, 1_000)] == [500, 1_000, 1_000, 1_000, 500]
    assert [len(portion) for portion in portions(io.BytesIO(bytes(4_400)), 0, 1_000)] == [550, 1_100, 1_100, 1_100, 550]
