"""Lift: native files to N-Triples by one plain RML mapping, ours against other engines and against bare string building."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import catalogue, equal, krown
from benchmarks.measure import Line, Measured
from benchmarks.setting import Setting
from benchmarks.timing import Timing, in_turn, timed

COLUMNS = 20
"""Of the KROWN shape."""


def flat(setting: Setting, measured: Measured) -> None:
    """The catalogue as CSV, against every engine."""
    ours = against_morph(setting, measured)
    folder = setting.folder / "flat"
    mapping, source = folder / "catalogue.rml.ttl", folder / "catalogue.csv"
    what = measured.lines[-1].what
    _bare(setting, measured, what, ours, "bare_polars", source)
    others = [
        ("maplib", "maplib_lift", (source, folder / "maplib.nt"), "maplib.nt", equal.triples),
        ("SDM-RDFizer", "sdm_rdfizer", (mapping, folder / "sdm"), "sdm/out.nt", equal.apostrophes_mended),
    ]
    for name, script, arguments, made, read in others if setting.peers.exists() else []:
        theirs = timed(name, [setting.peers, setting.script(script), *arguments], cwd=folder)
        _same(measured, name, folder, made, read)
        measured.lines.append(Line(what, ours, (theirs,), (1.0,)))
    _rowwise(setting, measured, what, ours)


def against_morph(setting: Setting, measured: Measured) -> Timing:
    """The catalogue as CSV, ours against morph-kgc."""
    mapping = setting.place("flat", "catalogue.rml.ttl")
    catalogue.write(mapping.parent / "catalogue.csv", setting.rows)
    ours, theirs = _both(setting, mapping)
    measured.timings["morph"] = theirs
    measured.files["nt"] = mapping.parent / "ours.nt"
    _same(measured, "morph-kgc", mapping.parent, "morph.nt")
    measured.lines.append(Line(f"lift {setting.rows} products, CSV", ours, (theirs,), (1.0,), 8))
    return ours


def _bare(setting: Setting, measured: Measured, what: str, ours: Timing, script: str, source: Path) -> None:
    """``ours`` against string building in Polars, made for ``source`` alone."""
    out = source.with_name("bare.nt")
    bare = timed(
        "bare Polars", [setting.python, setting.script(script), source, out], runs=setting.runs, before=_gone(out)
    )
    _same(measured, f"bare Polars ({source.suffix[1:].upper()})", source.parent, out.name)
    measured.lines.append(Line(what, ours, (bare,), (1.0,), 1 / 1.5))


def _rowwise(setting: Setting, measured: Measured, what: str, ours: Timing) -> None:
    mapping = setting.place("rowwise", "catalogue.rml.ttl")
    source = catalogue.write(mapping.parent / "catalogue.csv", setting.rowwise)
    out = mapping.parent / "rowwise.nt"
    theirs = timed("rdflib, row by row", [setting.python, setting.script("rowwise"), source, out])
    _ours(setting, mapping)
    _same(measured, "the row-wise script", mapping.parent, out.name)
    factor = setting.rows / setting.rowwise
    note = f"rdflib run on {setting.rowwise} products, counted {factor:g} times" if factor != 1 else ""
    measured.lines.append(Line(what, ours, (theirs,), (factor,), None, note))


def nested(setting: Setting, measured: Measured) -> None:
    """The catalogue as nested JSON."""
    mapping = setting.place("nested", "nested.rml.ttl")
    catalogue.write_json(mapping.parent / "catalogue.json", setting.rows)
    ours, theirs = _both(setting, mapping)
    _same(measured, "morph-kgc (JSON)", mapping.parent, "morph.nt")
    what = f"lift {setting.rows} products, nested JSON"
    measured.lines.append(Line(what, ours, (theirs,), (1.0,), 25))
    _bare(setting, measured, what, ours, "bare_polars_nested", mapping.parent / "catalogue.json")


def large(setting: Setting, measured: Measured) -> None:
    """Ten times the catalogue as CSV, and the KROWN shape."""
    rows = 10 * setting.rows
    mapping = setting.place("large", "catalogue.rml.ttl")
    catalogue.write(mapping.parent / "catalogue.csv", rows)
    _large(setting, measured, mapping, f"lift {rows} products, CSV", 12)
    mapping = krown.write(setting.folder / "krown", rows, COLUMNS)
    _large(setting, measured, mapping, f"KROWN shape, {rows} rows × {COLUMNS} columns", 15)


def large_nested(setting: Setting, measured: Measured) -> None:
    """Ten times the catalogue as nested JSON."""
    rows = 10 * setting.rows
    mapping = setting.place("large_nested", "nested.rml.ttl")
    catalogue.write_json(mapping.parent / "catalogue.json", rows)
    _large(setting, measured, mapping, f"lift {rows} products, nested JSON", 25)


def _large(setting: Setting, measured: Measured, mapping: Path, what: str, wanted: float) -> None:
    ours, theirs = _both(setting, mapping)
    name = f"lines of datahub and morph-kgc ({what})"
    measured.equal.append(equal.same(name, equal.digest, mapping.parent / "ours.nt", mapping.parent / "morph.nt"))
    measured.lines.append(Line(what, ours, (theirs,), (1.0,), wanted))
    shutil.rmtree(mapping.parent)


def huge(setting: Setting, measured: Measured) -> None:
    """A hundred times the catalogue, streamed to nowhere: what a row costs, and how much memory it takes."""
    mapping = setting.place("huge", "catalogue.rml.ttl")
    small = catalogue.write(setting.folder / "part.csv", 10 * setting.rows).read_bytes()
    header, _, rows = small.partition(b"\n")
    with (mapping.parent / "catalogue.csv").open("wb") as file:
        file.write(header + b"\n")
        for number in range(10):
            file.write(rows.replace(b"SKU-", b"SKU%d-" % number))
    command: list[str | Path] = [setting.datahub, "lift", "--mapping", mapping, "-o", "/dev/null", "--format", "nt"]
    once = timed("datahub lift", command)
    few = setting.place("few", "catalogue.rml.ttl")
    catalogue.write(few.parent / "catalogue.csv", setting.rows)
    base = timed(
        f"datahub lift, {setting.rows} products, counted 100 times",
        [setting.datahub, "lift", "--mapping", few, "-o", "/dev/null", "--format", "nt"],
        runs=setting.runs,
    )
    what = f"lift {100 * setting.rows} products, CSV to nowhere"
    measured.lines.append(Line(what, once, (base,), (100.0,), 1 / 1.3))
    shutil.rmtree(mapping.parent)


def _both(setting: Setting, mapping: Path) -> tuple[Timing, Timing]:
    """Ours and morph-kgc by ``mapping``, in turn."""
    ours, theirs = in_turn(setting.runs, partial(_ours, setting, mapping), partial(morph, setting, mapping))
    return ours, theirs


def _ours(setting: Setting, mapping: Path) -> Timing:
    out = mapping.parent / "ours.nt"
    return timed("datahub lift", [setting.datahub, "lift", "--mapping", mapping, "-o", out], before=_gone(out))


def _gone(out: Path) -> Callable[[], None]:
    """Removes what the run before wrote, so that none pays for giving its space back."""
    return partial(out.unlink, missing_ok=True)


def morph(setting: Setting, mapping: Path) -> Timing:
    """morph-kgc with ``mapping``, beside which its source lies; it writes ``morph.nt`` there."""
    folder = mapping.parent
    config = folder / "morph.ini"
    config.write_text(
        f"[CONFIGURATION]\noutput_file={folder}/morph.nt\noutput_format=N-TRIPLES\nnumber_of_processes=2\n"
        f"logging_level=WARNING\n[CATALOGUE]\nmappings={mapping}\n",
        "utf-8",
    )
    command = [setting.morph, "-m", "morph_kgc", config]
    return timed("morph-kgc, 2 processes", command, cwd=folder, before=_gone(folder / "morph.nt"))


def _same(
    measured: Measured, name: str, folder: Path, made: str, read: Callable[[Path], list[str]] = equal.triples
) -> None:
    measured.equal.append(equal.same(f"triples of datahub and {name}", read, folder / "ours.nt", folder / made))
