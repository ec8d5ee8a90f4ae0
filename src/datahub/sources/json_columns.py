"""The values that a mapping picks from JSON documents, gathered as columns of text with the datatypes of what is no text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, chain, repeat
from typing import Any

import polars as pl

from datahub.rdf.terms import XSD, XSD_STRING
from datahub.sources import jsonpath
from datahub.sources.json_types import Double, Integer

_TYPES: dict[type, str] = {
    int: XSD + "integer",
    Integer: XSD + "integer",
    Double: XSD + "double",
    bool: XSD + "boolean",
    str: XSD_STRING,
}
_NESTED: set[type] = {dict, list}
_NOTHING = type(None)
_Series = Callable[[str, pl.Series, pl.Series], pl.Series]


@dataclass(frozen=True, eq=False)
class Found:
    """``datatype``: of all values; a series where they have several; None for texts. ``nested``: the places of what is no value."""

    column: pl.Series
    datatype: str | pl.Series | None
    nested: list[int]


@dataclass(frozen=True, eq=False)
class _Part:
    """The ``texts`` of some of the values. ``datatype``: of all that are there, of each where they differ, None where none is.
    ``nested``: the positions of what is no value."""

    texts: pl.Series
    datatype: str | pl.Series | None
    nested: list[int]

    def datatypes(self) -> pl.Series:
        """The datatype of each."""
        if isinstance(self.datatype, pl.Series):
            return self.datatype
        known = pl.when(pl.col("t").is_not_null()).then(pl.lit(self.datatype, pl.String))
        return self.texts.to_frame("t").select(known).to_series()


_ENOUGH = 256
"""How many values become text together: of fewer, each costs more."""


class Gathered:
    """What is at ``path`` in items that come some at a time. It soon becomes text, so that their memory serves for the next."""

    def __init__(self, path: jsonpath.Path) -> None:
        self.path = path
        self._values: list[Any] = []
        self._parts: list[_Part] = []
        self._counts: list[int] = []

    def add(self, items: list[Any], known: jsonpath.Known) -> None:
        """Gathers from more ``items``; ``known``: what was found in them on other paths."""
        if self.path.several:
            values, counts = jsonpath.collect(items, self.path.steps)
            self._counts += counts
        else:
            values = jsonpath.reach(items, self.path.steps, known)
        self._values += values
        if len(self._values) >= _ENOUGH:
            self._settle()

    def _settle(self) -> None:
        self._parts.append(_part(self._values))
        self._values = []

    def found(self) -> Found:
        """The column of what was gathered."""
        if self._values or not self._parts:
            self._settle()
        parts, name = self._parts, self.path.text
        texts = pl.concat([part.texts for part in parts])
        starts = accumulate((len(part.texts) for part in parts), initial=0)
        nested = [start + n for start, part in zip(starts, parts, strict=False) for n in part.nested]
        if self.path.several:
            height = len(self._counts)
            place = list(chain.from_iterable(map(repeat, range(height), self._counts)))
            nested = sorted({place[n] for n in nested})
            series: _Series = partial(_lists, place=pl.Series(place, dtype=pl.UInt32), height=height)
        else:
            series = _singles
        datatype = _together(parts)
        kept = series(f"\0datatype {name}", datatype, texts) if isinstance(datatype, pl.Series) else datatype
        return Found(series(name, texts, texts), kept, nested)


def _part(values: list[Any]) -> _Part:
    first = next((value for value in values if value is not None), None)
    if first is None or type(first) is str:
        try:
            return _Part(pl.Series(values, dtype=pl.String), None if first is None else XSD_STRING, [])
        except TypeError:  # not all are texts and gaps
            pass
    kinds = set(map(type, values))
    nested = [n for n, value in enumerate(values) if type(value) in _NESTED] if kinds & _NESTED else []
    return _Part(_texts(values, kinds), _datatype(values, kinds), nested)


def _together(parts: list[_Part]) -> str | pl.Series | None:
    """The datatype of all values, of each of them where they differ, or None where all are texts."""
    given = [part for part in parts if part.datatype is not None]
    if not _alike(given):
        given = [part for part in given if (part.texts != "").any()]
    if not _alike(given):
        return pl.concat([part.datatypes() for part in parts])
    return given[0].datatype if given and given[0].datatype != XSD_STRING else None


def _alike(parts: list[_Part]) -> bool:
    return all(isinstance(part.datatype, str) and part.datatype == parts[0].datatype for part in parts)


def _singles(name: str, values: pl.Series, texts: pl.Series) -> pl.Series:
    """One of ``values`` per row, null where ``texts`` has none."""
    if values is texts and not (texts == "").any():
        return texts.alias(name)
    return pl.DataFrame({"v": values, "t": texts}).select(pl.when(pl.col("t") != "").then("v").alias(name)).to_series()


def _lists(name: str, values: pl.Series, texts: pl.Series, *, place: pl.Series, height: int) -> pl.Series:
    """Lists of ``values``, those of one row at the same ``place``, left out where ``texts`` has none; a list of nothing is null."""
    cells = pl.DataFrame({"place": place, name: values, "\0text": texts}).filter(pl.col("\0text") != "")
    lists = cells.group_by("place", maintain_order=True).agg(name)
    places = pl.arange(0, height, dtype=pl.UInt32, eager=True).to_frame("place")
    return places.join(lists, on="place", how="left", maintain_order="left")[name]


def _texts(values: list[Any], kinds: set[type]) -> pl.Series:
    try:
        if kinds <= {Double, _NOTHING}:
            return pl.Series(values, dtype=pl.Binary).cast(pl.String)
        if kinds <= {int, _NOTHING}:
            return pl.Series(values, dtype=pl.Int64).cast(pl.String)
    except (OverflowError, TypeError):  # an integer that is larger
        pass
    return pl.Series([_text(value) for value in values], dtype=pl.String)


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else None


def _datatype(values: list[Any], kinds: set[type]) -> str | pl.Series | None:
    if str in kinds:  # an empty text is an empty cell
        kinds = {type(value) for value in values if value != ""}
    named = {_TYPES[kind] for kind in kinds - {_NOTHING, *_NESTED}}
    if len(named) > 1:
        return pl.Series([_TYPES.get(type(value)) for value in values], dtype=pl.String)
    return named.pop() if named else None
