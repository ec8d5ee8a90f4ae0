"""A connector: one native format, read and where possible written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

import polars as pl

from datahub.connectors import recognise, versions
from datahub.connectors.definition import FILE, Definition, load
from datahub.connectors.lift import Lift, Lowering
from datahub.connectors.linked import Linked
from datahub.connectors.tables import TABLE_KINDS
from datahub.connectors.tabular import Tabular
from datahub.errors import InputError, NotFoundError
from datahub.i18n import Text
from datahub.profiles.data import data_folder
from datahub.rdf.frame import Frame
from datahub.sources.limits import DEFAULT, Limits


class Pipeline(Protocol):
    """How one variant of a format is lifted and lowered."""

    @property
    def columns(self) -> pl.DataFrame:
        """Which native column becomes which property."""

    def lift(self, data: bytes | Path, seen: recognise.Look, base: str, limits: Limits) -> Lift:
        """The file as RDF."""

    def lower(self, frame: Frame, base: str) -> Lowering:
        """RDF as a file."""


@dataclass(frozen=True)
class Connector:
    """A loaded connector package; see ``connector.yaml`` for what its properties mean."""

    definition: Definition

    @property
    def name(self) -> str:
        """The name, which is that of its folder."""
        return self.definition.name

    @property
    def title(self) -> Text:
        """What the format is called."""
        return self.definition.title

    @property
    def description(self) -> Text:
        """One or two sentences on the format."""
        return self.definition.description

    @property
    def profile(self) -> str:
        """The profile that records in this format are checked against."""
        return self.definition.profile

    @property
    def directions(self) -> tuple[str, ...]:
        """``in``, ``out`` or both."""
        return self.definition.directions

    @property
    def formats(self) -> tuple[str, ...]:
        """The media types that the variants have."""
        return tuple(
            dict.fromkeys(_media_type(variant.kind, variant.media_type) for variant in self.definition.variants)
        )

    @property
    def folder(self) -> Path:
        """Where the package lies."""
        return self.definition.folder

    @property
    def samples(self) -> tuple[Path, ...]:
        """The sample files that come with the package."""
        return tuple(sorted(path for path in (self.folder / "samples").glob("*") if path.is_file()))

    @property
    def shapes(self) -> Path | None:
        """Rules of the format itself, to be checked beside those of the profile."""
        path = self.folder / "shapes.ttl"
        return path if path.is_file() else None

    @cached_property
    def pipelines(self) -> Mapping[str, Pipeline]:
        """Variant → how it is lifted and lowered; the first is the one that is written by default."""
        return {
            variant.name: Linked(self.definition, variant)
            if variant.kind == "rdf"
            else Tabular(self.definition, variant)
            for variant in self.definition.variants
        }

    @property
    def columns(self) -> pl.DataFrame:
        """The columns of all variants and the properties that they become, with the column variant."""
        tables = [
            pipeline.columns.with_columns(pl.lit(name).alias("variant")) for name, pipeline in self.pipelines.items()
        ]
        return pl.concat(tables)

    def lift(self, data: bytes | Path, base: str, filename: str | None = None, limits: Limits = DEFAULT) -> Lift:
        """``data`` as RDF, its records minted under ``base``.

        Raises:
            InputError: the file as a whole can't be used; ``not-this-format`` names the differences and the connector that fits,
            ``not-this-version`` the version that the file states.
        """
        self._check("in")
        seen = recognise.look(data)
        if seen.form != "zip":
            check_not_empty(data)
        versions.check(seen, self.definition)
        variant = recognise.choose(seen, self.definition)
        if variant is None:
            raise recognise.refusal(seen, self.definition, [each.definition for each in connectors()])
        return self.pipelines[variant.name].lift(data, seen, base, limits)

    def lower(self, frame: Frame, base: str, variant: str | None = None, time: datetime | None = None) -> Lowering:
        """``frame`` in this format (its first variant by default), with what could not be expressed. ``time``: that which the file
        is written for, where the format has a place for it; no clock is asked.

        Raises:
            InputError: ``direction``, the format is only read. NotFoundError: there is no such variant.
        """
        self._check("out")
        name = variant or self.definition.variants[0].name
        if name not in self.pipelines:
            raise NotFoundError(
                "variant-unknown",
                Text(f"“{self.name}” has no variant “{name}”.", f"« {self.name} » n'a pas de variante « {name} »."),
                Text(f"Known: {', '.join(self.pipelines)}.", f"Connues : {', '.join(self.pipelines)}."),
            )
        pipeline = self.pipelines[name]
        if time is not None and isinstance(pipeline, Tabular):
            pipeline = pipeline.at(time)
        return pipeline.lower(frame, base)

    def _check(self, direction: str) -> None:
        if direction not in self.directions:
            raise InputError(
                "direction",
                Text(
                    f"“{self.name}” is only {'written' if direction == 'in' else 'read'}.",
                    f"« {self.name} » est seulement {'écrit' if direction == 'in' else 'lu'}.",
                ),
            )


def check_not_empty(data: bytes | Path) -> None:
    """Raises `InputError` ``empty`` for a file without content."""
    size = len(data) if isinstance(data, bytes) else (data.stat().st_size if data.is_file() else -1)
    if size == 0:
        raise InputError("empty", Text("The file is empty.", "Le fichier est vide."))


def connectors() -> tuple[Connector, ...]:
    """All connectors that ship with datahub, by name."""
    return tuple(_loaded(folder) for folder in sorted(data_folder("connectors").iterdir()) if (folder / FILE).is_file())


def shipped(name: str) -> Connector:
    """The connector called ``name`` among those that ship with datahub: names that come from afar must not lead to files.

    Raises:
        NotFoundError: there is none.
    """
    for one in connectors():
        if one.name == name:
            return one
    raise _unknown(name)


def connector(name: str) -> Connector:
    """The connector called ``name``: one that ships with datahub, or a package of your own.

    A package of your own is named by the path of its folder, absolute or from where you are (``./price-list``), or by its bare name
    where it lies in the folder ``connectors`` or right here.

    Raises:
        NotFoundError: there is none. DefinitionError: its definition is broken.
    """
    plain = bool(name) and "/" not in name and "\\" not in name and not name.startswith(".")
    shipped = data_folder("connectors") / name
    if plain and (shipped / FILE).is_file():
        return _loaded(shipped)
    for folder in (Path("connectors") / name, Path(name)) if plain else (Path(name),):
        if name and (folder / FILE).is_file():
            return _loaded(folder.resolve())
    raise _unknown(name)


def _unknown(name: str) -> NotFoundError:
    known = ", ".join(each.name for each in connectors())
    return NotFoundError(
        "connector-unknown",
        Text(f"There is no connector “{name}”.", f"Il n'y a pas de connecteur « {name} »."),
        Text(
            f"Known: {known}. A connector of your own is named by the path of its folder.",
            f"Connus : {known}. Un connecteur à vous se nomme par le chemin de son dossier.",
        ),
    )


_CACHE: dict[tuple[Path, int], Connector] = {}


def _loaded(folder: Path) -> Connector:
    """The connector in ``folder``, read again when its definition changes."""
    stamp = max((path.stat().st_mtime_ns for path in folder.glob("*") if path.is_file()), default=0)
    found = _CACHE.get((folder, stamp))
    if found is None:
        found = _CACHE[(folder, stamp)] = Connector(load(folder))
    return found


def _media_type(kind: str, given: str | None) -> str:
    return given or (TABLE_KINDS[kind].media_type if kind in TABLE_KINDS else "application/ld+json")
