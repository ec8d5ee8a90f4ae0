"""Typed columns as text with a datatype: the natural mapping of SQL values (R2RML section 10.2) for whatever has types of its own,
databases, Parquet files and data frames.

The texts are the canonical lexical forms of XML Schema: ``8.025E1`` for a double, ``4.2`` for the decimal 4.20, ``true``, an
instant in UTC with ``Z``, upper case hexadecimal.
"""

from __future__ import annotations

import polars as pl

from datahub.rdf.terms import XSD

_FRACTION = r"(\.\d*?)0+(Z?)$"


def natural(value: pl.Expr, dtype: pl.DataType) -> tuple[pl.Expr, str | None]:
    """The text of ``value``, whose type is ``dtype``, and its datatype IRI (None: plain text).

    Lists stay lists, and lists of lists give all their items; an empty one is null. Texts stay as they are, empty ones too: what
    has types has its own null.
    """
    if isinstance(dtype, (pl.List, pl.Array)):
        items = dtype.inner if isinstance(dtype.inner, pl.DataType) else dtype.inner()
        inner, datatype = natural(pl.element(), items)
        listed = value.arr.to_list() if isinstance(dtype, pl.Array) else value
        texts = listed.list.eval(inner)
        if isinstance(items, (pl.List, pl.Array)):
            texts = texts.list.eval(pl.element().explode())
        texts = texts.list.drop_nulls()
        return pl.when(texts.list.len() > 0).then(texts), datatype
    if dtype.is_integer():
        return value.cast(pl.String), XSD + "integer"
    if dtype.is_float():
        return double(value), XSD + "double"
    if isinstance(dtype, pl.Decimal):
        return decimal(value.cast(pl.String)), XSD + "decimal"
    if isinstance(dtype, pl.Boolean):
        return pl.when(value).then(pl.lit("true")).when(~value).then(pl.lit("false")), XSD + "boolean"
    if isinstance(dtype, pl.Date):
        return value.dt.to_string("%Y-%m-%d"), XSD + "date"
    if isinstance(dtype, pl.Time):
        return _short(value.dt.to_string("%H:%M:%S%.f")), XSD + "time"
    if isinstance(dtype, pl.Datetime):
        instant = value if dtype.time_zone is None else value.dt.convert_time_zone("UTC")
        zone = "" if dtype.time_zone is None else "Z"
        return _short(instant.dt.to_string(f"%Y-%m-%dT%H:%M:%S%.f{zone}")), XSD + "dateTime"
    if isinstance(dtype, pl.Duration):
        return value.dt.to_string("iso"), XSD + "dayTimeDuration"
    if isinstance(dtype, pl.Binary):
        return value.bin.encode("hex").str.to_uppercase(), XSD + "hexBinary"
    if isinstance(dtype, pl.Struct):
        return pl.when(value.is_not_null()).then(value.struct.json_encode()), None
    return value.cast(pl.String), None


_DAYS = 90_000_000
"""Beyond so many days from 1970, a quarter of a million years, Polars knows no day."""


def beyond(value: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """Whether ``value`` is a day or an instant that has no name; None where its type has no such values."""
    if isinstance(dtype, pl.Date):
        days = value.cast(pl.Int64)
    elif isinstance(dtype, pl.Datetime):
        days = value.cast(pl.Int64) // (86_400 * {"ms": 10**3, "us": 10**6, "ns": 10**9}[dtype.time_unit or "us"])
    elif isinstance(dtype, (pl.List, pl.Array)):
        inner = beyond(pl.element(), dtype.inner if isinstance(dtype.inner, pl.DataType) else dtype.inner())
        listed = value.arr.to_list() if isinstance(dtype, pl.Array) else value
        return None if inner is None else listed.list.eval(inner.any()).list.first()
    else:
        return None
    return (days > _DAYS) | (days < -_DAYS)


def double(value: pl.Expr) -> pl.Expr:
    """The canonical form of xsd:double (XML Schema 1.1 part 2, section 3.3.5.2): ``8.025E1``, ``INF``, ``NaN``."""
    text = value.cast(pl.String)
    sign = pl.when(text.str.starts_with("-")).then(pl.lit("-")).otherwise(pl.lit(""))
    mantissa = text.str.strip_prefix("-").str.extract(r"^([0-9.]+)")
    exponent = text.str.extract(r"e([+-]?\d+)$").str.replace("+", "", literal=True).cast(pl.Int32).fill_null(0)
    whole = mantissa.str.extract(r"^(\d*)")
    digits = mantissa.str.replace(".", "", literal=True)
    leading = digits.str.len_bytes().cast(pl.Int32) - digits.str.strip_chars_start("0").str.len_bytes().cast(pl.Int32)
    shown = digits.str.strip_chars("0")
    power = whole.str.len_bytes().cast(pl.Int32) - leading - 1 + exponent
    rest = shown.str.slice(1)
    written = pl.concat_str(
        sign,
        shown.str.slice(0, 1),
        pl.lit("."),
        pl.when(rest == "").then(pl.lit("0")).otherwise(rest),
        pl.lit("E"),
        power.cast(pl.String),
    )
    return (
        pl.when(value.is_nan())
        .then(pl.lit("NaN"))
        .when(value.is_infinite())
        .then(pl.concat_str(sign, pl.lit("INF")))
        .when(value == 0)
        .then(pl.concat_str(sign, pl.lit("0.0E0")))
        .otherwise(written)
    )


def decimal(text: pl.Expr) -> pl.Expr:
    """The canonical form of an xsd:decimal: no zeros at the end of the fraction, no point without one."""
    short = text.str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")
    return pl.when(short == "-0").then(pl.lit("0")).otherwise(short)


def _short(text: pl.Expr) -> pl.Expr:
    """``text`` without zeros at the end of the fraction of its seconds."""
    return text.str.replace(_FRACTION, "$1$2").str.replace(r"\.(Z?)$", "$1")
