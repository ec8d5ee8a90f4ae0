"""An unknown file as a table of texts, with what had to be guessed to read it: kind, delimiter, encoding, header, sheet, list."""

from __future__ import annotations

import csv as stdlib_csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from datahub.connectors.authoring import layout
from datahub.connectors.authoring.records import Members, members
from datahub.connectors.recognise import look
from datahub.errors import InputError
from datahub.i18n import Text
from datahub.sources import csv, encoding, json, spreadsheet
from datahub.sources.csv import Dialect
from datahub.sources.limits import MIB, Limits, load

DELIMITERS = (";", ",", "\t", "|")
HEADS = 30
"""Lines in which the header is looked for."""
LIMITS = Limits(max_bytes=256 * MIB, max_rows=1_000_000)
"""A sample needs not be larger."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The table of an unknown file. ``kind``: csv, json, geojson or xml. ``titles``: what each column is called for people, where
    its name is a path into JSON or XML. ``several``: columns that hold lists. ``lists``: the lists of objects in a record, by their
    path, with what they are called. ``unquoted``: columns of JSON that hold numbers or booleans. ``spaces``: the namespaces of XML
    by prefix. ``notes``: what was found out on the way."""

    kind: str
    table: pl.DataFrame
    titles: dict[str, str]
    dialect: Dialect = field(default_factory=Dialect)
    encoding: str = "utf-8"
    iterator: str | None = None
    sheet: str | None = None
    several: frozenset[str] = frozenset()
    lists: Mapping[str, str] = field(default_factory=dict)
    unquoted: Mapping[str, str] = field(default_factory=dict)
    spaces: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()

    def within(self, column: str) -> tuple[str, ...]:
        """The lists that ``column`` (or another list) lies in, the outermost first."""
        return tuple(sorted((path for path in self.lists if column.startswith(self.item(path))), key=len))

    def item(self, path: str) -> str:
        """What all columns of the objects in the list ``path`` start with."""
        return f"{path}/" if self.kind == "xml" else f"{path}[*]"

    def texts(self, column: str) -> pl.Series:
        """The values of a column, one by one where it holds lists."""
        series = self.table[column]
        return series.explode().drop_nulls() if isinstance(series.dtype, pl.List) else series


def read(path: Path) -> Sample:
    """The sample in ``path``.

    Raises:
        InputError: ``sample-kind`` for files that no draft can be made for, ``sample-empty``, ``sample-header``, and what the
        readers of the kind say.
    """
    data = load(path, LIMITS)
    if not data.strip():
        raise InputError("empty", Text("The file is empty.", "Le fichier est vide."))
    seen = look(data)
    if seen.form == "sheet":
        found = _sheet(data)
    elif seen.form == "json":
        found = _json(data)
    elif seen.form == "xml":
        found = _xml(data)
    elif seen.form == "csv":
        found = _csv(data)
    elif seen.form == "zip":
        names = ", ".join(sorted(name for name in seen.names if not name.startswith("."))[:12])
        raise InputError(
            "sample-archive",
            Text(f"This is an archive, with {names}.", f"C'est une archive, avec {names}."),
            Text(
                "Unpack it, and give the file that holds the records.",
                "Décompressez-la, et donnez le fichier qui contient les fiches.",
            ),
        )
    else:
        raise InputError(
            "sample-kind",
            Text(
                "This is none of the files that a connector can be drafted for: CSV, spreadsheets (.xlsx, .ods), JSON, JSON Lines,"
                " GeoJSON, XML.",
                "Ce n'est aucun des fichiers dont on peut ébaucher un connecteur : CSV, classeur (.xlsx, .ods), JSON, JSON Lines,"
                " GeoJSON, XML.",
            ),
            Text(
                "For RDF, look at the connector “dfc”; for others, export the data as CSV.",
                "Pour du RDF, voyez le connecteur « dfc » ; sinon, exportez les données en CSV.",
            ),
        )
    if not found.table.height:
        raise InputError(
            "sample-empty",
            Text("The sample has columns but no rows.", "L'exemple a des colonnes mais aucune ligne."),
            Text("Give a file with a few real rows.", "Donnez un fichier avec quelques vraies lignes."),
        )
    return found


def _csv(data: bytes) -> Sample:
    decoded = encoding.decode(data)
    head = decoded.data[: 1 << 18].decode("utf-8", "ignore")
    quote = '"'
    delimiter, records = _delimited(head, quote)
    if _quoted_singly(records):
        quote = "'"
        delimiter, records = _delimited(head, quote)
    layout.refuse_stacked(records)
    skipped = header_at(records)
    if skipped is None:
        raise _no_header()
    rows = 2 if _two_headers(records[skipped:]) else 1
    dialect = Dialect(
        delimiters=(delimiter,),
        quote=quote,
        skip_rows=skipped,
        header_rows=rows,
        null_values=_nulls(records[skipped + rows :]),
    )
    table = csv.read(data, dialect, name="sample", limits=LIMITS)
    notes = [
        Text(en, fr)
        for en, fr in table.findings.select("message_en", "message_fr").unique(maintain_order=True).iter_rows()
    ]
    if skipped:
        notes.append(_skipped(skipped))
    if rows == 2:
        notes.append(Text("The line below the names explains them.", "La ligne sous les noms les explique."))
    if dialect.null_values:
        listed = ", ".join(dialect.null_values)
        notes.append(Text(f"Cells with {listed} count as empty.", f"Les cellules {listed} comptent comme vides."))
    columns = table.columns
    return Sample(
        "csv", columns, {name: name for name in columns.columns}, dialect, decoded.encoding, notes=tuple(notes)
    )


def _quoted_singly(records: Sequence[Sequence[str]]) -> bool:
    """Whether the cells of the first line stand between apostrophes."""
    cells = [cell.strip() for cell in records[0] if cell.strip()] if records else []
    return bool(cells) and all(len(cell) > 2 and cell[0] == cell[-1] == "'" for cell in cells)


def _delimited(head: str, quote: str) -> tuple[str, list[list[str]]]:
    """The delimiter that cuts most lines into the same number of fields, and the first lines so cut."""
    best: tuple[float, str, list[list[str]]] = (-1.0, ",", [])
    for delimiter in DELIMITERS:
        try:
            reader = stdlib_csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, quotechar=quote)
            records = [record for record, _ in zip(reader, range(HEADS * 2), strict=False)]
        except stdlib_csv.Error:
            continue
        widths = Counter(len(record) for record in records if any(record))
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        score = count / sum(widths.values()) * (1 - 1 / width)
        if score > best[0]:
            best = (score, delimiter, records)
    return best[1], best[2]


def header_at(records: Sequence[Sequence[str]]) -> int | None:
    """How many lines stand before the one with the names: the first line that names nearly all columns, each otherwise."""
    widths = Counter(len(record) for record in records if any(cell.strip() for cell in record))
    if not widths:
        return None
    width = max(widths, key=lambda each: (widths[each], each))
    filled = [max((sum(bool(c.strip()) for c in r) for r in records), default=0)]
    for number, record in enumerate(records[:HEADS]):
        names = [cell.strip() for cell in record if cell.strip()]
        if len(record) < width or len(names) < min(0.8 * width, 0.8 * filled[0]):
            continue
        numeric = sum(_is_value(name) for name in names)
        if numeric > len(names) / 4:
            return None
        return number
    return None


def _two_headers(records: Sequence[Sequence[str]]) -> bool:
    """Whether the line below the names is words in columns that hold numbers everywhere else."""
    if len(records) < 4:
        return False
    second, body = records[1], [record for record in records[2:] if len(record) == len(records[0])]
    odd = 0
    for at, cell in enumerate(second[: len(records[0])]):
        others = [record[at] for record in body if record[at].strip()]
        if _is_value(cell):
            return False
        odd += bool(cell.strip() and len(others) > 1 and all(_is_value(other) for other in others))
    return odd >= 2


_NULLS = ("-", "--", "N/A", "n/a", "NA", "NC", "N.C.", "nc", "NULL", "null", "None", "#N/A", "néant", "?")


def _nulls(records: Sequence[Sequence[str]]) -> tuple[str, ...]:
    cells = {cell.strip() for record in records for cell in record}
    return tuple(word for word in _NULLS if word in cells)


def _is_value(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").replace(" ", "").replace("-", "").isdigit() or "@" in cell


def _sheet(data: bytes) -> Sample:
    heads = spreadsheet.heads(data, HEADS)
    fullest = max(heads, key=lambda name: sum(bool(cell) for row in heads[name] for cell in row))
    records = [[cell or "" for cell in row] for row in heads[fullest]]
    layout.refuse_stacked(records)
    skipped = header_at(records)
    if skipped is None:
        raise _no_header()
    table = spreadsheet.read(data, sheet=fullest, header_row=skipped + 1, name="sample", limits=LIMITS)
    notes = []
    if len(heads) > 1:
        others = ", ".join(name for name in heads if name != fullest)
        notes.append(
            Text(
                f"The sheet “{fullest}” was taken, not {others}.",
                f"La feuille « {fullest} » a été prise, pas {others}.",
            )
        )
    if skipped:
        notes.append(_skipped(skipped))
    notes += layout.merged(data, list(heads).index(fullest), heads[fullest][skipped], table.columns, LIMITS)
    sheet = fullest if list(heads).index(fullest) else None
    columns = table.columns
    names = {name: name for name in columns.columns}
    return Sample("csv", columns, names, Dialect(skip_rows=skipped), "xlsx", sheet=sheet, notes=tuple(notes))


def _json(data: bytes) -> Sample:
    found: Members = members(data)
    table = json.read(data, found.iterator, list(found.paths), name="sample", limits=LIMITS)
    notes = [
        Text(
            f"“{name}” holds lists in a list, or is nested too deep; it is left out.",
            f"« {name} » contient des listes dans une liste, ou trop de niveaux ; laissé de côté.",
        )
        for name in found.left_out
    ]
    columns = table.columns.drop(table.mixed.values())
    several = frozenset(name for name, dtype in columns.schema.items() if isinstance(dtype, pl.List))
    return Sample(
        found.kind,
        columns,
        dict(found.paths),
        encoding="utf-8",
        iterator=found.iterator,
        several=several,
        lists=found.lists,
        unquoted=found.unquoted,
        notes=tuple(notes),
    )


def _xml(data: bytes) -> Sample:
    from datahub.connectors.authoring.elements import (
        elements,  # its parser takes longer to start than most samples to read
    )
    from datahub.sources import xml

    found = elements(data, LIMITS)
    table = xml.read(data, found.iterator, list(found.paths), name="sample", limits=LIMITS)
    columns = table.columns.select(name for name in found.paths if table.columns[name].null_count() < len(table))
    notes = [
        Text(f"“{name}” is nested too deep; it is left out.", f"« {name} » a trop de niveaux ; laissé de côté.")
        for name in found.left_out
    ]
    several = [name for name, dtype in columns.schema.items() if isinstance(dtype, pl.List)]
    inside = [name for name in columns.columns if any(name.startswith(f"{path}/") for path in found.lists)]
    return Sample(
        "xml",
        columns,
        {name: found.paths[name] for name in columns.columns},
        iterator=found.iterator,
        several=frozenset([*several, *inside]),
        lists=found.lists,
        spaces=found.spaces,
        notes=tuple(notes),
    )


def _skipped(count: int) -> Text:
    lines, lignes = f"{count} lines", f"{count} lignes"
    return Text(
        f"The first {lines} before the header are passed over."
        if count > 1
        else "The line before the header is passed over.",
        f"Les {lignes} avant l'en-tête sont passées." if count > 1 else "La ligne avant l'en-tête est passée.",
    )


def _no_header() -> InputError:
    return InputError(
        "sample-header",
        Text("No line names the columns.", "Aucune ligne ne nomme les colonnes."),
        Text(
            "Give each column a name in the first line, and delete columns that are empty.",
            "Donnez un nom à chaque colonne dans la première ligne, et supprimez les colonnes vides.",
        ),
    )
