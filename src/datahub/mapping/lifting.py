"""Lift: native tables to a frame."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from datahub.findings import findings
from datahub.mapping.execution import Block, Execution
from datahub.mapping.lenses import Codes, no_codes
from datahub.mapping.model import DEFAULT_BASE, Mapping
from datahub.mapping.plan import Plan, plan
from datahub.mapping.reading import given_tables, read_sources
from datahub.rdf.frame import Frame, FrameBuilder
from datahub.sources.access import NOTHING, Access


@dataclass(frozen=True)
class Lifted:
    """What a lift made: the frame, and the findings of readers and lenses."""

    frame: Frame
    findings: pl.DataFrame


def lift(
    mapping: Mapping | Plan,
    tables: Dict[str, Any] | Path | None = None,
    base: str = DEFAULT_BASE,
    codes: Codes | None = None,
    access: Access = NOTHING,
) -> Lifted:
    """The triples that ``mapping`` makes of ``tables``.

    ``tables``: by source key (`Plan.sources`; the extension may be left out), each a `Table` or a data frame of Polars, pandas or
    Arrow; or the folder in which the sources lie (by default the mapping's own), or the one file that is the source. ``base``: put
    before relative IRIs. ``codes``: the code tables of ``fn:lookup``. ``access``: the databases and web addresses that the mapping
    may reach (none by default).
    A value that its lens can't read makes a finding and no triple; an empty cell makes no triple.
    Raises `InputError` where a source can't be read, `DefinitionError` where the mapping is broken.
    """
    compiled = mapping if isinstance(mapping, Plan) else plan(mapping)
    given = (
        given_tables(compiled, tables) if isinstance(tables, Dict) else read_sources(compiled, tables, access=access)
    )
    collected = _Collected(FrameBuilder())
    notes = Execution(compiled, given, base, codes or no_codes, collected).run()
    return Lifted(collected.builder.build(), pl.concat(notes) if notes else findings())


@dataclass(frozen=True)
class _Collected:
    """Blocks of triples as a frame."""

    builder: FrameBuilder

    def add(self, block: Block) -> None:
        self.builder.add(block.subject, block.predicate, block.value, block.graph, block.rows)
