"""Cuts text files into stretches that are read apart from one another, by workers that share nothing.

Whether a line feed ends a record depends on the quotes before it, in the whole file. So each stretch is counted first, for both
cases: that it starts outside of a quoted value, and inside of one. The counts of all stretches before it tell which is the case,
and how many records precede it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

PIECE_BYTES = 4 << 20
_AHEAD = 1 << 16
_LF, _CR = 10, 13

Positions = npt.NDArray[np.int64]
Read = Callable[[int, int], bytes]
"""Gives so many bytes from a position of the file; fewer at its end."""


@dataclass(frozen=True)
class Tally:
    """What a stretch holds, in pairs: if it starts outside of a quoted value, and if inside. ``records``: line feeds that end a
    record. ``stray``: how many records precede the first quote that stands in the middle of a value; None where there is none."""

    quotes: int = 0
    records: tuple[int, int] = (0, 0)
    stray: tuple[int | None, int | None] = (None, None)

    def __add__(self, other: Tally) -> Tally:
        """The tally of a stretch and the one that follows it."""
        flip = self.quotes & 1
        stray: list[int | None] = []
        for inside in (0, 1):
            later = other.stray[inside ^ flip]
            found = self.stray[inside]
            stray.append(found if found is not None or later is None else self.records[inside] + later)
        outside, within = (self.records[inside] + other.records[inside ^ flip] for inside in (0, 1))
        return Tally(self.quotes + other.quotes, (outside, within), (stray[0], stray[1]))


@dataclass(frozen=True)
class Stretch:
    """Bytes ``start`` to ``end`` of a file. ``inside``: whether they start inside of a quoted value. ``before``: how many records
    end before them. ``first``: whether a record starts at ``start``, as at the end of the header."""

    start: int
    end: int
    inside: bool = False
    before: int = 0
    first: bool = False


@dataclass(frozen=True)
class Piece:
    """Whole records: where they start in the file, their bytes, and how many records precede them."""

    offset: int
    data: bytes
    before: int


def tally(read: Read, start: int, end: int, delimiter: str, quote: str) -> Tally:
    """The tally of the bytes ``start`` to ``end``; ``quote`` is empty where there are no quoted values."""
    total = Tally()
    for at in range(start, end, PIECE_BYTES):
        size = min(PIECE_BYTES, end - at)
        lead = 1 if at > 0 else 0  # a quote is judged by its neighbours
        total += _tally(np.frombuffer(read(at - lead, lead + size + 1), np.uint8), lead, lead + size, delimiter, quote)
    return total


def _tally(raw: npt.NDArray[np.uint8], start: int, end: int, delimiter: str, quote: str) -> Tally:
    feeds = np.flatnonzero(raw[start:end] == _LF) + start
    if not quote:
        return Tally(0, (len(feeds), 0))
    quotes = np.flatnonzero(raw[start:end] == ord(quote)) + start
    if not len(quotes):
        return Tally(0, (len(feeds), 0))
    parity = np.searchsorted(quotes, feeds) & 1
    edges = (ord(delimiter), _LF, ord(quote))
    opens = (quotes == 0) | np.isin(raw[np.maximum(quotes - 1, 0)], edges)
    closes = (quotes == len(raw) - 1) | np.isin(raw[np.minimum(quotes + 1, len(raw) - 1)], (*edges, _CR))
    stray: list[int | None] = []
    for inside in (0, 1):
        good = np.where((np.arange(len(quotes)) & 1) == inside, opens, closes)
        bad = quotes[~good]
        stray.append(int((parity[feeds < bad[0]] == inside).sum()) if len(bad) else None)
    outside = int((parity == 0).sum())
    return Tally(len(quotes), (outside, len(feeds) - outside), (stray[0], stray[1]))


def stretches(start: int, size: int, step: int) -> list[Stretch]:
    """The bytes from ``start`` to ``size`` in stretches of about ``step`` bytes, not counted yet."""
    count = max(1, -(-(size - start) // step))
    bounds = [start + (size - start) * number // count for number in range(count + 1)]
    return [Stretch(one, other, first=number == 0) for number, (one, other) in enumerate(pairwise(bounds))]


def counted(parts: Sequence[Stretch], tallies: Sequence[Tally]) -> tuple[list[Stretch], Tally]:
    """``parts`` with what their ``tallies`` tell of where they stand, and the tally of all."""
    total = Tally()
    found = []
    for part, own in zip(parts, tallies, strict=True):
        found.append(Stretch(part.start, part.end, bool(total.quotes & 1), total.records[0], part.first))
        total += own
    return found, total


def pieces(read: Read, part: Stretch, quote: str, limit: int, size: int = PIECE_BYTES) -> Iterator[Piece]:
    """The records that start in ``part``, in pieces of about ``size`` bytes. The one in which the stretch begins belongs to those
    before it; the last is read to its end, up to ``limit`` bytes beyond."""
    data = read(part.start, part.end - part.start)
    ends, inside = _ends(data, part.inside, quote)
    if not part.first:
        if not len(ends):
            return
        begin = int(ends[0])
    else:
        begin = 0
    whole = len(data)
    ahead = _AHEAD
    while True:  # up to the first record end at or beyond the end of the stretch
        more = read(part.start + whole, ahead)
        found, _ = _ends(more, inside, quote)
        if len(found) or len(more) < ahead or ahead > limit:
            break
        ahead *= 4
    data += more[: int(found[0])] if len(found) else more
    cuts = _cuts(ends, begin, len(data), size)
    for one, other in pairwise(cuts):
        yield Piece(part.start + one, data[one:other], part.before + int(np.searchsorted(ends, one, side="right")))


def _ends(data: bytes, inside: bool, quote: str) -> tuple[Positions, bool]:
    """The positions behind the line feeds that end a record, and whether ``data`` ends inside of a quoted value."""
    raw = np.frombuffer(data, np.uint8)
    feeds = np.flatnonzero(raw == _LF)
    quotes = np.flatnonzero(raw == ord(quote)) if quote else feeds[:0]
    if not len(quotes):
        return (feeds[:0] if inside else feeds + 1), inside
    return feeds[(np.searchsorted(quotes, feeds) & 1) == int(inside)] + 1, inside ^ bool(len(quotes) & 1)


def _cuts(ends: Positions, begin: int, end: int, size: int) -> list[int]:
    """``begin``, ``end`` and record ends between them, about ``size`` apart."""
    cuts = [begin]
    while end - cuts[-1] > size:
        at = int(np.searchsorted(ends, cuts[-1] + size))
        if at >= len(ends) or ends[at] >= end:
            break
        cuts.append(int(ends[at]))
    return [*cuts, end] if end > cuts[-1] else cuts
