"""``datahub connectors test``: what a package makes of its samples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datahub.cli import console, remarks
from datahub.cli.failures import NO
from datahub.cli.options import AsJson, Name
from datahub.cli.words import both, counted, lang, say

if TYPE_CHECKING:
    from datahub.connectors import Connector
    from datahub.connectors.check import Result
    from datahub.connectors.uses import Use


def trial(
    name: Name,
    record: Annotated[
        bool,
        typer.Option(
            "--record",
            help=both(
                "Write what comes out now as the expected results.",
                "Enregistrer ce qui sort maintenant comme résultats attendus.",
            ),
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Lifts, validates and writes back each sample and compares with ``expected/``; exit code 1 where something fails."""
    from datahub.connectors import check as checking
    from datahub.connectors import connector
    from datahub.connectors.uses import uses

    one = connector(name)
    written = checking.record(one) if record else []
    results = checking.check(one)
    columns = uses(one, results)
    if as_json:
        console.as_json(_tested(one, results, columns, written))
    else:
        _tell_columns(columns, many=len(one.definition.variants) > 1, written="out" in one.directions)
        for result in results:
            console.out("")
            tell_sample(result)
        for path in written:
            console.note(say(f"Recorded: {path}", f"Enregistré : {path}"))
    if not all(result.passed for result in results):
        raise typer.Exit(NO)


def _tell_columns(columns: tuple[Use, ...], many: bool, written: bool) -> None:
    headers = [
        say("column", "colonne"),
        say("examples", "exemples"),
        say("becomes", "devient"),
        say("written back", "réécrit"),
    ]
    read = [use for use in columns if use.paths]
    rows = []
    for use in read:
        back = (
            say("yes", "oui")
            if use.back
            else " ".join([say("no:", "non :"), *(reason.to(lang()) for reason in use.reasons)])
        )
        rows.append([use.column, " | ".join(use.examples), "\n".join(use.paths), back])
    if not written:
        headers, rows = headers[:-1], [row[:-1] for row in rows]
    if many:
        headers.insert(0, say("variant", "variante"))
        rows = [[use.variant, *row] for use, row in zip(read, rows, strict=True)]
    if rows:
        console.grid(rows, headers)
    left = [use for use in columns if not use.paths]
    if left:
        console.out("")
        console.out(say("Not read:", "Non lues :"))
        for use in left:
            shown = f" ({' | '.join(use.examples)})" if use.examples else ""
            console.out(f"    {use.column}{shown}")


def tell_sample(result: Result) -> None:
    """Prints what became of one sample: what was read, found, and lost on the way back."""
    colon = say(":", " :")
    if not result.passed:
        mark = say("DIFFERS", "DIFFÈRE") if result.recorded else say("TO MEND", "À CORRIGER")
    elif result.recorded:
        mark = say("as expected", "comme attendu")
    else:
        mark = say("works", "fonctionne")
    head = f"{mark}{colon} {result.sample}"
    if result.outcome is None:
        console.out(head)
    else:
        lift, refused = result.outcome.lift, len(result.outcome.lift.refused)
        console.out(
            ", ".join(
                (
                    head,
                    counted(lift.read, ("record read", "records read"), ("fiche lue", "fiches lues")),
                    counted(refused, ("row refused", "rows refused"), ("ligne refusée", "lignes refusées")),
                    counted(len(lift.frame), ("triple", "triples"), ("triplet", "triplets")),
                )
            )
        )
        found = result.outcome.findings
        if found.height:
            console.out(_indented(remarks.text(found)))
    if result.loss is not None:
        _tell_loss(result)
    if not result.recorded and result.passed:
        console.out(
            say(
                "    Nothing says yet what must come out: when it is right, add --record.",
                "    Rien ne dit encore ce qui doit sortir : quand c'est juste, ajoutez --record.",
            )
        )
    if result.detail is not None:
        console.out(_indented(result.detail.to(lang())))


def _tell_loss(result: Result) -> None:
    assert result.loss is not None
    loss = result.loss
    if not loss.lost:
        console.out(
            say(
                f"    Written back and read again: all {loss.total} triples are there.",
                f"    Réécrit puis relu : les {loss.total} triplets y sont tous.",
            )
        )
        return
    console.out(
        say(
            f"    Written back, {loss.lost} of {loss.total} triples are lost:",
            f"    À la réécriture, {loss.lost} triplets sur {loss.total} se perdent :",
        )
    )
    for row in loss.table.iter_rows(named=True):
        console.out(f"        {row['field']} × {row['count']}{say(':', ' :')} {row[f'message_{lang()}']}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _tested(
    one: Connector, results: tuple[Result, ...], columns: tuple[Use, ...], written: list[Path]
) -> dict[str, Any]:
    return {
        "connector": one.name,
        "passed": all(result.passed for result in results),
        "columns": [
            {
                "variant": use.variant,
                "column": use.column,
                "examples": list(use.examples),
                "paths": list(use.paths),
                "written_back": use.back,
                "reasons": [reason.to_json() for reason in use.reasons],
            }
            for use in columns
        ],
        "unmapped": [use.column for use in columns if not use.paths],
        "samples": [sample_of(result) for result in results],
        "recorded": [str(path) for path in written],
    }


def sample_of(result: Result) -> dict[str, Any]:
    """What became of one sample, for programs."""
    told: dict[str, Any] = {
        "sample": result.sample,
        "passed": result.passed,
        "recorded": result.recorded,
        "faults": [fault.to_json() for fault in result.faults],
    }
    if result.outcome is not None:
        told |= {**result.outcome.counts, "triples": len(result.outcome.lift.frame)}
    if result.loss is not None:
        told["loss"] = {
            "total": result.loss.total,
            "lost": result.loss.lost,
            "fields": result.loss.table.select("field", "reason", "count").to_dicts(),
        }
    return told
