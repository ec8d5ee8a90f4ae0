"""The verdict on what a push brings, in the state that the push leaves behind.

What came is judged together first, as it came. But what is refused is not stored: its last good version stays, or there is
none. What depends on it is judged again in that state, and refused in its turn where it breaks a rule there. Ever more records
are refused and none is taken back, so this ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from datahub.hub.delta import Beside, judged
from datahub.profiles import class_hierarchy
from datahub.rdf.frame import Frame, concat
from datahub.rdf.split import record_iris
from datahub.shacl import Report, Shapes, validate
from datahub.shacl.change import Change
from datahub.shacl.dependence import Affected
from datahub.shacl.revalidation import affected, merged, validate_affected
from datahub.shacl.surroundings import surrounded


@dataclass(frozen=True, eq=False)
class Verdict:
    """The ``report`` on ``state``, and the IRIs of the records that break a rule there."""

    state: Frame
    report: Report
    broken: pl.Series


class Judge:
    """Judges the records ``names`` of one push. ``beside``: what stands beside a delta; None for a snapshot, which is all there
    is."""

    def __init__(self, names: pl.Series, shapes: Shapes, beside: Beside | None) -> None:
        self._names = names
        self._shapes = shapes
        self._beside = beside

    def first(self, frame: Frame) -> Verdict:
        """The verdict on all that came."""
        if self._beside is None:
            report = validate(frame, self._shapes, ontology=class_hierarchy())
        else:
            whole = concat([frame, self._beside.links])
            frame, report = judged(whole, self._shapes, self._beside.standing)
        return Verdict(frame, report, self._broken(report))

    def again(self, verdict: Verdict, gone: pl.Series, more: Frame, left: pl.Series) -> Verdict | None:
        """The verdict on the records ``left`` where the state has no triples of the subjects ``gone`` any more, and has ``more``;
        None where nothing can be otherwise for them."""
        change = Change.replacing(verdict.state, gone, more)
        if not len(change.triples):
            return None
        change, which = self._affected(change)
        if not self._records(change.after, which).is_in(left.implode()).any():
            return None
        found = validate_affected(change.after, self._shapes, which, ontology=class_hierarchy())
        broken = self._broken(found)
        return Verdict(change.after, merged(verdict.report, found, which), broken.filter(broken.is_in(left.implode())))

    def _affected(self, change: Change) -> tuple[Change, Affected]:
        ontology = class_hierarchy()
        if self._beside is None:
            return change, affected(self._shapes, change, ontology=ontology)
        nothing = pl.Series([], dtype=pl.String)
        return surrounded(self._shapes, change, nothing, self._beside.standing.fetch, ontology=ontology)

    def _records(self, state: Frame, which: Affected) -> pl.Series:
        """The records of the nodes that can have other results."""
        nodes = pl.concat([pl.Series([], dtype=pl.UInt32), *which.results.values()]).unique()
        return record_iris(state.terms["lexical"].gather(nodes.filter(nodes < state.terms.height)), self._names)

    def _broken(self, report: Report) -> pl.Series:
        """Those of the records that break a rule."""
        focus = report.results.filter(pl.col("severity") == "violation")["focus"].unique()
        records = record_iris(report.terms["lexical"].gather(focus), self._names)
        return records.filter(records.is_in(self._names.implode())).unique()
