"""From the bytes of a push to records that are checked: read, lift, split, validate. Nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import polars as pl

from datahub.connectors import Connector, Lift, explain
from datahub.findings import conform, findings
from datahub.hub.datasets import Dataset
from datahub.hub.delta import Beside, judged, of_records
from datahub.hub.follow import frame_of
from datahub.profiles import called, class_hierarchy, contexts, shapes_files
from datahub.rdf import guards
from datahub.rdf.formats import FORMATS, Format, parse
from datahub.rdf.frame import Frame, concat
from datahub.rdf.skolem import skolemise
from datahub.rdf.split import Records, record_iris, split
from datahub.rdf.terms import NS
from datahub.shacl import Shapes, load, validate
from datahub.sources.limits import Limits

_AMBIGUOUS = ("text/plain", "application/json", "json")
"""Names that say nothing: native formats have them too."""


@dataclass(frozen=True, eq=False)
class Delivery:
    """What came: ``frame``, with findings of its readers. ``lost_rows``: rows that made no record. ``lost``: the records that they
    would have been, where that is known. ``lift``: what the connector gave; None where RDF was pushed."""

    frame: Frame
    findings: pl.DataFrame
    lost_rows: pl.Series
    lost: pl.Series
    lift: Lift | None


@dataclass(frozen=True, eq=False)
class Checked:
    """What was found: ``refused``: IRIs of the records of `Delivery.frame` that are refused."""

    findings: pl.DataFrame
    refused: pl.Series


def deliver(
    data: bytes | Path, connector: Connector, base: str, filename: str | None, media_type: str | None, limit: int
) -> Delivery:
    """``data`` as RDF: through the connector, or as RDF itself where media type or file name say so.

    Raises InputError where the file as a whole can't be used.
    """
    syntax = rdf_format(connector, filename, media_type)
    if syntax is None:
        lift = connector.lift(data, base, filename, limits=Limits(max_bytes=limit))
        return Delivery(lift.frame, lift.findings, lift.refused, lift.refused_records, lift)
    limits = replace(guards.DEFAULT, max_bytes=limit)
    frame = skolemise(parse(data, syntax, base=base, contexts=contexts(), limits=limits), base)
    none = pl.Series("record", [], dtype=pl.String)
    return Delivery(frame, findings(), pl.Series("row", [], dtype=pl.UInt32), none, None)


def nothing() -> Delivery:
    """The delivery of a delta that only deletes."""
    return Delivery(
        frame_of(pl.Series([], dtype=pl.String)),
        findings(),
        pl.Series("row", [], dtype=pl.UInt32),
        pl.Series("record", [], dtype=pl.String),
        None,
    )


def rdf_format(connector: Connector, filename: str | None, media_type: str | None) -> Format | None:
    """The RDF format of a push, or None where the connector reads it: RDF connectors read RDF themselves."""
    if any(variant.kind == "rdf" for variant in connector.definition.variants):
        return None
    media = (media_type or "").split(";")[0].strip().lower()
    extension = (filename or "").rpartition(".")[2].lower() if "." in (filename or "") else ""
    for known in FORMATS.values():
        if media in known.media_types and media not in _AMBIGUOUS:
            return known
        by_name = extension in known.extensions and extension not in _AMBIGUOUS
        if by_name and media in ("", "application/octet-stream"):
            return known
    return None


def divide(frame: Frame, standing: pl.Series, mode: str) -> Records:
    """``frame`` as records; in a delta, parts of records that stand find their record."""
    return split(frame, standing if mode == "delta" else None)


def check(
    delivery: Delivery,
    records: Records,
    dataset: Dataset,
    connector: Connector,
    hub_base: str,
    beside: Beside | None,
) -> Checked:
    """Checks the records against the rules of the profile and of the format, and that they are the publisher's to name.

    ``beside``: what stands beside a delta; None for a snapshot, which is all there is.
    """
    names = records.names
    foreign = _foreign(records, hub_base, dataset.id)
    shapes = shapes_of(connector, dataset.profile)
    if beside is None:
        frame = delivery.frame
        report = validate(frame, shapes, ontology=class_hierarchy())
    else:
        frame, report = judged(concat([delivery.frame, beside.links]), shapes, beside.standing)
    told = explain(report, frame, connector, delivery.lift)
    results = report.results.filter(pl.col("severity") == "violation")
    focus = report.terms["lexical"].gather(results["focus"].unique())
    broken = record_iris(focus, names)
    broken = broken.filter(broken.is_in(names.implode())).unique()
    if beside is not None:
        told = told.filter(of_records(names) | pl.col("record").is_null())
    refused = pl.concat([broken.alias("record"), foreign["record"]]).unique().sort()
    return Checked(pl.concat([delivery.findings, foreign, told]), refused)


@cache
def _shapes_of(files: tuple[Path, ...], stamps: tuple[int, ...]) -> Shapes:
    return load(files, called)


def shapes_of(connector: Connector, profile: str) -> Shapes:
    """The shapes of a profile and those of the connector itself."""
    own: Sequence[Path] = () if connector.shapes is None else (connector.shapes,)
    files = (*shapes_files(profile), *own)
    return _shapes_of(files, tuple(file.stat().st_mtime_ns for file in files))


def _foreign(records: Records, hub_base: str, dataset: str) -> pl.DataFrame:
    """A finding for each record whose IRI belongs to another dataset of this hub, or to the vocabulary."""
    iri = pl.col("record")
    mine = iri.str.starts_with(f"{hub_base}records/{dataset}/")
    taken = pl.DataFrame([records.names, records.rows]).filter(
        (iri.str.starts_with(hub_base) & ~mine) | iri.str.starts_with(NS)
    )
    return conform(
        taken.select("record", "row", value="record"),
        severity="violation",
        code="record-foreign",
        rule="record-foreign",
        message_en="This IRI belongs to somebody else: another dataset of the hub, or the vocabulary.",
        message_fr="Cet IRI appartient à quelqu'un d'autre : un autre jeu du hub, ou le vocabulaire.",
        fix_en="Publish under IRIs of your own, or under those of your dataset.",
        fix_fr="Publiez sous vos propres IRI, ou sous ceux de votre jeu de données.",
    )
