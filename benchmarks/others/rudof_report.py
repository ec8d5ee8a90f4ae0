"""An N-Triples file against shapes, by rudof (pip: pyrudof).

Usage: rudof_report.py DATA.nt REPORT.ttl SHAPES.ttl
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyrudof

data, report, shapes = sys.argv[1:]
engine = pyrudof.Rudof(pyrudof.RudofConfig())
engine.read_data(Path(data), pyrudof.RDFFormat.NTriples)
engine.read_shacl(Path(shapes))
engine.validate_shacl()
Path(report).write_text(engine.serialize_shacl_validation_results(pyrudof.ResultShaclValidationFormat.Turtle), "utf-8")
