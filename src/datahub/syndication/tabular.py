"""Records as one CSV table: one row per record, columns headed by the labels of the ontologies (RFC 4180)."""

from __future__ import annotations

import polars as pl

from datahub.syndication.fields import Fields
from datahub.syndication.names import Names, headings, readable

SEPARATOR = " | "
"""Between several values of one field."""


def table(fields: Fields, names: Names, lang: str, heads: list[str]) -> pl.DataFrame:
    """One row per record, ordered by IRI: column ``iri``, then one column of text per field, named by ``heads``."""
    iris = fields.frame.terms["lexical"].gather(fields.records)
    wide = pl.DataFrame({"record": fields.records, "iri": iris})
    if not fields.values.height:
        return wide.drop("record")
    cells = (
        readable(fields, names, lang)
        .sort("record", "field", "text")
        .group_by("record", "field", maintain_order=True)
        .agg(pl.col("text").str.join(SEPARATOR))
    )
    pivoted = cells.pivot("field", index="record", values="text")
    wide = wide.join(pivoted, on="record", how="left", maintain_order="left")
    return wide.select(pl.col("iri"), *(pl.col(str(n)).alias(head) for n, head in enumerate(heads)))


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with an apostrophe before each cell that a spreadsheet would run as a formula: ``=``, ``@``, and what begins with
    a sign and is neither a number nor a telephone number (``-2+cmd|…``)."""
    number = r"^[+\-][0-9 .,()/\-:eE%\s]*$"
    return frame.with_columns(
        pl.when(
            pl.col(name).str.contains(r"^\s*[=@\t\r]")
            | (pl.col(name).str.contains(r"^[+\-]") & ~pl.col(name).str.contains(number))
        )
        .then(pl.concat_str(pl.lit("'"), pl.col(name)))
        .otherwise(pl.col(name))
        .alias(name)
        for name in frame.columns
    )


def write(fields: Fields, names: Names, lang: str) -> bytes:
    """The table as UTF-8 CSV with a byte order mark, without which spreadsheets misread accents."""
    heads = headings(fields.fields, names, lang)
    frame = table(fields, names, lang, heads).rename({"iri": _free("IRI", heads)})
    return harmless(frame).write_csv(include_bom=True).encode()


def _free(name: str, taken: list[str]) -> str:
    while name in taken:
        name += "_"
    return name
