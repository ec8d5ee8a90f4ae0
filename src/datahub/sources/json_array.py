"""A file that is one JSON array of objects, cut between its items while it is read, so that no more than a piece is held.

Where an item ends can't be seen from a part of the file alone: the same brackets stand in texts and in inner arrays. So a cut is
guessed, where what stands between the first two items stands again, and proved: what is before it must be an array once it is
closed. Only the ends of items allow that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any

import msgspec

from datahub.sources import json_documents
from datahub.sources.json_documents import Documents


@dataclass(eq=False)
class Piece:
    """A document of ``records`` (items of an array, or lines), ``at`` bytes from the start. ``documents``: what was read of
    ``text``; None where that needs more care."""

    text: bytes
    at: int
    records: int
    documents: Documents | None

    def taken(self) -> Documents:
        """The ``documents``, which are forgotten: what is read next finds their memory free, and in the processor's cache."""
        documents, self.documents = self.documents, None
        assert documents is not None
        return documents


_START = re.compile(rb"[ \t\r\n]*\[[ \t\r\n]*(?=\{)")
_NEXT = re.compile(rb'[ \t\r\n]*,[ \t\r\n]*\{[ \t\r\n]*"(?:[^"\\]|\\.)*"')
"""Between two objects, up to the name of the first member of the second."""
_GUESSES = 8
_LONGEST = 64
"""How many pieces long an item may be."""
BLANKS = b" \t\r\n"
"""What may stand between the signs of JSON (RFC 8259 section 2)."""
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def pieces(path: Path, size: int, most: int, decoder: msgspec.json.Decoder[Any]) -> Iterator[Piece] | None:
    """The items of the array in ``path`` as arrays of about ``size`` bytes; None where it is another document, or can't be cut at
    its start. From where no cut is found later on, the rest of the file is one piece, up to ``most`` bytes and one more; whether it
    is an array is not known. What ``decoder`` reads is read at once, which proves the cut."""
    for length in (size, _LONGEST * size):
        with path.open("rb") as file:
            head = file.read(length)
        start = _START.match(head)
        between = None if start is None else _between(head, start.end())
        if start and between and _piece(head[start.end() :], 0, between, decoder) is not None:
            return _pieces(path, size, most, start.end(), between, decoder)
    return None


def _between(head: bytes, start: int) -> bytes | None:
    """What stands between the first two items, of which the first begins at ``start``."""
    try:  # of Latin 1 each byte is a character
        _, end = JSONDecoder().raw_decode(head.decode("latin-1"), start)
    except (JSONDecodeError, RecursionError):
        return None
    found = _NEXT.match(head, end)
    return found[0] if found else None


def _pieces(
    path: Path, size: int, most: int, start: int, between: bytes, decoder: msgspec.json.Decoder[Any]
) -> Iterator[Piece]:
    with path.open("rb") as file:
        at = file.seek(start)
        held = b""
        while more := file.read(max(size, len(held))):
            held += more
            found = _piece(held, at, between, decoder)
            if found is not None:
                piece, end = found
                yield piece
                rest = held[end:].lstrip(BLANKS).removeprefix(b",")
                at += len(held) - len(rest)
                held = rest
            elif len(held) > _LONGEST * size:
                held += file.read(max(0, most + 1 - len(held)))
                break
    text = b"[" + held
    yield Piece(text, at, 0, json_documents.read(text, decoder) if len(held) <= most else None)


def _piece(held: bytes, at: int, between: bytes, decoder: msgspec.json.Decoder[Any]) -> tuple[Piece, int] | None:
    """As many items as ``held`` surely begins with, and where they end."""
    end = len(held)
    for _ in range(_GUESSES):
        end = held.rfind(between, 0, end)
        if end < 0:
            return None
        text = b"".join((b"[", memoryview(held)[:end], b"]"))
        documents = json_documents.read(text, decoder)
        if documents is not None:
            return Piece(text, at, len(documents.values[0]), documents), end
        try:
            return Piece(text, at, len(_ITEMS.decode(text)), None), end
        except (msgspec.DecodeError, RecursionError):
            continue
    return None
