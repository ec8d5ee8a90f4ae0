"""The rows that iterations make of JSON documents, which may be parts of a larger one that come one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any

import polars as pl

from datahub.errors import InputError
from datahub.findings import findings
from datahub.i18n import Text
from datahub.sources import jsonpath
from datahub.sources.json_columns import Gathered
from datahub.sources.json_documents import Documents
from datahub.sources.json_types import Reading
from datahub.sources.limits import Limits
from datahub.sources.table import Table


class Tables:
    """Gathers the tables ``name`` of the iterations and references ``wanted`` from documents.

    The documents themselves are not kept: of a large file, so few at a time are parsed that they never leave the processor's cache.
    """

    def __init__(self, wanted: Sequence[Reading], name: str, limits: Limits) -> None:
        self._name = name
        self._plain = True
        self._notes: list[dict[str, object]] = []
        self._iterations = [_Iteration(*reading, limits) for reading in wanted]

    def add(self, documents: Documents, before: int = 0) -> None:
        """Takes the items of ``documents``, before which ``before`` others came. Raises `InputError` ``json-rows``."""
        self._plain &= documents.plain
        self._notes += [_after(note, before) for note in documents.notes]
        for iteration in self._iterations:
            iteration.add(documents, before)

    def made(self) -> list[Table]:
        """The table of each iteration."""
        return [each.table(self._name, self._notes, plain=self._plain) for each in self._iterations]


class _Iteration:
    """The rows of one iteration, and what its references pick for each."""

    def __init__(self, iteration: jsonpath.Path, paths: Sequence[jsonpath.Path], limits: Limits) -> None:
        self._iteration = iteration
        self._limits = limits
        self._columns = [Gathered(path) for path in paths]
        self._rows: list[int] = []
        self._members = [key for path in paths if not path.climbs for key in jsonpath.expected(path.steps)]
        self._climbing = any(path.climbs for path in paths)

    def add(self, documents: Documents, before: int) -> None:
        items, rows, above = self._items(documents, before)
        self._rows += rows
        if len(self._rows) > self._limits.max_rows:
            raise InputError(
                "json-rows",
                Text(
                    f"The data has more than {self._limits.max_rows} records.",
                    f"Les données ont plus de {self._limits.max_rows} fiches.",
                ),
                Text("Send it in several files.", "Envoyez-les en plusieurs fichiers."),
            )
        known: defaultdict[int, jsonpath.Known] = defaultdict(dict)
        for column in self._columns:
            climbs = column.path.climbs
            start = items if not climbs else above[-climbs] if climbs <= len(above) else [None] * len(items)
            column.add(start, known[climbs])

    def _items(self, documents: Documents, before: int) -> tuple[list[Any], list[int], list[list[Any]]]:
        """The items, the row of each, and where references climb, for each enclosing iteration (outermost first) the item that
        encloses each."""
        values = documents.values
        steps = self._iteration.steps
        rows: list[int] | None = None
        if documents.numbers is not None:  # each document, or each item of its array, is an item of the whole
            numbered = [
                (n + before, item)
                for n, v in zip(documents.numbers, values, strict=True)
                for item in (v if isinstance(v, list) else [v])
            ]
            rows = [n for n, _ in numbered]
            values = [item for _, item in numbered]
            steps = steps[1:] if steps and steps[0] == jsonpath.WILDCARD else steps
        elif not steps and isinstance(values[0], list):
            steps = (jsonpath.WILDCARD,)
        above: list[list[Any]] = []
        base = values
        while jsonpath.WILDCARD in steps:
            at = steps.index(jsonpath.WILDCARD)
            rest = steps[at + 1 :]
            lists = jsonpath.follow(values, steps[:at])
            if set(map(type, lists)) != {list}:
                wanted = jsonpath.expected(rest) if rest else self._members
                lists = [jsonpath.children(value, wanted) for value in lists]
            above = [_spread(level, lists) for level in [*above, base]] if self._climbing else []
            values = base = list(chain.from_iterable(lists))
            rows = list(range(before + 1, before + len(values) + 1)) if rows is None else _spread(rows, lists)
            steps = rest
        ends = jsonpath.follow(values, steps)
        rows = rows if rows is not None else [before + 1]
        if type(None) not in set(map(type, ends)):
            return ends, rows, above
        present = [n for n, value in enumerate(ends) if value is not None]
        return [ends[n] for n in present], [rows[n] for n in present], [[level[n] for n in present] for level in above]

    def table(self, name: str, notes: list[dict[str, object]], *, plain: bool) -> Table:
        """The rows so far; ``notes``: of the documents."""
        columns: list[pl.Series] = []
        types: dict[str, str] = {}
        mixed: dict[str, str] = {}
        told = list(notes)
        for gathered in self._columns:
            path, found = gathered.path, gathered.found()
            columns.append(found.column)
            if isinstance(found.datatype, pl.Series):
                mixed[path.text] = found.datatype.name
                columns.append(found.datatype)
            elif found.datatype:
                types[path.text] = found.datatype
            if found.nested:
                told.append(_not_plain(path, self._rows[found.nested[0]], len(found.nested)))
        frame = pl.DataFrame(columns) if columns else pl.DataFrame({"": [None] * len(self._rows)}).drop("")
        return Table(name, frame, pl.Series("row", self._rows, dtype=pl.UInt32), findings(told), types, mixed, plain)


def _spread(outer: list[Any], lists: list[list[Any]]) -> list[Any]:
    """Each of ``outer`` as often as its list has items."""
    return list(chain.from_iterable(map(repeat, outer, map(len, lists))))


def _after(note: dict[str, object], before: int) -> dict[str, object]:
    row = note.get("row")
    return {**note, "row": row + before} if isinstance(row, int) else note


def _not_plain(path: jsonpath.Path, row: int, count: int) -> dict[str, object]:
    return {
        "severity": "warning",
        "code": "json-not-plain",
        "row": row,
        "column": path.text,
        "message_en": f"“{path.text}” gives a list or an object, not a value (records: {count}).",
        "message_fr": f"« {path.text} » donne une liste ou un objet, pas une valeur (fiches : {count}).",
        "fix_en": f"For the items of a list write {path.text}[*].",
        "fix_fr": f"Pour les éléments d'une liste, écrivez {path.text}[*].",
    }
