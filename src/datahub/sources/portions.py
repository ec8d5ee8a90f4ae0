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
    total = file.seek(0, os.SEEK_END) - file.seek(start)
    step = max(2, -(-total // max(1, round(total / size))))
    if first := file.read(step // 2):
        yield first
    while more := file.read(step):
        yield more
