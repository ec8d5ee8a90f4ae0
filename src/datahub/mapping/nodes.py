"""The nodes that the rows of a source are made of, and how each is reached from the record: over the links of the mapping.

Navigation is structural: it starts at the nodes of the record's class and follows the links of the mapping, whatever IRIs the
nodes have, so that data which another mapping made can be lowered too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from datahub.mapping.model import (
    Call,
    Constant,
    Expression,
    Join,
    Link,
    PredicateObjectMap,
    Template,
    TermMap,
    TriplesMap,
)
from datahub.mapping.plan import Plan
from datahub.rdf.terms import RDF_TYPE, curie


@dataclass(frozen=True)
class Edge:
    """A link of a triples map to the nodes of ``target``, by ``predicate``, as ``pom`` says."""

    predicate: str
    target: TriplesMap
    pom: PredicateObjectMap
    value: TermMap | Link

    @property
    def joins(self) -> tuple[Join, ...]:
        """The join conditions; none within a row."""
        return self.value.joins if isinstance(self.value, Link) else ()

    @property
    def conditions(self) -> tuple[Expression, ...]:
        """What has to hold for the link to be there."""
        own = self.value.condition if isinstance(self.value, TermMap) else None
        return tuple(each for each in (self.pom.condition, own) if each is not None)


@dataclass(frozen=True)
class Node:
    """One node of a row: the subject of ``map``, reached from node number ``parent`` over ``predicate`` (backwards: against it).

    ``repeated``: a record may have several, each a row of its own. ``by_class``: another link has the same predicate, so the
    class tells which targets are meant; ``by_suffix``: the end of their IRI does. ``edge``: the node is a record of another
    row, which it joins; only the columns of the join are read from it.
    """

    map: TriplesMap
    parent: int | None = None
    predicate: str | None = None
    backwards: bool = False
    repeated: bool = False
    by_class: bool = False
    by_suffix: str | None = None
    edge: Edge | None = None
    path: tuple[str, ...] = ()

    @property
    def joins(self) -> tuple[Join, ...]:
        """How it is joined; within a row there is nothing to join."""
        return self.edge.joins if self.edge is not None else ()


def classes(m: TriplesMap) -> tuple[str, ...]:
    """The classes that ``m`` gives its subjects, by rml:class or by a constant rdf:type."""
    found = list(m.classes)
    for pom in m.properties:
        if constant(pom.predicates[0]) == RDF_TYPE:
            found += [c for c in map(constant, pom.objects) if c]
    return tuple(dict.fromkeys(found))


def constant(value: TermMap | Link) -> str | None:
    """The IRI that ``value`` always is, None where it varies."""
    if isinstance(value, TermMap) and isinstance(value.expression, Constant) and value.expression.term.kind == 0:
        return value.expression.term.lexical
    return None


def edges(plan: Plan, m: TriplesMap) -> Iterator[Edge]:
    """The links of ``m`` to nodes. A template equal to another map's subject is a link too."""
    own = [other for other in plan.mapping.maps if plan.key(other) == plan.key(m)]
    for pom, value in object_maps(m):
        target: TriplesMap | None = None
        if isinstance(value, Link):
            target = plan.mapping.map(value.parent)
        elif isinstance(value.expression, Template | Call) and value.type.is_iri:
            target = next((o for o in own if o.subject.expression == value.expression), None)
        if target is not None:
            for predicate in pom.predicates:
                name = constant(predicate)
                if name is not None:
                    yield Edge(name, target, pom, value)


def curie_step(step: str) -> str:
    """A step of a path for people; ``^`` marks one that is followed backwards."""
    return "^" + curie(step[1:]) if step.startswith("^") else curie(step)


def object_maps(m: TriplesMap) -> Iterator[tuple[PredicateObjectMap, TermMap | Link]]:
    for pom in m.properties:
        for value in pom.objects:
            yield pom, value


def reach(plan: Plan, own: list[TriplesMap], root: TriplesMap) -> list[Node]:
    """The nodes of a row, the record first: over the links forwards, then backwards where nothing leads there otherwise."""
    nodes = [Node(root)]
    reached = {root.id}

    def visit(start: int) -> None:
        queue = [start]
        while queue:
            number = queue.pop(0)
            node = nodes[number]
            if node.joins:
                continue
            for other in own:  # two maps of one subject are one node
                if other.id not in reached and other.subject.expression == node.map.subject.expression:
                    reached.add(other.id)
                    nodes.append(Node(other, number, path=node.path))
                    queue.append(len(nodes) - 1)
            targets = list(edges(plan, node.map))
            for edge in targets:
                predicate, target = edge.predicate, edge.target
                if edge.joins:
                    nodes.append(Node(target, number, predicate, edge=edge, path=(*node.path, predicate)))
                    continue
                if target.id in reached or target not in own:
                    continue
                reached.add(target.id)
                rivals = [
                    other.target
                    for other in targets
                    if other.predicate == predicate and other.target.id != target.id and not other.joins
                ]
                nodes.append(
                    Node(
                        target,
                        number,
                        predicate,
                        repeated=_repeated(node.map, target),
                        by_class=bool(rivals) and bool(classes(target)),
                        by_suffix=suffix(target)
                        if any(classes(rival) == classes(target) for rival in rivals)
                        else None,
                        path=(*node.path, predicate),
                    )
                )
                queue.append(len(nodes) - 1)

    visit(0)
    found = True
    while found:
        found = False
        for other in own:
            if other.id in reached:
                continue
            for edge in edges(plan, other):
                predicate, target = edge.predicate, edge.target
                number = next((n for n, node in enumerate(nodes) if node.map.id == target.id and not node.joins), None)
                if number is not None and not edge.joins:
                    reached.add(other.id)
                    path = (*nodes[number].path, "^" + predicate)
                    rivals = _repeated(nodes[number].map, other)
                    nodes.append(
                        Node(other, number, predicate, backwards=True, repeated=rivals, by_class=True, path=path)
                    )
                    visit(len(nodes) - 1)
                    found = True
                    break
    return nodes


def _repeated(parent: TriplesMap, child: TriplesMap) -> bool:
    """Whether a parent may have several: the mapping says so, or the child is named by the parent's columns and more of its own."""
    return child.row or (parent.subject_references() < child.subject_references() and bool(parent.subject_references()))


def suffix(m: TriplesMap) -> str | None:
    expression = m.subject.expression
    if isinstance(expression, Template) and isinstance(expression.parts[-1], str):
        return expression.parts[-1]
    return None
