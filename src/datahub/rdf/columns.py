"""Terms in columns: what a term map of a mapping yields, and how they are written in N-Triples.

Apart from the frame, whose dictionary of terms a conversion that is written as it goes does without.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from datahub.rdf.terms import BLANK, IRI, XSD_STRING, Term


@dataclass(frozen=True, eq=False)
class Joined:
    """Texts and columns, at least one, after one another, as a template has them; nothing where one of the columns holds nothing.
    Who writes them part by part never needs the ``whole``."""

    parts: tuple[str | pl.Series, ...]

    @cached_property
    def whole(self) -> pl.Series:
        """The text of each position."""
        named = {str(number): part for number, part in enumerate(self.parts)}
        parts = [pl.lit(part) if isinstance(part, str) else pl.col(name) for name, part in named.items()]
        frame = pl.DataFrame({name: part for name, part in named.items() if isinstance(part, pl.Series)})
        return frame.select(pl.concat_str(parts).alias("")).to_series()


@dataclass(frozen=True)
class Column:
    """A column of terms of one kind, datatype and language: what a term map of a mapping yields.

    ``text`` may hold nulls: the positions where the term map gave nothing. ``language`` and ``datatype`` are constants.
    ``plain``: whether it is known that N-Triples escapes nothing in it.
    """

    kind: int
    text: pl.Series | Joined
    datatype: str | None = None
    language: str | None = None
    plain: bool = False

    @property
    def lexical(self) -> pl.Series:
        """The lexical form of each position."""
        return self.text.whole if isinstance(self.text, Joined) else self.text

    @property
    def parts(self) -> tuple[str | pl.Series, ...]:
        """What the lexical forms are made of."""
        return self.text.parts if isinstance(self.text, Joined) else (self.text,)

    @classmethod
    def constant(cls, term: Term, height: int) -> Column:
        """A column that repeats ``term``."""
        lexical = pl.repeat(term.lexical, height, dtype=pl.String, eager=True)
        return cls(term.kind, lexical, term.datatype, term.language)


def framed(term: Column | Term) -> tuple[str, str]:
    """What stands before and after the lexical form of ``term`` in canonical N-Triples (RDF 1.1 N-Triples section 4)."""
    if term.kind == IRI:
        return "<", ">"
    if term.kind == BLANK:
        return "_:", ""
    if term.language:
        return '"', f'"@{term.language.lower()}'
    return '"', '"' if term.datatype in (None, XSD_STRING) else f'"^^<{term.datatype}>'


_CONTROLS = {chr(i): f"\\u{i:04X}" for i in [*range(0x00, 0x20), 0x7F] if chr(i) not in "\b\t\n\f\r"}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", **_CONTROLS}


def escape(text: str) -> str:
    """``text`` as the inside of a literal in canonical N-Triples."""
    return "".join(_ESCAPES.get(c, c) for c in text)


def escaped(text: pl.Expr) -> pl.Expr:
    """`escape` over a column."""
    return text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
