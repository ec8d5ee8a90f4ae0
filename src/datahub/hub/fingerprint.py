"""The fingerprint of a push: its bytes, and everything else that its outcome depends on besides what stands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

import datahub
from datahub.connectors import Connector
from datahub.connectors import connector as load_connector
from datahub.hub.datasets import Dataset
from datahub.profiles import data_folder
from datahub.settings import Settings


@dataclass(frozen=True)
class Fingerprint:
    """``value``: SHA-256 in hexadecimal. ``source``: the file that it was made of, if any; ``stamp``: its size and time."""

    value: str
    source: Path | None
    stamp: tuple[int, int] | None

    def holds(self) -> bool:
        """Whether the file is still the one that was read for it."""
        return self.source is None or _stamp(self.source) == self.stamp


def fingerprint(
    data: bytes | Path, dataset: Dataset, settings: Settings, filename: str | None, media_type: str | None
) -> Fingerprint | None:
    """The fingerprint of a snapshot of ``data``; None where there is no such file."""
    source = None if isinstance(data, bytes) else data
    stamp = None if source is None else _stamp(source)
    if source is not None and stamp is None:
        return None
    connector = load_connector(dataset.connector)
    told = (
        dataset.id,
        dataset.profile,
        dataset.visibility,
        filename,
        media_type,
        settings.base_iri,
        settings.max_push_bytes,
        settings.findings_listed,
        pl.__version__,
    )
    value = hashlib.sha256(f"{told} {_rules(connector)} {_digest(data)}".encode()).hexdigest()
    return Fingerprint(value, source, stamp)


def _rules(connector: Connector) -> str:
    """The files of the connector, the rules and vocabularies, and the program itself."""
    folders = (connector.folder, data_folder("ontologies"), data_folder("shapes"))
    return _digest_of(path for folder in folders for path in folder.rglob("*") if path.is_file()) + _program()


@cache
def _program() -> str:
    """The program as it is when it is first asked: what runs does not change."""
    return _digest_of(Path(datahub.__file__).parent.rglob("*.py"))


def _digest_of(files: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(f"{path.name} {_digest(path)}\n".encode())
    return whole.hexdigest()


def _digest(data: bytes | Path) -> str:
    if isinstance(data, bytes):
        return hashlib.sha256(data).hexdigest()
    with data.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(path: Path) -> tuple[int, int] | None:
    if not path.is_file():
        return None
    found = path.stat()
    return found.st_size, found.st_mtime_ns
