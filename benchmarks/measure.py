"""Validation and push. Each measurement compares results first and then gives timings."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import catalogue, equal
from benchmarks.setting import Setting
from benchmarks.timing import Timing, timed


@dataclass(frozen=True)
class Line:
    """One line of the table: ours against theirs. ``factor``: theirs ran on a share of the work, so that it counts so many times,
    linearly. ``wanted``: the ratio that the project set itself."""

    what: str
    ours: Timing
    theirs: tuple[Timing, ...]
    factors: tuple[float, ...]
    wanted: float | None = None
    note: str = ""

    @property
    def against(self) -> float:
        """What theirs takes for the whole work, in seconds."""
        return sum(timing.median * factor for timing, factor in zip(self.theirs, self.factors, strict=True))

    @property
    def ratio(self) -> float:
        """How many times ours is faster."""
        return self.against / self.ours.median


@dataclass
class Measured:
    """All lines, what was found equal, what was not run and why, and the timings and files that later measurements build on."""

    lines: list[Line] = field(default_factory=list)
    equal: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    timings: dict[str, Timing] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)

    def skip(self, why: str) -> None:
        """Notes once what is not run."""
        if why not in self.skipped:
            self.skipped.append(why)


def validation(setting: Setting, measured: Measured) -> None:
    """Lifted records from file to SHACL report: ours and pySHACL, with the food shapes."""
    from datahub.profiles import shapes_files

    folder = setting.folder
    source = catalogue.write(folder / "validation.csv", setting.records)
    data = folder / "validation.nt"
    timed("datahub lift", [setting.datahub, "lift", source, "--connector", "ofn-products", "-o", data])
    ours_report, their_report = folder / "ours.report.ttl", folder / "pyshacl.report.ttl"
    ours = timed(
        "datahub validate",
        [setting.datahub, "validate", data, "--profile", "food", "--report", "ttl", "-o", ours_report],
        runs=setting.runs,
        accept=(0, 1),
    )
    theirs = timed(
        "pySHACL", [setting.python, setting.script("pyshacl_report"), data, their_report, *shapes_files("food")]
    )
    measured.equal.append(equal.same("results of datahub and pySHACL", equal.results, ours_report, their_report))
    measured.timings["pyshacl"] = theirs
    measured.lines.append(
        Line(f"validate {setting.records} records, N-Triples to SHACL report", ours, (theirs,), (1.0,), 30)
    )


def push(setting: Setting, measured: Measured) -> None:
    """A catalogue pushed to a fresh hub, against its parts in sequence; then the same file again."""
    hub = setting.folder / "hub"
    source = setting.catalogue
    command: list[str | Path] = [setting.datahub, "push", source, "--dataset", "catalogue", "--data-dir", hub]

    def fresh() -> None:
        shutil.rmtree(hub, ignore_errors=True)
        timed("platform", [setting.datahub, "platform", "add", "farms.example", "--data-dir", hub])
        licence = "https://spdx.org/licenses/ODbL-1.0"
        options = [
            "--platform",
            "farms.example",
            "--connector",
            "ofn-products",
            "--licence",
            licence,
            "--data-dir",
            hub,
        ]
        timed("dataset", [setting.datahub, "dataset", "add", "catalogue", *options])

    first = timed("datahub push, first", command, runs=setting.runs, before=fresh)
    again = timed("datahub push, again", command, runs=setting.runs)
    store = setting.folder / "store"
    load = timed(
        "Oxigraph bulk load",
        [setting.python, setting.script("oxigraph_load"), measured.files["nt"], store],
        runs=setting.runs,
        before=lambda: shutil.rmtree(store, ignore_errors=True),
    )
    what = f"push {setting.rows} products: lift, validate, log, graph"
    factor = setting.rows / setting.records
    measured.lines.append(
        Line(
            what,
            first,
            (measured.timings["morph"], measured.timings["pyshacl"], load),
            (1.0, factor, 1.0),
            15,
            f"pySHACL run on {setting.records} records, counted {factor:g} times, linearly",
        )
    )
    measured.lines.append(Line(f"push the same {setting.rows} products again", again, (first,), (1.0,), 3))
