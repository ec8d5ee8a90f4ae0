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
        before, after = (frame.triples.unique(_SPO) for frame in (self.before, self.after))
        lost, new = before.join(after, on=_SPO, how="anti"), after.join(before, on=_SPO, how="anti")
        return Frame(self.after.terms, pl.concat([lost, new]))

    @cached_property
    def union(self) -> Frame:
        """The triples of both states."""
        lost = self.before.triples.join(self.after.triples, on=_SPO, how="anti")
        return Frame(self.after.terms, pl.concat([self.after.triples, lost])) if lost.height else self.after


def recoded(tables: Sequence[pl.DataFrame]) -> tuple[pl.DataFrame, list[pl.Series]]:
    """One table for the terms of ``tables``, that of the first in front, and for each the code there of each of its terms."""
    interner = Interner()
    terms, codes = [pl.DataFrame(schema=TERM_SCHEMA)], []
    for table in tables:
        found, new = interner.codes(interner.keys(table.to_struct()))
        terms.append(table[new])
        codes.append(found.cast(pl.UInt32))
    return pl.concat(terms, rechunk=True), codes
