"""What is refused of a workbook, whatever its format."""

from __future__ import annotations

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.sources.limits import Limits

_MOST_CELLS = 50_000_000


def check(rows: int, columns: int, limits: Limits, part: str | None = None) -> None:
    """Raises `InputError` ``too-large`` for more rows, columns or cells than are read; ``part``: of the archive, with the sheet. A
    library makes room for every cell up to the last, and one far out would take the machine."""
    if rows > limits.max_rows or columns > limits.max_columns or max(rows, 1) * max(columns, 1) > _MOST_CELLS:
        raise too_far(part)


def too_far(part: str | None = None) -> InputError:
    """The error for cells far beyond the data."""
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
        Place(file=part),
    )


def not_spreadsheet() -> InputError:
    """The error for files of another kind, and for broken ones."""
    return InputError(
        "not-spreadsheet",
        Text(
            "This is not a spreadsheet (.xlsx, .ods), or it is damaged.",
            "Ceci n'est pas un classeur (.xlsx, .ods), ou il est abîmé.",
        ),
        Text("Save it again, or save the sheet as CSV.", "Enregistrez-le à nouveau, ou enregistrez la feuille en CSV."),
    )
