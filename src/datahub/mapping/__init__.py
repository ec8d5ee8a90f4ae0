"""Mapping: RML and YARRRML compiled to column plans that lift native tables to RDF, and lower RDF to native tables.

>>> from datahub.mapping import lift, parse
>>> lifted = lift(parse(Path("mapping.ttl")))  # sources lie beside the mapping

Parse, plan and execute are separate steps: `parse` gives a `Mapping` (plain values), `plan` a printable `Plan`, `lift` and `lower`
run it forwards and backwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datahub.mapping.model import DEFAULT_BASE, Mapping
from datahub.mapping.parsing import parse
from datahub.mapping.plan import Plan, SourcePlan, plan
from datahub.mapping.streaming import Written, lift_to

if TYPE_CHECKING:
    from datahub.mapping.lifting import Lifted, lift
    from datahub.mapping.listing import columns
    from datahub.mapping.loss import Loss
    from datahub.mapping.lowering import Lowered, Reread, lower

_LATER = {
    "Lifted": "lifting",
    "Loss": "loss",
    "Lowered": "lowering",
    "Reread": "lowering",
    "columns": "listing",
    "lift": "lifting",
    "lower": "lowering",
}
"""Modules of what a file that is written as it is read does not need: they are imported when asked for."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


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
