"""``datahub shapes check``: shapes that are broken, inert or contradictory."""

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
        "Check shapes. Exit code: 2 broken ones; 1 where some contradict themselves, or select nothing in --data.",
        "Vérifier des formes. Code de sortie : 2 si cassées ; 1 si certaines se contredisent, ou sont sans effet sur --data.",
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
    from datahub.shacl import doubts, load, validate

    content(shapes)
    loaded = load(shapes)
    targeted = list(loaded.targeted)
    console.out(
        say(
            f"{len(targeted)} shapes with a target, {len(loaded.by_node)} in all; none is broken.",
            f"{len(targeted)} formes avec une cible, {len(loaded.by_node)} en tout ; aucune n'est cassée.",
        )
    )
    found = doubts(loaded)
    for doubt in found:
        console.out(say(doubt.message.en, doubt.message.fr))
    unused = validate(read_rdf(data), loaded).unused if data is not None else ()
    for shape in unused:
        console.out(say(f"selects nothing: {shape.node.lexical}", f"ne sélectionne rien : {shape.node.lexical}"))
    if unused or any(doubt.severity == "warning" for doubt in found):
        raise typer.Exit(NO)
