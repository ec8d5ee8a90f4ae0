"""Two sequences side by side: what is in a run is equal, in order, and nothing is in two runs."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.shacl.alignment import outside, runs

members = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), max_size=60)


def columns(sequence: list[tuple[int, int]]) -> list[np.ndarray]:
    table = np.array(sequence, dtype=np.uint32).reshape(-1, 2)
    return [table[:, 0], table[:, 1]]


@settings(max_examples=100)
@given(one=members, other=members)
def test_runs_are_equal_and_in_order(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    found = runs(columns(one), columns(other))
    at = (0, 0)
    for here, there, length in found:
        assert length > 0
        assert here >= at[0]
        assert there >= at[1]
        assert one[here : here + length] == other[there : there + length]
        at = here + length, there + length
    for side, sequence in enumerate((one, other)):
        assert outside(found, len(sequence), side).sum() == len(sequence) - sum(length for *_, length in found)


def test_of_a_long_sequence_with_a_few_changes_nearly_all_is_found() -> None:
    one = np.random.default_rng(1).integers(0, 1 << 40, 200_000)
    other = np.delete(one, [5, 70_000, 70_001, 199_999])
    other[1_000] = 3
    other = np.insert(other, 150_000, [1, 2, 3])
    found = runs([one], [other])
    assert outside(found, len(one), 0).sum() == 5
    assert outside(found, len(other), 1).sum() == 4


def test_sequences_that_have_nothing_in_common_are_given_up_soon() -> None:
    one, other = np.arange(10_000_000), np.arange(10_000_000, 20_000_000)
    assert runs([one], [other]) == []
