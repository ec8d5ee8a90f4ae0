"""Which shapes can be evaluated on parts of the data, a part being some of its records, and which need the whole.

A record is a node with the nodes whose IRIs differ from its own by a fragment only. A shape goes by records where its walks stay
inside of them; a walk may leave a record forwards, along properties of which there are few triples: these are added to every part.
Where a walk goes backwards into a record (which others point to me?), the shape is evaluated on all records at once, over those
triples only that it can look at. Which properties lead out of a record is seen in the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from datahub.i18n import Text
from datahub.rdf.terms import RDF_TYPE, Term, curie
from datahub.shacl import model as m
from datahub.shacl.data import SUBCLASS_OF
from datahub.shacl.reads import Read, Reads, Way, reads
from datahub.shacl.shapesgraph import shown

Token = tuple[str, Term | None]
"""Triples of a predicate; of rdf:type those of one class and of classes below it, where one is given."""
FEW = 0.05
"""The share of all triples that may be added to every part for one shape."""
MOST = 0.5
"""The share of all triples beyond which evaluating shapes on the whole makes parts useless."""


@dataclass(frozen=True)
class Seen:
    """What was seen in the data, or in a sample of it. ``outer``: the predicates that lead from one record to another. ``valued``:
    those that have literals, which are in no record. ``shares``: of all triples, by predicate, and by (rdf:type, class)."""

    outer: frozenset[str]
    valued: frozenset[str]
    shares: Mapping[Token, float]

    def own(self, way: Way) -> bool:
        """Whether nodes on ``way`` lie in the record of the focus node."""
        return way.isdisjoint(self.outer)

    def inside(self, read: Read) -> bool:
        """Whether the triples of ``read`` lie in the record of the focus node."""
        return self.own(read.way) and not (read.backwards and read.predicate in self.outer | self.valued)

    def share(self, tokens: frozenset[Token]) -> float:
        """The share of triples that ``tokens`` stand for."""
        return sum(self.shares.get(token, 0.0) for token in tokens)


@dataclass(frozen=True)
class Placed:
    """Where one shape is evaluated. ``why``: what makes it need all records, None where it goes by records. ``tokens``: the triples
    that it needs of all records; None stands for all triples."""

    shape: m.Shape
    why: Text | None
    tokens: frozenset[Token] | None

    def told(self) -> Text:
        """The shape, where it is evaluated, why, and over which triples."""
        name = shown(self.shape.node)
        names = ", ".join(sorted(_name(token) for token in self.tokens or ()))
        if self.why is not None:
            rest = Text(
                f"over {names}" if self.tokens is not None else "over all triples",
                f"sur {names}" if self.tokens is not None else "sur tous les triplets",
            )
            return Text(
                f"{name}: on all records, as {self.why.en}; {rest.en}",
                f"{name} : sur toutes les fiches, car {self.why.fr} ; {rest.fr}",
            )
        added = Text(f", every part with {names}" if names else "", f", chaque partie avec {names}" if names else "")
        return Text(f"{name}: by records{added.en}", f"{name} : par fiches{added.fr}")


@dataclass(frozen=True)
class Plan:
    """The targeted shapes in their order."""

    placed: tuple[Placed, ...]

    @property
    def by_records(self) -> tuple[m.Shape, ...]:
        """The shapes that are evaluated part by part."""
        return tuple(each.shape for each in self.placed if each.why is None)

    @property
    def on_all(self) -> tuple[m.Shape, ...]:
        """The shapes that are evaluated once."""
        return tuple(each.shape for each in self.placed if each.why is not None)

    @property
    def shared(self) -> frozenset[Token]:
        """The triples that every part has."""
        return _together(each for each in self.placed if each.why is None) or frozenset()

    @property
    def gathered(self) -> frozenset[Token] | None:
        """The triples that the shapes `on_all` are evaluated over; None stands for all triples."""
        return _together(each for each in self.placed if each.why is not None)

    @property
    def in_parts(self) -> bool:
        """Whether the data can be cut at all."""
        return bool(self.by_records)

    @property
    def hindering(self) -> tuple[Placed, ...]:
        """The shapes for which the data can't be cut, where they can't; not those that are only kept with them."""
        return () if self.in_parts else tuple(each for each in self.placed if each.why is not _OTHERS)

    def __str__(self) -> str:
        return self.told().en

    def told(self) -> Text:
        """The plan for people: a line for each shape."""
        lines = [each.told() for each in self.placed]
        return Text("\n".join(line.en for line in lines), "\n".join(line.fr for line in lines))


def plan(shapes: m.Shapes, seen: Seen) -> Plan:
    """Where each targeted shape is evaluated, in data of which this was seen."""
    placed = tuple(_placed(shape, reads(shapes, shape), seen) for shape in shapes.targeted)
    gathered = _together(each for each in placed if each.why is not None)
    if gathered is None or seen.share(gathered) > MOST:
        return Plan(tuple(Placed(each.shape, each.why or _OTHERS, None) for each in placed))
    return Plan(placed)


_OTHERS = Text(
    "other shapes need all the data at once, so cutting it would save nothing",
    "d'autres formes ont besoin de toutes les données à la fois : les découper n'épargnerait rien",
)


def _placed(shape: m.Shape, found: Reads, seen: Seen) -> Placed:
    every = frozenset(map(_token, found.reads))
    if found.anything:
        sentence = Text(
            "a SPARQL query of it may look at any triple", "une de ses requêtes SPARQL peut regarder tout triplet"
        )
        return Placed(shape, sentence, None)
    if not all(map(seen.own, found.whole_nodes)):
        sentence = Text(
            "sh:closed looks at all triples of nodes of other records",
            "sh:closed regarde tous les triplets de nœuds d'autres fiches",
        )
        return Placed(shape, sentence, None)
    gathered = None if found.whole_nodes else every
    if found.fixed:
        return Placed(shape, Text("it names its target nodes", "elle nomme ses nœuds cibles"), gathered)
    for each in sorted(found.reads, key=lambda read: (read.predicate, sorted(read.way))):
        if each.backwards and not seen.inside(each):
            name = curie(each.predicate)
            sentence = Text(
                f"it asks which other records point to a node by {name}",
                f"elle demande quelles autres fiches pointent vers un nœud par {name}",
            )
            return Placed(shape, sentence, gathered)
    shared = frozenset(_token(each) for each in found.reads if not seen.inside(each))
    if seen.share(shared) > FEW:
        names = ", ".join(sorted(_name(token) for token in shared))
        sentence = Text(
            f"it reads too much of other records: {names}", f"elle lit trop de triplets d'autres fiches : {names}"
        )
        return Placed(shape, sentence, gathered)
    return Placed(shape, None, shared)


def _token(read: Read) -> Token:
    return read.predicate, read.cls


def _together(placed: Iterable[Placed]) -> frozenset[Token] | None:
    found: set[Token] = {(SUBCLASS_OF, None)}
    for each in placed:
        if each.tokens is None:
            return None
        found |= each.tokens
    return frozenset(found)


def _name(token: Token) -> str:
    predicate, cls = token
    return curie(predicate) if cls is None else f"{curie(RDF_TYPE)} {curie(cls.lexical)}"
