"""An N-Triples file against shapes, by TopBraid SHACL (org.topbraid:shacl), which Java runs.

Usage: topbraid_report.py DATA.nt REPORT.ttl SHAPES.ttl, with TOPBRAID_SHACL naming its folder (with lib/) or its jar.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

data, report, shapes = map(Path, sys.argv[1:])
place = Path(os.environ["TOPBRAID_SHACL"])
classes = str(place / "lib" / "*") if place.is_dir() else str(place)
command = ["java", "-Xmx8g", "-cp", classes, "org.topbraid.shacl.tools.Validate", "-datafile", str(data)]
with report.open("wb") as out:
    subprocess.run([*command, "-shapesfile", str(shapes)], stdout=out, check=False)  # its exit code tells of violations
sys.exit(0 if report.stat().st_size else 1)
