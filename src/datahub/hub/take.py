"""The way of a push: read, validate, compare, log, index. Refused records are kept aside; the rest is taken, or nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from datahub.connectors import connector as load_connector
from datahub.connectors import explain
from datahub.errors import ConflictError
from datahub.hub import ingest, notes
from datahub.hub.delta import dependents, of_records, stands_beside
from datahub.hub.indexing import drawn, indexed
from datahub.hub.links import told
from datahub.hub.outcome import Arrival
from datahub.hub.refusals import refusals
from datahub.hub.report import Counts, PushReport
from datahub.hub.settling import settled
from datahub.hub.verdict import Judge, Verdict
from datahub.hub.writer import Stores, Writer
from datahub.records import Comparison
from datahub.records.visibility import rank


def take(
    writer: Writer, data: bytes | Path | None, media_type: str | None, deletions: Sequence[str], allow_deletions: bool
) -> PushReport:
    """Takes one delivery, whose turn it is; see `datahub.hub.pushes.Pushes.push`."""
    stores, dataset, mode = writer.stores, writer.dataset, writer.mode
    log, settings = stores.log, stores.settings
    base = settings.record_base(dataset.id)
    connector = load_connector(dataset.connector)
    writer.expected, latest = log.last(dataset.id), log.latest(dataset.id)
    standing = latest.filter(pl.col("hash").is_not_null())["record"]
    named = _absolute(deletions, base)
    with writer.steps.stage("read") as items:
        delivery = ingest.nothing()
        if data is not None:
            limit = settings.max_push_bytes
            delivery = ingest.deliver(data, connector, base, writer.filename, media_type, limit)
        items[0] = len(delivery.frame)
    with writer.steps.stage("split") as items:
        records = ingest.divide(delivery.frame, standing, mode)
        items[0] = read = len(records) + len(delivery.lost_rows)
    shapes = ingest.shapes_of(connector, dataset.profile)
    with writer.steps.stage("validate") as items:
        items[0] = len(records)
        beside = stands_beside(records, named, latest, dataset, log) if mode == "delta" else None
        judge = Judge(records.names, shapes, beside)
        first = judge.first(delivery.frame)
        foreign = ingest.foreign(records, settings.base_iri, dataset.id)
    with writer.steps.stage("compare") as items:
        items[0] = len(records)
        others = None if beside is None else beside.standing.others
        floor = rank(dataset.visibility)
        arrival = Arrival(records, delivery.lost, named, latest, others, floor, dataset.profile)

        def explained(verdict: Verdict) -> pl.DataFrame:
            table = explain(verdict.report, verdict.state, connector, delivery.lift)
            return table if beside is None else table.filter(of_records(arrival.records.names))

        end = settled(arrival, judge, first, foreign["record"], log, explained)
        records, result = end.outcome.records, end.outcome.changes
        checked = ingest.Checked(pl.concat([delivery.findings, foreign, end.findings]), end.refused)
        found = [
            checked.findings,
            notes.kept_records(result.kept),
            notes.unknown_deletions(result.unknown),
            told(end.outcome.links),
        ]
        if beside is not None:
            found.append(dependents(result, records, shapes, beside.standing, connector))
    findings = pl.concat(found)
    doubt = None if allow_deletions or mode != "snapshot" else _doubt(stores, result, len(standing), read)
    if doubt is not None:
        if not writer.dry_run:
            raise doubt
        findings = pl.concat([notes.as_finding(doubt), findings])
    counts = Counts(
        read=read,
        created=result.created,
        updated=result.updated,
        unchanged=result.unchanged,
        deleted=result.deleted,
        refused=len(checked.refused) + len(delivery.lost_rows),
        kept=len(result.kept),
    )
    if writer.dry_run:
        return writer.report(counts, findings)
    numbers = result.changes["number"].drop_nulls()
    aside = refusals(delivery, records, checked)
    with ThreadPoolExecutor(1, "datahub-fields") as pool:
        drawing = pool.submit(drawn, result.changes, records)
        appended = writer.write(result.changes, records.bodies(numbers), aside, counts, findings)
    with writer.steps.stage("index") as items:
        items[0] = result.changes.height
        indexed(stores, dataset.id, result.changes, appended, drawing.result())
    return writer.finished()


def _doubt(stores: Stores, result: Comparison, standing: int, read: int) -> ConflictError | None:
    """The error for a snapshot that is empty, or that would delete more than the share that needs no confirmation."""
    settings, deleted = stores.settings, result.deleted
    few = deleted <= settings.deletion_floor or deleted <= settings.deletion_share * standing
    if not deleted or (read and few):
        return None
    return notes.too_many_deletions(deleted, standing, not read)


def _absolute(deletions: Sequence[str], base: str) -> pl.Series:
    named = [text if "://" in text or text.startswith("urn:") else base + text.lstrip("/") for text in deletions]
    # JSON may bring half of a surrogate pair, which no IRI has.
    return pl.Series("record", [text.encode("utf-8", "replace").decode() for text in named], dtype=pl.String)
