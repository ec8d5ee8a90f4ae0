"""JSON to tables: one document, an array, JSON Lines, or a zip archive of documents.

Values are picked column by column; see `datahub.sources.json_documents` for what is read of a text.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import polars as pl

from datahub.errors import InputError
from datahub.findings import findings
from datahub.i18n import Text
from datahub.rdf.terms import XSD, XSD_STRING
from datahub.sources import archive, json_documents, json_types, jsonpath
from datahub.sources.json_documents import Documents
from datahub.sources.json_types import Double, Integer
from datahub.sources.limits import DEFAULT, Limits, check_size, load
from datahub.sources.table import Table

_TYPES: dict[type, str] = {
    int: XSD + "integer",
    Integer: XSD + "integer",
    Double: XSD + "double",
    bool: XSD + "boolean",
    str: XSD_STRING,
}
_NUMBERS = frozenset(_TYPES) - {str}


def read(
    data: bytes | Path,
    iterator: str,
    references: Sequence[str],
    *,
    name: str | None = None,
    limits: Limits = DEFAULT,
) -> Table:
    """One row per item of the JSONPath ``iterator``, one column per reference (a JSONPath from the item, see `jsonpath`).

    A reference with ``[*]`` gives lists, others single texts; booleans are ``true`` and ``false``; null and empty texts are
    empty cells. ``$`` on an array stands for its items. The row is the number of the outermost item (in JSON Lines: the line; in
    an archive: the file), for nested iterations too. `Table.types` has the datatype of columns that hold JSON numbers or booleans
    only.

    Raises `InputError`: ``too-large``, ``too-deep``, ``encoding``, ``empty``, ``json`` (with line), ``json-rows``, those of
    `datahub.sources.archive`; `DefinitionError` ``jsonpath``. A broken line of JSON Lines is left out and reported.
    """
    return read_all(data, [(iterator, references)], name=name, limits=limits)[0]


def read_all(
    data: bytes | Path,
    iterations: Sequence[tuple[str, Sequence[str]]],
    *,
    name: str | None = None,
    limits: Limits = DEFAULT,
) -> list[Table]:
    """The tables of several iterations over the same documents, which are parsed once; arguments and errors as of `read`."""
    content = load(data, limits)
    title = name or (data.stem if isinstance(data, Path) else "table")
    readings = _readings(iterations)
    decoder = json_types.decoder(readings)
    documents = (
        json_documents.from_archive(content, limits)
        if archive.is_zip(content)
        else json_documents.from_text(content, limits, decoder)
    )
    return [_table(documents, iteration, paths, title, limits) for iteration, paths in readings]


def read_lines(
    data: bytes, iterations: Sequence[tuple[str, Sequence[str]]], *, name: str, limits: Limits = DEFAULT
) -> list[Table]:
    """As `read_all` of some of the lines of JSON Lines, of which each may be broken."""
    check_size(len(data), limits)
    readings = _readings(iterations)
    decoder = json_types.decoder(readings)
    documents = json_documents.from_lines(data, limits, decoder)
    return [_table(documents, iteration, paths, name, limits) for iteration, paths in readings]


def _readings(iterations: Sequence[tuple[str, Sequence[str]]]) -> tuple[json_types.Reading, ...]:
    return tuple((jsonpath.parse(iterator), tuple(map(jsonpath.parse, refs))) for iterator, refs in iterations)


def _table(
    documents: Documents, iteration: jsonpath.Path, paths: Sequence[jsonpath.Path], title: str, limits: Limits
) -> Table:
    members = [key for path in paths if not path.climbs for key in jsonpath.expected(path.steps)]
    climbs = max((path.climbs for path in paths), default=0)
    items, rows, above = _items(documents, iteration, members, climbing=climbs > 0)
    if len(items) > limits.max_rows:
        raise InputError(
            "json-rows",
            Text(
                f"The data has more than {limits.max_rows} records.",
                f"Les données ont plus de {limits.max_rows} fiches.",
            ),
            Text("Send it in several files.", "Envoyez-les en plusieurs fichiers."),
        )
    columns: list[pl.Series] = []
    types: dict[str, str] = {}
    mixed: dict[str, str] = {}
    notes = list(documents.notes)
    for path in paths:
        start = items if not path.climbs else above[-path.climbs] if path.climbs <= len(above) else [None] * len(items)
        found = _column(start, path)
        columns.append(found.column)
        if isinstance(found.datatype, pl.Series):
            mixed[path.text] = found.datatype.name
            columns.append(found.datatype)
        elif found.datatype:
            types[path.text] = found.datatype
        if found.nested:
            notes.append(_not_plain(path, rows[found.nested[0]], len(found.nested)))
    frame = pl.DataFrame(columns) if columns else pl.DataFrame({"": [None] * len(items)}).drop("")
    return Table(title, frame, pl.Series("row", rows, dtype=pl.UInt32), findings(notes), types, mixed, documents.plain)


@dataclass(frozen=True)
class _Found:
    """``datatype``: of all values; a series where they have several; None for texts. ``nested``: the places of what is no value."""

    column: pl.Series
    datatype: str | pl.Series | None
    nested: list[int]


def _column(items: list[Any], path: jsonpath.Path) -> _Found:
    if path.several:
        values, counts = jsonpath.collect(items, path.steps)
        sizes = pl.DataFrame({"place": _numbers(len(counts)), "count": pl.Series(counts, dtype=pl.UInt32)})
        place = sizes.select(pl.col("place").repeat_by("count").explode()).to_series().drop_nulls()
    else:
        values, place = jsonpath.follow(items, path.steps), _numbers(len(items))
    kinds = set(map(type, values))
    texts = _texts(values, kinds)
    datatype = _datatype(values, kinds)
    nested = {place[n] for n, value in enumerate(values) if type(value) in _NESTED} if kinds & _NESTED else set()
    series = partial(_lists, place=place, height=len(items)) if path.several else _singles
    column = series(path.text, texts, texts)
    kept = series(_kept(path.text), datatype, texts) if isinstance(datatype, list) else datatype
    return _Found(column, kept, sorted(nested))


_NESTED: set[type] = {dict, list}


def _kept(name: str) -> str:
    """The name of the column that holds the datatypes of the values of the column ``name``."""
    return f"\0datatype {name}"


def _singles(name: str, values: Sequence[str | None], texts: Sequence[str | None]) -> pl.Series:
    """One of ``values`` per row, null where ``texts`` has none."""
    text = pl.Series(name, texts, dtype=pl.String)
    if values is texts and not (text == "").any():
        return text
    chosen = text if values is texts else pl.Series(name, values, dtype=pl.String)
    return chosen.to_frame().select(pl.when(text != "").then(name).alias(name)).to_series()


def _numbers(height: int) -> pl.Series:
    return pl.arange(0, height, dtype=pl.UInt32, eager=True)


def _lists(
    name: str, values: Sequence[str | None], texts: Sequence[str | None], *, place: pl.Series, height: int
) -> pl.Series:
    """Lists of ``values``, those of one row at the same ``place``, left out where ``texts`` has none; a list of nothing is null."""
    columns = {name: pl.Series(values, dtype=pl.String), "\0text": pl.Series(texts, dtype=pl.String)}
    cells = pl.DataFrame({"place": place, **columns}).filter(pl.col("\0text") != "")
    lists = cells.group_by("place", maintain_order=True).agg(name)
    places = _numbers(height).to_frame("place")
    return places.join(lists, on="place", how="left", maintain_order="left")[name]


def _texts(values: list[Any], kinds: set[type]) -> list[str | None]:
    if kinds <= _PLAIN:
        return values
    if kinds <= _PLAIN | {int}:
        return [str(value) if type(value) is int else value for value in values]
    return [_text(value) for value in values]


_PLAIN: set[type] = {str, Double, Integer, type(None)}


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else None


def _datatype(values: list[Any], kinds: set[type]) -> str | list[str | None] | None:
    """The datatype of all ``values``, of each of them where they differ, or None where all are texts."""
    kinds = kinds - {type(None), dict, list}
    if not kinds & _NUMBERS:
        return None
    found = {_TYPES[kind] for kind in kinds}
    return found.pop() if len(found) == 1 else [_TYPES.get(type(value)) for value in values]


def _items(
    documents: Documents, iteration: jsonpath.Path, members: Collection[str], *, climbing: bool
) -> tuple[list[Any], list[int], list[list[Any]]]:
    """The items, the row of each, and where references are ``climbing``, for each enclosing iteration (outermost first) the item
    that encloses each.

    ``members``: what the references read from an item.
    """
    values = documents.values
    steps = iteration.steps
    if documents.numbers is not None:  # each document, or each item of its array, is an item of the whole
        numbered = [
            (n, item)
            for n, v in zip(documents.numbers, values, strict=True)
            for item in (v if isinstance(v, list) else [v])
        ]
        rows: list[int] | None = [n for n, _ in numbered]
        values = [item for _, item in numbered]
        steps = steps[1:] if steps and steps[0] == jsonpath.WILDCARD else steps
    else:
        rows = None
        if not steps and isinstance(values[0], list):
            steps = (jsonpath.WILDCARD,)
    above: list[list[Any]] = []
    base = values
    while jsonpath.WILDCARD in steps:
        at = steps.index(jsonpath.WILDCARD)
        rest = steps[at + 1 :]
        wanted = jsonpath.expected(rest) if rest else members
        lists = jsonpath.follow(values, steps[:at])
        if set(map(type, lists)) != {list}:
            lists = [jsonpath.children(value, wanted) for value in lists]
        origin = list(chain.from_iterable(map(repeat, range(len(lists)), map(len, lists))))
        above = [[level[n] for n in origin] for level in [*above, base]] if climbing else []
        values = base = list(chain.from_iterable(lists))
        rows = list(range(1, len(values) + 1)) if rows is None else list(map(rows.__getitem__, origin))
        steps = rest
    ends = jsonpath.follow(values, steps)
    rows = rows if rows is not None else [1]
    if type(None) not in set(map(type, ends)):
        return ends, rows, above
    present = [n for n, value in enumerate(ends) if value is not None]
    return [ends[n] for n in present], [rows[n] for n in present], [[level[n] for n in present] for level in above]


def _not_plain(path: jsonpath.Path, row: int, count: int) -> dict[str, object]:
    return {
        "severity": "warning",
        "code": "json-not-plain",
        "row": row,
        "column": path.text,
        "message_en": f"“{path.text}” gives a list or an object, not a value, in {count} records.",
        "message_fr": f"« {path.text} » donne une liste ou un objet, pas une valeur, dans {count} fiches.",
        "fix_en": f"For the items of a list write {path.text}[*].",
        "fix_fr": f"Pour les éléments d'une liste, écrivez {path.text}[*].",
    }
