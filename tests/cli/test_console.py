"""Results go to standard output or to a whole file; progress only where a person watches."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from datahub.cli import console


def test_a_file_is_replaced_only_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "out.nt"
    path.write_text("before", "utf-8")
    with pytest.raises(TypeError), console.sink(path) as file:
        file.writelines([b"half", None])  # type: ignore[list-item]
    assert path.read_text("utf-8") == "before"
    assert os.listdir(tmp_path) == ["out.nt"]
    console.write(b"after", path)
    assert path.read_bytes() == b"after"
    assert os.listdir(tmp_path) == ["out.nt"]


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").write_bytes(b"")
    console.write(b"x", tmp_path / "ours")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_file_that_is_replaced_keeps_its_permissions_and_its_links(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    target = tmp_path / "data" / "private.ttl"
    target.write_bytes(b"before")
    target.chmod(0o600)
    link = tmp_path / "latest.ttl"
    link.symlink_to(target)
    with console.sink(link) as file:
        (part,) = set(target.parent.iterdir()) - {target}
        assert part.stat().st_mode & 0o777 == 0o600
        file.write(b"after")
    assert link.is_symlink()
    assert target.read_bytes() == b"after"
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_is_named_as_the_user_named_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as error:
        console.write(b"x", tmp_path / "none" / "out.nt")
    assert error.value.filename == str(tmp_path / "none")


def test_a_file_of_the_longest_name_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    console.write(b"x", path)
    assert path.read_bytes() == b"x"


def test_a_device_is_written_to_not_replaced() -> None:
    console.write(b"x", Path(os.devnull))
    assert Path(os.devnull).is_char_device()


def test_columns_of_a_table_are_aligned() -> None:
    assert console.table([("é", 1), ("long", None)], ("a", "b")) == "a     b\né     1\nlong"


PROGRAM = """
from datahub.cli import console, words
words.use("fr")
with console.progress() as step:
    for done in range(3):
        step("validate", done + 1, 3)
print("done")
"""


def test_progress_is_silent_in_pipes() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout == "done\n"
    assert done.stderr == ""


def test_progress_shows_the_stage_on_a_terminal() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:  # the terminal is closed
        pass
    assert process.communicate()[0] == b"done\n"
    assert "vérification" in shown.decode()
    assert "3/3" in shown.decode()


def test_what_programs_read_is_utf_8_on_any_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(shown, "latin-1", errors="replace"))
    print("before")
    console.as_json({"path": "a → b"})
    assert json.loads(shown.getvalue().removeprefix(b"before\n")) == {"path": "a → b"}
