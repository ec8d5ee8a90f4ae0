"""Spreadsheets (.xlsx) to tables; needs the extra ``spreadsheet``."""

from __future__ import annotations

import logging
import re
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.sources import archive
from datahub.sources.limits import DEFAULT, Limits, check_size, load
from datahub.sources.table import Table

_ROW = re.compile(rb"""\br\s*=\s*["'](?:[A-Za-z]{0,8})([0-9]{1,12})["']""")
_COLUMN = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,8})[0-9]""")
_STRING = re.compile(rb"<(?:\w+:)?si\b")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["']""")
_SHARED_NUMBER = re.compile(_SHARED.pattern + rb"""[^<>]*>\s*<(?:\w+:)?v\b[^<>]*>\s*(\d{1,9})""")
_MOST_CELLS = 50_000_000


def read(
    data: bytes | Path,
    *,
    sheet: str | int = 0,
    header_row: int = 1,
    name: str | None = None,
    limits: Limits = DEFAULT,
) -> Table:
    """The rows of one sheet as text, as `datahub.sources.csv.read` gives them. ``header_row``: the row with the names, counted
    from the first that is not empty.

    Whole numbers have no decimals, dates are ISO 8601. Raises `InputError`: ``spreadsheet-support`` where the extra is missing,
    ``not-spreadsheet``, ``spreadsheet-sheet`` (names those there are), ``csv-header``, ``too-large``, ``zip-ratio`` and others of
    `datahub.sources.archive`.
    """
    content = load(data, limits)
    title = name or (data.stem if isinstance(data, Path) else "table")
    if not archive.is_zip(content):
        raise _not_spreadsheet()
    _check_extent(content, limits)
    cells, above = _cells(content, sheet)
    if cells.height < header_row:
        raise InputError("empty", Text("The sheet is empty.", "La feuille est vide."))
    if cells.height > limits.max_rows or cells.width > limits.max_columns:
        raise InputError(
            "too-large", Text("The sheet has too many rows or columns.", "La feuille a trop de lignes ou de colonnes.")
        )
    names = [" ".join((cell or "").split()) for cell in cells.row(header_row - 1)]
    body = cells.slice(header_row)
    body = body.with_columns(pl.all().str.strip_chars())
    body = body.with_columns(pl.when(pl.all() != "").then(pl.all()))
    used = [at for at, column in enumerate(names) if column or body.to_series(at).null_count() < body.height]
    chosen = [names[at] for at in used]
    if not chosen or "" in chosen or len(set(chosen)) < len(chosen):
        raise InputError(
            "csv-header",
            Text(
                "The columns of the sheet need names, each its own, in one row.",
                "Les colonnes de la feuille doivent avoir chacune un nom propre, sur une même ligne.",
            ),
            place=Place(row=above + header_row),
        )
    columns = body.select(pl.col(body.columns[at]).alias(names[at]) for at in used)
    first = above + header_row + 1
    rows = pl.Series("row", np.arange(first, first + columns.height, dtype=np.uint32))
    filled = columns.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    return Table(title, columns.filter(filled), rows.filter(filled))


def heads(data: bytes | Path, rows: int, limits: Limits = DEFAULT) -> dict[str, list[list[str | None]]]:
    """The first ``rows`` rows of every sheet as text, by the name of the sheet, in their order. Raises as `read`."""
    content = load(data, limits)
    if not archive.is_zip(content):
        raise _not_spreadsheet()
    _check_extent(content, limits)
    found: dict[str, list[list[str | None]]] = {}
    for name in _sheets(content):
        found[name] = [list(row) for row in _cells(content, name, rows)[0].rows()]
    return found


def _check_extent(content: bytes, limits: Limits) -> None:
    """Looks where the sheets say that their cells lie: the library makes room for every cell up to the last, and one far out would
    take the machine. Also checks the archive before the library unpacks it."""
    workbook = False
    sizes: list[int] = []
    used = 0
    for name, part in archive.members(content, limits):
        text = part.replace(b"\0", b"")  # so that UTF-16 is read too
        workbook |= name == "xl/workbook.xml"
        starts = [found.start() for found in _STRING.finditer(text)]
        sizes += [end - start for start, end in pairwise([*starts, len(text)])] if starts else []
        used += len(_SHARED.findall(text))
        last_row = max((int(digits) for digits in _ROW.findall(text)), default=0)
        letters = set(_COLUMN.findall(text))
        last_column = max((_number(column) for column in letters), default=0)
        if (
            last_row > limits.max_rows
            or max(last_column, 1) * max(last_row, 1) > _MOST_CELLS
            or last_column > limits.max_columns
        ):
            raise _too_far(name)
    if not workbook:
        raise _not_spreadsheet()
    if used * max(sizes, default=0) > limits.max_bytes:
        _check_shared(content, limits, np.array(sizes))


def _check_shared(content: bytes, limits: Limits, sizes: np.ndarray) -> None:
    """Refuses sheets whose cells are larger than what is read, each with the text whose number it names: one long text becomes as
    many as there are cells."""
    total = 0
    for _, part in archive.members(content, limits):
        text = part.replace(b"\0", b"")
        named = np.array([int(number) for number in _SHARED_NUMBER.findall(text)], np.int64)
        known = named[named < len(sizes)]
        total += int(sizes[known].sum()) + (len(_SHARED.findall(text)) - len(known)) * int(sizes.max())
        check_size(total, limits)


def _number(column: bytes) -> int:
    """The number of a column by its letters (A = 1)."""
    number = 0
    for letter in column.upper():
        number = number * 26 + letter - 64
    return number


def _too_far(name: str) -> InputError:
    return InputError(
        "too-large",
        Text(
            "The sheet has cells in too far a row or column.",
            "La feuille a des cellules dans une ligne ou une colonne trop éloignée.",
        ),
        Text(
            "Delete the rows and columns beyond the data, or save the sheet as CSV.",
            "Supprimez les lignes et colonnes au-delà des données, ou enregistrez la feuille en CSV.",
        ),
        Place(file=name),
    )


def _book(content: bytes) -> Any:
    if find_spec("fastexcel") is None:
        raise InputError(
            "spreadsheet-support",
            Text("This hub can't read spreadsheets.", "Ce hub ne sait pas lire les classeurs."),
            Text("Save the sheet as CSV (UTF-8).", "Enregistrez la feuille en CSV (UTF-8)."),
        )
    import fastexcel

    logging.getLogger("calamine").addHandler(logging.NullHandler())  # its warnings are not for whoever sends a file
    try:
        return fastexcel.read_excel(content)
    except fastexcel.FastExcelError:
        raise _not_spreadsheet() from None


def _sheets(content: bytes) -> list[str]:
    names: list[str] = _book(content).sheet_names
    return names


def _cells(content: bytes, sheet: str | int, rows: int | None = None) -> tuple[pl.DataFrame, int]:
    """The cells as text from the first row that is not empty, ``rows`` of them at most, and how many rows lie above it."""
    book = _book(content)
    import fastexcel

    names: list[str] = book.sheet_names
    if (isinstance(sheet, str) and sheet not in names) or (isinstance(sheet, int) and sheet >= len(names)):
        listed = ", ".join(names)
        raise InputError(
            "spreadsheet-sheet",
            Text(
                f"There is no sheet “{sheet}”; there are: {listed}.",
                f"Il n'y a pas de feuille « {sheet} » ; il y a : {listed}.",
            ),
        )
    try:
        loaded: Any = book.load_sheet(
            sheet, header_row=None, dtypes="string", skip_rows=None if rows else 0, n_rows=rows
        )
        table: pl.DataFrame = loaded.to_polars()
    except fastexcel.FastExcelError:
        raise _not_spreadsheet() from None
    empty = table.select(pl.all_horizontal(True, pl.all().is_null()).alias("")).to_series() if table.width else None
    above = 0 if empty is None else int(empty.cum_min().sum())
    table = table.slice(above, rows)
    # A cell with a day only comes as its midnight.
    return table.select(pl.all().cast(pl.String).str.replace(r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", "$1")), above


def _not_spreadsheet() -> InputError:
    return InputError(
        "not-spreadsheet",
        Text(
            "This is not a spreadsheet (.xlsx), or it is damaged.",
            "Ceci n'est pas un classeur (.xlsx), ou il est abîmé.",
        ),
        Text("Save it again, or save the sheet as CSV.", "Enregistrez-le à nouveau, ou enregistrez la feuille en CSV."),
    )
