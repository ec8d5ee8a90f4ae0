"""The texts of records: lines of N-Triples, made piece by piece, so that all of them are never in memory at once."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np
import numpy.typing as npt
import polars as pl

PIECE = 50_000
"""So many lines are made at a time."""
THREADS = 2

Codes = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Lines:
    """Codes of subject, predicate and object line by line, by record. ``terms``: each term in N-Triples, by code. ``starts``: the
    line at which each record begins, and the number of lines."""

    terms: pl.Series
    s: Codes
    p: Codes
    o: Codes
    starts: Numbers

    @cached_property
    def sizes(self) -> Numbers:
        """The length of each term in bytes, by code."""
        return self.terms.str.len_bytes().to_numpy().astype(np.int64)


class Texts(Sequence[memoryview]):
    """The texts of the records ``numbers`` in UTF-8. Nothing is kept: each text is made when it is asked for."""

    def __init__(self, lines: Lines, numbers: Numbers) -> None:
        self._lines = lines
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> memoryview: ...

    @overload
    def __getitem__(self, place: slice) -> Texts: ...

    def __getitem__(self, place: int | slice) -> memoryview | Texts:
        if isinstance(place, slice):
            return Texts(self._lines, self._numbers[place])
        return _made(self._lines, self._numbers[[place]])[0]

    def __iter__(self) -> Iterator[memoryview]:
        # Another thread makes the next piece while this one is used.
        with ThreadPoolExecutor(1, "datahub-texts") as pool:
            ahead: Future[list[memoryview]] | None = None
            for piece in self.pieces():
                ready, ahead = ahead, pool.submit(_made, self._lines, piece)
                if ready is not None:
                    yield from ready.result()
            if ahead is not None:
                yield from ahead.result()

    def pieces(self) -> Iterator[Numbers]:
        """The numbers of the records, so many at a time that their texts can be made at once."""
        counts = self._lines.starts[self._numbers + 1] - self._lines.starts[self._numbers]
        ends = np.cumsum(counts)
        at = 0
        while at < len(self._numbers):
            before = int(ends[at - 1]) if at else 0
            to = max(int(np.searchsorted(ends, before + PIECE, side="right")), at + 1)
            yield self._numbers[at:to]
            at = to

    def hashing(self) -> list[Future[list[str]]]:
        """Begins to compute the SHA-256 of each text (hexadecimal) on other threads; the results come piece by piece."""
        pool = ThreadPoolExecutor(THREADS, "datahub-hash")
        began = [pool.submit(_hashes, self._lines, piece) for piece in self.pieces()]
        pool.shutdown(wait=False)
        return began


def _hashes(lines: Lines, numbers: Numbers) -> list[str]:
    return [hashlib.sha256(text).hexdigest() for text in _made(lines, numbers)]


def _made(lines: Lines, numbers: Numbers) -> list[memoryview]:
    starts, counts = lines.starts[numbers], lines.starts[numbers + 1] - lines.starts[numbers]
    bounds = np.cumsum(counts)
    # The place of each line among all lines: records follow one another here, but not there.
    at = np.repeat(starts - bounds + counts, counts) + np.arange(bounds[-1])
    s, p, o = lines.s[at], lines.p[at], lines.o[at]
    text = _serialised(lines.terms, s, p, o)
    sizes = lines.sizes
    ends = np.cumsum(sizes[s] + sizes[p] + sizes[o] + len("  " + " .\n"))[bounds - 1]
    if int(ends[-1]) != len(text):
        raise RuntimeError("N-Triples lines have another length than their terms")
    begins = np.concatenate(([0], ends[:-1]))
    return [text[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]


def _serialised(nt: pl.Series, s: Codes, p: Codes, o: Codes) -> memoryview:
    """Lines of terms by code. Polars' CSV writer without quoting is the fastest way to one buffer (measured: 3x string joining)."""
    out = io.BytesIO()
    table = pl.DataFrame([nt.gather(codes).alias(name) for name, codes in (("s", s), ("p", p), ("o", o))])
    table.write_csv(out, include_header=False, separator=" ", line_terminator=" .\n", quote_style="never")
    return out.getbuffer()
