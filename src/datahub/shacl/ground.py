"""Walks over a data graph by whole sets of nodes, which note what they look at."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from datahub.rdf.frame import ntriples_terms
from datahub.rdf.terms import IRI, RDF_TYPE
from datahub.shacl.data import SUBCLASS_OF, Data, codes
from datahub.shacl.paths import Alternative, Inverse, Path, Predicate, Repeat, Sequence, inverse

INSTANCE_OF = Sequence((Predicate(RDF_TYPE), Repeat(Predicate(SUBCLASS_OF), "*")))
"""From a node to its classes (SHACL section 1.1)."""


@dataclass(frozen=True, eq=False)
class Looked:
    """What a walk looked at. ``own``: IRIs of nodes whose own triples were read. ``into``: predicate (an IRI) and value (in
    N-Triples) of triples that were looked for, whatever their subject. ``everything``: all there is."""

    own: pl.Series
    into: pl.DataFrame
    everything: bool


class Ground:
    """Walks over ``data``. A set of nodes is a series of distinct codes, as no walk here asks which node led to which."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self._own: list[pl.Series] = []
        self._into: list[pl.DataFrame] = []
        self._everything = False

    def everywhere(self) -> pl.Series:
        """Every node there is; whoever asks for it has looked at everything."""
        self._everything = True
        return pl.arange(0, self.data.size, dtype=pl.UInt32, eager=True)

    def look(self, nodes: pl.Series) -> None:
        """Notes that the triples of ``nodes`` are read."""
        self._own.append(nodes)

    def reached(self, path: Path, nodes: pl.Series) -> pl.Series:
        """The nodes that ``path`` leads to from any of ``nodes``."""
        if not len(nodes):
            return nodes
        match path:
            case Predicate(iri):
                self.look(nodes)
                return self.data.nodes(nodes).keep(self.data.pairs(iri), "focus")["value"].unique()
            case Inverse(Predicate(iri)):
                self._into.append(pl.DataFrame({"value": nodes}).select(pl.lit(iri).alias("predicate"), "value"))
                return self.data.nodes(nodes).keep(self.data.pairs(iri), "value")["focus"].unique()
            case Inverse(inner):
                return self.reached(inverse(inner), nodes)
            case Sequence(steps):
                for step in steps:
                    nodes = self.reached(step, nodes)
                return nodes
            case Alternative(options):
                return together([self.reached(option, nodes) for option in options])
            case Repeat(inner, "?"):
                return together([nodes, self.reached(inner, nodes)])
            case Repeat(inner, sign):
                return self._repeated(inner, nodes if sign == "*" else self.reached(inner, nodes))

    def back(self, path: Path, nodes: pl.Series) -> pl.Series:
        """The nodes from which ``path`` leads to any of ``nodes``."""
        return self.reached(inverse(path), nodes)

    def _repeated(self, inner: Path, known: pl.Series) -> pl.Series:
        new = known
        while len(new):
            found = self.reached(inner, new)
            new = found.filter(~self.data.nodes(known).mask.gather(found))
            known = pl.concat([known, new])
        return known

    @property
    def looked(self) -> Looked:
        """What was looked at so far."""
        own = self.data.terms[together(self._own)]
        asked = pl.concat([pl.DataFrame(schema={"predicate": pl.String, "value": pl.UInt32}), *self._into]).unique()
        values = asked["value"].unique()
        texts = pl.DataFrame({"value": values, "text": ntriples_terms(self.data.terms[values])})
        into = asked.join(texts, on="value").select("predicate", value="text")
        return Looked(own.filter(pl.col("kind") == IRI)["lexical"], into, self._everything)


def together(sets: list[pl.Series]) -> pl.Series:
    """The union of sets of codes."""
    filled = [each.rename("node") for each in sets if len(each)]
    return pl.concat(filled).unique() if filled else codes([])
