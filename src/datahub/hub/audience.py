"""Who may see what. Every way out of the hub asks here, so there is one answer.

A version carries the rank of its visibility (0 open, 1 members, 2 private), the stricter of its dataset's and its own. A reader
has a level: it sees ranks up to that level, and everything in the datasets of its own platform.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from datahub.profiles import vocabulary
from datahub.rdf.frame import Frame
from datahub.rdf.terms import DH, Term
from datahub.records.visibility import MEMBERS, OPEN, PRIVATE

VISIBILITY = DH + "visibility"
RANK_OF = {DH + "Open": OPEN, DH + "Members": MEMBERS, DH + "Private": PRIVATE}


@dataclass(frozen=True)
class Reader:
    """Who reads. ``platform``: its id, None for strangers. ``approved``: a platform that the consortium has approved.
    ``admin``: sees everything."""

    platform: str | None = None
    approved: bool = False
    admin: bool = False

    @property
    def level(self) -> int:
        """The highest rank that it sees in datasets of others."""
        if self.admin:
            return PRIVATE
        return MEMBERS if self.platform is not None and self.approved else OPEN


ANONYMOUS = Reader()
ADMIN = Reader(admin=True)


def level(reader: Reader, platform: str) -> int:
    """The highest rank that ``reader`` sees in a dataset of ``platform``. Personal data is only for those who see beyond open."""
    return PRIVATE if reader.platform == platform else reader.level


def public(frame: Frame) -> Frame:
    """``frame`` without the values of personal properties: what may leave openly."""
    codes = [code for code in frame.codes(Term.iri(iri) for iri in personal()) if code is not None]
    return frame.filter(~pl.col("p").is_in(codes)) if codes else frame


def personal() -> frozenset[str]:
    """The predicates whose values are personal data."""
    return vocabulary().personal_predicates()


def seen(table: pl.DataFrame, levels: pl.Expr) -> pl.DataFrame:
    """Versions as a reader sees them, who sees ranks up to ``levels``: op is told from its side, what it never saw is left out.

    ``table`` has visibility and was. A record that becomes narrower than the reader's level is a deletion for it, and one that
    becomes wide enough a creation.
    """
    now = (pl.col("visibility") <= levels).fill_null(False)
    before = (pl.col("was") <= levels).fill_null(False)
    op = (
        pl.when(now & before)
        .then(pl.lit("update"))
        .when(now)
        .then(pl.lit("create"))
        .when(before)
        .then(pl.lit("delete"))
    )
    return table.with_columns(op.alias("op")).filter(pl.col("op").is_not_null())


def ranks(frame: Frame, owner: pl.Series, count: int, floor: int) -> pl.Series:
    """The rank of each of ``count`` records: its own ``dh:visibility`` or its dataset's (``floor``), whichever is stricter."""
    found = frame.predicate(VISIBILITY)
    ranked = pl.Series("rank", [floor] * count, dtype=pl.UInt8)
    if found.is_empty():
        return ranked
    code = frame.iri(VISIBILITY)
    stated = frame.triples.with_columns(owner.alias("owner")).filter(pl.col("p") == code)
    iris = frame.terms["lexical"].gather(stated["o"])
    # A value that is none of the three is not guessed to be open.
    own = iris.replace_strict(list(RANK_OF), list(RANK_OF.values()), default=PRIVATE, return_dtype=pl.UInt8)
    worst = stated.select("owner", own.alias("own")).group_by("owner").agg(pl.col("own").max())
    table = pl.DataFrame({"owner": pl.int_range(0, count, dtype=pl.UInt32, eager=True), "rank": ranked})
    joined = table.join(worst, on="owner", how="left", maintain_order="left")
    return joined.select(pl.max_horizontal("rank", "own").cast(pl.UInt8).alias("rank")).to_series()
