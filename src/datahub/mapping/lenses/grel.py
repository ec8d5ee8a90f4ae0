"""Other names of functions: GREL and IDLab functions as the RML-FNML suite calls them, with their own parameter names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from datahub.i18n import Text
from datahub.mapping.lenses.conditions import CONDITIONS
from datahub.mapping.lenses.lens import VALUE, Arguments, Lens, fixed, optional
from datahub.mapping.lenses.text import TEXT

GREL = "http://users.ugent.be/~bjdmeest/function/grel.ttl#"
IDLAB = ("https://w3id.org/imec/idlab/function#", "http://example.com/idlab/function/")


@dataclass(frozen=True)
class Alias:
    """A function by another name: the lens behind it, its parameters by IRI, and the outputs that may be asked for."""

    lens: Lens
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: frozenset[str] = frozenset()


def _substring(a: Arguments) -> pl.Expr:
    start = int(a.text("from"))
    long_enough = a.column().str.len_chars() >= start
    end = a.text("to")
    part = a.column().str.slice(start, int(end) - start if end else None)
    return pl.when(long_enough).then(part)


def _upper_url(a: Arguments) -> pl.Expr:
    upper = a.column().str.to_uppercase()
    return pl.when(upper.str.contains(r"^HTTPS?://")).then(upper).otherwise(pl.concat_str([pl.lit("http://"), upper]))


def _escape(a: Arguments) -> pl.Expr:
    marks = {"html": {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}}.get(a.text("mode"), {})
    return a.column().str.replace_many(list(marks), list(marks.values())) if marks else a.column()


_PLAIN = Text("A function of the RML-FNML suite.", "Une fonction de la suite RML-FNML.")
_BY_NAME = {lens.name: lens for lens in (*TEXT, *CONDITIONS)}


def _grel(name: str, lens: Lens, output: str = "stringOut", **parameters: str) -> tuple[str, Alias]:
    parameters = {"valueParam": "value", "valueParameter": "value", **parameters}
    named = {GREL + parameter: own for parameter, own in parameters.items()}
    return GREL + name, Alias(lens, named, frozenset({GREL + output, GREL + "stringOut"}))


def _idlab(name: str, lens: Lens, output: str = "_stringOut", **parameters: str) -> list[tuple[str, Alias]]:
    return [
        (
            space + name,
            Alias(
                lens,
                {
                    **{space + parameter: own for parameter, own in parameters.items()},
                    **{GREL + name: "value" for name in ("valueParam", "valueParameter")},
                    **{GREL + name: "other" for name in ("valueParam2", "valueParameter2")},
                },
                frozenset({space + output}),
            ),
        )
        for space in IDLAB
    ]


ALIASES: dict[str, Alias] = dict(
    [
        _grel("toUpperCase", _BY_NAME["upper"]),
        _grel("toLowerCase", _BY_NAME["lower"]),
        _grel("string_trim", _BY_NAME["trim"]),
        _grel("string_length", _BY_NAME["length"], "output_number"),
        _grel(
            "string_replace",
            _BY_NAME["replace"],
            param_find="find",
            param_replace="with",
            p_string_find="find",
            p_string_replace="with",
        ),
        _grel("escape", Lens("escape", (VALUE, fixed("mode")), _escape, _PLAIN), modeParam="mode"),
        _grel(
            "string_substring",
            Lens("substring", (VALUE, fixed("from"), optional("to", constant=True)), _substring, _PLAIN),
            p_int_i_from="from",
            p_int_i_opt_to="to",
        ),
        *_idlab("equal", _BY_NAME["equal"], "_boolOut", str1="value", str2="other"),
        *_idlab("notEqual", _BY_NAME["notEqual"], "_boolOut", str1="value", str2="other"),
        *_idlab("toUpperCaseURL", Lens("toUpperCaseURL", (VALUE,), _upper_url, _PLAIN), str="value", _str="value"),
        *_idlab(
            "trueCondition", Lens("trueCondition", (VALUE,), lambda a: a.column(), _PLAIN), str="value", _str="value"
        ),
        *_idlab("alwaysReturnsABC", Lens("alwaysReturnsABC", (), lambda _: pl.lit("ABC"), _PLAIN)),
    ]
)
"""Function IRI to alias."""
