"""The tabular source kinds: how each reads a native file into tables, and writes a table as a native file."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import polars as pl

from datahub.connectors.definition import Variant
from datahub.connectors.members import unread_members
from datahub.connectors.recognise import Look, header_row
from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.mapping import SourcePlan
from datahub.rdf.jsonld import json_string
from datahub.rdf.terms import XSD
from datahub.sources import csv, gtfs, json, json_write, spreadsheet, xml_write
from datahub.sources.limits import Limits
from datahub.sources.table import Items, Table

_UNQUOTED = {"number": json_write.NUMBER, "boolean": XSD + "boolean"}
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Content:
    """What is written as a file: ``table`` (texts, lists of them where JSON and XML have several values), of which ``source`` says
    where the records stand; ``types``: the natural datatypes of columns, where the format has any; ``lists``: the objects of lists
    within the records, by path."""

    table: pl.DataFrame
    source: SourcePlan
    types: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, Items] = field(default_factory=dict)


Lists = Mapping[str, Sequence[str]]
"""Paths of lists of objects within records, with the columns that are read of these objects."""


class Rows:
    """What holds for formats whose rows stand one after the other, a cell for each column."""

    def order(self, table: pl.DataFrame, iterator: str | None) -> pl.Series | None:
        """Their own."""
        return None

    def unwritable(self, source: SourcePlan, names: Sequence[str], lists: Lists) -> list[str]:
        """None."""
        return []


class TableKind(Protocol):
    """A kind of tabular file."""

    @property
    def media_type(self) -> str:
        """Of what it writes."""

    @property
    def extension(self) -> str:
        """Of what it writes, without dot."""

    def read(
        self, data: bytes | Path, seen: Look, variant: Variant, sources: Sequence[SourcePlan], limits: Limits
    ) -> dict[str, Table]:
        """The tables that a mapping with ``sources`` reads, by source key. Raises `InputError`."""

    def write(self, content: Content, variant: Variant) -> bytes:
        """``content`` as a file."""

    def order(self, table: pl.DataFrame, iterator: str | None) -> pl.Series | None:
        """The positions of the rows in the order in which they are written, None where that is their own."""

    def unwritable(self, source: SourcePlan, names: Sequence[str], lists: Lists) -> list[str]:
        """Those of the columns ``names``, and of those of ``lists`` as `datahub.connectors.nested.outer` calls them, for which the
        format has no place."""


@dataclass(frozen=True)
class CsvKind(Rows):
    """Separated values, in the dialect of the variant."""

    media_type: str = "text/csv"
    extension: str = "csv"

    def read(
        self, data: bytes | Path, seen: Look, variant: Variant, sources: Sequence[SourcePlan], limits: Limits
    ) -> dict[str, Table]:
        """The one table of the file, or the first sheet of a spreadsheet. Of two header lines, that with the names counts."""
        source = sources[0]
        if seen.form == "sheet":
            head = variant.dialect.skip_rows + 1
            sheet = variant.sheet if variant.sheet is not None else 0
            table = spreadsheet.read(data, sheet=sheet, header_row=head, name=source.name, limits=limits)
            skipped = variant.dialect.header_rows - 1
            return {source.key: replace(table, columns=table.columns[skipped:], rows=table.rows[skipped:])}
        dialect = replace(variant.dialect, header_row=header_row(seen, variant))
        return {source.key: csv.read(data, dialect, name=source.name, limits=limits)}

    def write(self, content: Content, variant: Variant) -> bytes:
        """A CSV file in the dialect of the variant."""
        return csv.write(content.table, variant.dialect)


@dataclass(frozen=True)
class JsonKind:
    """JSON: one object, an array of them, JSON Lines, or a zip of files with one object each."""

    media_type: str = "application/json"
    extension: str = "json"

    def read(
        self, data: bytes | Path, seen: Look, variant: Variant, sources: Sequence[SourcePlan], limits: Limits
    ) -> dict[str, Table]:
        """One table per iterator of the mapping."""
        iterations = [(source.iterator or "$", source.references) for source in sources]
        read = json.read_all(data, iterations, name=sources[0].name, limits=limits)
        tables = {source.key: table for source, table in zip(sources, read, strict=True)}
        first = tables[sources[0].key]
        told = unread_members(data, sources[0].iterator or "$", _read(sources))
        return {**tables, sources[0].key: replace(first, findings=pl.concat([first.findings, told]))}

    def write(self, content: Content, variant: Variant) -> bytes:
        """A document with nested objects and arrays, as the columns and the iterator say."""
        declared = {field.name: _UNQUOTED[field.type] for field in variant.fields if field.type is not None}
        lists = {
            path: replace(items, types={**items.types, **_inside(declared, path)})
            for path, items in content.lists.items()
        }
        return json_write.write(content.table, content.source.iterator or "$", {**content.types, **declared}, lists)

    def order(self, table: pl.DataFrame, iterator: str | None) -> pl.Series | None:
        """Rows of one enclosing object together."""
        return json_write.order(table, iterator or "$")

    def unwritable(self, source: SourcePlan, names: Sequence[str], lists: Lists) -> list[str]:
        """See `datahub.sources.json_write.unwritable`."""
        return json_write.unwritable(source.iterator or "$", names, lists)


def _inside(types: Mapping[str, str], path: str) -> dict[str, str]:
    """The ``types`` of the columns of objects in the list ``path``, as they are called from there."""
    return {name.removeprefix(path).removeprefix("."): kind for name, kind in types.items() if name.startswith(path)}


def _read(sources: Sequence[SourcePlan]) -> list[str]:
    """What the mapping reads of a record, that of the objects in its lists too."""
    first, *others = sources
    above = first.iterator or "$"
    inner = [
        f"{source.iterator.removeprefix(above)}.{reference}"
        for source in others
        if source.iterator and source.iterator.startswith(above)
        for reference in source.references
    ]
    return [*first.references, *inner]


@dataclass(frozen=True)
class GtfsKind(Rows):
    """A GTFS feed: a zip archive of CSV files, of which the mapping names those it reads."""

    media_type: str = "application/zip"
    extension: str = "zip"

    def read(
        self, data: bytes | Path, seen: Look, variant: Variant, sources: Sequence[SourcePlan], limits: Limits
    ) -> dict[str, Table]:
        """The files of the feed that the mapping reads."""
        feed = gtfs.read(data, only=[source.name.removesuffix(".txt") for source in sources], limits=limits)
        by_name = {name.removesuffix(".txt"): table for name, table in feed.items()}
        wanted = {source.key: source.name.removesuffix(".txt") for source in sources}
        return {key: by_name[name] for key, name in wanted.items() if name in by_name}

    def write(self, content: Content, variant: Variant) -> bytes:
        """A zip with ``stops.txt``, the same bytes for the same table."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            member = zipfile.ZipInfo(f"{variant.name}.txt", EPOCH)
            archive.writestr(member, csv.write(content.table, variant.dialect), zipfile.ZIP_DEFLATED)
        return out.getvalue()


@dataclass(frozen=True)
class GeoJsonKind(Rows):
    """GeoJSON feature collections of points (RFC 7946)."""

    media_type: str = "application/geo+json"
    extension: str = "geojson"

    def read(
        self, data: bytes | Path, seen: Look, variant: Variant, sources: Sequence[SourcePlan], limits: Limits
    ) -> dict[str, Table]:
        """One table of features."""
        return TABLE_KINDS["json"].read(data, seen, variant, sources, limits)

    def write(self, content: Content, variant: Variant) -> bytes:
        """A feature collection: ``id``, ``properties.*`` without empty members, and a point where there are coordinates."""
        table = content.table
        absent = [
            name for name in ("id", "geometry.coordinates[0]", "geometry.coordinates[1]") if name not in table.columns
        ]
        table = table.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
        names = {name.removeprefix("properties."): name for name in table.columns if name.startswith("properties.")}
        members = [
            pl.when(pl.col(name).is_not_null()).then(pl.concat_str([pl.lit(f'"{key}":'), json_string(pl.col(name))]))
            for key, name in names.items()
        ]
        longitude, latitude = _number("geometry.coordinates[0]"), _number("geometry.coordinates[1]")
        point = pl.concat_str(
            [pl.lit('{"type":"Point","coordinates":['), longitude, pl.lit(","), latitude, pl.lit("]}")]
        )
        identifier = pl.concat_str([pl.lit('"id":'), json_string(pl.col("id")), pl.lit(",")])
        feature = pl.concat_str(
            [
                pl.lit('{"type":"Feature",'),
                identifier.fill_null(""),
                pl.lit('"geometry":'),
                point.fill_null("null"),
                pl.lit(',"properties":{'),
                pl.concat_list(members).list.drop_nulls().list.join(","),
                pl.lit("}}"),
            ]
        )
        lines = table.select(feature.alias("feature"))["feature"].str.join(",\n").item() if table.height else ""
        return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'.encode()

    def unwritable(self, source: SourcePlan, names: Sequence[str], lists: Lists) -> list[str]:
        """What is neither a point, nor an id, nor a property; all that is in lists."""
        own = {"id", "geometry.coordinates[0]", "geometry.coordinates[1]"}
        plain = [name for name in names if name not in own and not re.fullmatch(r"properties\.[^.\[\]*]+", name)]
        return [*plain, *(f"{path}.{name}" for path, inner in lists.items() for name in inner)]


@dataclass(frozen=True)
class XmlKind(Rows):
    """XML, of which the iterator of the mapping finds the records."""

    media_type: str = "application/xml"
    extension: str = "xml"

    def read(
        self, data: bytes | Path, seen: Look, variant: Variant, sources: Sequence[SourcePlan], limits: Limits
    ) -> dict[str, Table]:
        """One table per iterator of the mapping; the rows of elements within the records have their numbers."""
        from datahub.sources import xml  # most files are of another kind

        start = sources[0].iterator or "/*"
        tables = {
            source.key: xml.read(
                data,
                source.iterator or "/*",
                source.references,
                name=source.name,
                limits=limits,
                namespaces=dict(source.source.namespaces),
                records=start if (source.iterator or "").startswith(f"{start}/") else None,
            )
            for source in sources
        }
        _refuse_several(tables[sources[0].key], {name for key in variant.keys for name in (*key.columns, *key.also)})
        return tables

    def write(self, content: Content, variant: Variant) -> bytes:
        """A document with an element for each record, in the namespaces of the mapping."""
        source = content.source
        return xml_write.write(content.table, source.iterator or "/*", content.lists, dict(source.source.namespaces))

    def unwritable(self, source: SourcePlan, names: Sequence[str], lists: Lists) -> list[str]:
        """See `datahub.sources.xml_write.unwritable`."""
        return xml_write.unwritable(source.iterator or "/*", names, lists, dict(source.source.namespaces))


def _refuse_several(table: Table, names: Set[str]) -> None:
    """In XML anything may come several times, but not what records are known by."""
    for name in names & table.columns.schema.keys():
        if isinstance(table.columns.schema[name], pl.List):
            rows = table.rows.filter(table.columns[name].list.len().fill_null(0) > 1)
            raise InputError(
                "identifier-several",
                Text(
                    f"“{name}” comes several times in a record, but records are known by it.",
                    f"« {name} » vient plusieurs fois dans une fiche, alors que les fiches se reconnaissent à lui.",
                ),
                Text("Leave one in each record.", "Laissez-en un par fiche."),
                Place(row=rows[0], column=name),
            )


def _number(name: str) -> pl.Expr:
    """The text in column ``name`` as JSON writes numbers (RFC 8259, section 6); null where it is none."""
    plain = (
        pl.col(name)
        .str.strip_prefix("+")
        .str.replace(r"^(-?)0+(\d)", "${1}${2}")
        .str.replace(r"^(-?)\.", "${1}0.")
        .str.replace(r"\.$", "")
    )
    return pl.when(plain.str.contains(r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$")).then(plain)


TABLE_KINDS: Mapping[str, TableKind] = {
    "csv": CsvKind(),
    "json": JsonKind(),
    "gtfs": GtfsKind(),
    "geojson": GeoJsonKind(),
    "xml": XmlKind(),
}
"""Source kind of ``connector.yaml`` → how it is read and written. The kind ``rdf`` has no tables: `datahub.connectors.linked`."""
