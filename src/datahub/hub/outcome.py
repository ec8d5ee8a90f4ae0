"""What a push leaves behind: which of the records that came are taken, which versions stay, and what changes thereby."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from datahub.hub import ingest
from datahub.hub.audience import ranks
from datahub.hub.links import lasting
from datahub.rdf.frame import Frame, concat
from datahub.rdf.split import Records
from datahub.records import Comparison, Log, compare
from datahub.records.compare import Mode


@dataclass(frozen=True, eq=False)
class Outcome:
    """``records``: what came, with the ``links`` that those taken keep (see `datahub.hub.links`). ``changes``: what is
    written. ``stays``: sequence numbers of standing versions of records that came, or would have come, and stay as they are."""

    records: Records
    links: Frame
    changes: Comparison
    stays: pl.Series


@dataclass(frozen=True, eq=False)
class Arrival:
    """What came, and what stood before it.

    ``lost``: IRIs of records that were refused before they were any. ``deletions``: IRIs of records to delete. ``latest``: see
    `Log.latest`. ``others``: IRIs of the standing records that a delta neither brings nor deletes; None for a snapshot, which
    leaves none alone. ``floor``: the rank of the dataset's visibility.
    """

    records: Records
    lost: pl.Series
    deletions: pl.Series
    latest: pl.DataFrame
    others: pl.Series | None
    floor: int
    profile: str

    @property
    def mode(self) -> Mode:
        """How the push was meant."""
        return "snapshot" if self.others is None else "delta"

    @property
    def standing(self) -> pl.Series:
        """The records that stand before the push."""
        return self.latest.filter(pl.col("hash").is_not_null())["record"]

    def subjects(self, names: pl.Series) -> pl.Series:
        """The subjects that came of the records ``names``."""
        wanted = self.records.names.is_in(names.implode()).arg_true()
        parts = self.records.parts.filter(pl.col("number").is_in(wanted.implode()))
        return self.records.frame.terms["lexical"].gather(parts["s"])

    def outcome(self, refused: pl.Series, log: Log) -> Outcome:
        """What this push leaves behind where the records ``refused`` (IRIs, those lost left out) are."""
        gone = pl.concat([refused.alias("record"), self.lost.alias("record")])
        links = lasting(self.records, self.latest, self._staying(gone), self.profile, log)
        subjects = links.terms["lexical"].gather(links.triples["s"])
        links = links.filter(pl.lit(~subjects.is_in(self.subjects(refused).implode())))
        records = self.records
        if len(links):
            records = ingest.divide(concat([records.frame, links]), self.standing, self.mode)
        visibility = ranks(records.frame, records.owner, len(records), self.floor)
        numbered = records.index.select("record", "hash").with_columns(visibility.alias("visibility"))
        good = numbered.with_row_index("number").filter(~pl.col("record").is_in(refused.implode()))
        subjects = records.frame.terms["lexical"].gather(records.parts.join(good, on="number", how="semi")["s"])
        changes = compare(
            self.latest,
            good,
            mode=self.mode,
            refused=gone,
            absorbed=subjects.filter(~subjects.is_in(records.names.implode())),
            deletions=self.deletions,
        )
        left = [good["record"], changes.changes["record"], *([] if self.others is None else [self.others])]
        before = self.latest.filter(pl.col("hash").is_not_null())
        stays = before.filter(~pl.col("record").is_in(pl.concat(left).implode()))["seq"]
        return Outcome(records, links, changes, stays)

    def _staying(self, refused: pl.Series) -> pl.Series:
        """The standing records that will still stand although this push does not bring them."""
        kept = self.standing.is_in(refused.implode())
        if self.others is None:
            return self.standing.filter(kept)
        gone = pl.concat([self.records.names, self.deletions.alias("record")])
        return self.standing.filter(~self.standing.is_in(gone.implode()) | kept)
