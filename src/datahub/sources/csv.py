"""CSV files to tables and back (RFC 4180, and what spreadsheets and platforms make of it)."""

from __future__ import annotations

import csv as stdlib_csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from datahub.errors import InputError, Place
from datahub.findings import conform, findings
from datahub.i18n import Text
from datahub.sources import csv_text, encoding
from datahub.sources.csv_scan import Scan, scan
from datahub.sources.limits import DEFAULT, Limits, load
from datahub.sources.table import Table

SHOWN = 200
"""Characters of a refused row that its finding repeats."""


SEPARATOR_HINT = re.compile(rb'"?sep=[^\r\n]"?\r?\n', re.IGNORECASE)
_LONGEST = (1 << 31) - 1
_DOUBLED = re.compile(rb"\xc3\x83\xc2[\xa0-\xbf]|\xc3\xa2\xe2\x82\xac(?:\xe2\x84\xa2|\xc5\x93|\xe2\x80\x9c)")
"""The letters à to ÿ, and quotes, as they look when UTF-8 is read as Windows-1252 and written as UTF-8 again."""


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
    decoded = encoding.decode(load(data, limits), dialect.encodings)
    text = _plain(decoded.data)
    if not text.strip():
        raise InputError("empty", Text("The file is empty.", "Le fichier est vide."))
    text, dialect = _as_standard(text, dialect)
    delimiter = sniff(text, dialect)
    found = scan(text, delimiter, dialect.quote)
    head = dialect.skip_rows + dialect.header_rows
    _check_limits(found, head, limits)
    names, dropped, width = _names(text, found, dialect, delimiter)
    numbers = np.arange(1, len(found) + 1)
    body = (numbers > head) & (found.ends > found.starts)
    broken = np.isin(numbers - 1, list(found.broken))
    good = body & (found.fields == width) & ~broken
    refused = np.flatnonzero(body & ~good)
    keep = np.flatnonzero(good)
    columns = (_parse if found.clean else _parse_stray)(text, found, keep, width, delimiter, dialect.quote)
    columns = _cells(columns, dialect)
    _check_dropped(columns, dropped)
    columns = columns.select(pl.col(f"column_{at}").alias(column) for at, column in names.items())
    rows = pl.Series("row", (keep + 1).astype(np.uint32))
    if columns.width:
        filled = columns.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
        columns, rows = columns.filter(filled), rows.filter(filled)
    notes = [_encoding_findings(decoded, text, found), _refusals(text, found, refused, width)]
    return Table(title, columns, rows, pl.concat(notes))


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
    if dialect.comment:
        text = csv_text.without_comments(text, dialect.comment.encode(), dialect.quote.encode())
        dialect = replace(dialect, skip_rows=csv_text.lines_to_skip(text, dialect.skip_rows))
    if dialect.quote and not dialect.double_quote:
        text = csv_text.doubled_quotes(text, dialect.quote.encode())
    return text, dialect


def _reader(text: str, delimiter: str, quote: str) -> Iterator[list[str]]:
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
        reader = _reader(head, delimiter, dialect.quote)
        record = next((row for number, row in enumerate(reader, 1) if number == target), [])
        if len(record) > most:
            best, most = delimiter, len(record)
    return best


def _check_limits(found: Scan, head: int, limits: Limits) -> None:
    if len(found) - head > limits.max_rows:
        raise InputError(
            "csv-rows",
            Text(f"The file has more than {limits.max_rows} rows.", f"Le fichier a plus de {limits.max_rows} lignes."),
            Text("Send it in several files.", "Envoyez-le en plusieurs fichiers."),
        )
    if len(found) and (widest := int(found.widest.argmax())) >= 0 and found.widest[widest] > limits.max_field_bytes:
        size = int(found.widest[widest])
        raise InputError(
            "csv-field-size",
            Text(
                f"A value of {size} bytes is longer than the {limits.max_field_bytes} allowed; is a quote missing?",
                f"Une valeur de {size} octets dépasse les {limits.max_field_bytes} permis ; manque-t-il un guillemet ?",
            ),
            place=Place(row=widest + 1),
        )
    if len(found) < max(head, 1):
        raise InputError(
            "csv-header",
            Text(
                f"The header takes {head} lines; the file has {len(found)}.",
                f"L'en-tête occupe {head} lignes ; le fichier en a {len(found)}.",
            ),
        )
    if found.fields[max(head - 1, 0)] > limits.max_columns:
        raise InputError(
            "csv-columns",
            Text(
                f"The file has more than {limits.max_columns} columns.",
                f"Le fichier a plus de {limits.max_columns} colonnes.",
            ),
            place=Place(row=head),
        )


def _names(text: bytes, found: Scan, dialect: Dialect, delimiter: str) -> tuple[dict[int, str], list[int], int]:
    """The names by position, spaces left out; the positions that have none; and how many columns there are."""
    if not dialect.header_rows:
        width = int(found.fields[min(dialect.skip_rows, len(found) - 1)])
        given = [*dialect.names, *(f"_col.{number}" for number in range(len(dialect.names) + 1, width + 1))]
        return {at: given[at] for at in range(dialect.skip_columns, width)}, [], width
    at = dialect.skip_rows + dialect.header_row - 1
    line = text[found.starts[at] : found.ends[at]].decode()
    record = next(_reader(line, delimiter, dialect.quote), [])
    cells = [" ".join(cell.replace("\ufeff", "").split()) for cell in record]
    names = {number: cell for number, cell in enumerate(cells) if cell and number >= dialect.skip_columns}
    double = sorted({cell for cell in names.values() if cells.count(cell) > 1})
    row = Place(row=at + 1)
    if double:
        listed = ", ".join(f"“{cell}”" for cell in double)
        raise InputError(
            "csv-header",
            Text(
                f"Several columns have the same name: {listed}.", f"Plusieurs colonnes portent le même nom : {listed}."
            ),
            Text("Give each column its own name.", "Donnez à chaque colonne son propre nom."),
            row,
        )
    if not names:
        raise InputError(
            "csv-header",
            Text("The header holds no column name.", "L'en-tête ne contient aucun nom de colonne."),
            place=row,
        )
    unnamed = [number for number, cell in enumerate(cells) if not cell and number >= dialect.skip_columns]
    return names, unnamed, len(cells)


def _parse(text: bytes, found: Scan, keep: np.ndarray, width: int, delimiter: str, quote: str) -> pl.DataFrame:
    """The records ``keep`` of a well-formed file, by Polars."""
    schema = {f"column_{number}": pl.String for number in range(width)}
    kept = _slices(text, found, keep)
    if not kept:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(kept, has_header=False, schema=schema, separator=delimiter, quote_char=quote or None)


def _parse_stray(text: bytes, found: Scan, keep: np.ndarray, width: int, delimiter: str, quote: str) -> pl.DataFrame:
    """The records ``keep`` of a file with quotes in unquoted values, which only Python's reader takes literally."""
    schema = {f"column_{number}": pl.String for number in range(width)}
    records = _reader(_slices(text, found, keep).decode(), delimiter, quote)
    return pl.DataFrame(list(records), schema=schema, orient="row")


def _slices(text: bytes, found: Scan, keep: np.ndarray) -> bytes:
    """The bytes of the records ``keep``, each with its line end; neighbours are cut in one piece."""
    if not len(keep):
        return b""
    breaks = np.flatnonzero(np.diff(keep) != 1)
    first = keep[np.concatenate(([0], breaks + 1))]
    last = keep[np.concatenate((breaks, [len(keep) - 1]))]
    view = memoryview(text)
    pieces: list[bytes | memoryview] = []
    for start, end in zip(found.starts[first].tolist(), found.ends[last].tolist(), strict=True):
        pieces += [view[start:end], b"\n"]
    return b"".join(pieces)


_TRIMS: dict[bool | Trim, pl.Expr] = {
    True: pl.all().str.strip_chars(),
    "true": pl.all().str.strip_chars(),
    "start": pl.all().str.strip_chars_start(),
    "end": pl.all().str.strip_chars_end(),
}


def _cells(columns: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    value = _TRIMS.get(dialect.trim, pl.all())
    empty = ["", *dialect.null_values]
    columns = columns.with_columns(value)
    return columns.with_columns(pl.when(~pl.all().is_in(empty)).then(pl.all()))


def _check_dropped(columns: pl.DataFrame, dropped: Sequence[int]) -> None:
    """A column without a name may be there only if it is empty, as spreadsheets leave them behind."""
    for number in dropped:
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


def _encoding_findings(decoded: encoding.Decoded, text: bytes, found: Scan) -> pl.DataFrame:
    name = encoding.label(decoded.encoding)
    if decoded.odd_lines:
        breaks = np.flatnonzero(np.frombuffer(text, np.uint8) == 10)
        first_lines = np.searchsorted(breaks, found.starts) + 1
        rows = np.searchsorted(first_lines, np.array(decoded.odd_lines), side="right")
        return conform(
            pl.DataFrame({"row": np.unique(rows).astype(np.uint32)}),
            severity="warning",
            code="encoding-mixed",
            message_en=f"This row is in {name} while others are in UTF-8; it was converted.",
            message_fr=f"Cette ligne est en {name} alors que d'autres sont en UTF-8 ; elle a été convertie.",
            fix_en="Save the whole file as UTF-8, and check the accents of this row.",
            fix_fr="Enregistrez tout le fichier en UTF-8 et vérifiez les accents de cette ligne.",
        )
    doubled = sorted({int(np.searchsorted(found.ends, letter.start())) + 1 for letter in _DOUBLED.finditer(text)})
    if doubled:
        return conform(
            pl.DataFrame({"row": pl.Series(doubled, dtype=pl.UInt32)}),
            severity="warning",
            code="encoding-doubled",
            message_en="This row has letters such as “Ã©”: its text was converted to UTF-8 twice before it came here.",
            message_fr="Cette ligne a des lettres comme « Ã© » : son texte a été converti deux fois en UTF-8 avant d'arriver.",
            fix_en="Export the file again from its source.",
            fix_fr="Exportez à nouveau le fichier depuis sa source.",
        )
    if decoded.repaired:
        return findings(
            [
                {
                    "severity": "info",
                    "code": "encoding-repaired",
                    "message_en": f"The file is not in UTF-8; it was read as {name}.",
                    "message_fr": f"Le fichier n'est pas en UTF-8 ; il a été lu en {name}.",
                    "fix_en": encoding.RESAVE.en,
                    "fix_fr": encoding.RESAVE.fr,
                }
            ]
        )
    return findings()


def _refusals(text: bytes, found: Scan, refused: np.ndarray, width: int) -> pl.DataFrame:
    return findings(_refusal(text, found, number, width) for number in refused.tolist())


def _refusal(text: bytes, found: Scan, number: int, width: int) -> dict[str, object]:
    start, end = int(found.starts[number]), int(found.ends[number])
    shown = text[start : min(end, start + 4 * SHOWN)].decode("utf-8", "ignore")[:SHOWN]
    common = {"severity": "violation", "row": number + 1, "value": shown}
    if number in found.broken:
        return {
            **common,
            "code": "csv-quote",
            "message_en": "A quote stands inside a quoted value.",
            "message_fr": "Un guillemet se trouve à l'intérieur d'une valeur entre guillemets.",
            "fix_en": "Double the quotes that belong to the text.",
            "fix_fr": "Doublez les guillemets qui font partie du texte.",
        }
    count = int(found.fields[number])
    return {
        **common,
        "code": "csv-fields",
        "message_en": f"The row has {count} values for {width} columns.",
        "message_fr": f"La ligne a {count} valeurs pour {width} colonnes.",
        "fix_en": "Put values that hold the separator between quotes, and leave no value out."
        if count > width
        else "Complete the row; an empty value still needs its separator.",
        "fix_fr": "Mettez entre guillemets les valeurs qui contiennent le séparateur."
        if count > width
        else "Complétez la ligne ; une valeur vide garde son séparateur.",
    }
