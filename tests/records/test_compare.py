"""Comparing: what a push changes, by the records that came and those that stand."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from datahub.records import Comparison, compare
from datahub.records.log import LATEST_SCHEMA

names = st.sampled_from(["a", "b", "c", "d", "e", "f"])
worlds = st.dictionaries(names, st.sampled_from(["1", "2"]))
TAKEN = {"record": pl.String, "hash": pl.String, "visibility": pl.UInt8, "number": pl.UInt32}


def latest(world: dict[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "record": list(world),
            "seq": range(1, len(world) + 1),
            "hash": list(world.values()),
            "visibility": [None if value is None else 0 for value in world.values()],
        },
        schema=LATEST_SCHEMA,
    )


def delivered(world: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "record": list(world),
            "hash": list(world.values()),
            "visibility": [0] * len(world),
            "number": range(len(world)),
        },
        schema=TAKEN,
    )


def run(before: dict[str, str | None], came: dict[str, str], mode: str = "snapshot", **sets: set[str]) -> Comparison:
    series = {
        key: pl.Series(sorted(sets.get(key, ())), dtype=pl.String) for key in ("refused", "absorbed", "deletions")
    }
    return compare(latest(before), delivered(came), mode=mode, **series)  # type: ignore[arg-type]


def applied(before: dict[str, str | None], result: Comparison) -> dict[str, str]:
    world = {record: value for record, value in before.items() if value is not None}
    for record, op, value in result.changes.select("record", "op", "hash").iter_rows():
        if op == "delete":
            del world[record]
        else:
            assert (op == "update") == (record in world)
            world[record] = value
    return world


@given(worlds, worlds, st.sets(names))
def test_after_a_snapshot_stands_what_came_and_what_was_refused_keeps_its_earlier_version(
    before: dict[str, str], came: dict[str, str], refused: set[str]
) -> None:
    came = {record: value for record, value in came.items() if record not in refused}
    result = run(dict(before), came, refused=refused)
    assert applied(dict(before), result) == {k: v for k, v in before.items() if k in refused} | came
    assert set(result.kept) == refused & before.keys()


@given(worlds, worlds, st.sets(names))
def test_after_a_delta_the_named_records_are_gone_and_the_rest_stays(
    before: dict[str, str], came: dict[str, str], deletions: set[str]
) -> None:
    result = run(dict(before), came, "delta", deletions=deletions)
    assert applied(dict(before), result) == {k: v for k, v in (before | came).items() if k not in deletions}
    assert set(result.unknown) == deletions - before.keys()


@given(worlds)
def test_the_same_snapshot_again_changes_nothing(world: dict[str, str]) -> None:
    result = run(dict(world), world)
    assert result.changes.is_empty()
    assert result.unchanged == len(world)


def test_a_deleted_record_that_comes_back_is_created_and_knows_its_tombstone() -> None:
    result = run({"a": None}, {"a": "1"})
    assert result.changes.select("op", "previous", "was").row(0) == ("create", 1, None)


def test_a_tombstone_is_not_deleted_twice() -> None:
    assert run({"a": None}, {}).changes.is_empty()


def test_a_record_that_became_part_of_another_is_deleted() -> None:
    result = run({"a#offer": "1"}, {"a": "1"}, "delta", absorbed={"a#offer"})
    assert result.changes.select("record", "op").rows() == [("a#offer", "delete"), ("a", "create")]


def test_a_change_of_visibility_alone_is_an_update() -> None:
    table = delivered({"a": "1"}).with_columns(pl.lit(2, pl.UInt8).alias("visibility"))
    none = pl.Series([], dtype=pl.String)
    result = compare(latest({"a": "1"}), table, mode="delta", refused=none, absorbed=none, deletions=none)
    assert result.changes.select("op", "visibility", "was").rows() == [("update", 2, 0)]
