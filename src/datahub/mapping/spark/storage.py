"""The files of a job as all machines see them: paths of a shared folder, or addresses of a store (``s3://…``, ``hdfs://…``)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from datahub.errors import InputError, Place
from datahub.i18n import Text

if TYPE_CHECKING:
    from pyarrow import fs

_COLLAPSED = re.compile(r"^([a-z][a-z0-9+]+):/+")
_NOT_REACHED = Text(
    "The machine that should read it does not reach {file}.", "La machine qui devrait le lire n'atteint pas {file}."
)
_SHARE = Text(
    "Put it where all machines see it under the same name: a shared folder, or an address of a store (s3://…, hdfs://…).",
    "Mettez-le là où toutes les machines le voient sous le même nom : un dossier partagé, ou l'adresse d'un stockage "
    "(s3://…, hdfs://…).",
)


def uri(path: Path | str) -> str:
    """``path`` for all machines: an address as it is (a `Path` has lost one of its slashes), anything else as an absolute path."""
    text = str(path)
    found = _COLLAPSED.match(text)
    if not found:
        return str(Path(text).absolute())
    rest = text[found.end() :]
    scheme = "s3" if found[1] in ("s3a", "s3n") else found[1]  # Hadoop's names of it
    return f"file:///{rest}" if scheme == "file" else f"{scheme}://{rest}"


def hadoop(text: str) -> str:
    """The address by which Spark's own file systems (Hadoop's) know ``text``, which `uri` gave."""
    if not _COLLAPSED.match(text):
        return Path(text).as_uri()
    return re.sub(r"^s3://", "s3a://", text)


def size(text: str) -> int | None:
    """How many bytes the file has; None where there is no such file. Raises `InputError` ``source-unreachable``."""
    from pyarrow import fs

    system, path = _at(text)
    try:
        found = system.get_file_info(path)
    except OSError:
        raise unreachable(text) from None
    return int(found.size) if found.type == fs.FileType.File else None


def is_folder(text: str) -> bool:
    """Whether ``text`` is a folder. Raises `InputError` ``source-unreachable``."""
    from pyarrow import fs

    system, path = _at(text)
    try:
        return bool(system.get_file_info(path).type == fs.FileType.Directory)
    except OSError:
        raise unreachable(text) from None


def read(text: str, start: int, length: int) -> bytes:
    """``length`` bytes from ``start``; fewer at the end of the file. Raises `InputError` ``source-unreachable``."""
    try:
        if not _COLLAPSED.match(text):
            with open(text, "rb") as file:
                file.seek(start)
                return file.read(length)
        system, path = _at(text)
        with system.open_input_file(path) as stored:
            there = max(0, min(length, stored.size() - start))
            return bytes(stored.read_at(there, start)) if there else b""
    except OSError:
        raise unreachable(text) from None


def unreachable(text: str) -> InputError:
    """The error of a file that a machine does not see."""
    name = text.rsplit("/", 1)[-1]
    return InputError("source-unreachable", _NOT_REACHED.format(file=name), _SHARE, Place(file=name))


def _at(text: str) -> tuple[fs.FileSystem, str]:
    from pyarrow import fs

    if not _COLLAPSED.match(text):
        return fs.LocalFileSystem(), text
    try:
        found: tuple[fs.FileSystem, str] = fs.FileSystem.from_uri(text)
    except (OSError, ValueError, NotImplementedError):
        raise InputError(
            "store-unknown",
            Text(f"The store of {text} can't be opened.", f"Le stockage de {text} ne peut être ouvert."),
            _SHARE,
        ) from None
    return found
