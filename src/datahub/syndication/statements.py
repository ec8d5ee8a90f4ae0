"""Small RDF graphs written by hand: descriptions of catalogues, feeds and pages, as frames.

For what counts in tens or hundreds of statements. Records never pass through here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import polars as pl

from datahub.i18n import Text
from datahub.rdf.frame import TERM_SCHEMA, TRIPLE_SCHEMA, Frame
from datahub.rdf.terms import RDF_TYPE, XSD, Term


class Statements:
    """Collects statements one by one."""

    def __init__(self) -> None:
        self._codes: dict[Term, int] = {}
        self._triples: dict[tuple[int, int, int], None] = {}

    def _code(self, term: Term) -> int:
        return self._codes.setdefault(term, len(self._codes))

    def add(self, subject: str, predicate: str, value: Term | str | None) -> None:
        """One statement; a string value is an IRI, and None adds nothing."""
        if value is not None:
            term = Term.iri(value) if isinstance(value, str) else value
            codes = (self._code(Term.iri(subject)), self._code(Term.iri(predicate)), self._code(term))
            self._triples[codes] = None

    def a(self, subject: str, *classes: str) -> None:
        """``subject`` is an instance of ``classes``."""
        for name in classes:
            self.add(subject, RDF_TYPE, name)

    def text(self, subject: str, predicate: str, text: Text | None) -> None:
        """The sentence in both languages."""
        if text is not None:
            for lang in ("en", "fr"):
                if text.to(lang):
                    self.add(subject, predicate, Term.literal(text.to(lang), language=lang))

    def each(self, subject: str, predicate: str, values: Iterable[Term | str]) -> None:
        """One statement per value."""
        for value in values:
            self.add(subject, predicate, value)

    def frame(self) -> Frame:
        """All statements as a frame."""
        rows = [(t.kind, t.lexical, t.datatype, t.language) for t in self._codes]
        terms = pl.DataFrame(rows, schema=TERM_SCHEMA, orient="row")
        triples = pl.DataFrame([(*t, None, None) for t in self._triples], schema=TRIPLE_SCHEMA, orient="row")
        return Frame(terms, triples)


def moment(when: datetime) -> Term:
    """A point in time as xsd:dateTime, in UTC and with its zone."""
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return Term.literal(aware.astimezone(UTC).isoformat().replace("+00:00", "Z"), XSD + "dateTime")


def integer(value: int) -> Term:
    """A whole number."""
    return Term.literal(str(value), XSD + "integer")


def boolean(value: bool) -> Term:
    """True or false."""
    return Term.literal("true" if value else "false", XSD + "boolean")
