"""JSON files of any size, read piece by piece: each piece is a small document of its own, with some of the records."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from datahub.errors import InputError
from datahub.sources import json, json_array, jsonpath
from datahub.sources.limits import DEFAULT, Limits, check_size
from datahub.sources.portions import portions
from datahub.sources.table import Table

PIECE_BYTES = 4 << 20
_RAW = msgspec.json.Decoder(msgspec.Raw)
_BLANKS = b" \t\r\n"


Iteration = tuple[str, Sequence[str]]
"""A JSONPath over the items, and the references that are read from each."""


def batches(
    path: Path,
    iterations: Sequence[Iteration],
    *,
    name: str | None = None,
    limits: Limits = DEFAULT,
    size: int = PIECE_BYTES,
) -> Iterator[dict[int, Table]]:
    """The rows of a JSON file as tables of about ``size`` bytes of text each, by the number of the iteration that they are of;
    together what `json.read` gives.

    JSON Lines are read line by line, their encodings judged piece by piece; a file that is one array as `json_array` has it; the
    items of other arrays are found in one pass over the file, which does not read what is in them. Iterations over the same array
    share its pieces. ``limits`` count for each piece. A small file, an archive, and references that climb to what is around the
    array are read as a whole. Raises `InputError` as `json.read` does.
    """
    title = name or path.stem
    with path.open("rb") as file:
        head = file.read(size)
    lines = is_lines(head)
    groups: dict[tuple[jsonpath.Step, ...] | None, list[int]] = {}
    for number, (iterator, references) in enumerate(iterations):
        around = _around(jsonpath.parse(iterator), references, head, lines=lines) if len(head) == size else None
        groups.setdefault(around, []).append(number)
    for around, numbers in groups.items():
        whole: list[Iteration] = [iterations[number] for number in numbers]
        pieces = None
        if around is not None:
            pieces = _line_pieces(path, size, limits) if lines else _item_pieces(path, around, size, limits)
        if pieces is None or around is None:
            tables = json.read_all(path, whole, name=title, limits=limits)
            yield dict(zip(numbers, tables, strict=True))
            continue
        inner = whole if lines else [(_below(iterator, len(around)), references) for iterator, references in whole]
        before = 0
        for text, records in pieces:
            try:
                read = json.read_lines if lines else json.read_all
                tables = read(text, inner, name=title, limits=limits)
            except InputError:
                if not lines:
                    json.read_all(path, whole, name=title, limits=limits)  # tells of the same where it is in the file
                raise
            yield {number: _after(table, before) for number, table in zip(numbers, tables, strict=True)}
            before += records


def _around(
    iteration: jsonpath.Path, references: Sequence[str], head: bytes, *, lines: bool
) -> tuple[jsonpath.Step, ...] | None:
    """The steps to the array whose items are read in pieces (none in JSON Lines); None where the file is read as a whole."""
    climbs = max((jsonpath.parse(reference).climbs for reference in references), default=0)
    if climbs >= max(1, iteration.steps.count(jsonpath.WILDCARD)):
        return None
    if lines:
        return ()
    steps = iteration.steps or ((jsonpath.WILDCARD,) if head.lstrip(_BLANKS).startswith(b"[") else ())
    return steps[: steps.index(jsonpath.WILDCARD)] if jsonpath.WILDCARD in steps else None


def _below(iterator: str, depth: int) -> str:
    """``iterator`` as it goes on from the array ``depth`` steps below the document."""
    steps = jsonpath.parse(iterator).steps[depth:] or (jsonpath.WILDCARD,)
    return "$" + "".join(map(_written, steps))


def _after(table: Table, before: int) -> Table:
    if not before:
        return table
    notes = table.findings.with_columns((pl.col("row") + before).cast(pl.UInt32))
    return replace(table, rows=(table.rows + before).cast(pl.UInt32), findings=notes)


Piece = json_array.Piece
"""A document, and how many records it has (in JSON Lines: lines)."""


def is_lines(head: bytes) -> bool:
    """Whether the first line is a whole object and another line follows."""
    first, _, rest = head.lstrip(_BLANKS).partition(b"\n")
    try:
        _RAW.decode(first)
    except msgspec.DecodeError:
        return False
    return first.startswith(b"{") and bool(rest.strip())


def _line_pieces(path: Path, size: int, limits: Limits) -> Iterator[Piece]:
    """Whole lines, of about ``size`` bytes together."""
    held: list[bytes] = []
    with path.open("rb") as file:
        for more in portions(file, 0, size):
            end = more.rfind(b"\n") + 1
            held.append(more[:end] if end else more)
            check_size(sum(map(len, held)), limits)
            if end:
                piece = b"".join(held)
                yield piece, piece.count(b"\n")
                held = [more[end:]]
    if last := b"".join(held):
        yield last, 0


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


def _item_pieces(path: Path, around: tuple[jsonpath.Step, ...], size: int, limits: Limits) -> Iterator[Piece] | None:
    """The items of the array at ``around``, many at a time; None as of `_items`."""
    pieces = None if around else json_array.pieces(path, size, limits.max_bytes)
    if pieces is not None:
        return pieces
    items = _items(path, around)
    return _joined(items, size) if items else None


def _joined(items: list[msgspec.Raw], size: int) -> Iterator[Piece]:
    width = sum(memoryview(item).nbytes for item in items[:1000]) // min(1000, len(items))
    step = max(1, size // max(1, width))
    for at in range(0, len(items), step):
        part = items[at : at + step]
        yield b"[" + b",".join(part) + b"]", len(part)


def _written(step: jsonpath.Step) -> str:
    """``step`` as JSONPath writes it."""
    if isinstance(step, jsonpath.Name):
        return "['" + step.key.replace("\\", "\\\\").replace("'", "\\'") + "']"
    return f"[{step}]" if isinstance(step, int) else "[*]"
