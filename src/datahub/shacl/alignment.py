"""Two sequences that are mostly the same, laid side by side: runs of equal members, found without looking anything up.

Two readings of one file before and after a small change have their terms and triples in the same order, but for what was changed.
So a comparison of whole runs finds nearly all of them; what it does not find is left to the caller. It is not the longest common
subsequence, and need not be.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.generic]
Mask = npt.NDArray[np.bool_]
Run = tuple[int, int, int]
"""Where equal members begin in the one and in the other sequence, and how many they are."""

STEP = 1 << 14
"""Members compared at a time."""
NEAR, FAR = 16, 512
"""How many members ahead the next equal pair is looked for: at first, and where there is none."""
MOST_MISSED = 100
"""So many times no equal pair may be found ahead; then the rest is taken to be different."""
MOST_RUNS = 10_000
"""More runs than this are not looked for: where changes are so many, looking members up costs less."""


def runs(one: Sequence[Column], other: Sequence[Column]) -> list[Run]:
    """Runs of equal members of two sequences, in order; a member is its values in all columns of a sequence."""
    ends = len(one[0]), len(other[0])
    found: list[Run] = []
    here, there, missed = 0, 0, 0
    while here < ends[0] and there < ends[1] and missed < MOST_MISSED and len(found) < MOST_RUNS:
        if length := _length(one, other, here, there):
            found.append((here, there, length))
        here, there = here + length, there + length
        ahead = _ahead(one, other, here, there, NEAR) or _ahead(one, other, here, there, FAR)
        missed += ahead is None
        skipped = ahead or (FAR, FAR)
        here, there = here + skipped[0], there + skipped[1]
    return found


def outside(found: Sequence[Run], size: int, side: int) -> Mask:
    """Which of the ``size`` members of a sequence (``side`` 0 the one, 1 the other) are in no run."""
    free = np.ones(size, np.bool_)
    for run in found:
        free[run[side] : run[side] + run[2]] = False
    return free


def _length(one: Sequence[Column], other: Sequence[Column], here: int, there: int) -> int:
    """How many members are equal from two places on."""
    most = min(len(one[0]) - here, len(other[0]) - there)
    step = NEAR  # where changes are many, runs are short
    done = 0
    while done < most:
        size = min(step, most - done)
        same = _same(one, other, slice(here + done, here + done + size), slice(there + done, there + done + size))
        if not same.all():
            return done + int(same.argmin())
        done += size
        step = min(4 * step, STEP)
    return most


def _same(one: Sequence[Column], other: Sequence[Column], mine: slice, theirs: slice) -> Mask:
    same: Mask = one[0][mine] == other[0][theirs]
    for first, second in zip(one[1:], other[1:], strict=True):
        same &= first[mine] == second[theirs]
    return same


def _ahead(one: Sequence[Column], other: Sequence[Column], here: int, there: int, far: int) -> tuple[int, int] | None:
    """How far ahead the next equal pair is in each, the nearest first; None where there is none within ``far``."""
    mine, theirs = slice(here, here + far), slice(there, there + far)
    same = one[0][mine, None] == other[0][None, theirs]
    for first, second in zip(one[1:], other[1:], strict=True):
        same &= first[mine, None] == second[None, theirs]
    pairs = np.argwhere(same)
    if not len(pairs):
        return None
    nearest = pairs[pairs.sum(axis=1).argmin()]
    return int(nearest[0]), int(nearest[1])
