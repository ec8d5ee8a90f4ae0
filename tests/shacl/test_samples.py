"""pySHACL agrees with us on every sample of every connector, under the shapes of its profile, result by result."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyshacl
import pytest
import rdflib
from rdflib import Graph

from datahub.connectors import connector, connectors
from datahub.profiles import shapes_files
from datahub.rdf.formats import write
from datahub.shacl import load, validate

from .results import results

FOLDER = Path(__file__).resolve().parents[2] / "connectors"
SAMPLES = sorted(
    (each.name, file.name)
    for each in connectors()
    for file in (FOLDER / each.name / "samples").glob("*")
    if file.is_file()
)


@pytest.fixture(autouse=True)
def _literals_as_written() -> Iterator[None]:
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    yield
    rdflib.NORMALIZE_LITERALS = before


@cache
def for_pyshacl(files: tuple[Path, ...]) -> Graph:
    """Shapes that many samples are checked against."""
    shapes = Graph()
    for each in files:
        shapes.parse(each)
    return shapes


@pytest.mark.parametrize(("name", "file"), SAMPLES)
def test_both_engines_say_the_same_of_a_sample(name: str, file: str) -> None:
    reader = connector(name)
    frame = reader.lift(FOLDER / name / "samples" / file, "https://hub.example/records/sample/", file).frame
    assert len(frame)
    files = (*shapes_files(reader.profile), *([reader.shapes] if reader.shapes else []))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = Graph().parse(data=write(frame, "nt"), format="nt")
        _, theirs, _ = pyshacl.validate(data, shacl_graph=for_pyshacl(files), advanced=True)
    assert isinstance(theirs, Graph)
    ours = validate(frame, load(files)).graph()
    assert results(ours) == results(theirs)


def test_there_are_samples() -> None:
    assert Counter(name for name, _ in SAMPLES)
