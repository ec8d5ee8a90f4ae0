"""XML files of any size: records are picked while the file is read, and forgotten once they are a row."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from datahub.rdf import guards
from datahub.sources import encoding, xml
from datahub.sources.limits import DEFAULT, Limits
from datahub.sources.table import Table

WHOLE_BYTES = 8 << 20
"""Smaller files are read as a whole."""
PIECE_ROWS = 20_000
_STEPS = re.compile(r"(?:/(?:[^\W\d][\w.-]*:)?(?:[^\W\d][\w.-]*|\*))+")
_LEAVES = re.compile(
    r"(?:^|[\[(,|=<>+\s])/|\.\.|ancestor|parent|preceding|following|\bid\(|\blast\(|\bposition\(|\bkey\("
)
"""Where an XPath asks for more than the record: paths from the root, upwards or sideways."""


def batches(
    path: Path,
    iterator: str,
    references: Sequence[str],
    *,
    name: str | None = None,
    limits: Limits = DEFAULT,
    namespaces: Mapping[str, str] | None = None,
    whole: int = WHOLE_BYTES,
    rows: int = PIECE_ROWS,
) -> Iterator[Table]:
    """The records of a file as tables of about ``rows`` rows, together what `xml.read` gives.

    Files below ``whole`` bytes, iterators that are no plain path of names (``/catalogue/product``), and references that lead out
    of the record are read as a whole, within ``limits``; otherwise the file may be of any size. Raises as `xml.read`.
    """
    if path.stat().st_size < whole or not _STEPS.fullmatch(iterator) or any(map(_LEAVES.search, references)):
        yield xml.read(path, iterator, references, name=name, limits=limits, namespaces=namespaces)
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        encoding.refuse_binary(content[:16])
        # Checked first, so that nothing is written of a file that is cut or hostile further on.
        guards.check_xml(content, guards.Limits(limits.max_bytes, limits.max_depth))  # type: ignore[arg-type]
    before = 0
    picks: list[xml.Evaluator] = []
    records = _records(path, iterator, dict(namespaces or {}))
    while True:
        made = []
        for record, prefixes in _next(records, rows):
            picks = picks or [xml.evaluator(each, prefixes) for each in references]
            made.append(xml.picked(record, picks))
        if not made and before:
            return
        columns = [xml.column(each, [row[at] for row in made]) for at, each in enumerate(references)]
        frame = pl.DataFrame(columns) if columns else pl.DataFrame({"": [None] * len(made)}).drop("")
        numbers = pl.arange(before + 1, before + len(made) + 1, dtype=pl.UInt32, eager=True).alias("row")
        yield Table(name or path.stem, frame, numbers)
        before += len(made)
        if len(made) < rows:
            return


def _next(records: Iterator[Any], count: int) -> Iterator[Any]:
    """The next ``count`` of ``records``, one at a time: each is gone when the following one is asked for."""
    for _, record in zip(range(count), records, strict=False):
        yield record


def _records(path: Path, iterator: str, namespaces: dict[str, str]) -> Iterator[tuple[Any, dict[str, str]]]:
    """Each record with the prefixes that its references use."""
    steps = [step.rpartition(":") for step in iterator[1:].split("/")]
    last = steps[-1][2]
    events = etree.iterparse(
        str(path),
        events=("end",),
        tag=None if last == "*" else f"{{*}}{last}",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
    )
    prefixes: dict[str, str] | None = None
    default: str | None = None
    for element in _ended(events):
        if prefixes is None:
            root = element.getroottree().getroot()
            prefixes = {prefix: space for prefix, space in (*root.nsmap.items(), *namespaces.items()) if prefix}
            default = namespaces.get("") if namespaces else root.nsmap.get(None)
            spaces = [xml.space(prefix, prefixes, iterator) if prefix else default for prefix, _, _ in steps]
            names = [name for _, _, name in steps]
        lineage = [element, *element.iterancestors()][::-1]
        if len(lineage) != len(steps) or not all(map(_is, lineage, names, spaces, [bool(p) for p, _, _ in steps])):
            continue
        if default:
            xml.without_namespace(element, default)
        yield element, prefixes
        element.clear(keep_tail=True)
        while element.getprevious() is not None:
            del element.getparent()[0]


def _ended(events: Any) -> Iterator[Any]:
    """The elements that were read to their end."""
    try:
        for _, element in events:
            yield element
    except etree.XMLSyntaxError as error:
        raise xml.not_read(error) from None


def _is(element: Any, name: str, space: str | None, prefixed: bool) -> bool:
    """Whether ``element`` is what a step of the iterator names; a name without prefix is in the default namespace or in none."""
    if not isinstance(element.tag, str):
        return False
    found = etree.QName(element)
    if name != "*" and found.localname != name:
        return False
    if name == "*" and not prefixed:
        return True
    return found.namespace == space or (not prefixed and found.namespace is None)
