"""Whether two engines said the same, checked with libraries of others before any figure counts."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

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


def same(name: str, read: Callable[[Path], list[Any]], one: Path, other: Path) -> str:
    """A sentence that what ``read`` finds in both files is equal, and how much it is.

    Reads in a process of its own: the memory that it takes must not count as that of the commands which are timed later.
    Raises `RuntimeError` that shows the first differences.
    """
    with get_context("spawn").Pool(1) as pool:
        return str(pool.apply(_compared, (name, read, one, other)))


def _compared(name: str, read: Callable[[Path], list[Any]], one: Path, other: Path) -> str:
    ours, theirs = read(one), read(other)
    if ours != theirs:
        first, second = set(ours), set(theirs)
        raise RuntimeError(
            f"{name}: the engines differ. Only in the first: {sorted(first - second, key=str)[:3]}. "
            f"Only in the second: {sorted(second - first, key=str)[:3]}."
        )
    return f"{name}: {len(ours)} equal"
