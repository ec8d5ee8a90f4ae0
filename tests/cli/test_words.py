"""The command line speaks French and English, everywhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import pytest
import typer

from datahub.cli import words
from datahub.cli.app import command_line
from datahub.i18n import Lang
from tests.cli.conftest import Session


def tree(command: Any) -> Iterator[Any]:
    yield command
    for child in getattr(command, "commands", {}).values():
        yield from tree(child)


def test_every_command_argument_and_option_is_explained_in_both_languages() -> None:
    for command in tree(typer.main.get_command(command_line())):
        things = [command, *(param for param in command.params if param.name != "help")]
        for thing in things:
            assert thing.help, f"{command.name} {thing.name} has no help"
            assert words.french(thing.help), f"{command.name} {thing.name} has no French help"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "fr_BE"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": ""}, "fr"),
    ],
)
def test_the_locale_chooses_the_language(environ: dict[str, str], expected: str) -> None:
    assert words.from_environment(environ) == expected


@pytest.mark.parametrize(
    "arguments", [["--lang", "fr", "connectors"], ["connectors", "--lang", "fr"], ["connectors", "--lang=fr"]]
)
def test_lang_may_stand_anywhere_and_wins_over_the_locale(arguments: list[str]) -> None:
    assert words.take(arguments, {"LANG": "en_GB.UTF-8"}) == (["connectors"], "fr")


def test_what_follows_a_double_dash_is_left_alone() -> None:
    assert words.take(["lift", "--", "--lang", "fr"], {}) == (["lift", "--", "--lang", "fr"], "en")


@pytest.mark.parametrize("arguments", [["--lang", "xx"], ["--lang"]])
def test_an_unknown_language_is_refused(datahub: Session, arguments: list[str]) -> None:
    said = datahub(*arguments)
    assert said.code == 2
    assert "--lang fr" in said.err


def test_the_help_of_a_command_is_french_through_and_through(datahub: Session) -> None:
    said = datahub("push", "--help", "--lang", "fr")
    assert said.code == 0
    assert said.out.startswith("Utilisation : datahub push")
    for english in ("Usage", "Arguments:", "Options:", "default:", "required", "Show this message", "The file"):
        assert english not in said.out


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_stands_for_a_value_says_what_it_is(datahub: Session, language: str) -> None:
    """Not the type of a programmer, and in French no English word but the name of a variable of the environment."""
    root = typer.main.get_command(command_line())
    pages = [[name] for name in root.commands] + [  # type: ignore[attr-defined]
        [name, below]
        for name, one in root.commands.items()
        for below in getattr(one, "commands", {})  # type: ignore[attr-defined]
    ]
    for arguments in pages:
        said = datahub(*arguments, "--help", "--lang", language)
        for wrong in ("<str>", "<int", "<path>", "TEXT", "{", "env var" if language == "fr" else "{"):
            assert wrong not in said.out, arguments
        for english in ("FILE", "CONNECTOR", "DIR", "OUT", "NAME", "FOLDER", "KEY"):
            found = re.search(rf"(?<![A-Za-z_]){english}(?![A-Za-z_])", said.out)
            assert not (found and language == "fr"), (arguments, english)
    assert "--connector CONNECTEUR" in datahub("lift", "--help", "--lang", "fr").out
    assert "DATAHUB_DATA_DIR" in datahub("serve", "--help", "--lang", "fr").out


@pytest.mark.parametrize(
    ("arguments", "french"),
    [
        (["nope"], "Commande inconnue : 'nope'."),
        (["lower"], "Il manque l'argument 'FICHIER'."),
        (["lower", "x.nt"], "Il manque l'option '--connector'."),
        (["lower", "x.nt", "--nope"], "Option inconnue : --nope"),
        (["serve", "--port", "abc"], "Valeur inutilisable pour '--port'"),
        (["rebuild", "now"], "Argument en trop : now"),
        (["export", "d", "--format", "odt"], "n'est pas parmi"),
        (["lower", "x.nt", "--connector"], "L'option '--connector' demande une valeur."),
        (["validate", "x.nt", "--parts", "0"], "0 n'est pas dans l'intervalle x>=1."),
        (["connectors", "list", "--json=1"], "L'option '--json' ne prend pas de valeur."),
    ],
)
def test_mistakes_on_the_command_line_are_told_in_french(datahub: Session, arguments: list[str], french: str) -> None:
    said = datahub("--lang", "fr", *arguments)
    assert said.code == 2
    assert french in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("arguments", [[], ["platform"], ["shapes"]])
def test_a_group_alone_shows_its_help_which_is_no_error_message(datahub: Session, arguments: list[str]) -> None:
    said = datahub(*arguments)
    assert said.code == 2
    assert said.err.startswith("Usage: datahub")
    assert said.err == datahub(*arguments, "--help").out


@pytest.mark.parametrize(
    ("encoding", "sign"), [("latin-1", "Sans titre ? accueil".encode("latin-1")), ("utf-8", "→".encode())]
)
def test_a_terminal_that_lacks_a_sign_shows_a_question_mark_for_it(encoding: str, sign: bytes) -> None:
    program = (
        "import sys; from datahub import cli; "
        "cli.run = lambda arguments: print('Sans titre → accueil') or 0; "
        "sys.argv = ['datahub']; cli.main()"
    )
    environ = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environ, check=False)
    assert done.returncode == 0, done.stderr
    assert sign in done.stdout


@pytest.mark.parametrize(
    ("arguments", "others"),
    [
        (["--help"], {"polars", "rdflib", "fastapi", "pydantic", "sqlalchemy", "pyoxigraph", "rich", "httpx"}),
        (["lift", "--help"], {f"datahub.cli.{name}" for name in ("push", "connectors", "server", "validate")}),
    ],
)
def test_a_command_waits_for_nothing_that_it_does_not_need(arguments: list[str], others: set[str]) -> None:
    program = (
        f"import sys; from datahub.cli import run; run({arguments});"
        f"loaded = {others} & set(sys.modules); sys.exit(f'loaded: {{loaded}}' if loaded else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_version(datahub: Session) -> None:
    assert datahub("--version").out.startswith("datahub 0.")


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", ["0 rows", "1 row", "2 rows"]), ("fr", ["0 ligne", "1 ligne", "2 lignes"])],
)
def test_none_is_plural_in_english_and_singular_in_french(lang: Lang, said: list[str]) -> None:
    def count() -> list[str]:
        words.use(lang)
        return [words.counted(count, ("row", "rows"), ("ligne", "lignes")) for count in (0, 1, 2)]

    assert copy_context().run(count) == said
