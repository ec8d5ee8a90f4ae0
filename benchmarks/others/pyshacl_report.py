"""Validation by pySHACL, from file to report.

python pyshacl_report.py DATA.nt REPORT.ttl SHAPES.ttl...
"""

from __future__ import annotations

import sys

from pyshacl import validate
from rdflib import Graph

if __name__ == "__main__":
    data, out, *files = sys.argv[1:]
    shapes = Graph()
    for file in files:
        shapes.parse(file, format="turtle")
    _, report, _ = validate(Graph().parse(data, format="nt"), shacl_graph=shapes)
    report.serialize(out, format="turtle")
