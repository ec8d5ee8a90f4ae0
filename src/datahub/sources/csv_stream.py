"""CSV files of any size, read piece by piece: each piece is a small file of its own, with the header before its records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from datahub.errors import InputError, Place
from datahub.sources import csv
from datahub.sources.csv import STANDARD, Dialect
from datahub.sources.csv_scan import well_formed
from datahub.sources.limits import DEFAULT, Limits
from datahub.sources.table import Table

PIECE_BYTES = 4 << 20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def batches(
    path: Path,
    dialect: Dialect = STANDARD,
    *,
    name: str | None = None,
    limits: Limits = DEFAULT,
    size: int = PIECE_BYTES,
) -> Iterator[Table]:
    """The rows of a CSV file as tables of about ``size`` bytes each, together what `csv.read` gives, row numbers included.

    ``limits`` count for each piece, so that the file may be of any size. A file that can't be cut without doubt (UTF-16, old
    Macintosh line ends, a quote in the middle of a value) is read as a whole from there on. Encodings are judged piece by piece.
    Raises `InputError` as `csv.read` does.
    """
    title = name or path.stem
    with path.open("rb") as file:
        buffer = file.read(size)
        end_of_header = header(buffer, dialect)
        if end_of_header is None or len(buffer) < size:
            yield csv.read(path, dialect, name=title, limits=limits)
            return
        head, buffer = buffer[:end_of_header], buffer[end_of_header:]
        delimiter = csv.sniff(head, dialect)
        before = 0  # records of earlier pieces
        while more := file.read(size):
            end = _cut(buffer, dialect.quote.encode())
            records = _count(buffer[:end], delimiter, dialect.quote)
            if not records:
                buffer += more + file.read(limits.max_bytes + 1)  # too large by one byte is refused as too large
                break
            yield piece(head, buffer[:end], dialect, before, title, limits)
            before += records
            buffer = buffer[end:] + more
        yield piece(head, buffer, dialect, before, title, limits)


def header(buffer: bytes, dialect: Dialect) -> int | None:
    """Where the header ends in the start of a file; None where the file has to be read as a whole."""
    if buffer.startswith(_UTF16) or b"\n" not in buffer or b"\0" in buffer:
        return None
    if dialect.comment or not dialect.quote or not dialect.double_quote:
        return None  # what is a record depends on more than counting quotes
    lines = buffer.find(b"\n") + 1 if csv.SEPARATOR_HINT.match(buffer) else 0
    for _ in range(dialect.skip_rows + dialect.header_rows):
        end = buffer.find(b"\n", lines) + 1
        while end and buffer.count(dialect.quote.encode(), lines, end) & 1:
            end = buffer.find(b"\n", end) + 1
        if not end:
            return None
        lines = end
    return lines


def _cut(buffer: bytes, quote: bytes) -> int:
    """The end of the last record that is whole: a line feed with an even number of quotes before it; 0 where there is none."""
    end = buffer.rfind(b"\n") + 1
    odd = buffer.count(quote, 0, end) & 1
    while end and odd:
        earlier = buffer.rfind(b"\n", 0, end - 1) + 1
        odd ^= buffer.count(quote, earlier, end) & 1
        end = earlier
    return end


def _count(piece: bytes, delimiter: str, quote: str) -> int:
    """How many records ``piece`` holds, empty ones included; 0 where a quote stands in the middle of a value, so that counting
    quotes tells nothing."""
    raw = np.frombuffer(piece, np.uint8)
    quotes = np.flatnonzero(raw == ord(quote))
    if not len(quotes):
        return piece.count(b"\n")
    if not well_formed(raw, quotes, ord(delimiter)):
        return 0
    ends = np.flatnonzero(raw == ord("\n"))
    return int((np.searchsorted(quotes, ends) & 1 == 0).sum())


def piece(head: bytes, records: bytes, dialect: Dialect, before: int, title: str, limits: Limits) -> Table:
    """The table of ``records`` below ``head``, which ``before`` others precede."""
    try:
        table = csv.read(head + records, dialect, name=title, limits=limits)
    except InputError as error:
        place, lines = error.place, dialect.skip_rows + dialect.header_rows
        if before and place.row is not None and place.row > lines:
            moved = Place(place.file, place.row + before, place.column, place.value)
            raise InputError(error.code, error.message, error.fix, moved) from None
        raise
    if not before:
        return table
    moved_rows = pl.when(pl.col("row") > dialect.skip_rows + dialect.header_rows).then(pl.col("row") + before)
    notes = table.findings.with_columns(moved_rows.otherwise("row").cast(pl.UInt32).alias("row"))
    return replace(table, rows=(table.rows + before).cast(pl.UInt32), findings=notes)
