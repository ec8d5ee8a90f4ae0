"""The log in a SQL database (SQLite or PostgreSQL), through SQLAlchemy Core."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import polars as pl
import sqlalchemy as sa

from datahub.errors import ConflictError
from datahub.i18n import Text
from datahub.records import bodies as packing
from datahub.records.backlinks import Backlinks
from datahub.records.bodies import Body
from datahub.records.database import Database, frame
from datahub.records.log import BODY_SCHEMA, LATEST_SCHEMA, REFUSED_SCHEMA, STATE_SCHEMA, VERSION_SCHEMA, Appended, Head
from datahub.records.tables import current, dictionary, head, push, refused, tally, version

VERSION_COLUMNS = tuple(VERSION_SCHEMA)
IN_CHUNK = 5_000  # below the limit of bound parameters of both databases


class SqlLog:
    """A `records.log.Log` in the tables of `records.tables`."""

    def __init__(self, database: Database | str) -> None:
        """Opens the log in ``database`` (a URL or an open `Database`); see there for the errors."""
        self.database = database if isinstance(database, Database) else Database(database)
        self._dictionaries: dict[int, bytes] = {}
        self._backlinks = Backlinks(self)

    def turn(self, dataset: str) -> AbstractContextManager[None]:
        """See `Log.turn`."""
        return self.database.turn(dataset)

    def close(self) -> None:
        """See `Log.close`."""
        self.database.close()

    # Writing

    def append(
        self,
        push_id: str,
        dataset: str,
        changes: pl.DataFrame,
        bodies: Sequence[Body],
        refusals: pl.DataFrame,
        report: Callable[[Appended], str],
        *,
        expected: int,
        keep: int,
    ) -> Appended:
        """See `Log.append`. Bodies are packed before the transaction begins, so that it holds the write lock briefly."""
        number, trained = self._dictionary(dataset, bodies)
        packed = packing.pack(bodies, trained)
        aside = refusals["body"].cast(pl.Binary)
        kept_bodies = _in_place(aside.is_not_null(), packing.pack(aside.drop_nulls().to_list(), None))
        with self.database.write() as connection:
            appended = self._advance(connection, changes.height)
            self._check_unmoved(connection, dataset, expected)
            number = self._store_dictionary(connection, dataset, number, trained)
            if appended.first_seq is not None and appended.last_seq is not None:
                seqs = range(appended.first_seq, appended.last_seq + 1)
                in_place = _in_place(changes["op"] != "delete", packed)
                self._insert_versions(connection, push_id, dataset, changes, seqs, appended.time, number, in_place)
                self._advance_current(connection, appended.first_seq, appended.last_seq)
                self._advance_tally(connection, dataset, changes["op"], appended)
            place = sa.select(sa.func.coalesce(sa.func.max(push.c.position), 0) + 1).where(push.c.dataset == dataset)
            position = connection.execute(place).scalar_one()
            connection.execute(
                push.insert().values(
                    id=push_id, dataset=dataset, time=appended.time, position=position, report=report(appended)
                )
            )
            columns = ["push", *REFUSED_SCHEMA]
            rows = zip(
                [push_id] * refusals.height,
                *(refusals[name].to_list() if name != "body" else kept_bodies for name in REFUSED_SCHEMA),
                strict=True,
            )
            self.database.insert(connection, refused, columns, rows)
            old = sa.select(push.c.id).where(push.c.dataset == dataset, push.c.position <= position - keep)
            connection.execute(refused.delete().where(refused.c.push.in_(old)))
        return appended

    def _advance(self, connection: sa.Connection, count: int) -> Appended:
        now = time.time_ns() // 1000
        later = sa.case((head.c.time > now, head.c.time), else_=now)
        # The row lock of this update orders all commits; the time is read under it, so it never decreases.
        statement = head.update().where(head.c.id == 1).values(seq=head.c.seq + count, time=later)
        row = connection.execute(statement.returning(head.c.seq, head.c.time)).one()
        if not count:
            return Appended(None, None, row.time)
        return Appended(row.seq - count + 1, row.seq, row.time)

    def _check_unmoved(self, connection: sa.Connection, dataset: str, expected: int) -> None:
        if self._last(connection, dataset) != expected:
            raise ConflictError(
                "dataset-moved",
                Text(
                    "Another push changed this dataset in the meantime.", "Un autre envoi a modifié ce jeu entre-temps."
                ),
                Text("Push again.", "Recommencez l'envoi."),
            )

    def _insert_versions(
        self,
        connection: sa.Connection,
        push_id: str,
        dataset: str,
        changes: pl.DataFrame,
        seqs: range,
        moment: int,
        number: int | None,
        packed: list[bytes | None],
    ) -> None:
        count = len(seqs)
        columns: dict[str, Sequence[Any]] = {
            "seq": seqs,
            "dataset": [dataset] * count,
            "time": [moment] * count,
            "push": [push_id] * count,
            "dictionary": [number] * count,
            "body": packed,
        }
        for name in ("record", "op", "hash", "visibility", "was", "previous"):
            columns[name] = changes[name].to_list()
        self.database.insert(connection, version, list(columns), zip(*columns.values(), strict=True))

    def _advance_current(self, connection: sa.Connection, first: int, last: int) -> None:
        names = ["record", "dataset", "seq", "op", "hash", "visibility", "widest"]
        source = sa.select(
            *(version.c[name] for name in names[:-1]), sa.func.coalesce(version.c.visibility, version.c.was, _UNSEEN)
        ).where(version.c.seq.between(first, last))
        insert = self._insert_function()(current).from_select(names, source)
        fresh = insert.excluded
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["record", "dataset"],
                set_={
                    **{name: fresh[name] for name in names[2:-1]},
                    "widest": sa.case((fresh.widest < current.c.widest, fresh.widest), else_=current.c.widest),
                },
            )
        )

    def _advance_tally(self, connection: sa.Connection, dataset: str, ops: pl.Series, appended: Appended) -> None:
        created, updated, deleted = (int((ops == op).sum()) for op in ("create", "update", "delete"))
        added = {"records": created - deleted, "created": created, "updated": updated, "deleted": deleted}
        last = {"seq": appended.last_seq, "time": appended.time}
        insert = self._insert_function()(tally).values(dataset=dataset, **added, **last)
        sums = {name: tally.c[name] + value for name, value in added.items()}
        connection.execute(insert.on_conflict_do_update(index_elements=["dataset"], set_={**sums, **last}))

    def _insert_function(self) -> Callable[[sa.Table], Any]:
        if self.database.is_sqlite:
            from sqlalchemy.dialects.sqlite import insert as sqlite_insert

            return sqlite_insert
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert

    def rebuild(self) -> None:
        """See `Log.rebuild`."""
        ranked = sa.select(
            version.c.dataset,
            version.c.record,
            sa.func.max(version.c.seq).label("seq"),
            sa.func.min(sa.func.coalesce(version.c.visibility, version.c.was, _UNSEEN)).label("widest"),
        ).group_by(version.c.dataset, version.c.record)
        last = ranked.subquery()
        source = sa.select(
            version.c.record,
            version.c.dataset,
            version.c.seq,
            version.c.op,
            version.c.hash,
            version.c.visibility,
            last.c.widest,
        ).join(last, version.c.seq == last.c.seq)
        with self.database.write() as connection:
            connection.execute(current.delete())
            names = ["record", "dataset", "seq", "op", "hash", "visibility", "widest"]
            connection.execute(current.insert().from_select(names, source))
            connection.execute(tally.delete())
            connection.execute(tally.insert().from_select([column.name for column in tally.c], _tallied()))
            self._backlinks.forget(connection)

    # Dictionaries

    def _dictionary(self, dataset: str, bodies: Sequence[Body]) -> tuple[int | None, bytes | None]:
        """The dictionary of the dataset with its number; a freshly trained one, not yet stored, has none."""
        with self.database.read() as connection:
            statement = sa.select(dictionary.c.id, dictionary.c.data).where(dictionary.c.dataset == dataset)
            row = connection.execute(statement.order_by(dictionary.c.id.desc()).limit(1)).one_or_none()
        if row is not None:
            return row.id, row.data
        return None, packing.train(bodies)

    def _store_dictionary(
        self, connection: sa.Connection, dataset: str, number: int | None, trained: bytes | None
    ) -> int | None:
        if number is not None or trained is None:
            return number
        result = connection.execute(
            dictionary.insert().values(dataset=dataset, data=trained).returning(dictionary.c.id)
        )
        return int(result.scalar_one())

    def _unpacked(
        self, connection: sa.Connection, packed: Sequence[bytes | None], numbers: Sequence[int | None]
    ) -> pl.Series:
        needed = {number for number in numbers if number is not None} - self._dictionaries.keys()
        for number in needed:
            statement = sa.select(dictionary.c.data).where(dictionary.c.id == number)
            self._dictionaries[number] = connection.execute(statement).scalar_one()
        return packing.unpack(packed, numbers, self._dictionaries)

    # Reading

    def head(self) -> Head:
        """See `Log.head`."""
        with self.database.read() as connection:
            row = connection.execute(sa.select(head.c.seq, head.c.time)).one()
        return Head(row.seq, row.time)

    def last(self, dataset: str) -> int:
        """See `Log.last`."""
        with self.database.read() as connection:
            return self._last(connection, dataset)

    def _last(self, connection: sa.Connection, dataset: str) -> int:
        statement = sa.select(sa.func.coalesce(sa.func.max(version.c.seq), 0)).where(version.c.dataset == dataset)
        return int(connection.execute(statement).scalar_one())

    def latest(self, dataset: str) -> pl.DataFrame:
        """See `Log.latest`."""
        statement = sa.select(current.c.record, current.c.seq, current.c.hash, current.c.visibility)
        with self.database.read() as connection:
            return frame(connection, statement.where(current.c.dataset == dataset), LATEST_SCHEMA)

    def find(self, record: str) -> pl.DataFrame:
        """See `Log.find`."""
        statement = sa.select(*(version.c[name] for name in VERSION_COLUMNS), current.c.widest)
        statement = statement.join(current, current.c.seq == version.c.seq).where(current.c.record == record)
        with self.database.read() as connection:
            return frame(connection, statement.order_by(current.c.dataset), STATE_SCHEMA)

    def changes(
        self,
        after: int,
        limit: int | None = None,
        *,
        dataset: str | None = None,
        upto: int | None = None,
        bodies: bool = False,
    ) -> pl.DataFrame:
        """See `Log.changes`."""
        statement = sa.select(*(version.c[name] for name in VERSION_COLUMNS)).where(version.c.seq > after)
        if dataset is not None:
            statement = statement.where(version.c.dataset == dataset)
        if upto is not None:
            statement = statement.where(version.c.seq <= upto)
        return self._versions(statement.order_by(version.c.seq).limit(limit), VERSION_SCHEMA, bodies)

    def states(
        self,
        after: int,
        limit: int | None = None,
        *,
        dataset: str | None = None,
        standing: bool = False,
        bodies: bool = False,
    ) -> pl.DataFrame:
        """See `Log.states`."""
        statement = sa.select(*(version.c[name] for name in VERSION_COLUMNS), current.c.widest)
        statement = statement.join(current, current.c.seq == version.c.seq).where(current.c.seq > after)
        if dataset is not None:
            statement = statement.where(current.c.dataset == dataset)
        if standing:
            statement = statement.where(current.c.op != "delete")
        return self._versions(statement.order_by(current.c.seq).limit(limit), STATE_SCHEMA, bodies)

    def bodies(self, seqs: Sequence[int]) -> pl.DataFrame:
        """See `Log.bodies`."""
        schema = {name: dtype for name, dtype in BODY_SCHEMA.items() if name != "body"}
        selected = sa.select(
            version.c.seq, version.c.dataset, version.c.record, version.c.time, current.c.visibility.label("now")
        ).join(current, (current.c.record == version.c.record) & (current.c.dataset == version.c.dataset))
        parts = []
        for chunk in _chunks(sorted(seqs), IN_CHUNK):
            parts.append(self._versions(selected.where(version.c.seq.in_(chunk)).order_by(version.c.seq), schema, True))
        return pl.concat(parts) if parts else pl.DataFrame(schema=BODY_SCHEMA)

    def leading(self, dataset: str, links: pl.DataFrame) -> list[int]:
        """See `Log.leading`."""
        return self._backlinks.leading(dataset, links)

    def was_seen(self, dataset: str, level: int) -> bool:
        """See `Log.was_seen`."""
        statement = sa.select(current.c.seq).where(current.c.dataset == dataset, current.c.widest <= level).limit(1)
        with self.database.read() as connection:
            return connection.execute(statement).scalar() is not None

    def _versions(self, statement: sa.Select[Any], schema: dict[str, type[pl.DataType]], bodies: bool) -> pl.DataFrame:
        with self.database.read() as connection:
            if not bodies:
                return frame(connection, statement, schema)
            packed: dict[str, type[pl.DataType]] = {**schema, "dictionary": pl.Int64, "body": pl.Binary}
            table = frame(connection, statement.add_columns(version.c.dictionary, version.c.body), packed)
            plain = self._unpacked(connection, table["body"].to_list(), table["dictionary"].to_list())
        return table.drop("dictionary").with_columns(plain.alias("body"))

    def history(self, dataset: str, record: str) -> pl.DataFrame:
        """See `Log.history`."""
        last = sa.select(current.c.seq).where(current.c.dataset == dataset, current.c.record == record)
        chain = sa.select(version.c.seq, version.c.previous).where(version.c.seq.in_(last)).cte("chain", recursive=True)
        older = version.alias("older")
        chain = chain.union_all(sa.select(older.c.seq, older.c.previous).join(chain, older.c.seq == chain.c.previous))
        statement = sa.select(*(version.c[name] for name in VERSION_COLUMNS)).join(chain, chain.c.seq == version.c.seq)
        with self.database.read() as connection:
            return frame(connection, statement.order_by(version.c.seq.desc()), VERSION_SCHEMA)

    def push(self, push_id: str) -> str | None:
        """See `Log.push`."""
        with self.database.read() as connection:
            return connection.execute(sa.select(push.c.report).where(push.c.id == push_id)).scalar_one_or_none()

    def pushes(self, dataset: str, limit: int) -> list[str]:
        """See `Log.pushes`."""
        statement = (
            sa.select(push.c.report).where(push.c.dataset == dataset).order_by(push.c.position.desc()).limit(limit)
        )
        with self.database.read() as connection:
            return list(connection.execute(statement).scalars())

    def refused(self, push_id: str) -> pl.DataFrame:
        """See `Log.refused`."""
        statement = sa.select(*(refused.c[name] for name in REFUSED_SCHEMA)).where(refused.c.push == push_id)
        schema: dict[str, type[pl.DataType]] = {**REFUSED_SCHEMA, "body": pl.Binary}
        with self.database.read() as connection:
            table = frame(connection, statement.order_by(refused.c.position), schema)
        return table.with_columns(packing.unpack(table["body"].to_list(), [None] * table.height, {}).alias("body"))


def _in_place(there: pl.Series, packed: list[bytes]) -> list[bytes | None]:
    """``packed``, each where ``there`` is true; None elsewhere."""
    left = iter(packed)
    return [next(left) if one else None for one in there]


def _tallied() -> sa.Select[Any]:
    def count(op: str) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((version.c.op == op, 1), else_=0))

    last = sa.func.max(version.c.seq), sa.func.max(version.c.time)
    counts = count("create") - count("delete"), count("create"), count("update"), count("delete")
    return sa.select(version.c.dataset, *counts, *last).group_by(version.c.dataset)


_UNSEEN = 9
"""A rank beyond all: no visibility was ever given."""


def _chunks(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (items[start : start + size] for start in range(0, len(items), size))
