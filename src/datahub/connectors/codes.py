"""Code lists for the lookup lens, read with more patience than they are written, and what an unknown code may have meant."""

from __future__ import annotations

import difflib
import unicodedata
from functools import cache

import polars as pl

from datahub.profiles.vocabulary import vocabulary

_TOLD = 3


@cache
def codes(scheme: str, notation: str) -> pl.DataFrame:
    """`Vocabulary.codes`, and after it the same codes in lower case without accents, and with a typographic apostrophe.

    The first row of a concept stays the code that is written.
    """
    table = vocabulary().codes(scheme, notation)
    patient = [table]
    for way in (folded, lambda code: code.replace("'", "’"), lambda code: folded(code).replace("'", "’")):
        patient.append(table.with_columns(pl.Series("code", [way(code) for code in table["code"]], dtype=pl.String)))
    return pl.concat(patient).unique("code", keep="first", maintain_order=True)


def folded(text: str) -> str:
    """``text`` in lower case, without accents, typographic apostrophes and spaces that say nothing.

    >>> folded("Sortie  d’autoroute ÉTÉ")
    "sortie d'autoroute ete"
    """
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def suggestions(value: str, scheme: str, notation: str) -> tuple[str, ...]:
    """The codes of the scheme that ``value`` resembles, at most three, nearest first."""
    table = vocabulary().codes(scheme, notation)
    by_fold = {folded(code): code for code in reversed(table["code"].to_list())}
    near = difflib.get_close_matches(folded(value), list(by_fold), _TOLD, 0.72)
    return tuple(by_fold[each] for each in near)
