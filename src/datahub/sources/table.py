"""The table: what every reader makes of a native file, and what mappings read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from datahub.findings import findings


@dataclass(frozen=True, eq=False)
class Table:
    """The rows of one source, as text.

    ``columns``: one column per field; cells are `polars.String`, or lists of it where a reference has several values (JSON, XML);
    an empty cell is null. ``rows``: UInt32, for each line of ``columns`` its row as a spreadsheet shows it (first line of the
    file = 1; a cell with line breaks stays one row); for JSON and XML the number of the record. ``findings``: repairs, and rows
    that could not be read and are not in ``columns`` (severity violation). ``types``: the natural datatype of columns whose
    values have one and the same (RML-Core section 7.2). ``mixed``: for columns whose values have several, the name of the column of
    ``columns`` that holds the datatype of each value.
    """

    name: str
    columns: pl.DataFrame
    rows: pl.Series
    findings: pl.DataFrame = field(default_factory=findings)
    types: Mapping[str, str] = field(default_factory=dict)
    mixed: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.columns.height
