"""``datahub lift --engine spark``: the options, and the way from the command to `datahub.mapping.spark`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from datahub.cli import console, hubs, remarks
from datahub.cli.words import UsageError, both, say
from datahub.i18n import Text


class Engine(StrEnum):
    """Where a mapping runs."""

    local = "local"
    spark = "spark"


Engines = Annotated[
    Engine,
    typer.Option(
        help=both(
            "Where the mapping runs: here, or in the tasks of Apache Spark (OUT is then a new folder).",
            "Où le mapping s'exécute : ici, ou dans les tâches d'Apache Spark (OUT est alors un nouveau dossier).",
        ),
    ),
]
Master = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help=both(
            "With --engine spark: the cluster, as spark://HOST:PORT; by default the cores of this machine.",
            "Avec --engine spark : le cluster, comme spark://HÔTE:PORT ; par défaut les cœurs de cette machine.",
        ),
    ),
]


def check(
    engine: Engine, master: str | None, file: Path | None, by: str | Path, out: Path | None, syntax: str | None
) -> None:
    """Raises `UsageError` where the options do not go together."""
    if engine is Engine.local:
        if master is not None:
            raise UsageError("master-alone", Text("--master needs --engine spark.", "--master demande --engine spark."))
        return
    if isinstance(by, str) and (file is None or str(file) == "-"):
        raise UsageError(
            "spark-file",
            Text("Name the file that all machines see.", "Nommez le fichier que toutes les machines voient."),
        )
    if out is None or str(out) == "-":
        raise UsageError(
            "spark-out",
            Text(
                "--engine spark writes a folder: name it with -o.",
                "--engine spark écrit un dossier : nommez-le par -o.",
            ),
        )
    if syntax not in (None, "nt", "nq"):
        raise UsageError(
            "spark-syntax",
            Text("--engine spark writes nt or nq.", "--engine spark écrit nt ou nq."),
        )


def lift(
    by: str | Path,
    file: Path | None,
    out: Path,
    base: str | None,
    master: str | None,
    *,
    graphs: bool,
    strict: bool,
) -> None:
    """Lifts by a connector (its name) or a bare mapping (its path) inside Spark's tasks."""
    from datahub.mapping import DEFAULT_BASE, parse
    from datahub.mapping.spark import lift_on_spark, session

    if isinstance(by, str):
        from datahub.connectors import connector
        from datahub.connectors import spark as connected

        reader = connector(by)
        assert file is not None
        own = base or hubs.settings().record_base(reader.name)
        with session(master) as spark:
            made = connected.lift_on_spark(spark, reader, file, out, own, graphs=graphs, strict=strict)
    else:
        document = parse(by)
        with session(master) as spark:
            made = lift_on_spark(spark, document, out, file, base or DEFAULT_BASE, graphs=graphs, strict=strict)
    if made.findings.height:
        console.note(remarks.text(made.findings))
    console.note(
        say(
            f"{made.statements} triples written (tasks: {made.parts}).",
            f"{made.statements} triplets écrits (tâches : {made.parts}).",
        )
    )
