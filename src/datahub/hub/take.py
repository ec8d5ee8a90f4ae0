"""The way of a push: read, validate, compare, log, index. Refused records are kept aside; the rest is taken, or nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from datahub.connectors import connector as load_connector
from datahub.errors import ConflictError
from datahub.hub import ingest, notes
from datahub.hub.audience import ranks
from datahub.hub.delta import dependents, stands_beside
from datahub.hub.indexing import drawn, indexed
from datahub.hub.links import lasting, told
from datahub.hub.refusals import refusals
from datahub.hub.report import Counts, PushReport
from datahub.hub.writer import Stores, Writer
from datahub.rdf.frame import concat
from datahub.rdf.split import Records
from datahub.records import Comparison, compare
from datahub.records.visibility import rank


@dataclass(frozen=True, eq=False)
class _Delivered:
    """What was delivered, split and checked. ``deletions``: IRIs of records to delete. ``refused``: of the records that came and
    were refused, also before they were records."""

    delivery: ingest.Delivery
    records: Records
    checked: ingest.Checked
    deletions: pl.Series

    @property
    def refused(self) -> pl.Series:
        return pl.concat([self.checked.refused.alias("record"), self.delivery.lost.alias("record")])

    @property
    def read(self) -> int:
        return len(self.records) + len(self.delivery.lost_rows)


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
        items[0] = len(records) + len(delivery.lost_rows)
    with writer.steps.stage("validate") as items:
        items[0] = len(records)
        beside = stands_beside(records, named, latest, dataset, log) if mode == "delta" else None
        checked = ingest.check(delivery, records, dataset, connector, settings.base_iri, beside)
    with writer.steps.stage("compare") as items:
        items[0] = len(records)
        came = _Delivered(delivery, records, checked, named)
        links = lasting(records, latest, _staying(came, standing, mode), dataset.profile, log)
        if len(links):
            records = ingest.divide(concat([records.frame, links]), standing, mode)
            came = _Delivered(delivery, records, checked, came.deletions)
        result = _compared(came, latest, mode, rank(dataset.visibility))
        found = [
            checked.findings,
            notes.kept_records(result.kept),
            notes.unknown_deletions(result.unknown),
            told(links),
        ]
        if beside is not None:
            shapes = ingest.shapes_of(connector, dataset.profile)
            found.append(dependents(result.changes, records, shapes, beside.standing, connector))
    findings = pl.concat(found)
    doubt = None if allow_deletions or mode != "snapshot" else _doubt(stores, result, len(standing), came.read)
    if doubt is not None:
        if not writer.dry_run:
            raise doubt
        findings = pl.concat([notes.as_finding(doubt), findings])
    counts = Counts(
        read=came.read,
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


def _compared(came: _Delivered, latest: pl.DataFrame, mode: str, floor: int) -> Comparison:
    records = came.records
    visibility = ranks(records.frame, records.owner, len(records), floor)
    numbered = records.index.select("record", "hash").with_columns(visibility.alias("visibility"))
    good = numbered.with_row_index("number").filter(~pl.col("record").is_in(came.checked.refused.implode()))
    subjects = records.frame.terms["lexical"].gather(records.parts.join(good, on="number", how="semi")["s"])
    return compare(
        latest,
        good,
        mode="delta" if mode == "delta" else "snapshot",
        refused=came.refused,
        absorbed=subjects.filter(~subjects.is_in(records.names.implode())),
        deletions=came.deletions,
    )


def _staying(came: _Delivered, standing: pl.Series, mode: str) -> pl.Series:
    """The standing records that will still stand although this delivery does not bring them."""
    if mode != "delta":
        return standing.filter(standing.is_in(came.refused.implode()))
    gone = pl.concat([came.records.names, came.deletions.alias("record")])
    return standing.filter(~standing.is_in(gone.implode()) | standing.is_in(came.refused.implode()))


def _doubt(stores: Stores, result: Comparison, standing: int, read: int) -> ConflictError | None:
    """The error for a snapshot that is empty, or that would delete more than the share that needs no confirmation."""
    settings, deleted = stores.settings, result.deleted
    few = deleted <= settings.deletion_floor or deleted <= settings.deletion_share * standing
    if not deleted or (read and few):
        return None
    return notes.too_many_deletions(deleted, standing, not read)


def _absolute(deletions: Sequence[str], base: str) -> pl.Series:
    named = [text if "://" in text or text.startswith("urn:") else base + text.lstrip("/") for text in deletions]
    return pl.Series("record", named, dtype=pl.String)
