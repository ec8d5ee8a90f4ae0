"""``datahub connectors``: what is there, in which directions and formats, and whether its samples still come out as expected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datahub.cli import console
from datahub.cli.failures import NO
from datahub.cli.options import AsJson
from datahub.cli.tree import Command, Group
from datahub.cli.words import both, lang, say

if TYPE_CHECKING:
    from datahub.connectors import Connector

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    invoke_without_command=True,
    help=both(
        "The connectors: readers and writers of native formats.",
        "Les connecteurs : lecteurs et rédacteurs de formats natifs.",
    ),
)

Name = Annotated[str, typer.Argument(metavar="CONNECTOR", help=both("Name of the connector.", "Nom du connecteur."))]


@app.callback()
def group(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists, where no command is given."""
    if context.invoked_subcommand is None:
        list_all(as_json)


@app.command("list", cls=Command, help=both("List the connectors.", "Lister les connecteurs."))
def list_all(as_json: AsJson = False) -> None:
    """Lists all connectors."""
    from datahub.connectors import connectors

    found = connectors()
    if as_json:
        console.out(_json([_summary(one) for one in found]))
        return
    headers = (
        say("connector", "connecteur"),
        say("directions", "sens"),
        say("formats", "formats"),
        say("reads and writes", "lit et écrit"),
    )
    rows = [(one.name, "+".join(one.directions), ",".join(one.formats), one.title.to(lang())) for one in found]
    console.out(console.table(rows, headers))


@app.command(
    "show",
    cls=Command,
    help=both(
        "Show a connector: its fields and where they go.", "Montrer un connecteur : ses champs et leur destination."
    ),
)
def show(name: Name, as_json: AsJson = False) -> None:
    """Shows one connector with its columns."""
    from datahub.connectors import connector
    from datahub.rdf.terms import curie

    one = connector(name)
    columns = [
        {**row, "class": row["class"] and curie(row["class"]), "path": [curie(step) for step in row["path"]]}
        for row in one.columns.iter_rows(named=True)
    ]
    if as_json:
        console.out(_json({**_summary(one), "columns": columns}))
        return
    console.out(f"{one.name}{say(':', ' :')} {one.title.to(lang())}")
    console.out(one.description.to(lang()))
    console.out(f"{say('profile', 'profil')} {one.profile}, {'+'.join(one.directions)}, {', '.join(one.formats)}")
    if not columns:
        return
    yes = say("yes", "oui")
    headers = (
        say("variant", "variante"),
        say("column", "colonne"),
        say("class", "classe"),
        say("path", "chemin"),
        say("both ways", "deux sens"),
    )
    rows = [
        (c["variant"], c["column"], c["class"], "/".join(c["path"]), yes if c["invertible"] else "")
        for c in columns
        if not c["column"].startswith("_")  # made up by the connector, not in the file
    ]
    console.out(console.table(rows, headers))


@app.command(
    "test",
    cls=Command,
    help=both(
        "Run the samples of a connector against their expected results.",
        "Comparer les exemples d'un connecteur à leurs résultats attendus.",
    ),
)
def test(name: Name) -> None:
    """Lifts each sample and compares with ``expected/``; exit code 1 where one differs."""
    from datahub.connectors import connector
    from datahub.connectors.check import check

    results = check(connector(name))
    for result in results:
        mark = say("as expected", "comme attendu") if result.passed else say("DIFFERS", "DIFFÈRE")
        console.out(f"{mark}{say(':', ' :')} {result.sample}")
        if result.detail is not None:
            console.out(result.detail.to(lang()))
    if not all(result.passed for result in results):
        raise typer.Exit(NO)


@app.command(
    "new",
    cls=Command,
    help=both(
        "Begin a connector from a sample file (CSV or spreadsheet).",
        "Commencer un connecteur à partir d'un fichier d'exemple (CSV ou classeur).",
    ),
)
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help=both("Name of the new connector.", "Nom du connecteur."))],
    sample: Annotated[Path, typer.Argument(metavar="SAMPLE", help=both("A sample file.", "Un fichier d'exemple."))],
    profile: Annotated[
        str, typer.Option(help=both("Sector of the records: food, mobility, hospitality.", "Secteur des fiches."))
    ] = "mobility",
    into: Annotated[
        Path, typer.Option(help=both("Folder of the packages.", "Dossier des paquets."), metavar="FOLDER")
    ] = Path("connectors"),
) -> None:
    """Writes the folder of a new package; its author completes the definition and the mapping."""
    from datahub.connectors.scaffold import scaffold

    folder = scaffold(name, sample, into, profile)
    console.out(
        say(
            f"Begun in {folder}: now complete connector.yaml and mapping.ttl.",
            f"Commencé dans {folder} : complétez connector.yaml et mapping.ttl.",
        )
    )


def _summary(one: Connector) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": {"en": one.title.en, "fr": one.title.fr},
        "profile": one.profile,
        "directions": list(one.directions),
        "formats": list(one.formats),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
