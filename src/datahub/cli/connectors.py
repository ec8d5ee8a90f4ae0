"""``datahub connectors``: what is there, in which directions, formats and versions, and where each column goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from datahub.cli import authoring, console, trial
from datahub.cli.options import AsJson, Name
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
        console.as_json([_summary(one) for one in found])
        return
    headers = (
        say("connector", "connecteur"),
        say("directions", "sens"),
        say("formats", "formats"),
        say("version", "version"),
        say("reads and writes", "lit et écrit"),
    )
    rows = [
        (
            one.name,
            "+".join(one.directions),
            ",".join(one.formats),
            one.definition.version or say("none", "aucune"),
            one.title.to(lang()),
        )
        for one in found
    ]
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
    from datahub.connectors import connector, versions
    from datahub.rdf.terms import curie

    one = connector(name)
    columns = [
        {**row, "class": row["class"] and curie(row["class"]), "path": [curie(step) for step in row["path"]]}
        for row in one.columns.iter_rows(named=True)
    ]
    if as_json:
        console.as_json({**_summary(one), "columns": columns})
        return
    console.out(f"{one.name}{say(':', ' :')} {one.title.to(lang())}")
    console.out(one.description.to(lang()))
    console.out(f"{say('profile', 'profil')} {one.profile}, {'+'.join(one.directions)}, {', '.join(one.formats)}")
    colon = say(":", " :")
    unversioned = one.definition.unversioned
    stated = unversioned.to(lang()) if unversioned else one.definition.version
    console.out(f"{say('format version', 'version du format')}{colon} {stated}")
    for version in one.definition.versions:
        reason = versions.why(version).to(lang())
        console.out(f"    {say('other version', 'autre version')}{colon} {version.version.to(lang())} ({reason})")
    console.out(f"{say('described at', 'décrit sur')}{colon} {one.definition.described}")
    if not columns:
        return
    yes, written = say("yes", "oui"), say("only written", "seulement écrit")
    headers = (
        say("variant", "variante"),
        say("column", "colonne"),
        say("class", "classe"),
        say("path", "chemin"),
        say("both ways", "deux sens"),
    )
    rows = [
        (
            c["variant"],
            c["column"],
            c["class"],
            "/".join(c["path"]),
            c[f"reason_{lang()}"] if not c["invertible"] else yes if c["lifted"] else written,
        )
        for c in columns
        if not c["column"].startswith("_")  # made up by the connector, not in the file
    ]
    read = {(c["variant"], c["column"]) for c in columns}
    rows += [
        (variant.name, name, "", "", say("It is not read.", "Elle n'est pas lue."))
        for variant in one.definition.variants
        for name in variant.names
        if (variant.name, name) not in read
    ]
    console.out(console.table(rows, headers))


app.command(
    "test",
    cls=Command,
    help=both(
        "Run the samples of a connector: columns, validation, what comes back, expected results.",
        "Essayer les exemples d'un connecteur : colonnes, vérification, aller-retour, résultats attendus.",
    ),
)(trial.trial)
app.command(
    "new",
    cls=Command,
    help=both(
        "Draft a connector from a sample file (CSV, spreadsheet, JSON, GeoJSON, XML).",
        "Ébaucher un connecteur d'après un fichier d'exemple (CSV, classeur, JSON, GeoJSON, XML).",
    ),
)(authoring.new)


def _summary(one: Connector) -> dict[str, Any]:
    unversioned = one.definition.unversioned
    return {
        "name": one.name,
        "title": one.title.to_json(),
        "profile": one.profile,
        "directions": list(one.directions),
        "formats": list(one.formats),
        "version": one.definition.version,
        "unversioned": unversioned.to_json() if unversioned else None,
        "described": one.definition.described,
    }
