"""Values of a database driver as text columns with the datatypes of their SQL types (R2RML section 10.2)."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from datahub.rdf.terms import XSD, XSD_STRING
from datahub.sources.natural import decimal, natural
from datahub.sources.table import datatypes_of

_TYPED: dict[type, pl.DataType | None] = {
    bool: pl.Boolean(),
    int: pl.Int64(),
    float: pl.Float64(),
    str: pl.String(),
    bytes: pl.Binary(),
    datetime.date: pl.Date(),
    datetime.datetime: None,
    datetime.time: pl.Time(),
    datetime.timedelta: pl.Duration("us"),
}
"""The column types of Python types; None: as Polars finds it, with or without a time zone."""

_DAY = r"^-?\d{4}-\d{2}-\d{2}$"
_INSTANT = r"^-?\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$"


@dataclass(frozen=True, eq=False)
class Values:
    """A column as ``texts``. ``datatype``: of all of them; or ``datatypes``: of each, where they differ."""

    texts: pl.Series
    datatype: str | None = None
    datatypes: pl.Series | None = None


def column(name: str, values: Sequence[Any], declared: str | None = None) -> Values:
    """The ``values`` as a column of texts, or of lists where they are arrays.

    ``declared``: the datatype that the table declares, for databases that keep booleans, days, instants and decimals as something
    else (SQLite).
    """
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return Values(pl.Series(name, [None] * len(values), dtype=pl.String))
    if kinds == {int, float} and declared == XSD + "decimal":  # SQLite keeps 3.00 as a whole number
        kinds = {float}
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is list:
        return _lists(name, values)
    typed = _typed(name, values, kind) if kind in _TYPED else None
    if typed is None:
        return _each(name, values)
    text, datatype = natural(pl.col(name), typed.dtype)
    if declared is not None:
        text, datatype = _declared(typed, text, datatype, declared)
    return Values(typed.to_frame().select(text.alias(name)).to_series(), datatype)


def _each(name: str, values: Sequence[Any]) -> Values:
    """The values one by one, as they may be of several kinds."""
    found = [_text(value) for value in values]
    texts = pl.Series(name, [text for text, _ in found], dtype=pl.String)
    kinds = {datatype for text, datatype in found if text is not None}
    if len(kinds) < 2:
        return Values(texts, next(iter(kinds), None))
    each = [None if text is None else datatype or XSD_STRING for text, datatype in found]
    return Values(texts, None, pl.Series(datatypes_of(name), each, dtype=pl.String))


def _typed(name: str, values: Sequence[Any], kind: type) -> pl.Series | None:
    """The values as a typed column; None where its type can't hold them."""
    try:
        return pl.Series(name, values, dtype=_TYPED[kind], strict=kind is not float)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
        return None


def _lists(name: str, values: Sequence[Any]) -> Values:
    """Arrays as lists; their items are of one SQL type."""
    found = [[_text(item) for item in value or ()] for value in values]
    texts = [[text for text, _ in items if text is not None] or None for items in found]
    kinds = {datatype for items in found for text, datatype in items if text is not None}
    return Values(pl.Series(name, texts, dtype=pl.List(pl.String)), kinds.pop() if len(kinds) == 1 else None)


def _declared(values: pl.Series, text: pl.Expr, datatype: str | None, declared: str) -> tuple[pl.Expr, str | None]:
    """The text of ``values`` as the ``declared`` datatype where all of them fit it, else as they are."""
    value = pl.col(values.name)
    if declared == XSD + "boolean" and values.dtype.is_integer() and values.is_in([0, 1]).all():
        return pl.when(value == 1).then(pl.lit("true")).when(value == 0).then(pl.lit("false")), declared
    if declared == XSD + "decimal" and values.dtype.is_numeric():
        plain = value.cast(pl.String)
        if not values.to_frame().select(plain.str.contains("[eNi]").any()).item():
            return decimal(plain), declared
    if values.dtype == pl.String and declared == XSD + "date" and values.str.contains(_DAY).all():
        return text, declared
    if values.dtype == pl.String and declared == XSD + "dateTime" and values.str.contains(_INSTANT).all():
        return value.str.replace(" ", "T", literal=True), declared
    return text, datatype


def _text(value: Any) -> tuple[str | None, str | None]:
    """Text and datatype of one value, for what no column type holds: several kinds in one column, arrays, exact decimals."""
    match value:
        case None:
            return None, None
        case bool():
            return ("true" if value else "false"), XSD + "boolean"
        case int():
            return str(value), XSD + "integer"
        case str():
            return value, None
        case Decimal():
            return _decimal(value)
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str), None
        case bytes() | memoryview():
            return bytes(value).hex().upper(), XSD + "hexBinary"
    if type(value) in _TYPED:
        try:
            one = pl.Series("v", [value], dtype=_TYPED[type(value)])
        except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
            return str(value), None
        text, datatype = natural(pl.col("v"), one.dtype)
        made: str | None = one.to_frame().select(text).item()
        return made, datatype
    return str(value), None


def _decimal(value: Decimal) -> tuple[str | None, str | None]:
    """NaN and infinities are no xsd:decimal; they say that there is no number."""
    if not value.is_finite():
        return None, None
    text = format(value, "f")
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return ("0" if short == "-0" else short), XSD + "decimal"
