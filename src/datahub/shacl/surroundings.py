"""A change of data that lie elsewhere: only what a check looks at is brought in, in both directions of the paths."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from datahub.rdf.frame import Frame, concat
from datahub.rdf.terms import IRI
from datahub.shacl.change import Change
from datahub.shacl.dependence import Affected
from datahub.shacl.ground import Looked
from datahub.shacl.model import Shapes
from datahub.shacl.revalidation import affected

Fetch = Callable[[Looked], Frame]
"""Gives triples that are looked at and were not given yet; none where there are no more. It may give more than was asked."""


def surrounded(
    shapes: Shapes, before: Frame, after: Frame, also: pl.Series, fetch: Fetch, *, ontology: Frame | None = None
) -> tuple[Change, Affected]:
    """The change from ``before`` to ``after`` with all that stays the same and is looked at, and what it affects.

    ``before`` and ``after`` hold what changes, and may be one frame, where nothing does; ``also``: IRIs of nodes to take in whether
    they changed or not. ``fetch`` is asked until it gives nothing more, as each answer can lead further along the paths.
    """
    while True:
        change = Change.between(before, after)
        terms = change.union.terms
        nodes = ((terms["kind"] == IRI) & terms["lexical"].is_in(also.implode())).arg_true().cast(pl.UInt32)
        which = affected(shapes, change, also=nodes, ontology=ontology)
        more = fetch(which.looked)
        if not len(more):
            return change, which
        same = before is after
        after = concat([after, more])
        before = after if same else concat([before, more])
