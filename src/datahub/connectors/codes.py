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
    """The code list for the lookup lens: `Vocabulary.codes` and more ways to find and to write a concept.

    Read: also in lower case without accents, and with a typographic apostrophe. Written: a concept without a code in the first
    notation gets that of its nearest broader concept, which is told as a loss; only where there is none, its label.
    """
    table = vocabulary().codes(scheme, notation)
    first = vocabulary().codes(scheme, notation.split()[0])
    plain = table.with_columns(pl.Series("code", [folded(code) for code in table["code"]], dtype=pl.String))
    # Once accents are gone, several concepts may be meant: “legumes” may be vegetables (fr) or pulses (en).
    several = plain.filter((pl.col("iri").n_unique() > 1).over("code"))["code"].unique()
    curly = pl.col("code").str.replace_all("'", "’", literal=True)
    ways = pl.concat([table, plain, table.with_columns(curly), plain.with_columns(curly)])
    doubtful = pl.col("code").str.to_lowercase().is_in(several.implode())
    return pl.concat(
        [first, _broader(scheme, first), ways.filter(~doubtful | pl.col("code").is_in(first["code"].implode()))]
    )


def _broader(scheme: str, known: pl.DataFrame) -> pl.DataFrame:
    """The code of the nearest broader concept for each concept that has none of its own."""
    own = dict(zip(reversed(known["iri"].to_list()), reversed(known["code"].to_list()), strict=True))
    rows = []
    for concept in vocabulary().concepts(scheme):
        parents, seen = list(concept.parents), {concept.iri}
        while concept.iri not in own and parents:
            parent = parents.pop(0)
            if parent in own:
                rows.append((own[parent], concept.iri))
                break
            if parent not in seen and parent in vocabulary():
                seen.add(parent)
                parents += vocabulary().term(parent).parents
    return pl.DataFrame(rows, schema=known.schema, orient="row")


def folded(text: str) -> str:
    """``text`` in lower case, without accents, typographic apostrophes and spaces that say nothing.

    >>> folded("Sortie  d’autoroute ÉTÉ")
    "sortie d'autoroute ete"
    """
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def listed(scheme: str, notation: str) -> tuple[str, ...]:
    """The codes of the scheme in its first notation, each once, in the order of the list."""
    table = vocabulary().codes(scheme, notation.split()[0])
    return tuple(table["code"].unique(maintain_order=True))


def suggestions(value: str, scheme: str, notation: str) -> tuple[str, ...]:
    """The codes of the scheme that ``value`` resembles, at most three, nearest first."""
    table = vocabulary().codes(scheme, notation)
    by_fold = {folded(code): code for code in reversed(table["code"].to_list())}
    near = difflib.get_close_matches(folded(value), list(by_fold), _TOLD, 0.72)
    return tuple(by_fold[each] for each in near)
