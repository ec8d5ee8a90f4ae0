"""CSV files to tables and back (RFC 4180, and what spreadsheets and platforms make of it)."""

from __future__ import annotations

import csv as stdlib_csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from datahub.errors import InputError, Place
from datahub.findings import findings
from datahub.i18n import Text
from datahub.sources import csv_regular, encoding
from datahub.sources.csv_dialect import BARE, SEPARATOR_HINT, STANDARD, Dialect, Trim, sniff
from datahub.sources.csv_records import Records, twice_converted
from datahub.sources.limits import DEFAULT, Limits, load
from datahub.sources.table import Table

__all__ = ["BARE", "SEPARATOR_HINT", "STANDARD", "Dialect", "Trim", "read", "read_regular", "sniff", "write"]


def read(
    data: bytes | Path, dialect: Dialect = STANDARD, *, name: str | None = None, limits: Limits = DEFAULT
) -> Table:
    """The rows of a CSV file as a `Table` named ``name`` (by default the file's name without extension).

    A row with another number of fields than the header is left out and reported (severity violation, code ``csv-fields``), as is
    one with a quote inside a quoted value (``csv-quote``). Rows that hold nothing are left out. Row numbers count records, so
    that a cell with line breaks does not shift them. Raises `InputError`: ``empty``, ``too-large``, ``not-text``, ``nul``,
    ``encoding``, ``csv-quote``, ``csv-header`` (duplicate or missing names), ``csv-field-size``, ``csv-rows``, ``csv-columns``.
    """
    title = name or (data.stem if isinstance(data, Path) else "table")
    opened = _open(load(data, limits), dialect)
    found = _regular(opened, limits)
    if found is None:
        from datahub.sources import csv_careful  # NumPy takes longer to start than most files to read

        found = csv_careful.records(opened.decoded, opened.text, opened.dialect, opened.delimiter, limits)
    return _table(title, found, dialect)


def read_regular(
    data: bytes, dialect: Dialect = STANDARD, *, name: str, limits: Limits = DEFAULT
) -> tuple[Table, int] | None:
    """What `read` gives, and how many records there were below the header, empty ones included; None where the file is not
    `csv_regular`. Raises `InputError` as `read`."""
    found = _regular(_open(data, dialect), limits)
    return None if found is None else (_table(name, found, dialect), len(found.rows))


@dataclass(frozen=True)
class _Opened:
    """``text``: as RFC 4180 has it, in UTF-8; ``dialect``: what is left to be known of it."""

    decoded: encoding.Decoded
    text: bytes
    dialect: Dialect
    delimiter: str


def _open(data: bytes, dialect: Dialect) -> _Opened:
    decoded = encoding.decode(data, dialect.encodings)
    text = _plain(decoded.data)
    if not text or text.isspace():
        raise InputError("empty", Text("The file is empty.", "Le fichier est vide."))
    text, dialect = _as_standard(text, dialect)
    return _Opened(decoded, text, dialect, sniff(text, dialect))


def _regular(opened: _Opened, limits: Limits) -> Records | None:
    if opened.decoded.odd_lines or twice_converted(opened.text):
        return None  # rows are to be named
    found = csv_regular.records(opened.text, opened.dialect, opened.delimiter, limits)
    if found is None or not opened.decoded.repaired:
        return found
    return replace(found, findings=findings([encoding.repaired(opened.decoded)]))


def _table(title: str, found: Records, dialect: Dialect) -> Table:
    columns = _cells(found.columns, dialect if found.spaced else replace(dialect, trim=False))
    _check_unnamed(columns, found.header.unnamed)
    columns = columns.select(pl.col(f"column_{at}").alias(column) for at, column in found.header.names.items())
    rows = found.rows
    if columns.width:
        filled = columns.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
        if not filled.all():
            columns, rows = columns.filter(filled), rows.filter(filled)
    return Table(title, columns, rows, found.findings, plain=found.plain)


def write(frame: pl.DataFrame, dialect: Dialect = STANDARD) -> bytes:
    """``frame`` as CSV in ``dialect``: nulls are empty cells, values are quoted where needed, lines end in a line feed.

    Raises `InputError` ``encoding`` where the dialect's encoding can't hold a character.
    """
    separator, quote = dialect.delimiters[0], dialect.quote
    body = frame.write_csv(include_header=False, separator=separator, quote_char=quote)
    other = [*dialect.other_header, *[""] * frame.width][: frame.width] if dialect.other_header else frame.columns
    lines = [frame.columns if number == dialect.header_row else other for number in range(1, dialect.header_rows + 1)]
    out = io.StringIO()
    above = [
        [""] * max(frame.width, 2)
    ] * dialect.skip_rows  # what stands there is not known; it is passed over on reading
    stdlib_csv.writer(out, delimiter=separator, quotechar=quote, lineterminator="\n").writerows([*above, *lines])
    text = out.getvalue() + body
    target = dialect.encodings[0].replace("utf-8-sig", "utf-8") if dialect.encodings else "utf-8"
    try:
        return (b"\xef\xbb\xbf" if dialect.bom and target == "utf-8" else b"") + text.encode(target)
    except UnicodeEncodeError as error:
        at = text.count("\n", 0, error.start) + 1
        message = Text(
            f"The character “{text[error.start]}” can't be written in {encoding.label(target)}.",
            f"Le caractère « {text[error.start]} » ne peut s'écrire en {encoding.label(target)}.",
        )
        raise InputError("encoding", message, place=Place(row=at)) from None


def _plain(data: bytes) -> bytes:
    """``data`` without the line ``sep=;`` that Excel hides, and with line feeds where old Macintosh line ends are the only ones."""
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    return data.partition(b"\n")[2] if SEPARATOR_HINT.match(data) else data


def _as_standard(text: bytes, dialect: Dialect) -> tuple[bytes, Dialect]:
    """``text`` without comments and with doubled quotes, and where its header is then."""
    if not dialect.comment and (dialect.double_quote or not dialect.quote):
        return text, dialect
    from datahub.sources import csv_text

    if dialect.comment:
        text = csv_text.without_comments(text, dialect.comment.encode(), dialect.quote.encode())
        dialect = replace(dialect, skip_rows=csv_text.lines_to_skip(text, dialect.skip_rows))
    if dialect.quote and not dialect.double_quote:
        text = csv_text.doubled_quotes(text, dialect.quote.encode())
    return text, dialect


_TRIMS: dict[bool | Trim, pl.Expr] = {
    True: pl.all().str.strip_chars(),
    "true": pl.all().str.strip_chars(),
    "start": pl.all().str.strip_chars_start(),
    "end": pl.all().str.strip_chars_end(),
}


def _cells(columns: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """``columns`` trimmed as ``dialect`` has it, without what it calls empty."""
    if dialect.trim in _TRIMS:
        columns = columns.with_columns(_TRIMS[dialect.trim])
    empty = pl.all().is_in(["", *dialect.null_values]) if dialect.null_values else pl.all() == ""
    touched = [name for name, found in columns.select(empty.any()).row(0, named=True).items() if found]
    present = ~pl.col(touched).is_in(["", *dialect.null_values])
    return columns.with_columns(pl.when(present).then(pl.col(touched))) if touched else columns


def _check_unnamed(columns: pl.DataFrame, unnamed: Sequence[int]) -> None:
    """A column without a name may be there only if it is empty, as spreadsheets leave them behind."""
    for number in unnamed:
        if columns[f"column_{number}"].null_count() < columns.height:
            raise InputError(
                "csv-header",
                Text(
                    f"Column {number + 1} holds values but has no name.",
                    f"La colonne {number + 1} contient des valeurs mais n'a pas de nom.",
                ),
                Text("Name it in the header or remove it.", "Nommez-la dans l'en-tête ou supprimez-la."),
                Place(row=1),
            )
