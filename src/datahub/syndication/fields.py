"""Records as rows: every value of a record under the path of properties that leads to it from the record's root.

The tables, GeoJSON and the pages share this flattening. It is one Polars join per level of nesting, whatever the number of records.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from datahub.rdf.frame import Frame
from datahub.rdf.split import split
from datahub.rdf.terms import DCT, IRI, PROV, RDF_TYPE, VOID

INVERSE = "^"
"""Marks a step that is walked from object to subject (as in SHACL section 2.3.1.3)."""

DEPTH = 24
"""Levels below the root that are looked at; what lies deeper has no place in a table."""


@dataclass(frozen=True)
class Field:
    """One column: predicate IRIs from the root, and the language tag of its values where they have one."""

    path: tuple[str, ...]
    language: str | None
    count: int


@dataclass(frozen=True)
class Fields:
    """All values of a frame's records.

    ``fields`` in their neutral order; ``values`` has the columns record, value (term codes of ``frame``) and field (position in
    ``fields``); ``records`` are the codes of the roots, in the order of their IRIs.
    """

    frame: Frame
    records: pl.Series
    fields: tuple[Field, ...]
    values: pl.DataFrame


_VALUES = {"record": pl.UInt32, "field": pl.UInt32, "value": pl.UInt32}


def of_records(frame: Frame) -> Fields:
    """`fields` of the records into which ``frame`` splits."""
    if not len(frame):
        return Fields(frame, pl.Series([], dtype=pl.UInt32), (), pl.DataFrame(schema=_VALUES))
    records = split(frame)
    terms = frame.terms.with_row_index("code").filter(pl.col("kind") == IRI)
    codes = records.index.join(terms, left_on="record", right_on="lexical", how="left", maintain_order="left")["code"]
    return fields(frame, codes.gather(records.owner))


def fields(frame: Frame, owner: pl.Series) -> Fields:
    """The values of each record of ``frame``; ``owner`` gives the root's code for each triple (`rdf.split`).

    A link back to a node of the same record is structure and makes no field, nor do the types of nodes below the root.
    """
    triples = frame.triples.select("s", "p", "o").with_columns(owner.cast(pl.UInt32).alias("record"))
    subjects = triples.select("record", pl.col("s").alias("node")).unique()
    roots = subjects.select("record").unique()
    paths: list[tuple[int, ...]] = [()]
    seen = roots.select("record", pl.col("record").alias("node"), pl.lit(0, pl.UInt32).alias("path"))
    frontier, leaves = seen, []
    inside = triples.join(subjects, left_on=["record", "o"], right_on=["record", "node"], how="semi")
    outside = triples.join(subjects, left_on=["record", "o"], right_on=["record", "node"], how="anti")
    predicates = frame.terms["lexical"]
    for _ in range(DEPTH):
        if not frontier.height:
            break
        leaves.append(
            _extended(
                outside.join(frontier, left_on=["record", "s"], right_on=["record", "node"]), paths, inverse=False
            ).select("record", "path", pl.col("o").alias("value"))
        )
        forward = inside.join(frontier, left_on=["record", "s"], right_on=["record", "node"])
        step = _unseen(forward.select("record", pl.col("o").alias("node"), "path", "p"), seen)
        inverse = not step.height
        if inverse:
            backward = inside.join(seen, left_on=["record", "o"], right_on=["record", "node"])
            step = _unseen(backward.select("record", pl.col("s").alias("node"), "path", "p"), seen)
        frontier = _extended(step, paths, inverse=inverse).select("record", "node", "path")
        seen = pl.concat([seen, frontier])
    return _named(frame, roots, paths, predicates, leaves)


def _unseen(step: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    fresh = step.join(seen, on=["record", "node"], how="anti")
    return fresh.sort("record", "node", "path", "p").unique(["record", "node"], keep="first", maintain_order=True)


def _extended(table: pl.DataFrame, paths: list[tuple[int, ...]], *, inverse: bool) -> pl.DataFrame:
    """``table`` with its path column lengthened by its column p; new paths are added to ``paths``."""
    steps = table.select("path", "p").unique().sort("path", "p")
    start = len(paths)
    sign = -1 if inverse else 1
    paths.extend((*paths[path], sign * (p + 1)) for path, p in steps.iter_rows())
    numbered = steps.with_columns(pl.arange(start, start + steps.height, dtype=pl.UInt32, eager=True).alias("longer"))
    return table.join(numbered, on=["path", "p"], how="left").drop("path").rename({"longer": "path"})


def _named(
    frame: Frame,
    roots: pl.DataFrame,
    paths: list[tuple[int, ...]],
    predicates: pl.Series,
    leaves: list[pl.DataFrame],
) -> Fields:
    names = [
        tuple(predicates[step - 1] if step > 0 else INVERSE + predicates[-step - 1] for step in path) for path in paths
    ]
    values = pl.concat(leaves) if leaves else pl.DataFrame(schema=dict.fromkeys(("record", "path", "value"), pl.UInt32))
    structural = [n for n, path in enumerate(names) if len(path) > 1 and path[-1] == RDF_TYPE]
    values = values.filter(~pl.col("path").is_in(structural))
    values = values.with_columns(frame.terms["language"].gather(values["value"]).alias("language"))
    counted = values.group_by("path", "language").len()
    ordered = sorted(counted.iter_rows(), key=lambda row: (_rank(names[row[0]]), names[row[0]], row[1] or ""))
    found = tuple(Field(names[path], language, count) for path, language, count in ordered)
    numbers = pl.DataFrame(
        {
            "path": [row[0] for row in ordered],
            "language": [row[1] for row in ordered],
            "field": range(len(ordered)),
        },
        schema={"path": pl.UInt32, "language": pl.String, "field": pl.UInt32},
    )
    values = values.join(numbers, on=["path", "language"], how="left", nulls_equal=True)
    iris = frame.terms["lexical"]
    records = roots.with_columns(iris.gather(roots["record"]).alias("iri")).sort("iri")["record"]
    return Fields(frame, records, found, values.select("record", "field", "value"))


_FIRST = ("type", "identifier", "name", "title", "prefLabel", "description")

PROVENANCE = (
    DCT + "source",
    DCT + "publisher",
    DCT + "license",
    VOID + "inDataset",
    PROV + "wasDerivedFrom",
    PROV + "generatedAtTime",
)
"""Where a record comes from and under which terms: the last columns of every table."""


def local_name(iri: str) -> str:
    """What follows the last ``#``, ``/`` or ``:`` of ``iri``, without the mark of an inverse step."""
    return iri.removeprefix(INVERSE).rstrip("/#").replace("#", "/").replace(":", "/").rsplit("/", 1)[-1]


def _rank(path: tuple[str, ...]) -> tuple[int, int]:
    """Near the root first; there, what names a thing before what describes it; provenance at the end."""
    if path and path[0] in PROVENANCE:
        return (100 + PROVENANCE.index(path[0]), len(path))
    name = local_name(path[-1]) if path else ""
    return (len(path), _FIRST.index(name) if name in _FIRST else len(_FIRST))
