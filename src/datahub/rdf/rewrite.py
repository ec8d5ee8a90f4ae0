"""Namespaces written in another way: aliases of the same terms brought to one form, or into the form that a peer asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from datahub.rdf.frame import TERM_SCHEMA, TRIPLE_SCHEMA, Frame, distinct
from datahub.rdf.terms import IRI


class Rewritten(NamedTuple):
    """``changed`` is the number of distinct terms that were written in another way."""

    frame: Frame
    changed: int


def rewrite(frame: Frame, namespaces: Mapping[str, str]) -> Rewritten:
    """``frame`` with each IRI, and each datatype, that starts with a key of ``namespaces`` starting with its value instead.

    The longest key that fits counts. Works on the distinct terms; triples that become equal are kept once.
    """
    if not namespaces or not len(frame):
        return Rewritten(frame, 0)
    lexical = _renamed(pl.col("lexical"), namespaces)
    terms = frame.terms.with_columns(
        pl.when(pl.col("kind") == IRI).then(lexical).otherwise(pl.col("lexical")).alias("lexical"),
        _renamed(pl.col("datatype"), namespaces).alias("datatype"),
    )
    changed = (terms["lexical"] != frame.terms["lexical"]) | terms["datatype"].ne_missing(frame.terms["datatype"])
    count = int(changed.sum())
    return Rewritten(with_terms(frame, terms), count) if count else Rewritten(frame, 0)


def with_terms(frame: Frame, terms: pl.DataFrame) -> Frame:
    """``frame`` with the term table ``terms`` in place of its own, where rows may have become equal: each term and triple once."""
    kept = terms.unique(list(TERM_SCHEMA), maintain_order=True)
    if kept.height == terms.height:
        return Frame(terms, frame.triples)
    numbered = kept.with_row_index("code")
    codes = terms.join(numbered, on=list(TERM_SCHEMA), how="left", nulls_equal=True, maintain_order="left")["code"]
    t = frame.triples
    columns = {c: codes.gather(t[c]) for c in "spog"}
    triples = pl.DataFrame({**columns, "row": t["row"]}, schema=TRIPLE_SCHEMA)
    return Frame(kept, distinct(triples, kept.height))


def _renamed(text: pl.Expr, namespaces: Mapping[str, str]) -> pl.Expr:
    out = text
    for old in sorted(namespaces, key=len):  # the longest comes last, so that it is asked first
        new = pl.concat_str([pl.lit(namespaces[old]), text.str.slice(len(old))])
        out = pl.when(text.str.starts_with(old)).then(new).otherwise(out)
    return out
