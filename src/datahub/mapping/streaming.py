"""Lifts the files of a mapping batch by batch to N-Triples or N-Quads: what it takes does not grow with the file."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from collections.abc import Mapping as Dict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from datahub.findings import findings
from datahub.mapping.execution import Execution
from datahub.mapping.lenses import Codes, no_codes
from datahub.mapping.model import DEFAULT_BASE, Mapping
from datahub.mapping.ntriples import Lines, write
from datahub.mapping.plan import Plan, links, plan
from datahub.mapping.reading import batches, given_tables, read_sources, together
from datahub.sources.access import NOTHING, Access
from datahub.sources.table import Table

MAX_FINDINGS = 100_000
_AHEAD = 2
"""How many batches are read ahead: what takes longer at times holds nobody up."""
_KEPT = 31 << 20
"""The GNU C library keeps what was freed for the next piece, instead of giving it back and asking again for each, once it has seen
a block of so many bytes come and go (mallopt(3), M_MMAP_THRESHOLD: 32 MiB at most). Nothing is written to it: it costs nothing."""


@dataclass(frozen=True)
class Written:
    """``statements``: how many lines were written. ``findings``: of readers and lenses, `MAX_FINDINGS` at most; ``untold``: how
    many more there were."""

    statements: int
    findings: pl.DataFrame
    untold: int = 0


def lift_to(
    out: BinaryIO,
    mapping: Mapping | Plan,
    tables: Dict[str, Any] | Path | None = None,
    base: str = DEFAULT_BASE,
    codes: Codes | None = None,
    access: Access = NOTHING,
    *,
    graphs: bool = False,
) -> Written:
    """Writes the triples that ``mapping`` makes of ``tables`` to ``out`` as N-Triples, or N-Quads where ``graphs``.

    Arguments and errors as of `datahub.mapping.lift`. Files are read, lifted and written in batches, except those that a join
    needs as a whole. See `datahub.mapping.ntriples.Lines` for what may be written twice.
    """
    compiled = mapping if isinstance(mapping, Plan) else plan(mapping)
    lines = Lines(out, graphs=graphs)
    notes: list[pl.DataFrame] = []
    untold = 0
    bytes(_KEPT)
    writing: Future[None] | None = None
    with ThreadPoolExecutor(1) as writer:
        for batch, starts in _ahead(_batches(compiled, tables, access)):
            execution = Execution(compiled, batch, base, codes or no_codes, lines, starts)
            for note in execution.run():
                room = max(0, MAX_FINDINGS - sum(map(len, notes)))
                untold += max(0, len(note) - room)
                notes += [note.head(room)] if room and len(note) else []
            made = lines.taken()
            execution.close()
            if writing is not None:
                writing.result()
            writing = writer.submit(write, made)
    if writing is not None:
        writing.result()
    told = pl.concat(notes).unique(maintain_order=True) if notes else findings()
    return Written(lines.written, told, untold)


Batch = tuple[Dict[str, Table], Dict[str, int]]
"""Tables by source key, and how many lines of each source came before."""


def _batches(compiled: Plan, tables: Dict[str, Any] | Path | None, access: Access) -> Iterator[Batch]:
    """The sources that joins connect, whole and together; the others one batch after the other."""
    if isinstance(tables, Dict):
        yield given_tables(compiled, tables), {}
        return
    joined = {
        compiled.key(end)
        for m in compiled.mapping.maps
        for link in links(m)
        if link.joins
        for end in (m, compiled.mapping.map(link.parent))
    }
    if joined:
        yield read_sources(compiled, tables, [s for s in compiled.sources if s.key in joined], access), {}
    for sources in together(compiled, [source for source in compiled.sources if source.key not in joined]):
        starts = dict.fromkeys((source.key for source in sources), 0)
        for found in batches(compiled, sources, tables, access):
            yield found, dict(starts)
            for key, table in found.items():
                starts[key] += len(table)


def _ahead(made: Iterator[Batch]) -> Iterator[Batch]:
    """``made``, of which the next are read while the last is worked on."""
    with ThreadPoolExecutor(1) as reader:
        following = deque(reader.submit(next, made, None) for _ in range(_AHEAD))
        try:
            while (current := following.popleft().result()) is not None:
                following.append(reader.submit(next, made, None))
                yield current
        finally:
            for unwanted in following:  # nobody waits for what comes after a failure
                unwanted.cancel()
