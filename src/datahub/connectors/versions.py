"""Which version of its format a file follows: what it states itself, and the columns that only one version has."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from datahub.connectors.codes import folded
from datahub.connectors.definition import Definition, Version
from datahub.connectors.look import Look
from datahub.errors import InputError, Place
from datahub.findings import findings
from datahub.i18n import Text


def shown(columns: Iterable[str], definition: Definition) -> Version | None:
    """The other version that ``columns`` (or members) are of: those that only it has are there, those that it lacks are not."""
    names = {folded(name) for name in columns}
    for version in definition.versions:
        has, lacks = ({folded(name) for name in each} for each in (version.has, version.lacks))
        if has <= names and not lacks & names:
            return version
    return None


def why(version: Version) -> Text:
    """How ``version`` shows: “it has id_lieu and no id_local”."""
    has, lacks = ", ".join(version.has), ", ".join(version.lacks)
    if not lacks:
        return Text(f"it has {has}", f"il a {has}")
    return Text(f"it has {has} and no {lacks}", f"il a {has}, mais pas {lacks}")


def current(definition: Definition) -> Text:
    """The version that is read, to be put into a sentence: “version 0.3.0”, or that the format has none."""
    if definition.version is not None:
        return Text(f"version {definition.version}", f"la version {definition.version}")
    return Text("the version of today, which has no number", "la version actuelle, qui n'a pas de numéro")


def told(columns: Iterable[str], definition: Definition) -> pl.DataFrame:
    """A note where ``columns`` show another version than the one that is written; what that has more is left out or told."""
    version = shown(columns, definition)
    if version is None:
        return findings()
    reason, read = why(version), current(definition)
    return findings(
        [
            {
                "severity": "info",
                "code": "version-other",
                "value": version.version.en,
                "rule": "version",
                "message_en": f"It looks like another version of the format, {version.version.en} ({reason.en}); it was read as "
                f"{read.en}.",
                "message_fr": f"Cela ressemble à une autre version du format, {version.version.fr} ({reason.fr}) ; "
                f"lu comme {read.fr}.",
            }
        ]
    )


def check(seen: Look, definition: Definition) -> None:
    """Raises `InputError` ``not-this-version`` where the file states a version that the connector does not read."""
    if definition.stated is None:
        return
    for name in sorted(seen.names):
        found = re.search(definition.stated.pattern, name)
        if found and found[1] not in definition.stated.reads:
            title, reads = definition.title, ", ".join(definition.stated.reads)
            raise InputError(
                "not-this-version",
                Text(
                    f"This states that it is version {found[1]} of “{title.en}”; this connector reads {reads}.",
                    f"Ceci se dit en version {found[1]} de « {title.fr} » ; ce connecteur lit {reads}.",
                ),
                Text(
                    f"Export it as version {definition.stated.reads[-1]}, or write its context into the document.",
                    f"Exportez-le en version {definition.stated.reads[-1]}, ou écrivez son contexte dans le document.",
                ),
                Place(value=name),
            )
