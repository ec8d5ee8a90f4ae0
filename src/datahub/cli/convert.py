"""``datahub lift|lower|translate``: files from one form to another, without a hub."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datahub.cli import console, hubs, permissions, remarks, spark, survival
from datahub.cli.options import Base, File, Loss, Out, Time, Variant, content, moment
from datahub.cli.words import UsageError, both, lang, say
from datahub.errors import InputError
from datahub.i18n import Text

if TYPE_CHECKING:
    import polars as pl

    from datahub.connectors import Lowering
    from datahub.rdf.frame import Frame
    from datahub.sources.access import Access

LOSSES_SHOWN = 12


class Syntax(StrEnum):
    """The RDF syntaxes that can be written."""

    nt = "nt"
    nq = "nq"
    ttl = "ttl"
    trig = "trig"
    jsonld = "jsonld"
    rdfxml = "rdfxml"


Format = Annotated[
    Syntax | None,
    typer.Option(
        "--format",
        help=both(
            "RDF syntax; by default that of OUT's extension, else nt.",
            "Syntaxe RDF ; par défaut celle de l'extension de OUT, sinon nt.",
        ),
    ),
]


def lift(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help=both("The file to read; - for standard input.", "Le fichier à lire ; - pour l'entrée standard."),
        ),
    ] = None,
    connector: Annotated[
        str | None, typer.Option(help=both("Connector that reads the file.", "Connecteur qui lit le fichier."))
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            metavar="M.ttl|M.yml",
            help=both(
                "A bare RML or YARRRML mapping; its sources lie beside it.",
                "Un mapping RML ou YARRRML seul ; ses sources sont à côté de lui.",
            ),
        ),
    ] = None,
    out: Out = None,
    syntax: Format = None,
    base: Base = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help=both("Show the plan of the mapping; convert nothing.", "Montrer le plan du mapping, sans convertir."),
        ),
    ] = False,
    database: permissions.Databases = None,
    trust_mapping: permissions.Trust = False,
    allow_host: permissions.Hosts = None,
    allow_private: permissions.Private = False,
    strict: permissions.Strict = False,
    engine: spark.Engines = spark.Engine.local,
    master: spark.Master = None,
) -> None:
    """Lifts ``file`` by a connector, or by a bare mapping."""
    if (connector is None) == (mapping is None):
        raise UsageError(
            "connector-or-mapping",
            Text("Give either --connector or --mapping.", "Donnez --connector ou bien --mapping."),
        )
    if connector is not None:
        permissions.refuse(trust_mapping, allow_host, allow_private)
    if explain:
        console.write(_plans(connector, mapping).encode() + b"\n", None)  # code: references, queries
        return
    by = connector if connector is not None else mapping
    assert by is not None
    spark.check(engine, master, file, by, out, syntax)
    if engine is spark.Engine.spark and out is not None:
        spark.lift(by, file, out, base, master, graphs=syntax == Syntax.nq, strict=strict)
        return
    name = _syntax(out, syntax)
    if mapping is not None:
        allowed = permissions.access(database, trust_mapping, allow_host, allow_private)
        _lift_by_mapping(mapping, file, out, name, base, allowed, strict=strict)
        return
    if file is None:
        raise UsageError("file-missing", Text("Give the file to read.", "Donnez le fichier à lire."))
    from datahub.connectors import connector as find
    from datahub.rdf.formats import write_to

    assert connector is not None
    reader = find(connector)
    lifted = reader.lift(content(file), base or _base(reader.name), _name(file))
    _refuse(lifted.findings, strict=strict)
    with console.sink(out) as sink:
        write_to(lifted.frame, name, sink)
    _say_lifted(len(lifted.frame), lifted.findings)


def _lift_by_mapping(
    mapping: Path,
    file: Path | None,
    out: Path | None,
    syntax: str,
    base: str | None,
    allowed: Access,
    *,
    strict: bool,
) -> None:
    """N-Triples and N-Quads are written while the files are read; the other syntaxes need the whole graph."""
    from datahub.mapping import DEFAULT_BASE, lift_to, parse

    source = None if file is None else _existing(file)
    if syntax in ("nt", "nq") and not (strict and out is None):  # what went to standard output can't be taken back
        with console.sink(out) as sink:
            written = lift_to(sink, parse(mapping), source, base or DEFAULT_BASE, access=allowed, graphs=syntax == "nq")
            _refuse(written.findings, strict=strict)
        _say_lifted(written.statements, written.findings)
        if written.untold:
            console.note(say(f"… and {written.untold} more remarks.", f"… et {written.untold} remarques de plus."))
        return
    from datahub.mapping import lift as run
    from datahub.rdf.formats import write_to

    lifted = run(parse(mapping), source, base or DEFAULT_BASE, access=allowed)
    _refuse(lifted.findings, strict=strict)
    with console.sink(out) as sink:
        write_to(lifted.frame, syntax, sink)
    _say_lifted(len(lifted.frame), lifted.findings)


def _refuse(findings: pl.DataFrame, *, strict: bool) -> None:
    """Where ``strict``, ends the command at the first violation."""
    if strict:
        from datahub.findings import refuse_violations

        refuse_violations(findings)


def _say_lifted(triples: int, findings: pl.DataFrame) -> None:
    if findings.height:
        console.note(remarks.text(findings))
    console.note(say(f"{triples} triples written.", f"{triples} triplets écrits."))


def lower(
    file: File,
    connector: Annotated[
        str, typer.Option(help=both("Connector whose format is written.", "Connecteur dont le format est écrit."))
    ],
    out: Out = None,
    loss: Loss = None,
    variant: Variant = None,
    base: Base = None,
    time: Time = None,
) -> None:
    """Lowers an RDF file to the native format of a connector."""
    from datahub.connectors import connector as find

    chosen = find(connector)
    lowering = chosen.lower(read_rdf(file), base or _base(chosen.name), variant, moment(time))
    write_lowering(lowering, out, loss)


def translate(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE|SECTOR]",
            help=both(
                "The file to read; - for standard input. With --matrix, a sector (by default all).",
                "Le fichier à lire ; - pour l'entrée standard. Avec --matrix, un secteur (par défaut tous).",
            ),
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", help=both("Connector that reads FILE.", "Connecteur qui lit FILE."))
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", help=both("Connector that writes OUT.", "Connecteur qui écrit OUT."))
    ] = None,
    out: Out = None,
    loss: Loss = None,
    variant: Variant = None,
    time: Time = None,
    matrix: Annotated[
        bool,
        typer.Option(
            "--matrix",
            help=both(
                "Show which fields survive between all connectors of a sector, measured on their samples.",
                "Montrer les champs qui survivent entre tous les connecteurs d'un secteur, mesurés sur leurs exemples.",
            ),
        ),
    ] = False,
) -> None:
    """Translates a native file from one platform's format to another's."""
    if matrix:
        survival.show(None if file is None else str(file), out)
        return
    if file is None or source is None or target is None:
        raise UsageError(
            "translate-incomplete",
            Text(
                "Give FILE, --from and --to; or --matrix.",
                "Donnez FILE, --from et --to ; ou bien --matrix.",
            ),
        )
    from datahub.connectors import translate as run

    lowering = run(content(file), source, target, filename=_name(file), variant=variant, time=moment(time))
    write_lowering(lowering, out, loss)


def read_rdf(file: Path) -> Frame:
    """An RDF file as a frame; its syntax is that of its extension, N-Triples for standard input. Errors name the file."""
    from datahub.rdf.formats import format_for, parse

    with about(file):
        syntax = "nt" if str(file) == "-" else format_for(file.suffix).name
        if syntax != "jsonld":
            return parse(content(file), syntax)
        from datahub.profiles import contexts

        return parse(content(file), syntax, contexts=contexts())


@contextmanager
def about(file: Path) -> Iterator[None]:
    """What goes wrong inside is said of ``file``, where nothing else is named: a command may read several."""
    try:
        yield
    except InputError as error:
        if error.place.file is not None or str(file) == "-":
            raise
        raise InputError(error.code, error.message, error.fix, replace(error.place, file=file.name)) from None


def _existing(file: Path) -> Path:
    if str(file) == "-":
        raise UsageError(
            "mapping-stdin",
            Text(
                "A bare mapping reads files, not standard input.",
                "Un mapping seul lit des fichiers, pas l'entrée standard.",
            ),
        )
    content(file)
    return file


def _name(file: Path) -> str | None:
    return None if str(file) == "-" else file.name


def _base(connector: str) -> str:
    return hubs.settings().record_base(connector)


def _plans(connector: str | None, mapping: Path | None) -> str:
    from datahub.mapping import parse, plan

    if mapping is not None:
        return plan(parse(mapping)).text.to(lang())
    from datahub.connectors import connector as find

    assert connector is not None
    definition = find(connector).definition
    files = dict.fromkeys(
        definition.folder / variant.mapping for variant in definition.variants if variant.kind != "rdf"
    )
    if not files:
        return say(
            f"“{connector}” reads RDF: no mapping is needed.",
            f"« {connector} » lit du RDF : aucun mapping n'est nécessaire.",
        )
    return "\n\n".join(plan(parse(file)).text.to(lang()) for file in files)


def _syntax(out: Path | None, syntax: Syntax | None) -> str:
    if syntax is not None:
        return syntax.value
    if out is None or not out.suffix:
        return "nt"
    if (name := out.suffix[1:].lower()) in set(Syntax):
        return name
    from datahub.rdf.formats import format_for

    return format_for(out.suffix).name


def write_lowering(lowering: Lowering, out: Path | None, loss: Path | None) -> None:
    """Writes what a lowering made, and says what it could not hold."""
    if out is not None and loss is not None and out.resolve() == loss.resolve():
        raise UsageError(
            "loss-over-out",
            Text("-o and --loss name one file.", "-o et --loss nomment un même fichier."),
            Text("Name two.", "Nommez-en deux."),
        )
    console.write(lowering.data, out)
    if loss is not None:
        console.write(lowering.loss.to_json().encode() + b"\n", loss)
    if lowering.findings.height:
        console.note(remarks.text(lowering.findings))
    table = lowering.loss.table
    for row in table.head(LOSSES_SHOWN).iter_rows(named=True):
        console.note(f"{row['field']} × {row['count']}{say(':', ' :')} {row[f'message_{lang()}']}")
    if table.height > LOSSES_SHOWN:
        more = table.height - LOSSES_SHOWN
        console.note(
            say(
                f"and {more} more fields; --loss FILE writes all.",
                f"et {more} autres champs ; --loss FICHIER les écrit tous.",
            )
        )
    total, restated = lowering.loss.total, lowering.loss.restated
    lost = lowering.loss.lost - restated
    elsewhere = say(
        f" {restated} come back under another address or name.",
        f" {restated} reviennent sous une autre adresse ou un autre nom.",
    )
    console.note(
        say(
            f"{lowering.records} records written; {lost} of {total} triples could not be expressed.",
            f"{lowering.records} fiches écrites ; {lost} triplets sur {total} n'ont pas pu être exprimés.",
        )
        + (elsewhere if restated else "")
    )
    if lowering.loss.added.height:
        count, field = int(lowering.loss.added["count"].sum()), lowering.loss.added["field"][0]
        console.note(
            say(
                f"{count} triples of the file were not in the source, such as {field}; --loss FILE lists them.",
                f"{count} triplets du fichier n'étaient pas dans la source, comme {field} ; --loss FICHIER en donne la liste.",
            )
        )
