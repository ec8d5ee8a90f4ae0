"""A small push without a hub: what the tests of the log deliver."""

import hashlib
import uuid
from collections.abc import Mapping

import polars as pl

from datahub.records import Appended, SqlLog, compare
from datahub.records.log import REFUSED_SCHEMA


def body(record: str, value: str) -> bytes:
    return f'<http://h/{record}> <http://h/p> "{value}" .\n'.encode()


def deliver(
    log: SqlLog,
    dataset: str,
    values: Mapping[str, str],
    mode: str = "snapshot",
    deletions: tuple[str, ...] = (),
    visibility: int = 0,
) -> Appended:
    """Pushes records by name and value, as a snapshot or delta."""
    names = list(values)
    bodies = [body(name, values[name]) for name in names]
    taken = pl.DataFrame(
        {
            "record": names,
            "hash": [hashlib.sha256(text).hexdigest() for text in bodies],
            "visibility": [visibility] * len(names),
            "number": range(len(names)),
        },
        schema={"record": pl.String, "hash": pl.String, "visibility": pl.UInt8, "number": pl.UInt32},
    )
    none = pl.Series([], dtype=pl.String)
    with log.turn(dataset):
        expected = log.last(dataset)
        result = compare(
            log.latest(dataset),
            taken,
            mode=mode,  # type: ignore[arg-type]
            refused=none,
            absorbed=none,
            deletions=pl.Series(deletions, dtype=pl.String),
        )
        found = [bodies[number] for number in result.changes["number"].drop_nulls()]
        return log.append(
            str(uuid.uuid4()),
            dataset,
            result.changes,
            found,
            pl.DataFrame(schema=REFUSED_SCHEMA),
            lambda appended: f"{appended.first_seq}..{appended.last_seq}",
            expected=expected,
            keep=2,
        )
