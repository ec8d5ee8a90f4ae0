"""Parquet files as tables; their types become natural datatypes (R2RML section 10.2)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.sources import frames
from datahub.sources.limits import DEFAULT, Limits, check_size, load
from datahub.sources.table import Table, moved

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
    with _worded(data):
        return frames.select(_scanned(data), references, title, limits)


def batches(path: Path, references: Sequence[str], *, name: str, limits: Limits = DEFAULT) -> Iterator[Table]:
    """As `read`, piece by piece; the file may be of any size."""
    with _worded(path):
        yield from frames.batches(_scanned(path), references, name, limits)


def height(uri: str) -> int:
    """How many rows the file at ``uri`` (a path, or an address such as ``s3://…``) has; only its end is read."""
    with _worded(uri):
        return int(_scanned(uri).select(pl.len()).collect().item())


def stretch(
    uri: str, start: int, count: int, references: Sequence[str], *, name: str, limits: Limits = DEFAULT
) -> Table:
    """``count`` rows from ``start`` of the file at ``uri``, as `read` gives them; row groups without any of them are not read."""
    with _worded(uri):
        return moved(frames.select(_scanned(uri).slice(start, count), references, name, limits), start)


def _scanned(data: bytes | Path | str) -> pl.LazyFrame:
    return pl.scan_parquet(io.BytesIO(data) if isinstance(data, bytes) else data, glob=False)


@contextmanager
def _worded(data: bytes | Path | str) -> Iterator[None]:
    """Turns what the library raises into an error of our own."""
    try:
        yield
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
