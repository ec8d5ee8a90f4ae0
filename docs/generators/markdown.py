"""Markdown for generated pages: escaping, tables, anchors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~^])")


def text(value: object) -> str:
    """Plain words as Markdown that shows exactly them, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(value).split())) if value is not None else ""


def code(value: object) -> str:
    """Something to be typed, in code type; empty for None and the empty text."""
    if value is None or value == "":
        return ""
    written = " ".join(str(value).split()).replace("|", "\\|")
    return f"`` {written} ``" if "`" in written else f"`{written}`"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are Markdown already."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(cell or " " for cell in line) + " |" for line in lines) + "\n"


def anchor(name: str) -> str:
    """A target that `[…](#name)` leads to, put before what it names."""
    return f"({name})=\n"


def slug(value: str) -> str:
    """``value`` as part of a target's name."""
    return re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")


def page(*blocks: str) -> str:
    """A page of blocks, with an empty line between them, and a note for whoever opens the file."""
    note = "% Made by docs/generate.py: edits here are lost."
    return "\n\n".join(block.strip("\n") for block in (note, *blocks) if block.strip()) + "\n"
