"""One run of the benchmark: its sizes, its folder, and the programs that it starts."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks import catalogue

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Setting:
    """``rows``: products of the catalogue. ``records``: of the validation run. ``rowwise``: rows for the row-wise script.
    ``runs``: of each fast command; the slow ones run once."""

    folder: Path
    rows: int
    records: int
    rowwise: int
    runs: int

    @property
    def python(self) -> Path:
        """The interpreter of our own environment."""
        return Path(sys.executable)

    @property
    def datahub(self) -> Path:
        """Our command."""
        return self.python.with_name("datahub")

    @property
    def morph(self) -> Path:
        """The interpreter of morph-kgc's environment; `make bench` makes it."""
        return HERE.parent / ".venv-bench" / "bin" / "python"

    @property
    def peers(self) -> Path:
        """The interpreter of the environment of the other peers."""
        return HERE.parent / ".venv-peers" / "bin" / "python"

    def place(self, folder: str, mapping: str) -> Path:
        """One of our mappings in a new folder, in which its source will lie."""
        path = self.folder / folder / mapping
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((HERE / mapping).read_bytes())
        return path

    @cached_property
    def catalogue(self) -> Path:
        """The whole catalogue."""
        return catalogue.write(self.folder / "catalogue.csv", self.rows)

    def script(self, name: str) -> Path:
        """One of the scripts that stand for another engine."""
        return HERE / "others" / f"{name}.py"
