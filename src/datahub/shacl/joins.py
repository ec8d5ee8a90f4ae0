"""Plain SPARQL queries answered as joins over columns (SPARQL 1.1 sections 5 and 8, algebra of section 18).

The solutions are those of the standard, as a multiset: triples are distinct, so that each way to match the patterns is one row.
Comparisons by order are `datahub.shacl.ordering`'s; any other expression is the embedded engine's, asked once for each distinct
combination of the values that it looks at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import polars as pl
import pyoxigraph as ox

from datahub.rdf.terms import BLANK, Term
from datahub.shacl import forms
from datahub.shacl.data import CODE, Data, Nodes, joinable, mask
from datahub.shacl.ordering import holds
from datahub.shacl.plain import Filter, Group, Pattern, Place, Plain
from datahub.shacl.sparql import written

AT_ONCE = 20_000
"""How many combinations of values one expression is asked for."""


class UnanswerableError(Exception):
    """An expression looks at a blank node, which can't be written into a query."""


def solutions(plain: Plain, data: Data, focus: Nodes) -> pl.DataFrame:
    """The solutions of ``plain`` for $this in ``focus``: a column of term codes for each variable that it selects.

    Raises:
        UnanswerableError: see there.
    """
    constants = data.intern(plain.terms)
    table = _Joins(data, constants).group(plain.group, focus.codes.alias("this").to_frame(), focus)
    names = [name for name in table.columns if not name.startswith("-")] if plain.projected is None else plain.projected
    table = table.select(*names, *(pl.lit(constants[term], CODE).alias(name) for name, term in plain.named))
    return table.unique(maintain_order=True) if plain.distinct else table


class _Joins:
    def __init__(self, data: Data, constants: dict[Term, int]) -> None:
        self.data = data
        self.constants = constants

    def group(self, group: Group, table: pl.DataFrame, focus: Nodes | None = None) -> pl.DataFrame:
        """``table`` joined with each pattern of the group; then its filters."""
        left, filters = list(group.patterns), list(group.filters)
        table = self._ready(table, filters)
        while left:
            pattern = min(left, key=lambda each: self._cost(each, table))
            left.remove(pattern)
            table = self._joined(table, pattern, focus if table.width == 1 else None)
            table = self._ready(table, filters)
        for each in group.exists:
            numbered = table.with_row_index("-row")
            shared = ["-row", *(name for name in table.columns if name in _used(each.group))]
            found = mask(self.group(each.group, numbered.select(shared))["-row"], table.height)
            table = table.filter(found if each.wanted else ~found)
        return table

    def _ready(self, table: pl.DataFrame, filters: list[Filter]) -> pl.DataFrame:
        """``table`` after those of ``filters`` whose variables it has; they are taken out."""
        for ready in [each for each in filters if each.variables <= {*table.columns}]:
            filters.remove(ready)
            table = self._filtered(table, ready)
        return table

    def _cost(self, pattern: Pattern, table: pl.DataFrame) -> tuple[int, int]:
        """Patterns that only keep rows come first, then the small ones; those that nothing leads to last."""
        known = sum(place in table.columns if isinstance(place, str) else True for place in _ends(pattern))
        reached = any(place in table.columns for place in _ends(pattern) if isinstance(place, str))
        return (0 if known == 2 else 1 if reached else 2), self.data.pairs(pattern.predicate).height

    def _joined(self, table: pl.DataFrame, pattern: Pattern, focus: Nodes | None) -> pl.DataFrame:
        pairs = self.data.pairs(pattern.predicate).rename({"focus": "-s", "value": "-o"})
        names: dict[str, str] = {}
        for column, place in zip(("-s", "-o"), _ends(pattern), strict=True):
            if isinstance(place, Term):
                pairs = pairs.filter(pl.col(column) == self.constants[place])
            elif place in names:
                pairs = pairs.filter(pl.col(column) == pl.col(names[place]))
            else:
                names[place] = column
                if focus is not None and place == "this":
                    pairs = focus.keep(pairs, column)
        pairs = pairs.select(pl.col(column).alias(place) for place, column in names.items())
        on = [place for place in names if place in table.columns]
        if len(on) == 1 and len(names) > 1:
            joinable(self.data, table[on[0]], pairs[on[0]])
        how: Literal["semi", "inner"] = "semi" if len(on) == len(names) else "inner"
        return table.join(pairs, on=on, how=how, maintain_order="left")

    def _filtered(self, table: pl.DataFrame, asked: Filter) -> pl.DataFrame:
        names = sorted(asked.variables)
        distinct = table.select(names).unique(maintain_order=True)
        if asked.compares is not None:
            left, sign, right = asked.compares
            true = holds(self.data.terms, self._column(distinct, left), self._column(distinct, right), sign)
        else:
            true = self._asked(distinct, asked)
        return (
            table.join(distinct.filter(true), on=names, how="semi", maintain_order="left") if not true.all() else table
        )

    def _column(self, table: pl.DataFrame, place: Place) -> pl.Series:
        if isinstance(place, str):
            return table[place]
        return pl.repeat(self.constants[place], table.height, dtype=CODE, eager=True)

    def _asked(self, distinct: pl.DataFrame, asked: Filter) -> pl.Series:
        """Whether the expression is true for each row."""
        used = pl.concat([distinct[name] for name in distinct.columns]).unique()
        rows = self.data.terms[used]
        if (rows["kind"] == BLANK).any():
            raise UnanswerableError
        terms = {code: Term(*row) for code, row in zip(used, rows.iter_rows(), strict=True)}
        others = forms.stand_ins(terms.values())
        texts = {code: written(others.get(term, term)) for code, term in terms.items()}
        condition = forms.filter_by_value(asked.text) if others else asked.text
        store, true = ox.Store(), []
        variables = " ".join(f"?{name}" for name in distinct.columns)
        for start in range(0, distinct.height, AT_ONCE):
            values = " ".join(
                f"({number} {' '.join(texts[code] for code in row)})"
                for number, row in enumerate(distinct.slice(start, AT_ONCE).iter_rows(), start)
            )
            found = store.query(f"SELECT ?row__ {{ VALUES (?row__ {variables}) {{ {values} }} FILTER {condition} }}")
            assert isinstance(found, ox.QuerySolutions)
            true += [int(solution[0].value) for solution in found]
        return mask(pl.Series(true, dtype=CODE), distinct.height)


def _ends(pattern: Pattern) -> tuple[Place, Place]:
    return pattern.subject, pattern.object


def _used(group: Group) -> Iterator[str]:
    for pattern in group.patterns:
        yield from pattern.variables
    for each in group.filters:
        yield from each.variables
