"""The rooms of the house: what they import is declared, and what they export is not hidden by their own modules."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import datahub

ROOT = Path(__file__).resolve().parents[2]
ROOMS = sorted(room.name for room in pkgutil.iter_modules(datahub.__path__) if room.ispkg)


def canonical(name: str) -> str:
    """The normalised name of a distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(folder: Path) -> set[str]:
    """The top-level packages that the Python files below ``folder`` import."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return (
        found - set(sys.stdlib_module_names) - {"datahub", "__future__", "_typeshed"}
    )  # the last is there for type checkers only


def test_every_package_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    optional = [one for name in ("postgres", "pandas", "spreadsheet", "spark") for one in extras[name]]
    declared = {canonical(re.split(r"[\[<>=~! ;]", one)[0]) for one in [*project["dependencies"], *optional]}
    owners = packages_distributions()
    missing = {
        package
        for package in imported(ROOT / "src")
        if not {canonical(owner) for owner in owners.get(package, [package])} & declared
    }
    assert missing == set()


@pytest.mark.parametrize("room", ROOMS)
def test_no_module_hides_what_its_package_exports(room: str) -> None:
    """Importing a submodule binds its name in the package, over whatever the package exports under that name."""
    package = importlib.import_module(f"datahub.{room}")
    exported = {name: getattr(package, name) for name in getattr(package, "__all__", ())}
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "__main__":
            importlib.import_module(f"datahub.{room}.{module.name}")
    hidden = [name for name, value in exported.items() if getattr(package, name) is not value]
    assert hidden == []
