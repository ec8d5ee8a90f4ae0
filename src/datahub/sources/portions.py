"""How large the portions are in which a file is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO


def portions(file: BinaryIO, start: int, size: int) -> Iterator[bytes]:
    """What is in ``file`` from ``start`` on, about ``size`` bytes at a time.

    All are as large, but for the first and the last, half as large: nobody waits long for the first to be read, nor for
    what is made of the last to be written.
    """
    step = _step(file.seek(0, os.SEEK_END) - file.seek(start), size)
    if first := file.read(step // 2):
        yield first
    while more := file.read(step):
        yield more


def portion(at: int, total: int, size: int) -> int:
    """The number of the portion in which the byte ``at`` of ``total`` is, when portions are as `portions` gives them."""
    step = _step(total, size)
    return (at + step - step // 2) // step


def _step(total: int, size: int) -> int:
    return max(2, -(-total // max(1, round(total / size))))
