"""GTFS feeds: a zip archive of CSV files to tables (GTFS Schedule Reference, section "Dataset files")."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path, PurePosixPath

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.sources import archive, csv
from datahub.sources.csv import Dialect
from datahub.sources.limits import DEFAULT, Limits, load
from datahub.sources.table import Table

DIALECT = Dialect(delimiters=(",",))


def read(
    data: bytes | Path,
    *,
    required: Collection[str] = ("stops",),
    only: Collection[str] | None = None,
    limits: Limits = DEFAULT,
) -> dict[str, Table]:
    """The tables of a feed by file name without ``.txt``; with ``only`` no others are read.

    Files may lie in one folder of the archive. Empty optional files are left out. Raises `InputError` ``not-gtfs`` where the
    data is no zip archive or holds no table, ``gtfs-missing`` naming the required file that is absent, and all that
    `datahub.sources.archive.members` and `datahub.sources.csv.read` raise, with the file's name.
    """
    content = load(data, limits)
    if not archive.is_zip(content):
        raise _not_gtfs()
    wanted = None if only is None else {*only, *required}

    def chosen(name: str) -> bool:
        path = PurePosixPath(name)
        return path.suffix == ".txt" and len(path.parts) <= 2 and (wanted is None or path.stem in wanted)

    tables: dict[str, Table] = {}
    seen = False
    for name, text in archive.members(content, limits, wanted=chosen):
        seen = True
        stem = PurePosixPath(name).stem
        if not text.strip() and stem not in required:
            continue
        try:
            tables[stem] = csv.read(text, DIALECT, name=stem, limits=limits)
        except InputError as error:
            place = Place(name, error.place.row, error.place.column, error.place.value)
            raise InputError(error.code, error.message, error.fix, place) from None
    missing = [name for name in required if name not in tables]
    if missing and not seen and only is None:
        raise _not_gtfs()
    if missing:
        raise InputError(
            "gtfs-missing",
            Text(f"The feed holds no file {missing[0]}.txt.", f"Le flux ne contient pas de fichier {missing[0]}.txt."),
            Text("Add it at the top of the archive.", "Ajoutez-le à la racine de l'archive."),
            Place(file=f"{missing[0]}.txt"),
        )
    return tables


def _not_gtfs() -> InputError:
    return InputError(
        "not-gtfs",
        Text(
            "This is not a GTFS feed, which is a zip archive of .txt files.",
            "Ceci n'est pas un flux GTFS, qui est une archive zip de fichiers .txt.",
        ),
    )
