"""The hub: platforms push, everyone reads what they may.

>>> from datahub.hub import Hub
>>> with Hub(Settings(data_dir=Path("hub"))) as hub:  # doctest: +SKIP
...     hub.platforms.add("example.org", "Example")
...     hub.datasets.add("places", platform="example.org", connector="bnlc", title="Places", licence="https://…")
...     report = hub.push("places", Path("places.csv"))
"""

from datahub.graph import QueryResult
from datahub.grouping import Group
from datahub.hub.access import ApiKey, Platform
from datahub.hub.audience import ADMIN, ANONYMOUS, Reader
from datahub.hub.datasets import Dataset
from datahub.hub.hub import Hub, Rebuilt
from datahub.hub.reading import Changes, Facets, GoneError, Page, RecordView, Version
from datahub.hub.report import Counts, Finding, PushReport, Stage
from datahub.hub.search import RecordSummary
from datahub.hub.statistics import Statistics

__all__ = [
    "ADMIN",
    "ANONYMOUS",
    "ApiKey",
    "Changes",
    "Counts",
    "Dataset",
    "Facets",
    "Finding",
    "GoneError",
    "Group",
    "Hub",
    "Page",
    "Platform",
    "PushReport",
    "QueryResult",
    "Reader",
    "Rebuilt",
    "RecordSummary",
    "RecordView",
    "Stage",
    "Statistics",
    "Version",
]
