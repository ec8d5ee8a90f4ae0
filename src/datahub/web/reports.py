"""Which columns of a publisher's file hold personal data, so that reports that others read leave their values out."""

from __future__ import annotations

import re
from functools import lru_cache

from datahub.connectors import connector
from datahub.hub import Dataset
from datahub.profiles import expand
from datahub.rdf.terms import curie
from datahub.web.site import Site

_SEVERAL = re.compile(r", |\+")
"""Between several columns; the plus sign in reports of earlier versions."""
_STEP = re.compile(r"<[^<>]*>|[^\s<>/|^*?+()!]+")
"""One step of a path, as reports write them: ``schema:offeredBy/schema:email``, ``^<urn:p>``."""


def personal_columns(site: Site, dataset: Dataset) -> frozenset[str]:
    """What a report may call a column of ``dataset`` that is read into a property with the sensitivity *personal*: the names that
    the format has for it, in small letters, and the property itself, as IRI and in short."""
    return _personal(dataset.connector, site.personal)


def is_personal(column: str | None, personal: frozenset[str]) -> bool:
    """Whether ``column`` of a finding is one of ``personal`` or has one in it, as ``téléphone, courriel``."""
    if column is None:
        return False
    steps = (step.strip("<>") for step in _STEP.findall(column))
    return any(name.strip().casefold() in personal for name in (column, *_SEVERAL.split(column), *steps))


@lru_cache(maxsize=256)
def _personal(name: str, predicates: frozenset[str]) -> frozenset[str]:
    one = connector(name)
    read = {
        column
        for column, path in one.columns.select("column", "path").iter_rows()
        if any(expand(step) in predicates for step in path)
    }
    aliases = {
        alias
        for variant in one.definition.variants
        for field in variant.fields
        if field.name in read
        for alias in field.aliases
    }
    return frozenset(each.casefold() for each in (*read, *aliases, *predicates, *map(curie, predicates)))
