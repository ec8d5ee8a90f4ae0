"""A change of data that lie elsewhere: only what a check looks at is brought in, in both directions of the paths."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from datahub.rdf.frame import Frame
from datahub.rdf.terms import IRI
from datahub.shacl.change import Change
from datahub.shacl.dependence import Affected
from datahub.shacl.ground import Looked
from datahub.shacl.model import Shapes
from datahub.shacl.revalidation import dependence

Fetch = Callable[[Looked], Frame]
"""Gives triples that are looked at and were not given yet; none where there are no more. It may give more than was asked."""


def surrounded(
    shapes: Shapes, change: Change, also: pl.Series, fetch: Fetch, *, ontology: Frame | None = None
) -> tuple[Change, Affected]:
    """``change`` with all that stays the same and is looked at, and what it affects.

    ``also``: IRIs of nodes to take in whether they changed or not. ``fetch`` is asked until it gives nothing more, as each answer
    can lead further along the paths.
    """
    while True:
        terms = change.after.terms
        nodes = ((terms["kind"] == IRI) & terms["lexical"].is_in(also.implode())).arg_true().cast(pl.UInt32)
        depends = dependence(shapes, change, ontology)
        which = depends.affected(nodes)
        more = fetch(depends.looked(which))
        if not len(more):
            return change, which
        change = change.beside(more)
