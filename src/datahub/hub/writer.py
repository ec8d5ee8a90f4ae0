"""Writing a push: versions, report and refused records go into the log in one transaction, or not at all."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import polars as pl

from datahub.grouping import groups
from datahub.hub.access import moment
from datahub.hub.datasets import Dataset
from datahub.hub.fingerprint import Fingerprint
from datahub.hub.report import Counts, PushReport, Stage, listing
from datahub.hub.search import PlaceIndex
from datahub.hub.steps import Steps
from datahub.records import Appended, Body, Log
from datahub.records.log import CHANGE_SCHEMA
from datahub.settings import Settings

UNWRITTEN = Appended(None, None, 0)
FINGERPRINT = "fingerprint"
"""The member of a stored report that holds `Writer.fingerprint`. It is nobody's business outside."""


@dataclass(frozen=True)
class Stores:
    """Where a push is written. ``written`` is called after each append to the log, before the index follows."""

    log: Log
    index: PlaceIndex
    settings: Settings
    written: Callable[[], None]


@dataclass
class Writer:
    """One push to one dataset, from its beginning to its report. ``expected``: see `datahub.records.Log.append`. ``fingerprint``:
    see `datahub.hub.fingerprint`."""

    stores: Stores
    dataset: Dataset
    steps: Steps
    mode: str
    dry_run: bool = False
    filename: str | None = None
    by: str | None = None
    expected: int = 0
    fingerprint: Fingerprint | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    _stored: PushReport | None = None

    def write(
        self,
        changes: pl.DataFrame,
        bodies: Sequence[Body],
        refusals: pl.DataFrame,
        counts: Counts,
        findings: pl.DataFrame,
    ) -> Appended:
        """Appends to the log; the report is made when the sequence numbers are known, and stored with them."""
        return self._append(changes, bodies, refusals, lambda appended: self.report(counts, findings, appended))

    def repeat(self, last: PushReport, refusals: pl.DataFrame, note: pl.DataFrame) -> None:
        """Appends a push that comes to the same end as the push ``last`` did, with ``note``, a finding that says so."""
        counts, code = last.counts, note["code"][0]
        unchanged = counts.created + counts.updated + counts.unchanged
        told = [group for group in last.groups if group.code != code]
        listed = [finding for finding in last.findings if finding.code != code]
        before = len(last.groups) - len(told)

        def report(appended: Appended) -> PushReport:
            return replace(
                last,
                id=self.id,
                status="refused" if last.status == "refused" else "unchanged",
                started=self.begun,
                finished=moment(appended.time),
                first_seq=None,
                last_seq=None,
                by=self.by,
                counts=replace(
                    counts, created=0, updated=0, deleted=0, unchanged=unchanged, infos=counts.infos - before + 1
                ),
                stages=tuple(self.steps.done),
                groups=(*told, *groups(note)),
                findings=(*listed, *listing(note, 1))[: self.stores.settings.findings_listed],
                findings_total=last.findings_total - before + 1,
            )

        self._append(pl.DataFrame(schema=CHANGE_SCHEMA), (), refusals, report)

    def _append(
        self,
        changes: pl.DataFrame,
        bodies: Sequence[Body],
        refusals: pl.DataFrame,
        make: Callable[[Appended], PushReport],
    ) -> Appended:
        def report(appended: Appended) -> str:
            so_far = Stage("log", round(time.perf_counter() - began, 6), changes.height)
            made = make(appended)
            self._stored = replace(made, stages=(*made.stages, so_far))
            mark = self.fingerprint.value if self.fingerprint is not None and self.fingerprint.holds() else None
            return json.dumps({**self._stored.to_json(), FINGERPRINT: mark}, ensure_ascii=False)

        began = time.perf_counter()
        with self.steps.stage("log") as items:
            items[0] = changes.height
            appended = self.stores.log.append(
                self.id,
                self.dataset.id,
                changes,
                bodies,
                refusals,
                report,
                expected=self.expected,
                keep=self.stores.settings.kept_refusals,
            )
        self.stores.written()
        return appended

    def report(self, counts: Counts, findings: pl.DataFrame, appended: Appended = UNWRITTEN) -> PushReport:
        """The report on what was found and written."""
        by_severity = dict(findings.group_by("severity").len().iter_rows())
        counts = replace(
            counts,
            violations=by_severity.get("violation", 0),
            warnings=by_severity.get("warning", 0),
            infos=by_severity.get("info", 0),
        )
        changed = counts.created + counts.updated + counts.deleted
        nothing_taken = counts.refused and counts.refused == counts.read
        return PushReport(
            id=self.id,
            dataset=self.dataset.id,
            platform=self.dataset.platform,
            connector=self.dataset.connector,
            mode=self.mode,
            dry_run=self.dry_run,
            status="refused" if nothing_taken else "taken" if changed else "unchanged",
            started=self.begun,
            finished=moment(appended.time) if appended.time else datetime.now(UTC),
            first_seq=appended.first_seq,
            last_seq=appended.last_seq,
            by=self.by,
            filename=self.filename,
            counts=counts,
            stages=tuple(self.steps.done),
            groups=groups(findings),
            findings=listing(findings, self.stores.settings.findings_listed),
            findings_total=findings.height,
        )

    def finished(self) -> PushReport:
        """The stored report with the stages that came after it."""
        assert self._stored is not None
        return self.steps.completed(self._stored)
