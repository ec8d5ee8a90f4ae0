"""Records as JSON-LD objects, each whole: the nodes below the root stand where the root links to them (JSON-LD 1.1 section 4.5)."""

from __future__ import annotations

import json
from typing import Any

from datahub.rdf.formats import write
from datahub.rdf.frame import Frame
from datahub.rdf.jsonld import Context
from datahub.rdf.split import split
from datahub.rdf.terms import PREFIXES

_GENERIC = tuple(":/?#[]@")
_DEPTH = 30
"""Nodes deeper than this are listed in ``@included``, so that no record can exhaust the stack."""


def context() -> dict[str, str]:
    """The prefixes that the objects are written with; served as a context document."""
    return {prefix: namespace for prefix, namespace in PREFIXES.items() if namespace.endswith(_GENERIC)}


def objects(frame: Frame, context_url: str) -> dict[str, dict[str, Any]]:
    """One JSON-LD object per record of ``frame``, by the record's IRI; ``context_url`` is where `context` is served.

    Nodes that the root does not lead to follow in ``@included``.
    """
    if not len(frame):
        return {}
    document = json.loads(write(frame, "jsonld", context=Context.of_definition(context(), context_url)))
    nodes = {node["@id"]: node for node in document["@graph"]}
    records = split(frame)
    pairs = frame.triples.select("s").with_columns(records.owner.alias("owner")).unique().sort("owner", "s")
    names = records.index["record"]
    subjects: dict[str, list[str]] = {}
    for subject, owner in zip(frame.terms["lexical"].gather(pairs["s"]), pairs["owner"], strict=True):
        subjects.setdefault(names[owner], []).append(subject)
    return {record: _whole(record, own, nodes, context_url) for record, own in subjects.items()}


def _whole(record: str, subjects: list[str], nodes: dict[str, dict[str, Any]], context_url: str) -> dict[str, Any]:
    left = {name: nodes[name] for name in subjects if name in nodes}
    root = left.pop(record, {"@id": record})
    out = {"@context": context_url, **_embedded(root, left)}
    if left:
        out["@included"] = [_embedded(left.pop(name), left) for name in list(left) if name in left]
    return out


def _embedded(node: dict[str, Any], left: dict[str, dict[str, Any]], depth: int = 0) -> dict[str, Any]:
    """``node`` with the nodes of ``left`` that it links to in place of the links; they are taken out of ``left``."""

    def placed(value: Any) -> Any:
        if isinstance(value, list):
            return [placed(one) for one in value]
        if depth < _DEPTH and isinstance(value, dict) and set(value) == {"@id"} and value["@id"] in left:
            return _embedded(left.pop(value["@id"]), left, depth + 1)
        return value

    return {name: placed(value) for name, value in node.items()}
