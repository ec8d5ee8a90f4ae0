"""Is what a mapping refers to anywhere in a JSON or XML file? They leave out what is empty: rows without it prove nothing."""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datahub.sources import jsonpath

_XML_NAME = re.compile(r"(?:^|[/@:\[(])([^\W\d][\w.-]*)$")
Bytes = bytes | mmap.mmap


def absent(data: bytes | Path, formulation: str, references: list[str]) -> list[str]:
    """Those of ``references`` whose last name does not occur in ``data`` as a member or element name. A reference that has no name
    at its end (``items[0]``, ``text()``) is taken as present."""
    patterns = {reference: pattern for reference in references if (pattern := _pattern(formulation, reference))}
    if not patterns:
        return []
    with _opened(data) as content:
        return [reference for reference, pattern in patterns.items() if not pattern.search(content)]


def _pattern(formulation: str, reference: str) -> re.Pattern[bytes] | None:
    """What a file with the name holds at least once."""
    if formulation == "json":
        steps = jsonpath.parse(reference).steps
        names = [step.key for step in steps if isinstance(step, jsonpath.Name)]
        if not names or (steps[-1] != jsonpath.WILDCARD and not isinstance(steps[-1], jsonpath.Name)):
            return None
        spellings = {json.dumps(names[-1], ensure_ascii=ascii_only).encode() for ascii_only in (True, False)}
        return re.compile(b"(?:" + b"|".join(map(re.escape, spellings)) + rb")\s*:")
    found = _XML_NAME.search(reference)
    return re.compile(rb"[<:\s]" + re.escape(found[1].encode()) + rb"[\s=/>]") if found else None


@contextmanager
def _opened(data: bytes | Path) -> Iterator[Bytes]:
    if not isinstance(data, Path):
        yield data
        return
    with data.open("rb") as file:
        if not data.stat().st_size:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield content
