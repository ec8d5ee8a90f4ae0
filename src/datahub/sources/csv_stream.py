"""CSV files of any size, read piece by piece: each piece is a small file of its own, with the header before its records."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from datahub.errors import InputError, Place
from datahub.sources import csv, csv_dialect, csv_header, csv_regular
from datahub.sources.csv import STANDARD, Dialect
from datahub.sources.limits import DEFAULT, Limits
from datahub.sources.portions import portions
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
        start = file.read(size)
        opening = opened(start, dialect) if len(start) == size else None
        if opening is None:
            yield csv.read(path, dialect, name=title, limits=limits)
            return
        head, dialect, before = opening.head, opening.dialect, opening.before
        delimiter = csv.sniff(head, dialect)
        parts = portions(file, opening.start, size)
        buffer = next(parts, b"")
        for more in parts:
            end = _cut(buffer, dialect.quote.encode())
            found = _counted(head, buffer[:end], dialect, before, title, limits, delimiter)
            if found is None:
                buffer += more + file.read(limits.max_bytes + 1)  # too large by one byte is refused as too large
                break
            table, records = found
            yield opening.named(table)
            before += records
            buffer = buffer[end:] + more
        yield opening.named(piece(head, buffer, dialect, before, title, limits))


@dataclass(frozen=True)
class Opening:
    """The start of a file: its ``head``, which stands above the records of each piece, and where the records ``start``.
    ``dialect``: of a piece. ``before``: what makes row numbers of a piece those of the file. ``names``: of columns, by those in a
    made-up head."""

    head: bytes
    start: int
    dialect: Dialect
    before: int = 0
    names: Mapping[str, str] = field(default_factory=dict)

    def named(self, table: Table) -> Table:
        """``table`` with the names of the file."""
        return replace(table, columns=table.columns.rename(dict(self.names))) if self.names else table

    def table(self, records: bytes, before: int, title: str, limits: Limits) -> Table:
        """The table of ``records``, whole ones, which ``before`` others precede."""
        return self.named(piece(self.head, records, self.dialect, self.before + before, title, limits))


def opened(buffer: bytes, dialect: Dialect) -> Opening | None:
    """How a file begins, of which ``buffer`` is the start; None where it has to be read as a whole."""
    if dialect.header_rows:
        end = _end(buffer, dialect, dialect.skip_rows + dialect.header_rows)
        return None if end is None else Opening(buffer[:end], end, dialect)
    # The first record tells how wide the others are, also those of later pieces: so each piece gets a header of that width.
    text = buffer if dialect.skip_rows else buffer.removeprefix(codecs.BOM_UTF8)
    start, end = (_end(text, dialect, dialect.skip_rows + records) for records in (0, 1))
    first = b"" if start is None or end is None else text[start:end]
    if not first.strip():
        return None
    delimiter = csv.sniff(first, replace(dialect, skip_rows=0))
    cells = next(csv_dialect.reader(first.decode("utf-8", "ignore"), delimiter, dialect.quote))
    made = [f"column {number}" for number in range(len(cells))]
    names = {made[at]: name for at, name in csv_header.numbered(len(cells), dialect).names.items()}
    own = replace(dialect, header_rows=1, header_row=1, delimiters=(delimiter,), names=())
    head = text[:start] + delimiter.join(made).encode() + b"\n"
    return Opening(head, len(buffer) - len(text) + (start or 0), own, -1, names)


def _end(buffer: bytes, dialect: Dialect, lines: int) -> int | None:
    """Where the first ``lines`` records end; None where the file can't be cut."""
    if buffer.startswith(_UTF16) or b"\n" not in buffer or b"\0" in buffer:
        return None
    if dialect.comment or not dialect.quote or not dialect.double_quote:
        return None  # what is a record depends on more than counting quotes
    start = buffer.find(b"\n") + 1 if csv.SEPARATOR_HINT.match(buffer) else 0
    return csv_regular.header_end(buffer, lines, dialect.quote, start)


def _cut(buffer: bytes, quote: bytes) -> int:
    """The end of the last record that is whole: a line feed with an even number of quotes before it; 0 where there is none."""
    end = buffer.rfind(b"\n") + 1
    odd = buffer.count(quote, 0, end) & 1
    while end and odd:
        earlier = buffer.rfind(b"\n", 0, end - 1) + 1
        odd ^= buffer.count(quote, earlier, end) & 1
        end = earlier
    return end


def _counted(
    head: bytes, records: bytes, dialect: Dialect, before: int, title: str, limits: Limits, delimiter: str
) -> tuple[Table, int] | None:
    """The table of ``records`` and how many they are, empty ones included; None where a quote stands in the middle of a value, so
    that counting quotes tells nothing."""
    with _places_after(before, dialect):
        regular = csv.read_regular(head + records, dialect, name=title, limits=limits) if records else None
    if regular is not None:
        table, count = regular
        return _after(table, before, dialect), count
    from datahub.sources import csv_scan  # as in csv.read

    count = csv_scan.count(records, delimiter, dialect.quote)
    return (piece(head, records, dialect, before, title, limits), count) if count else None


def piece(head: bytes, records: bytes, dialect: Dialect, before: int, title: str, limits: Limits) -> Table:
    """The table of ``records`` below ``head``, which ``before`` others precede."""
    with _places_after(before, dialect):
        table = csv.read(head + records, dialect, name=title, limits=limits)
    return _after(table, before, dialect)


@contextmanager
def _places_after(before: int, dialect: Dialect) -> Iterator[None]:
    """Errors name the row of the whole file, of which ``before`` records were read."""
    try:
        yield
    except InputError as error:
        place, lines = error.place, dialect.skip_rows + dialect.header_rows
        if before and place.row is not None and place.row > lines:
            moved = Place(place.file, place.row + before, place.column, place.value)
            raise InputError(error.code, error.message, error.fix, moved) from None
        raise


def _after(table: Table, before: int, dialect: Dialect) -> Table:
    if not before:
        return table
    row = pl.col("row").cast(pl.Int64)
    moved_rows = pl.when(row > dialect.skip_rows + dialect.header_rows).then(row + before).otherwise(row)
    notes = table.findings.with_columns(moved_rows.cast(pl.UInt32).alias("row"))
    return replace(table, rows=(table.rows.cast(pl.Int64) + before).cast(pl.UInt32), findings=notes)
