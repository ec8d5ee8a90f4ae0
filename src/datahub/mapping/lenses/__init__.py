"""Lenses: the functions that mappings may call, by IRI (RML-FNML).

`LENSES` are datahub's own, in the namespace ``https://w3id.org/datahub/ns/fn/``; `resolve` also knows the GREL and IDLab names.
"""

from __future__ import annotations

from datahub.mapping.lenses.grel import ALIASES
from datahub.mapping.lenses.lens import SEVERITY, Arguments, Codes, Lens, Parameter, no_codes
from datahub.mapping.lenses.registry import LENSES, Resolved, resolve

__all__ = [
    "ALIASES",
    "LENSES",
    "SEVERITY",
    "Arguments",
    "Codes",
    "Lens",
    "Parameter",
    "Resolved",
    "no_codes",
    "resolve",
]
