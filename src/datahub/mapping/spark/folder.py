"""A folder of results on whatever store Spark writes to: made aside, and put in its place in one step when it is whole."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from datahub.errors import ConflictError, InputError, Place
from datahub.i18n import Text


class Folder:
    """The folder ``uri`` through Hadoop's file systems, and ``aside``, where it is made."""

    def __init__(self, spark: Any, uri: str) -> None:
        self._jvm = spark.sparkContext._jvm
        self._settings = spark.sparkContext._jsc.hadoopConfiguration()
        self.uri = uri
        parent, _, name = uri.rstrip("/").rpartition("/")
        self.name = name
        self.aside = f"{parent}/.{name}.lifting-{uuid.uuid4().hex[:12]}"

    @contextmanager
    def made(self) -> Iterator[str]:
        """Gives the address of a folder aside, which is taken away at the end.

        Raises `ConflictError` ``out-exists`` where the folder is there already, `InputError` ``out-unreachable`` where there is no
        folder for it to lie in.
        """
        if self._exists(self.uri):
            raise ConflictError(
                "out-exists",
                Text(f"{self.name} is there already.", f"{self.name} existe déjà."),
                Text("Name another folder, or remove this one.", "Nommez un autre dossier, ou supprimez celui-ci."),
                Place(file=self.name),
            )
        if not self._exists(self.uri.rstrip("/").rpartition("/")[0] + "/"):
            raise InputError(
                "out-unreachable",
                Text(
                    f"There is no folder for {self.name} to lie in.", f"Le dossier où mettre {self.name} n'existe pas."
                ),
                place=Place(file=self.name),
            )
        try:
            yield self.aside
        finally:
            system, path = self._at(self.aside)
            system.delete(path, True)

    def keep(self, parts: dict[str, str], suffix: str) -> None:
        """Makes the folder of the files of ``parts``, by folder of `made` what their names start with; its name is given last."""
        whole = f"{self.aside}/whole"
        system, target = self._at(whole)
        system.mkdirs(target)
        for source, name in parts.items():
            for number, path in enumerate(self.files(source)):
                system.rename(path, self._path(f"{whole}/{name}-{number:05}{suffix}"))
        system.create(self._path(f"{whole}/_SUCCESS")).close()
        if self._exists(self.uri) or not system.rename(target, self._path(self.uri)):
            raise ConflictError(
                "out-exists",
                Text(
                    f"{self.name} could not be put in its place; nothing was written.",
                    f"{self.name} n'a pas pu être mis à sa place ; rien n'a été écrit.",
                ),
                place=Place(file=self.name),
            )

    def files(self, uri: str) -> list[Any]:
        """The files that tasks wrote to the folder ``uri``, in order."""
        if not self._exists(uri):
            return []
        system, path = self._at(uri)
        found = [status.getPath() for status in system.listStatus(path)]
        return sorted((p for p in found if not p.getName().startswith(("_", "."))), key=lambda p: str(p.getName()))

    def _exists(self, uri: str) -> bool:
        system, path = self._at(uri)
        return bool(system.exists(path))

    def _at(self, uri: str) -> tuple[Any, Any]:
        path = self._path(uri)
        return path.getFileSystem(self._settings), path

    def _path(self, uri: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(uri)
