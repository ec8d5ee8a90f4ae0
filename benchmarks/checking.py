"""Validation: RDF files to SHACL reports with shapes of a realistic size, ours against every engine that can be had."""

from __future__ import annotations

from pathlib import Path

from benchmarks import equal, orders
from benchmarks.measure import Line, Measured
from benchmarks.setting import HERE, Setting
from benchmarks.timing import Timing, timed

SHAPES = HERE / "orders.shapes.ttl"
SHARE = 10
"""pySHACL runs on a tenth, counted ten times; it does not get faster with size."""


def checking(setting: Setting, measured: Measured) -> None:
    """8 node shapes, 40 property shapes and a SPARQL constraint; products with 1 % mistakes, and ten times as many."""
    folder = setting.folder / "orders"
    folder.mkdir()
    data = orders.write(folder / "orders.nt", setting.records)
    ours = _ours(setting, data, setting.runs)
    what = f"validate {setting.records} products, 8 node shapes, 40 property shapes, SPARQL"
    others = [("shifty", "shifty_report", 10.0), ("rudof", "rudof_report", None)] if setting.peers.exists() else []
    for name, script, wanted in others:
        report = folder / f"{name}.ttl"
        theirs = timed(name, [setting.peers, setting.script(script), data, report, SHAPES])
        measured.equal.append(equal.same(f"results of datahub and {name}", equal.results, _report(data), report))
        measured.lines.append(Line(what, ours, (theirs,), (1.0,), wanted))
    few = orders.write(folder / "few.nt", setting.records // SHARE)
    _ours(setting, few, 1)
    report = folder / "pyshacl.ttl"
    theirs = timed("pySHACL", [setting.python, setting.script("pyshacl_report"), few, report, SHAPES])
    measured.equal.append(equal.same("results of datahub and pySHACL (orders)", equal.results, _report(few), report))
    note = f"pySHACL run on {setting.records // SHARE} products, counted {SHARE} times"
    measured.lines.append(Line(what, ours, (theirs,), (SHARE,), 300, note))
    large = orders.write(folder / "large.nt", 10 * setting.records)
    flat = Line(f"the same on {10 * setting.records} products", _ours(setting, large, 1), (ours,), (10.0,), 1 / 1.3)
    measured.lines.append(flat)


def _ours(setting: Setting, data: Path, runs: int) -> Timing:
    command = [setting.datahub, "validate", data, "--shapes", SHAPES, "--report", "ttl", "-o", _report(data)]
    return timed("datahub validate", command, runs=runs, accept=(0, 1))


def _report(data: Path) -> Path:
    return data.with_suffix(".report.ttl")
