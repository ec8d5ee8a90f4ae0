"""Validation: RDF files to SHACL reports with shapes of a realistic size, ours against every engine that can be had."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import equal, mistakes, orders
from benchmarks.measure import Line, Measured
from benchmarks.setting import HERE, Setting
from benchmarks.timing import Timing, timed

SHAPES = HERE / "orders.shapes.ttl"
SHARE = 20
"""pySHACL runs on a twentieth, counted twenty times, its start too; it does not get faster with size."""
PATIENCE = {"pySHACL": 150.0, "rudof": 120.0, "shifty": 300.0, "TopBraid": 300.0}
"""Seconds after which an engine is stopped; the ratio is then a lower bound."""
LARGE, HUGE = 10, 50
"""How many times more products the larger steps have."""
TOPBRAID = "TOPBRAID_SHACL"
"""The variable of the environment that names the folder of TopBraid SHACL, or its jar."""
FLAT = 1 / 1.3


@dataclass(frozen=True)
class _Peer:
    """``command``: what comes before data, report and shapes. ``wanted``: the ratio at 20,000 and at 200,000 products."""

    name: str
    command: tuple[str | Path, ...]
    wanted: tuple[float | None, float | None]


def checking(setting: Setting, measured: Measured) -> None:
    """8 node shapes, 40 property shapes and a SPARQL constraint; products with 1 % mistakes."""
    data = _data(setting, setting.records)
    ours = _ours(setting, data, setting.runs)
    _as_seeded(data, measured)
    for peer in _peers(setting, measured):
        _compare(peer, data, ours, peer.wanted[0], measured)
    few = _data(setting, setting.records // SHARE)
    _ours(setting, few, 1)
    report = few.with_suffix(".pyshacl.ttl")
    theirs = timed(
        "pySHACL", [setting.python, setting.script("pyshacl_report"), few, report, SHAPES], limit=PATIENCE["pySHACL"]
    )
    if theirs.ended:
        name = f"results of datahub and pySHACL ({setting.records // SHARE} products)"
        measured.equal.append(equal.same(name, equal.results, _report(few), report))
    note = f"pySHACL run on {setting.records // SHARE} products, counted {SHARE} times"
    measured.lines.append(Line(_what(data), ours, (theirs,), (SHARE,), 300, note))


def checking_large(setting: Setting, measured: Measured) -> None:
    """Ten times as many products, against the engines that hold them; and the same file in parts."""
    small, data = _data(setting, setting.records), _data(setting, LARGE * setting.records)
    ours = _ours(setting, data, setting.runs)
    _as_seeded(data, measured)
    measured.lines.append(Line(_what(data), ours, (_ours(setting, small, setting.runs),), (LARGE,), FLAT))
    in_parts = data.with_suffix(".parts.ttl")
    parts = timed("datahub validate --parts 4", [*_command(setting, data, in_parts), "--parts", "4"], accept=(0, 1))
    measured.equal.append(
        equal.same("results of datahub at once and in 4 parts", equal.results, _report(data), in_parts)
    )
    measured.lines.append(Line(f"{_what(data)}, at once", ours, (parts,), (1.0,)))
    for peer in _peers(setting, measured):
        if peer.wanted[1] is not None:
            _compare(peer, data, ours, peer.wanted[1], measured)


def checking_huge(setting: Setting, measured: Measured) -> None:
    """Fifty times as many products, ours alone: time for each product against the small file, and memory."""
    small, data = _data(setting, setting.records), _data(setting, HUGE * setting.records)
    ours = _ours(setting, data, 1)
    _as_seeded(data, measured)
    note = "cut into parts by its size; at most 6 GiB"
    line = Line(_what(data), ours, (_ours(setting, small, setting.runs),), (HUGE,), FLAT, note)
    measured.lines.append(line)


def _compare(peer: _Peer, data: Path, ours: Timing, wanted: float | None, measured: Measured) -> None:
    report = data.with_suffix(f".{peer.name}.ttl")
    theirs = timed(peer.name, [*peer.command, data, report, SHAPES], limit=PATIENCE[peer.name])
    if theirs.ended:
        name = f"results of datahub and {peer.name} ({_products(data)} products)"
        measured.equal.append(equal.same(name, equal.results, _report(data), report))
    measured.lines.append(Line(_what(data), ours, (theirs,), (1.0,), wanted))


def _peers(setting: Setting, measured: Measured) -> Iterator[_Peer]:
    """The engines that are there; those that are not are named with the reason."""
    if setting.peers.exists():
        yield _Peer("shifty", (setting.peers, setting.script("shifty_report")), (10.0, 15.0))
        yield _Peer("rudof", (setting.peers, setting.script("rudof_report")), (None, None))
    else:
        measured.skip("shifty, rudof: their environment is missing; `make bench` makes it")
    if os.environ.get(TOPBRAID):
        yield _Peer("TopBraid", (setting.python, setting.script("topbraid_report")), (10.0, 15.0))
    else:
        measured.skip(f"TopBraid SHACL: {TOPBRAID} does not name its folder or jar")


def _data(setting: Setting, products: int) -> Path:
    """The products, written once."""
    path = setting.folder / f"orders-{products}.nt"
    return path if path.exists() else orders.write(path, products)


def _products(data: Path) -> str:
    return data.stem.removeprefix("orders-")


def _what(data: Path) -> str:
    return f"validate {_products(data)} products, 8 node shapes, 40 property shapes, SPARQL"


def _as_seeded(data: Path, measured: Measured) -> None:
    """Compares our results with the mistakes that were put into the data."""
    name = f"results of datahub and the mistakes put in ({_products(data)} products)"
    measured.equal.append(equal.alike(name, (equal.results, _report(data)), (mistakes.results, data)))


def _ours(setting: Setting, data: Path, runs: int) -> Timing:
    return timed("datahub validate", _command(setting, data, _report(data)), runs=runs, accept=(0, 1))


def _command(setting: Setting, data: Path, report: Path) -> list[str | Path]:
    return [setting.datahub, "validate", data, "--shapes", SHAPES, "--report", "ttl", "-o", report]


def _report(data: Path) -> Path:
    return data.with_suffix(".report.ttl")
