"""Where the records are in a JSON document, and which members they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datahub.errors import InputError
from datahub.i18n import Text
from datahub.rdf import guards

_PLAIN = re.compile(r"^[A-Za-z_À-ÿ][\wÀ-ÿ-]*$")
_DEEP = 5
ITEMS = 2_000
"""Records whose members are looked at."""
_INNER = 50
"""Objects of one list in a record that are looked at."""


@dataclass(frozen=True)
class Members:
    """``iterator``: the JSONPath of the records. ``paths``: reference → what it is called for people. ``lists``: the same of the
    lists of objects in them. ``left_out``: lists of lists, and what is nested too deep. ``unquoted``: reference → number or
    boolean, where all values are such."""

    kind: str
    iterator: str
    paths: Mapping[str, str]
    lists: Mapping[str, str]
    left_out: tuple[str, ...]
    unquoted: Mapping[str, str]


def members(data: bytes) -> Members:
    """The members of the records in a JSON, JSON Lines or GeoJSON text.

    Raises:
        InputError: ``json`` (with its line), ``too-deep``, ``sample-records`` where there is no object.
    """
    documents = _documents(data)
    kind, iterator, items = _records(documents)
    paths: dict[str, str] = {}
    lists: dict[str, str] = {}
    left_out: dict[str, None] = {}
    kinds: dict[str, set[str]] = {}
    for item in items[:ITEMS]:
        for reference, title, value in _leaves(item, "", ()):
            if value is _OBJECTS:
                lists.setdefault(reference, title)
            elif value is _UNREAD:
                left_out[title] = None
            else:
                paths.setdefault(reference, title)
                kinds.setdefault(reference, set()).update(_kinds(value))
    if kind == "geojson":
        paths = {name: title for name, title in paths.items() if name not in ("type", "geometry.type")}
        for at, title in enumerate(("longitude", "latitude")):
            paths.pop("geometry.coordinates[*]", None)
            paths[f"geometry.coordinates[{at}]"] = title
    paths = {name: title for name, title in paths.items() if name.removesuffix("[*]") not in lists}
    if kind == "json" and iterator == "$" and (lists or len(documents) == 1):
        iterator = "$[*]"  # reads one object as well as an array of them
    unquoted = {name: next(iter(own)) for name, own in kinds.items() if len(own) == 1 and own != {"text"}}
    return Members(kind, iterator, paths, lists, tuple(left_out), unquoted)


def _kinds(value: Any) -> set[str]:
    """How JSON writes ``value``, or the values of a list: as a text, a number or a boolean."""
    if isinstance(value, list):
        return {kind for each in value for kind in _kinds(each)}
    if value is None:
        return set()
    return {"boolean" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "text"}


_OBJECTS = object()
_UNREAD = object()


def _documents(data: bytes) -> list[Any]:
    text = data.decode("utf-8-sig", "replace")
    guards.check_json_depth(text.encode())
    try:
        return [json.loads(text)]
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1 and lines[0].rstrip().endswith("}"):
            try:
                return [json.loads(line) for line in lines[:ITEMS]]
            except ValueError:
                pass
        row = getattr(error, "lineno", None)
        raise InputError(
            "json",
            Text(
                f"This is not valid JSON (line {row}).",
                f"Ce n'est pas du JSON valide (ligne {row}).",
            ),
        ) from None


def _records(documents: list[Any]) -> tuple[str, str, list[dict[str, Any]]]:
    """The kind, the iterator and the objects: the longest list of objects that is not inside another list."""
    if len(documents) > 1:
        return "json", "$", [each for each in documents if isinstance(each, dict)]
    (document,) = documents
    if isinstance(document, dict) and "@graph" in document:
        raise InputError(
            "sample-rdf",
            Text(
                "This is JSON-LD: a graph, which is RDF already.", "C'est du JSON-LD : un graphe, qui est déjà du RDF."
            ),
            Text(
                "Try “datahub validate” on it as it is, or the connector “dfc” for food.",
                "Essayez « datahub validate » tel quel, ou le connecteur « dfc » pour l'alimentation.",
            ),
        )
    if (
        isinstance(document, dict)
        and document.get("type") == "FeatureCollection"
        and isinstance(document.get("features"), list)
    ):
        return "geojson", "$.features[*]", [each for each in document["features"] if isinstance(each, dict)]
    lists = sorted(_lists(document, "$", 0), key=lambda found: -len(found[1]))
    if lists and (isinstance(document, list) or not _is_record(document, lists[0])):
        return "json", f"{lists[0][0]}[*]", lists[0][1]
    if isinstance(document, dict):
        return "json", "$", [document]
    raise InputError(
        "sample-records",
        Text("There are no objects in this JSON.", "Il n'y a pas d'objets dans ce JSON."),
        Text("Give an array of objects, one per record.", "Donnez un tableau d'objets, un par fiche."),
    )


_ENVELOPE = frozenset({"items", "results", "data", "records", "rows", "member", "members", "graph", "list", "content"})
_OWN = frozenset({"id", "identifier", "uuid", "name", "title", "label", "nom", "titre"})


def _is_record(document: dict[str, Any], longest: tuple[str, list[dict[str, Any]]]) -> bool:
    """Whether a document is one record with lists in it, and not an envelope around a list of records."""
    path, items = longest
    last = re.split(r"[^A-Za-z]+", path.rstrip("']"))[-1].lower()
    own = {re.split(r"[^A-Za-z]+", name)[-1].lower() for name, value in document.items() if not isinstance(value, list)}
    return last not in _ENVELOPE and bool(own & _OWN) and len(document) > len(items[0])


def _lists(value: Any, path: str, depth: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    if isinstance(value, list):
        objects = [each for each in value if isinstance(each, dict)]
        if objects:
            yield path, objects
    elif isinstance(value, dict) and depth < _DEEP:
        for name, inner in value.items():
            yield from _lists(inner, f"{path}{_step(name)}", depth + 1)


def _leaves(value: Any, reference: str, titles: tuple[str, ...]) -> Iterator[tuple[str, str, Any]]:
    title = " ".join(titles)
    if isinstance(value, dict) and len(titles) < _DEEP:
        for name, inner in value.items():
            step = _step(name)
            own = titles if name == "properties" and not titles else (*titles, name)
            yield from _leaves(inner, f"{reference}{step}" if reference else step.removeprefix("."), own)
    elif isinstance(value, list):
        objects = [each for each in value if isinstance(each, dict)]
        if any(isinstance(each, list) for each in value) or (objects and len(titles) >= _DEEP):
            yield reference, title, _UNREAD
        elif objects:
            yield reference, title, _OBJECTS
            for each in objects[:_INNER]:
                yield from _leaves(each, f"{reference}[*]", titles)
        else:
            yield f"{reference}[*]", title, value
    elif isinstance(value, dict):
        yield reference, title, _UNREAD
    elif value is not None:
        yield reference, title, value


def _step(name: str) -> str:
    if _PLAIN.match(name):
        return f".{name}"
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{quoted}']"
