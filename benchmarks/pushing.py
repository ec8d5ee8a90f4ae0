"""Pushes: a catalogue to a fresh hub, against its parts in sequence; the same file again; a few changed products."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks import lifting
from benchmarks.measure import Line, Measured, validation
from benchmarks.setting import Setting
from benchmarks.timing import Timing, timed

CHANGED = 10


def push(setting: Setting, measured: Measured) -> None:
    """The whole way of a push, with the share of each stage."""
    if "morph" not in measured.timings:
        lifting.against_morph(setting, measured)
    if "pyshacl" not in measured.timings:
        validation(setting, measured)
    first = _push(setting, "datahub push, first", setting.catalogue, fresh=True)
    again = _push(setting, "datahub push, again", setting.catalogue)
    delta = _push(setting, "datahub push, delta", _changed(setting), "--delta", runs=1)
    store = setting.folder / "store"
    load = timed(
        "Oxigraph bulk load",
        [setting.python, setting.script("oxigraph_load"), measured.files["nt"], store],
        runs=setting.runs,
        before=lambda: shutil.rmtree(store, ignore_errors=True),
    )
    factor = setting.rows / setting.records
    parts = (measured.timings["morph"], measured.timings["pyshacl"], load)
    note = f"pySHACL run on {setting.records} records, counted {factor:g} times, linearly"
    what = f"push {setting.rows} products: lift, validate, log, index, graph"
    measured.lines += [
        Line(what, first, parts, (1.0, factor, 1.0), 40, note),
        Line(f"push the same {setting.rows} products again", again, (first,), (1.0,), 5),
        Line(f"push {CHANGED} changed products of {setting.rows}", delta, (first,), (1.0,)),
    ]
    for timing in (first, again, delta):
        measured.stages[f"Stages of {timing.name}, {setting.rows} products"] = timing.said.rpartition("\n\n")[2].strip()


def _push(
    setting: Setting, name: str, source: Path, *options: str, runs: int | None = None, fresh: bool = False
) -> Timing:
    hub = setting.folder / "hub"
    command: list[str | Path] = [setting.datahub, "push", source, "--dataset", "catalogue", "--data-dir", hub]
    return timed(
        name,
        [*command, "--timings", "--lang", "en", *options],
        runs=setting.runs if runs is None else runs,
        before=(lambda: _hub(setting, hub)) if fresh else None,
    )


def _hub(setting: Setting, hub: Path) -> None:
    """A hub with a platform and its empty dataset."""
    shutil.rmtree(hub, ignore_errors=True)
    timed("platform", [setting.datahub, "platform", "add", "farms.example", "--data-dir", hub])
    options: list[str | Path] = ["--platform", "farms.example", "--connector", "ofn-products", "--data-dir", hub]
    options += ["--licence", "https://spdx.org/licenses/ODbL-1.0"]
    timed("dataset", [setting.datahub, "dataset", "add", "catalogue", *options])


def _changed(setting: Setting) -> Path:
    """A few products of the catalogue with another name."""
    lines = setting.catalogue.read_text("utf-8").splitlines(keepends=True)
    path = setting.folder / "changed.csv"
    rows = [line.replace(" n° ", " nouveau n° ") for line in lines[10 : 10 + CHANGED]]
    path.write_text("".join([lines[0], *rows]), "utf-8")
    return path
