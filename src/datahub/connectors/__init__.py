"""Connectors: declarative packages that read, and where possible write, one native format each.

>>> from datahub.connectors import connector
>>> lift = connector("bnlc").lift(Path("places.csv"), base="https://hub.example/records/places/")
>>> lift.frame, lift.findings
"""

from __future__ import annotations

from datahub.connectors.connector import Connector, connector, connectors, shipped
from datahub.connectors.definition import Definition
from datahub.connectors.explain import explain
from datahub.connectors.lift import Lift, Lowering
from datahub.connectors.translate import translate

__all__ = ["Connector", "Definition", "Lift", "Lowering", "connector", "connectors", "explain", "shipped", "translate"]
