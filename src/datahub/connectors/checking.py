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
from datahub.i18n import Text
from datahub.profiles import shapes_files
from datahub.rdf.frame import Frame
from datahub.shacl import load, validate

BASE = "https://hub.example/records/samples/"
"""Under which the records of samples are minted."""


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
class Fault:
    """One way in which a connector does not do what it says."""

    sample: str
    message: Text


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


def check(connector: Connector) -> list[Fault]:
    """The faults of a connector: samples without expected results, other results than expected, and what a round trip changes.

    Raises as `Connector.lift` where a sample can't be read at all.
    """
    if not connector.samples:
        return [Fault("-", Text("The package has no samples.", "Le paquet n'a pas d'échantillons."))]
    return [fault for sample in connector.samples for fault in _faults(connector, sample)]


def _faults(connector: Connector, sample: Path) -> list[Fault]:
    found = outcome(connector, sample)
    lines, counts = (connector.folder / "expected" / f"{sample.name}.{ending}" for ending in ("nt", "json"))
    if not lines.is_file() or not counts.is_file():
        missing = Text("The expected results are missing.", "Les résultats attendus manquent.")
        return [Fault(sample.name, missing)]
    faults = []
    expected, now = set(lines.read_text("utf-8").splitlines()), set(found.triples.splitlines())
    for line in sorted(expected - now)[:3]:
        faults.append(
            Fault(
                sample.name, Text(f"This triple is no longer made: {line}", f"Ce triplet n'est plus produit : {line}")
            )
        )
    for line in sorted(now - expected)[:3]:
        faults.append(Fault(sample.name, Text(f"This triple is new: {line}", f"Ce triplet est nouveau : {line}")))
    if json.loads(counts.read_text("utf-8")) != found.counts:
        shown = json.dumps(found.counts, ensure_ascii=False)
        faults.append(
            Fault(sample.name, Text(f"The report is another: {shown}", f"Le rapport est différent : {shown}"))
        )
    if {"in", "out"} <= set(connector.directions):
        faults += round_trip(connector, sample.name, found.lift)
    return faults


def round_trip(connector: Connector, name: str, lift: Lift) -> list[Fault]:
    """What changes when ``lift`` is written in its own format and read again: nothing may."""
    lowering = connector.lower(lift.frame, BASE, lift.variant)
    again = connector.lift(lowering.data, BASE, lowering.filename)
    before, after = set(triples(lift.frame).splitlines()), set(triples(again.frame).splitlines())
    faults = [
        Fault(name, Text(f"Lost when written and read again: {line}", f"Perdu à l'aller-retour : {line}"))
        for line in sorted(before - after)[:3]
    ]
    faults += [
        Fault(name, Text(f"New when written and read again: {line}", f"Apparu à l'aller-retour : {line}"))
        for line in sorted(after - before)[:3]
    ]
    if lowering.loss.lost and before == after:
        message = Text(
            "The loss report tells losses that there are not.",
            "Le rapport de perte annonce des pertes qui n'existent pas.",
        )
        faults.append(Fault(name, message))
    return faults
