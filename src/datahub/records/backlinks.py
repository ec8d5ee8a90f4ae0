"""Which standing versions of a dataset hold a triple with a given predicate and value: links, looked up from their end.

A projection of the log, made for those predicates only that somebody asks for: the first time by a pass over what stands, later
from where it is to the end of the log. It holds no values, only 64 bits of a hash of each: a version that is found by chance is one
too many, never one too few.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import polars as pl
import sqlalchemy as sa

from datahub.records.tables import BYTEWISE

if TYPE_CHECKING:
    from datahub.records.sql import SqlLog

CHUNK = 10_000
"""Versions read at a time."""
_ASKED = 5_000  # below the limit of bound parameters of both databases

_metadata = sa.MetaData()

link = sa.Table(
    "link",
    _metadata,
    sa.Column("dataset", BYTEWISE, primary_key=True),
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Index("link_of_version", "seq"),
)
"""key: of predicate and value, see `_keys`; other keys want a table of another name. seq: a version that stands and holds such a
triple."""

linked = sa.Table(
    "linked",
    _metadata,
    sa.Column("dataset", BYTEWISE, primary_key=True),
    sa.Column("predicate", BYTEWISE, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
)
"""The predicates whose links are known, and up to which sequence number of the dataset."""


class Backlinks:
    """The links of the datasets of ``log``."""

    def __init__(self, log: SqlLog) -> None:
        self._log = log
        self._database = log.database
        self._there = False

    def leading(self, dataset: str, links: pl.DataFrame) -> list[int]:
        """The sequence numbers of the standing versions of ``dataset`` that hold any of ``links``; see `Log.leading`."""
        if links.is_empty():
            return []
        self._follow(dataset, set(links["predicate"].unique()))
        asked = _keys(links).unique().to_list()
        found: set[int] = set()
        with self._database.read() as connection:
            for start in range(0, len(asked), _ASKED):
                hit = link.c.key.in_(asked[start : start + _ASKED])
                found.update(connection.execute(sa.select(link.c.seq).where(link.c.dataset == dataset, hit)).scalars())
        return sorted(found)

    def forget(self, connection: sa.Connection) -> None:
        """Throws all links away; they are found again when they are asked for."""
        self._create(connection)
        connection.execute(link.delete())
        connection.execute(linked.delete())

    def _create(self, connection: sa.Connection) -> None:
        if not self._database.is_sqlite:  # two processes may come here at once
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7303)"))
        _metadata.create_all(connection)

    def _follow(self, dataset: str, predicates: set[str]) -> None:
        """Brings the links of ``predicates``, and of those that are known already, to the end of the dataset."""
        if not self._there:
            with self._database.write() as connection:
                self._create(connection)
            self._there = True
        with self._database.read() as connection:
            known, position = _known(connection, dataset)
        end = self._log.last(dataset)
        while known and position < end:
            position = self._advance(dataset, known, position)
        if new := predicates - known:
            self._begin(dataset, new, end)

    def _advance(self, dataset: str, known: set[str], position: int) -> int:
        """Takes in the next versions; gives the sequence number of the last of them."""
        table = self._log.changes(position, CHUNK, dataset=dataset)
        upto = int(table["seq"][-1])
        last = table.unique("record", keep="last", maintain_order=True).filter(pl.col("op") != "delete")
        found = _found(self._log.bodies(last["seq"].to_list()), known)
        with self._database.write() as connection:
            if _known(connection, dataset) == (known, position):  # else somebody else was faster
                stale = pl.concat([table["previous"].drop_nulls(), table["seq"]]).to_list()
                for start in range(0, len(stale), _ASKED):
                    connection.execute(link.delete().where(link.c.seq.in_(stale[start : start + _ASKED])))
                self._insert(connection, dataset, found)
                connection.execute(linked.update().where(linked.c.dataset == dataset).values(position=upto))
        return upto

    def _begin(self, dataset: str, predicates: set[str], end: int) -> None:
        """Takes in the links of ``predicates`` from all that stands."""
        after, parts = 0, [pl.DataFrame(schema=_FOUND)]
        while not (states := self._log.states(after, CHUNK, dataset=dataset, standing=True, bodies=True)).is_empty():
            after = int(states["seq"][-1])
            parts.append(_found(states, predicates))
        with self._database.write() as connection:
            if _known(connection, dataset)[0].isdisjoint(predicates):
                self._insert(connection, dataset, pl.concat(parts))
                rows = [{"dataset": dataset, "predicate": each, "position": end} for each in sorted(predicates)]
                connection.execute(linked.insert(), rows)

    def _insert(self, connection: sa.Connection, dataset: str, found: pl.DataFrame) -> None:
        # In the order of the table: it grows at its end.
        rows = found.unique().sort("key", "seq").select(pl.lit(dataset).alias("dataset"), "key", "seq")
        self._database.insert(connection, link, rows.columns, rows.iter_rows())


_FOUND: dict[str, type[pl.DataType]] = {"key": pl.Int64, "seq": pl.Int64}


def _known(connection: sa.Connection, dataset: str) -> tuple[set[str], int]:
    """The predicates whose links are known, and up to where."""
    rows = connection.execute(sa.select(linked.c.predicate, linked.c.position).where(linked.c.dataset == dataset)).all()
    return {row.predicate for row in rows}, min((row.position for row in rows), default=0)


def _found(versions: pl.DataFrame, predicates: set[str]) -> pl.DataFrame:
    """The links by ``predicates`` in the bodies of versions (columns seq and body), as columns key and seq."""
    told = versions.select("seq", "body").filter(pl.col("body").str.contains_any([f"> <{p}> " for p in predicates]))
    either = "|".join(map(re.escape, sorted(predicates)))
    lines = told.select("seq", pl.col("body").str.extract_all(rf"(?m)^<[^>]*> <(?:{either})> .* \.$").alias("line"))
    parts = pl.col("line").str.extract_groups(r"^<[^>]*> <(?<predicate>[^>]*)> (?<value>.*) \.$")
    links = lines.explode("line").drop_nulls("line").select("seq", parts.alias("parts")).unnest("parts")
    return links.select(_keys(links), "seq")


def _keys(links: pl.DataFrame) -> pl.Series:
    """A number of 64 bits for each of ``links``, the same on every machine."""
    texts = links.select(pl.format("<{}> {}", "predicate", "value").alias("text"))["text"]
    numbers = {text: _number(text) for text in texts.unique()}
    return texts.replace_strict(list(numbers), list(numbers.values())).cast(pl.Int64).alias("key")


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)
