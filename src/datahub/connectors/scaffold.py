"""A new connector package, drafted from a sample file: what its columns hold and mean is guessed, and every guess is marked."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from datahub.connectors import recognise
from datahub.connectors.authoring import describing, writing
from datahub.connectors.authoring.drafting import Draft, draft
from datahub.connectors.authoring.keys import Keys, keys
from datahub.connectors.authoring.sample import read
from datahub.connectors.connector import connectors
from datahub.connectors.definition import FILE, Definition
from datahub.errors import ConflictError, InputError
from datahub.i18n import Lang, Text

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Scaffold:
    """A drafted package: its folder, what was guessed, how records are known, and connectors that read the sample already."""

    folder: Path
    draft: Draft
    keys: Keys
    known: tuple[Definition, ...] = ()

    @property
    def read_only(self) -> Text | None:
        """Why the draft only reads; None where it also writes."""
        return describing.read_only(self.draft, self.keys)


def scaffold(
    name: str,
    sample: Path,
    into: Path,
    sector: str | None = None,
    record_class: str | None = None,
    said: Mapping[str, str] | None = None,
    lang: Lang = "en",
) -> Scaffold:
    """A new package ``into/name`` for files such as ``sample``: definition, mapping and the sample itself.

    Columns are mapped to the property that their name and values suggest; the others stand in the mapping as comments.
    ``sector`` (a profile) and ``record_class`` (as ``dfc-b:SuppliedProduct``) are guessed where they are not given. ``said``:
    column → property, what need not be guessed. Comments in the files are in ``lang``.

    Raises:
        InputError: ``name-unusable``, or what `datahub.connectors.authoring.drafting.draft` and
        `datahub.connectors.authoring.sample.read` say. ConflictError: the folder is there already.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            "name-unusable",
            Text(f"“{name}” can't name a connector.", f"« {name} » ne peut nommer un connecteur."),
            Text(
                "Use small letters, digits and hyphens: panier-local.",
                "Utilisez minuscules, chiffres et tirets : panier-local.",
            ),
        )
    folder = into / name
    if folder.exists():
        raise ConflictError(
            "folder-exists",
            Text(f"The folder {folder} is there already.", f"Le dossier {folder} existe déjà."),
            Text("Choose another name, or remove the folder.", "Choisissez un autre nom, ou supprimez le dossier."),
        )
    found = writing.settled(draft(read(sample), sector, record_class, said))
    known = keys(found)
    files = {
        FILE: describing.definition(name, found, known, lang),
        "mapping.ttl": writing.mapping(name, found, known, lang),
    }
    try:
        (folder / "samples").mkdir(parents=True)
        for file, text in files.items():
            (folder / file).write_text(text, "utf-8")
        shutil.copyfile(sample, folder / "samples" / sample.name)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise InputError(
            "folder-unwritable",
            Text(f"The folder {folder} can't be written.", f"Le dossier {folder} ne peut être écrit."),
            Text(f"The system says: {error.strerror}.", f"Le système dit : {error.strerror}."),
        ) from None
    others = recognise.fits(recognise.look(sample), [each.definition for each in connectors()])
    return Scaffold(folder, found, known, others)
