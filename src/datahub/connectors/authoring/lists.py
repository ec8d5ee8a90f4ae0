"""The values of a column against the code lists of the vocabulary."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from datahub.connectors.codes import codes, folded, suggestions
from datahub.profiles.namespaces import expand
from datahub.profiles.vocabulary import vocabulary

NOTATIONS: Mapping[str, tuple[str, ...]] = {
    "product-types": ("label", "dh:ofnCode"),
    "units": ("dh:ofnCode", "dh:cagetteCode", "dh:iso4217Code", "label", "skos:notation"),
    "certifications": ("label", "skos:notation", "dh:cagetteCode"),
    "place-types": ("dh:bnlcCode", "dh:mobicoopCode", "dh:gtfsCode", "label", "skos:notation"),
    "hospitality-kinds": ("label", "skos:notation"),
    "price-kinds": ("label", "skos:notation"),
    "answers": ("label", "skos:notation", "dh:gtfsCode"),
}
"""The ways in which the concepts of a scheme are written, the first wins where several fit as well."""

SEPARATORS = ("|", ";", ",", "/", " + ")
MOST = 200
"""More values than this are no code list."""


@dataclass(frozen=True)
class ListMatch:
    """Values in a code list. ``notation``: which codes they are. ``found``: value → concept. ``near``: value → the concept that it
    may mean. ``missing``: values that nothing resembles. ``separator``: between several codes in one cell."""

    scheme: str
    notation: str
    found: Mapping[str, str] = field(default_factory=dict)
    near: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    separator: str | None = None

    @property
    def share(self) -> float:
        """How many of the values are codes."""
        count = len(self.found) + len(self.near) + len(self.missing)
        return len(self.found) / count if count else 0.0


def match(distinct: tuple[str, ...], scheme: str) -> ListMatch:
    """The ``distinct`` values of a column in the code list ``scheme``, with the notation that knows most of them; see `nearest`."""
    if len(distinct) > MOST:
        return ListMatch(scheme, "label", missing=distinct[:MOST])
    return _match(distinct, scheme)


@lru_cache(maxsize=4096)
def _match(distinct: tuple[str, ...], scheme: str) -> ListMatch:
    whole = _best(distinct, scheme, None)
    for separator in SEPARATORS:
        if whole.share < 1 and any(separator in value for value in distinct):
            parts = dict.fromkeys(part.strip() for value in distinct for part in value.split(separator) if part.strip())
            split = _best(list(parts), scheme, separator)
            if split.share > whole.share:
                whole = split
    return whole


def nearest(found: ListMatch) -> ListMatch:
    """``found`` with the concepts that its missing values may mean."""
    near = {value: iri for value in found.missing if (iri := _near(found.scheme, value))}
    return replace(found, near=near, missing=tuple(value for value in found.missing if value not in near))


def _best(distinct: Sequence[str], scheme: str, separator: str | None) -> ListMatch:
    ways = NOTATIONS.get(scheme, ("label",))
    written = {*distinct, *(value.strip().casefold() for value in distinct)}
    if all(written.isdisjoint(_table(scheme, way)) for way in ways):
        return ListMatch(scheme, ways[0], missing=tuple(distinct), separator=separator)
    counts = {way: _known(distinct, scheme, way) for way in ways}
    codes_first = [way for way in ways if way != "label"]
    first = max(codes_first, key=lambda way: counts[way], default="label")
    if ways[0] == "label" or not counts[first]:
        first = max(ways, key=lambda way: counts[way])
    notation = first
    if any(counts.values()):
        for way in ways:  # labels beside codes, where they know more
            more = f"{notation} {way}"
            if way != first and _known(distinct, scheme, more) > _known(distinct, scheme, notation):
                notation = more
    found = {value: iri for value in distinct if (iri := _concept(scheme, notation, value))}
    return ListMatch(scheme, notation, found, {}, tuple(value for value in distinct if value not in found), separator)


def _known(distinct: Sequence[str], scheme: str, notation: str) -> int:
    return sum(_concept(scheme, notation, value) is not None for value in distinct)


_PER = re.compile(r"(?:/|\bpar|\bper|\bau|\bla|\bper|\ben|_)\s*([a-zà-ÿ]+)\b\.?", re.I)


def unit_of(title: str) -> str | None:
    """The unit that the title of a column names: “Poids (g)”, “Prix €/kg”, “prix par nuit”.

    >>> unit_of("Prix/nuit")
    'https://w3id.org/datahub/ns/units/night'
    """
    inside = re.findall(r"[(\[]([^)\]]*)[)\]]", title)
    for candidate in [*inside, *(part for each in inside for part in each.split("/")), *_PER.findall(title)]:
        found = _concept("units", "dh:ofnCode label", candidate.strip())
        if found is not None and vocabulary().term(found).codes.get(expand("dh:iso4217Code")) is None:
            return found
    return None


@cache
def _table(scheme: str, notation: str) -> Mapping[str, str]:
    """What `fn:lookup` finds: exact codes, then trimmed and case-folded ones."""
    known: dict[str, str] = {}
    table = codes(scheme, notation)
    for code, iri in table.iter_rows():
        known.setdefault(code, iri)
    for code, iri in table.iter_rows():
        known.setdefault(code.strip().casefold(), iri)
    return known


def _concept(scheme: str, notation: str, value: str) -> str | None:
    table = _table(scheme, notation)
    return table.get(value) or table.get(value.strip().casefold())


def _near(scheme: str, value: str) -> str | None:
    """The concept that a value may mean: a slip of the pen, a plural, or one of several words (“Fruits et légumes”)."""
    table = _table(scheme, "label")
    for near in suggestions(value, scheme, "label"):
        return table.get(near)
    plain = folded(value)
    for part in (plain.rstrip("s"), *plain.replace("&", " et ").replace("/", " et ").split(" et ")):
        for form in (part.strip(), part.strip().rstrip("s"), part.strip() + "s"):
            if len(form) > 2 and form in table:
                return table[form]
    words = plain.split()
    for size in range(len(words) - 1, 0, -1):  # “crémerie fermière”: some of the words are a label
        for at in range(len(words) - size + 1):
            part = " ".join(words[at : at + size])
            if len(part) > 4 and part in table:
                return table[part]
    return None
