"""Standard output carries results and nothing else; progress and remarks go to standard error."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from datahub.cli.words import lang, say
from datahub.i18n import typeset

Progress = Callable[[str, int, int], None]
"""How far long work has come: the stage, what of it is done, and how much there is (0 when not known)."""


def out(text: str) -> None:
    """A result for people."""
    print(typeset(text, lang()))


def as_json(value: object) -> None:
    """A result for programs: in UTF-8 (RFC 8259 section 8.1), whatever the terminal can show."""
    write(json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n", None)


def note(text: str) -> None:
    """A remark beside the result."""
    print(typeset(text, lang()), file=sys.stderr)


def write(data: bytes, path: Path | None) -> None:
    """``data`` to the file ``path``, whole or not at all; without a path to standard output."""
    with sink(path) as file:
        file.write(data)


@contextmanager
def sink(path: Path | None) -> Iterator[BinaryIO]:
    """A file to write to. ``path`` is replaced when all is written, and left as it was when anything fails.

    A file that is replaced keeps its permissions; of a link, what it leads to is replaced.
    """
    if path is None or str(path) == "-":
        sys.stdout.flush()  # what was said before comes before
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if path.exists() and not path.is_file():  # a device or a pipe can't be replaced
        with path.open("wb") as file:
            yield file
        return
    target = Path(os.path.realpath(path))
    part = target.with_name(f".datahub-{os.urandom(8).hex()}")
    try:
        part.touch(exist_ok=False)
    except OSError as error:  # is told of what the user named
        missing = error.errno == errno.ENOENT
        raise OSError(error.errno, error.strerror, str(path.parent if missing else path)) from None
    try:
        if target.exists():
            part.chmod(stat.S_IMODE(target.stat().st_mode))
        with part.open("wb") as file:
            yield file
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def table(rows: Sequence[Sequence[object]], headers: Sequence[str]) -> str:
    """``rows`` under ``headers``, aligned, for people; empty cells for None."""
    cells = [
        [str(header) for header in headers],
        *[["" if cell is None else str(cell) for cell in row] for row in rows],
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headers))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def grid(rows: Sequence[Sequence[str]], headers: Sequence[str], indent: int = 0) -> None:
    """``rows`` under ``headers`` on standard output, long cells folded to the width of the terminal (160 where there is none)."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    wide = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else 160
    shown = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for header in headers:
        shown.add_column(Text(header), overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    terminal = Console(file=sys.stdout, width=wide, highlight=False)
    with terminal.capture() as captured:
        terminal.print(Padding(shown, (0, 0, 0, indent)))
    out("\n".join(line.rstrip() for line in captured.get().rstrip("\n").splitlines()))


_STAGES = {
    "read": ("reading", "lecture"),
    "lift": ("lifting", "conversion en RDF"),
    "split": ("cutting into records", "découpage en fiches"),
    "validate": ("checking", "vérification"),
    "compare": ("comparing", "comparaison"),
    "log": ("writing versions", "écriture des versions"),
    "index": ("indexing", "indexation"),
    "graph": ("SPARQL graph", "graphe SPARQL"),
    "upload": ("sending", "envoi"),
    "demo": ("samples", "exemples"),
    "export": ("writing", "écriture"),
}


def stage(name: str) -> str:
    """A stage of a push, or of another long work, in words."""
    return say(*_STAGES.get(name, (name, name)))


@contextmanager
def progress() -> Iterator[Progress]:
    """A bar per stage on standard error where that is a terminal; silent in pipes and logs."""
    if not sys.stderr.isatty():
        yield lambda stage, done, total: None
        return
    from rich import progress as rich
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn

    bars = rich.Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    tasks: dict[str, object] = {}
    with bars:

        def step(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(stage(name), total=total or None)
            bars.update(tasks[name], completed=done, total=total or None)  # type: ignore[arg-type]

        yield step
