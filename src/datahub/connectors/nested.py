"""Lists of objects in records: each of their objects knows the record that it belongs to, and its place in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from datahub.connectors.identity import KEY
from datahub.mapping import Plan
from datahub.mapping.model import Link, TermMap, TermType, TriplesMap, references
from datahub.mapping.nodes import constant
from datahub.sources import json_write
from datahub.sources.table import Table

if TYPE_CHECKING:
    from datahub.mapping.lowering import Filled

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


def lists(plan: Plan) -> dict[str, str]:
    """The sources that iterate over lists within the records, by key: the path of the list from the record, as ``offers[*]``."""
    first, *others = plan.sources
    start = (first.iterator or "/*") + "/" if first.formulation == "xml" else first.iterator or "$"
    return {
        source.key: source.iterator.removeprefix(start).removeprefix(".")
        for source in others
        if source.iterator and source.iterator.startswith(start) and source.iterator != start
    }


def outer(plan: Plan, path: str, name: str) -> str:
    """The column ``name`` of objects in the list ``path`` as it is called from the record: ``offers[*].price``."""
    if plan.sources[0].formulation == "xml":
        return f"{path}/{name}"
    return json_write.inside(path, name)


def owned(plan: Plan) -> dict[str, str]:
    """Those of `lists` whose objects belong to one record each, because they are named after it or have no name: these can be put
    back into their records. Objects that several records may share can't."""
    roots = dict(zip((source.key for source in plan.sources), plan.roots, strict=True))
    return {key: path for key, path in lists(plan).items() if _owned(roots[key].subject)}


def _owned(subject: TermMap) -> bool:
    return KEY in set(references(subject.expression)) or (subject.type is TermType.BLANK and subject.expression is None)


def placed(filled: Filled, written: pl.Series) -> pl.DataFrame:
    """The objects of a list that are written, in order: row (their position in ``filled``), owner (that of their record) and at
    (that of their record in ``written``, the records that are). Those of one record stand in the order of their numbers."""
    at = pl.DataFrame({"owner": written, "at": pl.arange(0, len(written), dtype=pl.UInt32, eager=True)})
    found = filled.owners.unique("row", keep="first", maintain_order=True).join(at, on="owner", maintain_order="left")
    numbers = filled.cells[NUMBER] if NUMBER in filled.cells.columns else pl.Series([None], dtype=pl.String)
    number = numbers.gather(found["row"]) if len(numbers) == filled.cells.height else numbers
    found = found.with_columns(number.cast(pl.UInt32, strict=False).alias("number"))
    return found.sort("at", "number", "row", nulls_last=True).select("row", "owner", "at")


def lined(table: Table, records: Table, lines: pl.Series) -> Table:
    """``table`` of a list, keyed after ``records`` as it is when it is read, with ``lines`` as the numbers of its rows."""
    marked = replace(table, columns=table.columns.with_columns(lines.alias("\0line")))
    found = keyed({table.name: marked}, records)[table.name]
    return replace(found, columns=found.columns.drop("\0line"), rows=found.columns["\0line"])


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
