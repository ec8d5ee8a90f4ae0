"""A frame as the lowering walks it: its triples by predicate with their positions, and lookups by node code."""

from __future__ import annotations

import polars as pl

from datahub.rdf.frame import Frame
from datahub.rdf.terms import RDF_TYPE

_NONE = pl.UInt32


class GraphTable:
    """Triples by predicate. ``expressed`` marks, by position, those that the lowered tables keep."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.terms = frame.terms
        numbered = frame.triples.select("s", "p", "o").with_row_index("at")
        parts = numbered.partition_by("p", as_dict=True, maintain_order=True)
        self._by_predicate = {int(key[0]): part.drop("p") for key, part in parts.items()}
        self._empty = numbered.clear().drop("p")
        self._kept: list[pl.Series] = []

    def triples(self, predicate: str) -> pl.DataFrame:
        """The triples of ``predicate``: columns at (position), s, o, in frame order."""
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
        """For each code of ``wanted`` the value beside it in ``keys`` (which are distinct), null where there is none."""
        place = pl.repeat(None, self.terms.height, dtype=_NONE, eager=True)
        if len(keys):
            place = place.scatter(keys, pl.arange(0, len(keys), dtype=_NONE, eager=True))
        return values.gather(place.gather(wanted))

    def mark(self, subjects: pl.Series, predicate: str, objects: pl.Series) -> None:
        """Marks as kept the triples of ``predicate`` with those pairs of subject and object codes; nulls are skipped."""
        pairs = pl.DataFrame({"s": subjects, "o": objects}).drop_nulls()
        triples = self.triples(predicate)
        if pairs.height and triples.height:
            self._kept.append(triples.join(pairs, on=["s", "o"], how="semi")["at"])

    def unmark(self, positions: pl.Series) -> None:
        """Takes back the marks at ``positions``."""
        gone = positions.drop_nulls().implode()
        self._kept = [kept.filter(~kept.is_in(gone)) for kept in self._kept]

    def lost(self) -> pl.Series:
        """The positions of the triples that are not marked."""
        flags = pl.repeat(value=True, n=len(self.frame), dtype=pl.Boolean, eager=True)
        for kept in self._kept:
            if len(kept):
                flags = flags.scatter(kept, False)
        return flags.arg_true()

    def code_of(
        self, predicate: str, lexical: pl.Series, kind: int, datatype: str | None, language: str | None
    ) -> pl.Series:
        """The codes of the terms with ``lexical`` among the objects of ``predicate``; null where there is none."""
        objects = self.triples(predicate)["o"].unique()
        terms = self.terms[objects].with_columns(objects.alias("code")).filter(pl.col("kind") == kind)
        if kind == 2:
            terms = terms.filter(
                pl.col("datatype").eq_missing(pl.lit(datatype)) & pl.col("language").eq_missing(pl.lit(language))
            )
        return lexical.alias("lexical").to_frame().join(terms, on="lexical", how="left", maintain_order="left")["code"]
