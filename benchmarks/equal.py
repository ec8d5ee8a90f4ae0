"""Whether two engines said the same, checked with libraries of others before any figure counts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl
import pyoxigraph as ox
from rdflib import RDF, SH, XSD, BNode, Graph, Literal


def triples(path: Path) -> list[str]:
    """The statements of an N-Triples file in one spelling, decimals without needless digits, sorted, each once."""
    return sorted({_plain(quad) for quad in ox.parse(path=path, format=ox.RdfFormat.N_TRIPLES)})


def apostrophes_mended(path: Path) -> list[str]:
    """`triples` of SDM-RDFizer, which puts a backslash into the text before each apostrophe."""
    return sorted({line.replace("\\\\'", "'") for line in triples(path)})


def _plain(quad: ox.Quad) -> str:
    value = quad.object
    if isinstance(value, ox.Literal) and value.datatype == _DECIMAL:
        return f"{quad.subject} {quad.predicate} {Decimal(value.value).normalize():f} decimal"
    return str(quad.triple)


_DECIMAL = ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")


def digest(path: Path) -> list[int]:
    """How many lines an N-Triples file has, and two sums over the hashes of them: for files too large to compare term by term."""
    line = pl.col("line")
    sums = pl.scan_lines(path).select(pl.len(), line.hash(1).sum().alias("a"), line.hash(2).sum().alias("b"))
    return [int(value) for value in sums.collect(engine="streaming").row(0)]


def results(path: Path) -> list[tuple[str, ...]]:
    """The results of a SHACL report: focus node, path, value, component and severity. Blank nodes are left without their name."""
    graph = Graph().parse(path, format="turtle")
    parts = (SH.focusNode, SH.resultPath, SH.value, SH.sourceConstraintComponent, SH.resultSeverity)
    found = set()
    for result in graph.subjects(RDF.type, SH.ValidationResult):
        values = [graph.value(result, part) for part in parts]
        if isinstance(values[2], Literal) and values[2].datatype == XSD.decimal:
            values[2] = Literal(f"{Decimal(str(values[2])).normalize():f}", datatype=XSD.decimal, normalize=False)
        found.add(tuple("_" if isinstance(value, BNode) else "" if value is None else value.n3() for value in values))
    return sorted(found)


Read = tuple[Callable[[Path], list[Any]], Path]
"""A file, and how it is read."""


def same(name: str, read: Callable[[Path], list[Any]], one: Path, other: Path) -> str:
    """A sentence that what ``read`` finds in both files is equal, and how much it is; see `alike`."""
    return alike(name, (read, one), (read, other))


def alike(name: str, one: Read, other: Read) -> str:
    """A sentence that two files, each read in its own way, say the same, and how much it is.

    Reads in a process of its own: the memory that it takes must not count as that of the commands which are timed later.
    Raises `RuntimeError` that shows the first differences.
    """
    with get_context("spawn").Pool(1) as pool:
        return str(pool.apply(_compared, (name, one, other)))


def _compared(name: str, one: Read, other: Read) -> str:
    ours, theirs = one[0](one[1]), other[0](other[1])
    if ours != theirs:
        first, second = set(ours), set(theirs)
        raise RuntimeError(
            f"{name}: the engines differ. Only in the first: {sorted(first - second, key=str)[:3]}. "
            f"Only in the second: {sorted(second - first, key=str)[:3]}."
        )
    return f"{name}: {len(ours)} equal"
