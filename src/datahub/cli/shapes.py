"""``datahub shapes check``: shapes that are broken, or that select nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datahub.cli import console
from datahub.cli.convert import read_rdf
from datahub.cli.failures import NO
from datahub.cli.tree import Command, Group
from datahub.cli.words import both, say

app = typer.Typer(
    cls=Group, rich_markup_mode=None, no_args_is_help=True, help=both("SHACL shapes.", "Les formes SHACL.")
)


@app.callback()
def group() -> None:
    """Keeps ``check`` a command of its own while it is the only one."""


@app.command(
    "check",
    cls=Command,
    help=both(
        "Check shapes. Exit code: 2 broken ones; with --data, 1 where some select nothing, and they are listed.",
        "Vérifier des formes. Code de sortie : 2 si cassées ; avec --data, 1 si certaines ne sélectionnent rien, et lesquelles.",
    ),
)
def check(
    shapes: Annotated[
        Path, typer.Argument(metavar="S.ttl", help=both("The shapes, in Turtle.", "Les formes, en Turtle."))
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="D",
            help=both("RDF data that they should select from.", "Données RDF qu'elles devraient sélectionner."),
        ),
    ] = None,
) -> None:
    """Loads the shapes, and runs them on data where some is given."""
    from datahub.cli.options import content
    from datahub.shacl import load, validate

    content(shapes)
    loaded = load(shapes)
    targeted = list(loaded.targeted)
    console.out(
        say(
            f"{len(targeted)} shapes with a target, {len(loaded.by_node)} in all; none is broken.",
            f"{len(targeted)} formes avec une cible, {len(loaded.by_node)} en tout ; aucune n'est cassée.",
        )
    )
    if data is None:
        return
    report = validate(read_rdf(data), loaded)
    for shape in report.unused:
        console.out(say(f"selects nothing: {shape.node.lexical}", f"ne sélectionne rien : {shape.node.lexical}"))
    if report.unused:
        raise typer.Exit(NO)
