"""Loss: what a lowering could not hold, measured and not estimated.

The tables that were written are lifted again. A triple is expressed when that gives it again, whether it was read into a cell or is
made by the mapping (constants, classes, links, derived values). All other triples are lost, and each has one reason; those that
come back under another address, or by another name, are lost as they stood and said to be `RESTATED`. Expressed and lost add up to
the triples of the input, over all, for each field and for each record.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import polars as pl

from datahub.mapping.balance import BALANCE_SCHEMA, balance
from datahub.mapping.expressed import ADDED_SCHEMA, Part, Refuses, settle
from datahub.mapping.graphtable import GraphTable
from datahub.mapping.lenses import Codes
from datahub.mapping.places import Forward
from datahub.mapping.plan import Plan
from datahub.mapping.reasons import EXAMPLES, FIELD_SCHEMA, LOSS_SCHEMA, REASONS, RESTATED, Lost, fields_of, table_of
from datahub.mapping.scope import Rows


@dataclass(frozen=True)
class Loss:
    """The loss: ``table`` with the columns of `LOSS_SCHEMA`; ``total`` triples = ``expressed`` + ``lost``.

    ``added``: what the written tables say that the input does not, such as a value that the format takes for granted (columns of
    `ADDED_SCHEMA`). field: the predicates from the record, as curies joined by ``/``. reason: a key of `REASONS`. ``balance`` makes
    `records`, ``count`` makes `fields`.
    """

    table: pl.DataFrame
    total: int
    expressed: int
    added: pl.DataFrame
    balance: Callable[[], pl.DataFrame]
    count: Callable[[], pl.DataFrame]

    @property
    def lost(self) -> int:
        """The number of lost triples, which is the sum of the counts."""
        return self.total - self.expressed

    @property
    def restated(self) -> int:
        """How many of the lost triples come back with the same content under another address, or by another name."""
        return int(self.table.filter(pl.col("reason").is_in(RESTATED))["count"].sum())

    @cached_property
    def records(self) -> pl.DataFrame:
        """For each record of the input (IRI) its lost and its total triples (columns of `BALANCE_SCHEMA`), which add up to the
        totals. Made when it is asked for: there may be millions."""
        return self.balance()

    @cached_property
    def fields(self) -> pl.DataFrame:
        """All fields of the input, lost or not: columns of `FIELD_SCHEMA`. They too add up to the totals."""
        return self.count()

    def to_json(self) -> str:
        """Totals, fields and records, as ``--loss`` writes them."""
        body = {
            "total": self.total,
            "expressed": self.expressed,
            "lost": self.lost,
            "restated": self.restated,
            "fields": self.table.to_dicts(),
            "added": self.added.to_dicts(),
        }
        head = json.dumps(body, ensure_ascii=False, indent=2).removesuffix("\n}")
        # One line per record, written by Polars: there may be millions.
        lines = self.records.write_ndjson().rstrip("\n").replace("\n", ",\n    ")
        return head + ',\n  "records": [' + (f"\n    {lines}\n  " if lines else "") + "]\n}"


def measure(
    plan: Plan,
    parts: list[Part],
    graph: GraphTable,
    base: str,
    codes: Codes,
    refuses: Refuses | None,
    original: pl.DataFrame | None = None,
) -> Loss:
    """The loss of ``graph`` in the tables of ``parts``. ``original``: its triples by their own names, where some of ``graph`` have
    the name that stands for theirs in this format."""
    frame = graph.frame
    found = settle(plan, parts, graph, base, codes, refuses)
    parts = found.parts
    gone = pl.repeat(value=True, n=len(frame), dtype=pl.Boolean, eager=True).scatter(found.same.kept(), False)
    renamed = pl.repeat(value=False, n=len(frame), dtype=pl.Boolean, eager=True)
    if original is not None:
        renamed = (original["p"] != frame.triples["p"]) | (original["o"] != frame.triples["o"])
    lost = (gone | renamed).arg_true()
    table = pl.DataFrame(schema=LOSS_SCHEMA)
    renamed |= _standing_in(parts, graph)
    told = Lost(lost, renamed=renamed.arg_true(), triples=frame.triples if original is None else original)
    if len(lost):
        forwards: list[Forward] = []
        for part in parts:
            if part.rows.height:
                rows = Rows(part.lines(), plan, codes)
                forwards.append(Forward(plan, part.inverse, part.rows, rows, graph, base))
        for forward in forwards:
            forward.others = forwards
            forward.mark()
        again = [found.same, found.placed, *(forward.marks for forward in forwards)]
        nobody = pl.Series([], dtype=pl.UInt32)
        told = Lost(
            lost,
            told.triples,
            told.renamed,
            placed=pl.concat([marks.kept() for marks in again]),
            moved=pl.concat([marks.moved() for marks in again]),
            changed=pl.concat([nobody, *(forward.renamed() for forward in forwards)]).unique(),
            withheld=pl.concat([nobody, *(forward.withheld() for forward in forwards)]).unique(),
        )
        table = table_of(parts, graph, told)
    total = len(frame)
    return Loss(
        table,
        total,
        total - len(lost),
        found.added,
        partial(balance, frame, lost),
        partial(fields_of, parts, graph, told),
    )


def _standing_in(parts: list[Part], graph: GraphTable) -> pl.Series:
    """Whether each triple of ``graph`` is read into a column that lifts to another property."""
    found = pl.repeat(value=False, n=len(graph.frame), dtype=pl.Boolean, eager=True)
    for part in parts:
        for reader in part.inverse.readers:
            if reader.written_only:
                triples = graph.triples(reader.predicate)
                nodes = part.rows[f"n{reader.node}"].drop_nulls().unique()
                found = found.scatter(triples.filter(pl.col("s").is_in(nodes.implode()))["at"], True)
    return found


__all__ = [
    "ADDED_SCHEMA",
    "BALANCE_SCHEMA",
    "EXAMPLES",
    "FIELD_SCHEMA",
    "LOSS_SCHEMA",
    "REASONS",
    "RESTATED",
    "Loss",
    "measure",
]
