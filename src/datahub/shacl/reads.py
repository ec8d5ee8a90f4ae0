"""What a shape reads of the data, told from the shapes alone.

A validation walks from its focus nodes along paths. Each triple it looks at is described by the way that led there (the
predicates that were crossed, in whatever order), the predicate, and whether it was looked for from its object.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from datahub.rdf.terms import RDF_TYPE, Term
from datahub.shacl import model as m
from datahub.shacl.doubt import references
from datahub.shacl.paths import Alternative, Inverse, Path, Predicate, Repeat, Sequence, inverse
from datahub.shacl.plain import Group, Place, Plain

Way = frozenset[str]
"""The predicates that were crossed between a focus node and a node; empty for the focus node itself."""
HERE: Way = frozenset()


@dataclass(frozen=True)
class Read:
    """Triples of ``predicate`` that start, or where ``backwards`` end, at nodes reached by ``way``; of rdf:type only those of
    class ``cls`` and of classes below it, where one is given."""

    way: Way
    predicate: str
    backwards: bool = False
    cls: Term | None = None


@dataclass
class Reads:
    """All that validating a targeted shape reads. ``whole_nodes``: the ways to nodes of which every triple is read (sh:closed).
    ``anything``: a query may read any triple at all. ``fixed``: focus nodes are named by the shapes."""

    reads: set[Read] = field(default_factory=set)
    whole_nodes: set[Way] = field(default_factory=set)
    anything: bool = False
    fixed: bool = False


def reads(shapes: m.Shapes, shape: m.Shape) -> Reads:
    """What validating the targets of ``shape`` reads."""
    walk = _Walk(shapes)
    for target in shape.targets:
        match target.kind:
            case "class":
                walk.found.reads.add(Read(HERE, RDF_TYPE, cls=target.term))
            case "subjects-of":
                walk.found.reads.add(Read(HERE, target.term.lexical))
            case "objects-of":
                walk.found.reads.add(Read(HERE, target.term.lexical, backwards=True))
            case _:
                walk.found.fixed = True
    walk.shape(shape, HERE)
    return walk.found


class _Walk:
    def __init__(self, shapes: m.Shapes) -> None:
        self.shapes = shapes
        self.found = Reads()
        self.seen: set[tuple[Term, Way]] = set()

    def shape(self, shape: m.Shape, way: Way) -> None:
        if shape.deactivated or (shape.node, way) in self.seen:
            return
        self.seen.add((shape.node, way))
        for there in [way] if shape.path is None else sorted(self.along(shape.path, way), key=sorted):
            for constraint in shape.constraints:
                self.constraint(constraint, way, there)

    def constraint(self, constraint: m.Constraint, focus: Way, value: Way) -> None:
        match constraint:
            case m.Class(iri):
                self.found.reads.add(Read(value, RDF_TYPE, cls=iri))
            case m.PropertyPair(predicate) | m.StartsWithValueOf(predicate):
                self.found.reads.add(Read(focus, predicate))
            case m.Closed():
                self.found.whole_nodes.add(value)
            case m.Sparql(query=query) | m.Custom(query=query):
                if query.plain is not None:
                    self.query(query.plain, focus)
                else:
                    self.found.anything = True
            case _:
                for inner in references(constraint):
                    self.shape(self.shapes.by_node[inner], value)

    def along(self, path: Path, way: Way) -> set[Way]:
        """Walks ``path`` from ``way``; the ways to the nodes that it ends at."""
        match path:
            case Predicate(iri):
                self.found.reads.add(Read(way, iri))
                return {way | {iri}}
            case Inverse(Predicate(iri)):
                self.found.reads.add(Read(way, iri, backwards=True))
                return {way | {iri}}
            case Inverse(inner):
                return self.along(inverse(inner), way)
            case Sequence(steps):
                ways = {way}
                for step in steps:
                    ways = self.all_along(step, ways)
                return ways
            case Alternative(options):
                return {there for option in options for there in self.along(option, way)}
            case Repeat(inner, sign):
                once = self.along(inner, way)
                known = {way} | once
                while sign != "?" and (more := self.all_along(inner, known) - known):
                    known |= more
                return known

    def all_along(self, path: Path, ways: Iterable[Way]) -> set[Way]:
        return {there for way in ways for there in self.along(path, way)}

    def query(self, plain: Plain, way: Way) -> None:
        self.group(plain.group, {"this": way})

    def group(self, group: Group, ways: dict[Place, Way]) -> None:
        """The patterns from the variables in ``ways`` on, each from an end that is known."""
        left = list(group.patterns)
        while left:
            pattern = next(each for each in left if each.subject in ways or each.object in ways)
            left.remove(pattern)
            backwards = pattern.subject not in ways
            start, end = (pattern.object, pattern.subject) if backwards else (pattern.subject, pattern.object)
            cls = end if pattern.predicate == RDF_TYPE and not backwards and isinstance(end, Term) else None
            self.found.reads.add(Read(ways[start], pattern.predicate, backwards, cls))
            if isinstance(end, str):
                ways.setdefault(end, ways[start] | {pattern.predicate})
        for each in group.exists:
            self.group(each.group, dict(ways))
