"""What becomes of each column of the samples: the properties it fills, with values as they stand in the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from datahub.connectors.check import Result
from datahub.connectors.connector import Connector
from datahub.connectors.definition import Variant
from datahub.connectors.lift import Lift
from datahub.connectors.nested import lists, outer, path_to
from datahub.connectors.tabular import Tabular
from datahub.i18n import Text
from datahub.rdf.terms import curie
from datahub.sources import json

EXAMPLES = 3
"""Values of a column that are shown."""

SHOWN = 40
"""Characters of a value that are shown."""


ONLY_WRITTEN = "← "
"""Stands before the way to what fills a column and is not lifted from it."""


@dataclass(frozen=True)
class Use:
    """A column of one variant. ``paths``: the properties it becomes, from the record (empty: the column is not read).
    ``reasons``: why it is not written back, where it is not."""

    variant: str
    column: str
    examples: tuple[str, ...]
    paths: tuple[str, ...]
    back: bool
    reasons: tuple[Text, ...] = ()


def uses(connector: Connector, results: Iterable[Result]) -> tuple[Use, ...]:
    """Each column of the connector, and of its samples, in the order of the file; where it only reads, none is written back."""
    known = [result for result in results if result.outcome is not None]
    written = "out" in connector.directions
    found: list[Use] = []
    for variant in connector.definition.variants:
        read = [each for each in known if each.outcome is not None and each.outcome.lift.variant == variant.name]
        cells = [_cells(connector, variant, each) for each in read]
        table = _columns(connector, variant.name)
        own = [name for each in cells for name in each.columns if name != "row" and not name.startswith("_")]
        unknown = [name for each in read if each.outcome is not None for name in _unknown(each.outcome.lift)]
        keys = {name for key in variant.keys for name in (*key.columns, *key.also)}
        names = dict.fromkeys([*variant.names, *table["column"].to_list(), *own, *unknown])
        found += [_use(variant.name, name, table, cells, name in keys, written) for name in names]
    return tuple(found)


def _columns(connector: Connector, variant: str) -> pl.DataFrame:
    """The columns of ``variant``; those of objects in lists as they are called from the record: ``offers[*].price``."""
    table = connector.columns.filter((pl.col("variant") == variant) & ~pl.col("column").str.starts_with("_"))
    pipeline = connector.pipelines[variant]
    inner = lists(pipeline.plan) if isinstance(pipeline, Tabular) else {}
    if not isinstance(pipeline, Tabular) or not inner:
        return table
    rows = [
        {
            **row,
            "column": outer(pipeline.plan, inner[row["source"]], row["column"])
            if row["source"] in inner
            else row["column"],
            "path": [*(path_to(pipeline.plan, row["source"]) if row["source"] in inner else []), *row["path"]],
        }
        for row in table.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=table.schema)


def _cells(connector: Connector, variant: Variant, result: Result) -> pl.DataFrame:
    """The values of the sample of ``result`` as they stand in the file, those of objects in lists as lists."""
    assert result.outcome is not None
    table = result.outcome.lift.table
    pipeline = connector.pipelines[variant.name]
    inner = lists(pipeline.plan) if isinstance(pipeline, Tabular) else {}
    if table is None or not isinstance(pipeline, Tabular) or not inner:
        return pl.DataFrame() if table is None else table
    names = [
        outer(pipeline.plan, inner[source.key], name)
        for source in pipeline.plan.sources
        if source.key in inner
        for name in source.references
        if not name.startswith(("_", "^"))
    ]
    # The columns of the record tell a reader what an item is, where the file is a single one.
    root = pipeline.plan.sources[0]
    own = [name for name in root.references if not name.startswith("_")]
    path = connector.folder / "samples" / result.sample
    if root.formulation == "xml":
        from datahub.sources import xml  # most samples are of another kind

        found = xml.read(path, root.iterator or "/*", names, namespaces=dict(root.source.namespaces))
    else:
        found = json.read(path, root.iterator or "$", [*own, *names])
    return pl.concat([table, found.columns.select(names)], how="horizontal")


def _unknown(lift: Lift) -> list[str]:
    """The columns and the members of JSON that the mapping does not read."""
    return lift.findings.filter(pl.col("code") == "column-unknown")["column"].drop_nulls().to_list()


def _use(variant: str, name: str, table: pl.DataFrame, cells: list[pl.DataFrame], key: bool, written: bool) -> Use:
    rows = table.filter(pl.col("column") == name)
    paths = [
        ("" if lifted else ONLY_WRITTEN) + "/".join(curie(step) for step in path)
        for path, lifted in rows.select("path", "lifted").iter_rows()
        if path
    ]
    if key and not paths:
        paths = ["_key"]
    reasons = {
        (en, fr): None
        for en, fr in rows.filter(~pl.col("invertible")).select("reason_en", "reason_fr").iter_rows()
        if en is not None
    }
    back = written and (bool(rows["invertible"].any()) or (key and rows.is_empty()))
    return Use(
        variant,
        name,
        _examples(name, cells),
        tuple(dict.fromkeys(paths)),
        back,
        () if back or not written else tuple(Text(en, fr) for en, fr in reasons),
    )


def _examples(name: str, tables: list[pl.DataFrame]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for table in tables:
        if name not in table.columns:
            continue
        cells = table[name]
        if isinstance(cells.dtype, pl.List):
            cells = cells.explode()
        for value in cells.drop_nulls().unique(maintain_order=True).head(EXAMPLES):
            found.setdefault(value if len(value) <= SHOWN else f"{value[: SHOWN - 1]}…")
    return tuple(found)[:EXAMPLES]
