"""What is measured, and the validation. Each measurement compares results first and then gives timings."""

from __future__ import annotations

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
        """How many times ours is faster; at least so many where theirs did not end (`ended`)."""
        return self.against / self.ours.median

    @property
    def ended(self) -> bool:
        """Whether all of theirs came to an end in the time that they were given."""
        return all(timing.ended for timing in self.theirs)


@dataclass
class Measured:
    """All lines, what was found equal, what was not run and why, and the timings and files that later measurements build on.
    ``stages``: what a command says of its stages."""

    lines: list[Line] = field(default_factory=list)
    equal: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    timings: dict[str, Timing] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)

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
