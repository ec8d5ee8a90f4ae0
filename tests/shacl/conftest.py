"""Turtle in, results out: what the tests of the SHACL room share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from datahub.rdf.formats import parse
from datahub.rdf.frame import Frame
from datahub.rdf.terms import SH
from datahub.shacl import Report, load, validate

PREFIXES = """
@prefix dh: <https://w3id.org/datahub/ns/core/> .
@prefix ex: <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
EX = "http://example.org/"

Validate = Callable[..., Report]


@pytest.fixture
def turtle(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a Turtle file with the usual prefixes."""

    def write(text: str) -> Path:
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.ttl"
        file.write_text(PREFIXES + text, "utf-8")
        return file

    return write


def frame_of(text: str) -> Frame:
    """A frame from Turtle with the usual prefixes."""
    return parse((PREFIXES + text).encode(), "ttl")


@pytest.fixture
def frame() -> Callable[[str], Frame]:
    """`frame_of`."""
    return frame_of


@pytest.fixture
def check(turtle: Callable[[str], Path], frame: Callable[[str], Frame]) -> Validate:
    """Validates Turtle data against Turtle shapes."""

    def run(shapes: str, data: str, **options: object) -> Report:
        return validate(frame(data), load(turtle(shapes)), **options)  # type: ignore[arg-type]

    return run


def short(text: str | None) -> str | None:
    """``text`` without the example or SHACL namespace."""
    return None if text is None else text.removeprefix(EX).removeprefix(SH)


@pytest.fixture
def found(check: Validate) -> Callable[..., Counter[tuple[str | None, ...]]]:
    """The results as (focus, path, value, component) without namespaces, and how often the standard counts each."""

    def run(shapes: str, data: str, **options: object) -> Counter[tuple[str | None, ...]]:
        report = check(shapes, data, **options)
        out: Counter[tuple[str | None, ...]] = Counter()
        for row in report.results.iter_rows(named=True):
            value = None if row["value"] is None else short(report.term(row["value"]).lexical)
            component = (short(row["component"]) or "").removesuffix("ConstraintComponent")
            out[short(report.term(row["focus"]).lexical), short(row["path"]), value, component] += row["times"]
        return out

    return run
