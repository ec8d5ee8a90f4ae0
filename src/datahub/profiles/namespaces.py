"""Prefixes, alias namespaces and bundled JSON-LD contexts, as `ontologies/namespaces.yaml` lists them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import yaml

from datahub.profiles.data import data_folder


@cache
def _table() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load(
        (data_folder("ontologies") / "namespaces.yaml").read_text("utf-8"), Loader=loader
    )
    return loaded


@cache
def prefixes() -> Mapping[str, str]:
    """Prefix → canonical namespace, for writing and for reading compact IRIs."""
    return MappingProxyType(_table()["prefixes"])


@cache
def aliases() -> Mapping[str, str]:
    """Namespace as it arrives → canonical namespace: the generations of DFC, https://schema.org/ and the like."""
    canonical = prefixes()
    return MappingProxyType(
        {alias: canonical[prefix] for prefix, known in _table()["aliases"].items() for alias in known}
    )


@cache
def contexts() -> Mapping[str, bytes]:
    """Address of a JSON-LD context → the bundled document that stands for it. No other context is ever read."""
    folder = data_folder("ontologies") / "contexts"
    return MappingProxyType(
        {
            address: (folder / file).read_bytes()
            for file, addresses in _table()["contexts"].items()
            for address in addresses
        }
    )


def expand(curie: str) -> str:
    """The IRI of a compact IRI such as ``schema:name``; anything else is returned as it is.

    >>> expand("schema:name")
    'http://schema.org/name'
    """
    prefix, colon, local = curie.partition(":")
    namespace = prefixes().get(prefix)
    return namespace + local if colon and namespace and not local.startswith("//") else curie


def compact(iri: str) -> str:
    """``iri`` under the longest namespace that it starts with, or as it is.

    >>> compact("http://schema.org/name")
    'schema:name'
    """
    fitting = [(len(namespace), prefix) for prefix, namespace in prefixes().items() if iri.startswith(namespace)]
    if not fitting:
        return iri
    length, prefix = max(fitting)
    return f"{prefix}:{iri[length:]}"
