"""Two states of a data graph over one table of terms, and what differs between them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from datahub.rdf.frame import TERM_SCHEMA, Frame
from datahub.rdf.interning import Interner
from datahub.rdf.terms import IRI
from datahub.shacl.alignment import outside, runs
from datahub.shacl.data import mask

_SPO = ["s", "p", "o"]


@dataclass(frozen=True, eq=False)
class Change:
    """``before`` and ``after`` share one table of terms, so that a code means the same in both; see `between`. ``lost`` and
    ``gained``: the triples that only one of them has. A triple that moves to another named graph is the same triple."""

    before: Frame
    after: Frame
    lost: pl.DataFrame
    gained: pl.DataFrame

    @classmethod
    def between(cls, before: Frame, after: Frame) -> Change:
        """The change from one frame to another; the codes of ``after`` stay. Blank nodes are the same where their labels are."""
        if before is after:
            return cls(before, after, before.triples.clear(), after.triples.clear())
        if before.terms is not after.terms:
            terms, codes = _joined(after.terms, before.terms)
            before, after = Frame(terms, _with_codes(before.triples, codes)), after.over(terms)
        return cls(before, after, *_different(before, after))

    @classmethod
    def replacing(cls, before: Frame, gone: pl.Series, more: Frame) -> Change:
        """The change that takes from ``before`` all triples of the subjects ``gone`` (their IRIs) and adds ``more``; the codes of
        ``before`` stay. It costs little where both are small."""
        terms, codes = extended(before.terms, more.terms)
        added = _with_codes(more.triples, codes)
        leaves = (terms["kind"] == IRI) & terms["lexical"].is_in(gone.implode())
        moved = mask(added["s"].unique(), terms.height)
        subjects = before.triples["s"]
        leaving = leaves.gather(subjects)
        old, near = before.triples.filter(leaving), Frame(terms, before.triples.filter(moved.gather(subjects)))
        gained = _without(Frame(terms, added), near)
        lost = _without(Frame(terms, old), Frame(terms, added))
        first = before.over(terms)
        if lost.is_empty() and gained.is_empty():
            return cls(first, first, lost, gained)
        stays = before.triples.filter(~leaving)
        there = Frame(terms, near.triples.filter(~leaves.gather(near.triples["s"])))
        return cls(first, Frame(terms, pl.concat([stays, _without(Frame(terms, added), there)])), lost, gained)

    def beside(self, more: Frame) -> Change:
        """The same change with ``more`` in both states; none of its triples is one of those that change."""
        terms, codes = extended(self.after.terms, more.terms)
        added = Frame(terms, _with_codes(more.triples, codes))

        def with_more(state: Frame) -> Frame:
            return Frame(terms, pl.concat([state.triples, _without(added, Frame(terms, state.triples))]))

        after = with_more(self.after)
        return Change(after if self.before is self.after else with_more(self.before), after, self.lost, self.gained)

    @property
    def triples(self) -> Frame:
        """The triples that only one of both states has."""
        return Frame(self.after.terms, pl.concat([self.lost, self.gained]))

    @cached_property
    def union(self) -> Frame:
        """The triples of both states."""
        if self.before.parted:
            return self.before.plus(self.gained)
        return self.after.plus(self.lost)


def _with_codes(triples: pl.DataFrame, codes: pl.Series) -> pl.DataFrame:
    named = [c for c in "spog" if triples[c].null_count() < triples.height]
    return triples.with_columns(codes.gather(triples[c]).alias(c) for c in named)


def _joined(terms: pl.DataFrame, more: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """``terms`` with those of ``more`` appended that it lacks, and the code of each of ``more``; most stand in the same order."""
    seed = secrets.randbits(63)  # nobody can make two terms look the same
    found = runs(*([table.to_struct().hash(seed).to_numpy()] for table in (terms, more)))
    codes = np.zeros(more.height, np.uint32)
    for here, there, length in found:
        codes[there : there + length] = np.arange(here, here + length, dtype=np.uint32)
    left, right = (outside(found, table.height, side).nonzero()[0] for side, table in enumerate((terms, more)))
    rest, (_, others) = recoded([terms[left], more[right]])
    new = rest[len(left) :]
    places = np.concatenate([left, np.arange(terms.height, terms.height + new.height)]).astype(np.uint32)
    codes[right] = places[others.to_numpy()]
    return pl.concat([terms, new], rechunk=True) if new.height else terms, pl.Series(codes)


def _different(before: Frame, after: Frame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The triples of two frames with the same terms that only the one and only the other has."""
    if any(frame.triples["g"].null_count() < len(frame) for frame in (before, after)):
        return _without(before, after), _without(after, before)  # a triple may be there twice
    both = before.triples, after.triples
    found = runs(*([triples[c].to_numpy() for c in _SPO] for triples in both))
    rests = [
        Frame(after.terms, triples.filter(pl.Series(outside(found, triples.height, side))))
        for side, triples in enumerate(both)
    ]
    return _without(rests[0], rests[1]), _without(rests[1], rests[0])


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


def extended(terms: pl.DataFrame, more: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """``terms`` with those of ``more`` appended that it lacks, and the code of each of ``more``; made for few of them."""
    near = terms.with_row_index("code").filter(pl.col("lexical").is_in(more["lexical"].implode()))
    names = list(TERM_SCHEMA)
    known = more.join(near, on=names, how="left", nulls_equal=True, maintain_order="left")["code"]
    new = known.is_null()
    if not new.any():
        return terms, known
    fresh = (new.cum_sum() - 1 + terms.height).cast(pl.UInt32)
    return pl.concat([terms, more.filter(new)], rechunk=True), known.zip_with(~new, fresh)
