"""Writes the pages of the reference that are made from the product itself: ``python docs/generate.py [FOLDER]``.

Sphinx calls `write` at the start of each build (see conf.py), so these pages can't lag behind the code and data they describe.
"""

from __future__ import annotations

import sys
from pathlib import Path

from generators import connectors, errors, http, matrix, ontologies, reports, settings, shapes, terminal

SOURCES = (terminal, http, connectors, matrix, ontologies, shapes, reports, errors, settings)


def pages() -> dict[str, str]:
    """Path below the folder of generated pages, without ending → the page in Markdown."""
    made: dict[str, str] = {}
    for source in SOURCES:
        made |= source.pages()
    return made


def write(folder: Path) -> None:
    """Brings ``folder`` to exactly `pages`; a file that is as it should be is left alone, so that Sphinx need not read it again."""
    wanted = {folder / f"{name}.md": text for name, text in pages().items()}
    for path, text in wanted.items():
        if not path.is_file() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    for path in set(folder.rglob("*.md")) - set(wanted):
        path.unlink()


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "_generated")
