"""An RML mapping run by SDM-RDFizer.

Usage: sdm_rdfizer.py MAPPING.ttl OUT_FOLDER (the result is OUT_FOLDER/out.nt)
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

sys.modules["pyodbc"] = ModuleType("pyodbc")  # wants a system library that only its databases need
from rdfizer import semantify  # noqa: E402

mapping, folder = map(Path, sys.argv[1:])
folder.mkdir(exist_ok=True)
config = folder / "config.ini"
config.write_text(
    f"[default]\nmain_directory: {mapping.parent}\n\n[datasets]\nnumber_of_datasets: 1\noutput_folder: {folder}\n"
    "all_in_one_file: yes\nremove_duplicate: yes\nenrichment: yes\nname: out\nlarge_file: false\nordered: yes\n\n"
    f"[dataset1]\nname: out\nmapping: {mapping}\n",
    "utf-8",
)
semantify(str(config))
