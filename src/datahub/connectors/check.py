"""Does a connector package do what it says? Its samples against its expected results, and against itself when written back.

Beside each sample ``samples/NAME`` lie ``expected/NAME.nt``, the lifted triples in canonical order, and ``expected/NAME.json``, the
counts of the report. Both are written by `record` (``datahub connectors test NAME --record``) and read by people before they are
committed.
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
from datahub.mapping.loss import Loss
from datahub.profiles import class_hierarchy, shapes_files
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


@dataclass(frozen=True, eq=False)
class Result:
    """What checking one sample found. ``faults``: none, when it does what the package says. ``outcome``: what came of the sample,
    None where it can't be read at all. ``loss``: what its own format could not hold when it was written back, None where the
    format is only read. ``recorded``: whether the package says what must come out."""

    sample: str
    faults: tuple[Text, ...]
    outcome: Outcome | None = None
    loss: Loss | None = None
    recorded: bool = True

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
    report = validate(lift.frame, load(files), ontology=class_hierarchy())
    told = pl.concat([lift.findings, explain(report, lift.frame, connector, lift)])
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
    """Writes the expected results of all samples from what comes of them now, and names the files. Raises as `Connector.lift`."""
    found = [(sample, outcome(connector, sample)) for sample in connector.samples]
    folder = connector.folder / "expected"
    folder.mkdir(exist_ok=True)
    written = []
    for sample, each in found:
        loss, _ = _trip(connector, each.lift)
        lines, counts = folder / f"{sample.name}.nt", folder / f"{sample.name}.json"
        lines.write_text(each.triples, "utf-8")
        counts.write_text(json.dumps(_counts(each, loss), ensure_ascii=False, indent=2) + "\n", "utf-8")
        written += [lines, counts]
    return written


def check(connector: Connector) -> tuple[Result, ...]:
    """Each sample against its expected results, and against itself written and read again where the format goes both ways.

    Where nothing is recorded yet, refused rows and violations are faults; a loss is one where it is not the recorded one.
    """
    if not connector.samples:
        return (Result("-", (Text("The package has no samples.", "Le paquet n'a pas d'échantillons."),)),)
    return tuple(_checked(connector, sample) for sample in connector.samples)


def _checked(connector: Connector, sample: Path) -> Result:
    lines, counts = (connector.folder / "expected" / f"{sample.name}.{ending}" for ending in ("nt", "json"))
    recorded = lines.is_file() and counts.is_file()
    try:
        found = outcome(connector, sample)
        loss, faults = _trip(connector, found.lift)
    except DatahubError as error:
        return Result(sample.name, (Text(error.to("en"), error.to("fr")),), recorded=recorded)
    if recorded:
        faults = [*_against(lines, counts, found, loss), *faults]
    elif violations := found.findings.filter(pl.col("severity") == "violation").height:
        faults.append(
            Text(
                f"{violations} violations. If this sample is there to show mistakes, record what must come out.",
                f"{violations} violations. Si cet échantillon sert à montrer des erreurs, enregistrez ce qui doit en sortir.",
            )
        )
    return Result(sample.name, tuple(faults), found, loss, recorded)


def _against(lines: Path, counts: Path, found: Outcome, loss: Loss | None) -> list[Text]:
    """How the outcome differs from what is recorded."""
    expected, now = set(lines.read_text("utf-8").splitlines()), set(found.triples.splitlines())
    faults = _different(
        expected,
        now,
        Text("This triple is no longer made: {line}", "Ce triplet n'est plus produit : {line}"),
        Text("This triple is new: {line}", "Ce triplet est nouveau : {line}"),
    )
    said = _counts(found, loss)
    try:
        before = json.loads(counts.read_text("utf-8"))
    except ValueError:
        before = None
    if before != said:
        shown = json.dumps(said, ensure_ascii=False)
        faults.append(Text(f"The report is another: {shown}", f"Le rapport est différent : {shown}"))
    return faults


def _counts(found: Outcome, loss: Loss | None) -> dict[str, Any]:
    """What is recorded beside the triples: the report's counts, and the lost triples where there are any."""
    return {**found.counts, **({"lost": loss.lost} if loss and loss.lost else {})}


def _trip(connector: Connector, lift: Lift) -> tuple[Loss | None, list[Text]]:
    if not {"in", "out"} <= set(connector.directions):
        return None, []
    return round_trip(connector, lift)


def round_trip(connector: Connector, lift: Lift) -> tuple[Loss, list[Text]]:
    """The loss when ``lift`` is written in its own format, and what reading it again shows that the loss does not tell."""
    lowering = connector.lower(lift.frame, BASE, lift.variant)
    again = connector.lift(lowering.data, BASE, lowering.filename)
    before, after = set(triples(lift.frame).splitlines()), set(triples(again.frame).splitlines())
    told, real = lowering.loss.lost, len(before - after)
    # A told loss may change what is derived from the lost value; then only the count is compared.
    faults = _different(before, after, _LOST, _NEW) if told != real or not told else []
    if told != real:
        faults.append(
            Text(
                f"The loss report tells {told} lost triples; {real} were lost.",
                f"Le rapport de perte annonce {told} triplets perdus ; {real} l'ont été.",
            )
        )
    return lowering.loss, faults


_LOST = Text("Lost when written and read again: {line}", "Perdu à l'aller-retour : {line}")
_NEW = Text("New when written and read again: {line}", "Apparu à l'aller-retour : {line}")


def _different(before: set[str], after: set[str], gone: Text, new: Text) -> list[Text]:
    missing, added = sorted(before - after)[:TOLD], sorted(after - before)[:TOLD]
    return [Text(*(side.replace("{line}", line) for side in (gone.en, gone.fr))) for line in missing] + [
        Text(*(side.replace("{line}", line) for side in (new.en, new.fr))) for line in added
    ]
