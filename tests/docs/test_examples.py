"""What the documentation shows is what happens."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.examples import DOCS, RUN, SHOWN, blocks, fits, language_of, pages, story

TOLD = [page for page in pages() if any(block.language in RUN for block in blocks(page.read_text("utf-8")))]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("bash") or not shutil.which("curl"), reason="examples need bash and curl")
@pytest.mark.parametrize("page", TOLD, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_each_example_of_a_page_does_what_the_page_shows(page: Path) -> None:
    with story(language_of(page)) as told:
        for block in blocks(page.read_text("utf-8")):
            if block.file is not None:
                told.write(block)
            elif block.language == "python":
                told.python(block)
            elif block.language == "console":
                for command in block.commands:
                    code, printed = told.run(command.text)
                    where = f"{page.name}, block of line {block.line}: $ {command.text}\n" + "\n".join(printed)
                    assert code == command.code, where
                    assert command.printed is None or fits(command.printed, printed), where


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_block_is_run_or_a_file_or_of_a_kind_that_is_only_shown(page: Path) -> None:
    for block in blocks(page.read_text("utf-8")):
        if block.file is None:
            assert block.language in (*RUN, *SHOWN), f"line {block.line}: {block.language}"
        if block.language == "console":
            assert block.commands, f"line {block.line}: no command"


@pytest.mark.parametrize(
    ("shown", "printed", "fit"),
    [
        (("a", "b"), ["a", "b"], True),
        (("a",), ["a", "b"], False),
        (("a", "..."), ["a", "b", "c"], True),
        (("a", "..."), ["a"], True),
        (("took ... s",), ["took 1.5 s"], True),
        (("took ... s",), ["took 1.5 min"], False),
        (("1.5",), ["1x5"], False),
        (("...", "z"), ["a", "z"], True),
    ],
)
def test_dots_stand_for_anything_and_all_else_for_itself(shown: tuple[str, ...], printed: list[str], fit: bool) -> None:
    assert fits(shown, printed) is fit


def test_a_block_with_a_caption_is_a_file() -> None:
    (block,) = blocks("```{code-block} csv\n:caption: data/a.csv\n\nx,y\n1,2\n```\n")
    assert (block.language, block.file, block.content) == ("csv", "data/a.csv", "x,y\n1,2\n")


def test_an_exit_code_below_a_command_is_what_it_must_end_with() -> None:
    (block,) = blocks("```console\n$ false\n[exit 1]\n$ echo a \\\n> b\na b\n```\n")
    first, second = block.commands
    assert (first.text, first.printed, first.code) == ("false", None, 1)
    assert (second.text, second.printed, second.code) == ("echo a \\\nb", ("a b",), 0)
    with story() as told:
        assert told.run(first.text)[0] == 1
        assert told.run(second.text) == (0, ["a b"])
