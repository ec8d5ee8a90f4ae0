"""What people lay out for the eye and no reader can take: names in two lines, cells merged over several rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.sources import archive
from datahub.sources.limits import Limits
from datahub.sources.office_open import column_number

_MERGED = re.compile(rb"""<mergeCell\s[^>]{0,100}?ref=["']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})["']""")
_TOLD = 3


def refuse_stacked(records: Sequence[Sequence[str]]) -> None:
    """Raises `InputError` ``sample-header`` where the names stand in two lines, some of the upper one for several columns: “Prix”
    above “HT” and “TTC”."""
    at = next((at for at, record in enumerate(records) if sum(map(_word, record)) > 1), None)
    if at is None or at + 2 >= len(records):
        return
    upper, lower = list(records[at]), list(records[at + 1])
    under = [bool(cell.strip()) for cell in lower]
    gaps = [not name.strip() and below for name, below in zip(upper, under, strict=False)]
    words = all(_word(cell) for cell in (*upper, *lower) if cell.strip())
    if len(lower) != len(upper) or not any(gaps) or not words or all(under) or sum(under) < 2:
        return
    above, names = "", []
    for name, below in zip(upper, lower, strict=True):
        above = name.strip() or (above if below.strip() else "")
        names.append(f"{above} {below.strip()}".strip())
    listed = ", ".join(f"“{name}”" for name in names if name)
    liste = ", ".join(f"« {name} »" for name in names if name)
    raise InputError(
        "sample-header",
        Text("The names of the columns stand in two lines.", "Les noms des colonnes tiennent sur deux lignes."),
        Text(
            f"Put each name into one cell of one line: {listed}.",
            f"Mettez chaque nom dans une cellule d'une seule ligne : {liste}.",
        ),
        Place(row=at + 1),
    )


def _word(cell: str) -> bool:
    return bool(re.search(r"[^\W\d_]", cell)) and not re.match(r"\s*[+-]?\d", cell)


def merged(data: bytes, sheet: int, header: Sequence[str | None], table: pl.DataFrame, limits: Limits) -> list[Text]:
    """What is said of columns of the ``sheet`` (counted from 0) in which cells are merged over several rows."""
    wanted = f"xl/worksheets/sheet{sheet + 1}.xml"
    part = next((part for name, part in archive.members(data, limits) if name == wanted), b"")
    ranges: dict[str, list[str]] = {}
    for left, top, right, bottom in _MERGED.findall(part):
        at = column_number(left) - 1
        name = header[at] if at < len(header) else None
        if left == right and int(bottom) > int(top) and name in table.columns and table[name].null_count():
            ranges.setdefault(str(name), []).append(f"{left.decode()}{int(top)}:{right.decode()}{int(bottom)}")
    return [_merged(name, found) for name, found in ranges.items()]


def _merged(name: str, ranges: Sequence[str]) -> Text:
    shown = ", ".join(ranges[:_TOLD]) + (" …" if len(ranges) > _TOLD else "")
    return Text(
        f"“{name}” has cells merged over several rows ({shown}): only the first of these rows has the value. "
        "Unmerge them, and write the value into each row.",
        f"« {name} » a des cellules fusionnées sur plusieurs lignes ({shown}) : seule la première de ces lignes a la valeur. "
        "Défusionnez-les, et écrivez la valeur dans chaque ligne.",
    )
