"""The three measurements: lift, validation, push. Each compares results first and then gives timings."""

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
    """All lines, what was found equal, and the timings that later measurements build on."""

    lines: list[Line] = field(default_factory=list)
    equal: list[str] = field(default_factory=list)
    timings: dict[str, Timing] = field(default_factory=dict)


def lift(setting: Setting, measured: Measured) -> None:
    """The catalogue as CSV to N-Triples by one plain RML mapping: ours, morph-kgc, and a row-wise script."""
    folder = setting.folder
    mapping, _ = setting.mapping, setting.catalogue
    config = folder / "morph.ini"
    config.write_text(
        f"[CONFIGURATION]\noutput_file={folder}/morph.nt\noutput_format=N-TRIPLES\nnumber_of_processes=2\n"
        f"logging_level=WARNING\n[CATALOGUE]\nmappings={mapping}\n",
        "utf-8",
    )
    ours = timed(
        "datahub lift", [setting.datahub, "lift", "--mapping", mapping, "-o", folder / "ours.nt"], runs=setting.runs
    )
    morph = timed("morph-kgc, 2 processes", [setting.morph, "-m", "morph_kgc", config], runs=setting.runs, cwd=folder)
    small = catalogue.write(folder / "rowwise.csv", setting.rowwise)
    rowwise = timed("rdflib, row by row", [setting.python, setting.script("rowwise"), small, folder / "rowwise.nt"])
    measured.equal.append(
        equal.same("triples of datahub and morph-kgc", equal.triples, folder / "ours.nt", folder / "morph.nt")
    )
    measured.equal.append(_rowwise_equal(setting, small))
    measured.timings["morph"] = morph
    what = f"lift {setting.rows} products, CSV to N-Triples"
    measured.lines.append(Line(what, ours, (morph,), (1.0,), 5))
    factor = setting.rows / setting.rowwise
    note = f"run on {setting.rowwise} products, counted {factor:g} times" if factor != 1 else ""
    measured.lines.append(Line(what, ours, (rowwise,), (factor,), None, note))


def _rowwise_equal(setting: Setting, small: Path) -> str:
    folder = setting.folder / "rowwise"
    folder.mkdir(exist_ok=True)
    shutil.copy(small, folder / "catalogue.csv")
    shutil.copy(setting.mapping, folder)
    command = [setting.datahub, "lift", "--mapping", folder / "catalogue.rml.ttl", "-o", folder / "ours.nt"]
    timed("datahub lift", command)
    name = "triples of datahub and the row-wise script"
    return equal.same(name, equal.triples, folder / "ours.nt", setting.folder / "rowwise.nt")


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
    command = [setting.datahub, "push", source, "--dataset", "catalogue", "--data-dir", hub]

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
        [setting.python, setting.script("oxigraph_load"), setting.folder / "morph.nt", store],
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
