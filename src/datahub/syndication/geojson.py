"""Records with coordinates as a GeoJSON FeatureCollection (RFC 7946)."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from datahub.rdf.terms import SCHEMA, XSD
from datahub.syndication.fields import Fields
from datahub.syndication.names import Names, keys
from datahub.syndication.tabular import table

WGS84 = "http://www.w3.org/2003/01/geo/wgs84_pos#"
LATITUDES = (SCHEMA + "latitude", WGS84 + "lat")
LONGITUDES = (SCHEMA + "longitude", WGS84 + "long")
_INTEGERS = tuple(XSD + name for name in ("integer", "int", "long", "nonNegativeInteger", "positiveInteger"))
_NUMBERS = (*_INTEGERS, XSD + "decimal", XSD + "double", XSD + "float")


def coordinates(fields: Fields) -> pl.DataFrame:
    """The place of each record that has one: columns record, lon and lat in WGS 84 degrees, the first by field order."""
    found = {}
    for name, predicates in (("lat", LATITUDES), ("lon", LONGITUDES)):
        numbers = [n for n, one in enumerate(fields.fields) if one.path[-1] in predicates]
        values = fields.values.filter(pl.col("field").is_in(numbers))
        values = values.with_columns(
            fields.frame.terms["lexical"].gather(values["value"]).cast(pl.Float64, strict=False).alias(name)
        )
        limit = 90 if name == "lat" else 180
        found[name] = (
            values.filter(pl.col(name).is_between(-limit, limit))
            .sort("record", "field", name)
            .unique("record", keep="first", maintain_order=True)
            .select("record", name)
        )
    return found["lon"].join(found["lat"], on="record")


def features(fields: Fields, names: Names, lang: str) -> pl.Series:
    """One GeoJSON feature per record, as JSON text, ordered by IRI; records without a place have a null geometry."""
    heads = keys(fields.fields)
    wide = _typed(table(fields, names, lang, heads), fields, heads)
    iris = pl.DataFrame({"record": fields.records, "iri": wide["iri"]})
    places = iris.join(coordinates(fields), on="record", how="left", maintain_order="left")
    parts = pl.DataFrame(
        {
            "iri": wide.select(pl.struct("iri").struct.json_encode().str.strip_prefix('{"iri":').str.strip_suffix("}"))[
                "iri"
            ],
            "lon": places["lon"].cast(pl.String),
            "lat": places["lat"].cast(pl.String),
            "properties": wide.select(pl.struct(pl.all()).struct.json_encode().alias("p"))["p"],
        }
    )
    point = pl.concat_str(pl.lit('{"type":"Point","coordinates":['), "lon", pl.lit(","), "lat", pl.lit("]}"))
    geometry = point.fill_null("null")
    return parts.select(
        pl.concat_str(
            pl.lit('{"type":"Feature","id":'),
            "iri",
            pl.lit(',"geometry":'),
            geometry,
            pl.lit(',"properties":'),
            "properties",
            pl.lit("}"),
        ).alias("feature")
    )["feature"]


def _typed(wide: pl.DataFrame, fields: Fields, heads: list[str]) -> pl.DataFrame:
    """Numbers and booleans as such, in columns where every record has at most one value of such a type."""
    values = fields.values
    kinds = values.select("record", "field").with_columns(
        fields.frame.terms["datatype"].gather(values["value"]).fill_null("").alias("datatype")
    )
    single = kinds.group_by("field").agg(
        pl.col("datatype").is_in(_NUMBERS).all().alias("number"),
        pl.col("datatype").is_in(_INTEGERS).all().alias("integer"),
        pl.col("datatype").eq(XSD + "boolean").all().alias("boolean"),
        pl.col("record").is_unique().all().alias("single"),
    )
    casts = []
    for number, is_number, is_integer, is_boolean, once in single.iter_rows():
        column = pl.col(heads[number])
        if once and is_integer:
            casts.append(column.cast(pl.Int64, strict=False))
        elif once and is_number:
            casts.append(column.cast(pl.Float64, strict=False))
        elif once and is_boolean:
            casts.append(column.is_in(["true", "1"]) & column.is_not_null())
    return wide.with_columns(casts)


def collection(features: pl.Series, members: Mapping[str, object]) -> bytes:
    """A FeatureCollection of ``features``; ``members`` are its foreign members (RFC 7946 section 6.1), such as the licence."""
    head = json.dumps({"type": "FeatureCollection", **members}, ensure_ascii=False)[:-1]
    return (head + ', "features": [\n' + ",\n".join(features) + "\n]}\n").encode()


def write(fields: Fields, names: Names, lang: str, members: Mapping[str, object]) -> bytes:
    """All records of ``fields`` as a FeatureCollection."""
    return collection(features(fields, names, lang), members)
