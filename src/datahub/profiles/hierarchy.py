"""Which class lies below which, as the ontologies say: what files of data leave out and SHACL needs (its section 3.1)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from datahub.profiles.vocabulary import vocabulary
from datahub.rdf.terms import RDFS

if TYPE_CHECKING:
    from datahub.rdf.frame import Frame


@cache
def class_hierarchy() -> Frame:
    """The rdfs:subClassOf statements of all files in `ontologies/`, for the argument ``ontology`` of `datahub.shacl.validate`."""
    from datahub.rdf.formats import parse

    lines = [f"<{below}> <{RDFS}subClassOf> <{above}> .\n" for below, above in vocabulary().subclasses()]
    return parse("".join(lines).encode(), "nt")
