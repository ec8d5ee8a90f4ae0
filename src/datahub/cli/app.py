"""The command tree: one module per group of commands, imported when one of them is to be run."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Annotated

import typer

import datahub
from datahub.cli.tree import Command, Group
from datahub.cli.words import both

COMMANDS = {
    "lift": ("convert", both("Convert a native file to RDF.", "Convertir un fichier natif en RDF.")),
    "lower": (
        "convert",
        both(
            "Convert RDF to a native format, and say what was lost.",
            "Convertir du RDF vers un format natif, en disant ce qui se perd.",
        ),
    ),
    "translate": (
        "convert",
        both(
            "Convert a platform's file to another platform's format, and say what was lost.",
            "Convertir le fichier d'une plateforme vers le format d'une autre, en disant ce qui se perd.",
        ),
    ),
    "validate": (
        "validate",
        both(
            "Check a file against shapes. Exit code: 0 conforms, 1 violations, 2 unusable input.",
            "Vérifier un fichier selon des formes SHACL. Code de sortie : 0 conforme, 1 violations, 2 entrée inutilisable.",
        ),
    ),
    "push": ("push", both("Push a file to a dataset of a hub.", "Envoyer un fichier vers un jeu de données d'un hub.")),
    "export": ("export", both("Write a dataset to a file.", "Écrire un jeu de données dans un fichier.")),
    "serve": ("server", both("Run the server of the hub.", "Lancer le serveur du hub.")),
    "rebuild": (
        "server",
        both("Make all projections again from the log.", "Refaire toutes les projections à partir du journal."),
    ),
    "demo": (
        "server",
        both(
            "Run a throw-away hub with the sample platforms.",
            "Lancer un hub jetable avec les plateformes d'exemple.",
        ),
    ),
}
"""Commands, each a function of its name in its module, with its help."""

GROUPS = {
    "connectors": ("connectors", "app"),
    "shapes": ("shapes", "app"),
    "platform": ("owners", "platforms"),
    "dataset": ("owners", "datasets"),
    "key": ("owners", "keys"),
}
"""Groups of commands: their modules, and what they are called there."""


def command_line(name: str | None = None) -> typer.Typer:
    """The command tree; where ``name`` is that of a command or a group, this one alone: nobody waits for what others import."""
    known = name in COMMANDS or name in GROUPS
    app = typer.Typer(
        cls=Group,
        rich_markup_mode=None,
        add_completion=False,
        no_args_is_help=True,
        help=both(
            "The hub through which cooperative platforms share data without giving up their own models.",
            "Le hub par lequel des plateformes coopératives partagent des données sans renoncer à leurs propres modèles.",
        ),
    )
    app.callback()(root)
    for command, (module, sentence) in COMMANDS.items():
        if command == name or not known:
            app.command(cls=Command, help=sentence)(getattr(_module(module), command))
    for group, (module, variable) in GROUPS.items():
        if group == name or not known:
            app.add_typer(getattr(_module(module), variable), name=group)
    return app


def _module(name: str) -> ModuleType:
    return import_module(f"datahub.cli.{name}")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"datahub {datahub.__version__}")
        raise typer.Exit()


def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help=both("Show the version and exit.", "Affiche la version."),
        ),
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(
            metavar="fr|en",
            help=both(
                "Language of messages; may stand anywhere. By default that of the locale.",
                "Langue des messages ; peut être placée n'importe où. Par défaut celle de la session.",
            ),
        ),
    ] = None,
) -> None:
    """Options that come before the command."""
