"""The log: the append-only list of versions. It is the truth; everything else can be made again from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from datahub.records.bodies import Body

CHANGE_SCHEMA: dict[str, type[pl.DataType]] = {
    "record": pl.String,
    "op": pl.String,
    "hash": pl.String,
    "visibility": pl.UInt8,
    "was": pl.UInt8,
    "previous": pl.Int64,
}
"""What is appended. op: create, update or delete. hash, visibility: null for a deletion. was: visibility of
what stood before, null where nothing stood. previous: sequence number of the version before, a deletion too (`records.compare`)."""

VERSION_SCHEMA: dict[str, type[pl.DataType]] = {
    "seq": pl.Int64,
    "dataset": pl.String,
    "record": pl.String,
    "op": pl.String,
    "time": pl.Int64,
    "hash": pl.String,
    "visibility": pl.UInt8,
    "was": pl.UInt8,
    "previous": pl.Int64,
}
"""A version as read: time is the commit time in microseconds since 1970, UTC. With bodies, a column ``body`` (String) follows."""

STATE_SCHEMA: dict[str, type[pl.DataType]] = {**VERSION_SCHEMA, "widest": pl.UInt8}
"""The last version of a record; widest is the widest visibility it ever had."""

BODY_SCHEMA: dict[str, type[pl.DataType]] = {
    "seq": pl.Int64,
    "dataset": pl.String,
    "record": pl.String,
    "time": pl.Int64,
    "now": pl.UInt8,
    "body": pl.String,
}
"""now: the visibility of the record's last version, null when that is a deletion. body: null for a deletion."""

LATEST_SCHEMA: dict[str, type[pl.DataType]] = {
    "record": pl.String,
    "seq": pl.Int64,
    "hash": pl.String,
    "visibility": pl.UInt8,
}
"""The last version of each record of a dataset; hash and visibility are null where it is a deletion."""

LINK_SCHEMA: dict[str, type[pl.DataType]] = {"predicate": pl.String, "value": pl.String}
"""A triple of whatever subject. predicate: IRI. value: in canonical N-Triples."""

REFUSED_SCHEMA: dict[str, type[pl.DataType]] = {
    "position": pl.Int64,
    "record": pl.String,
    "row": pl.Int64,
    "native": pl.String,
    "body": pl.String,
    "findings": pl.String,
}
"""A refused record kept aside: native is the publisher's own row, body its RDF as far as it could be lifted, findings JSON."""


@dataclass(frozen=True)
class Head:
    """The end of the log: the last sequence number (0 when empty) and its commit time in microseconds (0 when empty)."""

    seq: int
    time: int


@dataclass(frozen=True)
class Appended:
    """What an append gave out: sequence numbers first to last (both None when there was no change) and the commit time."""

    first_seq: int | None
    last_seq: int | None
    time: int


class Log(Protocol):
    """What a hub needs of its log. Sequence numbers are gapless from 1 in commit order; commit times never decrease with them."""

    def turn(self, dataset: str) -> AbstractContextManager[None]:
        """Waits in line to change ``dataset``: first in, first out in this process, one at a time across processes."""

    def head(self) -> Head:
        """The end of the log."""

    def last(self, dataset: str) -> int:
        """The last sequence number of ``dataset``, 0 when it has none."""

    def append(
        self,
        push: str,
        dataset: str,
        changes: pl.DataFrame,
        bodies: Sequence[Body],
        refused: pl.DataFrame,
        report: Callable[[Appended], str],
        *,
        expected: int,
        keep: int,
    ) -> Appended:
        """Writes the versions, the push with its report and the refused records in one transaction.

        ``changes`` has the columns of `CHANGE_SCHEMA`, ``refused`` those of `REFUSED_SCHEMA`. ``bodies``: the N-Triples of each
        change that is not a deletion, in UTF-8. ``report`` makes the report's text once the sequence numbers are known.
        ``expected`` is what `last` said when the changes were made: ConflictError ``dataset-moved`` when another push came
        between. ``keep``: of how many pushes the refused records are kept.
        """

    def latest(self, dataset: str) -> pl.DataFrame:
        """The last version of each record of ``dataset``, deletions too, with the columns of `LATEST_SCHEMA`."""

    def find(self, record: str) -> pl.DataFrame:
        """The last version of ``record`` in each dataset that ever had it, with the columns of `STATE_SCHEMA`."""

    def changes(
        self,
        after: int,
        limit: int | None = None,
        *,
        dataset: str | None = None,
        upto: int | None = None,
        bodies: bool = False,
    ) -> pl.DataFrame:
        """The versions after a sequence number, in order, with the columns of `VERSION_SCHEMA`."""

    def states(
        self,
        after: int,
        limit: int | None = None,
        *,
        dataset: str | None = None,
        standing: bool = False,
        bodies: bool = False,
    ) -> pl.DataFrame:
        """The last version of each record, ordered by sequence number, with `STATE_SCHEMA`; only standing ones if asked."""

    def bodies(self, seqs: Sequence[int]) -> pl.DataFrame:
        """The bodies of versions, with the columns of `BODY_SCHEMA`, ordered by seq."""

    def leading(self, dataset: str, links: pl.DataFrame) -> list[int]:
        """The sequence numbers of the standing versions of ``dataset`` that hold any of ``links`` (`LINK_SCHEMA`), in order.

        A version that does not may be among them, by a chance of about one in 10**12; none that does is left out.
        """

    def was_seen(self, dataset: str, level: int) -> bool:
        """Whether any record of ``dataset`` ever had a visibility of rank ``level`` or wider."""

    def history(self, dataset: str, record: str) -> pl.DataFrame:
        """All versions of one record, newest first, with the columns of `VERSION_SCHEMA`."""

    def push(self, push: str) -> str | None:
        """The report of a push as it was stored."""

    def pushes(self, dataset: str, limit: int) -> list[str]:
        """The reports of the last pushes of a dataset, newest first."""

    def refused(self, push: str) -> pl.DataFrame:
        """The refused records of a push that are still kept, with the columns of `REFUSED_SCHEMA`."""

    def rebuild(self) -> None:
        """Makes the table of standing records again from the versions, and what `leading` looks up when it is asked again."""

    def close(self) -> None:
        """Closes what is open."""
