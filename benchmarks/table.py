"""The table of ratios, and the page that keeps the last measured one."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Line, Measured

PAGE = Path(__file__).with_name("RESULTS.md")
HEADERS = ("work", "datahub", "against", "ratio", "wanted")


def table(measured: Measured) -> str:
    """The lines as a Markdown table."""
    rows = [HEADERS, *[_row(line) for line in measured.lines]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADERS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    notes = [f"- {line.what}: {line.note}." for line in measured.lines if line.note]
    notes += [f"- not run: {why}." for why in measured.skipped]
    stages = [line for what, told in measured.stages.items() for line in ("", f"{what}:", "", "```", told, "```")]
    return "\n".join([*lines, "", *notes, *(f"- compared first: {sentence}." for sentence in measured.equal), *stages])


def _row(line: Line) -> tuple[str, ...]:
    parts = [
        f"{timing.name} {timing.median * factor:.1f} s ({timing.megabytes} MB)"
        if timing.ended
        else f"{timing.name}: no end within {timing.median:.0f} s"
        + (f", counted {factor:.0f} times" if factor != 1 else "")
        for timing, factor in zip(line.theirs, line.factors, strict=True)
    ]
    ours = f"{line.ours.median:.2f} s ({line.ours.megabytes} MB)"
    return (
        line.what,
        ours,
        " + ".join(parts),
        ("" if line.ended else "> ") + (f"{line.ratio:.2g}" if line.ratio < 10 else f"{line.ratio:.0f}"),
        f"≥ {line.wanted:.2g}" if line.wanted else "",
    )


def machine() -> str:
    """What it ran on."""
    model = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    engines = ", ".join(f"{name} {version(name)}" for name in ("polars", "pyoxigraph", "rdflib", "pyshacl"))
    return f"{os.cpu_count()} cores of {model}, {platform.system()}, CPython {platform.python_version()}; {engines}, morph-kgc 2.10"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text("utf-8").splitlines()
    except OSError:
        return []


def save(measured: Measured, folder: Path) -> Path:
    """All timings as JSON."""
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    body = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "equal": measured.equal,
        "lines": [
            {**asdict(line), "against": line.against, "ratio": line.ratio, "ended": line.ended}
            for line in measured.lines
        ],
    }
    path.write_text(json.dumps(body, indent=2), "utf-8")
    return path


def record(measured: Measured, command: str, runs: int) -> None:
    """Writes the page with the last measured table."""
    PAGE.write_text(
        f"# Last measured\n\n{datetime.now(UTC):%Y-%m-%d}, {machine()}. Command: `{command}`.\n\n"
        "Whole processes timed from outside, start-up, reading and writing included; ours, morph-kgc and Oxigraph: median of "
        f"{runs} runs; pySHACL and the row-wise script: one run. Memory is the peak of the main process.\n\n{table(measured)}\n",
        "utf-8",
    )
