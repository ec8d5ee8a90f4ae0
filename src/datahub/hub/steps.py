"""The stages of a push: how long each took, and whom to tell of their progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from datahub.hub.report import PushReport, Stage

Progress = Callable[[str, int, int], None]
"""Told of a stage: its name, how many items are done, and how many there are (0 while unknown)."""


@dataclass
class Steps:
    """Times the stages of a push and tells of their progress."""

    progress: Progress | None
    done: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[list[int]]:
        """One stage. The caller puts the number of items into the list."""
        items = [0]
        if self.progress is not None:
            self.progress(name, 0, 0)
        began = time.perf_counter()
        yield items
        self.done.append(Stage(name, round(time.perf_counter() - began, 6), items[0]))
        if self.progress is not None:
            self.progress(name, items[0], items[0])

    def waited(self, name: str, result: Callable[[], float], items: int) -> None:
        """A stage that runs beside others and whose ``result`` is how long it took, in seconds."""
        if self.progress is not None:
            self.progress(name, 0, 0)
        self.done.append(Stage(name, round(result(), 6), items))
        if self.progress is not None:
            self.progress(name, items, items)

    def completed(self, report: PushReport) -> PushReport:
        """``report`` with the stages so far."""
        return replace(report, stages=tuple(self.done))
