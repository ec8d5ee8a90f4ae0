"""From one native format to another, through RDF."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from datahub.connectors.connector import Connector, connector
from datahub.connectors.lift import Lowering

BASE = "http://localhost/records/"
"""Under which records are minted while they pass through; no IRI of it stays in a native file."""


def translate(
    data: bytes | Path,
    source: str | Connector,
    target: str | Connector,
    filename: str | None = None,
    base: str = BASE,
    variant: str | None = None,
    time: datetime | None = None,
) -> Lowering:
    """``data`` in the format ``source`` as a file in the format ``target``.

    ``time``: see `Connector.lower`. Its findings are those of reading (repairs, refused rows) and of writing; its loss tells what
    the target could not hold.

    Raises:
        InputError: the file can't be used, or the target is only read. NotFoundError: there is no such connector.
    """
    one = connector(source) if isinstance(source, str) else source
    other = connector(target) if isinstance(target, str) else target
    lift = one.lift(data, base, filename)
    lowering = other.lower(lift.frame, base, variant, time)
    return replace(lowering, findings=pl.concat([lift.findings, lowering.findings]))
