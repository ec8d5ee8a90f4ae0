"""Where the data folders `ontologies`, `shapes` and `connectors` lie: inside the installed package, or at the top of a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import datahub
from datahub.errors import NotFoundError
from datahub.i18n import Text


@cache
def data_folder(name: str) -> Path:
    """The folder of shipped data called ``name``: ``datahub/_data/<name>`` of an installed wheel, else that of the checkout.

    Raises:
        NotFoundError: neither is there, so the installation is incomplete.
    """
    package = Path(datahub.__file__).resolve().parent
    for folder in (package / "_data" / name, package.parents[1] / name):
        if folder.is_dir():
            return folder
    raise NotFoundError(
        "data-folder-missing",
        Text(
            "The folder “{name}” that comes with datahub is missing.",
            "Le dossier « {name} » fourni avec datahub est absent.",
        ).format(name=name),
        Text("Install datahub again.", "Réinstallez datahub."),
    )
