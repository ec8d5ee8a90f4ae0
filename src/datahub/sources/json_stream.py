"""JSON files of any size, read piece by piece: each piece is a small document of its own, with some of the records."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from datahub.sources import json, jsonpath
from datahub.sources.limits import DEFAULT, Limits
from datahub.sources.table import Table

PIECE_BYTES = 4 << 20
_RAW = msgspec.json.Decoder(msgspec.Raw)
_BLANKS = b" \t\r\n"


def batches(
    path: Path,
    iterator: str,
    references: Sequence[str],
    *,
    name: str | None = None,
    limits: Limits = DEFAULT,
    size: int = PIECE_BYTES,
) -> Iterator[Table]:
    """The rows of a JSON file as tables of about ``size`` bytes of text each, together what `json.read` gives.

    JSON Lines are read line by line; the items of an array are found in one pass over the file, which does not read what is in
    them. ``limits`` count for each piece. A small file, an archive, and references that climb to what is around the array are
    read as a whole. Raises `InputError` as `json.read` does.
    """
    title = name or path.stem
    iteration = jsonpath.parse(iterator)
    climbs = max((jsonpath.parse(reference).climbs for reference in references), default=0)
    whole = path.stat().st_size < size or climbs >= max(1, iteration.steps.count(jsonpath.WILDCARD))
    pieces = None if whole else _pieces(path, iteration, size)
    if pieces is None:
        yield json.read(path, iterator, references, name=title, limits=limits)
        return
    before = 0
    for text, inner, records in pieces:
        table = json.read(text, inner, references, name=title, limits=limits)
        if before:
            notes = table.findings.with_columns((pl.col("row") + before).cast(pl.UInt32))
            table = replace(table, rows=(table.rows + before).cast(pl.UInt32), findings=notes)
        yield table
        before += records


Piece = tuple[bytes, str, int]
"""A document, the iterator over its records, and how many records it has (in JSON Lines: lines)."""


def _pieces(path: Path, iteration: jsonpath.Path, size: int) -> Iterator[Piece] | None:
    """The file in pieces; None where it has to be read as a whole."""
    with path.open("rb") as file:
        head = file.read(size)
    if is_lines(head):
        return _line_pieces(path, iteration.text, size)
    steps = iteration.steps or ((jsonpath.WILDCARD,) if head.lstrip(_BLANKS).startswith(b"[") else ())
    if jsonpath.WILDCARD not in steps:
        return None
    at = steps.index(jsonpath.WILDCARD)
    items = _items(path, steps[:at])
    return None if not items else _item_pieces(items, "$" + "".join(map(_written, steps[at:])), size)


def is_lines(head: bytes) -> bool:
    """Whether the first line is a whole object and another line follows."""
    first, _, rest = head.lstrip(_BLANKS).partition(b"\n")
    try:
        _RAW.decode(first)
    except msgspec.DecodeError:
        return False
    return first.startswith(b"{") and bool(rest.strip())


def _line_pieces(path: Path, iterator: str, size: int) -> Iterator[Piece]:
    """Whole lines; two at least, since a single one would be read as one document, which has no line number."""
    held = left = b""
    with path.open("rb") as file:
        while more := file.read(size):
            end = more.rfind(b"\n") + 1
            whole, left = (left + more[:end], more[end:]) if end else (b"", left + more)
            if held.count(b"\n") > 1 and whole:
                yield held, iterator, held.count(b"\n")
                held = b""
            held += whole
    yield held + left, iterator, 0


def _items(path: Path, steps: tuple[jsonpath.Step, ...]) -> list[msgspec.Raw] | None:
    """The items of the array at ``steps``, unread; None where there is no such array, or where a slower reader has to judge."""
    kind: Any = list[msgspec.Raw]
    for step in reversed(steps):
        if not isinstance(step, jsonpath.Name):
            return None
        kind = msgspec.defstruct("Around", [("inside", kind)], rename={"inside": step.key})
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # open as long as the items are
    try:
        found = msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    for _ in steps:
        found = found.inside
    items: list[msgspec.Raw] = found
    return items


def _item_pieces(items: list[msgspec.Raw], iterator: str, size: int) -> Iterator[Piece]:
    width = sum(memoryview(item).nbytes for item in items[:1000]) // max(1, min(1000, len(items)))
    step = max(1, size // max(1, width))
    for at in range(0, len(items), step):
        part = items[at : at + step]
        yield b"[" + b",".join(part) + b"]", iterator, len(part)


def _written(step: jsonpath.Step) -> str:
    """``step`` as JSONPath writes it."""
    if isinstance(step, jsonpath.Name):
        return "['" + step.key.replace("\\", "\\\\").replace("'", "\\'") + "']"
    return f"[{step}]" if isinstance(step, int) else "[*]"
