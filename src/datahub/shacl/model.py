"""Shapes as values: what a shapes graph says, parsed once and frozen (SHACL sections 2 to 4).

Every constraint component has one class here; its parameters are its fields. Nothing in this module evaluates anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from datahub.i18n import Text
from datahub.rdf.terms import DH, RDFS, SH, Term
from datahub.shacl.paths import Path
from datahub.shacl.regex import Matcher
from datahub.shacl.shapesgraph import ShapesGraph
from datahub.shacl.sparql import Query


@dataclass(frozen=True)
class Constraint:
    """One constraint of a shape. ``component`` is the IRI of its constraint component."""

    component: ClassVar[str]


@dataclass(frozen=True)
class Class(Constraint):
    """sh:class (section 4.1.1)."""

    component = SH + "ClassConstraintComponent"
    iri: Term


@dataclass(frozen=True)
class Datatype(Constraint):
    """sh:datatype (4.1.2): also refuses ill-formed literals of that datatype."""

    component = SH + "DatatypeConstraintComponent"
    iri: str


@dataclass(frozen=True)
class NodeKind(Constraint):
    """sh:nodeKind (4.1.3): the term kinds of `datahub.rdf.terms` that are allowed."""

    component = SH + "NodeKindConstraintComponent"
    kinds: frozenset[int]


@dataclass(frozen=True)
class MinCount(Constraint):
    """sh:minCount (4.2.1)."""

    component = SH + "MinCountConstraintComponent"
    count: int


@dataclass(frozen=True)
class MaxCount(Constraint):
    """sh:maxCount (4.2.2)."""

    component = SH + "MaxCountConstraintComponent"
    count: int


@dataclass(frozen=True)
class Bound(Constraint):
    """A value range (4.3): ``limit`` is a literal, ``operator`` the comparison that a value must pass."""

    limit: Term
    operator: ClassVar[str]


@dataclass(frozen=True)
class MinExclusive(Bound):
    """sh:minExclusive."""

    component = SH + "MinExclusiveConstraintComponent"
    operator = ">"


@dataclass(frozen=True)
class MinInclusive(Bound):
    """sh:minInclusive."""

    component = SH + "MinInclusiveConstraintComponent"
    operator = ">="


@dataclass(frozen=True)
class MaxExclusive(Bound):
    """sh:maxExclusive."""

    component = SH + "MaxExclusiveConstraintComponent"
    operator = "<"


@dataclass(frozen=True)
class MaxInclusive(Bound):
    """sh:maxInclusive."""

    component = SH + "MaxInclusiveConstraintComponent"
    operator = "<="


@dataclass(frozen=True)
class MinLength(Constraint):
    """sh:minLength (4.4.1), in characters of the string form."""

    component = SH + "MinLengthConstraintComponent"
    length: int


@dataclass(frozen=True)
class MaxLength(Constraint):
    """sh:maxLength (4.4.2)."""

    component = SH + "MaxLengthConstraintComponent"
    length: int


@dataclass(frozen=True)
class Pattern(Constraint):
    """sh:pattern with sh:flags (4.4.3)."""

    component = SH + "PatternConstraintComponent"
    regex: str
    matcher: Matcher


@dataclass(frozen=True)
class LanguageIn(Constraint):
    """sh:languageIn (4.4.4): basic language ranges, lower-cased."""

    component = SH + "LanguageInConstraintComponent"
    ranges: tuple[str, ...]


@dataclass(frozen=True)
class UniqueLang(Constraint):
    """sh:uniqueLang true (4.4.5)."""

    component = SH + "UniqueLangConstraintComponent"


@dataclass(frozen=True)
class PropertyPair(Constraint):
    """A constraint between the value nodes and the values of another ``predicate`` of the focus node (4.5)."""

    predicate: str


@dataclass(frozen=True)
class Equals(PropertyPair):
    """sh:equals."""

    component = SH + "EqualsConstraintComponent"


@dataclass(frozen=True)
class Disjoint(PropertyPair):
    """sh:disjoint."""

    component = SH + "DisjointConstraintComponent"


@dataclass(frozen=True)
class LessThan(PropertyPair):
    """sh:lessThan."""

    component = SH + "LessThanConstraintComponent"


@dataclass(frozen=True)
class LessThanOrEquals(PropertyPair):
    """sh:lessThanOrEquals."""

    component = SH + "LessThanOrEqualsConstraintComponent"


@dataclass(frozen=True)
class Not(Constraint):
    """sh:not (4.6.1). Shapes are named by their node in the shapes graph."""

    component = SH + "NotConstraintComponent"
    shape: Term


@dataclass(frozen=True)
class And(Constraint):
    """sh:and (4.6.2)."""

    component = SH + "AndConstraintComponent"
    shapes: tuple[Term, ...]


@dataclass(frozen=True)
class Or(Constraint):
    """sh:or (4.6.3)."""

    component = SH + "OrConstraintComponent"
    shapes: tuple[Term, ...]


@dataclass(frozen=True)
class Xone(Constraint):
    """sh:xone (4.6.4)."""

    component = SH + "XoneConstraintComponent"
    shapes: tuple[Term, ...]


@dataclass(frozen=True)
class Node(Constraint):
    """sh:node (4.7.1)."""

    component = SH + "NodeConstraintComponent"
    shape: Term


@dataclass(frozen=True)
class Property(Constraint):
    """sh:property (4.7.2): the results are those of the property shape."""

    component = SH + "PropertyConstraintComponent"
    shape: Term


@dataclass(frozen=True)
class Qualified(Constraint):
    """sh:qualifiedValueShape (4.7.3); ``siblings`` is empty unless sh:qualifiedValueShapesDisjoint is true."""

    shape: Term
    count: int
    siblings: tuple[Term, ...]


@dataclass(frozen=True)
class QualifiedMinCount(Qualified):
    """sh:qualifiedMinCount."""

    component = SH + "QualifiedMinCountConstraintComponent"


@dataclass(frozen=True)
class QualifiedMaxCount(Qualified):
    """sh:qualifiedMaxCount."""

    component = SH + "QualifiedMaxCountConstraintComponent"


@dataclass(frozen=True)
class Closed(Constraint):
    """sh:closed true with sh:ignoredProperties (4.8.1): the predicates that are allowed."""

    component = SH + "ClosedConstraintComponent"
    allowed: frozenset[str]


@dataclass(frozen=True)
class HasValue(Constraint):
    """sh:hasValue (4.8.2)."""

    component = SH + "HasValueConstraintComponent"
    value: Term


@dataclass(frozen=True)
class In(Constraint):
    """sh:in (4.8.3)."""

    component = SH + "InConstraintComponent"
    values: tuple[Term, ...]


@dataclass(frozen=True)
class NotInFuture(Constraint):
    """dh:notInFuture true: a date or dateTime value must not lie after the moment of validation."""

    component = DH + "NotInFutureConstraintComponent"


@dataclass(frozen=True)
class StartsWithValueOf(Constraint):
    """dh:startsWithValueOf: where the focus node has values of ``predicate``, each value node starts with one of them."""

    component = DH + "StartsWithValueOfConstraintComponent"
    predicate: str


@dataclass(frozen=True)
class Sparql(Constraint):
    """sh:sparql with a SELECT query (5.1): ``source`` is its node, ``messages`` may have ``{?variables}``."""

    component = SH + "SPARQLConstraintComponent"
    source: Term
    query: Query
    messages: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Custom(Constraint):
    """A constraint component that the shapes graph declares (section 6): ``iri`` its name, ``parameters`` by variable."""

    iri: str
    query: Query
    parameters: tuple[tuple[str, Term], ...]
    messages: tuple[tuple[str, str], ...]

    @property
    def component(self) -> str:  # type: ignore[override]
        """The declared component."""
        return self.iri


@dataclass(frozen=True)
class Target:
    """What a shape is applied to (section 2.1.3). ``kind``: class, node, subjects-of or objects-of."""

    kind: str
    term: Term


@dataclass(frozen=True)
class Shape:
    """A node shape, or a property shape when it has a path.

    ``messages`` and ``fixes`` hold (language or "", sentence); ``name`` is sh:name, else rdfs:label. ``unknown``: the terms of the
    SHACL namespace that it uses and SHACL does not have; what they were meant to ask is not asked.
    """

    node: Term
    path: Path | None
    targets: tuple[Target, ...]
    constraints: tuple[Constraint, ...]
    severity: str
    deactivated: bool
    messages: tuple[tuple[str, str], ...]
    fixes: tuple[tuple[str, str], ...]
    name: Text | None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shapes:
    """All shapes of a shapes graph by their node, in the order in which they are evaluated. ``graph``: what they were read from.
    ``labels``: what the terms of a vocabulary are called; a term that the shapes graph itself labels needs none. ``phrases``: what
    shapes ask for in one phrase, as far as it was told before."""

    by_node: dict[Term, Shape]
    graph: ShapesGraph | None = field(default=None, repr=False, compare=False)
    labels: Callable[[str], Text | None] | None = field(default=None, repr=False, compare=False)
    phrases: dict[Term, Text] = field(default_factory=dict, repr=False, compare=False)

    def label(self, iri: str) -> Text | None:
        """What the term ``iri`` is called in English and French, or None where nobody says it; one stands in for the other."""
        own = () if self.graph is None else self.graph.values(Term.iri(iri), RDFS + "label")
        said = {(value.language or "").split("-")[0]: value.lexical for value in own}
        if not said:
            return None if self.labels is None else self.labels(iri)
        first = said.get("", next(iter(said.values())))
        return Text(said.get("en", first), said.get("fr", first))

    @property
    def targeted(self) -> tuple[Shape, ...]:
        """The shapes that select focus nodes of their own."""
        return tuple(shape for shape in self.by_node.values() if shape.targets and not shape.deactivated)

    def __len__(self) -> int:
        return len(self.by_node)
