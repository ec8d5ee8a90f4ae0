"""Records of one class written as records of another: the alignments that a connector declares under ``accepts``."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from datahub.connectors.definition import Alignment
from datahub.profiles.namespaces import expand
from datahub.rdf.frame import TERM_SCHEMA, Frame
from datahub.rdf.terms import IRI, RDF_TYPE


def aligned(frame: Frame, alignments: Sequence[Alignment]) -> Frame:
    """``frame`` with the classes and properties that the connector's mapping reads.

    A property is only put in the place of another where the record lacks that one. Triples are renamed, never added, so that what
    is lost later is counted on the triples that there are.
    """
    for alignment in alignments:
        frame = _aligned(frame, alignment)
    return frame


def _aligned(frame: Frame, alignment: Alignment) -> Frame:
    a, source, target = frame.iri(RDF_TYPE), frame.iri(expand(alignment.source)), expand(alignment.target)
    if a is None or source is None:
        return frame
    typed = frame.predicate(RDF_TYPE)
    already = frame.iri(target)
    members = typed.filter(pl.col("o") == source)["s"].unique()
    if already is not None and already != source:
        members = members.filter(~members.is_in(typed.filter(pl.col("o") == already)["s"].implode()))
    frame, into = _with_iri(frame, target)
    of_member = pl.col("s").is_in(members.implode())
    rename = pl.when((pl.col("p") == a) & (pl.col("o") == source) & of_member).then(pl.lit(into, pl.UInt32))
    triples = frame.triples.with_columns(rename.otherwise(pl.col("o")).alias("o"))
    frame = Frame(frame.terms, triples)
    for wanted, stand_in in alignment.properties.items():
        given = frame.iri(expand(stand_in))
        if given is None:
            continue
        has = frame.predicate(expand(wanted))["s"].unique()
        frame, into = _with_iri(frame, expand(wanted))
        moved = (pl.col("p") == given) & pl.col("s").is_in(members.implode()) & ~pl.col("s").is_in(has.implode())
        renamed = pl.when(moved).then(pl.lit(into, pl.UInt32)).otherwise(pl.col("p")).alias("p")
        frame = Frame(frame.terms, frame.triples.with_columns(renamed))
    return frame


def _with_iri(frame: Frame, iri: str) -> tuple[Frame, int]:
    """``frame`` with ``iri`` among its terms, and its code."""
    code = frame.iri(iri)
    if code is not None:
        return frame, code
    new = pl.DataFrame({"kind": [IRI], "lexical": [iri], "datatype": [None], "language": [None]}, schema=TERM_SCHEMA)
    return Frame(pl.concat([frame.terms, new]), frame.triples), frame.terms.height
