"""Native tables to RDF and back: sources, identity and mapping run one after the other, columns all the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from datahub import mapping
from datahub.connectors import versions
from datahub.connectors.align import aligned
from datahub.connectors.codes import codes, folded
from datahub.connectors.definition import Definition, Variant
from datahub.connectors.identity import GROUP, KEY, blanked, identify, key
from datahub.connectors.lift import Lift, Lowering
from datahub.connectors.nested import keyed, lined, lists, outer, owned, placed
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
from datahub.connectors.tables import TABLE_KINDS, Content
from datahub.errors import InputError
from datahub.findings import findings
from datahub.i18n import Text
from datahub.rdf.frame import Frame
from datahub.rdf.split import record_iris
from datahub.sources import header
from datahub.sources.limits import Limits
from datahub.sources.table import Items, Table

if TYPE_CHECKING:
    from datahub.mapping.lowering import Filled

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
        inner = {source.key: _own(source.references) for source in self.plan.sources if source.key in self.lists}
        paths = {self.lists[key]: references for key, references in inner.items()}
        unwritable = TABLE_KINDS[self.variant.kind].unwritable(root, names, paths)
        lacking = [(root.key, name) for name in names if name in unwritable or name not in self.headers]
        lacking += [
            (key, name)
            for key, references in inner.items()
            for name in references
            if outer(self.plan, self.lists[key], name) in unwritable
        ]
        written = pl.col("source").is_in([root.key, *inner])
        without = pl.any_horizontal(
            pl.lit(value=False), *((pl.col("source") == key) & (pl.col("column") == name) for key, name in lacking)
        )
        left = pl.col("invertible") & (~written | without)
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
        optional = [name for name in self.headers if name not in self.variant.required]
        title = self.definition.title
        quoted = Text(f"“{title.en}”", f"« {title.fr} »")
        return header.fit(named, self.variant.required, optional, title=quoted)

    def at(self, time: datetime) -> Tabular:
        """The same for files that are written for ``time`` (UTC where it has no offset), which stands where the format wants it."""
        utc = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        told = {
            name: str(int(utc.timestamp())) if form == "%s" else utc.strftime(form)
            for name, form in self.variant.times.items()
        }
        return replace(self, variant=replace(self.variant, constants={**self.variant.constants, **told}))

    def lower(self, frame: Frame, base: str) -> Lowering:
        """``frame`` as a file of the variant."""
        source = self.plan.sources[0]
        kind = TABLE_KINDS[self.variant.kind]
        files: list[tuple[pl.DataFrame, bytes, pl.Series]] = []
        told: list[pl.DataFrame] = []

        def reread(filled: Mapping[str, Filled]) -> mapping.Reread:
            cells, records = filled[source.key].cells, filled[source.key].records
            table = self.filled(cells)
            rows = self._distinct(cells, records)
            if len(rows) < cells.height:
                table, records = table[rows], records.gather(rows)
            shown = blanked(table, self.variant.continuation, records) if self.variant.continuation else table
            items = {key: placed(filled[key], rows) for key in self.lists}
            inside = {path: _items(filled[key], items[key]) for key, path in self.lists.items()}
            data = kind.write(Content(shown, source, filled[source.key].types, inside), self.variant)
            files.append((table, data, records))
            numbers = pl.arange(0, len(rows), dtype=pl.UInt32, eager=True)
            order = kind.order(shown, source.iterator)
            if order is not None:
                rank = numbers.scatter(order, numbers)
                items = {key: each.sort(rank.gather(each["at"]), maintain_order=True) for key, each in items.items()}
            found, notes = self._read_again(data, filled, rows.gather(numbers if order is None else order), items)
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

    def _read_again(
        self, data: bytes, filled: Mapping[str, Filled], order: pl.Series, items: Mapping[str, pl.DataFrame]
    ) -> tuple[mapping.Reread, pl.DataFrame]:
        """What a reader finds in the file ``data`` that was written of the rows ``order`` of the records, and of ``items`` in their
        lists, and which records it refuses as a whole; and, as findings, the rows of the file that share an identifier."""
        source, dialect = self.plan.sources[0], self.variant.dialect
        cells = filled[source.key].cells
        first = 1 + (dialect.header_rows + dialect.skip_rows if self.variant.kind in ("csv", "gtfs") else 0)
        tables = {key: Table(key, each.cells.clear(), pl.Series([], dtype=pl.UInt32)) for key, each in filled.items()}
        if not cells.height:
            return mapping.Reread(tables), findings()
        try:
            again = TABLE_KINDS[self.variant.kind].read(data, look(data), self.variant, self.plan.sources, OWN)
        except InputError:
            return mapping.Reread(tables), findings()
        read = again[source.key]
        numbers = read.rows
        if self.variant.kind == "json":  # the numbers of the reader are those of enclosing objects
            if len(read) != len(order):
                return mapping.Reread(tables), findings()
            read = replace(read, rows=pl.arange(1, len(order) + 1, dtype=pl.UInt32, eager=True))
        found = identify(self.fitted(read), self.variant)
        tables[source.key] = _like(found.table, cells, order.gather(found.table.rows - first))
        for name, each in items.items():
            if len(again[name]) == each.height:  # they stand as they were written
                records = replace(found.table, rows=numbers.gather(found.table.rows - 1))
                inner = lined(again[name], records, each["row"])
                tables[name] = _like(inner, filled[name].cells, inner.rows)
        group = found.group.with_columns(order.gather(found.group["row"] - first).alias("row"))

        def refuses(notes: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.Series]:
            bad = {key: each.filter(VIOLATION)["row"].drop_nulls() for key, each in notes.items()}
            owners = [
                each.filter(pl.col("row").is_in(bad[key].implode()))["owner"]
                for key, each in items.items()
                if key in bad
            ]
            whole = _whole(group, pl.concat([bad[source.key], *owners]))
            own = {key: each.filter(pl.col("owner").is_in(whole.implode()))["row"] for key, each in items.items()}
            return {source.key: whole, **own}

        return mapping.Reread(tables, refuses), colliding(found.notes)

    @cached_property
    def lists(self) -> Mapping[str, str]:
        """The sources whose rows are written into lists of the records, by key: the path of the list."""
        return owned(self.plan)

    @property
    def headers(self) -> Sequence[str]:
        """The columns of the format, in the order in which they are written."""
        if self.variant.fields:
            paths = lists(self.plan)
            inside = [source for source in self.plan.sources if source.key in paths]
            inner = {outer(self.plan, paths[each.key], name) for each in inside for name in each.references}
            return [name for name in self.variant.names if name not in inner]
        return [name for name in self.plan.sources[0].references if not name.startswith("_")]


def _own(references: Sequence[str]) -> list[str]:
    """Those that are in the file."""
    return [name for name in references if not name.startswith("_")]


def _items(filled: Filled, placed: pl.DataFrame) -> Items:
    """The objects of a list as they are written."""
    cells = filled.cells.select(_own(filled.cells.columns))[placed["row"]]
    return Items(cells, placed["at"], filled.types)


def _like(table: Table, cells: pl.DataFrame, rows: pl.Series) -> Table:
    """``table`` with the columns of ``cells`` that it lacks, and ``rows`` as the numbers of its rows."""
    absent = [pl.lit(None, t).alias(name) for name, t in cells.schema.items() if name not in table.columns.columns]
    return replace(table, columns=table.columns.with_columns(absent), rows=rows, findings=table.findings.clear())


def _whole(group: pl.DataFrame, rows: pl.Series) -> pl.Series:
    """``rows`` with all rows of their records."""
    groups = group.filter(pl.col("row").is_in(rows.implode()))[GROUP]
    return group.filter(pl.col(GROUP).is_in(groups.implode()))["row"]
