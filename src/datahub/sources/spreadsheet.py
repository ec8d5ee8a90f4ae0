"""Spreadsheets (.xlsx, .ods) to tables; needs the extra ``spreadsheet``."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.sources import archive, office_open, opendocument
from datahub.sources.limits import DEFAULT, Limits, load
from datahub.sources.table import Table
from datahub.sources.workbook import not_spreadsheet

_BINARY = "xl/workbook.bin"
_FORMS = frozenset({"xl/workbook.xml", _BINARY, opendocument.CONTENT})


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
    cells, above = _cells(_book(content, limits), sheet)
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
    book = _book(load(data, limits), limits)
    return {name: [list(row) for row in _cells(book, name, rows)[0].rows()] for name in book.sheet_names}


def _book(content: bytes, limits: Limits) -> Any:
    """The workbook, checked before the library unpacks it. One that may be read in two ways is refused: which was checked?"""
    if not archive.is_zip(content):
        raise not_spreadsheet()
    members = set(archive.names(content, limits))
    if len(forms := members & _FORMS) != 1 or _BINARY in forms:
        raise not_spreadsheet()
    if opendocument.CONTENT in members:
        content = opendocument.plain(content, limits)
    else:
        office_open.check(content, limits)
    if find_spec("fastexcel") is None:
        raise InputError(
            "spreadsheet-support",
            Text("This hub can't read spreadsheets.", "Ce hub ne sait pas lire les classeurs."),
            Text("Save the sheet as CSV (UTF-8).", "Enregistrez la feuille en CSV (UTF-8)."),
        )
    import fastexcel

    logging.getLogger("calamine").addHandler(logging.NullHandler())  # its warnings are not for whoever sends a file
    try:
        book = fastexcel.read_excel(content)
    except fastexcel.FastExcelError:
        raise not_spreadsheet() from None
    if not book.sheet_names:
        raise not_spreadsheet()
    return book


def _cells(book: Any, sheet: str | int, rows: int | None = None) -> tuple[pl.DataFrame, int]:
    """The cells as text from the first row that is not empty, ``rows`` of them at most, and how many rows lie above it."""
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
        raise not_spreadsheet() from None
    empty = table.select(pl.all_horizontal(True, pl.all().is_null()).alias("")).to_series() if table.width else None
    above = 0 if empty is None else int(empty.cum_min().sum())
    table = table.slice(above, rows)
    # A cell with a day only comes as its midnight, and one with a time only as that of the first day.
    texts = pl.all().cast(pl.String).str.replace(r"^1899-12-3[01] (\d{2}:\d{2}:\d{2})$", "$1")
    return table.select(texts.str.replace(r"^(\d{4}-\d{2}-\d{2})[ T]00:00:00$", "$1")), above
