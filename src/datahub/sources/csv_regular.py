"""CSV files in which every quote stands where RFC 4180 has it and every record is as wide as the header: most files.

That this is so is found on the text as a whole: without the quoted values, each line is a record, and each delimiter ends a field.
"""

from __future__ import annotations

import re

import polars as pl

from datahub.findings import findings
from datahub.sources import csv_header
from datahub.sources.csv_dialect import Dialect, reader
from datahub.sources.csv_header import Header
from datahub.sources.csv_records import Records
from datahub.sources.limits import Limits

_FIRST = 1 << 16
_LF = 10
_ESCAPED = bytes([*range(0x20), 0x7F]) + b'"\\'
"""What N-Triples escapes."""


def records(text: bytes, dialect: Dialect, delimiter: str, limits: Limits) -> Records | None:
    """The records of ``text``; None where a more careful reader has to judge. Raises `InputError` ``csv-header``."""
    quote = dialect.quote
    end = header_end(text, dialect.skip_rows + dialect.header_rows, quote)
    if end is None or end > limits.max_field_bytes or not (delimiter.isascii() and quote.isascii()):
        return None
    body = text[end:].removesuffix(b"\n").removesuffix(b"\r")
    found = _unquoted(body, delimiter, quote)
    if found is None or not body or _unquoted(text[:end], delimiter, quote) is None or not _ends_alike(found[0]):
        return None
    bare, plain = found
    header = _header(text[:end], body, dialect, delimiter)
    lines = bare.count(b"\n") + 1
    if header.width > limits.max_columns or lines > limits.max_rows:
        return None
    plain = plain and _as_wide(bare, header.width, delimiter, _ESCAPED)
    if not plain and not _as_wide(bare, header.width, delimiter):
        return None
    columns = _parsed(body, header.width, delimiter, quote)
    if columns is None or columns.height != lines or _widest(columns) > limits.max_field_bytes:
        return None
    first = dialect.skip_rows + dialect.header_rows + 1
    rows = pl.arange(first, first + lines, dtype=pl.UInt32, eager=True).alias("row")
    spaced = not (plain and b" " not in body and body.isascii())
    return Records(header, columns, rows, findings(), plain, spaced)


def header_end(text: bytes, lines: int, quote: str, start: int = 0) -> int | None:
    """Where the first ``lines`` records of ``text`` end, counted from ``start``; None where no line feed ends them."""
    at = start
    for _ in range(lines):
        end = text.find(b"\n", at) + 1
        odd = text.count(quote.encode(), at, end) & 1 if quote else 0
        while end and odd:
            before, end = end, text.find(b"\n", end) + 1
            odd ^= text.count(quote.encode(), before, end) & 1
        if not end:
            return None
        at = end
    return at


def _unquoted(text: bytes, delimiter: str, quote: str) -> tuple[bytes, bool] | None:
    """``text`` without its quoted values, and whether none of them holds what N-Triples escapes; None where a quote is left, which
    opens or closes within a value."""
    mark = quote.encode()
    if not quote or mark not in text:
        return text, True
    q, d = re.escape(mark), re.escape(delimiter.encode())
    opening, closing = rb"%b(?<![^%b\n]%b)" % (q, d, q), rb"%b(?=[%b\r\n]|\Z)" % (q, d)
    bare = re.sub(opening + rb"[^%b%b]*+" % (q, re.escape(_ESCAPED)) + closing, b"", text)
    if mark not in bare:
        return bare, True
    # Again from the text: what was taken out may have stood within a value that only looked closed.
    bare = re.sub(opening + rb"[^%b]*+(?:%b%b[^%b]*+)*+" % (q, q, q, q) + closing, b"", text)
    return None if mark in bare else (bare, False)


def _ends_alike(bare: bytes) -> bool:
    """Whether no record is empty at either end, and carriage returns stand before line feeds only."""
    if bare.startswith((b"\n", b"\r")) or bare.endswith((b"\n", b"\r")):
        return False
    return b"\r" not in bare or (bare.count(b"\r") == bare.count(b"\r\n") and b"\n\r" not in bare)


def _as_wide(bare: bytes, width: int, delimiter: str, kept: bytes = b"") -> bool:
    """Whether each line has ``width`` fields, and no character of ``kept`` is in any: what is left of the text without all else
    repeats itself."""
    if width == 1 and b"\n\n" in bare:
        return False  # an empty record
    record = delimiter.encode() * (width - 1) + b"\n"
    separators = bare.translate(None, bytes(set(range(256)) - {ord(delimiter), _LF, *kept}))
    return separators + b"\n" == record * (len(separators) // len(record) + 1)


def _header(head: bytes, body: bytes, dialect: Dialect, delimiter: str) -> Header:
    if not dialect.header_rows:
        first = next(reader(body[:_FIRST].decode("utf-8", "ignore"), delimiter, dialect.quote), [])
        return csv_header.numbered(len(first), dialect)
    rows = list(reader(head.decode(), delimiter, dialect.quote))
    return csv_header.named(rows[dialect.skip_rows + dialect.header_row - 1], dialect)


def _parsed(body: bytes, width: int, delimiter: str, quote: str) -> pl.DataFrame | None:
    schema = {f"column_{number}": pl.String for number in range(width)}
    try:
        return pl.read_csv(body, has_header=False, schema=schema, separator=delimiter, quote_char=quote or None)
    except pl.exceptions.PolarsError:  # a record that is too wide, with others that are too short
        return None


def _widest(columns: pl.DataFrame) -> int:
    return max(columns.select(pl.all().str.len_bytes().max()).row(0), key=lambda size: size or 0, default=0) or 0
