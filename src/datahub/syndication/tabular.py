"""Records as one CSV table: one row per record, columns headed by the labels of the ontologies (RFC 4180)."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from datahub.syndication.fields import Fields
from datahub.syndication.names import RECORD, Names, headings, readable

SEPARATOR = " | "
"""Between several values of one field."""


def table(fields: Fields, names: Names, lang: str, heads: list[str]) -> pl.DataFrame:
    """One row per record, ordered by IRI: column ``iri``, then one column of text per field, named by ``heads``."""
    iris = fields.frame.terms["lexical"].gather(fields.records)
    wide = pl.DataFrame({"record": fields.records, RECORD: iris})
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
    return wide.select(pl.col(RECORD), *(pl.col(str(n)).alias(head) for n, head in enumerate(heads)))


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame``, all text, with an apostrophe before each cell and heading that a spreadsheet would run as a formula: ``=``, ``@``,
    and what begins with a sign and is neither a number nor a telephone number (``-2+cmd|…``)."""
    heads = pl.DataFrame({"head": frame.columns}, schema={"head": pl.String}).select(_quoted("head"))["head"].to_list()
    renamed: dict[str, str] = {}
    for name, head in zip(frame.columns, heads, strict=True):
        if head != name:
            renamed[name] = _free(head, {*frame.columns, *renamed.values()})
    return frame.with_columns(_quoted(name) for name in frame.columns).rename(renamed)


def _quoted(name: str) -> pl.Expr:
    cell = pl.col(name)
    number = r"^[+\-][0-9 .,()/\-:eE%\s]*$"
    runs = cell.str.contains(r"^\s*[=@\t\r]") | (cell.str.contains(r"^[+\-]") & ~cell.str.contains(number))
    return pl.when(runs).then(pl.concat_str(pl.lit("'"), cell)).otherwise(cell).alias(name)


def write(fields: Fields, names: Names, lang: str) -> bytes:
    """The table as UTF-8 CSV with a byte order mark, without which spreadsheets misread accents."""
    heads = headings(fields.fields, names, lang)
    frame = table(fields, names, lang, heads).rename({RECORD: _free("IRI", heads)})
    return harmless(frame).write_csv(include_bom=True).encode()


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name
