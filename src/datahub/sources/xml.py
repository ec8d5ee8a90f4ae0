"""XML to tables by XPath 1.0, with document types, entities and the network off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from math import isfinite, isnan
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from datahub.errors import DefinitionError, InputError, Place
from datahub.i18n import Text
from datahub.rdf import guards
from datahub.sources import encoding
from datahub.sources.limits import DEFAULT, Limits, load
from datahub.sources.table import Table

_LIMITS = (etree.ErrorTypes.ERR_NAME_TOO_LONG, 114)
"""What the parser calls texts and names beyond its limits (libxml2: XML_ERR_NAME_TOO_LONG, XML_ERR_RESOURCE_LIMIT)."""


def read(
    data: bytes | Path,
    iterator: str,
    references: Sequence[str],
    *,
    name: str | None = None,
    limits: Limits = DEFAULT,
    namespaces: Mapping[str, str] | None = None,
    records: str | None = None,
) -> Table:
    """One row per node of the XPath ``iterator``, one column per reference (an XPath from that node).

    A column in which some node has several values holds lists, others single texts; empty texts are empty cells. Prefixes are
    those of the document's root, and names without prefix are in its default namespace; or they are those of ``namespaces``, and
    names without prefix are in none (RML-IO section 3.1), or in that which ``namespaces`` has under no prefix. The row is the
    number of the node, or of that among ``records`` (an XPath) that it lies in; nodes that lie in none are left out.

    Raises `InputError`: ``too-large``, ``empty``, ``xml-doctype``, ``too-deep``, ``syntax``, ``xml-too-long``, ``xml-rows``;
    `DefinitionError` ``xpath``.
    """
    title = name or (data.stem if isinstance(data, Path) else "table")
    root = _root(data, limits) if namespaces else document(data, limits)
    if namespaces and namespaces.get(""):
        without_namespace(root, namespaces[""])
    prefixes = {prefix: space for prefix, space in (*root.nsmap.items(), *(namespaces or {}).items()) if prefix}
    nodes = _nodes(root, iterator, prefixes)
    numbers: Sequence[int] = range(1, len(nodes) + 1)
    if records is not None:
        places = {record: number for number, record in enumerate(_nodes(root, records, prefixes), 1)}
        homes = [next((places[each] for each in node.iterancestors() if each in places), 0) for node in nodes]
        nodes = [node for node, home in zip(nodes, homes, strict=True) if home]
        numbers = [home for home in homes if home]
    if len(nodes) > limits.max_rows:
        raise InputError(
            "xml-rows",
            Text(
                f"The data has more than {limits.max_rows} records.",
                f"Les données ont plus de {limits.max_rows} fiches.",
            ),
        )
    picks = [evaluator(reference, prefixes) for reference in references]
    made = [picked(node, picks) for node in nodes]
    columns = [column(reference, [row[at] for row in made]) for at, reference in enumerate(references)]
    frame = pl.DataFrame(columns) if columns else pl.DataFrame({"": [None] * len(nodes)}).drop("")
    return Table(title, frame, pl.Series("row", numbers, dtype=pl.UInt32))


def _nodes(root: Any, path: str, prefixes: Mapping[str, str]) -> list[Any]:
    """The elements that the XPath ``path`` finds in the document of ``root``."""
    return [node for node in evaluator(path, prefixes)(root.getroottree()) if isinstance(node, etree._Element)]


def document(data: bytes | Path, limits: Limits = DEFAULT) -> Any:
    """The root element (lxml), its default namespace taken off, as `read` does. Raises `InputError` as it does."""
    root = _root(data, limits)
    default = root.nsmap.get(None)
    if default:
        without_namespace(root, default)
    return root


def _root(data: bytes | Path, limits: Limits) -> Any:
    content = load(data, limits)
    encoding.refuse_binary(content)
    if not content.strip():
        raise InputError("empty", Text("The file is empty.", "Le fichier est vide."))
    guards.check_xml(content, guards.Limits(limits.max_bytes, limits.max_depth))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise not_read(error) from None


def not_read(error: etree.XMLSyntaxError) -> InputError:
    """The error to tell instead of that of the parser."""
    line, column = error.position
    if error.code in _LIMITS:
        return InputError(
            "xml-too-long",
            Text(
                f"A text or a name of the XML is too long, at line {line}; texts may have 10 MB.",
                f"Un texte ou un nom du XML est trop long, à la ligne {line} ; un texte peut avoir 10 Mo.",
            ),
            place=Place(row=line),
        )
    return InputError(
        "syntax",
        Text(
            f"The XML is not well formed at line {line}, column {column}.",
            f"Le XML est mal formé à la ligne {line}, colonne {column}.",
        ),
        place=Place(row=line),
    )


def without_namespace(root: Any, space: str) -> None:
    """Takes the elements below ``root`` out of the namespace ``space``, so that plain names find them."""
    for element in root.iter(f"{{{space}}}*"):
        element.tag = etree.QName(element).localname


def space(prefix: str, prefixes: Mapping[str, str], path: str) -> str:
    """The namespace of ``prefix``. Raises `DefinitionError` ``xpath`` where ``path`` uses one that is not declared."""
    if prefix not in prefixes:
        raise _broken(path)
    return prefixes[prefix]


Evaluator = Callable[[Any], list[Any]]
"""What an XPath finds from a node."""


def picked(node: Any, picks: Sequence[Evaluator]) -> list[list[str]]:
    """The texts that each of ``picks`` finds in ``node``."""
    return [[text for value in pick(node) if (text := _text(value))] for pick in picks]


def evaluator(path: str, prefixes: Mapping[str, str]) -> Evaluator:
    """The XPath ``path``. Raises `DefinitionError` ``xpath`` where it can't be read, there or when it is used."""
    try:
        compiled = etree.XPath(path, namespaces=dict(prefixes), regexp=False, smart_strings=False)
    except etree.XPathSyntaxError:
        raise _broken(path) from None

    def evaluate(node: Any) -> list[Any]:
        try:
            found = compiled(node)
        except etree.XPathError:
            raise _broken(path) from None
        return found if isinstance(found, list) else [found]

    return evaluate


def _broken(path: str) -> DefinitionError:
    return DefinitionError(
        "xpath",
        Text(
            f"The XPath “{path}” can't be read, or uses a prefix that the document does not declare.",
            f"Le XPath « {path} » est illisible, ou utilise un préfixe que le document ne déclare pas.",
        ),
        place=Place(value=path),
    )


def column(name: str, found: list[list[str]]) -> pl.Series:
    """The texts of one reference in each record as a column: lists where one of them has several."""
    if any(len(texts) > 1 for texts in found):
        return pl.Series(name, [texts or None for texts in found], dtype=pl.List(pl.String))
    return pl.Series(name, [texts[0] if texts else None for texts in found], dtype=pl.String)


def _text(value: Any) -> str:
    if isinstance(value, etree._Element):
        return "".join(value.itertext())
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    return str(value[1] if isinstance(value, tuple) else value)  # a pair is a prefix and its namespace


def _number(value: float) -> str:
    """As XPath 1.0 section 4.2 (string) writes numbers: without exponent."""
    if not isfinite(value):
        return "NaN" if isnan(value) else "-Infinity" if value < 0 else "Infinity"
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
