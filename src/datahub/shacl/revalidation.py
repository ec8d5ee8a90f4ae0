"""Validating only what a change affects, and what was found before for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl

from datahub.rdf.frame import Frame
from datahub.rdf.terms import Term
from datahub.shacl import model as m
from datahub.shacl.change import Change, extended
from datahub.shacl.components import COMPONENTS
from datahub.shacl.data import CODE, Data, codes, mask
from datahub.shacl.dependence import Affected, Dependence
from datahub.shacl.engine import Engine, Rows
from datahub.shacl.report import Report
from datahub.shacl.validation import hierarchy, mentioned

_CODES = ("focus", "value", "path")
"""The columns of results that hold codes of terms."""


def affected(
    shapes: m.Shapes, change: Change, *, also: pl.Series | None = None, ontology: Frame | None = None
) -> Affected:
    """The focus nodes whose results ``change`` can change, by shape; see `datahub.shacl.dependence`.

    ``also``: codes of nodes to take in whether they changed or not. ``ontology``: as `validate` takes it; it is the same in both
    states. Codes are those of the change, and of reports on its states.
    """
    return dependence(shapes, change, ontology).affected(codes([]) if also is None else also)


def dependence(shapes: m.Shapes, change: Change, ontology: Frame | None) -> Dependence:
    """How results of ``shapes`` depend on ``change``."""
    data = Data(change.union, mentioned(shapes), () if ontology is None else hierarchy(ontology))
    return Dependence(Engine(data, shapes, COMPONENTS, datetime.now(UTC)), data.about(change.triples))


def validate_affected(
    frame: Frame, shapes: m.Shapes, which: Affected, *, ontology: Frame | None = None, now: datetime | None = None
) -> Report:
    """The results on those nodes of ``frame`` that ``which`` names: ``frame`` is one of the two states of the change."""
    data = Data(frame, mentioned(shapes), () if ontology is None else hierarchy(ontology))
    engine = Engine(data, shapes, COMPONENTS, now or datetime.now(UTC))
    rows: list[Rows] = []
    unused: list[m.Shape] = []
    checked: list[pl.Series] = []
    wanted = {node: mask(nodes, data.size) for node, nodes in which.results.items()}
    for shape in shapes.targeted:
        focus = engine.focus(shape)
        if not len(focus):
            unused.append(shape)
            continue
        checked.append(focus.codes)
        roots = which.roots[shape.node]
        for found in engine.results(shape, data.nodes(roots.filter(focus.mask.gather(roots)))):
            table = found.table.filter(wanted[found.shape.node].gather(found.table["focus"]))
            if not table.is_empty():
                rows.append(Rows(found.shape, found.constraint, table))
    nodes = pl.concat(checked).n_unique() if checked else 0
    return Report(tuple(rows), data.terms, shapes, tuple(unused), nodes)


def revalidate(
    earlier: Report, before: Frame, after: Frame, *, ontology: Frame | None = None, now: datetime | None = None
) -> Report:
    """The report on ``after``, given that on ``before``: only the results that can differ are found anew.

    It has the results that `validate` gives for ``after`` with the shapes of ``earlier``. Frames without blank nodes, or whose
    blank nodes keep their labels: skolemise first. dh:notInFuture keeps the moment of ``earlier`` where nothing changed.
    """
    change = Change.between(before, after)
    which = affected(earlier.shapes, change, ontology=ontology)
    later = validate_affected(change.after, earlier.shapes, which, ontology=ontology, now=now)
    return merged(earlier, later, which)


def merged(earlier: Report, later: Report, which: Affected) -> Report:
    """``later`` with those results of ``earlier`` that ``which`` does not replace."""
    coded = [found.table[name] for found in earlier.rows for name in _CODES]
    used = pl.concat([codes([]), *coded]).drop_nulls().unique().sort()
    terms, known = extended(later.terms, earlier.terms[used])
    code = pl.repeat(None, earlier.terms.height, dtype=CODE, eager=True).scatter(used, known)
    tables: dict[tuple[Term, m.Constraint], list[pl.DataFrame]] = {}
    for found in later.rows:
        tables.setdefault((found.shape.node, found.constraint), []).append(found.table)
    replaced = {node: mask(nodes, terms.height) for node, nodes in which.results.items()}
    for found in earlier.rows:
        table = found.table.with_columns(code.gather(found.table[name]).alias(name) for name in _CODES)
        kept = table.filter(~replaced[found.shape.node].gather(table["focus"]))
        if not kept.is_empty():
            tables.setdefault((found.shape.node, found.constraint), []).append(kept)
    rows = [
        Rows(shape, constraint, pl.concat(tables[shape.node, constraint], how="diagonal"))
        for shape, constraint in dict.fromkeys(
            pair for root in later.shapes.targeted for pair in _evaluated(later.shapes, root)
        )
        if (shape.node, constraint) in tables
    ]
    return Report(tuple(rows), terms, later.shapes, later.unused, later.focus_nodes)


def _evaluated(shapes: m.Shapes, shape: m.Shape) -> Iterator[tuple[m.Shape, m.Constraint]]:
    """The constraints that can give results, in the order of evaluation."""
    for constraint in shape.constraints:
        if isinstance(constraint, m.Property):
            yield from _evaluated(shapes, shapes.by_node[constraint.shape])
        else:
            yield shape, constraint
