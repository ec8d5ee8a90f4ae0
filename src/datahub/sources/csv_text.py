"""What a CSV dialect does to the text before records are looked for: comments, and quotes behind a backslash (CSVW dialects,
https://www.w3.org/TR/tabular-metadata/#dialect-descriptions)."""

from __future__ import annotations

import re

import numpy as np


def without_comments(text: bytes, prefix: bytes, quote: bytes) -> bytes:
    """``text`` with the lines emptied that start with ``prefix``, so that rows keep their numbers. A line inside a quoted value is
    no comment."""
    starts = [found.start() for found in re.finditer(rb"(?m)^" + re.escape(prefix), text)]
    if not starts:
        return text
    quotes = np.flatnonzero(np.frombuffer(text, np.uint8) == quote[0]) if quote else np.zeros(0, np.int64)
    before = np.searchsorted(quotes, starts).tolist()
    pieces: list[bytes] = []
    at = taken = 0  # how far the text was copied; quotes that stood in comments
    for start, count in zip(starts, before, strict=True):
        if (count - taken) & 1:
            continue
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        pieces.append(text[at:start])
        taken += text.count(quote, start, end) if quote else 0
        at = end
    pieces.append(text[at:])
    return b"".join(pieces)


def lines_to_skip(text: bytes, skipped: int) -> int:
    """How many lines stand before the header: ``skipped``, and the empty ones that comments left behind them."""
    at = 0
    for _ in range(skipped):
        at = text.find(b"\n", at) + 1
        if not at:
            return skipped
    while text[at : at + 2] == b"\r\n" or text[at : at + 1] == b"\n":
        at = text.find(b"\n", at) + 1
        skipped += 1
    return skipped


def doubled_quotes(text: bytes, quote: bytes) -> bytes:
    """``text`` with quotes doubled where a backslash stood before them, as RFC 4180 writes them."""
    marks = {b"\\" + quote: quote * 2, b"\\\\": b"\\"}
    return re.sub(rb"\\(?:\\|" + re.escape(quote) + rb")", lambda found: marks[found[0]], text)
