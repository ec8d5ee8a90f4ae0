"""Evaluation: shapes over data, a whole set of focus nodes at a time (SHACL section 3.4).

A constraint is evaluated once for all focus nodes of its shape. Shapes inside of shapes become sets: `Engine.failing` gives the
nodes of a set that do not conform, and the logical components combine such sets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import polars as pl

from datahub.rdf.terms import Term
from datahub.shacl import model as m
from datahub.shacl import walk
from datahub.shacl.answers import Answers
from datahub.shacl.data import CODE, PAIRS, Data, Nodes, codes, mask
from datahub.shacl.paths import Path

ROWS: dict[str, type[pl.DataType]] = {**PAIRS, "path": CODE}
"""Where a constraint is violated: focus, value (null where the result has none), path (only sh:closed gives one by row)."""


@dataclass(frozen=True)
class Rows:
    """The results of one constraint of one shape. ``table`` has `ROWS` and ``times``, how often the standard counts each, and
    where a query filled the sentences of the constraint, ``said``: they in their order."""

    shape: m.Shape
    constraint: m.Constraint
    table: pl.DataFrame


class Scope:
    """What a constraint is evaluated on: a shape, its focus nodes and its value nodes."""

    def __init__(self, engine: Engine, shape: m.Shape, focus: Nodes) -> None:
        self.engine = engine
        self.data = engine.data
        self.shape = shape
        self.focus = focus

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """The distinct (focus, value) pairs; a node shape's only value node is its focus node."""
        if self.shape.path is None:
            return pl.DataFrame({"focus": self.focus.codes, "value": self.focus.codes}, schema=PAIRS)
        return self.engine.values(self.shape.path, self.focus)

    @cached_property
    def values(self) -> Nodes:
        """The distinct value nodes."""
        return self.focus if self.shape.path is None else self.data.nodes(self.pairs["value"].unique())

    @cached_property
    def having(self) -> pl.Series:
        """The mask of the focus nodes that have a value."""
        return mask(self.pairs["focus"], self.data.size)

    @cached_property
    def several(self) -> bool:
        """Whether a focus node has more than one value."""
        return int(self.having.sum()) < self.pairs.height

    def without(self, good: pl.Series) -> pl.DataFrame:
        """The pairs whose value the mask ``good`` does not have."""
        bad = ~good.gather(self.pairs["value"])
        return self.pairs.filter(bad) if bad.any() else self.pairs.clear()

    def bad_values(self, ok: pl.Series) -> pl.DataFrame:
        """The pairs whose value fails, given ``ok`` for each of `values`."""
        if ok.all():
            return self.pairs.clear()
        return self.data.nodes(self.values.codes.filter(~ok)).keep(self.pairs, "value")

    def alone(self, focus: pl.Series) -> pl.DataFrame:
        """Rows for focus nodes whose result has no value."""
        return pl.DataFrame({"focus": focus.cast(CODE), "value": pl.repeat(None, len(focus), dtype=CODE, eager=True)})

    def counted(self, pairs: pl.DataFrame, wrong: pl.Expr) -> pl.DataFrame:
        """The focus nodes for which ``wrong`` holds of ``n``, the number of their ``pairs``."""
        counts = pairs.group_by("focus").len("n").select("focus", pl.col("n").cast(pl.Int64))
        table = self.focus.codes.alias("focus").to_frame().join(counts, on="focus", how="left", maintain_order="left")
        return self.alone(table.with_columns(pl.col("n").fill_null(0)).filter(wrong)["focus"])


Component = Callable[[Any, Scope], pl.DataFrame]


class Engine:
    """Evaluates shapes over one frame. ``components`` maps constraint classes to their evaluation."""

    def __init__(self, data: Data, shapes: m.Shapes, components: dict[type, Component], now: datetime) -> None:
        self.data = data
        self.shapes = shapes
        self.now = now
        self._components = components
        self._values: dict[tuple[Path, int], tuple[Nodes, pl.DataFrame]] = {}
        self._targets: dict[tuple[m.Target, ...], Nodes] = {}
        self._failing: dict[tuple[Term, tuple[int, int]], Nodes] = {}

    @cached_property
    def answers(self) -> Answers:
        """What answers the SPARQL queries of the shapes."""
        return Answers(self.data.frame, self.shapes.graph, {}, self.data.above)

    def values(self, path: Path, focus: Nodes) -> pl.DataFrame:
        """`walk.values`, remembered: shapes with one target share focus nodes, and paths recur."""
        key = (path, id(focus))
        if key not in self._values:
            self._values[key] = (focus, walk.values(self.data, path, focus))
        return self._values[key][1]

    def focus(self, shape: m.Shape) -> Nodes:
        """The focus nodes that a shape's targets select (section 2.1.3)."""
        if shape.targets not in self._targets:
            parts = [self._target(target) for target in shape.targets]
            members = parts[0] if len(parts) == 1 else pl.concat(parts).unique()
            self._targets[shape.targets] = self.data.nodes(members.sort())
        return self._targets[shape.targets]

    def _target(self, target: m.Target) -> pl.Series:
        match target.kind:
            case "class":
                return self.data.members(target.term).codes
            case "subjects-of":
                return self.data.pairs(target.term.lexical)["focus"].unique()
            case "objects-of":
                return self.data.pairs(target.term.lexical)["value"].unique()
            case _:
                code = self.data.code(target.term)
                return codes([] if code is None else [code])

    def results(self, shape: m.Shape, focus: Nodes, times: pl.DataFrame | None = None) -> list[Rows]:
        """All results of validating ``focus`` against ``shape``.

        ``times`` (focus, times) says how often each focus node was reached, where that is not once: the standard reports a nested
        property shape for every way to its focus node.
        """
        if shape.deactivated or not len(focus):
            return []
        scope = Scope(self, shape, focus)
        found: list[Rows] = []
        for constraint in shape.constraints:
            if isinstance(constraint, m.Property):
                nested = self.shapes.by_node[constraint.shape]
                found += self.results(nested, scope.values, self._reached(scope, times))
                continue
            rows = self._evaluate(constraint, scope)
            if not rows.is_empty():
                found.append(Rows(shape, constraint, _weighed(rows, times)))
        return found

    def _reached(self, scope: Scope, times: pl.DataFrame | None) -> pl.DataFrame | None:
        """How often each value node is validated by a nested property shape."""
        if scope.shape.path is None:
            return times
        if times is None:
            if len(scope.values) == scope.pairs.height:
                return None
            counts = scope.pairs.group_by("value").len("times")
        else:
            counts = scope.pairs.join(times, on="focus").group_by("value").agg(pl.col("times").sum())
        return counts.select(pl.col("value").alias("focus"), pl.col("times").cast(pl.UInt32))

    def failing(self, node: Term, nodes: Nodes) -> Nodes:
        """The members of ``nodes`` that do not conform to the shape ``node``: validating them yields a result (section 3.4.2)."""
        key = (node, nodes.key)  # shapes that use each other over and over ask the same of the same nodes
        if key not in self._failing:
            self._failing[key] = self.data.nodes(self._failures(self.shapes.by_node[node], nodes))
        return self._failing[key]

    def _failures(self, shape: m.Shape, nodes: Nodes) -> pl.Series:
        if shape.deactivated or not len(nodes):
            return codes([])
        scope = Scope(self, shape, nodes)
        failed = [codes([])]
        for constraint in shape.constraints:
            if isinstance(constraint, m.Property):
                bad = self.failing(constraint.shape, scope.values)
                failed.append(bad.keep(scope.pairs, "value")["focus"] if len(bad) else codes([]))
            else:
                failed.append(self._evaluate(constraint, scope)["focus"])
        return pl.concat(failed).unique()

    def _evaluate(self, constraint: m.Constraint, scope: Scope) -> pl.DataFrame:
        return self._components[type(constraint)](constraint, scope)


def _weighed(rows: pl.DataFrame, times: pl.DataFrame | None) -> pl.DataFrame:
    if "path" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, CODE).alias("path"))
    if "times" not in rows.columns:
        rows = rows.with_columns(pl.lit(1, pl.UInt32).alias("times"))
    if times is None:
        return rows
    ways = times.rename({"times": "ways"})
    joined = rows.join(ways, on="focus", how="left", maintain_order="left")
    return joined.with_columns(pl.col("times") * pl.col("ways")).drop("ways")
