"""Office Open XML workbooks (.xlsx), before a library unpacks them: where their cells lie, and what texts they share."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from datahub.sources import archive, workbook
from datahub.sources.limits import Limits, check_size

_ROW = re.compile(rb"""\br\s*=\s*["'](?:[A-Za-z]{0,8})([0-9]{1,12})["']""")
_COLUMN = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,8})[0-9]""")
_STRING = re.compile(rb"<(?:\w+:)?si\b")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["']""")
_SHARED_NUMBER = re.compile(_SHARED.pattern + rb"""[^<>]*>\s*<(?:\w+:)?v\b[^<>]*>\s*(\d{1,9})""")


def check(content: bytes, limits: Limits) -> None:
    """Raises `InputError` ``too-large`` for cells far out, or larger than what is read, and what is said of an archive."""
    sizes: list[int] = []
    used = 0
    for name, part in archive.members(content, limits):
        text = part.replace(b"\0", b"")  # so that UTF-16 is read too
        starts = [found.start() for found in _STRING.finditer(text)]
        sizes += [end - start for start, end in pairwise([*starts, len(text)])] if starts else []
        used += len(_SHARED.findall(text))
        last_row = max((int(digits) for digits in _ROW.findall(text)), default=0)
        letters = set(_COLUMN.findall(text))
        last_column = max((column_number(column) for column in letters), default=0)
        workbook.check(last_row, last_column, limits, name)
    if used * max(sizes, default=0) > limits.max_bytes:
        _check_shared(content, limits, np.array(sizes))


def _check_shared(content: bytes, limits: Limits, sizes: np.ndarray) -> None:
    """Refuses sheets whose cells are larger than what is read, each with the text whose number it names: one long text becomes as
    many as there are cells."""
    total = 0
    for _, part in archive.members(content, limits):
        text = part.replace(b"\0", b"")
        named = np.array([int(number) for number in _SHARED_NUMBER.findall(text)], np.int64)
        known = named[named < len(sizes)]
        total += int(sizes[known].sum()) + (len(_SHARED.findall(text)) - len(known)) * int(sizes.max())
        check_size(total, limits)


def column_number(column: bytes) -> int:
    """The number of a column by its letters (A = 1)."""
    number = 0
    for letter in column.upper():
        number = number * 26 + letter - 64
    return number
