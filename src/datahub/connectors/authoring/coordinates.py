"""Columns that hold coordinates: decimal degrees, degrees with minutes and seconds, or both halves in one cell."""

from __future__ import annotations

import re

import polars as pl

from datahub.connectors.authoring.kinds import Reading, Test, judged

_PRECISE = re.compile(r"[+-]?\d{1,3}[.,]\d{3,}$")
_LATLON = re.compile(r"^\(?\s*[+-]?\d{1,2}\.\d{2,}\s*[,;]\s*[+-]?\d{1,3}\.\d{2,}\s*\)?$")
_MARKED = re.compile(
    r"^[+-]?\d{1,3}\s*[°º]\s*(\d{1,2}([.,]\d+)?\s*['′’´]\s*(\d{1,2}([.,]\d+)?\s*"
    r"([\"″”]|['′’´]{2})\s*)?)?(?P<letter>[NSEWO]?)$"
)


def coordinate(kind: str, limit: float) -> Test:
    """Decimal degrees up to ``limit``, at least half of them with three decimals or more."""

    def test(distinct: list[str], _: pl.Series) -> Reading | None:
        if sum(bool(_PRECISE.match(value)) for value in distinct) < 0.5 * len(distinct):
            return None
        numbers = pl.Series(distinct, dtype=pl.String).str.replace(",", ".").cast(pl.Float64, strict=False)
        comma = any("," in value for value in distinct)
        return judged(
            kind, distinct, (numbers.abs() <= limit).fill_null(False).to_list(), mark="comma" if comma else "decimal"
        )

    return test


def marked(letters: str) -> Test:
    """Degrees, minutes and seconds, with one of ``letters`` behind."""

    def test(distinct: list[str], _: pl.Series) -> Reading | None:
        matches = [_MARKED.match(value.upper()) for value in distinct]
        found = {match["letter"] for match in matches if match} - {""}
        if not found or not found <= set(letters):
            return None
        negative = next(iter(found - {letters[0]}), letters[-1])
        return judged(
            f"marked-{'latitude' if letters == 'NS' else 'longitude'}",
            distinct,
            (bool(match) for match in matches),
            letters=letters[0] + negative,
        )

    return test


def latlon(distinct: list[str], _: pl.Series) -> Reading | None:
    """Latitude and longitude in one cell."""
    separator = ";" if all(";" in value for value in distinct) else ","
    return judged("latlon", distinct, (bool(_LATLON.match(value)) for value in distinct), separator=separator)
