"""What the values of a column look like: every way to read them that fits nearly all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import polars as pl

from datahub.connectors.authoring import coordinates
from datahub.connectors.authoring.kinds import EVIDENCE, Reading, Test, judged, share
from datahub.connectors.codes import codes, folded

MOST = 5_000
"""Distinct values that are looked at."""

DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%Y/%m/%d", "%m/%d/%Y", "%Y%m%d")
TIMES = (
    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f%z",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M",
)  # fmt: skip
_LENGTHS = {"%d/%m/%y": (6, 8), "%Y%m%d": (8, 8)}
YES = ("oui", "yes", "true", "vrai", "o", "y", "1", "x", "✓", "✔", "ok", "v")
NO = ("non", "no", "false", "faux", "n", "0", "-", "✗", "f")
_OPPOSITES = {
    **(
        pairs := {
            "yes": "no",
            "true": "false",
            "vrai": "faux",
            "o": "n",
            "y": "n",
            "1": "0",
            "✓": "✗",
            "✔": "✗",
            "v": "f",
        }
    ),
    **{no: yes for yes, no in pairs.items()},
}
"""What stands for the other truth value where a column has but one; “oui” and “non” else."""
_NUMBER = r"[+-]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?|[+-]?\d+(?:[.,]\d+)?"
_MONEY = re.compile(
    rf"^(?P<before>€|EUR|\$|£|CHF)?\s*(?:{_NUMBER})\s*(?P<after>€|EUR|euros?|\$|£|CHF)?"
    r"(?P<per>\s*(?:/|par)\s*\w+|\s*(?:TTC|HT))?$",
    re.I,
)
_PERCENT = re.compile(rf"^(?:{_NUMBER})\s*%$")
_QUANTITY = re.compile(rf"^(?:\d+\s*[x×]\s*)?({_NUMBER})\s*([a-zA-Zéè.]{{1,12}})$")
_DATE_LIKE = re.compile(r"\d{1,4}[-/. T]?\d{1,2}")
_MARKS = frozenset("-/. :T")
"""What stands between the parts of a date."""
_FEW_DIGITS = re.compile(r"\d{1,5}$")
_IMAGE = re.compile(r"\.(jpe?g|png|gif|webp|svg|avif|tiff?)(\?.*)?$", re.I)
_HOURS = re.compile(r"^(24/7|((Mo|Tu|We|Th|Fr|Sa|Su|PH)([-,](Mo|Tu|We|Th|Fr|Sa|Su|PH))* )?\d{2}:\d{2}-\d{2}:\d{2})")
_PATTERNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "integer": re.compile(r"^[+-]?\d+$"),
        "decimal": re.compile(r"^[+-]?\d+(\.\d+)?$|^[+-]?\d{1,3}([ \u00a0\u202f]\d{3})+(\.\d+)?$"),
        "comma": re.compile(r"^[+-]?\d+([.,]\d+)?$|^[+-]?\d{1,3}([ \u00a0\u202f]\d{3})+(,\d+)?$"),
        "postcode": re.compile(r"^(0[1-9]|[1-8]\d|9[0-5]|97|98)\d{3}$"),
        "insee": re.compile(r"^(0[1-9]|[1-8]\d|9[0-5]|97|98|2[AB])\d{3}$"),
        "department": re.compile(r"^(0?[1-9]|[1-8]\d|9[0-5]|2[AB]|97[1-6])$"),
        "phone": re.compile(r"^(\+|00)\d{1,3}[ .\-]?\(?0?\)?([ .\-]?\d{1,4}){3,6}$|^0[1-9]([ .\-]?\d{2}){4}$"),
        "email": re.compile(r"^[^@\s,;<>]+@[^@\s,;<>]+\.[A-Za-z]{2,}$"),
        "url": re.compile(r"^(https?://|www\.)[^\s]+\.[^\s]+$", re.I),
        "language": re.compile(r"^[a-z]{2}([-_][A-Za-z]{2})?([ ,;|/]+[a-z]{2}([-_][A-Za-z]{2})?)*$"),
    }
)
_COUNTRIES = frozenset(
    {"fr", "france", "be", "belgique", "belgium", "ch", "suisse", "switzerland", "lu", "luxembourg", "de", "allemagne", "germany",
     "es", "espagne", "spain", "it", "italie", "italy", "gb", "uk", "pt", "portugal",
     "nl", "pays-bas", "ie", "irlande", "ca", "canada"}
)  # fmt: skip
_CURRENCIES = frozenset({"eur", "€", "euro", "euros", "usd", "$", "gbp", "£", "chf", "cad"})


def readings(values: pl.Series) -> tuple[Reading, ...]:
    """The ways to read ``values`` (texts, empty cells left out), the most telling first; ``text`` always fits.

    Judged on distinct values, at most `MOST`. A column without values is only ``empty``.
    """
    filled = values.drop_nulls()
    if not len(filled):
        return (Reading("empty"),)
    distinct = filled.unique(maintain_order=True).head(MOST).to_list()
    found = [reading for test in _TESTS if (reading := test(distinct, filled)) is not None]
    return (*sorted(found, key=lambda reading: -EVIDENCE.get(reading.kind, 0.0)), Reading("text"))


def _pattern(kind: str) -> Test:
    pattern = _PATTERNS[kind]
    return lambda distinct, _: judged(kind, distinct, (bool(pattern.match(value)) for value in distinct))


def _department(distinct: list[str], filled: pl.Series) -> Reading | None:
    return _pattern("department")(distinct, filled) if any(len(value) > 1 for value in distinct) else None


def _comma(distinct: list[str], _: pl.Series) -> Reading | None:
    if not any("," in value for value in distinct):
        return None
    return judged("comma", distinct, (bool(_PATTERNS["comma"].match(value)) for value in distinct))


def _decimal(distinct: list[str], _: pl.Series) -> Reading | None:
    if not any("." in value for value in distinct):
        return None
    return judged("decimal", distinct, (bool(_PATTERNS["decimal"].match(value)) for value in distinct))


def _integer(distinct: list[str], _: pl.Series) -> Reading | None:
    if any(len(value) > 1 and value.lstrip("+-").startswith("0") and value.strip("0+-") for value in distinct):
        return None  # leading zeros say something: a code
    return judged("integer", distinct, (bool(_PATTERNS["integer"].match(value)) for value in distinct))


def _price(distinct: list[str], _: pl.Series) -> Reading | None:
    matches = [_MONEY.match(value) for value in distinct]
    signs = [match for match in matches if match and (match["before"] or match["after"])]
    if len(signs) < len(distinct) / 2:
        return None
    fits = [match is not None for match in matches]
    if not all(value[-1:].isdigit() or _affix(value) for value in distinct):
        return None
    ends = _affixes(distinct)
    comma = any(re.search(r"\d,\d", value) for value in distinct)
    return judged("price", distinct, fits, mark="comma" if comma else "decimal", **ends)


def _affix(value: str) -> bool:
    return bool(re.search(r"[^\d\s.,]", value))


def _affixes(distinct: list[str]) -> dict[str, str]:
    """What stands before and after the numbers, where it is the same for all that have it: to be taken off and put back."""
    before = {re.match(r"^[^\d+\-]*", value)[0] for value in distinct}  # type: ignore[index]
    after = {re.search(r"[^\d]*$", value)[0] for value in distinct}  # type: ignore[index]
    prefix, suffix = before - {""}, after - {""}
    same = len(prefix) <= 1 and len(suffix) <= 1
    return {"prefix": next(iter(prefix), ""), "suffix": next(iter(suffix), "")} if same else {"strip": "yes"}


def _percent(distinct: list[str], _: pl.Series) -> Reading | None:
    found = judged("percent", distinct, (bool(_PERCENT.match(value)) for value in distinct))
    if found is None:
        return None
    comma = any("," in value for value in distinct)
    return Reading("percent", found.share, {"mark": "comma" if comma else "decimal", **_affixes(distinct)}, found.odd)


def _quantity(distinct: list[str], _: pl.Series) -> Reading | None:
    known = _unit_words()
    fits = [bool((match := _QUANTITY.match(value)) and folded(match[2].rstrip(".")) in known) for value in distinct]
    comma = any(re.search(r"\d,\d", value) for value in distinct)
    return judged("quantity", distinct, fits, mark="comma" if comma else "decimal")


def _unit(distinct: list[str], filled: pl.Series) -> Reading | None:
    known = _unit_words()
    if len(distinct) > 60 or all(value.isdigit() for value in distinct):
        return None
    return judged("unit", distinct, (folded(value) in known for value in distinct))


@cache
def _unit_words() -> frozenset[str]:
    return frozenset(folded(code) for code in codes("units", "dh:ofnCode label skos:notation")["code"])


def _boolean(distinct: list[str], filled: pl.Series) -> Reading | None:
    words = {folded(value) for value in distinct}
    yes, no = words & set(YES), words & set(NO)
    if len(words) > 4 or words - yes - no or not (yes or no) or words <= {"-"}:
        return None
    if len(words) == 1 and not words & {
        "oui",
        "yes",
        "true",
        "vrai",
        "x",
        "✓",
        "✔",
        "non",
        "no",
        "false",
        "faux",
        "0",
        "1",
    }:
        return None
    # The first word is the one that is written back: as the file has it most often.
    order = filled.value_counts(sort=True)[filled.name].to_list()
    true = [value for value in order if folded(value) in YES] or [_OPPOSITES.get(min(no, default=""), "oui")]
    false = [value for value in order if folded(value) in NO] or [_OPPOSITES.get(min(yes, default=""), "non")]
    return Reading(
        "boolean", 1.0, {"words": f"{true[0]} / {false[0]}", "true": "|".join(true), "false": "|".join(false)}
    )


def _dated(kind: str, formats: tuple[str, ...]) -> Test:
    def test(distinct: list[str], _: pl.Series) -> Reading | None:
        if not any(map(_DATE_LIKE.match, distinct)) or all(map(_FEW_DIGITS.match, distinct)):
            return None
        written = set("".join(distinct))
        possible = [form for form in formats if _MARKS & set(form) <= written]
        if not possible:
            return None
        texts = pl.Series("value", distinct, dtype=pl.String)
        best = max(possible, key=lambda form: share(_parsed(texts, form, kind)))
        chosen, fits = [best], _parsed(texts, best, kind)
        if share(fits) < 0.5:
            return None
        for form in possible:  # a second format where it reads what the first does not
            more = _parsed(texts, form, kind) & ~fits
            if share(more) > 0.02:
                chosen.append(form)
                fits = fits | more
        return judged(kind, distinct, fits.to_list(), format="|".join(chosen))

    return test


def _parsed(texts: pl.Series, form: str, kind: str) -> pl.Series:
    short, long = _LENGTHS.get(form, (0, 99))
    fitting = texts.str.len_chars().is_between(short, long)
    zone = form.endswith("%z")
    if kind == "date":
        read = texts.str.to_date(form, strict=False).is_not_null()
    else:
        plain = texts.str.replace(r"Z$", "+0000") if zone else texts
        read = plain.str.to_datetime(form, strict=False, time_zone="UTC" if zone else None).is_not_null()
    return read & fitting


def _image(distinct: list[str], _: pl.Series) -> Reading | None:
    return judged("image", distinct, (bool(_PATTERNS["url"].match(v) and _IMAGE.search(v)) for v in distinct))


def _hours(distinct: list[str], _: pl.Series) -> Reading | None:
    return judged("hours", distinct, (bool(_HOURS.match(value)) for value in distinct))


def _words(kind: str, known: frozenset[str]) -> Test:
    return lambda distinct, _: judged(kind, distinct, (folded(value) in known for value in distinct))


def _numbered(kind: str, check: str) -> Test:
    """A number with check digits, judged by python-stdnum's module ``check``."""

    def test(distinct: list[str], _: pl.Series) -> Reading | None:
        from importlib import import_module

        module = import_module(f"stdnum.{check}")
        return judged(kind, distinct, (bool(module.is_valid(value)) for value in distinct))

    return test


def _identifier(distinct: list[str], filled: pl.Series) -> Reading | None:
    if len(distinct) < len(filled.head(MOST)) or len(filled) < 2:
        return None
    return judged("identifier", distinct, (bool(re.match(r"^[\w./:\-#]{1,64}$", value)) for value in distinct))


def _prose(distinct: list[str], _: pl.Series) -> Reading | None:
    lengths = sorted(len(value) for value in distinct)
    long = lengths[len(lengths) // 2] > 60 or (lengths[-1] > 120 and sum(lengths) / len(lengths) > 40)
    return Reading("prose") if long and any(" " in value for value in distinct) else None


_TESTS: tuple[Test, ...] = (
    _pattern("email"), _pattern("phone"), _image, _pattern("url"), _numbered("siret", "fr.siret"), _numbered("siren", "fr.siren"),
    _numbered("vat", "eu.vat"), _numbered("ean", "ean"), _hours, coordinates.latlon,
    coordinates.marked("NS"), coordinates.marked("EOW"),
    coordinates.coordinate("latitude", 90), coordinates.coordinate("longitude", 180),
    _price, _percent, _quantity, _unit, _words("currency", _CURRENCIES), _words("country", _COUNTRIES), _pattern("postcode"),
    _pattern("insee"), _department, _pattern("language"), _boolean, _dated("date", DATES), _dated("datetime", TIMES),
    _integer, _decimal, _comma, _identifier, _prose,
)  # fmt: skip
