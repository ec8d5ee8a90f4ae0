"""Others' real RDF, read as rdflib reads it."""

from pathlib import Path

import pytest
import rdflib
from rdflib.compare import isomorphic

from datahub.rdf.formats import FORMATS, format_for, parse, write
from datahub.rdf.skolem import skolemise
from datahub.rdf.split import split

SHARED = Path(__file__).parents[2].parent / "shared"


def rdf_files() -> list[Path]:
    folders = [SHARED / "reference" / name for name in ("food", "dcat-ap-3.0.1", "hospitality")]
    return sorted(p for folder in folders for p in folder.rglob("*") if p.suffix in (".rdf", ".ttl"))


def as_rdflib(data: bytes, name: str) -> rdflib.Graph:
    graph = rdflib.Graph()
    graph.parse(data=data, format={"ttl": "turtle", "rdfxml": "xml", "jsonld": "json-ld"}.get(name, name))
    return graph


@pytest.mark.corpus
@pytest.mark.parametrize("path", rdf_files(), ids=lambda p: p.name)
def test_reference_files_are_read_as_rdflib_reads_them_and_survive_every_format(path: Path) -> None:
    data = path.read_bytes()
    name = format_for(path.name).name
    frame = parse(data, name, base="http://base.example/")
    named = skolemise(frame)
    assert len(named) == len(frame)
    expected = rdflib.Graph()
    expected.parse(data=data, format="xml" if name == "rdfxml" else "turtle", publicID="http://base.example/")
    assert len(expected) == len(frame)
    if len(frame) < 3000:
        assert isomorphic(as_rdflib(write(frame, "nt"), "nt"), expected)
    for other in FORMATS:
        assert parse(write(named, other), other).equals(named)
    assert sum(bytes(body).count(b"\n") for body in split(named).bodies()) == len(named)
