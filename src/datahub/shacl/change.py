"""Two states of a data graph over one table of terms, and what differs between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from datahub.rdf.frame import TERM_SCHEMA, Frame
from datahub.rdf.interning import Interner

_SPO = ["s", "p", "o"]


@dataclass(frozen=True, eq=False)
class Change:
    """``before`` and ``after`` share one table of terms, so that a code means the same in both; see `between`."""

    before: Frame
    after: Frame

    @classmethod
    def between(cls, before: Frame, after: Frame) -> Change:
        """The change from one frame to another; the codes of ``after`` stay. Blank nodes are the same where their labels are."""
        if before.terms is after.terms:
            return cls(before, after)
        terms, (_, codes) = recoded([after.terms, before.terms])
        triples = before.triples.with_columns(codes.gather(before.triples[c]).alias(c) for c in "spog")
        return cls(Frame(terms, triples), Frame(terms, after.triples))

    @cached_property
    def triples(self) -> Frame:
        """The triples that only one of both states has. A triple that moves to another named graph is the same triple."""
        return Frame(self.after.terms, pl.concat([self._lost, _without(self.after, self.before)]))

    @cached_property
    def union(self) -> Frame:
        """The triples of both states."""
        return Frame(self.after.terms, pl.concat([self.after.triples, self._lost])) if self._lost.height else self.after

    @cached_property
    def _lost(self) -> pl.DataFrame:
        return _without(self.before, self.after)


def _without(one: Frame, other: Frame) -> pl.DataFrame:
    """The triples of ``one`` that ``other``, with the same terms, lacks."""
    size = one.terms.height
    if size**3 >= 1 << 64:
        return one.triples.join(other.triples, on=_SPO, how="anti").unique(_SPO)
    key = sum((pl.col(c).cast(pl.UInt64) * size**at for at, c in enumerate(_SPO)), pl.lit(0, pl.UInt64))
    theirs = other.triples.select(key).to_series()
    return one.triples.filter(~key.is_in(theirs.implode())).unique(_SPO)


def recoded(tables: Sequence[pl.DataFrame]) -> tuple[pl.DataFrame, list[pl.Series]]:
    """One table for the terms of ``tables``, that of the first in front, and for each the code there of each of its terms."""
    interner = Interner()
    terms, codes = [pl.DataFrame(schema=TERM_SCHEMA)], []
    for table in tables:
        found, new = interner.codes(interner.keys(table.to_struct()))
        terms.append(table[new])
        codes.append(found.cast(pl.UInt32))
    return pl.concat(terms, rechunk=True), codes
