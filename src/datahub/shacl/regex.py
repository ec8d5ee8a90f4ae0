"""sh:pattern as XPath means it (XPath Functions 3.1 section 5.6), on distinct strings.

Rust's regex, which Polars runs, covers almost all of XPath's syntax in linear time. What it lacks and shape authors still write
(look-ahead, back-references) falls back to Python's `re`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE}


@dataclass(frozen=True)
class Matcher:
    """A compiled pattern: exactly one of ``rust`` and ``python`` is given."""

    rust: str | None
    python: re.Pattern[str] | None

    def found(self, strings: pl.Series) -> pl.Series:
        """Whether the pattern occurs in each of ``strings``."""
        if self.rust is not None:
            return strings.str.contains(self.rust)
        search = self.python.search if self.python else None
        return pl.Series([search(string) is not None for string in strings] if search else [], dtype=pl.Boolean)


def matcher(regex: str, flags: str) -> Matcher:
    """The matcher of ``regex`` under XPath's ``flags``: i, s, m, x, q.

    Raises:
        ValueError: an unknown flag, or no regular expression.
    """
    if set(flags) - set("ismxq"):
        raise ValueError(flags)
    if "q" in flags:
        regex, flags = re.escape(regex), flags.replace("x", "")
    if "x" in flags:
        regex = _without_space(regex)
    inline = "".join(flag for flag in "ism" if flag in flags)
    rust = f"(?{inline}){_rust(regex)}" if inline else _rust(regex)
    try:
        pl.Series([""]).str.contains(rust)
    except pl.exceptions.ComputeError:
        options = re.NOFLAG
        for flag in inline:
            options |= FLAGS[flag]
        try:
            return Matcher(None, re.compile(regex, options))
        except re.error as error:
            raise ValueError(regex) from error
    return Matcher(rust, None)


_TOKEN = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|\s+", re.DOTALL)


def _without_space(regex: str) -> str:
    """Flag x: white space outside of character classes does not count."""
    return _TOKEN.sub(lambda found: found.group(1) or "", regex)


_SUBTRACTION = re.compile(r"-\[([^\[\]]*)\]\]")
_NAMES = {"i": r"[\p{L}_:]", "c": r"[\p{L}\p{N}\p{M}._:\-]"}
_NAME = re.compile(r"(?<!\\)((?:\\\\)*)\\([ic])")


def _rust(regex: str) -> str:
    """XPath's class subtraction ``[a-z-[aeiou]]``, and its name classes, as Rust spells them."""
    return _NAME.sub(lambda found: found.group(1) + _NAMES[found.group(2)], _SUBTRACTION.sub(r"--[\1]]", regex))
