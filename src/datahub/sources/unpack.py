"""Compressed files: gzip, zip and tar archives to the one file in them that is meant (RML-IO, compression)."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.sources import archive
from datahub.sources.limits import DEFAULT, MIB, Limits, load

GZIP = b"\x1f\x8b"
_CHUNK = MIB
_SMALL = 64 * 1024
"""Below this size a file may be compressed as well as it likes."""
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, ValueError)


def unpack(data: bytes | Path, kind: str, member: str | None = None, limits: Limits = DEFAULT) -> bytes:
    """The content of a file packed as ``kind``: gzip, zip, targz or tarxz.

    ``member``: name of the file in an archive; an archive of a single file needs none. Raises `InputError`: ``unpack`` (damaged,
    cut, or packed otherwise), ``unpack-member``, ``zip-ratio`` (a bomb), ``too-large``, and those of `archive.members`.
    """
    content = load(data, limits)
    if kind == "gzip":
        return _expanded(content, kind, limits)
    if kind == "zip":
        return _from_zip(content, member, limits)
    return _from_tar(_expanded(content, kind, limits), member, kind, limits)


def _expanded(content: bytes, kind: str, limits: Limits) -> bytes:
    pieces: list[bytes] = []
    size = 0
    packed = io.BytesIO(content)
    stream = lzma.open(packed) if kind == "tarxz" else gzip.open(packed)  # noqa: SIM115
    try:
        while piece := stream.read(_CHUNK):
            pieces.append(piece)
            size += len(piece)
            _check_size(size, limits)
            if size > _SMALL and size > limits.max_zip_ratio * len(content):
                raise InputError(
                    "zip-ratio",
                    Text(
                        f"The file would unpack to more than {limits.max_zip_ratio} times its size; it looks like a bomb.",
                        f"Le fichier se décompresserait à plus de {limits.max_zip_ratio} fois sa taille ; "
                        "il ressemble à une bombe.",
                    ),
                )
    except _BROKEN:
        raise _damaged(kind) from None
    return b"".join(pieces)


def _check_size(size: int, limits: Limits) -> None:
    if size > limits.max_bytes:
        raise InputError(
            "too-large",
            Text(
                f"Unpacked, the file is larger than the {limits.max_bytes // MIB} MB that are read.",
                f"Décompressé, le fichier dépasse les {limits.max_bytes // MIB} Mo qui sont lus.",
            ),
        )


def _from_tar(content: bytes, member: str | None, kind: str, limits: Limits) -> bytes:
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
            found: dict[str, bytes] = {}
            size = 0
            for number, info in enumerate(tar):
                if number >= limits.max_members:
                    raise InputError(
                        "zip-members",
                        Text(
                            f"The archive holds more than {limits.max_members} files.",
                            f"L'archive contient plus de {limits.max_members} fichiers.",
                        ),
                    )
                file = tar.extractfile(info) if info.isreg() else None
                if file is not None and _named(member)(info.name):
                    size += info.size
                    _check_size(size, limits)  # of a sparse file, a few bytes stand for any number of zeros
                    found[info.name] = file.read()
                elif file is not None:
                    found[info.name] = b""
    except _BROKEN:
        raise _damaged(kind) from None
    wanted = {name: text for name, text in found.items() if _named(member)(name)}
    if len(wanted) == 1:
        return next(iter(wanted.values()))
    raise _which(list(found), member)


def _named(member: str | None) -> Callable[[str], bool]:
    if member is None:
        return lambda _name: True
    return lambda name: member in (name, PurePosixPath(name).name)


def _from_zip(content: bytes, member: str | None, limits: Limits) -> bytes:
    names = archive.names(content, limits)
    if len([name for name in names if _named(member)(name)]) != 1:
        raise _which(names, member)
    [(_, found)] = archive.members(content, limits, wanted=_named(member))
    return found


def _which(names: list[str], member: str | None) -> InputError:
    listed = ", ".join(names[:20]) or "–"
    if member is not None:
        message = Text(
            f"The archive holds no file “{member}”, or several; there are: {listed}.",
            f"L'archive ne contient pas de fichier « {member} », ou plusieurs ; il y a : {listed}.",
        )
    else:
        message = Text(
            f"The archive holds {len(names)} files, one was expected: {listed}.",
            f"L'archive contient {len(names)} fichiers, un seul est attendu : {listed}.",
        )
    fix = Text(
        "Name the file with dh:archiveMember in the mapping.", "Nommez le fichier par dh:archiveMember dans le mapping."
    )
    return InputError("unpack-member", message, fix, Place(value=member))


def _damaged(kind: str) -> InputError:
    return InputError(
        "unpack",
        Text(
            f"The file can't be unpacked as {kind}: it is damaged, cut, or packed otherwise.",
            f"Le fichier ne se décompresse pas en {kind} : il est abîmé, coupé, ou compressé autrement.",
        ),
        Text("Make it again, or give it uncompressed.", "Refaites-le, ou donnez-le non compressé."),
    )
