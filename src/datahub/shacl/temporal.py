"""Dates, times and durations of XML Schema as numbers, vectorised (XSD 1.1 part 2, sections 3.3.6 to 3.3.14 and 3.4.26)."""

from __future__ import annotations

import polars as pl

from datahub.rdf.terms import XSD

YEAR, MONTH, DAY = r"(?P<y>-?(?:[1-9][0-9]{3,}|0[0-9]{3}))", r"(?P<mo>[0-9]{2})", r"(?P<d>[0-9]{2})"
CLOCK = r"(?P<h>[0-9]{2}):(?P<mi>[0-9]{2}):(?P<s>[0-9]{2})(?P<f>\.[0-9]+)?"
ZONE = r"(?P<z>Z|[+-][0-9]{2}:[0-9]{2})"

FORMS: dict[str, str] = {
    XSD + "dateTime": rf"^{YEAR}-{MONTH}-{DAY}T{CLOCK}{ZONE}?$",
    XSD + "dateTimeStamp": rf"^{YEAR}-{MONTH}-{DAY}T{CLOCK}{ZONE}$",
    XSD + "date": rf"^{YEAR}-{MONTH}-{DAY}{ZONE}?$",
    XSD + "time": rf"^{CLOCK}{ZONE}?$",
    XSD + "gYearMonth": rf"^{YEAR}-{MONTH}{ZONE}?$",
    XSD + "gYear": rf"^{YEAR}{ZONE}?$",
    XSD + "gMonthDay": rf"^--{MONTH}-{DAY}{ZONE}?$",
    XSD + "gMonth": rf"^--{MONTH}{ZONE}?$",
    XSD + "gDay": rf"^---{DAY}{ZONE}?$",
}
DURATIONS: dict[str, str] = {
    XSD + "duration": r"^(?P<sign>-?)P(?:(?P<y>[0-9]+)Y)?(?:(?P<mo>[0-9]+)M)?(?:(?P<d>[0-9]+)D)?"
    r"(?:T(?:(?P<h>[0-9]+)H)?(?:(?P<mi>[0-9]+)M)?(?:(?P<s>[0-9]+(?:\.[0-9]+)?)S)?)?$",
    XSD + "yearMonthDuration": r"^(?P<sign>-?)P(?:(?P<y>[0-9]+)Y)?(?:(?P<mo>[0-9]+)M)?$",
    XSD + "dayTimeDuration": r"^(?P<sign>-?)P(?:(?P<d>[0-9]+)D)?"
    r"(?:T(?:(?P<h>[0-9]+)H)?(?:(?P<mi>[0-9]+)M)?(?:(?P<s>[0-9]+(?:\.[0-9]+)?)S)?)?$",
}
MICRO = 1_000_000
DAY_MICROS = 86_400 * MICRO
MAX_YEAR = 250_000
"""Years beyond it are valid, and order as this year does: microseconds of a 64-bit instant end there."""


def parse(lexical: pl.Series, datatype: str) -> pl.DataFrame:
    """``lexical`` read as ``datatype`` (a key of `FORMS` or `DURATIONS`).

    Returns the columns ``valid`` (is it in the lexical space), ``instant`` (Int64: microseconds since 1970-01-01, in UTC where
    there is a time zone; the length of a dayTimeDuration in microseconds; months of a yearMonthDuration; null where not valid or
    where the datatype has no order) and ``zoned`` (has a time zone).
    """
    table = lexical.alias("text").to_frame()
    return _durations(table, datatype) if datatype in DURATIONS else _instants(table, FORMS[datatype])


def _instants(table: pl.DataFrame, form: str) -> pl.DataFrame:
    fields = table.select(
        pl.col("text").str.extract_groups(form).alias("g"), pl.col("text").str.contains(form).alias("ok")
    )
    names = [name for name in ("y", "mo", "d", "h", "mi", "s") if f"(?P<{name}>" in form]
    has_clock = "h" in names
    group = pl.col("g").struct.field
    defaults = {"y": 1972, "mo": 1, "d": 1, "h": 0, "mi": 0, "s": 0}
    numbers = [
        (group(name).cast(pl.Int64, strict=False) if name in names else pl.lit(defaults[name], pl.Int64)).alias(name)
        for name in defaults
    ]
    fraction = group("f").fill_null(".").str.slice(1, 6).str.pad_end(6, "0") if has_clock else pl.lit("0")
    zone = group("z")
    offset = (
        pl.when(zone == "Z")
        .then(pl.lit(0, pl.Int64))
        .otherwise(
            zone.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + zone.str.slice(4, 2).cast(pl.Int64, strict=False)
        )
    )
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    read = fields.select(
        "ok",
        *numbers,
        fraction.cast(pl.Int64).alias("f"),  # by its digits: binary floating point can miss a microsecond
        zone.is_not_null().alias("zoned"),
        offset.fill_null(0).alias("offset"),
        sign.cast(pl.Int64).fill_null(1).alias("sign"),
        zone.str.slice(4, 2).cast(pl.Int64, strict=False).fill_null(0).alias("zone_minute"),
    ).with_columns(pl.col("y").clip(-MAX_YEAR, MAX_YEAR))
    y, month, d, h, mi, s, f = (pl.col(name) for name in ("y", "mo", "d", "h", "mi", "s", "f"))
    leap = (y % 4 == 0) & ((y % 100 != 0) | (y % 400 == 0))
    length = pl.when(month.is_in([4, 6, 9, 11])).then(30).when(month == 2).then(28 + leap.cast(pl.Int64)).otherwise(31)
    midnight = (h == 24) & (mi == 0) & (s == 0) & (f == 0)
    valid = (
        pl.col("ok")
        & month.is_between(1, 12)
        & d.is_between(1, length)
        & (h.is_between(0, 23) | midnight)
        & mi.is_between(0, 59)
        & s.is_between(0, 59)
        & (pl.col("offset") <= 14 * 60)
        & (pl.col("zone_minute") <= 59)
    )
    micros = ((_days(y, month, d) * 24 + h) * 60 + mi - pl.col("sign") * pl.col("offset")) * 60 * MICRO + s * MICRO + f
    return read.select(
        valid.fill_null(False).alias("valid"),
        pl.when(valid).then(micros).alias("instant"),
        "zoned",
    )


def _days(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Days since 1970-01-01 in the proleptic Gregorian calendar (the era method: years begin in March)."""
    y = year - (month <= 2).cast(pl.Int64)
    era = y.floordiv(400)
    of_era = y - era * 400
    of_year = (153 * (month + pl.when(month > 2).then(-3).otherwise(9)) + 2).floordiv(5) + day - 1
    return era * 146_097 + of_era * 365 + of_era.floordiv(4) - of_era.floordiv(100) + of_year - 719_468


def _durations(table: pl.DataFrame, datatype: str) -> pl.DataFrame:
    form = DURATIONS[datatype]
    text = pl.col("text")
    valid = text.str.contains(form) & ~text.str.ends_with("P") & ~text.str.ends_with("T")
    group = text.str.extract_groups(form).struct.field
    sign = pl.when(group("sign") == "-").then(-1).otherwise(1)

    def number(name: str) -> pl.Expr:
        return group(name).cast(pl.Float64, strict=False).fill_null(0.0)

    if datatype == XSD + "yearMonthDuration":
        length = number("y") * 12 + number("mo")
    elif datatype == XSD + "dayTimeDuration":
        length = (((number("d") * 24 + number("h")) * 60 + number("mi")) * 60 + number("s")) * MICRO
    else:
        length = pl.lit(None, pl.Float64)  # xsd:duration is only partially ordered
    return table.select(
        valid.fill_null(False).alias("valid"),
        pl.when(valid).then((sign * length).cast(pl.Int64, strict=False)).alias("instant"),
        pl.lit(False).alias("zoned"),
    )
