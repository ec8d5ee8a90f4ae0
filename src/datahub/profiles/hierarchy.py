"""Which class lies below which, as the ontologies say: what files of data leave out and SHACL needs (its section 3.1)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from datahub.profiles.data import data_folder
from datahub.rdf.terms import RDFS

if TYPE_CHECKING:
    from datahub.rdf.frame import Frame


@cache
def class_hierarchy() -> Frame:
    """The rdfs:subClassOf statements of all files in `ontologies/`, for the argument ``ontology`` of `datahub.shacl.validate`."""
    import polars as pl

    from datahub.rdf.formats import parse
    from datahub.rdf.frame import concat

    folder = data_folder("ontologies")
    files = [*sorted(folder.glob("*.ttl")), *sorted((folder / "reused").glob("*.ttl"))]
    frames = [parse(file, "ttl") for file in files if b"subClassOf" in file.read_bytes()]  # few have any
    return concat([frame.filter(pl.col("p") == frame.iri(RDFS + "subClassOf")) for frame in frames])
