"""From the bytes of a push to records, and by what they are checked. Nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import polars as pl

from datahub.connectors import Connector, Lift
from datahub.findings import conform, findings
from datahub.hub.follow import frame_of
from datahub.profiles import called, contexts, shapes_files
from datahub.rdf import guards
from datahub.rdf.formats import FORMATS, Format, parse
from datahub.rdf.frame import Frame
from datahub.rdf.skolem import skolemise
from datahub.rdf.split import Records, split
from datahub.rdf.terms import NS
from datahub.shacl import Shapes, load
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


@cache
def _shapes_of(files: tuple[Path, ...], stamps: tuple[int, ...]) -> Shapes:
    return load(files, called)


def shapes_of(connector: Connector, profile: str) -> Shapes:
    """The shapes of a profile and those of the connector itself."""
    own: Sequence[Path] = () if connector.shapes is None else (connector.shapes,)
    files = (*shapes_files(profile), *own)
    return _shapes_of(files, tuple(file.stat().st_mtime_ns for file in files))


def foreign(records: Records, hub_base: str, dataset: str) -> pl.DataFrame:
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
