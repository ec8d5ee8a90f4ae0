"""What a result can depend on, and so which results a change of the data can change.

Read from the shapes: a property shape depends on the triples along its path; sh:class and class targets on rdf:type and
rdfs:subClassOf; property pairs on the triples of the other property; sh:closed on all triples of a value node; a shape within a
shape on what that one depends on, from the value nodes on; a plain SPARQL query on the triples of its patterns. From each changed
triple the walk goes back along these ways, over the triples of both states, to the focus nodes. A query of any other form is not
looked into: where it can read a changed triple at all, all focus nodes of its shape are taken to depend on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from datahub.rdf.terms import RDF_TYPE, Term
from datahub.shacl import model as m
from datahub.shacl.data import SUBCLASS_OF, Data, codes
from datahub.shacl.doubt import references
from datahub.shacl.engine import Engine
from datahub.shacl.ground import INSTANCE_OF, Ground, Looked, together
from datahub.shacl.paths import Alternative, Inverse, Path, Predicate, Repeat, Sequence, inverse
from datahub.shacl.plain import Group, Place
from datahub.shacl.sparql import Query

_ABOVE = Repeat(Predicate(SUBCLASS_OF), "*")
Sets = Mapping[Term, pl.Series]
"""Sets of codes by the node of a shape."""


@dataclass(frozen=True, eq=False)
class Affected:
    """What a change affects, by shape.

    ``focus``: of each targeted shape the focus nodes whose results can differ. ``results``: of each shape the nodes on which it can
    have other results: a property shape within another reports on the value nodes of that one. ``roots``: of each targeted shape
    the focus nodes from which all these results are found again.
    """

    focus: Sets
    results: Sets
    roots: Sets


class Dependence:
    """How results depend on a change. ``engine``: over the triples of both states; ``changed``: those that only one state has, with
    the same terms."""

    def __init__(self, engine: Engine, changed: Data) -> None:
        self._engine = engine
        self._shapes = engine.shapes
        self._changed = changed
        self._ground = Ground(engine.data)
        self._touched: dict[Term, pl.Series] = {}

    def affected(self, also: pl.Series) -> Affected:
        """What the change affects, and ``also`` these nodes, changed or not."""
        targeted = self._shapes.targeted
        within = {shape.node: dict.fromkeys(_within(self._shapes, shape)) for shape in targeted}
        focus = {shape.node: self._selected(shape, self._candidates(shape, also)) for shape in targeted}
        parts: dict[Term, list[pl.Series]] = {}
        for root, ways in within.items():
            for path, nested in ways:
                parts.setdefault(nested, [also]).append(self._along(path, focus[root]))
        results = {node: together(found) for node, found in parts.items()}
        roots = {
            shape.node: self._selected(shape, together([self._back(way, results[n]) for way, n in within[shape.node]]))
            for shape in targeted
        }
        return Affected(focus, results, roots)

    def looked(self, which: Affected) -> Looked:
        """What was looked at to tell what the change affects, and what validating ``which`` will look at."""
        for node, nodes in which.roots.items():
            self._read(node, nodes)
        return self._ground.looked

    def _candidates(self, shape: m.Shape, also: pl.Series) -> pl.Series:
        return together([also, self._touches(shape.node), *(self._retargeted(target) for target in shape.targets)])

    def _selected(self, shape: m.Shape, nodes: pl.Series) -> pl.Series:
        """The members of ``nodes`` that are focus nodes in one of both states."""
        for target in shape.targets:
            match target.kind:
                case "class":
                    self._ground.reached(INSTANCE_OF, nodes)
                case "subjects-of":
                    self._ground.look(nodes)
                case "objects-of":
                    self._ground.back(Predicate(target.term.lexical), nodes)
                case _:
                    pass
        return nodes.filter(self._engine.focus(shape).mask.gather(nodes))

    def _along(self, path: Path | None, nodes: pl.Series) -> pl.Series:
        return nodes if path is None else self._ground.reached(path, nodes)

    def _back(self, path: Path | None, nodes: pl.Series) -> pl.Series:
        return nodes if path is None else self._ground.back(path, nodes)

    # From the change back to the nodes

    def _touches(self, node: Term) -> pl.Series:
        """The nodes for which validating them against a shape can give something else than before."""
        if node not in self._touched:
            shape = self._shapes.by_node[node]
            self._touched[node] = codes([]) if shape.deactivated else self._touched_by(shape)
        return self._touched[node]

    def _touched_by(self, shape: m.Shape) -> pl.Series:
        own: list[pl.Series] = []
        values: list[pl.Series] = []
        for constraint in shape.constraints:
            match constraint:
                case m.Class(iri):
                    values.append(self._members(iri))
                case m.PropertyPair(predicate) | m.StartsWithValueOf(predicate):
                    own.append(self._changed.pairs(predicate)["focus"].unique())
                case m.Closed(allowed):
                    values.append(self._subjects(allowed))
                case m.Sparql(query=query) | m.Custom(query=query):
                    own.append(self._asked(query))
                case _:
                    values += [self._touches(inner) for inner in references(constraint)]
        if shape.path is None:
            return together(own + values)
        return together([*own, self._moved(shape.path), self._ground.back(shape.path, together(values))])

    def _moved(self, path: Path) -> pl.Series:
        """The nodes whose values along ``path`` can be others."""
        match path:
            case Predicate(iri):
                return self._changed.pairs(iri)["focus"].unique()
            case Inverse(Predicate(iri)):
                return self._changed.pairs(iri)["value"].unique()
            case Inverse(inner):
                return self._moved(inverse(inner))
            case Sequence((first, *rest)):
                later = self._moved(rest[0] if len(rest) == 1 else Sequence(tuple(rest))) if rest else codes([])
                return together([self._moved(first), self._ground.back(first, later)])
            case Alternative(options):
                return together([self._moved(option) for option in options])
            case Repeat(inner, "?"):
                return self._moved(inner)
            case Repeat(inner, _):
                return self._ground.back(Repeat(inner, "*"), self._moved(inner))
        raise AssertionError(path)

    def _members(self, cls: Term) -> pl.Series:
        """The nodes that can have become, or be no longer, instances of a class."""
        code = self._ground.data.code(cls)
        types, axioms = self._changed.pairs(RDF_TYPE), self._changed.pairs(SUBCLASS_OF)
        if code is None or (types.is_empty() and axioms.is_empty()):
            return codes([])
        # Only what lies above the changed classes has to be looked at to tell which of them lie below this one.
        self._ground.reached(_ABOVE, together([types["value"].unique(), axioms["value"].unique()]))
        below = self._ground.data.nodes(Ground(self._ground.data).back(_ABOVE, codes([code])))
        typed, moved = below.keep(types, "value")["focus"], below.keep(axioms, "value")["focus"]
        return together([typed, self._ground.back(INSTANCE_OF, moved.unique())])

    def _retargeted(self, target: m.Target) -> pl.Series:
        match target.kind:
            case "class":
                return self._members(target.term)
            case "subjects-of":
                return self._changed.pairs(target.term.lexical)["focus"].unique()
            case "objects-of":
                return self._changed.pairs(target.term.lexical)["value"].unique()
            case _:
                return codes([])

    def _subjects(self, allowed: frozenset[str]) -> pl.Series:
        """The subjects of changed triples whose predicate sh:closed does not allow."""
        ignored = [code for iri in allowed if (code := self._changed.code(Term.iri(iri))) is not None]
        other = ~pl.col("p").is_in(codes(ignored).implode())
        return self._changed.frame.triples.filter(other)["s"].unique()

    def _asked(self, query: Query) -> pl.Series:
        """The nodes for which a query can have other solutions."""
        if query.plain is None:
            return self._ground.everywhere() if self._reads_change(query.predicates) else codes([])
        found = []
        for way, step in _steps(query.plain.group, {"this": None}):
            found.append(self._back(way, self._moved(step)))
        return together(found)

    def _reads_change(self, predicates: frozenset[str] | None) -> bool:
        if predicates is None:
            return len(self._changed.frame) > 0
        return any(not self._changed.pairs(predicate).is_empty() for predicate in predicates)

    # From focus nodes on to what is read

    def _read(self, node: Term, nodes: pl.Series) -> None:
        """Notes what validating ``nodes`` against a shape looks at."""
        shape = self._shapes.by_node[node]
        if shape.deactivated or not len(nodes):
            return
        values = self._along(shape.path, nodes)
        for constraint in shape.constraints:
            match constraint:
                case m.Class():
                    self._ground.reached(INSTANCE_OF, values)
                case m.PropertyPair() | m.StartsWithValueOf():
                    self._ground.look(nodes)
                case m.Closed():
                    self._ground.look(values)
                case m.Sparql(query=query) | m.Custom(query=query):
                    if query.plain is None:
                        self._ground.everywhere()
                        continue
                    for way, step in _steps(query.plain.group, {"this": None}):
                        self._ground.reached(step, self._along(way, nodes))
                case _:
                    for inner in references(constraint):
                        self._read(inner, values)


def _within(shapes: m.Shapes, shape: m.Shape, path: Path | None = None) -> Iterator[tuple[Path | None, Term]]:
    """The shapes whose results are results of ``shape``: itself, and those that sh:property names; each with the path from the
    focus nodes of ``shape`` to its own."""
    if shape.deactivated:
        return
    yield path, shape.node
    onward = path if shape.path is None else shape.path if path is None else Sequence((path, shape.path))
    for constraint in shape.constraints:
        if isinstance(constraint, m.Property):
            yield from _within(shapes, shapes.by_node[constraint.shape], onward)


def _steps(group: Group, ways: dict[Place, Path | None]) -> Iterator[tuple[Path | None, Path]]:
    """For each triple pattern of a query the path from $this to the end where it is entered, and the step that it is from there."""
    left = list(group.patterns)
    while left:
        pattern = next(each for each in left if each.subject in ways or each.object in ways)
        left.remove(pattern)
        entered, other = pattern.subject, pattern.object
        step: Path = Predicate(pattern.predicate)
        if entered not in ways:
            entered, other, step = other, entered, Inverse(step)
        way = ways[entered]
        yield way, step
        if isinstance(other, str):
            ways.setdefault(other, step if way is None else Sequence((way, step)))
    for each in group.exists:
        yield from _steps(each.group, dict(ways))
