"""Who is refused, and what is left behind: each depends on the other, until both agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from datahub.hub import notes
from datahub.hub.delta import of_records
from datahub.hub.follow import frame_of
from datahub.hub.outcome import Arrival, Outcome
from datahub.hub.verdict import Judge, Verdict
from datahub.rdf.frame import concat
from datahub.records import Log

MOST_ROUNDS = 50
"""Refusals are followed so far along records of which each depends on the next. Every round looks at the whole delivery."""


@dataclass(frozen=True, eq=False)
class Settled:
    """``outcome``: what is left behind. ``refused``: IRIs of the records that came and are refused, in order. ``findings``: what
    the rules say of what came."""

    outcome: Outcome
    refused: pl.Series
    findings: pl.DataFrame


def settled(
    arrival: Arrival,
    judge: Judge,
    first: Verdict,
    foreign: pl.Series,
    log: Log,
    explained: Callable[[Verdict], pl.DataFrame],
) -> Settled:
    """The end of it, from the verdict on what came as it came. ``foreign``: IRIs of records that are refused whatever the rules
    say; ``explained``: the findings of a verdict."""
    names = arrival.records.names
    nobody = pl.Series("record", [], dtype=pl.String)
    verdict, earlier, refused = first, nobody, _union(first.broken, foreign)
    gone = _union(refused, names.filter(names.is_in(arrival.deletions.implode())))
    outcome, there, found = arrival.outcome(refused, log), pl.Series([], dtype=pl.Int64), []
    for _ in range(MOST_ROUNDS):
        fresh = outcome.stays.filter(~outcome.stays.is_in(there.implode()))
        more = concat([frame_of(log.bodies(fresh.to_list())["body"]), outcome.links])
        if not len(gone) and not len(more):
            break
        left = names.filter(~names.is_in(_union(refused, arrival.deletions).implode()))
        later = judge.again(verdict, arrival.subjects(gone), more, left)
        if later is None:
            break
        # What is refused is not in the next state: what was said of it is said now.
        found.append(explained(verdict).filter(of_records(refused) & ~of_records(earlier)))
        verdict, earlier, gone, there = later, refused, later.broken, outcome.stays
        if not len(gone):
            break
        found.append(notes.refused_with_others(gone))
        refused = _union(refused, gone)
        outcome = arrival.outcome(refused, log)
    else:
        found.append(notes.refusals_not_followed(MOST_ROUNDS))
    last = explained(verdict)
    if found:
        last = last.filter(of_records(names) & ~of_records(earlier))
    return Settled(outcome, refused.sort(), pl.concat([*found, last]))


def _union(one: pl.Series, other: pl.Series) -> pl.Series:
    return pl.concat([one.alias("record"), other.alias("record")]).unique()
