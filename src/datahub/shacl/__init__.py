"""SHACL over columns: shapes are parsed once, then evaluated on whole sets of nodes.

    >>> from datahub.shacl import load, validate
    >>> report = validate(frame, load("shapes.ttl"))  # doctest: +SKIP
    >>> report.conforms, report.results, report.graph()  # doctest: +SKIP

See https://www.w3.org/TR/shacl/. SPARQL constraints and validators are answered by the embedded engine; two components of our own
(dh:notInFuture, dh:startsWithValueOf) are known natively. The room knows nothing of the hub.
"""

from datahub.shacl.doubt import Doubt, doubts, remarks
from datahub.shacl.model import Shape, Shapes
from datahub.shacl.parse import load
from datahub.shacl.reach import unreached
from datahub.shacl.report import RESULT_SCHEMA, NothingCheckedWarning, Report
from datahub.shacl.revalidation import revalidate
from datahub.shacl.validation import validate

__all__ = [
    "RESULT_SCHEMA",
    "Doubt",
    "NothingCheckedWarning",
    "Report",
    "Shape",
    "Shapes",
    "doubts",
    "load",
    "remarks",
    "revalidate",
    "unreached",
    "validate",
]
