"""Tables to XML: elements and attributes are rebuilt from the XPaths of the columns and of the iterator.

What `datahub.sources.xml` reads of a document, in the other direction and in columns: ``@id`` is an attribute of the record,
``price/@currency`` one of an element in it, ``tag`` with several values an element for each. Only paths of plain names can be
written: prefixes, positions, conditions and functions say where something is found, not where it was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

_NAME = re.compile(r"[^\W\d][\w.-]*")
_ITERATOR = re.compile(r"(?:/[^\W\d][\w.-]*){2,}")
_FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
"""What XML 1.0 can't hold, not even escaped (section 2.2)."""
_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_ATTRIBUTE = {**_TEXT, '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


@dataclass
class _Element:
    """An element: the columns of its ``attributes``, and either that of its ``text`` or ``children``."""

    attributes: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    children: dict[str, _Element] = field(default_factory=dict)

    def put(self, steps: Sequence[str], column: str) -> bool:
        """Puts ``column`` at ``steps`` from here; False where something else stands in the way, or a step is no plain name."""
        if not steps or steps[0] in (".", "text()"):
            if len(steps) > 1 or self.text is not None or self.children:
                return False
            self.text = column
            return True
        step, rest = steps[0], steps[1:]
        if step.startswith("@"):
            free = not rest and step[1:] not in self.attributes and _NAME.fullmatch(step[1:]) is not None
            if free:
                self.attributes[step[1:]] = column
            return free
        if self.text is not None or not _NAME.fullmatch(step):
            return False
        child = self.children.get(step) or _Element()
        done = child.put(rest, column)
        if done:
            self.children[step] = child
        return done


def _form(iterator: str, references: Sequence[str]) -> tuple[_Element, list[str]]:
    """The record, and those of ``references`` that can't be written."""
    record = _Element()
    if not _ITERATOR.fullmatch(iterator):
        return record, list(references)
    return record, [each for each in references if not record.put(each.split("/"), each)]


def unwritable(iterator: str, references: Sequence[str]) -> list[str]:
    """Those of ``references`` that can't be written: paths that are not of plain names, and a text where another one wants
    elements. All of them where ``iterator`` is not a path of plain names, two at least: a document has one root, around its
    records."""
    return _form(iterator, references)[1]


def write(table: pl.DataFrame, iterator: str) -> bytes:
    """``table`` as an XML document over which ``iterator`` goes; its columns are XPaths from the record, texts or lists of them.

    Empty cells are left out, and elements in which nothing is. Columns that are `unwritable` are left out; characters that XML
    can't hold are written as �.
    """
    record, _ = _form(iterator, table.columns)
    *around, name = iterator[1:].split("/")
    text = _element(table.schema, name, record)
    records = table.select(
        (text if text is not None else pl.lit(None, pl.String)).fill_null(f"<{name}/>").alias("text")
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(f"<{each}>\n" for each in around)
    tail = "".join(f"</{each}>\n" for each in reversed(around))
    body = "".join(f"{line}\n" for line in records["text"].head(table.height))
    return (head + body + tail).encode()


def _element(schema: pl.Schema, name: str, node: _Element) -> pl.Expr | None:
    """The text of ``node`` on each row, null where there is nothing in it; None where it has no column at all."""
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
        return pl.when(there).then(pl.concat_str([first, rest]))
    if node.text is not None:
        inside = [_escaped(pl.col(node.text), _TEXT)]
    else:
        made = (_element(schema, each, child) for each, child in node.children.items())
        inside = [each for each in made if each is not None]
    if not inside and not attributes:
        return None
    there = pl.any_horizontal(each.is_not_null() for each in (*inside, *attributes))
    return pl.when(there).then(pl.concat_str([start, *(each.fill_null("") for each in inside), end]))


def _first(schema: pl.Schema, column: str) -> pl.Expr:
    """A column of texts: an attribute has one."""
    return pl.col(column).list.first() if isinstance(schema[column], pl.List) else pl.col(column)


def _escaped(text: pl.Expr, marks: dict[str, str]) -> pl.Expr:
    return text.str.replace_all(_FORBIDDEN, "\ufffd").str.replace_many(list(marks), list(marks.values()))
