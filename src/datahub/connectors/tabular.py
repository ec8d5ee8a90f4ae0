"""Native tables to RDF and back: sources, identity and mapping run one after the other, columns all the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from datahub import mapping
from datahub.connectors import versions
from datahub.connectors.align import aligned
from datahub.connectors.codes import codes, folded
from datahub.connectors.definition import Definition, Variant
from datahub.connectors.identity import GROUP, KEY, blanked, identify, key
from datahub.connectors.lift import Lift, Lowering
from datahub.connectors.nested import keyed
from datahub.connectors.notes import (
    assumptions,
    colliding,
    no_records,
    under_own_headers,
    unfilled,
    unread,
    with_suggestions,
)
from datahub.connectors.parts import left_out
from datahub.connectors.recognise import Look, look
from datahub.connectors.repair import repaired
from datahub.connectors.tables import TABLE_KINDS
from datahub.errors import InputError
from datahub.findings import findings
from datahub.i18n import Text
from datahub.rdf.frame import Frame
from datahub.rdf.split import record_iris
from datahub.sources import header
from datahub.sources.limits import Limits
from datahub.sources.table import Table

OWN = Limits(max_bytes=1 << 50, max_field_bytes=1 << 40, max_rows=1 << 40, max_zip_ratio=1 << 30)
"""Of files that we have just written ourselves."""

NO_PLACE = Text("The format has no place for it.", "Le format n'a pas de place pour cela.")

VIOLATION = pl.col("severity") == "violation"


@dataclass(frozen=True)
class Tabular:
    """One variant of a connector whose files are tables."""

    definition: Definition
    variant: Variant

    @cached_property
    def rules(self) -> mapping.Mapping:
        """The mapping of the variant."""
        return mapping.parse(self.definition.folder / self.variant.mapping)

    @cached_property
    def plan(self) -> mapping.Plan:
        """The compiled mapping."""
        return mapping.plan(self.rules)

    @cached_property
    def columns(self) -> pl.DataFrame:
        """Which native column becomes which property: see `datahub.mapping.columns`. What the file has no place for is not read
        back either."""
        found = mapping.columns(self.rules)
        root = self.plan.sources[0]
        names = [name for name in root.references if not name.startswith("_")]
        lacking = TABLE_KINDS[self.variant.kind].unwritable(root.iterator, names)
        lacking += [name for name in names if name not in self.headers]
        left = pl.col("invertible") & ((pl.col("source") != root.key) | pl.col("column").is_in(lacking))
        reasons = {"invertible": False, "reason": "no-place", "reason_en": NO_PLACE.en, "reason_fr": NO_PLACE.fr}
        return found.with_columns(
            pl.when(left).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in reasons.items()
        )

    def lift(self, data: bytes | Path, seen: Look, base: str, limits: Limits) -> Lift:
        """The file as RDF; rows that can't be read, identified or lifted are left out and told."""
        return self.lift_tables(
            TABLE_KINDS[self.variant.kind].read(data, seen, self.variant, self.plan.sources, limits), base
        )

    def lift_tables(self, tables: Mapping[str, Table], base: str) -> Lift:
        """The same of what was read already: the tables of the mapping's sources, by key."""
        root = self.plan.sources[0].key
        read = self.fitted(tables[root])
        headers = {name: own for own, name in self._aliases(tables[root]).items()}
        native = read.columns.drop(read.mixed.values()).with_columns(read.rows.alias("row"))
        found = identify(read, self.variant)
        notes = [read.findings, versions.told(tables[root].columns.columns, self.definition), found.notes]
        table = replace(found.table, findings=read.findings.clear())
        lifted = self._lifted(tables, table, base)
        notes.append(lifted.findings)
        bad = lifted.findings.filter(VIOLATION)["row"].drop_nulls()
        frame = lifted.frame
        lost = [found.left_out]
        if len(bad):
            # A record goes or stays as a whole: all rows of its group. What the bad rows shared with others is lifted again.
            whole = _whole(found.group, bad)
            keep = ~table.rows.is_in(whole.implode())
            rest = replace(table, columns=table.columns.filter(keep), rows=table.rows.filter(keep))
            frame = self._lifted(tables, rest, base).frame
            lost.append(replace(table, columns=table.columns.filter(~keep), rows=table.rows.filter(~keep)))
            notes.append(unread(whole, bad))
        frame, repairs = repaired(frame, self.definition.repairs)
        notes.append(repairs)
        told = with_suggestions(pl.concat(notes), self.rules)
        refused = told.filter(VIOLATION)["row"].drop_nulls().unique().sort()
        ragged = refused.filter(~refused.is_in(native["row"].implode()))
        count = found.group[GROUP].n_unique() if self.variant.continuation else native.height
        return Lift(
            frame,
            under_own_headers(
                pl.concat([*([assumptions(self.definition)] if native.height else [no_records()]), told]), headers
            ),
            self.variant.name,
            count + len(ragged),
            refused,
            native,
            self.columns,
            pl.concat([self._records(rows, tables, frame, base) for rows in lost]),
            headers,
        )

    def _lifted(self, tables: Mapping[str, Table], records: Table, base: str) -> mapping.Lifted:
        """``records`` as RDF, with the objects of their lists and what else ``tables`` holds."""
        root = self.plan.sources[0].key
        others = {key: table for key, table in tables.items() if key != root}
        return mapping.lift(self.plan, {**keyed(others, records), root: records}, base, codes)

    def _records(self, rows: Table, tables: Mapping[str, Table], frame: Frame, base: str) -> pl.Series:
        """The records that ``rows`` would have been, apart from those that ``frame`` has."""
        if rows.columns.is_empty():
            return pl.Series("record", [], dtype=pl.String)
        lifted = self._lifted(tables, rows, base).frame
        subjects = lifted.terms["lexical"].gather(lifted.triples["s"].unique())
        names = record_iris(subjects).unique().sort()
        taken = record_iris(frame.terms["lexical"].gather(frame.triples["s"].unique()))
        return names.filter(~names.is_in(taken.implode())).rename("record")

    def _aliases(self, table: Table) -> dict[str, str]:
        """The columns of ``table`` that go by another of their names: theirs, and that of the format."""
        aliases = {alias: column.name for column in self.variant.fields for alias in column.aliases}
        plain = {folded(alias): name for alias, name in aliases.items()}
        present = set(table.columns.columns)
        return {
            found: plain[folded(found)]
            for found in table.columns.columns
            if found not in self.variant.names and plain.get(folded(found), found) not in present
        }

    def fitted(self, table: Table) -> Table:
        """``table`` with the column names of the format: aliases renamed, absent columns added empty, unknown ones told."""
        if not self.variant.fields:
            return table
        renamed = self._aliases(table)
        made_up = {KEY} - set(self.variant.names)  # asked of JSON because the mapping refers to it
        read = table.columns.drop(made_up, strict=False)
        named = replace(table, columns=read.rename(renamed))
        optional = [name for name in self.variant.names if name not in self.variant.required]
        title = self.definition.title
        quoted = Text(f"“{title.en}”", f"« {title.fr} »")
        return header.fit(named, self.variant.required, optional, title=quoted)

    def lower(self, frame: Frame, base: str) -> Lowering:
        """``frame`` as a file of the variant."""
        root = self.plan.sources[0].key
        kind = TABLE_KINDS[self.variant.kind]
        files: list[tuple[pl.DataFrame, bytes, pl.Series]] = []
        told: list[pl.DataFrame] = []

        def reread(source: str, cells: pl.DataFrame, records: pl.Series, types: Mapping[str, str]) -> mapping.Reread:
            if source != root:  # one table is written
                return mapping.Reread(Table(source, cells.clear(), pl.Series([], dtype=pl.UInt32)))
            table = self.filled(cells)
            rows = self._distinct(cells, records)
            if len(rows) < cells.height:
                table, records = table[rows], records.gather(rows)
            shown = blanked(table, self.variant.continuation, records) if self.variant.continuation else table
            files.append((table, kind.write(shown, self.variant, self.plan.sources[0].iterator, types), records))
            order = kind.order(shown, self.plan.sources[0].iterator)
            found, notes = self._read_again(files[-1][1], cells, rows if order is None else rows.gather(order))
            told.append(notes)
            return found

        named = aligned(frame, self.definition.accepts)
        lowered = mapping.lower(self.plan, named, base, codes, reread=reread, original=frame)
        [(table, data, records)] = files
        extension = self.variant.extension or kind.extension
        return Lowering(
            data,
            self.variant.media_type or kind.media_type,
            f"{self.definition.name}.{extension}",
            lowered.loss,
            records.n_unique(),
            pl.concat([unfilled(table, self.variant, records), left_out(lowered.loss), *told]),
        )

    def filled(self, cells: pl.DataFrame) -> pl.DataFrame:
        """The columns of the format, with its constants where there is nothing else."""
        table = cells.with_columns(
            pl.lit(None, pl.String).alias(name) for name in self.headers if name not in cells.columns
        )
        return table.select(
            pl.col(name).fill_null(self.variant.constants[name]) if name in self.variant.constants else pl.col(name)
            for name in self.headers
        )

    def _distinct(self, cells: pl.DataFrame, records: pl.Series) -> pl.Series:
        """The rows to write: of several rows of one record those that a reader can tell apart, else the first; and those whose
        identifier has to be completed by hand."""
        numbers = pl.arange(0, cells.height, dtype=pl.UInt32, eager=True)
        if self.variant.continuation or not self.variant.keys or records.n_unique() == len(records):
            return numbers
        table = self.filled(cells)
        keys = pl.DataFrame([key(table, self.variant.keys), records])
        return numbers.filter(keys.select(pl.struct(pl.all()).is_first_distinct() | pl.col(KEY).is_null()).to_series())

    def _read_again(self, data: bytes, cells: pl.DataFrame, order: pl.Series) -> tuple[mapping.Reread, pl.DataFrame]:
        """What a reader finds in the file ``data`` that was written of the rows ``order`` of ``cells``, and which records it
        refuses as a whole; and, as findings, the rows of the file that share an identifier."""
        source, dialect = self.plan.sources[0], self.variant.dialect
        first = 1 + (dialect.header_rows + dialect.skip_rows if self.variant.kind in ("csv", "gtfs") else 0)
        nothing = mapping.Reread(Table(source.key, cells.clear(), pl.Series([], dtype=pl.UInt32)))
        if not cells.height:
            return nothing, findings()
        try:
            kind = TABLE_KINDS[self.variant.kind]
            read = kind.read(data, look(data), self.variant, self.plan.sources, OWN)[source.key]
        except InputError:
            return nothing, findings()
        if self.variant.kind == "json":  # the numbers of the reader are those of enclosing objects
            if len(read) != len(order):
                return nothing, findings()
            read = replace(read, rows=pl.arange(1, len(order) + 1, dtype=pl.UInt32, eager=True))
        found = identify(self.fitted(read), self.variant)
        table = found.table
        absent = [pl.lit(None, t).alias(name) for name, t in cells.schema.items() if name not in table.columns.columns]
        table = replace(
            table,
            columns=table.columns.with_columns(absent),
            rows=order.gather(table.rows - first),
            findings=table.findings.clear(),
        )
        group = found.group.with_columns(order.gather(found.group["row"] - first).alias("row"))

        def refuses(found: pl.DataFrame) -> pl.Series:
            return _whole(group, found.filter(VIOLATION)["row"].drop_nulls())

        return mapping.Reread(table, refuses), colliding(found.notes)

    @property
    def headers(self) -> Sequence[str]:
        """The columns of the format, in the order in which they are written."""
        if self.variant.fields:
            return self.variant.names
        return [name for name in self.plan.sources[0].references if not name.startswith("_")]


def _whole(group: pl.DataFrame, rows: pl.Series) -> pl.Series:
    """``rows`` with all rows of their records."""
    groups = group.filter(pl.col("row").is_in(rows.implode()))[GROUP]
    return group.filter(pl.col(GROUP).is_in(groups.implode()))["row"]
