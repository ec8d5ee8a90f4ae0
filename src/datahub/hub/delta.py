"""A delta checked: the records that came, and exactly those others of the dataset whose results can depend on them.

The records of one dataset are checked together, never with those of another: a report must not tell its reader of data that only
others may see, and nobody can mend another platform's records.

A record that did not come and breaks a rule since the delta stays as it is. Its platform did not take it back, and a record that
a full push would refuse keeps its last good version, too. The report of the delta says what holds of it now.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from datahub.connectors import Connector, explain
from datahub.findings import FINDING_SCHEMA, findings
from datahub.hub.datasets import Dataset
from datahub.hub.follow import frame_of
from datahub.hub.links import lasting
from datahub.hub.standing import Standing
from datahub.profiles import class_hierarchy
from datahub.rdf.frame import Frame, concat
from datahub.rdf.split import Records, record_iris
from datahub.records import Comparison, Log
from datahub.shacl import Report, Shapes
from datahub.shacl.change import Change
from datahub.shacl.revalidation import validate_affected
from datahub.shacl.surroundings import surrounded

_SAME = ["record", "column", "value", "rule", "code", "severity", "message_en"]
"""What makes two findings the same."""


@dataclass(frozen=True, eq=False)
class Beside:
    """What stands beside the records of a delta. ``links``: those of shared records that stay (see `datahub.hub.links`)."""

    standing: Standing
    links: Frame


def stands_beside(records: Records, deletions: pl.Series, latest: pl.DataFrame, dataset: Dataset, log: Log) -> Beside:
    """What stands beside ``records`` and is not deleted with them; ``latest``: see `Log.latest`."""
    replaced = pl.concat([records.names.alias("record"), _subjects(records.frame), deletions.alias("record")])
    standing = Standing(log, dataset.id, latest, replaced)
    return Beside(standing, lasting(records, latest, standing.others, dataset.profile, log))


def judged(frame: Frame, shapes: Shapes, standing: Standing) -> tuple[Frame, Report]:
    """The results on what came (``frame``), and the frame that they are about: with what stands beside it, as far as it counts."""
    still = Change.between(frame, frame)
    state, which = surrounded(shapes, still, _subjects(frame), standing.fetch, ontology=class_hierarchy())
    return state.after, validate_affected(state.after, shapes, which, ontology=class_hierarchy())


def dependents(
    result: Comparison, records: Records, shapes: Shapes, standing: Standing, connector: Connector
) -> pl.DataFrame:
    """The findings on records that were not taken and stay: what holds of them since the changes of ``result``, and what no
    longer does. The numbers of those are those of ``records``.
    """
    changes = result.changes
    if changes.is_empty():
        return findings()
    same, ontology = standing.given, class_hierarchy()
    replaced = standing.replaced
    stays = replaced.filter(~pl.col("record").is_in(changes["record"].implode()))
    fresh = records.frame.filter(pl.lit(records.owner.is_in(changes["number"].drop_nulls().implode())))
    change, which = surrounded(
        shapes,
        Change.between(concat([frame_of(replaced["body"]), same]), concat([fresh, frame_of(stays["body"]), same])),
        pl.Series("record", [], dtype=pl.String),
        standing.fetch,
        ontology=ontology,
    )
    names = change.after.terms["lexical"]
    others = pl.concat([standing.others, result.kept]).unique()
    nodes = pl.concat([*which.results.values(), pl.Series([], dtype=pl.UInt32)]).unique()
    if not record_iris(names.gather(nodes.filter(nodes < len(names))), others).is_in(others.implode()).any():
        return findings()
    before, after = (
        explain(validate_affected(state, shapes, which, ontology=ontology), state, connector).filter(of_records(others))
        for state in (change.before, change.after)
    )
    new = after.join(before, on=_SAME, how="anti", nulls_equal=True)
    gone = before.join(after, on=_SAME, how="anti", nulls_equal=True)
    return pl.concat([_failing(new), _mended(gone)])


def of_records(names: pl.Series) -> pl.Expr:
    """Whether a finding is on one of the records ``names``: it names a part that stands alone by what comes before its fragment."""
    return pl.col("record").is_in(names.str.replace(r"#.*$", "").implode())


def _subjects(frame: Frame) -> pl.Series:
    return frame.terms["lexical"].gather(frame.triples["s"].unique()).alias("record")


def _failing(new: pl.DataFrame) -> pl.DataFrame:
    """What holds of other records since the delta. A violation is told as a warning: it refuses nothing that came."""
    broken = pl.col("severity") == "violation"
    return new.select(list(FINDING_SCHEMA)).with_columns(
        pl.when(broken).then(pl.lit("warning")).otherwise("severity").alias("severity"),
        pl.when(broken).then(pl.lit("dependent-broken")).otherwise(pl.lit("dependent-told")).alias("code"),
        _said(
            "en",
            broken,
            "Since this push a record that it leaves as it was breaks a rule, and stays:",
            "Since this push:",
        ),
        _said(
            "fr",
            broken,
            "Depuis cet envoi, une fiche qu'il laisse telle quelle enfreint une règle, et reste :",
            "Depuis cet envoi :",
        ),
        pl.coalesce("fix_en", pl.lit("Correct that record, or the one of this push that it depends on.")).alias(
            "fix_en"
        ),
        pl.coalesce("fix_fr", pl.lit("Corrigez cette fiche, ou celle de cet envoi dont elle dépend.")).alias("fix_fr"),
    )


def _mended(gone: pl.DataFrame) -> pl.DataFrame:
    """What held of other records and no longer does."""
    return gone.select(list(FINDING_SCHEMA)).with_columns(
        severity=pl.lit("info"),
        code=pl.lit("dependent-mended"),
        message_en=pl.format("This push settles, for a record that it leaves as it was: {}", "message_en"),
        message_fr=pl.format("Cet envoi règle, pour une fiche qu'il laisse telle quelle : {}", "message_fr"),
        fix_en=pl.lit(None, pl.String),
        fix_fr=pl.lit(None, pl.String),
    )


def _said(lang: str, broken: pl.Expr, violation: str, remark: str) -> pl.Expr:
    words = pl.when(broken).then(pl.lit(violation)).otherwise(pl.lit(remark))
    return pl.concat_str([words, pl.lit(" "), f"message_{lang}"]).alias(f"message_{lang}")
