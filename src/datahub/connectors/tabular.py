"""Native tables to RDF and back: sources, identity and mapping run one after the other, columns all the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from datahub import mapping
from datahub.connectors.align import aligned
from datahub.connectors.codes import codes, folded
from datahub.connectors.definition import Definition, Variant
from datahub.connectors.identity import GROUP, blanked, identify, made_up
from datahub.connectors.lift import Lift, Lowering
from datahub.connectors.notes import assumptions, no_records, unfilled, unread, with_suggestions
from datahub.connectors.recognise import Look
from datahub.connectors.repair import repaired
from datahub.connectors.tables import TABLE_KINDS
from datahub.i18n import Text
from datahub.rdf.frame import Frame
from datahub.rdf.split import record_iris
from datahub.sources import header
from datahub.sources.limits import Limits
from datahub.sources.table import Table

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
        """Which native column becomes which property: see `datahub.mapping.columns`."""
        return mapping.columns(self.rules)

    def lift(self, data: bytes | Path, seen: Look, base: str, limits: Limits) -> Lift:
        """The file as RDF; rows that can't be read, identified or lifted are left out and told."""
        tables = TABLE_KINDS[self.variant.kind].read(data, seen, self.variant, self.plan.sources, limits)
        root = self.plan.sources[0].key
        read = self._fitted(tables[root])
        native = read.columns.with_columns(read.rows.alias("row"))
        found = identify(read, self.variant)
        notes = [read.findings, found.notes]
        table = replace(found.table, findings=read.findings.clear())
        lifted = mapping.lift(self.plan, {**tables, root: table}, base, codes)
        notes.append(lifted.findings)
        bad = lifted.findings.filter(VIOLATION)["row"].drop_nulls()
        frame = lifted.frame
        lost = [found.left_out]
        if len(bad):
            # A record goes or stays as a whole: all rows of its group. What the bad rows shared with others is lifted again.
            groups = found.group.filter(pl.col("row").is_in(bad.implode()))[GROUP]
            whole = found.group.filter(pl.col(GROUP).is_in(groups.implode()))["row"]
            keep = ~table.rows.is_in(whole.implode())
            rest = replace(table, columns=table.columns.filter(keep), rows=table.rows.filter(keep))
            frame = mapping.lift(self.plan, {**tables, root: rest}, base, codes).frame
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
            pl.concat([*([assumptions(self.definition)] if native.height else [no_records()]), told]),
            self.variant.name,
            count + len(ragged),
            refused,
            native,
            self.columns,
            pl.concat([self._records(rows, tables, root, frame, base) for rows in lost]),
        )

    def _records(self, rows: Table, tables: Mapping[str, Table], root: str, frame: Frame, base: str) -> pl.Series:
        """The records that ``rows`` would have been, apart from those that ``frame`` has."""
        if rows.columns.is_empty():
            return pl.Series("record", [], dtype=pl.String)
        lifted = mapping.lift(self.plan, {**tables, root: rows}, base, codes).frame
        subjects = lifted.terms["lexical"].gather(lifted.triples["s"].unique())
        names = record_iris(subjects).unique().sort()
        taken = record_iris(frame.terms["lexical"].gather(frame.triples["s"].unique()))
        return names.filter(~names.is_in(taken.implode())).rename("record")

    def _fitted(self, table: Table) -> Table:
        """``table`` with the column names of the format: aliases renamed, absent columns added empty, unknown ones told."""
        if not self.variant.fields:
            return table
        aliases = {alias: column.name for column in self.variant.fields for alias in column.aliases}
        plain = {folded(alias): name for alias, name in aliases.items()}
        present = set(table.columns.columns)
        renamed = {
            found: plain[folded(found)]
            for found in table.columns.columns
            if found not in self.variant.names and plain.get(folded(found), found) not in present
        }
        named = replace(table, columns=table.columns.rename(renamed))
        optional = [name for name in self.variant.names if name not in self.variant.required]
        title = self.definition.title
        quoted = Text(f"“{title.en}”", f"« {title.fr} »")
        return header.fit(named, self.variant.required, optional, title=quoted)

    def lower(self, frame: Frame, base: str) -> Lowering:
        """``frame`` as a file of the variant."""
        root = self.plan.sources[0]
        headers = {root.key: self._headers()}
        lowered = mapping.lower(
            self.plan, aligned(frame, self.definition.accepts), base, codes, headers, self._completed
        )
        table, records = lowered.tables[root.key], lowered.records[root.key]
        notes = unfilled(table, self.variant, records)
        if self.variant.continuation:
            table = blanked(table, self.variant.continuation, records)
        kind = TABLE_KINDS[self.variant.kind]
        data = kind.write(table.select(self._headers()), self.variant)
        extension = self.variant.extension or kind.extension
        return Lowering(
            data,
            self.variant.media_type or kind.media_type,
            f"{self.definition.name}.{extension}",
            lowered.loss,
            records.n_unique(),
            notes,
        )

    def _completed(self, source: str, cells: pl.DataFrame, records: pl.Series) -> pl.DataFrame:
        """The cells as they will be written, with the columns that reading them makes up."""
        if source != self.plan.sources[0].key:
            return cells
        written = cells.select(
            pl.col(name).fill_null(self.variant.constants[name]) if name in self.variant.constants else pl.col(name)
            for name in self._headers()
            if name in cells.columns
        )
        absent = [pl.lit(None, pl.String).alias(name) for name in self._headers() if name not in cells.columns]
        derived = made_up(written.with_columns(absent), self.variant, records)
        return derived.with_columns(
            pl.lit(None, dtype).alias(name) for name, dtype in cells.schema.items() if name not in derived.columns
        )

    def _headers(self) -> Sequence[str]:
        if self.variant.fields:
            return self.variant.names
        return [name for name in self.plan.sources[0].references if not name.startswith("_")]
