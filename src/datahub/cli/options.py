"""Arguments and options that several commands share."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from datahub.cli.words import UsageError, both
from datahub.i18n import Text

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=both("The file to read; - for standard input.", "Le fichier à lire ; - pour l'entrée standard."),
    ),
]
Name = Annotated[
    str,
    typer.Argument(
        metavar="CONNECTOR",
        help=both(
            "Name of the connector, or the folder of one of your own.",
            "Nom du connecteur, ou dossier d'un connecteur à vous.",
        ),
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        metavar="OUT",
        help=both("File to write; by default standard output.", "Fichier à écrire ; par défaut la sortie standard."),
    ),
]
Loss = Annotated[
    Path | None,
    typer.Option(
        metavar="LOSS.json",
        help=both(
            "Also write what could not be expressed, field by field, as JSON.",
            "Écrire aussi en JSON ce qui n'a pas pu être exprimé, champ par champ.",
        ),
    ),
]
Time = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help=both(
            "Time that the file is written for, as 2026-11-21T12:00:00Z; for formats that state one.",
            "Heure pour laquelle le fichier est écrit, comme 2026-11-21T12:00:00Z ; pour les formats qui en indiquent une.",
        ),
    ),
]
Variant = Annotated[
    str | None,
    typer.Option(
        help=both(
            "Variant of the format that is written; by default its first.",
            "Variante du format écrit ; par défaut la première.",
        )
    ),
]
Base = Annotated[
    str | None,
    typer.Option(
        metavar="IRI",
        help=both(
            "Prefix of the IRIs of records, ending with /.",
            "Préfixe des IRI des fiches, terminé par /.",
        ),
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help=both(
            "Folder of the hub; by default DATAHUB_DATA_DIR, else ./datahub-data.",
            "Dossier du hub ; par défaut DATAHUB_DATA_DIR, sinon ./datahub-data.",
        ),
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help=both("Write JSON.", "Écrire du JSON."))]


def content(file: Path) -> bytes | Path:
    """What a command reads: the path, or all of standard input where it is ``-``."""
    if str(file) == "-":
        return sys.stdin.buffer.read()
    with file.open("rb"):  # says which file is missing or closed to us before any work is done
        return file


def moment(time: str | None) -> datetime | None:
    """The ``time`` given. Raises `UsageError` ``time-unreadable``."""
    if time is None:
        return None
    try:
        found = datetime.fromisoformat(time)
        found.utctimetuple()  # the first and the last day of the calendar end elsewhere
    except (ValueError, OverflowError):
        raise UsageError(
            "time-unreadable",
            Text(f"“{time}” is no time.", f"« {time} » n'est pas une heure."),
            Text("Write it as 2026-11-21T12:00:00Z.", "Écrivez-la comme 2026-11-21T12:00:00Z."),
        ) from None
    return found
