"""Equal texts get equal numbers: a hash table in columns, which is looked up and filled for whole columns at a time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint32]
Positions = npt.NDArray[np.int64]

_SLOTS = 1 << 12


@dataclass(frozen=True, eq=False)
class Keys:
    """Two 64-bit hashes of each text of a column: one to look it up, one to check that it is the same."""

    first: Hashes
    second: Hashes


class Interner:
    """Numbers texts from 0 in the order in which they appear first. It keeps no texts: the caller keeps those that are new.

    Open addressing with linear probing over the first hash; the second must agree, so that a collision raises instead of
    corrupting (about one chance in 10**7 for a million texts). Seeds are random, so that nobody can make texts collide.
    """

    def __init__(self) -> None:
        self._seeds = secrets.randbits(63), secrets.randbits(63)
        self._size = 1  # number 0 marks a free slot
        self._first = np.zeros(_SLOTS // 2, np.uint64)
        self._second = np.zeros(_SLOTS // 2, np.uint64)
        self._slots = np.zeros(_SLOTS, np.uint32)

    def __len__(self) -> int:
        return self._size - 1

    def keys(self, texts: pl.Series, kind: int = 0) -> Keys:
        """The keys of ``texts``, none of them null. Texts of different ``kind`` are different. Safe in any thread."""
        one, two = self._seeds
        return Keys(texts.hash(one ^ kind).to_numpy(), texts.hash(two ^ kind).to_numpy())

    def codes(self, keys: Keys) -> tuple[pl.Series, pl.Series]:
        """The number of each text (UInt32), and the positions of those that are new, in order.

        Raises RuntimeError where a 64-bit hash stood for two texts.
        """
        found = self._find(keys.first)
        missing = np.flatnonzero(found == 0)
        new = missing
        if len(missing):
            new = missing[pl.Series(keys.first[missing]).arg_unique().to_numpy()]
            self._add(keys.first[new], keys.second[new])
            found[missing] = self._find(keys.first[missing])
        if not np.array_equal(self._second.take(found), keys.second):
            raise RuntimeError("two RDF terms share a 64-bit key")
        return pl.Series("code", found - np.uint32(1)), pl.Series("new", new)

    def _home(self, hashes: Hashes) -> Positions:
        return (hashes & np.uint64(len(self._slots) - 1)).view(np.int64)

    def _find(self, hashes: Hashes) -> Codes:
        """The number of each hash plus one; 0 where it is not there."""
        slots = self._home(hashes)
        found: Codes = self._slots.take(slots)
        others = np.flatnonzero((self._first.take(found) != hashes) & (found != 0))
        while len(others):
            slots[others] = (slots[others] + 1) & (len(self._slots) - 1)
            found[others] = here = self._slots[slots[others]]
            others = others[(self._first[here] != hashes[others]) & (here != 0)]
        return found

    def _add(self, first: Hashes, second: Hashes) -> None:
        start, self._size = self._size, self._size + len(first)
        if self._size > len(self._first):
            room = 1 << self._size.bit_length()
            self._first = np.concatenate((self._first[:start], np.zeros(room - start, np.uint64)))
            self._second = np.concatenate((self._second[:start], np.zeros(room - start, np.uint64)))
            self._slots = np.zeros(2 * room, np.uint32)
            self._place(1, start)
        self._first[start : self._size] = first
        self._second[start : self._size] = second
        self._place(start, self._size)

    def _place(self, start: int, end: int) -> None:
        """Puts the numbers from ``start`` to ``end`` into the first free slots from their home on."""
        numbers = np.arange(start, end, dtype=np.uint32)
        slots = self._home(self._first[start:end])
        while len(numbers):
            free = self._slots[slots] == 0
            self._slots[slots[free]] = numbers[free]
            left = self._slots[slots] != numbers
            numbers, slots = numbers[left], (slots[left] + 1) & (len(self._slots) - 1)


def own(texts: pl.Series) -> pl.Series:
    """``texts`` in memory of their own: a few texts of a large column keep all of its memory otherwise."""
    return texts.to_frame("text").select(pl.concat_str(["text", pl.lit("")])).to_series()
