"""What becomes of each column of the samples: the properties it fills, with values as they stand in the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from datahub.connectors.check import Result
from datahub.connectors.connector import Connector
from datahub.connectors.lift import Lift
from datahub.i18n import Text
from datahub.rdf.terms import curie

EXAMPLES = 3
"""Values of a column that are shown."""

SHOWN = 40
"""Characters of a value that are shown."""


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
    """Each column of the connector, and of its samples, in the order of the file."""
    lifts = [result.outcome.lift for result in results if result.outcome is not None]
    found: list[Use] = []
    for variant in connector.definition.variants:
        read = [lift for lift in lifts if lift.variant == variant.name]
        table = connector.columns.filter((pl.col("variant") == variant.name) & ~pl.col("column").str.starts_with("_"))
        names = [*variant.names, *table["column"].to_list(), *(name for lift in read for name in _names(lift))]
        keys = {name for key in variant.keys for name in (*key.columns, *key.also)}
        found += [_use(variant.name, name, table, read, name in keys) for name in dict.fromkeys(names)]
    return tuple(found)


def _names(lift: Lift) -> list[str]:
    """The columns of the file and the members of JSON that the mapping does not read."""
    own = [name for name in lift.table.columns if name != "row"] if lift.table is not None else []
    unknown = lift.findings.filter(pl.col("code") == "column-unknown")["column"].drop_nulls()
    return [*own, *unknown.to_list()]


def _use(variant: str, name: str, table: pl.DataFrame, lifts: list[Lift], key: bool) -> Use:
    rows = table.filter(pl.col("column") == name)
    paths = ["/".join(curie(step) for step in path) for path in rows["path"].to_list() if path]
    if key and not paths:
        paths = ["_key"]
    reasons = {
        (en, fr): None
        for en, fr in rows.filter(~pl.col("invertible")).select("reason_en", "reason_fr").iter_rows()
        if en is not None
    }
    back = bool(rows["invertible"].any()) or (key and rows.is_empty())
    return Use(
        variant,
        name,
        _examples(name, lifts),
        tuple(dict.fromkeys(paths)),
        back,
        () if back else tuple(Text(en, fr) for en, fr in reasons),
    )


def _examples(name: str, lifts: list[Lift]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for lift in lifts:
        if lift.table is None or name not in lift.table.columns:
            continue
        cells = lift.table[name]
        if isinstance(cells.dtype, pl.List):
            cells = cells.explode()
        for value in cells.drop_nulls().unique(maintain_order=True).head(EXAMPLES):
            found.setdefault(value if len(value) <= SHOWN else f"{value[: SHOWN - 1]}…")
    return tuple(found)[:EXAMPLES]
