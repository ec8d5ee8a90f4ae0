"""Pages in two languages keep step: the same headings, the same examples, in the same order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.examples import DOCS, blocks

FRENCH = sorted((DOCS / "fr").rglob("*.md"))
TWINS = [(page, DOCS / page.relative_to(DOCS / "fr")) for page in FRENCH if page.name != "index.md"]

_HEADING = re.compile(r"^(#+) ")
_TERM = re.compile(r"^: ")


def _levels(text: str) -> list[int]:
    outside = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    return [len(found[1]) for line in outside.splitlines() if (found := _HEADING.match(line))]


def _neutral(command: str) -> str:
    return re.sub(r"\blang=(en|fr)\b", "lang=…", command)


def test_there_are_pages_in_french() -> None:
    assert {"tutorial.md", "glossary.md"} <= {page.name for page, _ in TWINS}


@pytest.mark.parametrize(("french", "english"), TWINS, ids=lambda page: page.stem)
def test_a_french_page_has_the_headings_and_entries_of_its_english_twin(french: Path, english: Path) -> None:
    ours, theirs = french.read_text("utf-8"), english.read_text("utf-8")
    assert _levels(ours) == _levels(theirs)
    assert len([line for line in ours.splitlines() if _TERM.match(line)]) == len(
        [line for line in theirs.splitlines() if _TERM.match(line)]
    )


@pytest.mark.parametrize(("french", "english"), TWINS, ids=lambda page: page.stem)
def test_a_french_page_runs_the_commands_of_its_english_twin_on_the_same_files(french: Path, english: Path) -> None:
    ours, theirs = list(blocks(french.read_text("utf-8"))), list(blocks(english.read_text("utf-8")))
    assert [(one.language, one.file) for one in ours] == [(one.language, one.file) for one in theirs]
    for mine, its in zip(ours, theirs, strict=True):
        if mine.language == "console":
            assert [_neutral(one.text) for one in mine.commands] == [_neutral(one.text) for one in its.commands]
        else:
            assert mine.content == its.content
