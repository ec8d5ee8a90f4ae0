"""What both readers of CSV files give, and what both look for."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from datahub.sources.csv_header import Header

DOUBLED = re.compile(rb"\xc3\x83\xc2[\xa0-\xbf]|\xc3\xa2\xe2\x82\xac(?:\xe2\x84\xa2|\xc5\x93|\xe2\x80\x9c)")
"""The letters à to ÿ, and quotes, as they look when UTF-8 is read as Windows-1252 and written as UTF-8 again."""
_STARTS = {b"\x83": b"\xc3\x83\xc2", b"\x82": b"\xc3\xa2\xe2\x82\xac"}
"""How they begin, by the byte of it that is rarest: a single one is found many times faster than several."""


@dataclass(frozen=True, eq=False)
class Records:
    """``columns``: the cells as they stand there, named ``column_0``, ``column_1`` …; ``rows``: the row of each. ``plain``: see
    `datahub.sources.table.Table`. ``spaced``: whether spaces may be in a cell."""

    header: Header
    columns: pl.DataFrame
    rows: pl.Series
    findings: pl.DataFrame
    plain: bool = False
    spaced: bool = True


def twice_converted(text: bytes) -> bool:
    """Whether `DOUBLED` letters may be in ``text``."""
    return any(rare in text and start in text for rare, start in _STARTS.items())
