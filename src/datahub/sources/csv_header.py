"""The names of the columns of a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.sources.csv_dialect import Dialect


@dataclass(frozen=True)
class Header:
    """``names``: by position, spaces left out. ``unnamed``: positions that have none. ``width``: how many columns there are."""

    names: dict[int, str]
    unnamed: tuple[int, ...]
    width: int


def numbered(width: int, dialect: Dialect) -> Header:
    """The header of a file without header rows (CSVW: ``_col.1``, ``_col.2`` …)."""
    given = [*dialect.names, *(f"_col.{number}" for number in range(len(dialect.names) + 1, width + 1))]
    return Header({at: given[at] for at in range(dialect.skip_columns, width)}, (), width)


def named(record: Sequence[str], dialect: Dialect) -> Header:
    """The header whose cells are ``record``. Raises `InputError` ``csv-header`` for duplicate names and where there is none."""
    cells = [" ".join(cell.replace("\ufeff", "").split()) for cell in record]
    names = {number: cell for number, cell in enumerate(cells) if cell and number >= dialect.skip_columns}
    double = sorted({cell for cell in names.values() if cells.count(cell) > 1})
    row = Place(row=dialect.skip_rows + dialect.header_row)
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
    unnamed = tuple(number for number, cell in enumerate(cells) if not cell and number >= dialect.skip_columns)
    return Header(names, unnamed, len(cells))
