"""Reading N-Triples into a frame, and lowering a catalogue: from file to file, each against what it is measured by.

``python -m benchmarks.reading`` runs these two alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import equal, table
from benchmarks.measure import Line, Measured
from benchmarks.setting import Setting
from benchmarks.timing import timed

_READ = "import sys, pathlib as p; from datahub.rdf.formats import parse; print(len(parse(p.Path(sys.argv[1]), 'nt')))"
_COPY = (
    "import sys, pathlib as p; from datahub.rdf.formats import parse, write_to; "
    "write_to(parse(p.Path(sys.argv[1]), 'nt'), 'nt', open(sys.argv[2], 'wb'))"
)


def reading(setting: Setting, measured: Measured) -> None:
    """The lifted catalogue from N-Triples into a frame, against pyoxigraph's parser with Python objects."""
    lifted, copy = setting.folder / "reading.nt", setting.folder / "reading.copy.nt"
    timed("datahub lift", [setting.datahub, "lift", setting.catalogue, "--connector", "ofn-products", "-o", lifted])
    timed("copy", [setting.python, "-c", _COPY, lifted, copy])
    measured.equal.append(equal.same("statements read and written again", equal.digest, lifted, copy))
    copy.unlink()
    ours = timed("datahub", [setting.python, "-c", _READ, lifted], runs=setting.runs)
    theirs = timed("pyoxigraph, row by row", [setting.python, setting.script("oxigraph_parse"), lifted])
    measured.lines.append(Line(f"read {setting.rows} products, N-Triples to a frame", ours, (theirs,), (1.0,)))


def lowering(setting: Setting, measured: Measured) -> None:
    """The catalogue lifted and lowered again by the same connector: lowering may take twice as long."""
    source = setting.catalogue
    lifted, back = setting.folder / "lowering.nt", setting.folder / "lowering.csv"
    up = [setting.datahub, "lift", source, "--connector", "ofn-products", "-o", lifted]
    down = [setting.datahub, "lower", lifted, "--connector", "ofn-products", "-o", back]
    lift = timed("datahub lift", up, runs=setting.runs)
    lower = timed("datahub lower", down, runs=setting.runs)
    measured.equal.append(equal.same("rows lowered and rows of the catalogue", equal.digest, source, back))
    what = f"lower {setting.rows} products, N-Triples to CSV"
    measured.lines.append(Line(what, lower, (lift,), (2.0,), 1, "the lift of the same file counts twice"))


def main() -> int:
    """Runs both and prints their table; exit code 1 where something differs or fails."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    options.add_argument("--rows", type=int, default=100_000, help="products of the catalogue")
    options.add_argument("--runs", type=int, default=3, help="runs of each command of ours")
    args = options.parse_args()
    measured = Measured()
    with tempfile.TemporaryDirectory(prefix="datahub-bench-") as folder:
        setting = Setting(Path(folder), args.rows, args.rows, args.rows, args.runs)
        try:
            reading(setting, measured)
            lowering(setting, measured)
        except (RuntimeError, OSError) as error:
            print(error, file=sys.stderr)
            return 1
    print(table.table(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
