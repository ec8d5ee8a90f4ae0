"""The values of a property path from a set of nodes, as joins (SPARQL 1.1 section 18.4 without duplicates, as SHACL asks)."""

from __future__ import annotations

import polars as pl

from datahub.shacl.data import PAIRS, PAIRS_AT_LEAST, PAIRS_PER_ROW, Data, Nodes, distinct, entangled, joinable
from datahub.shacl.paths import Alternative, Inverse, Path, Predicate, Repeat, Sequence, inverse


def values(data: Data, path: Path, start: Nodes) -> pl.DataFrame:
    """The distinct pairs (focus, value) where ``path`` leads from a member of ``start`` to value."""
    match path:
        case Predicate(iri):
            return start.keep(data.pairs(iri), "focus")
        case Inverse(Predicate(iri)):
            found = start.keep(data.pairs(iri), "value")
            return found.select(pl.col("value").alias("focus"), pl.col("focus").alias("value"))
        case Inverse(inner):
            return values(data, inverse(inner), start)
        case Sequence(steps):
            pairs = values(data, steps[0], start)
            for step in steps[1:]:
                pairs = _then(data, pairs, step)
            return pairs
        case Alternative(options):
            return pl.concat([values(data, option, start) for option in options]).unique(maintain_order=True)
        case Repeat(inner, sign):
            return _repeated(data, inner, sign, start)


def _then(data: Data, pairs: pl.DataFrame, step: Path) -> pl.DataFrame:
    """``pairs`` followed by one more step."""
    middle = data.nodes(pairs["value"].unique())
    onward = values(data, step, middle).rename({"focus": "middle"})
    joinable(data, pairs["value"], onward["middle"])
    joined = pairs.rename({"value": "middle"}).join(onward, on="middle", maintain_order="left_right")
    return distinct(joined.select("focus", "value"), data.size)


def _repeated(data: Data, inner: Path, sign: str, start: Nodes) -> pl.DataFrame:
    """A closure by semi-naive iteration: only pairs that are new take another step. Cycles end it, as no pair is new."""
    itself = pl.DataFrame({"focus": start.codes, "value": start.codes}, schema=PAIRS)
    once = values(data, inner, start)
    if sign == "?":
        return pl.concat([itself, once]).unique(maintain_order=True)
    known = once if sign == "+" else pl.concat([itself, once]).unique(maintain_order=True)
    new = once if sign == "+" else once.join(itself, on=["focus", "value"], how="anti")
    while not new.is_empty():
        new = _then(data, new, inner).join(known, on=["focus", "value"], how="anti")
        known = pl.concat([known, new])
        if known.height > PAIRS_AT_LEAST + PAIRS_PER_ROW * (len(start) + len(data.frame)):
            raise entangled(known.height, data.lexical[int(new["focus"][0])])
    return known
