"""The command tree: one module per group of commands."""

from __future__ import annotations

from typing import Annotated

import typer

import datahub
from datahub.cli import connectors, convert, export, owners, push, server, shapes, validate
from datahub.cli.tree import Command, Group
from datahub.cli.words import both

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


def _version(wanted: bool) -> None:
    if wanted:
        print(f"datahub {datahub.__version__}")
        raise typer.Exit()


@app.callback()
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


for function, sentence in (
    (
        convert.lift,
        both("Convert a native file to RDF.", "Convertir un fichier natif en RDF."),
    ),
    (
        convert.lower,
        both(
            "Convert RDF to a native format, and say what was lost.",
            "Convertir du RDF vers un format natif, en disant ce qui se perd.",
        ),
    ),
    (
        convert.translate,
        both(
            "Convert a platform's file to another platform's format, and say what was lost.",
            "Convertir le fichier d'une plateforme vers le format d'une autre, en disant ce qui se perd.",
        ),
    ),
    (
        validate.validate,
        both(
            "Check a file against shapes. Exit code: 0 conforms, 1 violations, 2 unusable input.",
            "Vérifier un fichier selon des formes SHACL. Code de sortie : 0 conforme, 1 violations, 2 entrée inutilisable.",
        ),
    ),
    (push.push, both("Push a file to a dataset of a hub.", "Envoyer un fichier vers un jeu de données d'un hub.")),
    (export.export, both("Write a dataset to a file.", "Écrire un jeu de données dans un fichier.")),
    (server.serve, both("Run the server of the hub.", "Lancer le serveur du hub.")),
    (
        server.rebuild,
        both("Make all projections again from the log.", "Refaire toutes les projections à partir du journal."),
    ),
    (
        server.demo,
        both(
            "Run a throw-away hub with the sample platforms.",
            "Lancer un hub jetable avec les plateformes d'exemple.",
        ),
    ),
):
    app.command(cls=Command, help=sentence)(function)

app.add_typer(connectors.app, name="connectors")
app.add_typer(shapes.app, name="shapes")
app.add_typer(owners.platforms, name="platform")
app.add_typer(owners.datasets, name="dataset")
app.add_typer(owners.keys, name="key")
