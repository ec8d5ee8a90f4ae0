"""Parquet files as tables; their types become natural datatypes (R2RML section 10.2)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.sources import frames
from datahub.sources.limits import DEFAULT, Limits, check_size, load
from datahub.sources.table import Table

MAGIC = b"PAR1"


def read(
    data: bytes | Path,
    references: Sequence[str] | None = None,
    *,
    name: str | None = None,
    limits: Limits = DEFAULT,
) -> Table:
    """The columns ``references`` (all by default) of a Parquet file; paths lead into nested ones, as in `datahub.sources.frames`.

    Raises `InputError`: ``not-parquet`` (another format, cut or damaged), ``too-large``, ``csv-rows``, ``column-missing``.
    """
    title = name or (data.stem if isinstance(data, Path) else "table")
    if isinstance(data, Path):
        if not data.is_file():
            load(data, limits)
        check_size(data.stat().st_size, limits)
    else:
        check_size(len(data), limits)
    try:
        frame = pl.scan_parquet(data if isinstance(data, Path) else io.BytesIO(data), glob=False)
        return frames.select(frame, references, title, limits)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):  # it panics at some damages
        raise InputError(
            "not-parquet",
            Text(
                "This is not a Parquet file, or it is damaged or cut.",
                "Ceci n'est pas un fichier Parquet, ou il est abîmé ou coupé.",
            ),
            Text("Write it again, or give the data as CSV.", "Réécrivez-le, ou donnez les données en CSV."),
            Place(file=data.name if isinstance(data, Path) else None),
        ) from None
