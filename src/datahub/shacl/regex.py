"""sh:pattern as XPath means it (XPath Functions 3.1 section 5.6), on distinct strings.

Rust's regex, which Polars runs, covers almost all of XPath's syntax in linear time. What it lacks and shape authors still write
(look-ahead, back-references) falls back to a backtracking engine, with a limit of time: some patterns would run for ever.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from datahub.errors import InputError
from datahub.i18n import Text

PATIENCE = 10.0
"""Seconds that the fallback may take for all values of one constraint."""
_SHOWN = 80


@dataclass(frozen=True)
class Matcher:
    """A pattern: ``text`` as Rust writes it where ``linear``, else as the fallback does. ``given``: as the shape has it."""

    text: str
    linear: bool
    given: str

    def found(self, strings: pl.Series) -> pl.Series:
        """Whether the pattern occurs in each of ``strings``. Raises `InputError` ``pattern-slow``."""
        if self.linear:
            return strings.str.contains(self.text)
        end = time.monotonic() + PATIENCE
        return pl.Series([self._searched(string, end) for string in strings], dtype=pl.Boolean)

    def _searched(self, string: str, end: float) -> bool:
        try:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            return self._compiled.search(string, timeout=left) is not None
        except TimeoutError:
            raise _slow(self.given, string) from None

    @cached_property
    def _compiled(self) -> Any:
        import regex  # few shapes need it

        return regex.compile(self.text, regex.VERSION0)


def _slow(pattern: str, string: str) -> InputError:
    shown, value = (text if len(text) <= _SHOWN else text[:_SHOWN] + "…" for text in (pattern, string))
    return InputError(
        "pattern-slow",
        Text(
            f"The sh:pattern {shown} takes more than {PATIENCE:.0f} seconds, here on the value “{value}”.",
            f"Le sh:pattern {shown} demande plus de {PATIENCE:.0f} secondes, ici sur la valeur « {value} ».",
        ),
        Text(
            "Write it without repetitions inside of repetitions, or without look-ahead and back-references.",
            "Écrivez-le sans répétitions dans des répétitions, ou sans assertions avant et renvois.",
        ),
    )


def matcher(regex: str, flags: str) -> Matcher:
    """The matcher of ``regex`` under XPath's ``flags``: i, s, m, x, q.

    Raises:
        ValueError: an unknown flag, or no regular expression.
    """
    given = regex
    if set(flags) - set("ismxq"):
        raise ValueError(flags)
    if "q" in flags:
        regex, flags = re.escape(regex), flags.replace("x", "")
    if "x" in flags:
        regex = _without_space(regex)
    inline = "".join(flag for flag in "ism" if flag in flags)
    head = f"(?{inline})" if inline else ""
    rust = head + _rust(regex)
    try:
        pl.Series([""]).str.contains(rust)
    except pl.exceptions.ComputeError:
        found = Matcher(head + (regex if "m" in flags else _to_the_end(regex)), False, given)
        _compilable(found)
        return found
    return Matcher(rust, True, given)


def _compilable(found: Matcher) -> None:
    import regex

    try:
        found._compiled  # noqa: B018 (compiled now, used later)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(found.text) from error


_TOKEN = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|\s+", re.DOTALL)


def _without_space(regex: str) -> str:
    """Flag x: white space outside of character classes does not count."""
    return _TOKEN.sub(lambda found: found.group(1) or "", regex)


def _to_the_end(regex: str) -> str:
    """XPath's ``$`` is the very end of the string, where the fallback's also stands before a last line break."""
    return re.sub(
        r"\\.|\[(?:\\.|[^\]\\])*\]|\$", lambda found: r"\Z" if found[0] == "$" else found[0], regex, flags=re.S
    )


_OPERATORS = re.compile(r"\\.|[&~]", re.S)
"""In classes Rust reads two of these signs as an operator."""
_SUBTRACTION = re.compile(r"-\[([^\[\]]*)\]\]")
_NAMES = {"i": r"[\p{L}_:]", "c": r"[\p{L}\p{N}\p{M}._:\-]"}
_NAME = re.compile(r"(?<!\\)((?:\\\\)*)\\([ic])")


def _rust(regex: str) -> str:
    """XPath's class subtraction ``[a-z-[aeiou]]``, and its name classes, as Rust spells them."""
    plain = _OPERATORS.sub(lambda found: found[0] if len(found[0]) > 1 else "\\" + found[0], regex)
    return _NAME.sub(lambda found: found.group(1) + _NAMES[found.group(2)], _SUBTRACTION.sub(r"--[\1]]", plain))
