"""The wheel carries its data: installed into an empty environment it works from any folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from email import message_from_bytes
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, timeout: int = 300) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DATAHUB_"))}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        env={**clean, "LC_ALL": "C.UTF-8"},
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the checkout without what git ignores."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("src", "ontologies", "shapes", "connectors"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    done = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source, cwd=folder)
    assert done.returncode == 0, done.stderr
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command ``datahub`` of an environment that holds the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    pip = (sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "--disable-pip-version-check")
    done = run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    [packages] = folder.glob("lib/python*/site-packages")
    for each in asked_for(wheel):
        for file in each.files or ():
            if ".." not in file.parts:
                (packages / file).parent.mkdir(parents=True, exist_ok=True)
                (packages / file).symlink_to(each.locate_file(file))
    done = run(*pip, "check", cwd=folder)
    assert done.returncode == 0, done.stdout
    return folder / "bin" / "datahub"


def asked_for(wheel: Path) -> list[Distribution]:
    """What the wheel depends on, and what that depends on, as it is installed here."""
    with zipfile.ZipFile(wheel) as packed:
        [name] = (name for name in packed.namelist() if name.endswith(".dist-info/METADATA"))
        told = message_from_bytes(packed.read(name))
    found: dict[str, Distribution] = {}
    asked = {(text, "") for text in told.get_all("Requires-Dist", [])}
    seen: set[tuple[str, str]] = set()
    while asked - seen:
        text, extra = one = (asked - seen).pop()
        seen.add(one)
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            here = found.setdefault(canonicalize_name(requirement.name), distribution(requirement.name))
            asked |= {(more, name) for more in here.requires or () for name in ("", *requirement.extras)}
    return list(found.values())


def test_the_data_folders_lie_inside_the_package(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("ontologies", "shapes", "connectors"):
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and path.name != ".keep"]
        expected = {f"datahub/_data/{path.relative_to(ROOT)}" for path in files}
        assert expected - names == set()
    assert "datahub/py.typed" in names
    assert any(name.startswith("datahub/web/static/") for name in names)
    assert any(name.startswith("datahub/web/templates/") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_works_from_any_folder(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "connectors", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {one["name"] for one in json.loads(done.stdout)} >= {"ofn-products", "bnlc", "dfc"}
    done = run(installed, "demo", "--exit-after-load", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "taken" in done.stdout
    assert list(tmp_path.iterdir()) == []
