"""Mapping: RML and YARRRML compiled to column plans that lift native tables to RDF, and lower RDF to native tables.

>>> from datahub.mapping import lift, parse
>>> lifted = lift(parse(Path("mapping.ttl")))  # sources lie beside the mapping

Parse, plan and execute are separate steps: `parse` gives a `Mapping` (plain values), `plan` a printable `Plan`, `lift` and `lower`
run it forwards and backwards.
"""

from __future__ import annotations

import polars as pl

from datahub.mapping import listing
from datahub.mapping.lifting import DEFAULT_BASE, Lifted, lift
from datahub.mapping.loss import Loss
from datahub.mapping.lowering import Lowered, Reread, lower
from datahub.mapping.model import Mapping
from datahub.mapping.parsing import parse
from datahub.mapping.plan import Plan, SourcePlan, plan
from datahub.mapping.streaming import Written, lift_to


def columns(mapping: Mapping | Plan) -> pl.DataFrame:
    """Each use of each source column, its path and whether it can be read back: see `datahub.mapping.listing.columns`."""
    return listing.columns(mapping if isinstance(mapping, Plan) else plan(mapping))


__all__ = [
    "DEFAULT_BASE",
    "Lifted",
    "Loss",
    "Lowered",
    "Mapping",
    "Plan",
    "Reread",
    "SourcePlan",
    "Written",
    "columns",
    "lift",
    "lift_to",
    "lower",
    "parse",
    "plan",
]
