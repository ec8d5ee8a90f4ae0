"""``datahub validate``: a file against shapes, told in the publisher's own rows and columns."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datahub.cli import console, hubs, remarks
from datahub.cli.convert import read_rdf
from datahub.cli.failures import NO
from datahub.cli.options import File, Out, content
from datahub.cli.words import both, lang, say

if TYPE_CHECKING:
    import polars as pl

    from datahub.connectors.checking import Checked


class Form(StrEnum):
    """How the report is written."""

    text = "text"
    json = "json"
    csv = "csv"
    html = "html"
    ttl = "ttl"


def validate(
    file: File,
    connector: Annotated[
        str | None,
        typer.Option(
            help=both(
                "Connector that reads the file; without it the file is RDF.",
                "Connecteur qui lit le fichier ; sans lui, le fichier est du RDF.",
            )
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            help=both(
                "Profile to check by; by default the connector's, else core.",
                "Profil à vérifier ; par défaut celui du connecteur, sinon core.",
            )
        ),
    ] = None,
    shapes: Annotated[
        Path | None,
        typer.Option(
            metavar="S.ttl",
            help=both("Shapes of your own, instead of a profile.", "Vos propres formes, au lieu d'un profil."),
        ),
    ] = None,
    report: Annotated[Form, typer.Option(help=both("How to write the report.", "Forme du rapport."))] = Form.text,
    out: Out = None,
) -> None:
    """Checks ``file`` and prints the report; exit code 1 where there are violations."""
    from datahub.connectors import connector as find
    from datahub.connectors.checking import check_frame, check_native, shapes_for
    from datahub.shacl import load

    reader = find(connector) if connector else None
    if shapes is not None:
        content(shapes)
    rules = shapes_for(profile, reader) if shapes is None else load(shapes)
    name = None if str(file) == "-" else file.name
    if reader is None:
        checked = check_frame(read_rdf(file), rules)
    else:
        checked = check_native(content(file), reader, rules, hubs.settings().record_base(reader.name), name)
    console.write(_written(checked, report, name), out)
    if not checked.conforms:
        raise typer.Exit(NO)


def _written(checked: Checked, form: Form, name: str | None) -> bytes:
    from datahub.syndication import reports

    match form:
        case Form.ttl:
            return checked.report.turtle().encode()
        case Form.csv:
            return reports.as_csv(checked, lang())
        case Form.html:
            return reports.as_html(checked, lang(), name).encode()
        case Form.json:
            return json.dumps(reports.as_json(checked), ensure_ascii=False, indent=2).encode() + b"\n"
        case Form.text:
            return _text(checked.findings, checked.nodes).encode() + b"\n"


def _text(findings: pl.DataFrame, nodes: int) -> str:
    found = remarks.counts(findings)
    verdict = say("Does not conform.", "Non conforme.") if found["violation"] else say("Conforms.", "Conforme.")
    checked = say(f"{nodes} nodes checked.", f"{nodes} nœuds vérifiés.")
    head = f"{verdict} {remarks.tally(findings)} {checked}"
    return "\n".join([head, remarks.text(findings)]) if findings.height else head
