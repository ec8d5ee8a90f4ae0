"""What a connector package says about its format: ``connector.yaml``, checked by ``schema.json``, as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from datahub.errors import DefinitionError, Place
from datahub.i18n import Text
from datahub.sources.csv import Dialect

FILE = "connector.yaml"


@dataclass(frozen=True)
class Field:
    """One column of a native format.

    ``required``: without it a file is not in this format. ``may_be_empty``: a required column whose cells need not be filled.
    ``aliases``: other headers that are read as this one. ``type``: number or boolean, where JSON writes its values without quotes.
    """

    name: str
    required: bool = False
    may_be_empty: bool = False
    aliases: tuple[str, ...] = ()
    title: Text | None = None
    type: str | None = None


@dataclass(frozen=True)
class Key:
    """Columns whose values make the identifier of a record, when all of ``columns`` are filled.

    ``within``: those of ``columns`` that name whose identifier the others are; see `datahub.connectors.identity.key`. ``also``:
    columns put behind them where filled. ``made``: the format has no such identifier, it is put together here.
    """

    columns: tuple[str, ...]
    within: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    made: bool = False

    @property
    def own(self) -> tuple[str, ...]:
        """The columns of the identifier itself."""
        return tuple(name for name in self.columns if name not in self.within)


@dataclass(frozen=True)
class Continuation:
    """Rows that go on with the record above: those without a value in ``column``. ``repeats``: the cells that they leave empty.

    Columns that are made up for the mapping: ``number`` (the value of ``named`` where it is filled, else the place of the row
    among those of its record: 1, 2 …) and ``count`` (how many rows the record has).
    """

    column: str
    repeats: tuple[str, ...]
    number: str | None = None
    named: str | None = None
    count: str | None = None


@dataclass(frozen=True)
class RdfOptions:
    """How an RDF format is written and completed; see ``schema.json``."""

    context: str | None = None
    classes: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    inverses: str | None = None
    writes: Mapping[str, str] = field(default_factory=dict)
    classes_written: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Generation:
    """A version of a vocabulary, known by namespaces or terms that only it has."""

    version: Text
    namespaces: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Version:
    """Another version of a native format, which shows by columns that it ``has`` and by others that it ``lacks``. ``fix``: how a
    file of it becomes one that is read."""

    version: Text
    has: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    fix: Text | None = None


@dataclass(frozen=True)
class Stated:
    """How a file states its version: ``pattern`` finds it (first group) in a member or context. ``reads``: which can be read."""

    pattern: str
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Variant:
    """One form of the native format, with its reader and its mapping. ``sheet``: of a spreadsheet, by default the first.
    ``constants``: by column, what is written where a record has nothing; ``times``: by column, the form of the time that a file is
    written for, likewise."""

    name: str
    kind: str
    mapping: str = "mapping.ttl"
    title: Text | None = None
    media_type: str | None = None
    extension: str | None = None
    signs: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[Key, ...] = ()
    continuation: Continuation | None = None
    dialect: Dialect = field(default_factory=Dialect)
    sheet: str | None = None
    rdf: RdfOptions = field(default_factory=RdfOptions)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns without which a file is not in this format."""
        return tuple(column.name for column in self.fields if column.required)

    @property
    def filled(self) -> tuple[str, ...]:
        """The columns whose cells must not be empty."""
        return tuple(column.name for column in self.fields if column.required and not column.may_be_empty)

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, in the order in which they are written."""
        return tuple(column.name for column in self.fields)


@dataclass(frozen=True)
class Alignment:
    """Records of the class ``source`` are written as ``target``; ``properties``: wanted property → the one that stands for it."""

    source: str
    target: str
    properties: Mapping[str, str]


@dataclass(frozen=True)
class Repairs:
    """Wrong name → right name, as compact IRIs (``languages``: as tags).

    ``datatypes``: property → the datatype that its values get. ``values``: property → wrong text → right text.
    """

    properties: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    datatypes: Mapping[str, str] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """A whole ``connector.yaml``. ``version``: of the native format; where it states none, ``unversioned`` says which
    description of it is followed."""

    name: str
    title: Text
    description: Text
    version: str | None
    unversioned: Text | None
    described: str
    profile: str
    directions: tuple[str, ...]
    variants: tuple[Variant, ...]
    folder: Path
    licence: str | None = None
    normalises: tuple[Text, ...] = ()
    assumes: tuple[tuple[str, Text], ...] = ()
    accepts: tuple[Alignment, ...] = ()
    generations: tuple[Generation, ...] = ()
    versions: tuple[Version, ...] = ()
    stated: Stated | None = None
    repairs: Repairs = field(default_factory=Repairs)


def load(folder: Path) -> Definition:
    """The definition in ``folder``.

    Raises:
        DefinitionError: ``connector-missing``, ``connector-yaml`` (no YAML), ``connector-schema`` (names the wrong entry).
    """
    path = folder / FILE
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise DefinitionError(
            "connector-missing",
            Text(f"There is no readable {FILE} here.", f"Il n'y a pas de {FILE} lisible ici."),
            place=Place(file=str(path)),
        ) from None
    try:
        raw = yaml.load(text, Loader=yaml.CSafeLoader)  # ten times as fast as the one in Python
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise DefinitionError(
            "connector-yaml",
            Text("This is not valid YAML.", "Ce n'est pas du YAML valide."),
            Text("Check indentation, colons and quotes.", "Vérifiez l'indentation, les deux-points et les guillemets."),
            Place(file=str(path), row=mark.line + 1 if mark else None),
        ) from None
    _check(raw, path)
    if raw["name"] != folder.name:
        raise DefinitionError(
            "connector-schema",
            Text(
                f"The connector is called “{raw['name']}” but lies in the folder “{folder.name}”.",
                f"Le connecteur s'appelle « {raw['name']} » mais se trouve dans le dossier « {folder.name} ».",
            ),
            place=Place(file=str(path), column="name"),
        )
    return _definition(raw, folder)


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of ``connector.yaml`` (draft 2020-12)."""
    loaded: dict[str, Any] = json.loads(files("datahub.connectors").joinpath("schema.json").read_text("utf-8"))
    return loaded


def _check(raw: object, path: Path) -> None:
    import jsonschema  # takes longer to import than the other parts of a connector together

    validator = jsonschema.Draft202012Validator(schema())
    error = jsonschema.exceptions.best_match(validator.iter_errors(raw))
    if error is None:
        return
    where = ".".join(str(part) for part in error.absolute_path) or "(top)"
    raise DefinitionError(
        "connector-schema",
        Text(f"The entry {where} is wrong: {error.message}.", f"L'entrée {where} est fausse : {error.message}."),
        Text(
            "Compare with connectors/bnlc/connector.yaml and the how-to “Write a connector”.",
            "Comparez avec connectors/bnlc/connector.yaml et le guide « Écrire un connecteur ».",
        ),
        Place(file=str(path), column=where),
    )


def _definition(raw: dict[str, Any], folder: Path) -> Definition:
    repairs = raw.get("repairs", {})
    return Definition(
        name=raw["name"],
        title=Text(**raw["title"]),
        description=Text(**raw["description"]),
        version=raw["format"].get("version"),
        unversioned=Text(**raw["format"]["unversioned"]) if "unversioned" in raw["format"] else None,
        described=raw["format"]["described"],
        profile=raw["profile"],
        directions=tuple(raw["directions"]),
        variants=tuple(_variant(entry) for entry in raw["variants"]),
        folder=folder,
        licence=raw.get("licence"),
        normalises=tuple(Text(**entry) for entry in raw.get("normalises", ())),
        assumes=tuple((entry["code"], Text(entry["en"], entry["fr"])) for entry in raw.get("assumes", ())),
        accepts=tuple(
            Alignment(entry["class"], entry.get("as", entry["class"]), MappingProxyType(entry.get("properties", {})))
            for entry in raw.get("accepts", ())
        ),
        generations=tuple(
            Generation(Text(**entry["version"]), tuple(entry.get("namespaces", ())), tuple(entry.get("terms", ())))
            for entry in raw.get("generations", ())
        ),
        versions=tuple(
            Version(
                Text(**entry["version"]),
                tuple(entry["has"]),
                tuple(entry.get("lacks", ())),
                Text(**entry["fix"]) if "fix" in entry else None,
            )
            for entry in raw["format"].get("others", ())
        ),
        stated=Stated(raw["format"]["stated"]["pattern"], tuple(raw["format"]["stated"]["reads"]))
        if "stated" in raw["format"]
        else None,
        repairs=Repairs(**{name: MappingProxyType(table) for name, table in repairs.items()}),
    )


def _variant(raw: dict[str, Any]) -> Variant:
    going_on = raw.get("continuation")
    return Variant(
        name=raw["name"],
        kind=raw["kind"],
        mapping=raw.get("mapping", "mapping.ttl"),
        title=Text(**raw["title"]) if "title" in raw else None,
        media_type=raw.get("media_type"),
        extension=raw.get("extension"),
        signs=tuple(raw.get("signs", ())),
        fields=tuple(_field(name, entry or {}) for name, entry in raw.get("columns", {}).items()),
        constants=MappingProxyType(raw.get("constants", {})),
        times=MappingProxyType(raw.get("times", {})),
        keys=tuple(Key(**_frozen(entry)) for entry in raw.get("identifier", {}).get("keys", ())),
        continuation=Continuation(**{**going_on, "repeats": tuple(going_on["repeats"])}) if going_on else None,
        dialect=Dialect(**_frozen(raw.get("dialect", {}))),
        sheet=raw.get("sheet"),
        rdf=RdfOptions(**_frozen(raw.get("rdf", {}))),
    )


def _frozen(raw: dict[str, Any]) -> dict[str, Any]:
    """``raw`` with tuples for its lists."""
    return {name: tuple(entry) if isinstance(entry, list) else entry for name, entry in raw.items()}


def _field(name: str, raw: dict[str, Any]) -> Field:
    title = Text(**raw["title"]) if "title" in raw else None
    return Field(
        name,
        raw.get("required", False),
        raw.get("may_be_empty", False),
        tuple(raw.get("aliases", ())),
        title,
        raw.get("type"),
    )
