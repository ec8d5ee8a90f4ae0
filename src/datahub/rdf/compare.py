"""Whether two frames say the same, and in what they differ, blank nodes compared by place and content."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from datahub.rdf.frame import Frame
from datahub.rdf.skolem import skolemise


class Difference(NamedTuple):
    """N-Triples lines (N-Quads where there are graphs) that only one side has, in code point order, blank nodes named."""

    only_left: pl.Series
    only_right: pl.Series

    @property
    def empty(self) -> bool:
        return not len(self.only_left) and not len(self.only_right)


def difference(left: Frame, right: Frame) -> Difference:
    """The triples in which ``left`` and ``right`` differ. Raises `InputError` ``blank-nodes`` as `skolemise` does."""
    ours, theirs = (skolemise(frame).canonical_lines() for frame in (left, right))
    return Difference(ours.filter(~ours.is_in(theirs.implode())), theirs.filter(~theirs.is_in(ours.implode())))


def same(left: Frame, right: Frame) -> bool:
    """Whether both hold the same triples, up to the labels of blank nodes (RDF 1.1 Concepts section 3.6)."""
    return difference(left, right).empty
