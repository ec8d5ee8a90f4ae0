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
from datahub.cli.words import both, say

if TYPE_CHECKING:
    import polars as pl

    from datahub.connectors import Connector


class Form(StrEnum):
    """How the report is written."""

    text = "text"
    json = "json"
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
    import polars as pl

    from datahub.connectors import connector as find
    from datahub.connectors import explain
    from datahub.shacl import load
    from datahub.shacl import remarks as about
    from datahub.shacl import validate as run

    reader = find(connector) if connector else None
    if reader is not None:
        base = hubs.settings().record_base(reader.name)
        lifted = reader.lift(content(file), base, None if str(file) == "-" else file.name)
        frame = lifted.frame
    else:
        lifted, frame = None, read_rdf(file)
    checked = run(frame, load(_shapes(shapes, profile, reader)))
    findings = pl.concat([about(checked), explain(checked, frame, reader, lifted)])
    if lifted is not None:
        findings = pl.concat([lifted.findings, findings])
    if report is Form.ttl:
        text = checked.graph().serialize(format="turtle")
    elif report is Form.json:
        text = _json(findings, checked.focus_nodes)
    else:
        text = _text(findings, checked.focus_nodes)
    console.write(text.rstrip("\n").encode() + b"\n", out)
    if remarks.counts(findings)["violation"]:
        raise typer.Exit(NO)


def _shapes(own: Path | None, profile: str | None, reader: Connector | None) -> list[Path]:
    """The files of the shapes: one's own, else those of the profile and of the connector."""
    if own is not None:
        content(own)
        return [own]
    from datahub.profiles import shapes_files

    files = shapes_files(profile or (reader.profile if reader else "core"))
    return [*files, reader.shapes] if reader is not None and reader.shapes else files


def _text(findings: pl.DataFrame, nodes: int) -> str:
    found = remarks.counts(findings)
    verdict = say("Does not conform.", "Non conforme.") if found["violation"] else say("Conforms.", "Conforme.")
    checked = say(f"{nodes} nodes checked.", f"{nodes} nœuds vérifiés.")
    head = f"{verdict} {remarks.tally(findings)} {checked}"
    return "\n".join([head, remarks.text(findings)]) if findings.height else head


def _json(findings: pl.DataFrame, nodes: int) -> str:
    found = remarks.counts(findings)
    rows = [
        {
            **{name: row[name] for name in ("severity", "code", "record", "row", "column", "value", "rule")},
            "message": {"en": row["message_en"], "fr": row["message_fr"]},
            "fix": {"en": row["fix_en"], "fr": row["fix_fr"]} if row["fix_en"] else None,
        }
        for row in findings.iter_rows(named=True)
    ]
    body = {"conforms": not found["violation"], "nodes": nodes, "counts": found, "findings": rows}
    return json.dumps(body, ensure_ascii=False, indent=2)
