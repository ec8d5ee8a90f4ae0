"""Tables to XML: elements and attributes are rebuilt from the XPaths of the columns and of the iterator.

What `datahub.sources.xml` reads of a document, in the other direction and in columns: ``@id`` is an attribute of the record,
``price/@currency`` one of an element in it, ``tag`` with several values an element for each. Only paths of plain names, and of
names whose prefix is declared, can be written: positions, conditions and functions say where something is found, not where it was.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from datahub.sources.limits import DEFAULT
from datahub.sources.table import Items

_NAME = re.compile(r"(?:([^\W\d][\w.-]*):)?[^\W\d][\w.-]*")
_READY = "\0"
"""Begins the names of columns that hold XML."""
NONE: Mapping[str, str] = MappingProxyType({})
_FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
"""What XML 1.0 can't hold, not even escaped (section 2.2)."""
_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_ATTRIBUTE = {**_TEXT, '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


@dataclass
class _Element:
    """An element: the columns of its ``attributes``, and either that of its ``text`` or ``children``. ``ready``: the column that
    holds the whole of it as XML, as often as it is there."""

    attributes: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    children: dict[str, _Element] = field(default_factory=dict)
    ready: str | None = None

    def put(self, steps: Sequence[str], column: str, prefixes: Collection[str]) -> bool:
        """Puts ``column`` at ``steps`` from here; False where something else stands in the way, or a step is no name."""
        if self.ready is not None:
            return False
        if not steps and column.startswith(_READY):
            if self.text is not None or self.children or self.attributes:
                return False
            self.ready = column
            return True
        if not steps or steps[0] in (".", "text()"):
            if len(steps) > 1 or self.text is not None or self.children:
                return False
            self.text = column
            return True
        step, rest = steps[0], steps[1:]
        if step.startswith("@"):
            free = not rest and step[1:] not in self.attributes and _named(step[1:], prefixes)
            if free:
                self.attributes[step[1:]] = column
            return free
        if self.text is not None or not _named(step, prefixes):
            return False
        child = self.children.get(step) or _Element()
        done = child.put(rest, column, prefixes)
        if done:
            self.children[step] = child
        return done


def _named(step: str, prefixes: Collection[str]) -> bool:
    """Whether ``step`` is a name, its prefix one of ``prefixes``; that of the language of XML itself need not be declared."""
    found = _NAME.fullmatch(step)
    return found is not None and (found[1] is None or found[1] == "xml" or found[1] in prefixes)


def _form(
    iterator: str, references: Sequence[str], lists: Sequence[str], prefixes: Collection[str]
) -> tuple[_Element, list[str], list[str]]:
    """The record, and those of ``references`` and of ``lists`` that can't be written."""
    record = _Element()
    empty, *steps = iterator.split("/")
    if empty or len(steps) < 2 or not all(_named(step, prefixes) for step in steps):
        return record, list(references), list(lists)

    def put(path: str, column: str) -> bool:
        way = path.split("/")
        return len(way) <= DEFAULT.max_depth and record.put(way, column, prefixes)

    failed = [each for each in lists if not put(each, _READY + each)]
    return record, [each for each in references if not put(each, each)], failed


def unwritable(
    iterator: str,
    references: Sequence[str],
    lists: Mapping[str, Sequence[str]] | None = None,
    namespaces: Mapping[str, str] = NONE,
) -> list[str]:
    """Those of ``references`` that can't be written: paths not of names or too deep, a text where another wants elements. All
    of them where ``iterator`` is not a path of names, two at least: a document has one root, around its records. ``lists``: paths
    of elements that come several times in a record, with the references from these. ``namespaces``: prefixes that may be used."""
    _, found, failed = _form(iterator, references, list(lists or {}), namespaces)
    for path, inner in (lists or {}).items():
        lacking = inner if path in failed else unwritable("/all/item", inner, namespaces=namespaces)
        found += [f"{path}/{name}" for name in lacking]
    return found


def write(
    table: pl.DataFrame,
    iterator: str,
    lists: Mapping[str, Items] | None = None,
    namespaces: Mapping[str, str] = NONE,
) -> bytes:
    """``table`` as an XML document over which ``iterator`` goes; its columns are XPaths from the record, texts or lists of them.

    Empty cells are left out, and elements in which nothing is. Columns that are `unwritable` are left out; characters that XML
    can't hold are written as �. ``lists``: elements that come several times in a record, by their path from it; they stand in the
    order given. ``namespaces``: those of the prefixes in the paths, and under no prefix that of names without any; they are
    declared at the root (Namespaces in XML 1.0, section 3).
    """
    inner = lists or {}
    record, *_ = _form(iterator, table.columns, list(inner), namespaces)
    for path, items in inner.items():
        form, *_ = _form("/all/item", items.columns.columns, (), namespaces)
        texts = _texts(items.columns, path.rpartition("/")[2], form)
        table = table.with_columns(items.gathered(texts, table.height).list.join("").alias(_READY + path))
    root, *around, name = iterator[1:].split("/")
    declared = "".join(
        f' {"xmlns:" + prefix if prefix else "xmlns"}="{_attribute(space)}"' for prefix, space in namespaces.items()
    )
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}{declared}>\n' + "".join(f"<{each}>\n" for each in around)
    tail = "".join(f"</{each}>\n" for each in (*reversed(around), root))
    body = "".join(f"{line}\n" for line in _texts(table, name, record))
    return (head + body + tail).encode()


def _texts(table: pl.DataFrame, name: str, node: _Element) -> pl.Series:
    """The element ``node``, called ``name``, of each row; where nothing is in it, empty."""
    made = _element(table, name, node)
    text = pl.repeat(None, table.height, dtype=pl.String, eager=True) if made is None else made
    return text.fill_null(f"<{name}/>")


def _attribute(text: str) -> str:
    for sign, escaped in _ATTRIBUTE.items():
        text = text.replace(sign, escaped)
    return text


def _element(table: pl.DataFrame, name: str, node: _Element) -> pl.Series | None:
    """The text of ``node`` on each row, null where there is nothing in it; None where it has no column at all. Each level is worked
    out on its own: an expression that names those below twice would double with each."""
    if node.ready is not None:
        return table[node.ready]
    schema = table.schema
    attributes = [
        pl.concat_str([pl.lit(f' {each}="'), _escaped(_first(schema, column), _ATTRIBUTE), pl.lit('"')])
        for each, column in node.attributes.items()
    ]
    start = pl.concat_str([pl.lit(f"<{name}"), *(each.fill_null("") for each in attributes), pl.lit(">")])
    end = pl.lit(f"</{name}>")
    if node.text is not None and isinstance(schema[node.text], pl.List):
        value = pl.col(node.text)
        other = pl.concat_str([pl.lit(f"<{name}>"), _escaped(pl.element(), _TEXT), end])
        first = pl.concat_str([start, _escaped(value.list.first(), _TEXT).fill_null(""), end])
        rest = value.list.slice(1).list.eval(other).list.join("").fill_null("")
        there = pl.any_horizontal(value.list.len() > 0, *(each.is_not_null() for each in attributes))
        return table.select(pl.when(there).then(pl.concat_str([first, rest])).alias("text")).to_series()
    if node.text is not None:
        inside = [_escaped(pl.col(node.text), _TEXT)]
    else:
        made = (_element(table, each, child) for each, child in node.children.items())
        inside = [pl.lit(each) for each in made if each is not None]
    if not inside and not attributes:
        return None
    there = pl.any_horizontal(each.is_not_null() for each in (*inside, *attributes))
    filled = pl.when(there).then(pl.concat_str([start, *(each.fill_null("") for each in inside), end]))
    return table.select(filled.alias("text")).to_series()


def _first(schema: pl.Schema, column: str) -> pl.Expr:
    """A column of texts: an attribute has one."""
    return pl.col(column).list.first() if isinstance(schema[column], pl.List) else pl.col(column)


def _escaped(text: pl.Expr, marks: dict[str, str]) -> pl.Expr:
    return text.str.replace_all(_FORBIDDEN, "\ufffd").str.replace_many(list(marks), list(marks.values()))
