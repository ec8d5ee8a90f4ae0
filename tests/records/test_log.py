"""The log: append-only, gapless, in commit order, on SQLite and PostgreSQL alike."""

import os
import random
import sqlite3
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from datahub.errors import ConflictError, InputError
from datahub.records import SqlLog, StorageError
from datahub.records.log import CHANGE_SCHEMA, REFUSED_SCHEMA
from tests.records.deliveries import body, deliver


def test_versions_are_numbered_without_gaps_across_datasets_and_times_never_decrease(log: SqlLog) -> None:
    deliver(log, "one", {"a": "1", "b": "1"})
    deliver(log, "two", {"c": "1"})
    deliver(log, "one", {"a": "2"})
    table = log.changes(0)
    assert table["seq"].to_list() == [1, 2, 3, 4, 5]
    assert table["time"].is_sorted()
    assert table.select("record", "op").rows()[3:] == [("b", "delete"), ("a", "update")]
    assert log.head().seq == 5


def test_bodies_come_back_as_they_were_with_a_trained_dictionary_and_without(log: SqlLog) -> None:
    few = {"a": "é", "b": 'q"'}
    many = {f"r{i}": "x" * (i % 50) for i in range(300)}
    deliver(log, "few", few)
    deliver(log, "many", many)
    deliver(log, "many", many | {"r7": "changed"})
    for dataset, world in (("few", few), ("many", many | {"r7": "changed"})):
        table = log.states(0, dataset=dataset, standing=True, bodies=True)
        assert dict(table.select("record", "body").rows()) == {r: body(r, v).decode() for r, v in world.items()}


def test_an_unchanged_record_makes_no_version(log: SqlLog) -> None:
    deliver(log, "one", {"a": "1", "b": "1"})
    appended = deliver(log, "one", {"a": "1", "b": "2"})
    assert (appended.first_seq, appended.last_seq) == (3, 3)
    assert deliver(log, "one", {"a": "1", "b": "2"}).first_seq is None
    assert log.head().seq == 3


def test_history_goes_back_through_deletions(log: SqlLog) -> None:
    deliver(log, "one", {"a": "1"})
    deliver(log, "one", {})
    deliver(log, "one", {"a": "2"})
    deliver(log, "one", {"a": "3"})
    assert log.history("one", "a")["op"].to_list() == ["update", "create", "delete", "create"]
    assert log.bodies(log.history("one", "a")["seq"].to_list())["body"].drop_nulls().len() == 3


def test_states_give_the_last_version_of_each_record_and_its_widest_visibility(log: SqlLog) -> None:
    deliver(log, "one", {"a": "1", "b": "1"}, visibility=0)
    deliver(log, "one", {"a": "1"}, visibility=2)
    states = log.states(0)
    assert states.select("record", "seq", "op", "visibility", "was", "widest").rows() == [
        ("b", 3, "delete", None, 0, 0),
        ("a", 4, "update", 2, 0, 0),
    ]
    assert log.states(3)["record"].to_list() == ["a"]
    assert log.find("a")["dataset"].to_list() == ["one"]


def test_two_datasets_may_hold_the_same_record(log: SqlLog) -> None:
    deliver(log, "one", {"a": "1"})
    deliver(log, "two", {"a": "2"})
    deliver(log, "two", {})
    assert log.find("a").select("dataset", "op").rows() == [("one", "create"), ("two", "delete")]


def test_changes_made_against_an_older_state_are_refused(log: SqlLog) -> None:
    deliver(log, "one", {"a": "1"})
    change = {"record": "a", "op": "update", "hash": "x", "visibility": 0, "was": 0, "previous": 1}
    with pytest.raises(ConflictError) as error:
        log.append(
            "p",
            "one",
            pl.DataFrame([change], schema=CHANGE_SCHEMA),
            [b"x"],
            pl.DataFrame(schema=REFUSED_SCHEMA),
            lambda _: "",
            expected=0,
            keep=1,
        )
    assert error.value.code == "dataset-moved"
    assert log.head().seq == 1
    assert log.push("p") is None


def test_a_report_that_fails_leaves_the_log_as_it_was(log: SqlLog) -> None:
    def fail(_: object) -> str:
        raise RuntimeError

    change = {"record": "a", "op": "create", "hash": "x", "visibility": 0, "was": None, "previous": None}
    changes, none = pl.DataFrame([change], schema=CHANGE_SCHEMA), pl.DataFrame(schema=REFUSED_SCHEMA)
    with pytest.raises(RuntimeError):
        log.append("p", "one", changes, [b"x"], none, fail, expected=0, keep=1)
    assert log.head().seq == 0
    assert log.changes(0).is_empty()


def test_refused_records_are_kept_for_the_last_pushes_only(log: SqlLog) -> None:
    refusal = {"position": 0, "record": "r", "row": 4, "native": "a;b", "body": "<x> <y> <z> .\n", "findings": "[]"}
    for number in range(3):
        log.append(
            f"p{number}",
            "one",
            pl.DataFrame(schema=CHANGE_SCHEMA),
            [],
            pl.DataFrame([refusal], schema=REFUSED_SCHEMA),
            lambda _, number=number: str(number),
            expected=0,
            keep=2,
        )
    assert [log.refused(f"p{number}").height for number in range(3)] == [0, 1, 1]
    assert log.refused("p2").to_dicts() == [refusal]
    assert log.pushes("one", 2) == ["2", "1"]


def test_the_table_of_standing_records_can_be_made_again_from_the_versions(log: SqlLog) -> None:
    dice = random.Random(7)
    for _ in range(30):
        world = {name: dice.choice("123") for name in dice.sample("abcdefgh", dice.randint(0, 6))}
        deliver(
            log, dice.choice(["one", "two"]), world, dice.choice(["snapshot", "delta"]), visibility=dice.choice([0, 2])
        )

    def everything() -> list[tuple[object, ...]]:
        queries = ('SELECT * FROM "current" ORDER BY record, dataset', "SELECT * FROM tally ORDER BY dataset")
        with log.database.read() as connection:
            return [tuple(row) for query in queries for row in connection.execute(sa.text(query))]

    before = everything()
    log.rebuild()
    assert len(before) > 8
    assert everything() == before


def test_a_log_is_found_again_with_all_that_was_in_it(log: SqlLog, log_url: str) -> None:
    deliver(log, "one", {f"r{i}": "1" for i in range(100)})
    again = SqlLog(log_url)
    assert again.states(0, bodies=True).equals(log.states(0, bodies=True))
    again.close()


def test_a_log_of_a_newer_datahub_is_refused_in_words(log: SqlLog, log_url: str) -> None:
    with log.database.write() as connection:
        connection.execute(sa.text("INSERT INTO layout VALUES (99)"))
    with pytest.raises(ConflictError) as error:
        SqlLog(log_url)
    assert error.value.code == "log-newer"
    assert "99" in error.value.message.fr


@pytest.mark.parametrize("url", ["mysql://x/y", "not a url", "postgresql://nobody@127.0.0.1:1/none"])
def test_an_address_that_is_no_log_is_refused_in_words(url: str) -> None:
    with pytest.raises(InputError) as error:
        SqlLog(url)
    assert error.value.code == "log-url"


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    path.write_text("this is not a database, but somebody's letter" * 100)
    with pytest.raises(InputError):
        SqlLog(f"sqlite:///{path}")
    assert path.read_text().startswith("this is not")


def test_sqlite_writes_ahead_and_syncs_every_commit(tmp_path: Path) -> None:
    log = SqlLog(f"sqlite:///{tmp_path / 'log.db'}")
    with log.database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    log.close()
    assert sqlite3.connect(tmp_path / "log.db").execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_disk_that_is_full_in_the_middle_of_the_rows_is_told_in_words(tmp_path: Path) -> None:
    log = SqlLog(f"sqlite:///{tmp_path / 'log.db'}")
    deliver(log, "one", {f"r{i}": os.urandom(200).hex() for i in range(100)})  # has its dictionary
    with log.database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 3}")
    with pytest.raises(StorageError) as error:
        deliver(log, "one", {f"s{i}": os.urandom(200).hex() for i in range(500)})
    assert error.value.code == "log-unavailable"
    log.close()


def test_a_database_that_fails_is_told_in_words_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    log = SqlLog(f"sqlite:///{tmp_path / 'log.db'}")
    deliver(log, "one", {"a": "1"})
    with log.database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limit = sa.event.listens_for(log.database._engine, "checkout")(
        lambda connection, *_: connection.execute(f"PRAGMA max_page_count={pages}")
    )
    assert limit is not None
    with pytest.raises(StorageError) as error:
        deliver(log, "one", {f"r{i}": os.urandom(200).hex() for i in range(500)})
    assert error.value.code == "log-unavailable"
    assert log.head().seq == 1
    assert log.states(0)["record"].to_list() == ["a"]
    log.close()
