"""The laws of going both ways, for every connector: on its samples and on files made up from its own definition."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datahub.connectors import Connector, Lift, Lowering, connectors
from datahub.connectors.tabular import Tabular
from datahub.mapping import Loss
from datahub.rdf.frame import Frame
from datahub.rdf.split import record_iris
from tests.connectors.generated import both_ways, native, tables

BASE = "https://hub.example/records/laws/"
TWO_WAY = [one for one in connectors() if {"in", "out"} <= set(one.directions)]
SAMPLES = [(one, path) for one in TWO_WAY for path in one.samples]
TABLES = list(both_ways(connectors()))
names = [f"{one.name}-{tabular.variant.name}" for one, tabular in TABLES]
modest = settings(
    deadline=None, max_examples=4, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


WRITTEN_OTHERWISE = {
    "cagette-catalogue": ("unit", "vat", "active", "offerName", "ref"),
    "gbfs-stations": (
        "^.last_updated",
        "^.ttl",
        "^.version",
        *(f"rental_uris.{name}" for name in ("web", "ios", "android")),
    ),
    "geojson-places": ("properties.identifier",),
    "hospitality-offers": ("tarif",),
    "ofn-products": ("unit_type",),
}
"""Columns that a connector declares (``normalises``) to write otherwise than they were."""


def cells(table: pl.DataFrame) -> list[tuple[object, ...]]:
    """The rows; the words of code lists are read in any case, so that is left out."""
    lists = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.List)]
    flat = table.with_columns(pl.col(lists).list.join("\0"))
    return flat.select(pl.col(sorted(table.columns)).str.to_lowercase()).rows()


def lines(lift: Lift) -> set[str]:
    return set(lift.frame.canonical_lines())


def adds_up(loss: Loss, lift: Lift) -> None:
    """The totals are those of the input, over all, by field and by record."""
    assert loss.total == len(lift.frame) == loss.expressed + loss.lost
    assert (loss.table["count"].sum() or 0) == loss.lost == (loss.records["lost"].sum() or 0)
    assert (loss.records["total"].sum() or 0) == loss.total
    assert loss.records.filter(pl.col("lost") > pl.col("total")).height == 0


def there_and_back(
    one: Connector, data: bytes | Path, filename: str | None = None
) -> tuple[Lift, Lowering, Lift | None]:
    """lift, lower, lift: what is missing afterwards is exactly the loss, and without loss nothing is new either."""
    first = one.lift(data, BASE, filename)
    lowering = one.lower(first.frame, BASE, first.variant)
    adds_up(lowering.loss, first)
    if not lowering.records:
        return first, lowering, None
    again = one.lift(lowering.data, BASE, lowering.filename)
    missing, new = lines(first) - lines(again), lines(again) - lines(first)
    if not lowering.loss.lost and not lowering.loss.added.height:
        assert not new, sorted(new)
        assert again.refused.len() == 0
    told = lowering.loss.table.select("field", "reason", "count").rows()
    assert len(missing) == lowering.loss.lost, (sorted(missing), told)
    gone: dict[str, int] = {}
    for line, record in owners(first.frame):
        gone[record] = gone.get(record, 0) + (line in missing)
    assert dict(lowering.loss.records.select("record", "lost").iter_rows()) == gone
    return first, lowering, again


def owners(frame: Frame) -> list[tuple[str, str]]:
    """Each line with the record that it is about."""
    found = sorted(set(frame.canonical_lines()))
    subjects = pl.Series([line[1:].partition(">")[0] for line in found], dtype=pl.String)
    return list(zip(found, record_iris(subjects), strict=True))


@pytest.mark.parametrize(("one", "path"), SAMPLES, ids=lambda value: getattr(value, "name", None))
def test_a_sample_comes_back_but_for_the_loss(one: Connector, path: Path) -> None:
    _, lowering, again = there_and_back(one, path, path.name)
    assert again is not None
    assert one.lower(again.frame, BASE, again.variant).data == lowering.data, "what was written once stays as it is"


@pytest.mark.parametrize(("one", "tabular"), TABLES, ids=names)
def test_any_file_comes_back_but_for_the_loss(one: Connector, tabular: Tabular) -> None:
    @modest
    @given(tables(tabular, tidy=False))
    def law(table: pl.DataFrame) -> None:
        there_and_back(one, native(tabular, table))

    law()


@pytest.mark.parametrize(("one", "tabular"), TABLES, ids=names)
def test_a_tidy_file_is_written_as_it_was(one: Connector, tabular: Tabular) -> None:
    @modest
    @given(st.data())
    def law(data: st.DataObject) -> None:
        table = data.draw(tables(tabular, tidy=True))
        file = native(tabular, table)
        first, lowering, again = there_and_back(one, file)
        codes = set(first.findings.filter(pl.col("row").is_not_null())["code"]) - {"identifier-made"}
        if not lowering.loss.lost and not lowering.loss.added.height and not codes:
            assert first.table is not None
            assert again is not None
            assert again.table is not None
            otherwise = ["row", *WRITTEN_OTHERWISE.get(one.name, ())]
            assert cells(again.table.drop(otherwise, strict=False)) == cells(first.table.drop(otherwise, strict=False))
        if again is not None:
            assert one.lower(again.frame, BASE, again.variant).data == lowering.data

    law()
