"""Records in named graphs: each record's triples in the graph of its dataset, as the SPARQL endpoint has them."""

from __future__ import annotations

import polars as pl

from datahub.rdf.frame import TRIPLE_SCHEMA, Frame
from datahub.rdf.split import split
from datahub.rdf.terms import VOID


def by_dataset(frame: Frame) -> Frame:
    """``frame`` with every triple in the graph named by its record's void:inDataset; a record without one stays as it is."""
    if not len(frame):
        return frame
    records = split(frame)
    triples = frame.triples.with_columns(records.owner.alias("owner"))
    code = frame.iri(VOID + "inDataset")
    homes = triples.filter(pl.col("p") == code).select("owner", pl.col("o").alias("home")).unique("owner", keep="first")
    placed = triples.join(homes, on="owner", how="left", maintain_order="left")
    return Frame(frame.terms, placed.with_columns(pl.coalesce("home", "g").alias("g")).select(list(TRIPLE_SCHEMA)))
