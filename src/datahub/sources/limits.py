"""How much of a file is read at all: caps that keep one upload from taking the machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datahub.errors import InputError, Place
from datahub.i18n import Text

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """The caps of one reading. A file beyond one of them is refused as a whole, before it fills the memory.

    ``max_bytes``: size of the file, and of all members of an archive together once unpacked. ``max_field_bytes``: one cell.
    ``max_members``: files in an archive. ``max_zip_ratio``: unpacked size over packed size of one member.
    ``max_depth``: nesting of JSON or XML. ``max_triples``: of a file that is RDF.
    """

    max_bytes: int = 1024 * MIB
    max_field_bytes: int = MIB
    max_rows: int = 10_000_000
    max_columns: int = 2_000
    max_members: int = 500_000
    max_zip_ratio: int = 250
    max_depth: int = 128
    max_triples: int = 1 << 26


DEFAULT = Limits()

TOO_LARGE = Text(
    "The file is {size} MB large; at most {limit} MB are read.",
    "Le fichier pèse {size} Mo ; {limit} Mo au plus sont lus.",
)
SPLIT = Text("Send it in several smaller files.", "Envoyez-le en plusieurs fichiers plus petits.")


def load(data: bytes | Path, limits: Limits = DEFAULT) -> bytes:
    """The bytes of ``data``, refused with `InputError` ``too-large`` (before reading) or ``file-missing``."""
    if isinstance(data, Path):
        try:
            size = data.stat().st_size
        except OSError:
            raise InputError(
                "file-missing",
                Text("This file is missing or can't be read.", "Ce fichier est absent ou illisible."),
                place=Place(file=data.name),
            ) from None
        check_size(size, limits)
        return data.read_bytes()
    check_size(len(data), limits)
    return data


def check_size(size: int, limits: Limits) -> None:
    """Raises `InputError` ``too-large`` where ``size`` bytes are more than ``limits`` allow."""
    if size > limits.max_bytes:
        message = TOO_LARGE.format(size=-(-size // MIB), limit=limits.max_bytes // MIB)
        raise InputError("too-large", message, SPLIT)
