"""A file that is one JSON array of objects, cut between its items while it is read, so that no more than a piece is held.

Where an item ends can't be seen from a part of the file alone: the same brackets stand in texts and in inner arrays. So a cut is
guessed, where what stands between the first two items stands again, and proved: what is before it must be an array once it is
closed. Only the ends of items allow that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from pathlib import Path

import msgspec

from datahub.sources.portions import portions

Piece = tuple[bytes, int]
"""An array, and how many items it has."""

_START = re.compile(rb"[ \t\r\n]*\[[ \t\r\n]*(?=\{)")
_NEXT = re.compile(rb'[ \t\r\n]*,[ \t\r\n]*\{[ \t\r\n]*"(?:[^"\\]|\\.)*"')
"""Between two objects, up to the name of the first member of the second."""
_GUESSES = 8
_LONGEST = 4
"""How many pieces long an item may be."""
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def pieces(path: Path, size: int, most: int) -> Iterator[Piece] | None:
    """The items of the array in ``path`` as arrays of about ``size`` bytes; None where it is another document, or can't be cut at
    its start. From where no cut is found later on, the rest of the file is one piece, up to ``most`` bytes and one more; whether it
    is an array is not known."""
    with path.open("rb") as file:
        head = file.read(size)
    start = _START.match(head)
    between = None if start is None else _between(head, start.end())
    if start is None or between is None or _items(head[start.end() :], between) is None:
        return None
    return _pieces(path, size, most, start.end(), between)


def _between(head: bytes, start: int) -> bytes | None:
    """What stands between the first two items, of which the first begins at ``start``."""
    try:  # of Latin 1 each byte is a character
        _, end = JSONDecoder().raw_decode(head.decode("latin-1"), start)
    except (JSONDecodeError, RecursionError):
        return None
    found = _NEXT.match(head, end)
    return found[0] if found else None


def _pieces(path: Path, size: int, most: int, start: int, between: bytes) -> Iterator[Piece]:
    with path.open("rb") as file:
        held = b""
        for more in portions(file, start, size):
            held += more
            found = _items(held, between)
            if found is not None:
                piece, end = found
                yield piece
                held = held[end:].lstrip(b" \t\r\n").removeprefix(b",")
            elif len(held) > _LONGEST * size:
                held += file.read(max(0, most + 1 - len(held)))
    yield b"[" + held, 0


def _items(held: bytes, between: bytes) -> tuple[Piece, int] | None:
    """As many items as ``held`` surely begins with, and where they end."""
    end = len(held)
    for _ in range(_GUESSES):
        end = held.rfind(between, 0, end)
        if end < 0:
            return None
        text = b"".join((b"[", memoryview(held)[:end], b"]"))
        try:
            return (text, len(_ITEMS.decode(text))), end
        except (msgspec.DecodeError, RecursionError):
            continue
    return None
