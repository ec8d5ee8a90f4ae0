"""A file checked by shapes, without a hub: an RDF file, or a native file by its connector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from datahub.connectors.connector import Connector
from datahub.connectors.explain import explain
from datahub.connectors.tabular import Tabular
from datahub.errors import InputError
from datahub.findings import counts
from datahub.i18n import Text, number
from datahub.profiles import called, contexts, shapes_files
from datahub.rdf import guards
from datahub.rdf.formats import parse
from datahub.rdf.frame import Frame
from datahub.shacl import Report, Shapes, load, remarks, validate
from datahub.sources.limits import Limits


@dataclass(frozen=True, eq=False)
class Checked:
    """What a check found. ``report``: of SHACL. ``findings``: its results, and those of the reader, in the publisher's words.
    ``file``: what they are about; of an archive, with the file inside that the rows are those of. ``base``: what was put before
    the keys of the records."""

    report: Report
    findings: pl.DataFrame
    file: str | None = None
    base: str | None = None

    @property
    def keyed(self) -> pl.DataFrame:
        """`findings` for people: records by the keys that the file has for them, not by addresses that the check made up."""
        if self.base is None:
            return self.findings
        made = self.findings["record"].drop_nulls().unique()
        made = made.filter(made.str.starts_with(self.base))
        keys = [unquote(iri.removeprefix(self.base).rpartition("/")[2]) for iri in made]
        return self.findings.with_columns(pl.col("record").replace(made.to_list(), keys))

    @property
    def nodes(self) -> int:
        """How many nodes were checked."""
        return self.report.focus_nodes

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity."""
        return counts(self.findings)

    @property
    def conforms(self) -> bool:
        """Whether nothing violates a rule; warnings and infos may be there."""
        return not self.counts["violation"]


@dataclass(frozen=True)
class Caps:
    """What a check for a stranger may take. ``triples``: of a file that is RDF. ``results``: a file of a few MB can break rules
    millions of times, and each result has its sentences."""

    triples: int = guards.DEFAULT.max_triples
    results: int = 1 << 40

    def check(self, report: Report) -> None:
        """Raises `InputError` ``too-many-results``; made before there are any sentences."""
        found = sum(rows.table.height for rows in report.rows)
        if found <= self.results:
            return
        en, fr = number(found, "en"), number(found, "fr")
        most_en, most_fr = number(self.results, "en"), number(self.results, "fr")
        raise InputError(
            "too-many-results",
            Text(
                f"The file breaks the rules {en} times; at most {most_en} are told here.",
                f"Le fichier enfreint les règles {fr} fois ; {most_fr} au plus sont expliquées ici.",
            ),
            Text(
                "Check a part of it first, or all of it on your own machine with “datahub validate”.",
                "Vérifiez-en d'abord une partie, ou le tout sur votre machine avec « datahub validate ».",
            ),
        )


UNCAPPED = Caps()


def shapes_for(profile: str | None, connector: Connector | None) -> Shapes:
    """The shapes of ``profile`` (by default the connector's, else ``core``), and those of the connector itself."""
    files = shapes_files(profile or (connector.profile if connector else "core"))
    return load([*files, connector.shapes] if connector is not None and connector.shapes else files, called)


def check_rdf(
    data: bytes | Path,
    syntax: str,
    shapes: Shapes,
    ontology: Frame | None = None,
    filename: str | None = None,
    caps: Caps = UNCAPPED,
) -> Checked:
    """Checks an RDF file in ``syntax`` (see `datahub.rdf.formats.format_for`). Raises `InputError`."""
    limits = guards.Limits(max_triples=caps.triples)
    frame = parse(data, syntax, contexts=contexts(), limits=limits)
    report = validate(frame, shapes, ontology=ontology)
    caps.check(report)
    return told(report, frame, filename)


def check_frame(frame: Frame, shapes: Shapes, ontology: Frame | None = None, filename: str | None = None) -> Checked:
    """Checks RDF that was read already; ``ontology`` says which class lies below which, as `datahub.shacl.validate` takes it."""
    return told(validate(frame, shapes, ontology=ontology), frame, filename)


def told(report: Report, frame: Frame, filename: str | None = None) -> Checked:
    """A report on RDF, with its findings; ``frame`` is what was checked, as far as it is at hand."""
    return Checked(report, pl.concat([remarks(report), explain(report, frame, None)]), filename)


def check_native(
    data: bytes | Path,
    connector: Connector,
    shapes: Shapes,
    base: str,
    filename: str | None = None,
    ontology: Frame | None = None,
    caps: Caps = UNCAPPED,
) -> Checked:
    """Checks a file of the connector's format; ``base`` is put before the names of its records. Raises `InputError`."""
    lifted = connector.lift(data, base, filename, Limits(max_triples=caps.triples))
    report = validate(lifted.frame, shapes, ontology=ontology)
    caps.check(report)
    asked = remarks(report)
    if not len(lifted.frame):  # why nothing came of the file is in what its reader told, in the words of the file
        asked = asked.filter(pl.col("code") != "shapes-selected-nothing")
    parts: Sequence[pl.DataFrame] = (
        lifted.findings,
        asked,
        explain(report, lifted.frame, connector, lifted),
    )
    return Checked(report, pl.concat(parts), _place(filename, connector, lifted.variant), base)


def _place(filename: str | None, connector: Connector, variant: str) -> str | None:
    """The file whose rows the findings count: of a feed, the one inside."""
    pipeline = connector.pipelines[variant]
    if filename is None or not isinstance(pipeline, Tabular) or pipeline.variant.kind != "gtfs":
        return filename
    return f"{filename} / {pipeline.plan.sources[0].key}"
