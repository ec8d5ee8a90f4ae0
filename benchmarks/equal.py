"""Whether two engines said the same, checked with libraries of others before any figure counts."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, SH, BNode, Graph


def triples(path: Path) -> list[str]:
    """The statements of an N-Triples file in one spelling, sorted, each once."""
    return sorted({str(quad) for quad in ox.parse(path=path, format=ox.RdfFormat.N_TRIPLES)})


def results(path: Path) -> list[tuple[str, ...]]:
    """The results of a SHACL report: focus node, path, value, component and severity. Blank nodes are left without their name."""
    graph = Graph().parse(path, format="turtle")
    parts = (SH.focusNode, SH.resultPath, SH.value, SH.sourceConstraintComponent, SH.resultSeverity)
    found = set()
    for result in graph.subjects(RDF.type, SH.ValidationResult):
        values = [graph.value(result, part) for part in parts]
        found.add(tuple("_" if isinstance(value, BNode) else "" if value is None else value.n3() for value in values))
    return sorted(found)


def same(name: str, one: list[object], other: list[object]) -> str:
    """A sentence that both are equal and how many. Raises `RuntimeError` that shows the first differences."""
    if one != other:
        first, second = set(one), set(other)
        raise RuntimeError(
            f"{name}: the engines differ. Only in the first: {sorted(first - second, key=str)[:3]}. "
            f"Only in the second: {sorted(second - first, key=str)[:3]}."
        )
    return f"{name}: {len(one)} equal"
