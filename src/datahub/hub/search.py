"""The place and text index: a projection of the log for lists, filters and maps.

Lists are in one neutral order, by folded label and then by a hash of the IRI (see `hub.fields.place_in_lists`); nothing is ranked.
Pages follow one another by key, so a page costs the same wherever it is.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa

from datahub.errors import InputError
from datahub.hub.fields import FIELD_SCHEMA, folded
from datahub.i18n import Text
from datahub.records.database import Database, frame
from datahub.records.tables import BYTEWISE

Interval = tuple[datetime | None, datetime | None]

LAYOUT = 1
"""Raise it when the table or what is in it changes: the index is then made again when a hub opens."""

_metadata = sa.MetaData()

projection = sa.Table(
    "projection",
    _metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("layout", sa.Integer, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)

place_index = sa.Table(
    "place_index",
    _metadata,
    sa.Column("record", BYTEWISE, primary_key=True),
    sa.Column("dataset", BYTEWISE, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("modified", sa.BigInteger, nullable=False),
    sa.Column("visibility", sa.SmallInteger, nullable=False),
    sa.Column("label", sa.String, nullable=False),
    sa.Column("kind", sa.String),
    sa.Column("category", sa.String),
    sa.Column("lat", sa.Float),
    sa.Column("lon", sa.Float),
    sa.Column("insee", sa.String),
    sa.Column("department", sa.String),
    sa.Column("locality", sa.String),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("place", BYTEWISE, nullable=False),
    sa.Index("place_index_order", "place", "dataset", "record"),
    sa.Index("place_index_dataset", "dataset", "place"),
    sa.Index("place_index_department", "department", "place"),
)

SUMMARY_SCHEMA: dict[str, type[pl.DataType]] = {
    "record": pl.String,
    "dataset": pl.String,
    "label": pl.String,
    "kind": pl.String,
    "category": pl.String,
    "lat": pl.Float64,
    "lon": pl.Float64,
    "insee": pl.String,
    "department": pl.String,
    "locality": pl.String,
    "modified": pl.Int64,
    "seq": pl.Int64,
    "visibility": pl.Int64,
}
ROW_SCHEMA: dict[str, type[pl.DataType]] = {
    "dataset": pl.String,
    "seq": pl.Int64,
    "modified": pl.Int64,
    "visibility": pl.UInt8,
    **FIELD_SCHEMA,
}
"""A row of the index, as `PlaceIndex.apply` takes it."""


@dataclass(frozen=True)
class RecordSummary:
    """A record in a list. ``modified``: commit time of its last version. ``visibility``: open, members or private."""

    record: str
    dataset: str
    label: str
    kind: str | None
    category: str | None
    lat: float | None
    lon: float | None
    insee: str | None
    department: str | None
    locality: str | None
    modified: datetime
    seq: int
    visibility: str


@dataclass(frozen=True)
class Filter:
    """What a list shows. ``levels``: highest visible rank by dataset; a dataset that is not named is not shown.

    ``bbox``: west, south, east, north in degrees; west may be greater than east (RFC 7946 section 5.2).
    ``changed``: first and last time of the latest change; None for an open end.
    """

    levels: tuple[tuple[str, int], ...]
    q: str | None = None
    department: str | None = None
    kind: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    located: bool | None = None
    changed: Interval | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The conditions on the index."""
        c = place_index.c
        by_level: dict[int, list[str]] = {}
        for dataset, level in self.levels:
            by_level.setdefault(level, []).append(dataset)
        seen = [sa.and_(c.dataset.in_(names), c.visibility <= level) for level, names in sorted(by_level.items())]
        found: list[sa.ColumnElement[bool]] = [sa.or_(*seen) if seen else sa.false()]
        for word in _words(self.q or ""):
            found.append(c.text.contains(word, autoescape=True) | c.place.contains(word, autoescape=True))
        if self.department:
            found.append(c.department == self.department.upper())
        if self.kind:
            found.append((c.kind == self.kind) | (c.category == self.kind))
        if self.located is not None:
            found.append(c.lat.is_not(None) & c.lon.is_not(None) if self.located else c.lat.is_(None) | c.lon.is_(None))
        first, last = self.changed or (None, None)
        if first is not None:
            found.append(c.modified >= _microseconds(first))
        if last is not None:
            found.append(c.modified <= _microseconds(last))
        if self.bbox is not None:
            found.append(_within(self.bbox))
        return found


def _microseconds(when: datetime) -> int:
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


class PlaceIndex:
    """The index in the log's database, with its own position in the log."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.write() as connection:
            if not database.is_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(7302)"))
            _metadata.create_all(connection)
            layout = connection.execute(sa.select(projection.c.layout).where(projection.c.name == "places")).scalar()
            if layout != LAYOUT:
                place_index.drop(connection)
                place_index.create(connection)
                connection.execute(projection.delete().where(projection.c.name == "places"))
                connection.execute(projection.insert().values(name="places", layout=LAYOUT, position=0))

    def position(self) -> int:
        """The last sequence number that the index has taken in."""
        with self._database.read() as connection:
            return _position(connection)

    def apply(self, after: int, upto: int, touched: pl.DataFrame, rows: pl.DataFrame) -> bool:
        """Takes in the versions after ``after`` up to ``upto``, in one transaction.

        ``touched``: the records that may be there already (record and dataset); ``rows``: those that stand now (`ROW_SCHEMA`).
        False, and nothing done, where the index is not at ``after``.
        """
        with self._database.write() as connection:
            lock = projection.update().where(projection.c.name == "places", projection.c.position == after)
            if not connection.execute(lock.values(position=upto)).rowcount:
                return False
            if touched.height:
                gone = place_index.delete().where(
                    place_index.c.record == sa.bindparam("r"), place_index.c.dataset == sa.bindparam("d")
                )
                connection.execute(gone, [{"r": r, "d": d} for r, d in touched.select("record", "dataset").iter_rows()])
            columns = list(ROW_SCHEMA)
            self._database.insert(connection, place_index, columns, rows.select(columns).rows())
        return True

    def clear(self) -> None:
        """Empties the index."""
        with self._database.write() as connection:
            connection.execute(place_index.delete())
            connection.execute(projection.update().where(projection.c.name == "places").values(position=0))

    def page(
        self, wanted: Filter, *, cursor: str | None, offset: int | None, limit: int, count: bool
    ) -> tuple[pl.DataFrame, str | None, int | None]:
        """One page (`SUMMARY_SCHEMA`), the cursor of the next one, and how many there are in all if ``count``."""
        conditions = wanted.conditions()
        c = place_index.c
        key = sa.tuple_(c.place, c.dataset, c.record)
        statement = sa.select(*(c[name] for name in SUMMARY_SCHEMA), c.place).where(*conditions)
        if cursor is not None:
            statement = statement.where(key > sa.tuple_(*map(sa.literal, _opened(cursor))))
        statement = statement.order_by(c.place, c.dataset, c.record).limit(limit + 1).offset(offset)
        with self._database.read() as connection:
            table = frame(connection, statement, {**SUMMARY_SCHEMA, "place": pl.String})
            total = None
            if count:
                total = connection.execute(
                    sa.select(sa.func.count()).select_from(place_index).where(*conditions)
                ).scalar_one()
        more = table.height > limit
        table = table.head(limit)
        last = table.select("place", "dataset", "record").row(-1) if more and limit else None
        return table.drop("place"), None if last is None else _sealed(last), total

    def facet(self, wanted: Filter, column: str) -> pl.DataFrame:
        """How many records there are by ``column``: columns value and count, by count."""
        value = place_index.c[column]
        number = sa.func.count().label("count")
        statement = (
            sa.select(value.label("value"), number).where(*wanted.conditions(), value.is_not(None)).group_by(value)
        )
        with self._database.read() as connection:
            return frame(connection, statement.order_by(number.desc(), value), {"value": pl.String, "count": pl.Int64})

    def extent(self, wanted: Filter) -> tuple[float, float, float, float] | None:
        """The smallest box around all located records: west, south, east, north. None where there are none."""
        lat, lon = place_index.c.lat, place_index.c.lon
        corners = sa.func.min(lon), sa.func.min(lat), sa.func.max(lon), sa.func.max(lat)
        with self._database.read() as connection:
            west, south, east, north = connection.execute(sa.select(*corners).where(*wanted.conditions())).one()
        return None if west is None or south is None else (west, south, east, north)

    def find(self, dataset: str, record: str) -> pl.DataFrame:
        """The row of one record (`SUMMARY_SCHEMA`), or none."""
        c = place_index.c
        statement = sa.select(*(c[name] for name in SUMMARY_SCHEMA)).where(c.dataset == dataset, c.record == record)
        with self._database.read() as connection:
            return frame(connection, statement, SUMMARY_SCHEMA)

    def everything(self) -> pl.DataFrame:
        """All rows by dataset and record, for comparing."""
        statement = sa.select(*(place_index.c[name] for name in ROW_SCHEMA))
        with self._database.read() as connection:
            return frame(connection, statement.order_by(place_index.c.dataset, place_index.c.record), ROW_SCHEMA)


def _position(connection: sa.Connection) -> int:
    statement = sa.select(projection.c.position).where(projection.c.name == "places")
    return int(connection.execute(statement).scalar_one())


def _words(query: str) -> list[str]:
    plain = pl.DataFrame({"q": [query[:200].replace("\x00", "")]}).select(folded(pl.col("q"))).item()
    return str(plain).split()[:10]


def _within(bbox: tuple[float, float, float, float]) -> sa.ColumnElement[bool]:
    west, south, east, north = bbox
    lat, lon = place_index.c.lat, place_index.c.lon
    across = lon.between(west, east) if west <= east else (lon >= west) | (lon <= east)
    return sa.and_(lat.between(south, north), across)


def _sealed(key: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def _opened(cursor: str) -> list[str]:
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(key, list) and len(key) == 3 and all(isinstance(part, str) for part in key):
            return key
    except (ValueError, binascii.Error, RecursionError):
        pass
    raise InputError(
        "cursor-unknown",
        Text("This is not a cursor of a list of records.", "Ce n'est pas un curseur d'une liste de fiches."),
        Text("Begin again without cursor.", "Recommencez sans curseur."),
    )
