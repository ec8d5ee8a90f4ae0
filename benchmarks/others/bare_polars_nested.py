"""The nested catalogue to N-Triples by Polars string building and nothing else: no mapping, no checks, made for this one file.

Usage: bare_polars_nested.py CATALOGUE.json OUT.nt
"""

from __future__ import annotations

import sys

import polars as pl
from statements import DFC, FOOD, RECORDS, TYPE, XSD

TEXT = pl.String
SCHEMA = {
    "sku": TEXT,
    "name": TEXT,
    "description": TEXT,
    "category": TEXT,
    "producer": pl.Struct({"name": TEXT, "address": pl.Struct({"city": TEXT})}),
    "quantity": pl.Struct({"value": pl.Float64, "unit": TEXT}),
    "offers": pl.List(pl.Struct({"id": TEXT, "price": pl.Float64, "channel": TEXT})),
    "stock": pl.Int64,
}
SPECIAL = (["\\", '"', "\n", "\r"], ["\\\\", '\\"', "\\n", "\\r"])

source, out = sys.argv[1:]
table = pl.read_json(source, schema=SCHEMA)
products = table.select(
    "sku",
    "name",
    "description",
    "category",
    pl.col("stock").cast(TEXT),
    pl.col("producer").struct.field("name").alias("producer"),
    pl.col("producer").struct.field("address").struct.field("city").alias("city"),
    pl.col("quantity").struct.field("value").cast(TEXT).alias("value"),
    pl.col("quantity").struct.field("unit").alias("unit"),
).with_columns(pl.all().replace("", None).str.replace_many(*SPECIAL))
products = products.with_columns(
    pl.col("producer").str.replace_all(" ", "%20").alias("farm"), pl.col("producer").is_first_distinct().alias("first")
)
offers = table.select(pl.col("offers").explode().struct.unnest()).with_columns(pl.col("price").cast(TEXT))


def line(subject: tuple[str, str, str], predicate: str, value: list[pl.Expr]) -> pl.Expr:
    """One statement of each row; those of a producer once."""
    text = pl.concat_str([*node(subject), pl.lit(f" <{predicate}> "), *value, pl.lit(" .\n")])
    return (pl.when("first").then(text) if subject[1] == "farm" else text).fill_null("")


def node(place: tuple[str, str, str]) -> list[pl.Expr]:
    """The text of a node."""
    folder, column, end = place
    return [pl.lit(f"<{RECORDS}{folder}"), pl.col(column), pl.lit(f"{end}>")]


def literal(column: str, datatype: str = "") -> list[pl.Expr]:
    """The text of a value."""
    return [pl.lit('"'), pl.col(column), pl.lit(f'"^^<{XSD}{datatype}>' if datatype else '"')]


PRODUCT, PRODUCER = ("products/", "sku", ""), ("enterprises/", "farm", "")
QUANTITY, OFFER = ("products/", "sku", "#quantity"), ("offers/", "id", "")
of_products = [
    line(PRODUCT, TYPE, [pl.lit(f"<{DFC}SuppliedProduct>")]),
    line(PRODUCT, "http://purl.org/dc/terms/identifier", literal("sku")),
    line(PRODUCT, f"{DFC}name", literal("name")),
    line(PRODUCT, f"{DFC}description", literal("description")),
    line(PRODUCT, f"{FOOD}sourceCategory", literal("category")),
    line(PRODUCT, f"{DFC}stockLimitation", literal("stock", "decimal")),
    line(PRODUCT, f"{DFC}suppliedBy", node(PRODUCER)),
    line(PRODUCT, f"{DFC}hasQuantity", node(QUANTITY)),
    line(PRODUCER, TYPE, [pl.lit(f"<{DFC}Enterprise>")]),
    line(PRODUCER, f"{DFC}name", literal("producer")),
    line(PRODUCER, f"{FOOD}city", literal("city")),
    line(QUANTITY, TYPE, [pl.lit(f"<{DFC}QuantitativeValue>")]),
    line(QUANTITY, f"{DFC}value", literal("value", "decimal")),
    line(QUANTITY, f"{FOOD}unit", literal("unit")),
]
of_offers = [
    line(OFFER, TYPE, [pl.lit(f"<{DFC}Offer>")]),
    line(OFFER, f"{FOOD}channel", literal("channel")),
    line(OFFER, f"{DFC}price", literal("price", "decimal")),
]
with open(out, "wb") as file:
    for rows, lines in ((products, of_products), (offers, of_offers)):
        text = rows.lazy().select(pl.concat_str(lines))
        text.sink_csv(file, include_header=False, quote_style="never", line_terminator="")
