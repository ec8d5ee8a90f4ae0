"""The SPARQL queries of shapes, answered over the data by the embedded engine (SHACL sections 5.3.1 and 6.2).

Only the triples that a query can look at are given to it; most queries name their predicates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO

import polars as pl
import pyoxigraph as ox

from datahub.errors import InputError
from datahub.i18n import Text
from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, Term
from datahub.shacl import forms, spelling
from datahub.shacl.data import SUBCLASS_OF
from datahub.shacl.shapesgraph import ShapesGraph
from datahub.shacl.sparql import Query, Row

SHAPES_GRAPH = Term.iri("urn:x-datahub:shapes-graph")
AT_ONCE = 500
"""How many nodes one query is asked for. The engine joins the list of nodes of each group with every other: longer lists take it
quadratic time, shorter ones do not make it faster."""


@dataclass(frozen=True)
class Held:
    """What a query is asked of. ``stand_ins``: some of its literals are under one."""

    store: ox.Store
    stand_ins: bool


@dataclass(frozen=True)
class Answers:
    """Answers queries over the default graph ``frame``; ``shapes``: what $shapesGraph holds; ``above``: each class of an ontology
    with one above it, as if the frame said so."""

    frame: Frame
    shapes: ShapesGraph | None
    stores: dict[frozenset[str] | None, Held]
    above: tuple[tuple[Term, Term], ...] = ()

    def ask(self, query: Query, variables: Sequence[str], rows: Sequence[Row]) -> Iterator[dict[str, Term]]:
        """The solutions of ``query``, with ``variables`` bound to each of ``rows``, as terms by variable."""
        held = self._held(query)
        step = 1 if query.node_by_node else AT_ONCE
        others = forms.stand_ins(term for row in rows for term in row if term is not None)
        text = forms.by_value(query.text) if others or held.stand_ins else query.text
        asked = replace(query, text=spelling.asking_of_names(text) if self._blanks else text)
        named = [tuple(spelling.named(others.get(term, term)) if term else None for term in row) for row in rows]
        for start in range(0, len(named), step):
            yield from self._run(held.store, asked.bound(variables, named[start : start + step]))

    def _run(self, store: ox.Store, text: str) -> Iterator[dict[str, Term]]:
        try:
            found = store.query(text)
            assert isinstance(found, ox.QuerySolutions)
            names = [variable.value for variable in found.variables]
            for solution in found:
                terms = zip(names, solution, strict=True)
                yield {name: spelling.term(node) for name, node in terms if node is not None}
        except (SyntaxError, ValueError, OSError) as error:
            raise InputError(
                "shapes-sparql",
                Text(
                    "A SPARQL query of the shapes could not be answered by the embedded engine.",
                    "Une requête SPARQL des formes n'a pas pu être exécutée par le moteur embarqué.",
                ),
            ) from error

    @cached_property
    def _blanks(self) -> bool:
        shapes = self.shapes.index if self.shapes is not None else {}
        return BLANK in self.frame.terms["kind"] or any(subject.kind == BLANK for subject in shapes)

    def _held(self, query: Query) -> Held:
        wants_shapes = "shapesGraph" in query.variables
        key = None if wants_shapes else query.predicates
        if key not in self.stores:
            store = ox.Store()
            text, stand_ins = _lines(self.frame, key)
            store.bulk_load(BytesIO(text), format=ox.RdfFormat.N_TRIPLES)
            if key is None or SUBCLASS_OF in key:
                below = ox.NamedNode(SUBCLASS_OF)
                store.extend(ox.Quad(ox.NamedNode(c.lexical), below, ox.NamedNode(d.lexical)) for c, d in self.above)
            if wants_shapes and self.shapes is not None:
                stand_ins |= _load_shapes(self.shapes, store)
            self.stores[key] = Held(store, stand_ins)
        return self.stores[key]


def _load_shapes(shapes: ShapesGraph, store: ox.Store) -> bool:
    """Loads what $shapesGraph holds; whether literals of it are under stand-ins."""
    others = forms.stand_ins(
        o for properties in shapes.index.values() for values in properties.values() for o in values
    )
    store.extend(
        ox.Quad(subject, ox.NamedNode(p), spelling.node(others.get(o, o)), ox.NamedNode(SHAPES_GRAPH.lexical))
        for s, properties in shapes.index.items()
        for p, values in properties.items()
        for o in values
        if not isinstance(subject := spelling.node(s), ox.Literal)
    )
    return bool(others)


def _lines(frame: Frame, predicates: frozenset[str] | None) -> tuple[bytes, bool]:
    """The triples with ``predicates`` (all where None), without the names of their graphs; whether there are stand-ins in them."""
    part = frame
    if predicates is not None:
        known = [code for code in (frame.iri(name) for name in sorted(predicates)) if code is not None]
        part = frame.filter(pl.col("p").is_in(pl.Series(known, dtype=pl.UInt32).implode()))
    part = Frame(part.terms, part.triples.with_columns(pl.lit(None, pl.UInt32).alias("g"))).compact()
    part, stand_ins = forms.with_stand_ins(spelling.with_names(part))
    return "".join(part.lines().to_list()).encode(), stand_ins
