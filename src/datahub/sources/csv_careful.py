"""Any CSV file, byte by byte: which record is broken, and which stand in another encoding.

Slower than `datahub.sources.csv_regular`, which reads the files that have nothing of that kind.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from datahub.errors import InputError, Place
from datahub.findings import conform, findings
from datahub.i18n import Text
from datahub.sources import csv_header, encoding
from datahub.sources.csv_dialect import Dialect, reader
from datahub.sources.csv_header import Header
from datahub.sources.csv_records import DOUBLED, Records
from datahub.sources.csv_scan import Scan, scan
from datahub.sources.limits import Limits

_LONE_RETURN = re.compile(r"\r(?!\n)")
_PRIVATE_USE = range(0xE000, 0xF900)
SHOWN = 200
"""Characters of a refused row that its finding repeats."""


def records(decoded: encoding.Decoded, text: bytes, dialect: Dialect, delimiter: str, limits: Limits) -> Records:
    """The records of ``text``, which ``decoded`` became. Raises `InputError` as `datahub.sources.csv.read` does."""
    found = scan(text, delimiter, dialect.quote)
    head = dialect.skip_rows + dialect.header_rows
    _check_limits(found, head, limits)
    header = _header(text, found, dialect, delimiter)
    numbers = np.arange(1, len(found) + 1)
    body = (numbers > head) & (found.ends > found.starts)
    broken = np.isin(numbers - 1, list(found.broken))
    good = body & (found.fields == header.width) & ~broken
    refused = np.flatnonzero(body & ~good)
    keep = np.flatnonzero(good)
    parse = _parse if found.clean else _parse_stray
    columns = parse(text, found, keep, header.width, delimiter, dialect.quote)
    rows = pl.Series("row", (keep + 1).astype(np.uint32))
    notes = [_encoding_findings(decoded, text, found), _refusals(text, found, refused, header.width)]
    return Records(header, columns, rows, pl.concat(notes))


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


def _header(text: bytes, found: Scan, dialect: Dialect, delimiter: str) -> Header:
    if not dialect.header_rows:
        filled = np.flatnonzero(found.ends[dialect.skip_rows :] > found.starts[dialect.skip_rows :])
        return csv_header.numbered(int(found.fields[dialect.skip_rows + filled[0]]) if len(filled) else 1, dialect)
    at = dialect.skip_rows + dialect.header_row - 1
    line = text[found.starts[at] : found.ends[at]].decode()
    return csv_header.named(next(reader(line, delimiter, dialect.quote), []), dialect)


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
    content = _slices(text, found, keep).decode()
    held = next(letter for letter in map(chr, _PRIVATE_USE) if letter not in content)
    rows = [row or [""] for row in reader(_LONE_RETURN.sub(held, content), delimiter, quote)]  # returns would end rows
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.all().str.replace_all(held, "\r", literal=True)
    )


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
    doubled = sorted({int(np.searchsorted(found.ends, letter.start())) + 1 for letter in DOUBLED.finditer(text)})
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
        return findings([encoding.repaired(decoded)])
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
