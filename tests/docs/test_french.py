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


_LANGUAGE = re.compile(r"""(?<=\blang=)(en|fr)\b|(?<=\[")(en|fr)(?="\])""")
_WORDS = re.compile(
    r"""
    (?<=--label\ )"[^"]*"       # what people call a thing,
    | (?<=echo\ ")[^"$]*        # what a script says to them,
    | (?<=^name:\ ).*           # the name of a job,
    | (?<=^\#\ ).*              # a comment,
    | (?<=\S)\ {2,}\S.*         # a note beside a line,
    | (?<=""\")[^"]*(?=""\")    # a docstring
    """,
    re.VERBOSE | re.MULTILINE,
)


def _neutral(text: str) -> str:
    """What the machine does: the words for people, and the language that they are asked in, are left out."""
    return _WORDS.sub("…", _LANGUAGE.sub("…", text))


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
            assert _neutral(mine.content) == _neutral(its.content)


@pytest.mark.parametrize(
    ("mine", "its", "same"),
    [
        ('echo "code de sortie $?"', 'echo "exit code $?"', True),
        ('curl "http://x/?lang=fr"', 'curl "http://x/?lang=en"', True),
        ('report["sentence"]["fr"]', 'report["sentence"]["en"]', True),
        ("# Un mot\nrm a", "# A word\nrm a", True),
        ("# Un mot\nrm b", "# A word\nrm a", False),
        ('datahub push a --key "x"', 'datahub push a --key "y"', False),
    ],
)
def test_only_words_for_people_may_differ(mine: str, its: str, same: bool) -> None:
    assert (_neutral(mine) == _neutral(its)) is same


@pytest.mark.parametrize(("french", "english"), TWINS, ids=lambda page: page.stem)
def test_twins_lead_to_each_other(french: Path, english: Path) -> None:
    for page, other in ((french, english), (english, french)):
        links = re.findall(r"\]\(([^)#]+\.md)\)", page.read_text("utf-8"))
        assert other in {(page.parent / link).resolve() for link in links}


@pytest.mark.parametrize("page", FRENCH, ids=lambda page: page.stem)
def test_a_french_page_leads_to_french_pages_where_there_are_some(page: Path) -> None:
    text = page.read_text("utf-8").replace("*In English : [](", "*In English: [](")
    prose = [line for line in text.splitlines() if not line.startswith("*In English:")]
    links = re.findall(r"\]\(([^)#:]+\.md)\)", "\n".join(prose))
    english = {
        target.relative_to(DOCS)
        for link in links
        if DOCS / "fr" not in (target := (page.parent / link).resolve()).parents
    }
    assert not {place for place in english if (DOCS / "fr" / place).exists()}
