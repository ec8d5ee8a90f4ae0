"""Is this the format that it is said to be? Column names against what a format expects."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from datahub.errors import InputError, Place
from datahub.findings import findings
from datahub.i18n import Text
from datahub.sources.table import Table

_NEAR = 0.75
_TOLD = 3


@dataclass(frozen=True)
class Difference:
    """How the columns of a table differ from those of a format. ``renamed``: pairs (as found, as expected) that are equal but for
    case, accents, spaces and punctuation. ``near``: pairs that are probably misspelt. Their names are in no other list."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    near: tuple[tuple[str, str], ...]


def compare(found: Sequence[str], required: Sequence[str], optional: Sequence[str] = ()) -> Difference:
    """The differences between the column names ``found`` and those of a format; ``missing`` lists required ones only."""
    expected = [*required, *optional]
    absent = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected]
    renamed = []
    for name in list(extra):
        same = [candidate for candidate in absent if _plain(candidate) == _plain(name)]
        if same:
            renamed.append((name, same[0]))
            extra.remove(name)
            absent.remove(same[0])
    near = []
    for name in list(extra):
        close = difflib.get_close_matches(_plain(name), [_plain(candidate) for candidate in absent], 1, _NEAR)
        if close:
            target = next(candidate for candidate in absent if _plain(candidate) == close[0])
            near.append((name, target))
            extra.remove(name)
            absent.remove(target)
    missing = [name for name in absent if name in required]
    return Difference(tuple(missing), tuple(extra), tuple(renamed), tuple(near))


def fit(table: Table, required: Sequence[str], optional: Sequence[str] = (), *, title: Text) -> Table:
    """``table`` with the column names of the format ``title``.

    Names that differ in case, accents, spaces or punctuation are renamed (info ``column-renamed``). Columns that the format
    doesn't know stay and are told (info ``column-unknown``), with the name they may stand for. Optional columns that are absent
    are added, empty. Raises `InputError` ``not-this-format`` with the most telling differences where required columns are missing.
    """
    names = [name for name in table.columns.columns if name not in table.mixed.values()]
    difference = compare(names, required, optional)
    lacking = [*difference.missing, *(target for _, target in difference.near if target in required)]
    if lacking:
        raise InputError("not-this-format", _refusal(names, difference, required, title), place=Place(row=1))
    columns = table.columns.rename(dict(difference.renamed))
    absent = [name for name in [*required, *optional] if name not in columns.columns]
    columns = columns.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    notes = [
        {
            "severity": "info",
            "code": "column-renamed",
            "row": 1,
            "column": found,
            "message_en": f"Column “{found}” was read as “{name}”.",
            "message_fr": f"La colonne « {found} » a été lue comme « {name} ».",
        }
        for found, name in difference.renamed
    ]
    suggestions = dict(difference.near)
    for found in [name for name in names if name in difference.unknown or name in suggestions]:
        name = suggestions.get(found)
        notes.append(
            {
                "severity": "info",
                "code": "column-unknown",
                "row": 1,
                "column": found,
                "message_en": f"Column “{found}” is not part of {title.en}; it was not read.",
                "message_fr": f"La colonne « {found} » ne fait pas partie de {title.fr} ; elle n'a pas été lue.",
                "fix_en": f"Is it “{name}”?" if name else None,
                "fix_fr": f"Est-ce « {name} » ?" if name else None,
            }
        )
    return replace(table, columns=columns, findings=pl.concat([table.findings, findings(notes)]))


def _refusal(names: Sequence[str], difference: Difference, required: Sequence[str], title: Text) -> Text:
    """The sentence that says why this is another format."""
    told = [
        Text(f"“{found}” instead of “{name}”", f"« {found} » au lieu de « {name} »")
        for found, name in difference.near
        if name in required
    ]
    told += [Text(f"no column “{name}”", f"pas de colonne « {name} »") for name in difference.missing]
    if len(names) == 1 and (mark := next((c for c in ",;\t|" if c in names[0]), None)):
        shown = Text("tab", "tabulation") if mark == "\t" else Text(f"“{mark}”", f"« {mark} »")
        separator = Text(
            f"all names are in one column, separated by {shown.en}",
            f"tous les noms sont dans une seule colonne, séparés par {shown.fr}",
        )
        told.insert(0, separator)
    elif len(difference.unknown) > len(names) // 2:
        listed = ", ".join(difference.unknown[:_TOLD])
        told.insert(0, Text(f"unknown columns ({listed})", f"colonnes inconnues ({listed})"))
    more = len(told) - _TOLD
    en, fr = "; ".join(t.en for t in told[:_TOLD]), " ; ".join(t.fr for t in told[:_TOLD])
    if more > 0:
        en, fr = f"{en}; and {more} more", f"{fr} ; et {more} de plus"
    return Text(f"This does not look like {title.en}: {en}.", f"Ceci ne ressemble pas à {title.fr} : {fr}.")


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in decomposed if c.isalnum()) or name
