"""Turns: whoever wants to change one dataset waits in line, in this process and across processes."""

from __future__ import annotations

import fcntl
import hashlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock


class Turns:
    """Callers for one key go through one at a time, in the order in which they came (first in, first out)."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._lines: dict[str, deque[Event]] = {}

    @contextmanager
    def turn(self, key: str) -> Iterator[None]:
        """Waits until everyone who came before for ``key`` has left."""
        mine = Event()
        with self._guard:
            line = self._lines.setdefault(key, deque())
            line.append(mine)
            if len(line) == 1:
                mine.set()
        try:
            mine.wait()
            yield
        finally:
            with self._guard:
                first = line[0] is mine
                line.remove(mine)
                if not line:
                    del self._lines[key]
                elif first:
                    line[0].set()


@contextmanager
def file_lock(folder: Path, key: str) -> Iterator[None]:
    """Holds an advisory lock on a file for ``key``: one process at a time. The system frees it when the holder dies."""
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(key.encode()).hexdigest()[:32]
    with (folder / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
