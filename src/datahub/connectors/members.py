"""Members of JSON objects that a mapping does not read."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from datahub.findings import findings

MAX_BYTES = 16 << 20
"""Larger files are not read a second time for what is only an information."""

_STEP = re.compile(r"\['([^']+)'\]|([^.\[\]]+)|\[[^\]]*\]")
_STRUCTURE = frozenset({"@context", "type", "geometry.type"})
"""Members that say what an object is, not what it holds."""

Tree = dict[str, "Tree"]


def unread_members(data: bytes | Path, iterator: str, references: Sequence[str]) -> pl.DataFrame:
    """The members of the items that none of ``references`` reads (severity info), with how many items have them.

    Objects are entered, lists are not. ``iterator`` names the list of items (``$.features[*]``), or the items are the document.
    """
    document = _document(data)
    if document is None:
        return findings()
    known = _tree(references)
    counts: Counter[str] = Counter()
    for item in _items(document, iterator):
        counts.update(_unread(item, known, ""))
    return findings(
        {
            "severity": "info",
            "code": "column-unknown",
            "column": name,
            "message_en": f"“{name}” is not read by this connector ({count}×).",
            "message_fr": f"« {name} » n'est pas lu par ce connecteur ({count}×).",
        }
        for name, count in counts.items()
        if name not in _STRUCTURE
    )


def _document(data: bytes | Path) -> Any:
    if (len(data) if isinstance(data, bytes) else data.stat().st_size) > MAX_BYTES:
        return None
    try:
        return json.loads(data if isinstance(data, bytes) else data.read_bytes())
    except (ValueError, RecursionError):
        return None


def _items(document: Any, iterator: str) -> Iterator[Any]:
    for name in _names(iterator):
        document = document.get(name) if isinstance(document, dict) else None
    yield from document if isinstance(document, list) else [document]


def _names(path: str) -> list[str]:
    steps = [(match[1] or match[2] or "").strip() for match in _STEP.finditer(path)]
    return [step for step in steps if step and step != "$"]


def _tree(references: Iterable[str]) -> Tree:
    root: Tree = {}
    for reference in references:
        node = root
        for name in _names(reference):
            node = node.setdefault(name, {})
    return root


def _unread(item: Any, known: Tree, path: str) -> Iterator[str]:
    if not isinstance(item, dict):
        return
    for name, value in item.items():
        if name not in known:
            yield path + name
        elif known[name]:
            yield from _unread(value, known[name], f"{path}{name}.")
