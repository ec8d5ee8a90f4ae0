"""Interning: equal texts have equal numbers, in the order in which they come."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.rdf.interning import Interner, Keys, own

texts = st.lists(st.text(st.sampled_from("abé"), max_size=3), max_size=30)


@given(st.lists(texts, max_size=5))
def test_numbers_are_those_of_the_first_appearance_over_all_columns(columns: list[list[str]]) -> None:
    interner, seen = Interner(), list[str]()
    for column in columns:
        series = pl.Series(column, dtype=pl.String)
        codes, new = interner.codes(interner.keys(series))
        seen += series.gather(new).to_list()
        assert [seen[code] for code in codes] == column
    assert len(seen) == len(set(seen)) == len(interner)


def test_many_texts_are_numbered_without_gaps() -> None:
    interner = Interner()
    column = pl.Series(range(100_000)).cast(pl.String)
    for part in (column[:70_000], column[30_000:], column):
        codes, _ = interner.codes(interner.keys(part))
    assert codes.equals(pl.Series("code", range(100_000), dtype=pl.UInt32))


def test_keys_that_share_their_place_are_told_apart() -> None:
    interner = Interner()
    first = (np.arange(1, 500, dtype=np.uint64) << np.uint64(40)) | np.uint64(4095)
    for _ in range(2):
        codes, new = interner.codes(Keys(first, first))
        assert codes.to_list() == list(range(499))
    assert new.is_empty()


def test_a_hash_that_stands_for_two_texts_is_refused_and_never_taken_for_one() -> None:
    interner = Interner()
    same = np.array([7, 7], np.uint64)
    with pytest.raises(RuntimeError):
        interner.codes(Keys(same, np.array([1, 2], np.uint64)))


def test_texts_of_another_kind_are_others() -> None:
    interner = Interner()
    column = pl.Series(["a"])
    interner.codes(interner.keys(column, 1))
    codes, new = interner.codes(interner.keys(column, 2))
    assert (codes.to_list(), new.to_list()) == ([1], [0])


def test_own_texts_let_the_column_that_they_came_from_go() -> None:
    column = pl.Series([f"a text that is longer than a view {n}" for n in range(10_000)])
    few = own(column.gather([1, 2]))
    assert few.to_list() == column.gather([1, 2]).to_list()
    assert few.estimated_size() < 1000
