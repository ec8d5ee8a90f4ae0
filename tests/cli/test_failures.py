"""What goes wrong is one paragraph in words, with an exit code that scripts can rely on."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from datahub.cli import failures, words
from datahub.errors import InputError, Place
from datahub.i18n import Text
from tests.cli.conftest import Session


@pytest.fixture(autouse=True)
def _english() -> None:
    words.use("en")


def test_an_input_error_is_place_message_and_fix(capsys: pytest.CaptureFixture[str]) -> None:
    error = InputError(
        "x", Text("Not a price.", "Pas un prix."), Text("Write 2.40.", "Écrivez 2.40."), Place("a.csv", 4, "price")
    )
    assert failures.report(error) == 2
    assert capsys.readouterr().err == "Error: a.csv, row 4, column “price”: Not a price. Write 2.40.\n"
    words.use("fr")
    failures.report(error)
    assert (
        capsys.readouterr().err
        == "Erreur\u00a0: a.csv, ligne 4, colonne «\u00a0price\u00a0»\u00a0: Pas un prix. Écrivez 2.40.\n"
    )


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (FileNotFoundError(errno.ENOENT, "x", "a.csv"), 2, "no file “a.csv”"),
        (IsADirectoryError(errno.EISDIR, "x", "dir"), 2, "a folder"),
        (PermissionError(errno.EACCES, "x", "a.csv"), 2, "may not"),
        (OSError(errno.ENOSPC, "x", "a.csv"), 2, "room left"),
        (MemoryError(), 2, "memory"),
        (KeyboardInterrupt(), 130, "Interrupted"),
    ],
)
def test_trouble_of_the_system_is_worded(
    error: BaseException, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failures.report(error) == code
    assert told in capsys.readouterr().err


def test_a_command_that_is_told_to_end_leaves_nothing_half_written(tmp_path: Path) -> None:
    program = """
import sys, time, pathlib
from datahub import cli
from datahub.cli import console

def work(arguments):
    with console.sink(pathlib.Path("out.nt")) as file:
        file.write(b"half")
        print("ready", flush=True)
        time.sleep(60)

cli.run = work
sys.argv = ["datahub"]
cli.main()
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        assert len(list(tmp_path.iterdir())) == 1
        running.terminate()
        assert running.wait(30) == 143
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_our_own_keeps_its_trace_in_a_file_and_out_of_sight(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert failures.report(ZeroDivisionError("secret of a library")) == 70
    said = capsys.readouterr().err
    assert "secret" not in said
    assert "Traceback" not in said
    [kept] = tmp_path.iterdir()
    assert str(kept) in said
    assert "ZeroDivisionError: secret of a library" in kept.read_text("utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ["lift", "missing.csv", "--connector", "ofn-products"],
        ["lift", ".", "--connector", "ofn-products"],
        ["lift", "--connector", "ofn-products"],
        ["lift", "missing.csv"],
        ["lift", "missing.csv", "--connector", "nope"],
        ["lift", "--mapping", "missing.ttl"],
        ["lower", "missing.nt", "--connector", "ofn-products"],
        ["translate", "missing.csv", "--from", "ofn-products", "--to", "cagette-catalogue"],
        ["validate", "missing.csv", "--connector", "bnlc"],
        ["validate", "missing.ttl", "--shapes", "missing.ttl"],
        ["shapes", "check", "missing.ttl"],
        ["connectors", "show", "nope"],
    ],
)
def test_unusable_input_leaves_with_2_in_both_languages(datahub: Session, arguments: list[str]) -> None:
    for language, start in (("en", "Error: "), ("fr", "Erreur : ")):
        said = datahub("--lang", language, *arguments)
        assert said.code == 2
        assert said.out == ""
        assert said.err.startswith(start)
        assert len(said.err.splitlines()) == 1


def test_an_unusable_setting_is_named(datahub: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAHUB_PORT", "none")
    said = datahub("serve")
    assert said.code == 2
    assert "DATAHUB_PORT" in said.err


def test_a_reader_that_leaves_early_is_no_fault(products: Path) -> None:
    script = f"{sys.executable} -m datahub.cli lift {products} --connector ofn-products --format nt | head -c 10"
    done = subprocess.run(script, shell=True, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    assert len(done.stdout) == 10
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


MAPPING = """@prefix rml: <http://w3id.org/rml/> .
<#m> rml:logicalSource [ rml:source "p.csv" ; rml:referenceFormulation rml:CSV ] ; rml:subjectMap [ rml:template "http://e/{id}" ] ;
  rml:predicateObjectMap [ rml:predicate <http://schema.org/name> ; rml:objectMap [ rml:reference "name" ] ] ."""


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A mapping whose triples are more than a pipe holds."""
    (tmp_path / "p.csv").write_text("id,name\n" + "".join(f"{n},Item {n}\n" for n in range(30_000)))
    (tmp_path / "m.ttl").write_text(MAPPING)
    return tmp_path / "m.ttl"


def test_a_reader_that_leaves_a_mapping_early_is_not_told(large: Path) -> None:
    script = f"{sys.executable} -m datahub.cli lift --mapping {large} | head -c 10"
    done = subprocess.run(script, shell=True, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    assert len(done.stdout) == 10
    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("target", ["-o /dev/full", "> /dev/full"])
def test_a_full_disk_is_told(large: Path, target: str) -> None:
    """The writer runs beside the reader: what goes wrong there must reach the command."""
    script = f"{sys.executable} -m datahub.cli lift --mapping {large} {target}"
    done = subprocess.run(script, shell=True, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    assert done.returncode == 2
    assert done.stderr.decode() == "Error: There is no room left on the disk; nothing half-written stays.\n"


def test_a_file_that_grows_too_large_leaves_nothing_behind(large: Path) -> None:
    out = large.parent / "out.nt"
    out.write_text("before")
    script = f"ulimit -f 100; {sys.executable} -m datahub.cli lift --mapping {large} -o {out}"
    done = subprocess.run(script, shell=True, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: The system refused to read or write")
    assert out.read_text() == "before"
    assert sorted(each.name for each in large.parent.iterdir()) == ["m.ttl", "out.nt", "p.csv"]
