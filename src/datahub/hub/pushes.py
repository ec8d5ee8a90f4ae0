"""A push, from bytes to report: read, validate, compare, log. Refused records are kept aside; the rest is taken, or nothing is."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from datahub.connectors import connector as load_connector
from datahub.errors import ConflictError, NotFoundError
from datahub.findings import FINDING_SCHEMA
from datahub.hub import ingest, notes
from datahub.hub.access import moment
from datahub.hub.audience import ADMIN, ranks
from datahub.hub.datasets import Dataset, Datasets
from datahub.hub.fields import fields
from datahub.hub.follow import completed, follow_index, frame_of, owners
from datahub.hub.links import lasting, told
from datahub.hub.refusals import refusals
from datahub.hub.report import Counts, PushReport, Stage, groups, listing
from datahub.hub.search import ROW_SCHEMA, PlaceIndex
from datahub.i18n import Text
from datahub.rdf.frame import Frame, concat
from datahub.rdf.split import Records
from datahub.records import Appended, Comparison, Log, compare
from datahub.records.log import CHANGE_SCHEMA, REFUSED_SCHEMA
from datahub.records.visibility import Visibility, rank
from datahub.settings import Settings

Progress = Callable[[str, int, int], None]


@dataclass
class Steps:
    """Times the stages of a push and tells of their progress."""

    progress: Progress | None
    done: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[list[int]]:
        """One stage. The caller puts the number of items into the list."""
        items = [0]
        if self.progress is not None:
            self.progress(name, 0, 0)
        began = time.perf_counter()
        yield items
        self.done.append(Stage(name, round(time.perf_counter() - began, 6), items[0]))
        if self.progress is not None:
            self.progress(name, items[0], items[0])

    def completed(self, report: PushReport) -> PushReport:
        """``report`` with the stages so far."""
        return replace(report, stages=tuple(self.done))


class Pushes:
    """Takes pushes, and finds their reports again."""

    def __init__(self, log: Log, index: PlaceIndex, datasets: Datasets, settings: Settings) -> None:
        self._log = log
        self._index = index
        self._datasets = datasets
        self._settings = settings

    def push(
        self,
        dataset_id: str,
        data: bytes | Path | None,
        *,
        mode: str = "snapshot",
        dry_run: bool = False,
        filename: str | None = None,
        media_type: str | None = None,
        deletions: Sequence[str] = (),
        allow_deletions: bool = False,
        progress: Progress | None = None,
        by: str | None = None,
    ) -> PushReport:
        """Takes one delivery of a dataset.

        ``mode``: a snapshot is the whole dataset, what it lacks is deleted; a delta is part of it. ``deletions``: records that a
        delta deletes, by IRI or relative to the base of the dataset. ``allow_deletions``: a snapshot may delete a large share.
        ``dry_run``: the same report, nothing written. Pushes to one dataset queue.

        Raises:
            InputError: the file, the mode or the combination can't be used. NotFoundError: there is no such dataset.
            ConflictError: ``too-many-deletions``, ``dataset-withdrawn``. The log is untouched after any of them.
        """
        dataset = self._datasets.get(dataset_id, ADMIN)
        notes.check_request(dataset, data, mode, deletions)
        if mode == "delta" and deletions and _is_empty(data):
            data = None
        with self._log.turn(dataset_id):
            begun = datetime.now(UTC)
            steps = Steps(progress)
            run = _Run(self, dataset, steps, begun, mode, dry_run, filename, by)
            return run.take(data, media_type, deletions, allow_deletions)

    def revise(self, dataset: Dataset, visibility: Visibility | None) -> PushReport:
        """Gives every record of ``dataset`` the visibility that goes with a new one of the dataset; None withdraws them all."""
        with self._log.turn(dataset.id):
            steps, begun = Steps(None), datetime.now(UTC)
            run = _Run(self, dataset, steps, begun, "revision" if visibility else "withdrawal", False, None, None)
            report = run.revise(visibility)
            # Last: killed before it, the records are already withdrawn, and the request can be made again.
            self._datasets.settle(dataset.id, visibility)
            return report

    def report(self, push_id: str) -> PushReport:
        """The report of a push. Raises NotFoundError ``push-unknown``."""
        text = self._log.push(push_id)
        if text is None:
            raise NotFoundError(
                "push-unknown",
                Text("There is no push “{id}”.", "Il n'y a pas d'envoi « {id} ».").format(id=push_id[:64]),
            )
        return PushReport.from_json(json.loads(text))

    def reports(self, dataset: str, limit: int) -> tuple[PushReport, ...]:
        """The reports of the last pushes of a dataset, newest first."""
        return tuple(PushReport.from_json(json.loads(text)) for text in self._log.pushes(dataset, limit))


@dataclass
class _Run:
    """One push on its way."""

    pushes: Pushes
    dataset: Dataset
    steps: Steps
    begun: datetime
    mode: str
    dry_run: bool
    filename: str | None
    by: str | None
    expected: int = 0
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    stored: PushReport | None = None

    def take(
        self, data: bytes | Path | None, media_type: str | None, deletions: Sequence[str], allow_deletions: bool
    ) -> PushReport:
        log, settings, dataset = self.pushes._log, self.pushes._settings, self.dataset
        base = settings.record_base(dataset.id)
        connector = load_connector(dataset.connector)
        self.expected, latest = log.last(dataset.id), log.latest(dataset.id)
        standing = latest.filter(pl.col("hash").is_not_null())["record"]
        with self.steps.stage("read") as items:
            if data is None:
                delivery = ingest.nothing()
            else:
                delivery = ingest.deliver(data, connector, base, self.filename, media_type, settings.max_push_bytes)
            records = ingest.divide(delivery.frame, standing, self.mode)
            items[0] = len(records) + len(delivery.lost_rows)
        with self.steps.stage("validate") as items:
            items[0] = len(records)
            checked = ingest.check(delivery, records, dataset, connector, log, latest, settings.base_iri, self.mode)
        with self.steps.stage("compare") as items:
            items[0] = len(records)
            links = self._links(delivery, records, checked, latest, _absolute(deletions, base))
            if len(links):
                records = ingest.divide(concat([records.frame, links]), standing, self.mode)
            result, stamped = self._compare(delivery, records, checked, latest, _absolute(deletions, base))
        findings = pl.concat(
            [
                checked.findings,
                notes.kept_records(result.kept),
                notes.unknown_deletions(result.unknown),
                told(links),
            ]
        )
        guard = self._guard(result, len(standing), len(records) + len(delivery.lost_rows), allow_deletions)
        if guard is not None:
            if not self.dry_run:
                raise guard
            findings = pl.concat([notes.as_finding(guard), findings])
        refused = len(checked.refused) + len(delivery.lost_rows)
        counts = Counts(
            read=len(records) + len(delivery.lost_rows),
            created=result.created,
            updated=result.updated,
            unchanged=result.unchanged,
            deleted=result.deleted,
            refused=refused,
            kept=len(result.kept),
        )
        if self.dry_run:
            return self._report(counts, findings, Appended(None, None, 0))
        numbers = result.changes["number"].drop_nulls()
        bodies: list[bytes | None] = [None] * (result.changes.height - len(numbers))
        bodies += records.bodies(numbers)
        aside = refusals(delivery, records, checked)
        appended = self._append(result.changes, bodies, aside, lambda done: self._report(counts, findings, done))
        self._index(result.changes, appended, stamped, records)
        return self._finished()

    def revise(self, visibility: Visibility | None) -> PushReport:
        log, dataset = self.pushes._log, self.dataset
        with self.steps.stage("compare") as items:
            self.expected = log.last(dataset.id)
            table = log.states(0, dataset=dataset.id, standing=True, bodies=True)
            items[0] = table.height
            changes = _withdrawn(table) if visibility is None else _reranked(table, rank(visibility))
        bodies = [None if text is None else text.encode() for text in changes["body"]]
        deleted = changes.height if visibility is None else 0
        counts = Counts(
            read=table.height,
            updated=changes.height - deleted,
            deleted=deleted,
            unchanged=table.height - changes.height,
        )
        none = pl.DataFrame(schema=FINDING_SCHEMA)
        aside = pl.DataFrame(schema=REFUSED_SCHEMA)
        self._append(changes.select(list(CHANGE_SCHEMA)), bodies, aside, lambda done: self._report(counts, none, done))
        with self.steps.stage("index") as items:
            items[0] = changes.height
            follow_index(log, self.pushes._index)
        return self._finished()

    def _compare(
        self,
        delivery: ingest.Delivery,
        records: Records,
        checked: ingest.Checked,
        latest: pl.DataFrame,
        deletions: pl.Series,
    ) -> tuple[Comparison, pl.Series]:
        visibility = ranks(records.frame, records.owner, len(records), rank(self.dataset.visibility))
        numbered = (
            records.index.select("record", "hash").with_columns(visibility.alias("visibility")).with_row_index("number")
        )
        taken = numbered.filter(~pl.col("record").is_in(checked.refused.implode()))
        subjects = records.frame.triples["s"].unique()
        iris = records.frame.terms["lexical"].gather(subjects)
        absorbed = iris.filter(~iris.is_in(records.index["record"].implode()))
        result = compare(
            latest,
            taken,
            mode="delta" if self.mode == "delta" else "snapshot",
            refused=pl.concat([checked.refused.alias("record"), delivery.lost.alias("record")]),
            absorbed=absorbed,
            deletions=deletions,
        )
        return result, visibility

    def _links(
        self,
        delivery: ingest.Delivery,
        records: Records,
        checked: ingest.Checked,
        latest: pl.DataFrame,
        deletions: pl.Series,
    ) -> Frame:
        """Links that stay although this delivery does not name them; see `datahub.hub.links`."""
        standing = latest.filter(pl.col("hash").is_not_null())["record"]
        refused = pl.concat([checked.refused.alias("record"), delivery.lost.alias("record")])
        if self.mode == "delta":
            gone = pl.concat([records.index["record"], deletions.alias("record")])
            staying = standing.filter(~standing.is_in(gone.implode()) | standing.is_in(refused.implode()))
        else:
            staying = standing.filter(standing.is_in(refused.implode()))
        return lasting(records, latest, staying, self.dataset.profile, self.pushes._log)

    def _guard(self, result: Comparison, standing: int, read: int, allowed: bool) -> ConflictError | None:
        """The error for a snapshot that is empty, or that would delete more than the share that needs no confirmation."""
        settings, deleted = self.pushes._settings, result.deleted
        if self.mode != "snapshot" or allowed or not deleted:
            return None
        if read and (deleted <= settings.deletion_floor or deleted <= settings.deletion_share * standing):
            return None
        return notes.too_many_deletions(deleted, standing, not read)

    def _append(
        self,
        changes: pl.DataFrame,
        bodies: Sequence[bytes | None],
        refusals: pl.DataFrame,
        report: Callable[[Appended], PushReport],
    ) -> Appended:
        log = self.pushes._log

        def finish(appended: Appended) -> str:
            so_far = Stage("log", round(time.perf_counter() - began, 6), changes.height)
            made = report(appended)
            self.stored = replace(made, stages=(*made.stages, so_far))
            return json.dumps(self.stored.to_json(), ensure_ascii=False)

        began = time.perf_counter()
        with self.steps.stage("log") as items:
            items[0] = changes.height
            return log.append(
                self.id,
                self.dataset.id,
                changes,
                bodies,
                refusals,
                finish,
                expected=self.expected,
                keep=self.pushes._settings.kept_refusals,
            )

    def _index(self, changes: pl.DataFrame, appended: Appended, visibility: pl.Series, records: Records) -> None:
        """Takes the changes into the index from the frame at hand; where others pushed in between, from the log."""
        log, index = self.pushes._log, self.pushes._index
        with self.steps.stage("index") as items:
            items[0] = changes.height
            if appended.first_seq is None or appended.last_seq is None:
                return
            written = changes.with_columns(
                pl.int_range(appended.first_seq, appended.last_seq + 1, dtype=pl.Int64).alias("seq"),
                pl.lit(self.dataset.id).alias("dataset"),
                pl.lit(appended.time, pl.Int64).alias("time"),
            )
            standing = written.filter(pl.col("op") != "delete")
            rows = pl.DataFrame(schema=ROW_SCHEMA)
            if standing.height:
                frame, owner = _part(records, standing["number"])
                rows = completed(fields(frame, owner, standing["record"]), standing)
            touched = written.filter(pl.col("previous").is_not_null())
            if not index.apply(appended.first_seq - 1, appended.last_seq, touched, rows):
                follow_index(log, index)

    def _report(self, counts: Counts, findings: pl.DataFrame, appended: Appended) -> PushReport:
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
            findings=listing(findings, self.pushes._settings.findings_listed),
            findings_total=findings.height,
        )

    def _finished(self) -> PushReport:
        """The stored report with the stages that came after it."""
        assert self.stored is not None
        return self.steps.completed(self.stored)


def _withdrawn(table: pl.DataFrame) -> pl.DataFrame:
    """Deletions of all versions of ``table``."""
    none = pl.lit(None, pl.String)
    gone = table.with_columns(op=pl.lit("delete"), hash=none, body=none, was="visibility", previous="seq")
    return gone.with_columns(pl.lit(None, pl.UInt8).alias("visibility"))


def _reranked(table: pl.DataFrame, floor: int) -> pl.DataFrame:
    """Updates of those versions of ``table`` that have another visibility when that of their dataset is ``floor``."""
    if table.is_empty():
        return table
    frame = frame_of(table["body"])
    fresh = ranks(frame, owners(frame, table["record"]), table.height, floor)
    joined = table.with_columns(fresh.alias("fresh")).filter(pl.col("fresh") != pl.col("visibility"))
    return joined.with_columns(op=pl.lit("update"), was="visibility", visibility="fresh", previous="seq")


def _part(records: Records, numbers: pl.Series) -> tuple[Frame, pl.Series]:
    """The triples of the records ``numbers``, and for each triple the position of its record in ``numbers``."""
    if len(numbers) == len(records):
        return records.frame, records.owner
    position = pl.int_range(0, len(numbers), dtype=pl.UInt32, eager=True)
    place = pl.repeat(None, len(records), dtype=pl.UInt32, eager=True).scatter(numbers, position)
    owner = place.gather(records.owner)
    there = owner.is_not_null()
    return Frame(records.frame.terms, records.frame.triples.filter(there)).compact(), owner.filter(there)


def _is_empty(data: bytes | Path | None) -> bool:
    return data is None or (not data if isinstance(data, bytes) else data.is_file() and not data.stat().st_size)


def _absolute(deletions: Sequence[str], base: str) -> pl.Series:
    named = [text if "://" in text or text.startswith("urn:") else base + text.lstrip("/") for text in deletions]
    return pl.Series("record", named, dtype=pl.String)
