"""Refused records, kept aside: the publisher's own rows, the RDF as far as it got, and why."""

from __future__ import annotations

import polars as pl

from datahub.findings import FINDING_SCHEMA
from datahub.hub.ingest import Checked, Delivery
from datahub.rdf.split import Records
from datahub.records.log import REFUSED_SCHEMA

ROWS_KEPT = 50
"""Of a record that came from more rows, only so many are kept."""


def refusals(delivery: Delivery, records: Records, checked: Checked) -> pl.DataFrame:
    """The refused records of a push, with the columns of `datahub.records.log.REFUSED_SCHEMA`, by row.

    Records that the rules refused have a record and a body; rows that never became a record have only their text.
    """
    rows = _rows(records, checked.refused)
    wanted = pl.concat([rows["row"], delivery.lost_rows.alias("row")]).drop_nulls().unique()
    native = _native(delivery, wanted)
    broken = _broken(records, checked, rows, native)
    lost = _lost(delivery, checked, native)
    table = pl.concat([broken, lost]).sort("row", "record", nulls_last=True).with_row_index("position")
    return table.select(pl.col(name).cast(dtype) for name, dtype in REFUSED_SCHEMA.items())


def _rows(records: Records, refused: pl.Series) -> pl.DataFrame:
    """The source rows of each refused record: columns record and row."""
    numbered = records.index.select("record").with_row_index("owner").filter(pl.col("record").is_in(refused.implode()))
    sources = pl.DataFrame([records.owner, records.frame.triples["row"]])
    found = sources.join(numbered, on="owner").select("record", "row").unique().drop_nulls()
    return found.sort("record", "row").group_by("record", maintain_order=True).head(ROWS_KEPT)


def _native(delivery: Delivery, rows: pl.Series) -> pl.DataFrame:
    if delivery.lift is None or not len(rows):
        return pl.DataFrame(schema={"row": pl.UInt32, "text": pl.String})
    return delivery.lift.native(rows)


def _broken(records: Records, checked: Checked, rows: pl.DataFrame, native: pl.DataFrame) -> pl.DataFrame:
    numbered = records.index.with_row_index("owner").filter(pl.col("record").is_in(checked.refused.implode()))
    texts = rows.join(native, on="row").group_by("record", maintain_order=True).agg(pl.col("text").str.join("\n"))
    why = _told(checked.findings.filter(pl.col("record").is_not_null()), "record")
    bodies = pl.Series("body", [str(text, "utf-8") for text in records.bodies(numbered["owner"])], dtype=pl.String)
    return (
        numbered.with_columns(bodies)
        .join(texts, on="record", how="left")
        .join(why, on="record", how="left")
        .select("record", "row", native="text", body="body", findings=pl.col("told").fill_null("[]"))
    )


def _lost(delivery: Delivery, checked: Checked, native: pl.DataFrame) -> pl.DataFrame:
    why = _told(checked.findings.filter(pl.col("row").is_not_null()), "row")
    table = delivery.lost_rows.alias("row").cast(pl.UInt32).to_frame().unique()
    joined = table.join(native, on="row", how="left").join(why, on="row", how="left")
    return joined.select(
        pl.lit(None, pl.String).alias("record"),
        "row",
        native="text",
        body=pl.lit(None, pl.String),
        findings=pl.col("told").fill_null("[]"),
    )


def _told(findings: pl.DataFrame, by: str) -> pl.DataFrame:
    """The findings on each record or row as a JSON list: columns ``by`` and told."""
    each = findings.select(by, pl.struct(list(FINDING_SCHEMA)).struct.json_encode().alias("told"))
    listed = pl.concat_str([pl.lit("["), pl.col("told").str.join(","), pl.lit("]")])
    return each.group_by(by).agg(listed.alias("told"))
