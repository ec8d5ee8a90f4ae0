"""JSON files of any size, read piece by piece: each piece is a small document of its own, with some of the records."""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from datahub.errors import InputError
from datahub.sources import json, json_array, json_documents, json_types, jsonpath
from datahub.sources.json_array import Piece
from datahub.sources.json_documents import Documents
from datahub.sources.json_tables import Tables
from datahub.sources.limits import DEFAULT, Limits, check_size
from datahub.sources.portions import portion
from datahub.sources.table import Table

BATCH_BYTES = 4 << 20
_PIECES = 16
"""How many pieces a batch is read in: so little text, and what is parsed of it, stays in the processor's cache while values are
picked."""
_RAW = msgspec.json.Decoder(msgspec.Raw)
_FIRST_LINE = re.compile(rb"\s*(\{[^\n]*)\n\s*\S")


Iteration = tuple[str, Sequence[str]]
"""A JSONPath over the items, and the references that are read from each."""


def batches(
    path: Path,
    iterations: Sequence[Iteration],
    *,
    name: str | None = None,
    limits: Limits = DEFAULT,
    size: int = BATCH_BYTES,
) -> Iterator[dict[int, Table]]:
    """The rows of a JSON file as tables of about ``size`` bytes of text each, by the number of the iteration that they are of;
    together what `json.read` gives.

    JSON Lines are read line by line, their encodings judged batch by batch; a file that is one array as `json_array` has it; the
    items of other arrays are found in one pass over the file, which does not read what is in them. Iterations over the same array
    share its pieces. ``limits`` count for each batch. A small file, an archive, and references that climb to what is around the
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
            inner = whole if lines else [(_below(iterator, len(around)), references) for iterator, references in whole]
            wanted = json.readings(inner)
            decoder = json_types.decoder(wanted)
            length = max(1, size // _PIECES)
            pieces = (
                _line_pieces(path, length, limits, decoder)
                if lines
                else _item_pieces(path, around, length, limits, decoder)
            )
        if pieces is None:
            tables = json.read_all(path, whole, name=title, limits=limits)
            yield dict(zip(numbers, tables, strict=True))
            continue
        with_care = partial(_lines if lines else _array, limits=limits, decoder=decoder)
        before = 0
        for _, batch in groupby(pieces, partial(_batch_of, total=path.stat().st_size, size=size)):
            try:
                gathered, before = _gathered(batch, before, partial(Tables, wanted, title, limits), with_care)
                tables = gathered.made()
            except InputError:
                if not lines:
                    json.read_all(path, whole, name=title, limits=limits)  # tells of the same where it is in the file
                raise
            yield dict(zip(numbers, tables, strict=True))


def _batch_of(piece: Piece, total: int, size: int) -> int:
    return portion(piece.at, total, size)


def _gathered(
    batch: Iterable[Piece], before: int, tables: Callable[[], Tables], with_care: Callable[[list[bytes]], Documents]
) -> tuple[Tables, int]:
    """What is read of the pieces of ``batch``, and how many records are read then; ``before``: before them. Where one of them needs
    more care, all are read ``with_care``, as one: only so are encodings judged by more than a few lines."""
    gathered, records, texts = tables(), before, []
    plainly = True
    for piece in batch:
        texts.append(piece.text)
        plainly = plainly and piece.documents is not None
        if plainly:
            gathered.add(piece.taken(), records)
        records += piece.records
    if not plainly:
        gathered = tables()
        gathered.add(with_care(texts), before)
    return gathered, records


def _lines(texts: list[bytes], limits: Limits, decoder: msgspec.json.Decoder[Any]) -> Documents:
    return json_documents.from_lines(b"".join(texts), limits, decoder)


def _array(texts: list[bytes], limits: Limits, decoder: msgspec.json.Decoder[Any]) -> Documents:
    """What is read of arrays, of which the last may lack its end, as one."""
    *whole, last = texts
    text = b"[" + b",".join([*(text[1:-1] for text in whole), last[1:]])
    check_size(len(text), limits)
    return json_documents.from_text(text, limits, decoder)


def _around(
    iteration: jsonpath.Path, references: Sequence[str], head: bytes, *, lines: bool
) -> tuple[jsonpath.Step, ...] | None:
    """The steps to the array whose items are read in pieces (none in JSON Lines); None where the file is read as a whole."""
    climbs = max((jsonpath.parse(reference).climbs for reference in references), default=0)
    if climbs >= max(1, iteration.steps.count(jsonpath.WILDCARD)):
        return None
    if lines:
        return ()
    steps = iteration.steps or ((jsonpath.WILDCARD,) if head.lstrip(json_array.BLANKS).startswith(b"[") else ())
    return steps[: steps.index(jsonpath.WILDCARD)] if jsonpath.WILDCARD in steps else None


def _below(iterator: str, depth: int) -> str:
    """``iterator`` as it goes on from the array ``depth`` steps below the document."""
    steps = jsonpath.parse(iterator).steps[depth:] or (jsonpath.WILDCARD,)
    return "$" + "".join(map(_written, steps))


def is_lines(head: bytes) -> bool:
    """Whether the first line is a whole object and another line follows."""
    first = _FIRST_LINE.match(head)
    try:
        return first is not None and bool(_RAW.decode(first[1]))
    except (msgspec.DecodeError, RecursionError):
        return False


def _line_pieces(path: Path, size: int, limits: Limits, decoder: msgspec.json.Decoder[Any]) -> Iterator[Piece]:
    """Whole lines, of about ``size`` bytes together."""
    held: list[bytes] = []
    at = 0
    with path.open("rb") as file:
        while more := file.read(size):
            end = more.rfind(b"\n") + 1
            held.append(more[:end] if end else more)
            check_size(sum(map(len, held)), limits)
            if end:
                text = b"".join(held)
                yield Piece(text, at, text.count(b"\n"), json_documents.read_lines(text, decoder))
                at += len(text)
                held = [more[end:]]
    if last := b"".join(held):
        yield Piece(last, at, 0, json_documents.read_lines(last, decoder))


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


def _item_pieces(
    path: Path, around: tuple[jsonpath.Step, ...], size: int, limits: Limits, decoder: msgspec.json.Decoder[Any]
) -> Iterator[Piece] | None:
    """The items of the array at ``around``, many at a time; None as of `_items`."""
    pieces = None if around else json_array.pieces(path, size, limits.max_bytes, decoder)
    if pieces is not None:
        return pieces
    items = _items(path, around)
    return _joined(items, size, decoder) if items else None


def _joined(items: list[msgspec.Raw], size: int, decoder: msgspec.json.Decoder[Any]) -> Iterator[Piece]:
    width = sum(memoryview(item).nbytes for item in items[:1000]) // min(1000, len(items))
    step = max(1, size // max(1, width))
    read = 0
    for at in range(0, len(items), step):
        part = items[at : at + step]
        text = b"[" + b",".join(part) + b"]"
        yield Piece(text, read, len(part), json_documents.read(text, decoder))
        read += len(text)


def _written(step: jsonpath.Step) -> str:
    """``step`` as JSONPath writes it."""
    if isinstance(step, jsonpath.Name):
        return "['" + step.key.replace("\\", "\\\\").replace("'", "\\'") + "']"
    return f"[{step}]" if isinstance(step, int) else "[*]"
