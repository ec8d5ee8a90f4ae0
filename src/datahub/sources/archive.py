"""Zip archives, opened with care: counts, sizes, ratios and names are checked before a member is unpacked."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.sources.limits import DEFAULT, MIB, Limits, load

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ValueError,
    LookupError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
)
"""What the library raises for broken archives."""
_SMALL = 64 * 1024
"""Members below this size may be compressed as well as they like."""
_ENTRY = b"PK\x01\x02"
"""What each entry of the directory starts with."""


def is_zip(data: bytes) -> bool:
    """Whether ``data`` starts as a zip archive does."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_workbook(data: bytes | Path, limits: Limits = DEFAULT) -> bool:
    """Whether the archive is a spreadsheet: Office Open XML, or OpenDocument. Raises `InputError` as `members` does."""
    found = set(names(data, limits))
    return "xl/workbook.xml" in found or {"mimetype", "content.xml"} <= found


def members(
    data: bytes | Path, limits: Limits = DEFAULT, *, wanted: Callable[[str], bool] = lambda _name: True
) -> Iterator[tuple[str, bytes]]:
    """Name and content of the files for which ``wanted`` holds, by name; folders and the files that Macintoshes add are left out.

    Raises `InputError`: ``zip-damaged``, ``zip-members`` (too many), ``zip-name`` (a name that leads out of the archive),
    ``zip-encrypted``, ``zip-ratio`` (a bomb), ``too-large``.
    """
    archive, chosen = _entries(load(data, limits), limits, wanted)
    total = 0
    for info in chosen:
        total += info.file_size
        if total > limits.max_bytes:
            raise InputError(
                "too-large",
                Text(
                    f"Unpacked, the archive is larger than the {limits.max_bytes // MIB} MB that are read.",
                    f"Décompressée, l'archive dépasse les {limits.max_bytes // MIB} Mo qui sont lus.",
                ),
                place=Place(file=info.filename),
            )
    with archive:
        for info in chosen:
            yield info.filename, _content(archive, info)


def names(data: bytes | Path, limits: Limits = DEFAULT) -> list[str]:
    """The names of what `members` gives, nothing of which is unpacked. Raises `InputError` as it does."""
    archive, chosen = _entries(load(data, limits), limits, lambda _name: True)
    archive.close()
    return [info.filename for info in chosen]


def _entries(
    content: bytes, limits: Limits, wanted: Callable[[str], bool]
) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    _check_count(content.count(_ENTRY), limits)  # before the library makes an object of each
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        infos = archive.infolist()
    except BROKEN:
        raise _damaged() from None
    _check_count(len(infos), limits)
    for info in infos:
        _check(info, limits)
    chosen = [i for i in infos if not _ignored(i.filename) and not i.is_dir() and wanted(i.filename)]
    return archive, sorted(chosen, key=lambda info: info.filename)


def _check_count(members: int, limits: Limits) -> None:
    if members > limits.max_members:
        raise InputError(
            "zip-members",
            Text(
                f"The archive holds {members} files; at most {limits.max_members} are read.",
                f"L'archive contient {members} fichiers ; {limits.max_members} au plus sont lus.",
            ),
        )


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as file:
            content = file.read(info.file_size + 1)
    except BROKEN:
        raise _damaged(info.filename) from None
    if len(content) != info.file_size:
        raise _damaged(info.filename)
    return content


def _check(info: zipfile.ZipInfo, limits: Limits) -> None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]):
        raise InputError(
            "zip-name",
            Text(
                "The archive holds a file whose name leads out of it.",
                "L'archive contient un fichier dont le nom mène hors d'elle.",
            ),
            place=Place(file=info.filename),
        )
    if info.flag_bits & 1:
        raise InputError(
            "zip-encrypted",
            Text("The archive is protected by a password.", "L'archive est protégée par un mot de passe."),
            Text("Send it without one.", "Envoyez-la sans mot de passe."),
            Place(file=info.filename),
        )
    if info.file_size > _SMALL and info.file_size > limits.max_zip_ratio * max(info.compress_size, 1):
        raise InputError(
            "zip-ratio",
            Text(
                f"This file would unpack to more than {limits.max_zip_ratio} times its size; it looks like a zip bomb.",
                f"Ce fichier se décompresserait à plus de {limits.max_zip_ratio} fois sa taille ; il ressemble à une bombe zip.",
            ),
            place=Place(file=info.filename),
        )


def _ignored(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not parts or parts[0] == "__MACOSX" or parts[-1].startswith(".")


def _damaged(name: str | None = None) -> InputError:
    return InputError(
        "zip-damaged",
        Text("The zip archive is damaged or incomplete.", "L'archive zip est abîmée ou incomplète."),
        Text("Make it again, or send the files one by one.", "Refaites-la, ou envoyez les fichiers un à un."),
        Place(file=name),
    )
