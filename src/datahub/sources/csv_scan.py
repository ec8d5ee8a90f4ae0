"""Where the records and fields of a CSV file lie (RFC 4180), found on the bytes at once.

Quotes toggle, so a separator is real where an even number of quotes precedes it. That holds for every well-formed file; a file
with stray quotes is scanned again quote by quote.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datahub.errors import InputError, Place
from datahub.i18n import Text

Positions = npt.NDArray[np.int64]
_LF, _CR = 10, 13


@dataclass(frozen=True, eq=False)
class Scan:
    """``starts`` and ``ends``: byte positions of each record, its line end left out. ``fields``: its number of fields.
    ``widest``: bytes of its longest field. ``clean``: every quote stands where the standard wants it.
    ``broken``: numbers of records with a quote that is neither doubled nor at the end of its field."""

    starts: Positions
    ends: Positions
    fields: Positions
    widest: Positions
    clean: bool
    broken: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.starts)


def scan(data: bytes, delimiter: str, quote: str = '"') -> Scan:
    """The records of ``data``. Raises `InputError` ``csv-quote`` with the row where a quote opens that nothing closes."""
    raw = np.frombuffer(data, np.uint8)
    separators = np.flatnonzero((raw == ord(delimiter)) | (raw == _LF))
    quotes = np.flatnonzero(raw == ord(quote)) if quote else separators[:0]
    if not len(quotes):
        return _records(raw, separators, clean=True)
    if well_formed(raw, quotes, ord(delimiter)):
        inside = np.searchsorted(quotes, separators) & 1
        return _records(raw, separators[inside == 0], clean=True)
    return _scan_stray(data, raw, separators, quotes, ord(delimiter), ord(quote))


def _records(raw: npt.NDArray[np.uint8], separators: Positions, *, clean: bool) -> Scan:
    size = len(raw)
    if size and (not len(separators) or separators[-1] != size - 1 or raw[-1] != _LF):
        separators = np.append(separators, size)
        is_end = np.append(raw[separators[:-1]] == _LF, True)
    else:
        is_end = raw[separators] == _LF
    lengths = np.diff(separators, prepend=-1) - 1
    last = np.flatnonzero(is_end)
    first = np.concatenate((np.zeros(1, np.int64), last[:-1] + 1)) if len(last) else last
    ends = separators[last]
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1)) if len(last) else ends
    widest = np.maximum.reduceat(lengths, first) if len(last) else last
    before = np.maximum(ends - 1, 0)
    ends = np.where((ends > starts) & (raw[np.minimum(before, size - 1)] == _CR), ends - 1, ends) if size else ends
    return Scan(starts, ends, last - first + 1, widest, clean)


def well_formed(raw: npt.NDArray[np.uint8], quotes: Positions, delimiter: int) -> bool:
    """Whether each opening quote follows a separator or a quote, and each closing one precedes one."""
    if len(quotes) & 1:
        return False
    quote = raw[quotes[0]]
    opening, closing = quotes[::2], quotes[1::2]
    before = raw[opening[opening > 0] - 1]
    follows = closing[closing < len(raw) - 1] + 1
    after = raw[follows]
    end = len(raw) - 1
    line_end = (after == _CR) & ((raw[np.minimum(follows + 1, end)] == _LF) | (follows == end))
    first = (before == delimiter) | (before == _LF) | (before == quote)
    last = (after == delimiter) | (after == _LF) | line_end | (after == quote)
    return bool(first.all() and last.all())


def count(data: bytes, delimiter: str, quote: str) -> int:
    """How many records ``data`` holds, empty ones included; 0 where it is not `well_formed`."""
    raw = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(raw == ord(quote))
    if not len(quotes):
        return data.count(b"\n")
    if not well_formed(raw, quotes, ord(delimiter)):
        return 0
    ends = np.flatnonzero(raw == _LF)
    return int((np.searchsorted(quotes, ends) & 1 == 0).sum())


def _scan_stray(
    data: bytes, raw: npt.NDArray[np.uint8], separators: Positions, quotes: Positions, delimiter: int, quote: int
) -> Scan:
    """A quote counts at the start of a field only (as in Python's csv module); one inside a quoted field breaks its record."""
    opened: list[int] = []
    closed: list[int] = []
    stray: list[int] = []
    start, skip, size = -1, -1, len(data)
    line_feed = -1  # the first one behind the start of the field; looked for once, however many quotes there are
    for at in quotes.tolist():
        if at == skip:
            continue
        follows = data[at + 1] if at + 1 < size else _LF
        if start < 0:
            if at == 0 or data[at - 1] in (delimiter, _LF):
                start = at
        elif follows == quote:
            skip = at + 1
        elif follows in (delimiter, _LF, _CR):
            opened.append(start)
            closed.append(at)
            start = -1
        else:
            stray.append(at)
            if line_feed < start:
                line_feed = data.find(b"\n", start)
                line_feed = size if line_feed < 0 else line_feed
            if line_feed < at:
                raise _unclosed(raw, separators, opened, closed, start)
    if start >= 0:
        raise _unclosed(raw, separators, opened, closed, start)
    real = separators[_outside(separators, opened, closed)]
    found = _records(raw, real, clean=False)
    broken = np.searchsorted(found.ends, np.array(stray, np.int64)) if stray else np.zeros(0, np.int64)
    return Scan(found.starts, found.ends, found.fields, found.widest, False, frozenset(broken.tolist()))


def _outside(positions: Positions, opened: list[int], closed: list[int]) -> npt.NDArray[np.bool_]:
    if not opened:
        return np.ones(len(positions), np.bool_)
    last = np.searchsorted(np.array(opened), positions) - 1
    outside: npt.NDArray[np.bool_] = (last < 0) | (np.array(closed)[np.maximum(last, 0)] < positions)
    return outside


def _unclosed(
    raw: npt.NDArray[np.uint8], separators: Positions, opened: list[int], closed: list[int], start: int
) -> InputError:
    ends = separators[(raw[separators] == _LF) & (separators < start)]
    row = int(_outside(ends, opened, closed).sum()) + 1
    message = Text(
        "A quote opens in this row and is not closed where its value ends, so that the following rows can't be told apart.",
        "Un guillemet s'ouvre à cette ligne et n'est pas fermé à la fin de sa valeur : "
        "les lignes suivantes ne peuvent être distinguées.",
    )
    fix = Text(
        "Close the quote, or double it if it belongs to the text.",
        "Fermez le guillemet, ou doublez-le s'il fait partie du texte.",
    )
    return InputError("csv-quote", message, fix, Place(row=row))
