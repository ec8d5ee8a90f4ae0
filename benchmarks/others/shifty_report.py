"""An N-Triples file against shapes, by shifty (pip: pyshifty).

Usage: shifty_report.py DATA.nt REPORT.ttl SHAPES.ttl
"""

from __future__ import annotations

import pathlib
import sys

import shifty

data, report, shapes = map(pathlib.Path, sys.argv[1:])
_, graph, _ = shifty.validate(data, shapes, infer=False, graph_mode="data")
graph.serialize(report, format="turtle")
