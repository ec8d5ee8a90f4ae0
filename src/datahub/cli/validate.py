"""``datahub validate``: a file against shapes, told in the publisher's own rows and columns."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datahub.cli import console, hubs, remarks
from datahub.cli.convert import about, read_rdf
from datahub.cli.failures import NO
from datahub.cli.options import File, Out, content
from datahub.cli.words import both, counted, lang, say
from datahub.errors import InputError
from datahub.i18n import Text, typeset

if TYPE_CHECKING:
    import polars as pl

    from datahub.connectors.checking import Checked
    from datahub.rdf.frame import Frame
    from datahub.shacl import Report, Shapes


HINDERING = 5
"""How many shapes an error names that need all of a file at once."""


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
    ontology: Annotated[
        Path | None,
        typer.Option(
            metavar="O.ttl",
            help=both(
                "RDF that says which class lies below which (rdfs:subClassOf), besides the ontologies of the profile.",
                "RDF qui dit quelle classe est sous quelle autre (rdfs:subClassOf), en plus des ontologies du profil.",
            ),
        ),
    ] = None,
    report: Annotated[Form, typer.Option(help=both("How to write the report.", "Forme du rapport."))] = Form.text,
    out: Out = None,
    parts: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help=both(
                "Cut an N-Triples or N-Quads file into N parts that are checked one after the other; by default as many as"
                " its size asks for.",
                "Couper un fichier N-Triples ou N-Quads en N parties vérifiées l'une après l'autre ; par défaut, autant que"
                " sa taille en demande.",
            ),
        ),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help=both(
                "Say which shapes can be checked part by part, and why others can't; check nothing.",
                "Dire quelles formes peuvent être vérifiées partie par partie, et pourquoi d'autres non, sans vérifier.",
            ),
        ),
    ] = False,
) -> None:
    """Checks ``file`` and prints the report; exit code 1 where there are violations."""
    if explain:
        console.out(_plan(file, connector, profile, shapes, parts))
        return
    if connector is None:
        found, frame = _validated(file, profile, shapes, ontology, parts)
        if report is Form.ttl:
            written, conforms = found.turtle().encode(), found.accepted
        else:
            from datahub.connectors.checking import told

            checked = told(found, frame, _name(file))
            written, conforms = _written(checked, report, _name(file)), checked.conforms
    else:
        checked = _native(file, connector, profile, shapes, ontology)
        written, conforms = _written(checked, report, _name(file)), checked.conforms
    console.write(written, out)
    if not conforms:
        raise typer.Exit(NO)


def _validated(
    file: Path, profile: str | None, shapes: Path | None, ontology: Path | None, parts: int | None
) -> tuple[Report, Frame]:
    """The report on an RDF file, and what of the file was held at once: nothing of one that was checked in parts."""
    from concurrent.futures import ThreadPoolExecutor

    if (count := _parts(file, parts)) > 1:
        from datahub.rdf.frame import empty
        from datahub.shacl.parts import validate_parts

        rules, classes = _rules(profile, shapes), _classes(ontology, own=shapes is None)
        with about(file):
            found = validate_parts(file, rules, count, ontology=classes)
        if found is not None:
            return found, empty()
    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(read_rdf, file)  # while shapes are loaded
        from datahub.shacl import validate as run

        rules, classes = _rules(profile, shapes), _classes(ontology, own=shapes is None)
        try:
            frame = reading.result()
        except InputError as error:
            raise _too_large(error, file, rules, count) if error.code == "too-large" else error from None
        return run(frame, rules, ontology=classes), frame


def _too_large(error: InputError, file: Path, rules: Shapes, count: int) -> InputError:
    """``error`` with the reason why the file was not checked in parts, and what can be done."""
    from datahub.shacl.parts import planned

    if file.suffix.lower() not in (".nt", ".nq"):
        why = Text(
            "Only N-Triples and N-Quads files can be checked in parts.",
            "Seuls les fichiers N-Triples et N-Quads peuvent être vérifiés en parties.",
        )
        fix = Text("Write it as N-Triples, one statement a line.", "Écrivez-le en N-Triples, un énoncé par ligne.")
    elif count == 1:
        why = Text("It was not to be cut (--parts 1).", "Il ne devait pas être coupé (--parts 1).")
        fix = Text("Leave --parts out, or give more.", "Omettez --parts, ou donnez-en plus.")
    elif (plan := planned(file, rules)) is None or plan.in_parts:
        why = Text(
            "It can't be checked in parts, as its layout is not one plain statement a line.",
            "Il ne peut pas être vérifié en parties, car sa disposition n'est pas un énoncé simple par ligne.",
        )
        fix = Text(
            "Write each statement on one line, without comments.", "Écrivez un énoncé par ligne, sans commentaires."
        )
    else:
        lines = [each.told() for each in plan.hindering[:HINDERING]]
        left = len(plan.hindering) - len(lines)
        more = Text(f"\n… and {left} more", f"\n… et {left} autres") if left else Text("", "")
        why = Text(
            "It can't be checked in parts because of these shapes:\n" + "\n".join(line.en for line in lines) + more.en,
            "Il ne peut pas être vérifié en parties à cause de ces formes :\n"
            + "\n".join(line.fr for line in lines)
            + more.fr,
        )
        fix = Text(
            "\nCheck by the other shapes alone, with --shapes, and by these on a smaller file.",
            "\nVérifiez avec les autres formes seules, par --shapes, et avec celles-ci sur un fichier plus petit.",
        )
    message = Text(f"{error.message.en} {why.en}", f"{error.message.fr} {why.fr}")
    return InputError(error.code, message, fix, error.place)


def _parts(file: Path, wanted: int | None) -> int:
    """Into how many parts the file is cut, where the shapes allow it."""
    if file.suffix.lower() not in (".nt", ".nq") or not file.is_file():
        return 1
    from datahub.shacl.parts import PART

    return wanted if wanted is not None else -(-file.stat().st_size // PART)


def _plan(file: Path, connector: str | None, profile: str | None, shapes: Path | None, parts: int | None) -> str:
    """How the file would be checked."""
    if connector is not None or file.suffix.lower() not in (".nt", ".nq") or not content(file) or not file.is_file():
        return say(
            "The file is checked at once: only N-Triples and N-Quads files can be cut into parts.",
            "Le fichier est vérifié d'un seul tenant : seuls les fichiers N-Triples et N-Quads peuvent être coupés.",
        )
    from datahub.shacl.parts import planned

    plan = planned(file, _rules(profile, shapes))
    count = _parts(file, parts)
    if plan is None:
        return say(
            "The file is checked at once: its layout is not one plain statement a line.",
            "Le fichier est vérifié d'un seul tenant : sa disposition n'est pas un énoncé simple par ligne.",
        )
    if not plan.in_parts:
        head = say("The shapes need all of the file at once.", "Les formes ont besoin de tout le fichier à la fois.")
    elif count == 1:
        head = say(
            "The file is small enough to be checked at once; --parts cuts it nevertheless.",
            "Le fichier est assez petit pour être vérifié d'un seul tenant ; --parts le coupe tout de même.",
        )
    else:
        head = say(f"The file is checked in {count} parts.", f"Le fichier est vérifié en {count} parties.")
    return f"{head}\n{plan.told().to(lang())}"


def _native(file: Path, connector: str, profile: str | None, shapes: Path | None, ontology: Path | None) -> Checked:
    """A file of a connector's format, in the words of the publisher."""
    from datahub.connectors import connector as find
    from datahub.connectors.checking import check_native, shapes_for

    reader = find(connector)
    rules = shapes_for(profile, reader) if shapes is None else _rules(profile, shapes)
    base = hubs.settings().record_base(reader.name)
    return check_native(content(file), reader, rules, base, _name(file), _classes(ontology, own=True))


def _name(file: Path) -> str | None:
    return None if str(file) == "-" else file.name


def _classes(ontology: Path | None, *, own: bool) -> Frame:
    """Which class lies below which: what the file ``ontology`` says, and our own ontologies unless both rules and data are
    foreign to them."""
    from datahub.rdf.frame import concat

    frames = [] if ontology is None else [read_rdf(ontology)]
    if own:
        from datahub.profiles import class_hierarchy

        frames.append(class_hierarchy())
    return concat(frames)


def _rules(profile: str | None, shapes: Path | None) -> Shapes:
    from datahub.profiles import called, shapes_files
    from datahub.shacl import load

    if shapes is not None:
        content(shapes)
        return load(shapes, called)

    return load(shapes_files(profile or "core"), called)


def _written(checked: Checked, form: Form, name: str | None) -> bytes:
    match form:
        case Form.ttl:
            return checked.report.turtle().encode()
        case Form.text:
            return typeset(_text(checked.keyed, checked.nodes), lang()).encode() + b"\n"
        case _:
            from datahub.syndication import reports

            if form is Form.csv:
                return reports.as_csv(checked, lang())
            if form is Form.html:
                return reports.as_html(checked, lang(), name).encode()
            return json.dumps(reports.as_json(checked), ensure_ascii=False, indent=2).encode() + b"\n"


def _text(findings: pl.DataFrame, nodes: int) -> str:
    from datahub.findings import counts

    found = counts(findings)
    if found["violation"]:
        verdict = say("Does not conform.", "Non conforme.")
    else:
        verdict = say("Conforms.", "Conforme.") if nodes else say("Nothing was checked.", "Rien n'a été vérifié.")
    checked = counted(nodes, ("node checked.", "nodes checked."), ("nœud vérifié.", "nœuds vérifiés."))
    head = f"{verdict} {remarks.tally(findings)} {checked}"
    if not findings.height:
        return head
    kinds = remarks.text(findings)
    from datahub.grouping import groups

    # Where the sentences name every row, they are the list.
    single = all(group.count in (1, len(group.rows)) for group in groups(findings))
    return "\n".join([head, kinds] if single else [head, kinds, "", remarks.each(findings)])
