"""What a format that has one row per record leaves out of records that have several parts of a kind: offers, say."""

from __future__ import annotations

import polars as pl

from datahub.findings import conform
from datahub.mapping import Loss


def left_out(loss: Loss) -> pl.DataFrame:
    """A warning for each link of which the format holds one and a record has more: with the count, and a record as example."""
    table = loss.table.filter(pl.col("reason") == "several-values")
    fields = set(loss.table["field"])
    links = {name for name in table["field"] if any(other.startswith(name + "/") for other in fields)}
    outer = [name for name in sorted(links) if not any(name.startswith(other + "/") for other in links)]
    found = table.filter(pl.col("field").is_in(outer))
    count, name = pl.col("count").cast(pl.String), pl.col("field")
    return conform(
        found.select(
            pl.col("example_record").alias("record"),
            pl.col("example_value").alias("value"),
            pl.col("field").alias("column"),
            pl.concat_str(
                [pl.lit("The format holds one "), name, pl.lit(" per record; "), count, pl.lit(" more were left out.")]
            ).alias("message_en"),
            pl.concat_str(
                [
                    pl.lit("Le format n'a qu'un "),
                    name,
                    pl.lit(" par fiche ; "),
                    count,
                    pl.lit(" autres ont été laissés de côté."),
                ]
            ).alias("message_fr"),
        ),
        severity="warning",
        code="parts-left-out",
        rule="loss",
        fix_en="See the records with --loss; give each part a record of its own where the target should have all.",
        fix_fr="Voyez les fiches avec --loss ; donnez à chaque partie sa propre fiche si la cible doit les avoir toutes.",
    )
