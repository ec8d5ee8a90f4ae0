"""Lexical forms, and the order of literals."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.rdf.terms import XSD, Term
from datahub.shacl import temporal
from datahub.shacl.datatypes import well_formed
from datahub.shacl.ordering import OPERATORS, compared

FORMS = [
    ("integer", ["0", "-1", "+7", "007"], ["", "1.0", "1e3", " 1", "١"]),
    ("decimal", ["1", "1.", ".5", "-0.0", "+12.50"], ["12,5", "1e3", ".", "INF", "1 000"]),
    ("double", ["1", "1e3", "-1.5E-7", "INF", "-INF", "NaN", "+INF"], ["inf", "1e", "e3", "1,5"]),
    ("token", ["a b", "a\u00a0b", ""], [" a", "a  b", "a\tb"]),
    ("base64Binary", ["YQ==", "YWI=", "YWJj", ""], ["YR==", "YWJ=", "YQ=", "a"]),
    ("boolean", ["true", "false", "0", "1"], ["oui", "True", ""]),
    ("byte", ["127", "-128", "+0"], ["128", "-129", "c", "1.0"]),
    ("unsignedLong", ["18446744073709551615"], ["18446744073709551616", "-1"]),
    ("long", ["9223372036854775807"], ["9223372036854775808", "9" * 60]),
    ("nonNegativeInteger", ["0", "-0", "12"], ["-1", "1.0"]),
    ("positiveInteger", ["1", "+01"], ["0", "-1"]),
    ("negativeInteger", ["-1"], ["0", "-0", "1"]),
    ("date", ["2026-02-28", "2024-02-29", "2026-01-01Z", "2026-01-01+14:00", "-0044-03-15", "12026-01-01"],
     ["2026-02-29", "2026-13-01", "2026-1-1", "01/02/2026", "2026-01-01+15:00", "2026-01-01+01:60", "1900-02-29", "02026-01-01"]),
    ("dateTime", ["2026-01-01T00:00:00", "2026-01-01T24:00:00", "2026-01-01T23:59:59.999Z"],
     ["2026-01-01", "2026-01-01 00:00:00", "2026-01-01T25:00:00", "2026-01-01T24:00:01", "2026-01-01T00:00",
      "2026-01-01T00:00:60"]),
    ("dateTimeStamp", ["2026-01-01T00:00:00Z"], ["2026-01-01T00:00:00"]),
    ("time", ["23:59:59", "24:00:00", "00:00:00.5+01:00"], ["24:00:01", "9:00:00", "12:00"]),
    ("gYear", ["2026", "-0001", "12026Z"], ["26", "2026-01"]),
    ("gYearMonth", ["2026-02"], ["2026-13", "2026"]),
    ("gMonthDay", ["--02-29"], ["--02-30", "02-29"]),
    ("gMonth", ["--12"], ["--13", "12"]),
    ("gDay", ["---31"], ["---32"]),
    ("duration", ["P1Y2M3DT4H5M6.7S", "-P1D", "PT0S"], ["P", "PT", "P1DT", "1D", "P1S"]),
    ("dayTimeDuration", ["P1DT2H"], ["P1Y", "P"]),
    ("yearMonthDuration", ["P1Y2M"], ["P1D", "P"]),
    ("language", ["fr", "fr-BE", "x-klingon"], ["", "fr_BE", "toolonglang"]),
    ("hexBinary", ["", "0aFF"], ["0", "0g"]),
    ("base64Binary", ["", "YWJj", "YWI=", "YQ=="], ["YQ=", "Y", "===="]),
    ("token", ["a b", ""], [" a", "a  b", "a\tb"]),
    ("string", ["", "anything\n"], []),
    ("anyURI", ["https://example.org/"], []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "good", "bad"), FORMS, ids=[form[0] for form in FORMS])
def test_lexical_space(name: str, good: list[str], bad: list[str]) -> None:
    judged = well_formed(pl.Series([*good, *bad], dtype=pl.String), XSD + name)
    assert judged.to_list() == [True] * len(good) + [False] * len(bad)


signs = st.sampled_from(list(OPERATORS))


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**12), max_value=10**12),
    st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**12), max_value=10**12),
    signs,
)
def test_decimals_compare_exactly(one: Decimal, two: Decimal, sign: str) -> None:
    terms = [Term.literal(format(value, "f"), XSD + "decimal") for value in (one, two)]
    assert compared(terms[0], sign, terms[1]) is OPERATORS[sign](one, two)


@given(st.integers(-(10**30), 10**30), st.integers(-1, 1), signs)
def test_long_integers_compare_exactly(one: int, step: int, sign: str) -> None:
    terms = [Term.literal(str(value), XSD + "integer") for value in (one, one + step)]
    assert compared(terms[0], sign, terms[1]) is OPERATORS[sign](one, one + step)


@given(st.dates(), st.dates(), signs)
def test_dates_compare_as_days(one: date, two: date, sign: str) -> None:
    terms = [Term.literal(value.isoformat(), XSD + "date") for value in (one, two)]
    assert compared(terms[0], sign, terms[1]) is OPERATORS[sign](one, two)


zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones)


@given(moments, moments, signs)
def test_date_times_compare_as_instants(one: datetime, two: datetime, sign: str) -> None:
    terms = [Term.literal(value.isoformat(), XSD + "dateTime") for value in (one, two)]
    assert compared(terms[0], sign, terms[1]) is OPERATORS[sign](one, two)


@given(moments)
def test_an_instant_is_counted_from_1970(moment: datetime) -> None:
    read = temporal.parse(pl.Series([moment.isoformat()]), XSD + "dateTime")
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    assert abs(read["instant"][0] - since // timedelta(microseconds=1)) <= 1


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (Term.iri("http://example.org/a"), Term.iri("http://example.org/a")),
        (Term.literal("a", language="fr"), Term.literal("a", language="fr")),
        (Term.literal("1"), Term.literal("1", XSD + "integer")),
        (Term.literal("true", XSD + "boolean"), Term.literal("1", XSD + "integer")),
        (Term.literal("NaN", XSD + "double"), Term.literal("NaN", XSD + "double")),
        (Term.literal("2026-02-30", XSD + "date"), Term.literal("2026-03-30", XSD + "date")),
        (Term.literal("2026-01-01", XSD + "date"), Term.literal("2026-01-02T00:00:00", XSD + "dateTime")),
        (Term.literal("P1M", XSD + "duration"), Term.literal("P31D", XSD + "duration")),
    ],
)
def test_some_values_stand_in_no_order(one: Term, two: Term) -> None:
    assert not any(compared(one, sign, two) for sign in OPERATORS)
