"""Where records come from, as triples: added whenever records are read out, never part of their bodies or hashes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from datahub.hub.access import Platform
from datahub.hub.datasets import Dataset
from datahub.rdf.columns import Column
from datahub.rdf.frame import Frame, FrameBuilder
from datahub.rdf.terms import DCAT, DCT, FOAF, IRI, LITERAL, PROV, RDF_TYPE, VOID, XSD, Term

IN_DATASET = VOID + "inDataset"
GENERATED = PROV + "generatedAtTime"
DATE_TIME = XSD + "dateTime"


def of_records(versions: pl.DataFrame, datasets: Sequence[Dataset], platform_iri: dict[str, str]) -> Frame:
    """Dataset, licence, publisher, source page and commit time of each record. ``versions`` has record, dataset and time."""
    about = pl.DataFrame(
        [(each.id, each.iri, each.licence, platform_iri[each.platform], each.source) for each in datasets],
        schema=dict.fromkeys(("dataset", "iri", "licence", "publisher", "source"), pl.String),
        orient="row",
    )
    table = versions.select("record", "dataset", stamp=stamps()).join(
        about, on="dataset", how="left", maintain_order="left"
    )
    builder = FrameBuilder()
    record = Column(IRI, table["record"])
    for predicate, column in ((IN_DATASET, "iri"), (DCT + "license", "licence"), (DCT + "publisher", "publisher")):
        builder.add(record, Term.iri(predicate), Column(IRI, table[column]))
    if table["source"].null_count() < table.height:
        builder.add(record, Term.iri(DCT + "source"), Column(IRI, table["source"]))
    builder.add(record, Term.iri(GENERATED), Column(LITERAL, table["stamp"], DATE_TIME))
    return builder.build()


def stamps() -> pl.Expr:
    """The column ``time`` (microseconds) as xsd:dateTime in UTC."""
    return pl.col("time").cast(pl.Datetime("us")).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")


def of_datasets(datasets: Sequence[Dataset], platforms: Sequence[Platform]) -> Frame:
    """Datasets as dcat:Dataset (DCAT 3 section 6.6) and their platforms as foaf:Organization."""
    builder = FrameBuilder()
    publishers = {each.platform for each in datasets}
    for each in datasets:
        _describe(builder, each, [platform.iri for platform in platforms if platform.id == each.platform])
    for platform in platforms:
        if platform.id in publishers:
            subject = _iri(platform.iri)
            _say(builder, subject, RDF_TYPE, Term.iri(FOAF + "Organization"))
            _say(builder, subject, FOAF + "name", Term.literal(platform.name))
            if platform.home:
                _say(builder, subject, FOAF + "homepage", Term.iri(platform.home))
            if platform.kind:
                _say(builder, subject, DCT + "type", Term.iri(platform.kind))
    return builder.build()


def _describe(builder: FrameBuilder, dataset: Dataset, publishers: list[str]) -> None:
    subject = _iri(dataset.iri)
    _say(builder, subject, RDF_TYPE, Term.iri(DCAT + "Dataset"))
    _say(builder, subject, DCT + "identifier", Term.literal(dataset.id))
    for predicate, text in ((DCT + "title", dataset.title), (DCT + "description", dataset.description)):
        for lang in ("en", "fr"):
            if text.to(lang):
                _say(builder, subject, predicate, Term.literal(text.to(lang), language=lang))
    _say(builder, subject, DCT + "license", Term.iri(dataset.licence))
    for publisher in publishers:
        _say(builder, subject, DCT + "publisher", Term.iri(publisher))
    _say(builder, subject, DCT + "issued", _time(dataset.created))
    if dataset.modified is not None:
        _say(builder, subject, DCT + "modified", _time(dataset.modified))
    if dataset.source:
        _say(builder, subject, DCAT + "landingPage", Term.iri(dataset.source))


def _iri(iri: str) -> Column:
    return Column(IRI, pl.Series([iri], dtype=pl.String))


def _say(builder: FrameBuilder, subject: Column, predicate: str, value: Term) -> None:
    builder.add(subject, Term.iri(predicate), value)


def _time(moment: datetime) -> Term:
    return Term.literal(moment.isoformat().replace("+00:00", "Z"), DATE_TIME)
