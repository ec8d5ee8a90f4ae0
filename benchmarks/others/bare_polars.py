"""The catalogue to N-Triples by Polars string building and nothing else: no mapping, no checks, made for this one file.

Usage: bare_polars.py CATALOGUE.csv OUT.nt
"""

from __future__ import annotations

import sys

import polars as pl
from statements import LINKS, RECORDS, VALUES, XSD

source, out = sys.argv[1:]
table = pl.read_csv(source, infer_schema=False)
special = (["\\", '"', "\n", "\r"], ["\\\\", '\\"', "\\n", "\\r"])
table = table.with_columns(pl.all().replace("", None).str.replace_many(*special)).with_columns(
    pl.col("producer").str.replace_all(" ", "%20").alias("farm"),
    pl.col("producer").is_first_distinct().alias("first"),
)


def node(place: tuple[str, str, str] | str) -> list[pl.Expr]:
    """The text of a node."""
    if isinstance(place, str):
        return [pl.lit(f"<{place}>")]
    folder, column, end = place
    return [pl.lit(f"<{RECORDS}{folder}"), pl.col("farm" if column == "producer" else column), pl.lit(f"{end}>")]


def line(subject: tuple[str, str, str], predicate: str, value: list[pl.Expr]) -> pl.Expr:
    """One statement of each row; those of a producer once."""
    text = pl.concat_str([*node(subject), pl.lit(f" <{predicate}> "), *value, pl.lit(" .\n")])
    return (pl.when("first").then(text) if subject[1] == "producer" else text).fill_null("")


lines = [line(subject, predicate, node(value)) for subject, predicate, value in LINKS]
for subject, predicate, column, datatype in VALUES:
    end = f'"^^<{XSD}{datatype}>' if datatype else '"'
    lines.append(line(subject, predicate, [pl.lit('"'), pl.col(column), pl.lit(end)]))
text = table.lazy().select(pl.concat_str(lines))
text.sink_csv(out, include_header=False, quote_style="never", line_terminator="")
