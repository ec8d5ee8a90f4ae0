"""Whole processes, timed from outside: start-up, reading and writing included, as a user waits for them."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Timing:
    """What the runs of one command took: ``seconds`` of each, and the highest peak memory of its main process in MB.
    ``said``: the end of what the last run printed."""

    name: str
    seconds: tuple[float, ...]
    megabytes: int
    said: str = ""

    @property
    def median(self) -> float:
        """The median of the runs, in seconds."""
        return statistics.median(self.seconds)


def timed(
    name: str,
    command: Sequence[str | Path],
    *,
    runs: int = 1,
    before: Callable[[], None] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    accept: tuple[int, ...] = (0,),
) -> Timing:
    """Runs ``command`` ``runs`` times; ``before`` prepares each run and is not timed.

    Raises:
        RuntimeError: it left with another exit code than those of ``accept``; holds the end of what it said.
    """
    seconds, peak, said = [], 0, b""
    for _ in range(runs):
        if before is not None:
            before()
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(env or {})},  # compiled once, as when installed
            cwd=cwd,
        )
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - started)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        peak = max(peak, usage.ru_maxrss // 1024)
        if code not in accept:
            raise RuntimeError(f"{name} left with code {code}: {said.decode(errors='replace')[-2000:]}")
    return Timing(name, tuple(seconds), peak, said.decode(errors="replace")[-2000:])
