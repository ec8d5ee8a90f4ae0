"""The SPARQL queries of shapes, answered over the data by the embedded engine (SHACL sections 5.3.1 and 6.2).

Only the triples that a query can look at are given to it; most queries name their predicates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import polars as pl
import pyoxigraph as ox

from datahub.errors import InputError
from datahub.i18n import Text
from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, IRI, Term
from datahub.shacl.data import SUBCLASS_OF
from datahub.shacl.shapesgraph import ShapesGraph
from datahub.shacl.sparql import Query, Row, bindable

Node = ox.NamedNode | ox.BlankNode | ox.Literal
SHAPES_GRAPH = Term.iri("urn:x-datahub:shapes-graph")
AT_ONCE = 20_000
"""How many nodes one query is asked for."""


@dataclass(frozen=True)
class Answers:
    """Answers queries over the default graph ``frame``; ``shapes``: what $shapesGraph holds; ``above``: each class of an ontology
    with one above it, as if the frame said so."""

    frame: Frame
    shapes: ShapesGraph | None
    stores: dict[frozenset[str] | None, ox.Store]
    above: tuple[tuple[Term, Term], ...] = ()

    def ask(self, query: Query, variables: Sequence[str], rows: Sequence[Row]) -> Iterator[dict[str, Term]]:
        """The solutions of ``query``, with ``variables`` bound to each of ``rows``, as terms by variable.

        The first variable is $this. A blank node can't be written into a query: one that is $this is bound from outside, which
        groups inside of the query don't see.
        """
        store = self._store(query)
        step = 1 if query.node_by_node else AT_ONCE
        plain = [row for row in rows if all(term is None or bindable(term) for term in row)]
        for start in range(0, len(plain), step):
            yield from self._run(store, query.bound(variables, plain[start : start + step]), {})
        for row in rows:
            if row[0] is not None and not bindable(row[0]):
                named = [(name, term) for name, term in zip(variables, row, strict=True) if term is not None]
                inside = [(name, term) for name, term in named if bindable(term)]
                outside = {ox.Variable(name): _node(term) for name, term in named if not bindable(term)}
                text = query.bound([name for name, _ in inside], [tuple(term for _, term in inside)])
                yield from self._run(store, text, outside)

    def _run(self, store: ox.Store, text: str, outside: Mapping[ox.Variable, Node]) -> Iterator[dict[str, Term]]:
        try:
            found = store.query(text, substitutions={**outside}) if outside else store.query(text)
            assert isinstance(found, ox.QuerySolutions)
            names = [variable.value for variable in found.variables]
            for solution in found:
                yield {name: _term(node) for name, node in zip(names, solution, strict=True) if node is not None}
        except (SyntaxError, ValueError, OSError) as error:
            raise InputError(
                "shapes-sparql",
                Text(
                    "A SPARQL query of the shapes could not be answered by the embedded engine.",
                    "Une requête SPARQL des formes n'a pas pu être exécutée par le moteur embarqué.",
                ),
            ) from error

    def _store(self, query: Query) -> ox.Store:
        wants_shapes = "shapesGraph" in query.variables
        key = None if wants_shapes else query.predicates
        if key not in self.stores:
            self.stores[key] = store = ox.Store()
            text = BytesIO(_lines(self.frame, key))
            store.bulk_extend(ox.parse(text, format=ox.RdfFormat.N_TRIPLES))  # bulk_load would rename blank nodes
            if key is None or SUBCLASS_OF in key:
                below = ox.NamedNode(SUBCLASS_OF)
                store.extend(ox.Quad(ox.NamedNode(c.lexical), below, ox.NamedNode(d.lexical)) for c, d in self.above)
            if wants_shapes and self.shapes is not None:
                store.extend(
                    ox.Quad(subject, ox.NamedNode(p), _node(o), ox.NamedNode(SHAPES_GRAPH.lexical))
                    for s, properties in self.shapes.index.items()
                    for p, values in properties.items()
                    for o in values
                    if not isinstance(subject := _node(s), ox.Literal)
                )
        return self.stores[key]


def _lines(frame: Frame, predicates: frozenset[str] | None) -> bytes:
    """The triples with ``predicates`` (all where None), without the names of their graphs."""
    part = frame
    if predicates is not None:
        known = [code for code in (frame.iri(name) for name in sorted(predicates)) if code is not None]
        part = frame.filter(pl.col("p").is_in(pl.Series(known, dtype=pl.UInt32).implode()))
    part = Frame(part.terms, part.triples.with_columns(pl.lit(None, pl.UInt32).alias("g"))).compact()
    return "".join(part.lines().to_list()).encode()


def _node(term: Term) -> Node:
    if term.kind == IRI:
        return ox.NamedNode(term.lexical)
    if term.kind == BLANK:
        return ox.BlankNode(term.lexical)
    if term.language:
        return ox.Literal(term.lexical, language=term.language)
    return ox.Literal(term.lexical, datatype=ox.NamedNode(term.datatype or ""))


def _term(node: object) -> Term:
    if isinstance(node, ox.NamedNode):
        return Term.iri(node.value)
    if isinstance(node, ox.BlankNode):
        return Term(BLANK, node.value)
    assert isinstance(node, ox.Literal)
    return Term.literal(node.value, node.datatype.value, node.language)
