"""A frame as the lowering walks it: its triples by predicate with their positions, and lookups by node code."""

from __future__ import annotations

from functools import cached_property

import polars as pl

from datahub.rdf.columns import Column
from datahub.rdf.frame import Frame
from datahub.rdf.terms import LANG_STRING, LITERAL, RDF_TYPE, XSD_STRING

_NONE = pl.UInt32
NOBODY = pl.Series([None], dtype=pl.UInt32)
"""No node, in place of codes."""


class GraphTable:
    """Triples by predicate, those of all graphs. ``graphs``: whether there are named graphs at all."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.terms = frame.terms
        self.graphs = frame.triples["g"].null_count() < len(frame)
        columns = ["s", "p", "o", "g"] if self.graphs else ["s", "p", "o"]
        numbered = frame.triples.select(columns).with_row_index("at")
        parts = numbered.partition_by("p", as_dict=True, maintain_order=True)
        self._by_predicate = {int(key[0]): part.drop("p") for key, part in parts.items()}
        self._empty = numbered.clear().drop("p")

    def triples(self, predicate: str) -> pl.DataFrame:
        """The triples of ``predicate``: columns at (position), s, o, in frame order; one that is in several graphs comes once."""
        found = self.quads(predicate)
        return found.drop("g").unique(["s", "o"], keep="first", maintain_order=True) if self.graphs else found

    def quads(self, predicate: str) -> pl.DataFrame:
        """The triples of ``predicate`` in each of their graphs: columns at, s, o and, where there are named graphs, g."""
        code = self.frame.iri(predicate)
        return self._empty if code is None else self._by_predicate.get(code, self._empty)

    def members(self, name: str) -> pl.Series:
        """The codes of the nodes that have the class ``name``, in frame order, each once."""
        code = self.frame.iri(name)
        if code is None:
            return self._empty["s"]
        return self.triples(RDF_TYPE).filter(pl.col("o") == code)["s"].unique(maintain_order=True)

    def subjects(self, predicates: list[str]) -> pl.Series:
        """The nodes that have one of ``predicates``, each once, in frame order."""
        parts = [self.triples(predicate).select("s", "at") for predicate in predicates]
        if not parts:
            return self._empty["s"]
        return pl.concat(parts).sort("at")["s"].unique(maintain_order=True)

    def at(self, keys: pl.Series, values: pl.Series, wanted: pl.Series) -> pl.Series:
        """For each code of ``wanted`` the value beside it in ``keys`` (the first, where it is there twice), null where there is
        none."""
        place = pl.repeat(None, self.terms.height, dtype=_NONE, eager=True)
        if len(keys):  # the last that is written stays
            place = place.scatter(keys.reverse(), pl.arange(0, len(keys), dtype=_NONE, eager=True).reverse())
        return values.gather(place.gather(wanted))

    def graph_of(self, lexical: pl.Series, kind: int) -> pl.Series:
        """The codes of the graphs called ``lexical``; null where there is no such graph."""
        named = self.frame.triples["g"].drop_nulls().unique()
        terms = self.terms[named].with_columns(named.alias("code")).filter(pl.col("kind") == kind)
        table = lexical.alias("lexical").to_frame()
        return table.join(terms.select("lexical", "code"), on="lexical", how="left", maintain_order="left")["code"]

    def node_code(self, column: Column, guess: pl.Series | None) -> pl.Series:
        """The codes of the nodes of ``column``; null where there is none. ``guess``: what they most often are."""
        height = len(column.lexical)
        code = pl.repeat(None, height, dtype=_NONE, eager=True) if guess is None else guess
        fits = (self.terms["lexical"].gather(code) == column.lexical) & (self.terms["kind"].gather(code) == column.kind)
        code = code.zip_with(fits.fill_null(value=False), NOBODY)
        others = (code.is_null() & column.lexical.is_not_null()).arg_true()
        if len(others):
            sought = column.lexical.gather(others).alias("lexical").to_frame()
            nodes = self._nodes.filter(pl.col("kind") == column.kind)
            found = sought.join(nodes, on="lexical", how="left", maintain_order="left")["code"]
            code = code.scatter(others, found)
        return code

    @cached_property
    def _nodes(self) -> pl.DataFrame:
        """The subjects and the objects of the triples, literals apart: lexical, kind, code."""
        nobody = pl.repeat(value=False, n=self.terms.height, dtype=pl.Boolean, eager=True)
        used = nobody.scatter(self.frame.triples["s"], True) | nobody.scatter(self.frame.triples["o"], True)
        codes = (used & (self.terms["kind"] != LITERAL)).arg_true().cast(_NONE)
        return self.terms.select("lexical", "kind")[codes].with_columns(codes.alias("code"))

    def code_of(self, predicate: str, column: Column, subjects: pl.Series) -> pl.Series:
        """The codes of the terms of ``column`` among the objects of ``predicate``; null where there is none.

        They are sought at ``subjects`` first: most often what comes out again is what was read there.
        """
        triples = self.quads(predicate)
        objects = triples["o"].unique()
        fits = pl.col("kind") == column.kind
        if column.kind == LITERAL:
            language = column.language.lower() if column.language else None
            datatype = LANG_STRING if language else column.datatype or XSD_STRING
            fits = fits & pl.col("datatype").eq_missing(pl.lit(datatype, pl.String))
            fits = fits & pl.col("language").eq_missing(pl.lit(language, pl.String))
        objects = objects.filter(self.terms[objects].select(fits).to_series())
        code = self.at(objects, objects, self.at(triples["s"], triples["o"], subjects))
        code = code.zip_with((self.terms["lexical"].gather(code) == column.lexical).fill_null(value=False), NOBODY)
        others = (code.is_null() & column.lexical.is_not_null()).arg_true()
        if len(others) and len(objects):
            terms = pl.DataFrame({"lexical": self.terms["lexical"].gather(objects), "code": objects})
            sought = column.lexical.gather(others).alias("lexical").to_frame()
            code = code.scatter(others, sought.join(terms, on="lexical", how="left", maintain_order="left")["code"])
        return code


class Marks:
    """Notes, by position, which triples of ``graph`` come out again: ``kept``, and those that do but in another graph."""

    def __init__(self, graph: GraphTable) -> None:
        self.graph = graph
        self._kept = [pl.Series([], dtype=pl.UInt32)]
        self._moved = [pl.Series([], dtype=pl.UInt32)]

    def mark(self, subjects: pl.Series, predicate: str, objects: pl.Series, graph: pl.Series | None = None) -> None:
        """Marks as kept the triples of ``predicate`` with those pairs of subject and object codes; nulls are skipped.

        ``graph``: the code of the graph in which each comes out, null for one that there is not; None for the default graph. What
        stands in another graph is `moved`, not kept.
        """
        pairs = pl.DataFrame({"s": subjects, "o": objects})
        if graph is not None:
            pairs = pairs.with_columns(graph.alias("g"))
        pairs = pairs.drop_nulls(["s", "o"])
        triples = self.graph.quads(predicate)
        if not pairs.height or not triples.height:
            return
        found = triples.filter(self._among(triples, pairs))
        graphs = self.graph.graphs
        if graph is not None:
            here = found.join(pairs.drop_nulls(), on=["s", "o", "g"], how="semi") if graphs else found.clear()
        else:
            here = found.filter(pl.col("g").is_null()) if graphs else found
        self._kept.append(here["at"])
        if here.height < found.height:
            self._moved.append(found["at"])

    def _among(self, triples: pl.DataFrame, pairs: pl.DataFrame) -> pl.Series:
        """Whether each of ``triples`` has the subject and object of one of ``pairs``."""
        at = self.graph.at
        wanted = at(pairs["s"], pairs["o"], pairs["s"])
        if (wanted == pairs["o"]).all():  # each subject has one object, as nearly always: no need to join
            return (at(pairs["s"], pairs["o"], triples["s"]) == triples["o"]).fill_null(value=False)
        found = triples.join(pairs.unique(["s", "o"]), on=["s", "o"], how="left", maintain_order="left", coalesce=False)
        return found["s_right"].is_not_null()

    def kept(self) -> pl.Series:
        """The positions of the triples that are marked, some more than once."""
        return pl.concat(self._kept)

    def moved(self) -> pl.Series:
        """The positions of triples that come out again, but in another graph (or that stand in several, and come out in one)."""
        return pl.concat(self._moved).unique()
