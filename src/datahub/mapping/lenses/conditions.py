"""Functions that decide: conditions give the texts "true" and "false", `fn:if` chooses."""

from __future__ import annotations

import polars as pl

from datahub.i18n import Text
from datahub.mapping.lenses.lens import BOOLEAN, VALUE, Arguments, Lens, Parameter, fixed, optional
from datahub.rdf.terms import NS

_OTHER = Parameter("other")


def truth(test: pl.Expr) -> pl.Expr:
    """The texts "true" and "false" of ``test``; "false" where it is null."""
    return pl.when(test.fill_null(value=False)).then(pl.lit("true")).otherwise(pl.lit("false"))


def _number(text: pl.Expr) -> pl.Expr:
    return text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)


def _all(a: Arguments) -> list[pl.Expr]:
    return [part == "true" for part in a.present("value", "value2", "value3")]


def _free_or_priced(a: Arguments) -> pl.Expr:
    price = _number(a.column())
    free, priced = pl.lit(NS + "price-kinds/free"), pl.lit(NS + "price-kinds/priced")
    return pl.when(price == 0).then(free).when(price > 0).then(priced)


def _if(a: Arguments) -> pl.Expr:
    return pl.when(a.column("condition") == "true").then(a.column("then")).otherwise(a.column("else"))


def _condition(name: str, parameters: tuple[Parameter, ...], test: object, en: str, fr: str) -> Lens:
    assert callable(test)
    return Lens(name, parameters, lambda a: truth(test(a)), Text(en, fr), datatype=BOOLEAN)


CONDITIONS = (
    _condition(
        "equal",
        (VALUE, _OTHER),
        lambda a: a.column() == a.column("other"),
        "Whether two texts are equal.",
        "Si deux textes sont égaux.",
    ),
    _condition(
        "notEqual",
        (VALUE, _OTHER),
        lambda a: a.column().ne_missing(a.column("other")),
        "Whether two texts differ; an empty cell differs from any text.",
        "Si deux textes diffèrent ; une cellule vide diffère de tout texte.",
    ),
    _condition(
        "in",
        (VALUE, fixed("list")),
        lambda a: a.column().is_in(a.words("list")),
        "Whether the text is one of a list a|b|c.",
        "Si le texte est dans une liste a|b|c.",
    ),
    _condition(
        "empty", (VALUE,), lambda a: a.column().is_null(), "Whether the cell is empty.", "Si la cellule est vide."
    ),
    _condition(
        "notEmpty",
        (VALUE,),
        lambda a: a.column().is_not_null(),
        "Whether the cell is filled.",
        "Si la cellule est remplie.",
    ),
    _condition(
        "matches",
        (VALUE, fixed("pattern")),
        lambda a: a.column().str.contains(a.text("pattern")),
        "Whether a regular expression is found in the text.",
        "Si une expression régulière est trouvée dans le texte.",
    ),
    _condition(
        "less",
        (VALUE, _OTHER),
        lambda a: _number(a.column()) < _number(a.column("other")),
        "Whether a number is less than another.",
        "Si un nombre est inférieur à un autre.",
    ),
    _condition(
        "greater",
        (VALUE, _OTHER),
        lambda a: _number(a.column()) > _number(a.column("other")),
        "Whether a number is greater than another.",
        "Si un nombre est supérieur à un autre.",
    ),
    _condition(
        "and",
        (VALUE, optional("value2"), optional("value3")),
        lambda a: pl.all_horizontal(_all(a)),
        "Whether all conditions hold.",
        "Si toutes les conditions sont vraies.",
    ),
    _condition(
        "or",
        (VALUE, optional("value2"), optional("value3")),
        lambda a: pl.any_horizontal(_all(a)),
        "Whether one condition holds.",
        "Si une condition est vraie.",
    ),
    _condition(
        "not",
        (VALUE,),
        lambda a: a.column() != "true",
        "Whether a condition does not hold.",
        "Si une condition est fausse.",
    ),
    Lens(
        "if",
        (Parameter("condition"), Parameter("then"), optional("else")),
        _if,
        Text("One of two values, by a condition.", "L'une de deux valeurs, selon une condition."),
    ),
    Lens(
        "freeOrPriced",
        (VALUE,),
        _free_or_priced,
        Text(
            "The price kind of a price: free where it is zero, priced above.",
            "Le type de prix : gratuit quand il est nul, payant au-dessus.",
        ),
    ),
)
