"""The table: what every reader makes of a native file, and what mappings read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from datahub.findings import findings
from datahub.rdf.terms import XSD_STRING


@dataclass(frozen=True, eq=False)
class Table:
    """The rows of one source, as text.

    ``columns``: one column per field; cells are `polars.String`, or lists of it where a reference has several values (JSON, XML);
    an empty cell is null. ``rows``: UInt32, for each line of ``columns`` its row as a spreadsheet shows it (first line of the
    file = 1; a cell with line breaks stays one row); for JSON and XML the number of the record. ``findings``: repairs, and rows
    that could not be read and are not in ``columns`` (severity violation). ``types``: the natural datatype of columns whose
    values have one and the same (RML-Core section 7.2). ``mixed``: for columns whose values have several, the name of the column of
    ``columns`` that holds the datatype of each value. ``plain``: whether it is known that no cell holds a quote, a backslash or a
    control character, so that nothing in it has to be escaped.
    """

    name: str
    columns: pl.DataFrame
    rows: pl.Series
    findings: pl.DataFrame = field(default_factory=findings)
    types: Mapping[str, str] = field(default_factory=dict)
    mixed: Mapping[str, str] = field(default_factory=dict)
    plain: bool = False

    def __len__(self) -> int:
        return self.columns.height


@dataclass(frozen=True, eq=False)
class Items:
    """The objects of a list within records, to be written: ``columns`` as of a `Table`; ``owners``: for each the position of its
    record among those that are written; ``types``: the natural datatypes of columns."""

    columns: pl.DataFrame
    owners: pl.Series
    types: Mapping[str, str] = field(default_factory=dict)

    def gathered(self, texts: pl.Series, records: int) -> pl.Series:
        """``texts``, one for each object, as a list for each of ``records``; null where it has none."""
        found = pl.DataFrame({"owner": self.owners.cast(pl.UInt32), "text": texts}).group_by("owner").agg("text")
        every = pl.DataFrame({"owner": pl.arange(0, records, dtype=pl.UInt32, eager=True)})
        return every.join(found, on="owner", how="left", maintain_order="left")["text"]


def moved(part: Table, rows: int) -> Table:
    """``part`` of a source, before which ``rows`` others come: row numbers are those in the whole, in its findings too."""
    if not rows:
        return part
    notes = part.findings.with_columns((pl.col("row") + rows).cast(pl.UInt32))
    return replace(part, rows=(part.rows + rows).cast(pl.UInt32), findings=notes)


def without(table: Table, nulls: Sequence[str]) -> Table:
    """``table`` where the texts ``nulls`` are null (RML-IO, rml:null)."""
    if not nulls:
        return table
    made = []
    for name in fields(table):
        value, kept = pl.col(name), table.mixed.get(name)
        if isinstance(table.columns.schema[name], pl.List):
            places = value.list.eval((~pl.element().is_in(list(nulls))).arg_true())
            filled = places.list.len() > 0
            made += [pl.when(filled).then(pl.col(c).list.gather(places)).alias(c) for c in (name, kept) if c]
        else:
            made.append(pl.when(~value.is_in(list(nulls))).then(value).alias(name))
    return replace(table, columns=table.columns.with_columns(made))


def fields(table: Table) -> list[str]:
    """The columns of ``table`` that hold values."""
    hidden = set(table.mixed.values())
    return [name for name in table.columns.columns if name not in hidden]


def datatypes_of(name: str) -> str:
    """The name of the column that holds the datatype of each value of the column ``name`` (`Table.mixed`)."""
    return f"\0datatype {name}"


def joined(parts: Sequence[Table]) -> Table:
    """The ``parts`` of one source, in order, as one table; where they differ in a column's datatype, each value keeps its own."""
    if len(parts) == 1:
        return parts[0]
    names = fields(parts[0])
    lists = {c for part in parts for c in names if isinstance(part.columns.schema[c], pl.List)}
    types: dict[str, str] = {}
    mixed: dict[str, str] = {}
    for name in names:
        filled = [part for part in parts if part.columns[name].null_count() < len(part)]
        kinds = {part.types.get(name) for part in filled}
        if len(kinds) > 1 or any(name in part.mixed for part in filled):
            mixed[name] = datatypes_of(name)
        elif kinds and (kind := kinds.pop()):
            types[name] = kind
    if names:
        columns = pl.concat(_part(part, names, lists, mixed) for part in parts)
    else:
        columns = pl.DataFrame({"": [None] * sum(map(len, parts))}).drop("")
    rows, notes = pl.concat(part.rows for part in parts), pl.concat(part.findings for part in parts)
    return Table(parts[0].name, columns, rows, notes, types, mixed)


def _part(part: Table, names: Sequence[str], lists: set[str], mixed: Mapping[str, str]) -> pl.DataFrame:
    """The columns of ``part``: those of ``lists`` as lists, and for those of ``mixed`` the datatypes of their values."""
    columns = part.columns.with_columns(
        _listed(part.columns, c) for c in part.columns.columns if _base(c, part) in lists
    )
    made = []
    for name, kept in mixed.items():
        if name not in part.mixed:
            datatype = pl.lit(part.types.get(name, XSD_STRING))
            each = (
                pl.col(name).list.eval(pl.when(pl.element().is_not_null()).then(datatype))
                if name in lists
                else datatype
            )
            made.append(pl.when(pl.col(name).is_not_null()).then(each).alias(kept))
        elif part.mixed[name] != kept:
            made.append(pl.col(part.mixed[name]).alias(kept))
    return columns.with_columns(made).select(*names, *mixed.values())


def _base(column: str, part: Table) -> str:
    """The column whose datatypes ``column`` holds, else itself."""
    return next((name for name, kept in part.mixed.items() if kept == column), column)


def _listed(columns: pl.DataFrame, name: str) -> pl.Expr:
    """The column ``name`` as lists, of one text where it has texts."""
    if isinstance(columns.schema[name], pl.List):
        return pl.col(name)
    return pl.when(pl.col(name).is_not_null()).then(pl.concat_list(name)).alias(name)
