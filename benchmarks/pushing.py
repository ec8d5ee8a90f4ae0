"""Pushes to a fresh hub, against their parts in sequence; the same file again; a few changed products.

Twice: a catalogue of the Open Food Network under the rules for food, and products under shapes of a realistic size.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks import checking, equal, lifting, orders
from benchmarks.measure import Line, Measured, validation
from benchmarks.setting import HERE, Setting
from benchmarks.timing import Timing, timed

CHANGED = 10
FEW = 200
"""pySHACL runs on so small a share of these products: its time grows with the square of their number (22 s for 100)."""
CONNECTOR = "sales"


def push(setting: Setting, measured: Measured) -> None:
    """The whole way of a push, with the share of each stage."""
    if "morph" not in measured.timings:
        lifting.against_morph(setting, measured)
    if "pyshacl" not in measured.timings:
        validation(setting, measured)
    hub = Pushed(setting, setting.folder / "hub", "ofn-products")
    first = hub.push("datahub push, first", setting.catalogue, fresh=True)
    again = hub.push("datahub push, again", setting.catalogue)
    delta = hub.push("datahub push, delta", _changed(setting), "--delta", runs=1)
    factor = setting.rows / setting.records
    parts = (measured.timings["morph"], measured.timings["pyshacl"], _loaded(setting, measured.files["nt"]))
    note = f"pySHACL run on {setting.records} records, counted {factor:g} times, linearly"
    what = f"push {setting.rows} products: lift, validate, log, index, graph"
    measured.lines += [
        Line(what, first, parts, (1.0, factor, 1.0), 40, note),
        Line(f"push the same {setting.rows} products again", again, (first,), (1.0,), 5),
        Line(f"push {CHANGED} changed products of {setting.rows}", delta, (first,), (1.0,)),
    ]
    _stages(setting, measured, first, again, delta)


def push_sales(setting: Setting, measured: Measured) -> None:
    """The same under 8 node shapes with 40 property shapes and a SPARQL constraint; pySHACL on a small share of the records."""
    mapping = setting.place("sales", "sales.rml.ttl")
    source = orders.write_csv(mapping.parent / "sales.csv", setting.rows)
    connector = _connector(setting)
    morph = lifting.morph(setting, mapping)
    ours = mapping.parent / "ours.nt"
    _lift(setting, connector, source, ours)
    measured.equal.append(
        equal.same("lines of datahub and morph-kgc (sales)", equal.digest, ours, mapping.parent / "morph.nt")
    )
    few = max(setting.records // FEW, 2)
    pyshacl = _pyshacl(setting, measured, connector, few)
    hub = Pushed(setting, setting.folder / "sales-hub", connector)
    first = hub.push("datahub push (sales), first", source, fresh=True)
    again = hub.push("datahub push (sales), again", source)
    factor = setting.rows / few
    note = f"pySHACL run on {few} records, counted {factor:g} times, linearly"
    what = f"push {setting.rows} products under 8 node shapes, 40 property shapes, SPARQL"
    measured.lines += [
        Line(what, first, (morph, pyshacl, _loaded(setting, ours)), (1.0, factor, 1.0), 40, note),
        Line(f"push the same {setting.rows} products again, the same shapes", again, (first,), (1.0,), 5),
    ]
    _stages(setting, measured, first, again)


def _pyshacl(setting: Setting, measured: Measured, connector: Path, products: int) -> Timing:
    """pySHACL on so many products; its results are those of ours."""
    folder = setting.folder / "sales"
    data, ours, theirs = folder / "few.nt", folder / "ours.report.ttl", folder / "pyshacl.report.ttl"
    _lift(setting, connector, orders.write_csv(folder / "few.csv", products), data)
    options: list[str | Path] = ["--shapes", checking.SHAPES, "--report", "ttl", "-o", ours]
    timed("datahub validate", [setting.datahub, "validate", data, *options], accept=(0, 1))
    timing = timed("pySHACL", [setting.python, setting.script("pyshacl_report"), data, theirs, checking.SHAPES])
    measured.equal.append(equal.same("results of datahub and pySHACL (sales)", equal.results, ours, theirs))
    return timing


def _connector(setting: Setting) -> Path:
    """The connector of the products, with the shapes as rules of its own."""
    folder = setting.folder / CONNECTOR
    folder.mkdir(exist_ok=True)
    for path in (HERE / CONNECTOR).iterdir():
        shutil.copy(path, folder)
    shutil.copy(checking.SHAPES, folder / "shapes.ttl")
    return folder


def _lift(setting: Setting, connector: Path, source: Path, out: Path) -> None:
    options: list[str | Path] = ["--connector", connector, "--base", orders.DATA, "-o", out]
    timed("datahub lift", [setting.datahub, "lift", source, *options])


def _loaded(setting: Setting, triples: Path) -> Timing:
    """The bulk load of ``triples`` into an empty Oxigraph."""
    store = setting.folder / "store"
    return timed(
        "Oxigraph bulk load",
        [setting.python, setting.script("oxigraph_load"), triples, store],
        runs=setting.runs,
        before=lambda: shutil.rmtree(store, ignore_errors=True),
    )


def _stages(setting: Setting, measured: Measured, *timings: Timing) -> None:
    for timing in timings:
        measured.stages[f"Stages of {timing.name}, {setting.rows} products"] = timing.said.rpartition("\n\n")[2].strip()


@dataclass(frozen=True)
class Pushed:
    """A hub with one dataset, in the folder ``hub``."""

    setting: Setting
    hub: Path
    connector: str | Path

    def push(self, name: str, source: Path, *options: str, runs: int | None = None, fresh: bool = False) -> Timing:
        """``source`` pushed as a process of its own; ``fresh``: to an empty hub each time."""
        command: list[str | Path] = [self.setting.datahub, "push", source, "--dataset", "catalogue"]
        return timed(
            name,
            [*command, "--data-dir", self.hub, "--timings", "--lang", "en", *options],
            runs=self.setting.runs if runs is None else runs,
            before=self._empty if fresh else None,
        )

    def _empty(self) -> None:
        """A hub with a platform and its empty dataset."""
        datahub = self.setting.datahub
        at: list[str | Path] = ["--data-dir", self.hub]
        shutil.rmtree(self.hub, ignore_errors=True)
        timed("platform", [datahub, "platform", "add", "farms.example", *at])
        options: list[str | Path] = ["--platform", "farms.example", "--connector", self.connector, *at]
        options += ["--licence", "https://spdx.org/licenses/ODbL-1.0"]
        timed("dataset", [datahub, "dataset", "add", "catalogue", *options])


def _changed(setting: Setting) -> Path:
    """A few products of the catalogue with another name."""
    lines = setting.catalogue.read_text("utf-8").splitlines(keepends=True)
    path = setting.folder / "changed.csv"
    rows = [line.replace(" n° ", " nouveau n° ") for line in lines[10 : 10 + CHANGED]]
    path.write_text("".join([lines[0], *rows]), "utf-8")
    return path
