"""Lenses on truth values, dates and codes."""

from __future__ import annotations

import polars as pl

from datahub.i18n import Text
from datahub.mapping.lenses.lens import (
    BOOLEAN,
    DATE,
    DATE_TIME,
    VALUE,
    Arguments,
    Lens,
    fixed,
    optional,
)
from datahub.rdf.terms import SKOS

_ISO_DATE_TIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?$"
)
_ISO = "%Y-%m-%d"


def fold(text: pl.Expr) -> pl.Expr:
    """How codes are compared when they are not equal: trimmed, in lower case."""
    return text.str.strip_chars().str.to_lowercase()


def _boolean(a: Arguments) -> pl.Expr:
    word = fold(a.column())
    return (
        pl.when(word.is_in([w.lower() for w in a.words("true")]))
        .then(pl.lit("true"))
        .when(word.is_in([w.lower() for w in a.words("false")]))
        .then(pl.lit("false"))
    )


def _word(text: pl.Expr, a: Arguments) -> pl.Expr:
    return (
        pl.when(text.is_in(["true", "1"]))
        .then(pl.lit(a.words("true")[0]))
        .when(text.is_in(["false", "0"]))
        .then(pl.lit(a.words("false")[0]))
    )


def _dates(text: pl.Expr, patterns: list[str]) -> pl.Expr:
    return pl.coalesce([text.str.to_date(pattern, strict=False, exact=True) for pattern in patterns])


def _date(a: Arguments) -> pl.Expr:
    return _dates(a.column().str.strip_chars(), a.words("format")).dt.to_string("iso")


def _write_date(text: pl.Expr, a: Arguments) -> pl.Expr:
    return _dates(text.str.slice(0, 10), [_ISO]).dt.strftime(a.words("format")[0])


def _iso(text: pl.Expr) -> pl.Expr:
    fits = text.str.contains(_ISO_DATE_TIME) & text.str.slice(0, 10).str.to_date(_ISO, strict=False).is_not_null()
    return pl.when(fits).then(text.str.replace(" ", "T", literal=True))


def _date_time(a: Arguments) -> pl.Expr:
    text = a.column().str.strip_chars()
    if not a.text("format"):
        return _iso(text)
    tried = []
    for pattern in a.words("format"):
        if _tells_instants(pattern):
            instant = text.str.to_datetime(pattern, strict=False, time_zone="UTC")
            tried.append(instant.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
        else:
            tried.append(text.str.to_datetime(pattern, strict=False).dt.strftime("%Y-%m-%dT%H:%M:%S"))
    return pl.coalesce(tried)


def _tells_instants(pattern: str) -> bool:
    """Whether times in ``pattern`` are the same everywhere: with an offset, or in seconds since 1970 (POSIX)."""
    return "%z" in pattern or "%s" in pattern


def _write_date_time(text: pl.Expr, a: Arguments) -> pl.Expr:
    if not a.text("format"):
        return _iso(text)
    pattern = a.words("format")[0]
    if _tells_instants(pattern):
        zoned = text.str.replace(r"Z$", "+00:00").str.to_datetime(
            "%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_zone="UTC"
        )
        return zoned.dt.strftime(pattern)
    local = (
        _iso(text).str.replace(r"(Z|[+-][0-9]{2}:[0-9]{2})$", "").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False)
    )
    return pl.coalesce(local, _dates(text, [_ISO]).cast(pl.Datetime("us"))).dt.strftime(pattern)


def _lookup(a: Arguments) -> pl.Expr:
    table = a.codes(a.text("scheme"), a.text("property"))
    exact = _replace(a.column(), table["code"], table["iri"])
    folded = table.select(fold(pl.col("code")).alias("code"), "iri").unique("code", keep="first", maintain_order=True)
    found = pl.coalesce(exact, _replace(fold(a.column()), folded["code"], folded["iri"]))
    if a.text("default"):
        found = pl.when(a.column().is_not_null()).then(found.fill_null(a.text("default")))
    return found


def _code(text: pl.Expr, a: Arguments) -> pl.Expr:
    table = a.codes(a.text("scheme"), a.text("property")).unique("iri", keep="first", maintain_order=True)
    return _replace(text, table["iri"], table["code"])


def _replace(text: pl.Expr, old: pl.Series, new: pl.Series) -> pl.Expr:
    first = pl.DataFrame({"old": old, "new": new}).unique("old", keep="first", maintain_order=True)
    return text.replace_strict(first["old"], first["new"], default=None, return_dtype=pl.String)


def pairs(text: str) -> list[tuple[str, str]]:
    """The code pairs of ``a=b|c=d``; ValueError where one has no equals sign."""
    found = [pair.partition("=") for pair in text.split("|")]
    if not all(sign for _, sign, _ in found):
        raise ValueError(text)
    return [(left, right) for left, _, right in found]


def _recode(a: Arguments) -> pl.Expr:
    left, right = zip(*pairs(a.text("pairs")), strict=True)
    return _replace(a.column(), pl.Series(left, dtype=pl.String), pl.Series(right, dtype=pl.String))


def _recode_back(text: pl.Expr, a: Arguments) -> pl.Expr:
    left, right = zip(*pairs(a.text("pairs")), strict=True)
    return _replace(text, pl.Series(right, dtype=pl.String), pl.Series(left, dtype=pl.String))


def _department(a: Arguments) -> pl.Expr:
    """The department of an INSEE commune code (Corsica 2A and 2B, three digits overseas)."""
    code = a.column().str.strip_chars().str.to_uppercase()
    overseas = code.str.contains(r"^9[78][0-9]{3}$")
    mainland = code.str.contains(r"^([0-9]{2}|2[AB])[0-9]{3}$")
    return pl.when(overseas).then(code.str.slice(0, 3)).when(mainland).then(code.str.slice(0, 2))


def _department_of_postcode(a: Arguments) -> pl.Expr:
    """The department of a French postcode; in Corsica 200 and 201 are 2A, 202 and above 2B."""
    code = a.column().str.strip_chars()
    return (
        pl.when(~code.str.contains(r"^[0-9]{5}$"))
        .then(None)
        .when(code.str.contains(r"^9[78]"))
        .then(code.str.slice(0, 3))
        .when(code.str.contains(r"^20[01]"))
        .then(pl.lit("2A"))
        .when(code.str.contains(r"^20"))
        .then(pl.lit("2B"))
        .otherwise(code.str.slice(0, 2))
    )


NOT_IN_LIST = Text(
    "“{value}” is not in the code list.",
    "« {value} » n'est pas dans la liste de codes.",
)
SEE_LIST = Text("Use one of the codes of the list.", "Utilisez l'un des codes de la liste.")

VALUES = (
    Lens(
        "boolean",
        (VALUE, fixed("true", "true|1|oui|yes|vrai"), fixed("false", "false|0|non|no|faux")),
        _boolean,
        Text(
            "A truth value by two lists of words, in any case; the first of each is written back.",
            "Une valeur de vérité selon deux listes de mots ; le premier de chacune est réécrit.",
        ),
        _word,
        BOOLEAN,
        partial=True,
        unreadable=Text("“{value}” is neither a yes nor a no.", "« {value} » n'est ni un oui ni un non."),
        fix=Text("Write “true” or “false”.", "Écrivez « true » ou « false »."),
    ),
    Lens(
        "date",
        (VALUE, fixed("format", _ISO)),
        _date,
        Text(
            "A date in one of the given formats; written back in the first.",
            "Une date dans l'un des formats donnés ; réécrite dans le premier.",
        ),
        _write_date,
        DATE,
        partial=True,
        unreadable=Text("“{value}” is not a date that exists.", "« {value} » n'est pas une date qui existe."),
        fix=Text("Write the date like 2026-05-31.", "Écrivez la date comme 2026-05-31."),
    ),
    Lens(
        "dateTime",
        (VALUE, fixed("format", "")),
        _date_time,
        Text(
            "A date and time, ISO 8601 or in one of the given formats (%s: seconds since 1970).",
            "Une date avec heure, ISO 8601 ou dans l'un des formats donnés (%s : secondes depuis 1970).",
        ),
        _write_date_time,
        DATE_TIME,
        partial=True,
        unreadable=Text("“{value}” is not a date and time.", "« {value} » n'est pas une date avec heure."),
        fix=Text("Write it like 2026-05-31T18:30:00.", "Écrivez-la comme 2026-05-31T18:30:00."),
    ),
    Lens(
        "lookup",
        (
            VALUE,
            fixed("scheme"),
            fixed("property", SKOS + "notation"),
            optional("default", constant=True),
        ),
        _lookup,
        Text(
            "The concept of a code in a SKOS scheme; the code is compared exactly, then without case.",
            "Le concept d'un code dans un schéma SKOS ; le code est comparé exactement, puis sans casse.",
        ),
        _code,
        partial=True,
        code="value-not-in-code-list",
        unreadable=NOT_IN_LIST,
        fix=SEE_LIST,
        loss="not-in-code-list",
    ),
    Lens(
        "recode",
        (VALUE, fixed("pairs")),
        _recode,
        Text("Codes exchanged by an inline list a=b|c=d.", "Codes échangés selon une liste a=b|c=d."),
        _recode_back,
        partial=True,
        code="value-not-in-code-list",
        unreadable=NOT_IN_LIST,
        fix=SEE_LIST,
        loss="not-in-code-list",
    ),
    Lens(
        "department",
        (VALUE,),
        _department,
        Text("The department of an INSEE commune code.", "Le département d'un code commune INSEE."),
    ),
    Lens(
        "departmentOfPostcode",
        (VALUE,),
        _department_of_postcode,
        Text("The department of a French postcode.", "Le département d'un code postal français."),
    ),
)
