"""Profiles: what one sector releases together, as `ontologies/profiles.yaml` lists it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from datahub.errors import NotFoundError
from datahub.i18n import Text
from datahub.profiles.data import data_folder
from datahub.profiles.namespaces import expand

if TYPE_CHECKING:
    from rdflib import Graph


@dataclass(frozen=True)
class Profile:
    """Ontology modules, shapes and JSON-LD context of one sector, under one version."""

    name: str
    version: str
    title_fr: str
    title_en: str
    modules: tuple[str, ...]
    shapes_files: tuple[str, ...]
    """Files in `shapes/`, those of core first."""
    context_file: str
    """The file in `ontologies/contexts/`."""
    records: tuple[str, ...]
    """The classes whose instances are records of their own; the first is the one that the sector is about."""

    @property
    def title(self) -> Text:
        """The name of the sector in both languages."""
        return Text(self.title_en, self.title_fr)

    @property
    def context_iri(self) -> str:
        """The address that documents name for the context."""
        return f"https://w3id.org/datahub/ns/{self.name}/context"

    @property
    def context(self) -> bytes:
        """The JSON-LD context document."""
        return (data_folder("ontologies") / "contexts" / self.context_file).read_bytes()


@cache
def _profiles() -> dict[str, Profile]:
    table = yaml.safe_load((data_folder("ontologies") / "profiles.yaml").read_text("utf-8"))
    return {
        name: Profile(
            name=name,
            version=entry["version"],
            title_fr=entry["title"]["fr"],
            title_en=entry["title"]["en"],
            modules=tuple(entry["modules"]),
            shapes_files=tuple(entry["shapes"]),
            context_file=entry["context"],
            records=tuple(expand(curie) for curie in entry["records"]),
        )
        for name, entry in table.items()
    }


def profiles() -> tuple[Profile, ...]:
    """All profiles, core first."""
    return tuple(_profiles().values())


def profile(name: str) -> Profile:
    """The profile called ``name``.

    Raises:
        NotFoundError: there is none; the message names those there are.
    """
    known = _profiles()
    if name not in known:
        raise NotFoundError(
            "profile-unknown",
            Text("There is no profile “{name}”.", "Il n'y a pas de profil « {name} ».").format(name=name),
            Text("Choose one of: {names}.", "Choisissez parmi : {names}.").format(names=", ".join(known)),
        )
    return known[name]


def shapes_files(of: Profile | str) -> list[Path]:
    """The Turtle files that together are the shapes of a profile."""
    chosen = profile(of) if isinstance(of, str) else of
    return [data_folder("shapes") / file for file in chosen.shapes_files]


def shapes_graph(of: Profile | str) -> Graph:
    """The shapes of a profile as one rdflib graph, for pySHACL and for editing. It is shared: copy it before changing it."""
    return _graph(tuple(shapes_files(of)))


@cache
def _graph(files: tuple[Path, ...]) -> Graph:
    from rdflib import Graph

    graph = Graph()
    for file in files:
        graph.parse(file, format="turtle")
    return graph
