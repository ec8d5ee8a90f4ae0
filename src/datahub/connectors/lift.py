"""What comes of a native file, and what a native file is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from datahub.findings import findings
from datahub.mapping.loss import Loss
from datahub.rdf.frame import Frame


@dataclass(frozen=True, eq=False)
class Lift:
    """A native file as RDF.

    ``frame``: what was taken. ``findings``: repairs, assumptions, unmapped columns, and every row that was refused (severity
    violation; its record is not in ``frame``). ``refused``: the numbers of those rows. ``read``: how many records the file holds,
    refused ones included. ``table``: the file's own rows as text, with the column ``row``; None for RDF. ``columns``: which native
    column a property came from, as `datahub.mapping.columns` says. ``variant``: the form of the format that it was read as.
    ``headers``: what the file calls a column that has several names, by the one in ``table``.
    ``refused_records``: the IRIs of the records that the refused rows would have been, where they can be told: they were delivered,
    so they are not missing.
    """

    frame: Frame
    findings: pl.DataFrame
    variant: str
    read: int
    refused: pl.Series = field(default_factory=lambda: pl.Series("row", [], dtype=pl.UInt32))
    table: pl.DataFrame | None = None
    columns: pl.DataFrame | None = None
    refused_records: pl.Series = field(default_factory=lambda: pl.Series("record", [], dtype=pl.String))
    headers: Mapping[str, str] = field(default_factory=dict)

    def native(self, rows: Sequence[int] | pl.Series) -> pl.DataFrame:
        """The rows with these numbers as their publisher wrote them: row (UInt32) and text (one CSV line without header)."""
        schema = {"row": pl.UInt32, "text": pl.String}
        if self.table is None:
            return pl.DataFrame(schema=schema)
        wanted = self.table.filter(pl.col("row").is_in(pl.Series(rows, dtype=pl.UInt32).implode()))
        cells = wanted.drop("row")
        flat = cells.with_columns(
            pl.col(name).list.join(" | ") for name, dtype in cells.schema.items() if isinstance(dtype, pl.List)
        )
        lines = [flat[at].write_csv(include_header=False).rstrip("\n") for at in range(flat.height)]
        return pl.DataFrame({"row": wanted["row"], "text": lines}, schema=schema)


@dataclass(frozen=True, eq=False)
class Lowering:
    """RDF as a native file. ``loss``: what the format could not hold. ``findings``: what a reader of the file should know."""

    data: bytes
    media_type: str
    filename: str
    loss: Loss
    records: int
    findings: pl.DataFrame = field(default_factory=findings)
