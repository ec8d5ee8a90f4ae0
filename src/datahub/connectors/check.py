"""Does a connector package do what it says? Its samples against its expected results, and against itself when written back.

Beside each sample ``samples/NAME`` lie ``expected/NAME.nt``, the lifted triples in canonical order, and ``expected/NAME.json``, the
counts of the report. Both are written by `record` and read by people before they are committed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from datahub.connectors.connector import Connector
from datahub.connectors.explain import explain
from datahub.connectors.lift import Lift
from datahub.errors import DatahubError
from datahub.i18n import Text
from datahub.profiles import shapes_files
from datahub.rdf.frame import Frame
from datahub.shacl import load, validate

BASE = "https://hub.example/records/samples/"
"""Under which the records of samples are minted."""

TOLD = 3
"""Differences of one kind that are told."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What comes of one sample: the lift, all findings (lifting and validation), and what the report counts."""

    lift: Lift
    findings: pl.DataFrame
    counts: dict[str, Any]

    @property
    def triples(self) -> str:
        """The lifted triples, in code point order."""
        return triples(self.lift.frame)


@dataclass(frozen=True)
class Result:
    """What checking one sample found: nothing, when it does what the package says."""

    sample: str
    faults: tuple[Text, ...]

    @property
    def passed(self) -> bool:
        """Whether there is no fault."""
        return not self.faults

    @property
    def detail(self) -> Text | None:
        """The faults as one text, or none."""
        if not self.faults:
            return None
        return Text("\n".join(fault.en for fault in self.faults), "\n".join(fault.fr for fault in self.faults))


def outcome(connector: Connector, sample: Path) -> Outcome:
    """``sample`` lifted and validated against the connector's profile and its own shapes. Raises as `Connector.lift`."""
    lift = connector.lift(sample, BASE, sample.name)
    files = [*shapes_files(connector.profile), *([connector.shapes] if connector.shapes else [])]
    told = pl.concat([lift.findings, explain(validate(lift.frame, load(files)), lift.frame, connector, lift)])
    groups = told.group_by("severity", "code").agg(pl.len()).sort("severity", "code")
    counts = {
        "variant": lift.variant,
        "read": lift.read,
        "refused": lift.refused.to_list(),
        "findings": {f"{severity} {code}": count for severity, code, count in groups.iter_rows()},
    }
    return Outcome(lift, told, counts)


def triples(frame: Frame) -> str:
    """``frame`` as N-Triples in code point order."""
    return "".join(frame.canonical_lines())


def record(connector: Connector) -> list[Path]:
    """Writes the expected results of all samples from what comes of them now, and names the files."""
    folder = connector.folder / "expected"
    folder.mkdir(exist_ok=True)
    written = []
    for sample in connector.samples:
        found = outcome(connector, sample)
        lines, counts = folder / f"{sample.name}.nt", folder / f"{sample.name}.json"
        lines.write_text(found.triples, "utf-8")
        counts.write_text(json.dumps(found.counts, ensure_ascii=False, indent=2) + "\n", "utf-8")
        written += [lines, counts]
    return written


def check(connector: Connector) -> tuple[Result, ...]:
    """Each sample against its expected results, and against itself written and read again where the format goes both ways."""
    if not connector.samples:
        return (Result("-", (Text("The package has no samples.", "Le paquet n'a pas d'échantillons."),)),)
    return tuple(Result(sample.name, tuple(_faults(connector, sample))) for sample in connector.samples)


def _faults(connector: Connector, sample: Path) -> list[Text]:
    try:
        found = outcome(connector, sample)
    except DatahubError as error:
        return [Text(error.to("en"), error.to("fr"))]
    lines, counts = (connector.folder / "expected" / f"{sample.name}.{ending}" for ending in ("nt", "json"))
    if not lines.is_file() or not counts.is_file():
        return [Text("The expected results are missing.", "Les résultats attendus manquent.")]
    expected, now = set(lines.read_text("utf-8").splitlines()), set(found.triples.splitlines())
    faults = _different(
        expected,
        now,
        Text("This triple is no longer made: {line}", "Ce triplet n'est plus produit : {line}"),
        Text("This triple is new: {line}", "Ce triplet est nouveau : {line}"),
    )
    if json.loads(counts.read_text("utf-8")) != found.counts:
        shown = json.dumps(found.counts, ensure_ascii=False)
        faults.append(Text(f"The report is another: {shown}", f"Le rapport est différent : {shown}"))
    if {"in", "out"} <= set(connector.directions):
        faults += round_trip(connector, found.lift)
    return faults


def round_trip(connector: Connector, lift: Lift) -> list[Text]:
    """What changes when ``lift`` is written in its own format and read again: nothing may, but what the loss report tells."""
    lowering = connector.lower(lift.frame, BASE, lift.variant)
    again = connector.lift(lowering.data, BASE, lowering.filename)
    before, after = set(triples(lift.frame).splitlines()), set(triples(again.frame).splitlines())
    faults = _different(
        before,
        after,
        Text("Lost when written and read again: {line}", "Perdu à l'aller-retour : {line}"),
        Text("New when written and read again: {line}", "Apparu à l'aller-retour : {line}"),
    )
    if lowering.loss.lost != len(before - after):
        told, real = lowering.loss.lost, len(before - after)
        faults.append(
            Text(
                f"The loss report tells {told} lost triples; {real} were lost.",
                f"Le rapport de perte annonce {told} triplets perdus ; {real} l'ont été.",
            )
        )
    return faults


def _different(before: set[str], after: set[str], gone: Text, new: Text) -> list[Text]:
    missing, added = sorted(before - after)[:TOLD], sorted(after - before)[:TOLD]
    return [gone.format(line=line) for line in missing] + [new.format(line=line) for line in added]
