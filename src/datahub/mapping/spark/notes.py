"""What tasks tell beside their triples, small however large the file is: findings by kind with some examples, and counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from datahub.findings import FINDING_SCHEMA, findings
from datahub.grouping import ROWS_SHOWN

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

KIND = ["severity", "code", "column", "rule", "file"]
EXAMPLES = ROWS_SHOWN + 1
"""How many findings of one kind are kept: as many as a report looks at."""
NOTE = ", ".join(
    [*(f"`{name}` {'bigint' if name == 'row' else 'string'}" for name in FINDING_SCHEMA), "`count` bigint"]
)
"""The columns of a note in Spark's terms."""
FACTS = "`source` string, `records` bigint, `statements` bigint, `lacking` array<string>"
"""What each task tells of its part: how many records it read, how many lines it wrote that no other task can write, and the
references that occur nowhere in it."""


def summary(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The findings of ``tables`` with `EXAMPLES` of each kind at most; the first of a kind stands for (``count``) those left out.

    What is said of a file as a whole is kept once.
    """
    counted = [t if "count" in t.columns else t.with_columns(pl.lit(1, pl.Int64).alias("count")) for t in tables]
    every = pl.concat(counted) if counted else findings().with_columns(pl.lit(1, pl.Int64).alias("count"))
    every = every.unique(list(FINDING_SCHEMA), keep="first", maintain_order=True)
    place = pl.int_range(pl.len()).over(KIND)
    left_out = pl.col("count").sum().over(KIND) - pl.min_horizontal(pl.len().over(KIND), EXAMPLES)
    return (
        every.sort("row", nulls_last=True, maintain_order=True)
        .with_columns(place.alias("\0place"), (left_out + 1).alias("\0first"))
        .filter(pl.col("\0place") < EXAMPLES)
        .with_columns(pl.when(pl.col("\0place") == 0).then("\0first").otherwise(1).alias("count"))
        .drop("\0place", "\0first")
    )


def merged(told: DataFrame) -> pl.DataFrame:
    """The `summary` of the notes of all tasks; Spark makes it, the driver gets the examples."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F  # noqa: N812

    every = told.groupBy(*FINDING_SCHEMA).agg(F.max("count").alias("count"))  # of a file read twice, all is told twice
    kind = Window.partitionBy(*KIND)
    kept = (
        every.withColumn("total", F.sum("count").over(kind))
        .withColumn("place", F.row_number().over(kind.orderBy(F.col("row").asc_nulls_last())))
        .where(F.col("place") <= EXAMPLES)
        .withColumn("count", F.when(F.col("place") == 1, F.col("total")).otherwise(0))
        .drop("total", "place")
    )
    rows = [row.asDict() for row in kept.collect()]
    table = pl.DataFrame(rows, schema={**FINDING_SCHEMA, "count": pl.Int64()})
    shown = pl.len().over(KIND)  # the first of a kind stands for all but the others that are shown
    return table.sort("row", nulls_last=True).with_columns(
        pl.when(pl.col("count") > 0).then(pl.col("count") - shown + 1).otherwise(1).alias("count")
    )
