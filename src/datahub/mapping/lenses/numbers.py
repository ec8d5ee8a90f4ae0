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
WRITE_A_NUMBER = Text(
    "Write digits with at most one decimal mark, without unit.",
    "Écrivez des chiffres avec au plus un séparateur décimal, sans unité.",
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
        fix=WRITE_A_NUMBER,
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
        fix=WRITE_A_NUMBER,
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
        fix=WRITE_A_NUMBER,
    ),
)
