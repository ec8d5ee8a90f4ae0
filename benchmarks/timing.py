"""Whole processes, timed from outside: start-up, reading and writing included, as a user waits for them."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Timer


@dataclass(frozen=True)
class Timing:
    """What the runs of one command took: ``seconds`` of each, and the highest peak memory of its main process in MB.
    ``said``: the end of what the last run printed. ``ended``: whether it came to an end; else ``seconds`` says how long it had."""

    name: str
    seconds: tuple[float, ...]
    megabytes: int
    said: str = ""
    ended: bool = True

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
    limit: float | None = None,
) -> Timing:
    """Runs ``command`` ``runs`` times; ``before`` prepares each run and is not timed. After ``limit`` seconds it is stopped.

    Raises:
        RuntimeError: it left with another exit code than those of ``accept``; holds the end of what it said.
    """
    seconds, peak, said, stopped = [], 0, b"", Event()
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
            start_new_session=limit is not None,
        )
        assert process.stdout is not None
        with _stopping(process, limit, stopped):
            said = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - started)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        peak = max(peak, usage.ru_maxrss // 1024)
        if stopped.is_set():
            assert limit is not None
            return Timing(name, (limit,), peak, ended=False)
        if code not in accept:
            raise RuntimeError(f"{name} left with code {code}: {said.decode(errors='replace')[-2000:]}")
    return Timing(name, tuple(seconds), peak, said.decode(errors="replace")[-2000:])


def in_turn(runs: int, *works: Callable[[], Timing]) -> tuple[Timing, ...]:
    """Times all of ``works`` once, then again, ``runs`` times: where the speed of a machine drifts, it does so for all of them."""
    return tuple(map(_together, zip(*([work() for work in works] for _ in range(runs)), strict=True)))


def _together(timings: Sequence[Timing]) -> Timing:
    seconds = tuple(second for timing in timings for second in timing.seconds)
    return replace(timings[-1], seconds=seconds, megabytes=max(timing.megabytes for timing in timings))


@contextmanager
def _stopping(process: subprocess.Popen[bytes], limit: float | None, stopped: Event) -> Iterator[None]:
    """Ends ``process`` and what it started after ``limit`` seconds, and says so by ``stopped``."""

    def stop() -> None:
        stopped.set()
        os.killpg(process.pid, signal.SIGKILL)

    if limit is None:
        yield
        return
    timer = Timer(limit, stop)
    timer.start()
    try:
        yield
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)  # in a session of its own the terminal does not reach it
        raise
    finally:
        timer.cancel()
