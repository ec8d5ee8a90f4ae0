"""Lenses on numbers. Lexical forms are kept (``4.20`` stays ``4.20``), so that writing back loses nothing."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import polars as pl

from datahub.i18n import Text
from datahub.mapping.lenses.lens import DECIMAL, INTEGER, VALUE, Arguments, Lens, fixed

_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"
_DOUBLE = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+$"
_INTEGER = r"^[+-]?[0-9]+$"
_SPACES = r"[\s\x{A0}\x{202F}\x{2009}]"

NOT_A_NUMBER = Text("“{value}” is not a decimal number.", "« {value} » n'est pas un nombre décimal.")
WRITE_WITH_A_POINT = Text(
    "Write digits with a point, as 4.20: no comma, no unit, no currency sign.",
    "Écrivez des chiffres avec un point, comme 4.20 : ni virgule, ni unité, ni symbole de monnaie.",
)
WRITE_WITH_A_COMMA = Text(
    "Write digits with a comma, as 4,20: no unit, no currency sign.",
    "Écrivez des chiffres avec une virgule, comme 4,20 : ni unité, ni symbole de monnaie.",
)


def _checked(text: pl.Expr, pattern: str) -> pl.Expr:
    return pl.when(text.str.contains(pattern)).then(text)


def _plain(text: pl.Expr) -> pl.Expr:
    """A decimal, or a double in scientific notation written out."""
    exact = text.map_batches(_written_out, return_dtype=pl.String)
    return pl.when(text.str.contains(_DOUBLE)).then(exact).otherwise(_checked(text, _DECIMAL))


def _written_out(values: pl.Series) -> pl.Series:
    distinct = values.filter(values.str.contains(_DOUBLE)).unique()
    if not len(distinct):
        return values
    done = [
        format(Decimal(value).normalize(), "f") if abs(Decimal(value).adjusted()) < 400 else None for value in distinct
    ]
    return values.replace_strict(distinct, pl.Series(done, dtype=pl.String), default=None, return_dtype=pl.String)


def _decimal(a: Arguments) -> pl.Expr:
    return _checked(a.column().str.replace_all(_SPACES, ""), _DECIMAL)


def _decimal_comma(a: Arguments) -> pl.Expr:
    text = a.column().str.replace_all(_SPACES, "").str.replace_all(",", ".", literal=True)
    return _checked(text, _DECIMAL)


def _integer(a: Arguments) -> pl.Expr:
    return _checked(a.column().str.strip_chars(), _INTEGER)


def _whole(text: pl.Expr, _: Arguments) -> pl.Expr:
    """An integer as it is; a decimal only where its fraction is zero."""
    return _checked(_plain(text).str.replace(r"^([+-]?[0-9]+)\.0*$", "$1"), _INTEGER)


def _times(text: pl.Expr, factor: Decimal) -> pl.Expr:
    """Exact product on distinct values: binary floating point would turn 0.07 × 100 into 7.000000000000001."""

    def multiply(values: pl.Series) -> pl.Series:
        distinct = values.drop_nulls().unique()
        done: list[str | None] = []
        for value in distinct.to_list():
            try:
                done.append(format((Decimal(value) * factor).normalize() + 0, "f"))
            except InvalidOperation:
                done.append(None)
        return values.replace_strict(distinct, pl.Series(done, dtype=pl.String), default=None, return_dtype=pl.String)

    return text.map_batches(multiply, return_dtype=pl.String)


_MARKED = (
    r"^\s*([+-]?)([0-9]{1,3})\s*[°º:]\s*(?:([0-9]{1,2}(?:[.,][0-9]+)?)\s*['′’´:]?\s*)?"
    r"(?:([0-9]{1,2}(?:[.,][0-9]+)?)\s*(?:[\"″”]|['′’´]{2})?\s*)?([NSEWOnsewo]?)\s*$"
)
"""Degrees, and where there are any minutes, seconds and a letter: 44°45'12"N, 5° 22.5' E, 1:30:00 O."""
_PLACES = 7
"""Decimals of a degree, a centimetre: what is read is rounded to them, and so kept by seconds of four decimals."""


def _degrees(a: Arguments) -> pl.Expr:
    groups = a.column().str.extract_groups(_MARKED).struct
    sign, letter = groups.field("1"), groups.field("5").str.to_uppercase()
    whole, minutes, seconds = (
        groups.field(name).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False).fill_null(0.0)
        for name in ("2", "3", "4")
    )
    west = letter.is_in(["S", "W", "O"])
    size = (whole + minutes / 60 + seconds / 3600).round(_PLACES)
    units = (size * 10**_PLACES).round(0).cast(pl.Int64)  # a float may be written as 1e-7
    fraction = (units % 10**_PLACES).cast(pl.String).str.zfill(_PLACES).str.strip_chars_end("0")
    minus = pl.when((west | (sign == "-")) & (units > 0)).then(pl.lit("-")).otherwise(pl.lit(""))
    fraction = pl.when(fraction == "").then(pl.lit("0")).otherwise(fraction)
    value = pl.concat_str(minus, (units // 10**_PLACES).cast(pl.String), pl.lit("."), fraction)
    most = pl.when(letter.is_in(["N", "S"])).then(90.0).otherwise(180.0)
    good = groups.field("2").is_not_null() & (minutes < 60) & (seconds < 60) & (size <= most) & ~(west & (sign == "-"))
    return pl.when(good).then(value)


def _marked(text: pl.Expr, a: Arguments) -> pl.Expr:
    """With whole seconds where these say it all, else with up to four decimals."""
    positive, negative = a.text("letters")[:1], a.text("letters")[1:2]
    value = _plain(text).cast(pl.Float64, strict=False)
    size = value.abs()
    near, exact = (size * 3600).round(2), (size * 3600).round(4)
    total = pl.when((near / 3600).round(_PLACES) == size.round(_PLACES)).then(near).otherwise(exact)
    parts = (total * 10_000).round(0).cast(pl.Int64)
    degrees, minutes, rest = parts // 36_000_000, parts // 600_000 % 60, parts % 600_000
    fraction = (rest % 10_000).cast(pl.String).str.zfill(4).str.strip_chars_end("0")
    seconds = (rest // 10_000).cast(pl.String).str.zfill(2)
    seconds = pl.when(fraction == "").then(seconds).otherwise(pl.concat_str(seconds, pl.lit("."), fraction))
    minutes = minutes.cast(pl.String).str.zfill(2)
    letter = pl.when(value < 0).then(pl.lit(negative)).otherwise(pl.lit(positive))
    written = pl.concat_str(degrees.cast(pl.String), pl.lit("°"), minutes, pl.lit("'"), seconds, pl.lit('"'), letter)
    return pl.when(size <= 180).then(written)


NUMBERS = (
    Lens(
        "decimal",
        (VALUE,),
        _decimal,
        Text("A checked decimal number with a dot.", "Un nombre décimal vérifié, avec un point."),
        lambda text, _: _plain(text),
        DECIMAL,
        partial=True,
        unreadable=NOT_A_NUMBER,
        fix=WRITE_WITH_A_POINT,
    ),
    Lens(
        "decimalComma",
        (VALUE,),
        _decimal_comma,
        Text(
            "A decimal number written with a comma; a dot is read too.",
            "Un nombre décimal écrit avec une virgule ; le point est lu aussi.",
        ),
        lambda text, _: _plain(text).str.replace(".", ",", literal=True),
        DECIMAL,
        partial=True,
        unreadable=NOT_A_NUMBER,
        fix=WRITE_WITH_A_COMMA,
    ),
    Lens(
        "integer",
        (VALUE,),
        _integer,
        Text("A checked whole number.", "Un nombre entier vérifié."),
        _whole,
        INTEGER,
        partial=True,
        unreadable=Text("“{value}” is not a whole number.", "« {value} » n'est pas un nombre entier."),
        fix=Text("Write digits only.", "N'écrivez que des chiffres."),
        loss="precision",
    ),
    Lens(
        "degrees",
        (VALUE, fixed("letters", "NS")),
        _degrees,
        Text(
            "Degrees, minutes and seconds as a decimal number; the letters are written for positive and negative (NS, EW, EO).",
            "Degrés, minutes et secondes en nombre décimal ; les lettres sont celles du positif et du négatif (NS, EW, EO).",
        ),
        _marked,
        DECIMAL,
        partial=True,
        unreadable=Text(
            "“{value}” is not degrees, minutes and seconds.", "« {value} » n'est pas en degrés, minutes et secondes."
        ),
        fix=Text("Write it like 44°45'12\"N.", "Écrivez comme 44°45'12\"N."),
        loss="precision",
    ),
    Lens(
        "scale",
        (VALUE, fixed("factor")),
        lambda a: _times(_decimal(a), Decimal(a.text("factor"))),
        Text(
            "A decimal number times a factor, exactly (change of unit).",
            "Un nombre décimal multiplié par un facteur, exactement (changement d'unité).",
        ),
        lambda text, a: _times(_plain(text), 1 / Decimal(a.text("factor"))),
        DECIMAL,
        partial=True,
        unreadable=NOT_A_NUMBER,
        fix=WRITE_WITH_A_POINT,
    ),
)
