"""Tables to JSON: nested objects and arrays are rebuilt from the JSONPaths of the columns and of the iterator.

What `datahub.sources.json` reads of a document, in the other direction and in columns: ``price.amount`` is a member of an object,
``tags[*]`` an array of values, ``offers[*].price`` an array of objects, ``at[0]`` a place in an array, and ``^.name`` a member of
the object that encloses the item. Rows whose enclosing objects are the same stand in one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from datahub.rdf.jsonld import json_string
from datahub.rdf.terms import XSD
from datahub.sources import jsonpath
from datahub.sources.jsonpath import WILDCARD, Name, Path, Step
from datahub.sources.table import Items

NUMBER = "number"
"""In place of a datatype: integers and doubles, told apart by how they are written."""

_INTEGER = "-?(0|[1-9][0-9]*)"
_DOUBLE = _INTEGER + r"(\.[0-9]+([eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)"
_RAW = {
    XSD + "integer": f"^{_INTEGER}$",
    XSD + "double": f"^{_DOUBLE}$",
    XSD + "boolean": "^(true|false)$",
    NUMBER: f"^({_INTEGER}|{_DOUBLE})$",
}
_TEXT = "\0text"
_READY = "\0"
"""Begins the names of columns that hold JSON text."""


@dataclass
class _Node:
    """A place: ``column`` (a value, or a list of them), or ``members`` by name, ``places`` by position, or ``items``."""

    column: str | None = None
    members: dict[str, _Node] = field(default_factory=dict)
    places: dict[int, _Node] = field(default_factory=dict)
    items: _Node | None = None

    def put(self, steps: Sequence[Step], column: str) -> bool:
        """Puts ``column`` at ``steps`` from here; False where something else stands in the way."""
        if self.column is not None:
            return False
        if not steps:
            if self.members or self.places or self.items:
                return False
            self.column = column
            return True
        step, rest = steps[0], steps[1:]
        if isinstance(step, Name):
            return not (self.places or self.items) and self.members.setdefault(step.key, _Node()).put(rest, column)
        if step == WILDCARD:
            if self.members or self.places:
                return False
            self.items = self.items or _Node()
            return self.items.put(rest, column)
        if self.members or self.items or int(step) < 0:
            return False
        return self.places.setdefault(int(step), _Node()).put(rest, column)


@dataclass(frozen=True)
class _Form:
    """The form of a document: ``levels``: of each enclosing object (0 the item itself) what it holds; ``arrays``: the way from each
    to the array below it, innermost first; ``end``: the way from an item of the innermost array to the row. ``homeless``: lists
    without a place."""

    levels: tuple[_Node, ...]
    arrays: tuple[tuple[Step, ...], ...]
    end: tuple[Step, ...]
    unwritable: tuple[str, ...]
    homeless: frozenset[str]


def unwritable(iterator: str, references: Sequence[str], lists: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """Those of ``references`` that can't be written: a value where another one wants an object, a place counted from the end, or
    above the document. All of them where the iterator itself leads to a place counted from the end. ``lists``: paths of lists of
    objects (``offers[*]``) with the references from these."""
    form = _form(iterator, references, list(lists or {}))
    found = list(form.unwritable)
    for path, inner in (lists or {}).items():
        found += [inside(path, name) for name in (inner if path in form.homeless else unwritable("$[*]", inner))]
    return found


def inside(path: str, name: str) -> str:
    """The reference ``name`` of objects in the list ``path`` as it is from the item: ``offers[*].price``, ``offers[*]['a b']``."""
    return path + name if name.startswith("[") else f"{path}.{name}"


def _form(iterator: str, references: Sequence[str], lists: Sequence[str] = ()) -> _Form:
    steps = jsonpath.parse(iterator).steps or (WILDCARD,)
    pieces: list[list[Step]] = [[]]
    for step in steps:
        if step == WILDCARD:
            pieces.append([])
        else:
            pieces[-1].append(step)
    levels = tuple(_Node() for _ in pieces)
    broken = any(isinstance(step, int) and step < 0 for step in steps)
    arrays = tuple(tuple(piece) for piece in reversed(pieces[:-1]))
    failed, homeless = [], set()
    for number, way in enumerate(arrays, 1):  # the array below has its place before any column
        levels[number].put(way, _TEXT)
    for each in lists:
        steps_of = jsonpath.parse(each).steps
        if broken or not levels[0].put(steps_of[:-1], _READY + each):
            homeless.add(each)
    for reference in references:
        path: Path = jsonpath.parse(reference)
        if broken or path.climbs >= len(levels) or not path.steps or not levels[path.climbs].put(path.steps, reference):
            failed.append(reference)
    return _Form(levels, arrays, tuple(pieces[-1]), tuple(failed), frozenset(homeless))


def order(table: pl.DataFrame, iterator: str) -> pl.Series:
    """The positions of the rows of ``table`` in the order in which `write` writes them: those of one enclosing object together."""
    form = _form(iterator, table.columns)
    keys = _keys(form, table)
    if not keys:  # a selection of nothing has no rows
        return pl.arange(0, table.height, dtype=pl.UInt32, eager=True).alias("at")
    keyed = table.select(keys).with_row_index("at")
    names = [name for name in keyed.columns if name != "at"]
    firsts = [pl.col("at").min().over(names[-depth:]).alias(f"first{depth}") for depth in range(1, len(names) + 1)]
    return keyed.with_columns(firsts).sort(*(f"first{depth}" for depth in range(1, len(names) + 1)), "at")["at"]


def write(
    table: pl.DataFrame,
    iterator: str,
    types: Mapping[str, str] | None = None,
    lists: Mapping[str, Items] | None = None,
) -> bytes:
    """``table`` as one JSON document over which ``iterator`` goes; its columns are JSONPaths from the item (lists of texts where
    they have a wildcard).

    Empty cells are left out, and objects in which nothing is. ``types``: the datatypes of columns whose values are written without
    quotes where they are numbers or booleans. ``lists``: the objects of lists in the items, by the path from the item
    (``offers[*]``); they stand in the order given. Columns that are `unwritable` are left out.
    """
    inner = lists or {}
    form = _form(iterator, table.columns, list(inner))
    typed = types or {}
    for path, items in inner.items():
        objects = _object(items.columns, _form("$[*]", items.columns.columns).levels[0], items.types).fill_null("{}")
        array = _array(pl.col(_TEXT)).alias(_READY + path)
        table = table.with_columns(items.gathered(objects, table.height).to_frame(_TEXT).select(array).to_series())
    keys = _keys(form, table)
    frame = table.with_columns(keys) if keys else table
    names = [key.name for key in keys]
    item = _nested(pl.lit(_object(frame, form.levels[0], typed).fill_null("{}")), form.end)
    frame = frame.with_columns(item.alias(_TEXT))
    above = [name for level in form.levels[1:] for name in _columns(level)]
    for number in range(1, len(form.arrays)):
        firsts = [pl.col(name).first() for name in above]
        grouped = frame.group_by(names[number - 1 :], maintain_order=True).agg(pl.col(_TEXT), *firsts)
        grouped = grouped.with_columns(_array(pl.col(_TEXT)).alias(_TEXT))
        frame = grouped.with_columns(_object(grouped, form.levels[number], typed).alias(_TEXT))
    # The document is one, so it holds one value of each column.
    whole = pl.concat_str([pl.lit("[\n"), pl.col(_TEXT).str.join(",\n"), pl.lit("\n]")])
    frame = frame.select(whole.alias(_TEXT), *(pl.col(name).drop_nulls().first() for name in above))
    if form.arrays[-1]:
        frame = frame.with_columns(_object(frame, form.levels[-1], typed).alias(_TEXT))
    text = frame[_TEXT][0] if table.height else None
    return ((text or _nothing(form)) + "\n").encode()


def _nothing(form: _Form) -> str:
    text = "[]"
    for step in reversed(form.arrays[-1]):
        text = f"[{text}]" if not isinstance(step, Name) else "{" + _quoted(step.key) + ":" + text + "}"
    return text


def _quoted(text: str) -> str:
    return str(pl.select(json_string(pl.lit(text))).item())


def _columns(node: _Node) -> list[str]:
    """The columns that stand in ``node``."""
    own = [node.column] if node.column is not None and node.column != _TEXT else []
    below = [*node.members.values(), *node.places.values(), *([node.items] if node.items else [])]
    return [name for name in [*own, *(name for child in below for name in _columns(child))] if name is not None]


def _keys(form: _Form, table: pl.DataFrame) -> list[pl.Series]:
    """Of each enclosing object but the document, innermost first, a text that is the same where the object is."""
    found = []
    for number, level in enumerate(form.levels[1:-1], 1):
        cells = [
            pl.col(name).list.join("\0") if isinstance(table.schema[name], pl.List) else pl.col(name)
            for name in _columns(level)
        ]
        text = (
            pl.concat_str([cell.fill_null("\1") for cell in cells], separator="\2")
            if cells
            else pl.repeat("", table.height, dtype=pl.String)
        )
        found.append(table.select(text.alias(f"\0key{number}")).to_series())
    return found


def _nested(text: pl.Expr, way: Sequence[Step]) -> pl.Expr:
    for step in reversed(way):
        text = (
            pl.concat_str([pl.lit("{" + _quoted(step.key) + ":"), text, pl.lit("}")])
            if isinstance(step, Name)
            else pl.concat_str([pl.lit("[" + "null," * int(step)), text, pl.lit("]")])
        )
    return text


def _object(frame: pl.DataFrame, node: _Node, types: Mapping[str, str]) -> pl.Series:
    """The JSON text of ``node`` on each row, null where there is nothing in it. Each level is worked out on its own: an expression
    that names those below twice would double with each."""
    if node.column is not None and node.column.startswith(_READY):
        text = pl.col(node.column)
    elif node.column is not None:
        text = _cell(frame.schema[node.column], node.column, types.get(node.column))
    elif node.items is not None:
        return _items(frame, node.items, types)
    elif node.places:
        last = max(node.places)
        made = [
            pl.lit(_object(frame, node.places[n], types) if n in node.places else None, pl.String)
            for n in range(last + 1)
        ]
        filled = pl.concat_list([each.fill_null("null") for each in made])
        length = pl.max_horizontal(pl.when(each.is_not_null()).then(n) for n, each in enumerate(made, 1))
        text = pl.when(length > 0).then(_array(filled.list.head(length)))
    elif node.members:
        parts = [
            pl.concat_str([pl.lit(_quoted(name) + ":"), pl.lit(_object(frame, child, types))])
            for name, child in node.members.items()
        ]
        inside = pl.concat_list(parts).list.drop_nulls()
        text = pl.when(inside.list.len() > 0).then(pl.concat_str([pl.lit("{"), inside.list.join(","), pl.lit("}")]))
    else:
        text = pl.lit(None, pl.String)
    return frame.with_columns(text.alias(_TEXT))[_TEXT]


def _cell(kind: pl.DataType, column: str, datatype: str | None) -> pl.Expr:
    """The values of ``column``, of the type ``kind``."""
    value = pl.col(column)
    if isinstance(kind, pl.List):
        return pl.when(value.list.len() > 0).then(_array(value.list.eval(_value(pl.element(), datatype))))
    return _value(value, datatype)


def _items(frame: pl.DataFrame, node: _Node, types: Mapping[str, str]) -> pl.Series:
    """An array of what ``node`` holds on each row: the first value of every column goes into its first object, and so on."""
    names = _columns(node)
    lists = frame.select(
        pl.col(n) if isinstance(frame.schema[n], pl.List) else pl.when(pl.col(n).is_not_null()).then(pl.concat_list(n))
        for n in names
    )
    plain = [name for name in names if not name.startswith(_READY)]
    deep = {name for name in plain if jsonpath.parse(name).steps.count(WILDCARD) > 1 and _depth(node, name)}
    longest = pl.max_horizontal(pl.lit(1) if n in deep else pl.col(n).list.len() for n in names)
    rows = lists.with_row_index("\0row").with_columns(longest.fill_null(0).alias("\0n")).filter(pl.col("\0n") > 0)
    rows = rows.with_columns(pl.int_ranges(0, pl.col("\0n")).alias("\0at"))
    spread = rows.explode("\0at").with_columns(
        pl.when(pl.col("\0at") == 0).then(pl.col(n)).alias(n)
        if n in deep
        else pl.col(n).list.get(pl.col("\0at"), null_on_oob=True).alias(n)
        for n in names
    )
    made = spread.select("\0row", _object(spread, node, types).fill_null("null").alias("text"))
    texts = made.group_by("\0row", maintain_order=True).agg("text")
    whole = pl.int_range(0, frame.height, dtype=pl.UInt32, eager=True).alias("\0row").to_frame()
    return whole.join(
        texts.with_columns(_array(pl.col("text")).alias("text")), on="\0row", how="left", maintain_order="left"
    )["text"]


def _depth(node: _Node, column: str) -> bool:
    """Whether ``column`` stands in an array below ``node``."""
    if node.items is not None:
        return column in _columns(node.items)
    return any(_depth(child, column) for child in (*node.members.values(), *node.places.values()))


def _array(texts: pl.Expr) -> pl.Expr:
    return pl.concat_str([pl.lit("["), texts.list.join(","), pl.lit("]")])


def _value(text: pl.Expr, datatype: str | None) -> pl.Expr:
    """A JSON value: without quotes where it is a number or a truth value of that ``datatype``."""
    pattern = _RAW.get(datatype or "")
    if pattern is None:
        return json_string(text)
    return pl.when(text.str.contains(pattern)).then(text).otherwise(json_string(text))
