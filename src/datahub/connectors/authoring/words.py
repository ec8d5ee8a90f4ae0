"""Column names against the words of the vocabulary: “PrixTTC_€”, “prix de vente TTC” and “Price incl. VAT” mean the same."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])|(?<=[A-ZÀ-Ý])(?=[A-ZÀ-Ý][a-zà-ÿ])")
_WORD = re.compile(r"[a-z]+|[0-9]+|[€$£%]")
_BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_EMPTY_WORDS = frozenset(
    {"de", "du", "des", "d", "la", "le", "les", "l", "un", "une", "au", "aux", "en", "et", "ou", "par", "pour", "sur", "n", "no",
     "of", "the", "a", "an", "in", "and", "or", "by", "for", "to", "is", "has", "est"}
)  # fmt: skip
_PREFIX = 0.85
_TYPO = 0.8
_NUMBER_WEIGHT = 0.1
UNKNOWN_WEIGHT = 0.6
"""What a word of a column weighs that no property is called after."""


@lru_cache(maxsize=16_384)
def tokens(name: str) -> tuple[str, ...]:
    """The words of ``name`` in lower case without accents, endings of the plural and words that say nothing.

    >>> tokens("Prix de vente TTC (€)")
    ('prix', 'vente', 'ttc')
    >>> tokens("nbre_pl")
    ('nbre', 'pl')
    """
    found = everything(name)
    return tuple(word for word in found if word not in _EMPTY_WORDS) or found


@lru_cache(maxsize=16_384)
def everything(name: str) -> tuple[str, ...]:
    """All words of ``name`` outside brackets, those that say little as well: “prix par” is not “prix”."""
    outside = _BRACKETS.sub(" ", name)
    text = _CAMEL.sub(" ", outside if _WORD.search(_plain(outside)) else name)
    return tuple(_singular(word) for word in _WORD.findall(_plain(text)))


def bracketed(name: str) -> str:
    """What stands in the brackets of ``name``: often the unit or the currency.

    >>> bracketed("Poids (kg)")
    'kg'
    """
    found = _BRACKETS.search(name)
    return found[0][1:-1].strip() if found else ""


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE"))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def likeness(column: Sequence[str], known: Sequence[str], weights: Mapping[str, float]) -> float:
    """How alike two names are, from 0 to 1: the weight of the words that they share over the weight of all their words.

    Abbreviations (desc, cat, lat) and slips of the pen count a little less than the word itself.
    """
    if not column or not known:
        return 0.0
    left = list(known)
    shared = 0.0
    for word in column:
        best, at = max(((alike(word, other), -number) for number, other in enumerate(left)), default=(0.0, 0))
        if best:
            other = left.pop(-at)
            shared += best * (_weight(word, weights) + _weight(other, weights))
    everything = sum(_weight(word, weights) for word in (*column, *known))
    return shared / everything


def _weight(word: str, weights: Mapping[str, float]) -> float:
    return _NUMBER_WEIGHT if word.isdigit() else weights.get(word, UNKNOWN_WEIGHT)


@lru_cache(maxsize=262_144)
def alike(one: str, other: str) -> float:
    """How alike two words are, from 0 to 1; most pairs of words have nothing in common."""
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and long.startswith(short):
        return _PREFIX
    if (
        len(short) >= 5
        and one[0] == other[0]
        and len(long) - len(short) <= 2
        and difflib.SequenceMatcher(None, one, other).ratio() >= 0.85
    ):
        return _TYPO
    return 0.0
