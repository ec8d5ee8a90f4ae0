"""Lenses: each value function forwards and, where it has an inverse, backwards."""

import re
from unicodedata import category

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.mapping.lenses import LENSES, Arguments, Lens
from datahub.mapping.lenses.text import slug_text
from datahub.rdf.terms import FN, NS

CODES = pl.DataFrame({"code": ["kg", "l", "L"], "iri": ["http://u/kg", "http://u/l", "http://u/l"]})
CONSTANTS: dict[str, dict[str, str]] = {
    "split": {"separator": "|"},
    "prefix": {"prefix": "tel:", "suffix": "#me"},
    "default": {"otherwise": "none"},
    "scale": {"factor": "0.01"},
    "recode": {"pairs": "a=1|b=2"},
    "date": {"format": "%d/%m/%Y|%Y-%m-%d"},
    "lookup": {"scheme": "s"},
}


def arguments(lens: Lens, **constants: str) -> Arguments:
    defaults = {p.name: p.default for p in lens.parameters if p.default is not None}
    given_ = {**defaults, **CONSTANTS.get(lens.name, {}), **constants}
    return Arguments({"value": pl.col("v")}, given_, lambda scheme, notation: CODES)


def forward(name: str, *cells: str | None, **constants: str) -> list[str | None]:
    lens = LENSES[FN + name]
    frame = pl.DataFrame({"v": pl.Series(list(cells), dtype=pl.String)})
    return frame.select(lens.forward(arguments(lens, **constants))).to_series().to_list()


def back(name: str, *texts: str | None, **constants: str) -> list[str | None]:
    lens = LENSES[FN + name]
    assert lens.inverse is not None
    frame = pl.DataFrame({"v": pl.Series(list(texts), dtype=pl.String)})
    return frame.select(lens.inverse(pl.col("v"), arguments(lens, **constants))).to_series().to_list()


def test_a_decimal_comma_is_read_and_written_back() -> None:
    assert forward("decimalComma", "4,20", "1 234,5", "4.20", "-0,5", "1.234,50", "abc", "", None) == [
        "4.20", "1234.5", "4.20", "-0.5", None, None, None, None,
    ]  # fmt: skip
    assert back("decimalComma", "4.20", "5", "4.95E0", "x") == ["4,20", "5", "4,95", None]


def test_numbers_are_checked_and_keep_their_digits() -> None:
    assert forward("decimal", "007.50", "1e3", "1,5") == ["007.50", None, None]
    assert forward("integer", " 12 ", "12.0", "x") == ["12", None, None]
    assert back("integer", "12", "12.0", "12.5") == ["12", "12", None]


def test_degrees_minutes_and_seconds_are_read_and_written_back() -> None:
    cells = ["44°45'12\"N", "5° 22' 30\" E", "44° 43' 05.2'' N", "1°30,5′O", "12°S", "-3°15'", "0°00'00\"N", "44:45:12"]
    degrees = ["44.7533333", "5.375", "44.7181111", "-1.5083333", "-12.0", "-3.25", "0.0", "44.7533333"]
    assert forward("degrees", *cells) == degrees
    assert forward("degrees", "44°60'N", "91°N", "181°E", "44.75", "Lyon", "-3°S", "", None) == [None] * 8
    assert back("degrees", *degrees, "200", "x", None) == [
        "44°45'12\"N", "5°22'30\"N", "44°43'05.2\"N", "1°30'30\"S", "12°00'00\"S", "3°15'00\"S", "0°00'00\"N", "44°45'12\"N",
        None, None, None,
    ]  # fmt: skip
    assert back("degrees", "-1.5083333", letters="EO") == ["1°30'30\"O"]


@given(st.integers(-1_800_000_000, 1_800_000_000))
def test_degrees_with_seven_decimals_come_back_exactly(number: int) -> None:
    value = number / 10_000_000
    (written,) = back("degrees", f"{value:.7f}", letters="EW")
    (read,) = forward("degrees", written)
    assert read is not None
    assert re.fullmatch(r"-?\d+\.\d+", read)
    assert float(read) == value


def test_a_scale_is_exact() -> None:
    assert forward("scale", "7", "0.07", "700", "x", factor="100") == ["700", "7", "70000", None]
    assert forward("scale", "7") == ["0.07"]
    assert back("scale", "0.07", "70000") == ["7", "7000000"]


def test_truth_values_go_by_words_in_any_case() -> None:
    assert forward("boolean", "OUI", "0", "Vrai", "peut-être", None) == ["true", "false", "true", None, None]
    assert back("boolean", "true", "0", "x", true="oui|o", false="non|n") == ["oui", "non", None]


def test_dates_go_by_formats_and_must_exist() -> None:
    assert forward("date", "31/05/2026", "2026-05-31", "31/02/2026", "hier") == ["2026-05-31", "2026-05-31", None, None]
    assert back("date", "2026-05-31", "2026-05-31T10:00:00Z", "2026") == ["31/05/2026", "31/05/2026", None]


def test_date_times_are_iso_or_by_format() -> None:
    assert forward("dateTime", "2026-05-31 18:30:00", "2026-05-31T18:30:00+02:00", "2026-02-30T00:00:00") == [
        "2026-05-31T18:30:00", "2026-05-31T18:30:00+02:00", None,
    ]  # fmt: skip
    assert forward("dateTime", "31/05/2026 18:30", format="%d/%m/%Y %H:%M") == ["2026-05-31T18:30:00"]
    assert forward("dateTime", "2026-05-31 18:30 +0200", format="%Y-%m-%d %H:%M %z") == ["2026-05-31T16:30:00Z"]
    assert forward("dateTime", "1773129600", "1e9", format="%s") == ["2026-03-10T08:00:00Z", None]
    assert back("dateTime", "2026-03-10T09:00:00+01:00", "2026-03-10T08:00:00Z", "x", format="%s") == [
        "1773129600", "1773129600", None,
    ]  # fmt: skip
    assert back("dateTime", "2026-05-31T18:30:00", format="%d/%m/%Y %H:%M") == ["31/05/2026 18:30"]
    assert back("dateTime", "2026-05-31T16:30:00Z", format="%Y-%m-%d %H:%M %z") == ["2026-05-31 16:30 +0000"]


def test_codes_and_concepts_exchange() -> None:
    assert forward("lookup", "kg", " KG", "L", "m") == ["http://u/kg", "http://u/kg", "http://u/l", None]
    assert forward("lookup", "m", None, default="http://u/piece") == ["http://u/piece", None]
    assert back("lookup", "http://u/kg", "http://u/l", "http://u/m") == ["kg", "l", None]
    assert forward("recode", "a", "c") == ["1", None]
    assert back("recode", "2", "9") == ["b", None]


def test_text_functions() -> None:
    assert forward("slug", "Ferme des Prés & Cie", "Œufs — plein air", "???", prefix="e/") == [
        "e/ferme-des-pres-et-cie", "e/oeufs-plein-air", None,
    ]  # fmt: skip
    assert forward("part", "a; b ;c", "a", separator=";", index="1") == ["b", None]
    assert forward("part", "a;b", separator=";", index="-1") == ["b"]
    assert forward("match", "lot 12", "rien", pattern=r"(\d+)") == ["12", None]
    assert forward("replace", "a.b.c", find=".", **{"with": "-"}) == ["a-b-c"]
    assert forward("split", "a | |b", None) == [["a", "b"], None]
    assert forward("length", "été") == ["3"]
    assert back("prefix", "tel:1#me", "tel:1", "1#me") == ["1", None, None]
    assert back("iriSafe", "a%20b%2Fc", "%C3%A9", "%FF") == ["a b/c", "é", None]


def test_the_department_of_a_commune_and_of_a_postcode() -> None:
    assert forward("department", "01004", "2a004", "97105", "98735", "1004", "20004x") == [
        "01", "2A", "971", "987", None, None,
    ]  # fmt: skip
    assert forward("departmentOfPostcode", "01500", "20137", "20200", "20600", "97110", "x") == [
        "01", "2A", "2B", "2B", "971", None,
    ]  # fmt: skip


def test_a_price_is_free_or_priced() -> None:
    assert forward("freeOrPriced", "0", "0,00", "4.20", "x", None) == [
        NS + "price-kinds/free", NS + "price-kinds/free", NS + "price-kinds/priced", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "cell", "constants", "expected"),
    [
        ("equal", "a", {"other": "a"}, "true"),
        ("equal", None, {"other": "a"}, "false"),
        ("notEqual", None, {"other": "a"}, "true"),
        ("in", "b", {"list": "a|b"}, "true"),
        ("empty", None, {}, "true"),
        ("notEmpty", None, {}, "false"),
        ("matches", "C-12", {"pattern": "^C"}, "true"),
        ("less", "2", {"other": "10"}, "true"),
        ("greater", "2", {"other": "10"}, "false"),
        ("not", "false", {}, "true"),
        ("and", "true", {"value2": "false"}, "false"),
        ("or", "true", {"value2": "false"}, "true"),
    ],
)
def test_conditions(name: str, cell: str | None, constants: dict[str, str], expected: str) -> None:
    assert forward(name, cell, **constants) == [expected]


cells = st.one_of(
    st.text(max_size=12),
    st.from_regex(r"-?\d{1,4}([.,]\d{1,3})?", fullmatch=True),
    st.dates().map(lambda day: day.strftime("%d/%m/%Y")),
    st.datetimes().map(lambda time: time.isoformat(timespec="seconds")),
    st.sampled_from(["kg", "KG ", "l", "a", "b", "oui", "FALSE", "a|b| c"]),
)
INVERTIBLE = sorted(lens.name for lens in LENSES.values() if lens.inverse is not None and not lens.several)


@pytest.mark.parametrize("name", INVERTIBLE)
@settings(deadline=None)
@given(cell=cells)
def test_what_is_written_back_reads_as_the_same_value(name: str, cell: str) -> None:
    [value] = forward(name, cell)
    [written] = back(name, value)
    assert forward(name, written) == [value]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cn", "Cs"]), max_size=20))
def test_a_slug_of_a_slug_is_itself(text: str) -> None:
    frame = pl.DataFrame({"v": [text]}, schema={"v": pl.String})
    [slug] = frame.select(slug_text(pl.col("v"))).to_series().to_list()
    assert slug is None or forward("slug", slug) == [slug]
    assert slug is None or all(c == "-" or category(c)[0] in "LNM" for c in slug)


def test_every_lens_is_described_in_both_languages() -> None:
    for lens in LENSES.values():
        assert lens.doc.en
        assert lens.doc.fr
        assert lens.doc.en != lens.doc.fr
        if lens.partial:
            assert "{value}" in lens.unreadable.en
            assert "{value}" in lens.unreadable.fr
