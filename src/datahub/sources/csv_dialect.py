"""How a CSV file is written (W3C CSV on the Web, dialect descriptions), and what can be told of a file without reading it whole."""

from __future__ import annotations

import csv as stdlib_csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

SEPARATOR_HINT = re.compile(rb'"?sep=[^\r\n]"?\r?\n', re.IGNORECASE)
"""The line by which Excel tells itself the delimiter."""
_LONGEST = (1 << 31) - 1

Trim = Literal["true", "false", "start", "end"]
"""Which spaces around values are left out: both, none, those before, those after (CSVW dialect, trim)."""


@dataclass(frozen=True)
class Dialect:
    """How a format writes CSV.

    ``delimiters``: those allowed; reading takes the one that splits the header most, writing the first. ``quote``: none where
    empty. ``encodings``: tried in order; reading with another than UTF-8 after it is a repair that the findings tell.
    ``skip_rows``: lines before the header. ``header_rows``: lines of the header; without any, columns have ``names``, else _col.1,
    _col.2 … (CSVW). ``header_row``: which of them (first = 1) holds the names. ``skip_columns``: columns before the first that is
    read. ``comment``: what lines start with that are not data. ``double_quote``: a quote in a value is doubled; otherwise a
    backslash stands before it. ``null_values``: texts that stand for an empty cell. ``trim``: spaces around values that are left
    out. ``other_header``: what writing puts into the header line that does not hold the names (its own names where empty).
    ``bom``: writing starts with a byte order mark.
    """

    delimiters: tuple[str, ...] = (",", ";", "\t")
    quote: str = '"'
    encodings: tuple[str, ...] = ("utf-8-sig", "utf-8", "cp1252")
    header_rows: int = 1
    header_row: int = 1
    skip_rows: int = 0
    null_values: tuple[str, ...] = ()
    trim: bool | Trim = True
    other_header: tuple[str, ...] = ()
    bom: bool = False
    skip_columns: int = 0
    comment: str = ""
    double_quote: bool = True
    names: tuple[str, ...] = ()


STANDARD = Dialect()
BARE = Dialect(trim=False)
"""Of a file that a mapping reads by itself: values are taken as they are."""


def reader(text: str, delimiter: str, quote: str) -> Iterator[list[str]]:
    """Python's reader; long values are judged by our own limits, not by its own."""
    stdlib_csv.field_size_limit(_LONGEST)
    lines = io.StringIO(text, newline="")
    if not quote:
        return stdlib_csv.reader(lines, delimiter=delimiter, quoting=stdlib_csv.QUOTE_NONE)
    return stdlib_csv.reader(lines, delimiter=delimiter, quotechar=quote)


def sniff(text: bytes, dialect: Dialect) -> str:
    """The allowed delimiter that splits the line of names into most fields; the first one where all are equal."""
    if len(dialect.delimiters) == 1:
        return dialect.delimiters[0]
    head = text[: 1 << 18].decode("utf-8", "ignore")
    target = dialect.skip_rows + (dialect.header_row if dialect.header_rows else 1)
    best, most = dialect.delimiters[0], 0
    for delimiter in dialect.delimiters:
        rows = reader(head, delimiter, dialect.quote)
        record = next((row for number, row in enumerate(rows, 1) if number == target), [])
        if len(record) > most:
            best, most = delimiter, len(record)
    return best
