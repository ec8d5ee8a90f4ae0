"""What every checkout and every wheel must have."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import datahub

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def tracked() -> list[Path]:
    """The files of the repository, or of the folder where there is none."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_nothing_is_tracked_that_leads_out_of_the_checkout_or_that_git_ignores() -> None:
    """A link to an environment elsewhere, once tracked, takes the place of the environment of whoever pulls it."""
    for command in (["git", "ls-files", "--cached", "--ignored", "--exclude-standard"], ["git", "ls-files", "--stage"]):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip("not a git checkout")
        assert [
            line for line in done.stdout.splitlines() if "--stage" not in command or line.startswith("120000")
        ] == []


def test_the_licence_is_the_agpl_and_is_declared() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert PROJECT["project"]["license"] == "AGPL-3.0-or-later"


def test_the_version_is_one() -> None:
    assert PROJECT["project"]["version"] == datahub.__version__ == version("datahub")
    assert f"## [{datahub.__version__}] - " in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_every_dependency_is_pinned_in_the_constraints() -> None:
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    }
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = [*PROJECT["project"]["dependencies"], *(one for name in extras if name != "dev" for one in extras[name])]
    names = {re.split(r"[\[<>=~! ;]", one)[0].lower().replace("_", "-") for one in wanted}
    assert names - pinned == set()
    assert all("==" in line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines())


def test_no_file_names_a_package_index() -> None:
    forbidden = re.compile(r"pypi\.org/simple|files\.pythonhosted|registry\.npmjs|--(extra-)?index-url")
    found = []
    for path in tracked():
        if path == Path(__file__):
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in forbidden.finditer(text)]
    assert found == []


def test_every_target_that_scripts_rely_on_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in ("demo", "test", "install", "bench", "docs"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize("too_old", ["import sys; sys.exit(1)"])
def test_a_python_that_is_too_old_is_told_so(tmp_path: Path, too_old: str) -> None:
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\nexit 1\n", "utf-8")  # as a Python that fails the version test does
    python.chmod(0o755)
    done = subprocess.run(
        ["make", "-C", str(ROOT), "VENV=" + str(tmp_path / "venv"), f"PYTHON={python}", f"{tmp_path}/venv/bin/python"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Python 3.11" in done.stderr
    assert "plus ancien" in done.stderr
