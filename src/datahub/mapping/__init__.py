"""Mapping: RML and YARRRML compiled to column plans that lift native tables to RDF, and lower RDF to native tables.

>>> from datahub.mapping import lift, parse
>>> lifted = lift(parse(Path("mapping.ttl")))  # sources lie beside the mapping

Parse, plan and execute are separate steps: `parse` gives a `Mapping` (plain values), `plan` a printable `Plan`, `lift` runs it.
"""

from __future__ import annotations

from datahub.mapping.lifting import Lifted, lift
from datahub.mapping.model import Mapping
from datahub.mapping.parsing import parse
from datahub.mapping.plan import Plan, SourcePlan, plan

__all__ = ["Lifted", "Mapping", "Plan", "SourcePlan", "lift", "parse", "plan"]
