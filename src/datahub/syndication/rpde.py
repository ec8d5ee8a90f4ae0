"""Realtime Paged Data Exchange 1.0: the latest state of every record, in the order of its last change.

The increasing unique change number strategy (section 4.3.2) is used: ``modified`` is the sequence number of the record's latest
version in the log, which is unique and grows in the order of commits, so the order by (modified, id) is the order by change number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import polars as pl

PAGE_SIZE = 500
PAGE_SECONDS = 3600
LAST_PAGE_SECONDS = 8


def page(
    states: pl.DataFrame,
    *,
    url: str,
    after: int,
    last: int,
    objects: Mapping[tuple[str, str], Any],
    kind: Callable[[str], str],
    licence: str,
) -> dict[str, Any]:
    """One page of a feed.

    ``states`` has the columns record, dataset, op, seq in the order of seq: the latest version of each record after change number
    ``after``; ``last`` is the change number to go on from. ``objects`` gives the body of each standing record as JSON, by dataset
    and IRI; a record without one is passed on as deleted, without data. ``url`` is the absolute address of the feed without
    parameters; an empty page leads to itself (section 4.4).
    """
    items: list[dict[str, Any]] = []
    for row in states.select("record", "dataset", "op", "seq").iter_rows(named=True):
        body = None if row["op"] == "delete" else objects.get((row["dataset"], row["record"]))
        item = {
            "state": "deleted" if body is None else "updated",
            "kind": kind(row["dataset"]),
            "id": row["record"],
            "modified": row["seq"],
        }
        items.append(item if body is None else {**item, "data": body})
    following = last if items else after
    return {
        "next": f"{url}?{urlencode({'afterChangeNumber': following})}",
        "items": items,
        "license": licence,
    }


def cache_control(page: Mapping[str, Any]) -> str:
    """How long caches may hold ``page`` (section 7): an hour, but eight seconds for the empty page at the end of the feed.

    A page that is not full may be held long too: what changes later comes after it, behind its ``next``.
    """
    return f"public, max-age={PAGE_SECONDS if page['items'] else LAST_PAGE_SECONDS}"
