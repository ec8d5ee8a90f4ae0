"""Links are found from their end: always those of what stands, whatever was pushed since they were asked for first."""

import random

import polars as pl
import pytest
import sqlalchemy as sa

from datahub.records import SqlLog
from datahub.records.log import LINK_SCHEMA
from tests.records.deliveries import deliver

P, Q = "http://h/p", "http://h/q"


def links(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema=LINK_SCHEMA, orient="row")


def two(value: str, target: str) -> str:
    """The value of a record that also has a part which links to ``target`` by q."""
    return f'{value}" .\n<http://h/part> <{Q}> <http://h/{target}> .\n<http://h/part> <{P}> "of'


def leading(log: SqlLog, *pairs: tuple[str, str]) -> list[str]:
    seqs = log.leading("one", links(*pairs))
    assert seqs == sorted(seqs)
    return sorted(log.bodies(seqs)["record"])


def test_the_versions_that_lead_to_a_node_are_found_by_predicate_and_value(log: SqlLog) -> None:
    deliver(log, "one", {"a": two("1", "x"), "b": two("2", "x"), "c": two("1", "y"), "d": "x"})
    deliver(log, "two", {"e": two("1", "x")})
    assert leading(log, (Q, "<http://h/x>")) == ["a", "b"]
    assert leading(log, (P, "<http://h/x>")) == []
    assert leading(log, (Q, "<http://h/y>"), (P, '"2"'), (P, '"nothing"')) == ["b", "c"]
    assert leading(log) == []


def test_what_looks_like_a_link_inside_of_a_text_is_none(log: SqlLog) -> None:
    deliver(log, "one", {"a": rf"\n<http://h/z> <{Q}> <http://h/x> .\n"})
    assert leading(log, (Q, "<http://h/x>")) == []


def test_only_what_stands_is_found(log: SqlLog) -> None:
    deliver(log, "one", {"a": two("1", "x"), "b": two("1", "x"), "c": "1"})
    assert leading(log, (Q, "<http://h/x>")) == ["a", "b"]
    deliver(log, "one", {"a": two("1", "y"), "c": two("1", "x")}, mode="delta", deletions=("b",))
    assert leading(log, (Q, "<http://h/x>")) == ["c"]
    assert leading(log, (Q, "<http://h/y>")) == ["a"]
    deliver(log, "one", {})
    assert leading(log, (Q, "<http://h/x>"), (Q, "<http://h/y>")) == []


def stored(log: SqlLog) -> list[list[tuple[object, ...]]]:
    with log.database.read() as connection:
        return [
            [tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {name} ORDER BY 1, 2"))]
            for name in ("link", "linked")
        ]


@pytest.mark.parametrize("seed", range(6))
def test_links_that_were_kept_up_are_those_that_are_made_anew(
    log: SqlLog, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datahub.records.backlinks.CHUNK", 3)
    dice = random.Random(seed)
    world: dict[str, tuple[str, str]] = {}
    for _ in range(12):
        came = {name: (dice.choice("12"), dice.choice("xyz")) for name in dice.sample("abcdefg", dice.randint(0, 5))}
        gone = tuple(dice.sample("abcdefg", dice.randint(0, 2)))
        mode = dice.choice(["snapshot", "delta", "delta"])
        deliver(log, "one", {name: two(*each) for name, each in came.items()}, mode, gone if mode == "delta" else ())
        world = came if mode == "snapshot" else {k: v for k, v in (world | came).items() if k not in gone}
        if dice.random() < 0.4:
            target = dice.choice("xyz")
            assert leading(log, (Q, f"<http://h/{target}>")) == sorted(k for k, v in world.items() if v[1] == target)
        if dice.random() < 0.2:
            value = dice.choice("12")
            assert leading(log, (P, f'"{value}"')) == sorted(k for k, v in world.items() if v[0] == value)
    both = (P, '"1"'), (Q, "<http://h/x>")
    found = leading(log, *both)
    before = stored(log)
    log.rebuild()
    assert stored(log) == [[], []]
    assert leading(log, *both) == found
    assert stored(log) == before
