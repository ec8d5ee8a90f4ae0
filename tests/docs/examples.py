"""The examples of the documentation, read from its pages and run.

A page is one story: its blocks run from top to bottom in one temporary folder, with one shell.

- ``console``: a line that starts with ``$`` is a command (``>`` goes on with it). The lines below are all that it
  prints, on either stream; ``...`` stands for anything within a line, and on a line of its own for any number of lines.
  With no lines below, the output is not compared. A command must succeed, unless ``[exit N]`` is the last line below it.
- ``python``: run as a script, in one namespace per page; with ``>>>``, as a doctest.
- any other language with a caption: the block is the content of the file that the caption names.
- any other language without a caption: shown, not run. Only the languages of `SHOWN` may be.

``python -m tests.docs.examples PAGE …`` brings pages up to date: output that no longer fits is replaced by what is printed now.
"""

from __future__ import annotations

import doctest
import os
import queue
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.serving import free_port

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RUN = ("console", "python")
SHOWN = ("text", "nginx", "ini", "turtle", "yaml")
HERE = "127.0.0.1:8000"
"""Where the pages say that the hub is; the examples use a free port instead."""
SECONDS = 120

_FENCE = re.compile(r"^(?P<fence>`{3,}|:{3,})(?P<info>.*)$")
_CAPTION = re.compile(r"^:caption: *(?P<name>.+)$")


@dataclass(frozen=True)
class Command:
    """A command of a ``console`` block. ``printed``: the lines shown below it, None where none are shown."""

    text: str
    printed: tuple[str, ...] | None
    code: int


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its content, the file that it is (where it has a caption), and its first line in the page."""

    language: str
    content: str
    file: str | None
    line: int

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands of a ``console`` block."""
        return tuple(_commands(self.content.splitlines()))


def pages() -> list[Path]:
    """All hand-written pages."""
    return sorted(path for path in DOCS.rglob("*.md") if not path.relative_to(DOCS).parts[0].startswith("_"))


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page; directives other than ``code-block`` are passed over."""
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        found = _FENCE.match(line)
        if not found:
            continue
        fence, info = found["fence"], found["info"].strip()
        body = []
        for _, inner in lines:
            if inner.startswith(fence) and not inner.strip(fence[0]).strip():
                break
            body.append(inner)
        language, file = info, None
        if info.startswith("{"):
            name, _, language = info.removeprefix("{").partition("}")
            if name != "code-block":
                continue
            while body and body[0].startswith(":"):
                caption = _CAPTION.match(body.pop(0))
                file = caption["name"].strip("` ") if caption else file
            if body and not body[0].strip():
                body.pop(0)
        yield Block(language.strip(), "\n".join(body) + "\n", file, number)


def _commands(lines: list[str]) -> Iterator[Command]:
    text: str | None = None
    printed: list[str] = []
    for line in [*lines, "$ "]:
        if line.startswith("$ "):
            if text is not None:
                yield _command(text, printed)
            text, printed = line[2:], []
        elif line.startswith("> ") and not printed:
            text = f"{text}\n{line[2:]}"
        else:
            printed.append(line)


def _command(text: str, printed: list[str]) -> Command:
    while printed and not printed[-1].strip():
        printed.pop()
    code = 0
    if printed and (found := re.fullmatch(r"\[exit (\d+)\]", printed[-1])):
        code = int(found[1])
        printed.pop()
    return Command(text, tuple(printed) or None, code)


PLAIN = str.maketrans("\u00a0\u202f", "  ")
"""Pages are written with plain spaces, where French sentences are printed with no-break ones."""


def fits(shown: tuple[str, ...], printed: list[str]) -> bool:
    """Whether ``printed`` is what ``shown`` shows, with ``...`` for anything."""
    parts = []
    for line in shown:
        if line.strip() == "...":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append(r"[^\n]*?".join(re.escape(part.rstrip()) for part in line.rstrip().split("...")) + r"[ ]*\n")
    said = "".join(line.rstrip() + "\n" for line in printed).translate(PLAIN)
    return re.fullmatch("".join(parts).translate(PLAIN), said) is not None


@dataclass
class Story:
    """A page at work: a folder, a shell, a Python namespace, a free port."""

    folder: Path
    lang: str
    port: int
    shell: subprocess.Popen[str]
    lines: queue.Queue[str | None]
    names: dict[str, object] = field(default_factory=lambda: {"__name__": "__main__"})

    def run(self, command: str) -> tuple[int, list[str]]:
        """The exit code of a command, and the lines that it prints."""
        end = f"end-{secrets.token_hex(8)}"
        assert self.shell.stdin is not None
        self.shell.stdin.write(f"{self._here(command)}\nprintf '\\n%s %s\\n' {end} $?\n")
        self.shell.stdin.flush()
        printed: list[str] = []
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"still running after {SECONDS} s: {command}") from None
            if line is None:
                raise EOFError(f"the shell ended at: {command}")
            if line.startswith(end):
                break
            printed.append(line.removesuffix("\n").replace(f"127.0.0.1:{self.port}", HERE))
        if printed and printed[-1] == "":  # the line feed before the end mark
            printed.pop()
        return int(line.split()[1]), printed

    def write(self, block: Block) -> None:
        """Makes the file that a block shows."""
        assert block.file is not None
        path = self.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(block.content), "utf-8")

    def python(self, block: Block) -> None:
        """Runs a block of Python; raises what it raises, and `AssertionError` where a doctest fails."""
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            if ">>>" not in block.content:
                exec(compile(self._here(block.content), f"line {block.line}", "exec"), self.names)
                return
            parsed = doctest.DocTestParser().get_doctest(
                self._here(block.content), self.names, "example", None, block.line
            )
            said: list[str] = []
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
            result = runner.run(parsed, out=said.append, clear_globs=False)
            self.names.update(parsed.globs)
            assert not result.failed, "".join(said)
        finally:
            os.chdir(before)

    def _here(self, text: str) -> str:
        return text.replace(HERE, f"127.0.0.1:{self.port}")


@contextmanager
def story(lang: str = "en") -> Iterator[Story]:
    """A fresh story; whatever its shell started ends with it."""
    with tempfile.TemporaryDirectory(prefix="datahub-docs-") as name:
        port = free_port()
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("DATAHUB_", "LC_", "LANG"))
        }
        environment |= {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "LANG": {"fr": "fr_FR.UTF-8", "en": "C.UTF-8"}[lang],
            "PYTHONUTF8": "1",
            "DATAHUB_PORT": str(port),
            "DATAHUB_BASE_IRI": f"http://127.0.0.1:{port}/",
            "HOME": name,
            "COLUMNS": "200",
            "NO_COLOR": "1",
        }
        folder = Path(name) / "work"
        folder.mkdir()
        shell = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_read, args=(shell, lines), daemon=True).start()
        try:
            yield Story(folder, lang, port, shell, lines)
        finally:
            os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()


def _read(shell: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert shell.stdout is not None
    with shell.stdout as stream:
        for line in stream:
            lines.put(line)
    lines.put(None)


def language_of(page: Path) -> str:
    """The language of a page: that of its folder."""
    return "fr" if page.relative_to(DOCS).parts[0] == "fr" else "en"


def fresh(page: Path) -> str:
    """The text of a page with what its commands print now, where that is not what it shows."""
    text = page.read_text("utf-8")
    with story(language_of(page)) as told:
        for block in blocks(text):
            if block.file is not None:
                told.write(block)
            elif block.language == "python":
                told.python(block)
            elif block.language == "console":
                shown = "".join(_retold(told, command) for command in block.commands)
                text = text.replace(block.content, shown, 1)
    return text


def _retold(told: Story, command: Command) -> str:
    code, printed = told.run(command.text)
    fitting = code == command.code and (command.printed is None or fits(command.printed, printed))
    below = list(command.printed or ()) if fitting else printed
    lines = ["$ " + command.text.replace("\n", "\n> "), *below, *([f"[exit {code}]"] if code else [])]
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        place = Path(name).resolve()
        place.write_text(fresh(place), "utf-8")
