"""The order of RDF literals, as SPARQL 1.1 section 17.3 and XSD compare them; what can't be compared is in no relation."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl

from datahub.rdf.frame import TERM_SCHEMA
from datahub.rdf.terms import LITERAL, XSD, XSD_STRING, Term
from datahub.shacl import temporal
from datahub.shacl.datatypes import NUMERIC, well_formed

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FLOATING = frozenset({XSD + "double", XSD + "float"})
ORDERED = (*temporal.FORMS, XSD + "yearMonthDuration", XSD + "dayTimeDuration")
FOURTEEN_HOURS = 14 * 3600 * temporal.MICRO
"""An instant without a time zone may lie 14 hours to either side (XSD 1.1 part 2 section D.2.2)."""


def holds(terms: pl.DataFrame, left: pl.Series, right: pl.Series, sign: str) -> pl.Series:
    """Whether ``left sign right`` for each pair of term codes; ``sign`` is <, <=, > or >=. False where not comparable."""
    keys = _keys(terms, pl.concat([left, right]).unique())
    pairs = pl.DataFrame({"left": left, "right": right})
    both = pairs.join(keys, left_on="left", right_on="code", how="left", maintain_order="left").join(
        keys, left_on="right", right_on="code", how="left", maintain_order="left", suffix="_r"
    )
    compare = OPERATORS[sign]
    number, other = pl.col("number"), pl.col("number_r")
    instant, instant_r = pl.col("instant"), pl.col("instant_r")
    same_zone = pl.col("zoned") == pl.col("zoned_r")
    apart = instant - FOURTEEN_HOURS > instant_r if sign in (">", ">=") else instant + FOURTEEN_HOURS < instant_r
    result = both.select(
        (
            (pl.col("family") == pl.col("family_r"))
            & pl.coalesce(
                compare(number, other) & number.is_not_nan() & other.is_not_nan(),
                pl.when(same_zone).then(compare(instant, instant_r)).otherwise(apart),
                compare(pl.col("text"), pl.col("text_r")),
            )
        )
        .fill_null(False)
        .alias("holds")
    ).to_series()
    return _exact(both, result, compare)


def compared(one: Term, sign: str, two: Term) -> bool:
    """Whether ``one sign two``, for two single literals."""
    terms = pl.DataFrame([one.key, two.key], schema=TERM_SCHEMA, orient="row")
    left, right = (pl.Series([code], dtype=pl.UInt32) for code in (0, 1))
    return bool(holds(terms, left, right, sign)[0])


def _exact(both: pl.DataFrame, result: pl.Series, compare: Callable[[Any, Any], Any]) -> pl.Series:
    """Decides again, in exact decimals, the pairs of integers and decimals that binary floating point cannot tell apart."""
    number, other = pl.col("number"), pl.col("number_r")
    near = (number - other).abs() <= 1e-9 * pl.max_horizontal(number.abs(), other.abs())
    near = near | (number.is_infinite() & other.is_infinite())  # integers of more than 308 digits
    open_pairs = (
        both.with_row_index("at")
        .filter(near & pl.col("exact") & pl.col("exact_r"))
        .select("at", "lexical", "lexical_r")
    )
    if open_pairs.is_empty():
        return result
    distinct = open_pairs.select("lexical", "lexical_r").unique()
    decided = [compare(Decimal(one), Decimal(two)) for one, two in distinct.iter_rows()]
    table = distinct.with_columns(pl.Series("decided", decided, dtype=pl.Boolean))
    joined = open_pairs.join(table, on=["lexical", "lexical_r"], how="left", maintain_order="left")
    return result.scatter(joined["at"], joined["decided"])


def _keys(terms: pl.DataFrame, codes: pl.Series) -> pl.DataFrame:
    """For each code: family (null: not ordered), number, exact, lexical, instant, zoned, text."""
    own = terms[codes].with_columns(codes.alias("code")).filter(pl.col("kind") == LITERAL)
    parts = [_numbers(own.filter(pl.col("datatype").is_in(NUMERIC))), _texts(own)]
    for datatype in set(own["datatype"].unique()) & set(ORDERED):
        parts.append(_instants(own.filter(pl.col("datatype") == datatype), datatype))
    booleans = own.filter(
        (pl.col("datatype") == XSD + "boolean") & pl.col("lexical").is_in(["true", "false", "0", "1"])
    )
    parts.append(_table(booleans, "boolean", instant=pl.col("lexical").is_in(["true", "1"]).cast(pl.Int64)))
    return pl.concat(parts)


def _table(rows: pl.DataFrame, family: str, **columns: pl.Expr) -> pl.DataFrame:
    empty: dict[str, pl.Expr] = {
        "number": pl.lit(None, pl.Float64),
        "exact": pl.lit(False),
        "instant": pl.lit(None, pl.Int64),
        "zoned": pl.lit(False),
        "text": pl.lit(None, pl.String),
    }
    chosen = [expression.alias(name) for name, expression in {**empty, **columns}.items()]
    return rows.select("code", pl.lit(family).alias("family"), "lexical", *chosen)


def _numbers(rows: pl.DataFrame) -> pl.DataFrame:
    valid = rows.clear()
    for datatype in rows["datatype"].unique():
        some = rows.filter(pl.col("datatype") == datatype)
        valid = valid.vstack(some.filter(well_formed(some["lexical"], datatype)))
    number = pl.col("lexical").str.replace("INF", "inf", literal=True).cast(pl.Float64, strict=False)
    return _table(valid, "number", number=number, exact=~pl.col("datatype").is_in(FLOATING))


def _texts(own: pl.DataFrame) -> pl.DataFrame:
    return _table(own.filter(pl.col("datatype") == XSD_STRING), "string", text=pl.col("lexical"))


def _instants(rows: pl.DataFrame, datatype: str) -> pl.DataFrame:
    read = temporal.parse(rows["lexical"], datatype)
    family = XSD + "dateTime" if datatype == XSD + "dateTimeStamp" else datatype
    table = rows.with_columns(read["instant"], read["zoned"]).filter(read["valid"])
    return _table(table, family, instant=pl.col("instant"), zoned=pl.col("zoned"))
