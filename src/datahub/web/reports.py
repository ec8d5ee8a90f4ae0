"""Which columns of a publisher's file hold personal data, so that reports that others read leave their values out."""

from __future__ import annotations

from functools import lru_cache

from datahub.connectors import connector
from datahub.hub import Dataset
from datahub.profiles import expand
from datahub.web.site import Site


def personal_columns(site: Site, dataset: Dataset) -> frozenset[str]:
    """The native columns of ``dataset`` that are read into properties with the sensitivity *personal*."""
    return _personal(dataset.connector, site.personal)


@lru_cache(maxsize=256)
def _personal(name: str, predicates: frozenset[str]) -> frozenset[str]:
    table = connector(name).columns
    found = {
        column
        for column, path in table.select("column", "path").iter_rows()
        if any(expand(step) in predicates for step in path)
    }
    return frozenset(found | predicates)
