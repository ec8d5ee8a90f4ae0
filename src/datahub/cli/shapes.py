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
        list[Path],
        typer.Argument(
            metavar="S.ttl ...",
            help=both(
                "The shapes, in RDF such as Turtle; several files are read together.",
                "Les formes, en RDF comme Turtle ; plusieurs fichiers sont lus ensemble.",
            ),
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="D",
            help=both("RDF data that they should select from.", "Données RDF qu'elles devraient sélectionner."),
        ),
    ] = None,
    ontology: Annotated[
        Path | None,
        typer.Option(
            metavar="O.ttl",
            help=both(
                "RDF that declares classes, and which lies below which, besides our own ontologies.",
                "RDF qui déclare des classes, et laquelle est sous quelle autre, en plus de nos ontologies.",
            ),
        ),
    ] = None,
) -> None:
    """Loads the shapes, and runs them on data where some is given."""
    from datahub.cli.options import content
    from datahub.profiles import class_hierarchy, vocabulary
    from datahub.rdf.frame import concat
    from datahub.rdf.terms import OWL, RDF_TYPE, RDFS
    from datahub.shacl import doubts, load, unreached

    for file in shapes:
        content(file)
    loaded = load(shapes)
    targeted = list(loaded.targeted)
    console.out(
        say(
            f"{len(targeted)} shapes with a target, {len(loaded.by_node)} in all; none is broken.",
            f"{len(targeted)} formes avec une cible, {len(loaded.by_node)} en tout ; aucune n'est cassée.",
        )
    )
    classes = set(vocabulary().classes())
    hierarchy = class_hierarchy()
    if ontology is not None:
        own = read_rdf(ontology)
        hierarchy = concat([hierarchy, own])
        typed = own.predicate(RDF_TYPE)
        kinds = [own.iri(iri) for iri in (OWL + "Class", RDFS + "Class")]
        declared = typed.filter(typed["o"].is_in([code for code in kinds if code is not None]))["s"]
        classes |= set(own.terms["lexical"].gather(declared))
    found = doubts(loaded, classes)
    if data is not None:
        found += unreached(read_rdf(data), loaded, hierarchy)
    for doubt in found:
        console.out(say(doubt.message.en, doubt.message.fr))
    if any(doubt.severity == "warning" for doubt in found):
        raise typer.Exit(NO)
