"""Lists of objects in records: each of their objects knows the record that it belongs to, and its place in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from datahub.connectors.identity import KEY
from datahub.mapping import Plan
from datahub.mapping.model import Link, TriplesMap
from datahub.mapping.nodes import constant
from datahub.sources.table import Table

NUMBER = "_number"
"""The column in which mappings find the place of an object among those of its record: 1, 2 …"""


def keyed(tables: Mapping[str, Table], records: Table) -> dict[str, Table]:
    """``tables`` of nested iterations (``$[*].offers[*]``) that ask for it with the columns `KEY` and `NUMBER`.

    Their rows are numbered as the ``records`` are; objects of records that are not among those are left out. Other tables stay.
    """
    return {
        key: _keyed(table, records) if {KEY, NUMBER} & set(table.columns.columns) else table
        for key, table in tables.items()
    }


def _keyed(table: Table, records: Table) -> Table:
    if KEY not in records.columns.columns:
        return table
    keys = pl.DataFrame({"row": records.rows, KEY: records.columns[KEY]}).unique(
        "row", keep="none", maintain_order=True
    )
    own = table.columns.drop(KEY, NUMBER, strict=False).with_columns(table.rows.alias("row"))
    found = own.join(keys, on="row", how="inner", maintain_order="left")
    found = found.with_columns(pl.int_range(1, pl.len() + 1).over("row").cast(pl.String).alias(NUMBER))
    return replace(table, columns=found.drop("row"), rows=found["row"])


def above(plan: Plan) -> dict[str, str]:
    """The sources that iterate over lists within the records, by key: what their references stand behind, as ``offers[*].``."""
    first, *others = plan.sources
    start = first.iterator or "$"
    return {
        source.key: source.iterator.removeprefix(start).removeprefix(".") + "."
        for source in others
        if source.iterator and source.iterator.startswith(start) and source.iterator != start
    }


def path_to(plan: Plan, key: str) -> list[str]:
    """The properties that lead from the record to the first node made of the source ``key``; empty where none does."""
    maps = {each.id: each for each in plan.mapping.maps}
    open_: list[tuple[TriplesMap, list[str]]] = [(each, []) for each in plan.mapping.maps if each.record]
    seen = {each.id for each, _ in open_}
    for each, path in open_:  # grows as it goes
        if plan.key(each) == key:
            return path
        for pom in each.properties:
            step = constant(pom.predicates[0])
            for value in pom.objects:
                if isinstance(value, Link) and value.parent in maps and value.parent not in seen and step:
                    seen.add(value.parent)
                    open_.append((maps[value.parent], [*path, step]))
    return []
