"""Links of shared records to records that were not delivered this time.

A catalogue names a producer with each of its products, and the producer links back to them. A delta of one product therefore brings
a producer that seems to have lost all its other products. What stands says otherwise: those links stay.
"""

from __future__ import annotations

import polars as pl

from datahub.findings import conform
from datahub.hub.follow import frame_of
from datahub.profiles import profile, vocabulary
from datahub.rdf.frame import Frame, empty
from datahub.rdf.split import Records
from datahub.rdf.terms import RDF_TYPE
from datahub.records import Log


def lasting(records: Records, latest: pl.DataFrame, staying: pl.Series, profile_name: str, log: Log) -> Frame:
    """The links to keep: of records that come with a delivery without being what it is about (see `Profile.records`), by properties
    that have an inverse, to the records ``staying``, which stand and were not delivered."""
    known = latest.filter(pl.col("hash").is_not_null()).select("record", "seq", before="hash")
    changed = records.index.join(known, on="record").filter(pl.col("hash") != pl.col("before"))
    changed = changed.filter(~pl.col("record").is_in(_main(records.frame, profile_name).implode()))
    if changed.is_empty() or not len(staying):
        return empty()
    before = frame_of(log.bodies(changed["seq"].to_list())["body"])
    wanted = {code for pair in vocabulary().inverse_pairs() for iri in pair if (code := before.iri(iri)) is not None}
    targets = before.terms["lexical"].is_in(staying.implode()).arg_true()
    return before.filter(pl.col("p").is_in(sorted(wanted)) & pl.col("o").is_in(targets.implode()))


def told(links: Frame) -> pl.DataFrame:
    """A finding for each record that keeps links."""
    subjects = links.terms["lexical"].gather(links.triples["s"].unique()).sort()
    return conform(
        subjects.alias("record").to_frame(),
        severity="info",
        code="links-kept",
        rule="links-kept",
        message_en="The record keeps its links to records that were not part of this delivery.",
        message_fr="La fiche garde ses liens vers des fiches qui ne faisaient pas partie de cet envoi.",
    )


def _main(frame: Frame, profile_name: str) -> pl.Series:
    """The subjects of the class that the sector is about."""
    code = frame.iri(profile(profile_name).records[0])
    typed = frame.predicate(RDF_TYPE).filter(pl.col("o") == code) if code is not None else frame.triples.clear()
    return frame.terms["lexical"].gather(typed["s"])
