"""Where the records are in an XML document, and which elements and attributes they have."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from datahub.errors import InputError
from datahub.i18n import Text
from datahub.sources import xml
from datahub.sources.limits import Limits

_DEEP = 5
ITEMS = 2_000
"""Records whose elements are looked at."""
_INNER = 50
"""Elements of one list in a record that are looked at."""
_XML = "{http://www.w3.org/XML/1998/namespace}"
_PREFIX = re.compile(r"([^\W\d][\w.-]*):")
_Kind = Literal["value", "list", "deep"]


@dataclass(frozen=True)
class Elements:
    """``iterator``: the XPath of the records. ``paths``: reference → what it is called for people. ``lists``: the same of elements
    that repeat within a record and have elements or attributes of their own. ``left_out``: what is nested too deep. ``spaces``:
    the namespaces of the prefixes in these paths; that of names without any under no prefix."""

    iterator: str
    paths: Mapping[str, str]
    lists: Mapping[str, str]
    left_out: tuple[str, ...]
    spaces: Mapping[str, str]


def elements(data: bytes, limits: Limits) -> Elements:
    """The elements and attributes of the records in an XML document: the element that comes most often, and not within another one
    that repeats. Names without prefix are in the default namespace; other names have the prefix that the root gives them.

    Raises:
        InputError: as `datahub.sources.xml.read`; ``sample-records`` where no element has elements or attributes.
    """
    root = xml.document(data, limits)
    prefixes = {space: prefix for prefix, space in root.nsmap.items() if prefix}
    iterator, items = _records(root, prefixes)
    found: dict[_Kind, dict[str, str]] = {"value": {}, "list": {}, "deep": {}}
    for item in items[:ITEMS]:
        for kind, reference, title in _leaves(item, prefixes, (), ()):
            found[kind].setdefault(reference, title)
    paths, left_out = found["value"], found["deep"]
    if not paths:
        raise InputError(
            "sample-records",
            Text(
                "No element of this XML holds elements or attributes.", "Aucun élément de ce XML n'a de contenu propre."
            ),
            Text("Give a document with one element per record.", "Donnez un document avec un élément par fiche."),
        )
    used = {prefix for path in (iterator, *paths) for prefix in _PREFIX.findall(path)}
    spaces = {prefix: space for space, prefix in prefixes.items() if prefix in used}
    default = root.nsmap.get(None)
    return Elements(
        iterator, paths, found["list"], tuple(left_out.values()), {"": default, **spaces} if default else spaces
    )


def _records(root: Any, prefixes: Mapping[str, str]) -> tuple[str, list[Any]]:
    """The path of the records and the records: level by level, the first elements that repeat; the root where none does."""
    level: deque[tuple[str, list[Any]]] = deque([(f"/{_step(root.tag, prefixes)}", [root])])
    repeated: list[tuple[str, list[Any]]] = []
    single: list[tuple[str, list[Any]]] = []
    while level:
        path, nodes = level.popleft()
        holding = [node for node in nodes if len(node) or node.attrib]
        if len(holding) > 1:
            repeated.append((path, nodes))
            continue
        single += [(path, nodes)] if holding else []
        groups: dict[str, list[Any]] = {}
        for child in (child for node in nodes for child in node if isinstance(child.tag, str)):
            groups.setdefault(f"{path}/{_step(child.tag, prefixes)}", []).append(child)
        level.extend(groups.items())
    if repeated:
        return _unwrapped(*max(repeated, key=lambda found: len(found[1])), prefixes)
    return max(single, key=lambda found: len(found[1][0]), default=(f"/{_step(root.tag, prefixes)}", [root]))


def _unwrapped(path: str, items: list[Any], prefixes: Mapping[str, str]) -> tuple[str, list[Any]]:
    """What the items are only a wrapping of, as ``wfs:member`` is."""
    inner = [[child for child in item if isinstance(child.tag, str)] for item in items]
    tags = {child.tag for children in inner for child in children}
    alone = all(len(children) == 1 for children in inner) and not any(item.attrib for item in items)
    if not alone or len(tags) > 1 or not all(len(child) or child.attrib for [child] in inner):
        return path, items
    return _unwrapped(f"{path}/{_step(tags.pop(), prefixes)}", [child for [child] in inner], prefixes)


def _leaves(
    node: Any, prefixes: Mapping[str, str], steps: tuple[str, ...], titles: tuple[str, ...]
) -> Iterator[tuple[_Kind, str, str]]:
    """Each text and attribute in ``node``, each list of elements, and what is nested too deep: reference and title."""
    for name in node.attrib:
        shown = "xml:" + name.removeprefix(_XML) if name.startswith(_XML) else _step(name, prefixes)
        if "*" not in shown:
            yield "value", "/".join((*steps, f"@{shown}")), " ".join((*titles, _local(name)))
    children = [child for child in node if isinstance(child.tag, str)]
    if not children:
        if steps and (node.text or "").strip():
            yield "value", "/".join(steps), " ".join(titles)
        return
    counts = Counter(child.tag for child in children)
    seen: Counter[str] = Counter()
    for child in children:
        seen[child.tag] += 1
        if seen[child.tag] > _INNER:
            continue
        own, path = (*titles, _local(child.tag)), (*steps, _step(child.tag, prefixes))
        inner = any(isinstance(each.tag, str) for each in child)
        if inner and len(own) >= _DEEP:
            yield "deep", "/".join(path), " ".join(own)
            continue
        if counts[child.tag] > 1 and (inner or (child.attrib and not (child.text or "").strip())):
            yield "list", "/".join(path), " ".join(own)
        yield from _leaves(child, prefixes, path, own)


def _step(tag: str, prefixes: Mapping[str, str]) -> str:
    """The XPath step to ``tag``; the reader takes the default namespace off."""
    space, _, local = tag.rpartition("}")
    if not space:
        return local
    prefix = prefixes.get(space[1:])
    return f"{prefix}:{local}" if prefix else f"*[local-name()='{local}']"


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
