"""Data frames in memory (Polars, pandas, Arrow) as tables; their types become natural datatypes (R2RML section 10.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

import polars as pl

from datahub import extras
from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.sources import jsonpath
from datahub.sources.limits import DEFAULT, Limits
from datahub.sources.natural import beyond, natural
from datahub.sources.sql import missing
from datahub.sources.table import Table

PIECE_ROWS = 100_000


def read(
    frame: object, references: Sequence[str] | None = None, *, name: str = "frame", limits: Limits = DEFAULT
) -> Table:
    """``frame`` as a table: a `polars.DataFrame` or LazyFrame, a pandas DataFrame, or anything that speaks the Arrow PyCapsule
    interface (a pyarrow Table, a DuckDB relation).

    ``references``: columns, or paths into nested ones (``address.city``, ``offers[*].price``); all columns by default. Null is
    null, NaN of pandas too. Raises `InputError`: ``frame`` for anything else, ``frame-type``, ``frame-value``,
    ``column-missing``, ``csv-rows``.
    """
    return select(_polars(frame, name), references, name, limits)


def select(frame: pl.LazyFrame, references: Sequence[str] | None, name: str, limits: Limits) -> Table:
    """The columns that ``references`` lead to as a table."""
    texts, types = selection(frame.collect_schema(), references, name)
    _check_days(frame, references, name)
    rows = int(frame.select(pl.len()).collect().item())
    if rows > limits.max_rows:
        raise InputError(
            "csv-rows",
            Text(
                f"The data has more than {limits.max_rows} rows.", f"Les données ont plus de {limits.max_rows} lignes."
            ),
            Text("Give it in several parts.", "Donnez-les en plusieurs parties."),
            Place(file=name),
        )
    columns = frame.select(texts).collect() if texts else pl.DataFrame({"": [None] * rows}).drop("")
    return Table(name, columns, pl.arange(1, rows + 1, dtype=pl.UInt32, eager=True).alias("row"), types=types)


def batches(
    frame: pl.LazyFrame, references: Sequence[str], name: str, limits: Limits, size: int = PIECE_ROWS
) -> Iterator[Table]:
    """As `select`, in tables of ``size`` rows, one at least; any number of rows."""
    texts, types = selection(frame.collect_schema(), references, name)
    if not texts:
        yield select(frame, references, name, limits)
        return
    _check_days(frame, references, name)
    before = 0
    for columns in frame.select(texts).collect_batches(chunk_size=size, maintain_order=True):
        if columns.height:
            rows = pl.arange(before + 1, before + columns.height + 1, dtype=pl.UInt32, eager=True).alias("row")
            yield Table(name, columns, rows, types=types)
            before += columns.height
    if not before:
        yield select(frame, references, name, limits)


def selection(schema: pl.Schema, references: Sequence[str] | None, name: str) -> tuple[list[pl.Expr], dict[str, str]]:
    """The texts that ``references`` lead to, and the datatypes of those that have one."""
    made, types = [], {}
    for reference in dict.fromkeys(list(schema) if references is None else references):
        value, dtype = _value(schema, reference, name)
        if isinstance(dtype, pl.Object):
            raise InputError(
                "frame-type",
                Text(
                    f"The column “{reference}” holds objects of Python, not values.",
                    f"La colonne « {reference} » contient des objets Python, pas des valeurs.",
                ),
                Text("Make texts or numbers of them first.", "Faites-en d'abord des textes ou des nombres."),
                Place(file=name, column=reference),
            )
        text, datatype = natural(value, dtype)
        made.append(text.alias(reference))
        if datatype:
            types[reference] = datatype
    return made, types


def _check_days(frame: pl.LazyFrame, references: Sequence[str] | None, name: str) -> None:
    """Refuses days and instants that have no name, before Polars stumbles over them."""
    schema = frame.collect_schema()
    checks = []
    for reference in dict.fromkeys(list(schema) if references is None else references):
        found = beyond(*_value(schema, reference, name))
        if found is not None:
            checks.append(found.any().alias(reference))
    if not checks:
        return
    for reference, wrong in frame.select(checks).collect().row(0, named=True).items():
        if wrong:
            raise InputError(
                "frame-value",
                Text(
                    f"The column “{reference}” holds a day of hundreds of thousands of years ago or ahead.",
                    f"La colonne « {reference} » contient un jour à des centaines de milliers d'années d'ici.",
                ),
                Text("Check the unit of its dates.", "Vérifiez l'unité de ses dates."),
                Place(file=name, column=reference),
            )


def _value(schema: pl.Schema, reference: str, name: str) -> tuple[pl.Expr, pl.DataType]:
    """The expression and type that ``reference`` stands for: a column, or a path into a nested one."""
    if reference in schema:
        return pl.col(reference), schema[reference]
    steps = jsonpath.parse(reference).steps
    first = steps[0] if steps else None
    if not isinstance(first, jsonpath.Name) or first.key not in schema:
        raise missing(reference, list(schema), name)
    found = _inside(pl.col(first.key), schema[first.key], steps[1:])
    if found is None:
        raise missing(reference, list(schema), name)
    return found


def _inside(value: pl.Expr, dtype: pl.DataType, steps: Sequence[jsonpath.Step]) -> tuple[pl.Expr, pl.DataType] | None:
    """What ``steps`` lead to from ``value``; None where its type has no such part."""
    if not steps:
        return value, dtype
    step, rest = steps[0], steps[1:]
    if isinstance(step, jsonpath.Name) and isinstance(dtype, pl.Struct):
        fields = {field.name: _made(field.dtype) for field in dtype.fields}
        return _inside(value.struct.field(step.key), fields[step.key], rest) if step.key in fields else None
    if isinstance(dtype, pl.List) and isinstance(step, int):
        return _inside(value.list.get(step, null_on_oob=True), _made(dtype.inner), rest)
    if isinstance(dtype, pl.List) and step == jsonpath.WILDCARD:
        item = _inside(pl.element(), _made(dtype.inner), rest)
        if item is None:
            return None
        expression, inner = item
        listed = value.list.eval(expression)
        if isinstance(inner, pl.List):  # lists in lists give all their items
            return listed.list.eval(pl.element().explode()), inner
        return listed, pl.List(inner)
    return None


def _made(dtype: Any) -> pl.DataType:
    made: pl.DataType = dtype if isinstance(dtype, pl.DataType) else dtype()
    return made


def _polars(frame: Any, name: str) -> pl.LazyFrame:
    if isinstance(frame, pl.LazyFrame):
        return frame
    if isinstance(frame, pl.DataFrame):
        return frame.lazy()
    if type(frame).__module__.split(".")[0] == "pandas" and type(frame).__name__ == "DataFrame":
        return _from_pandas(frame, name).lazy()
    if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
        made = pl.DataFrame(frame)
        return made.lazy()
    raise InputError(
        "frame",
        Text(
            f"“{name}” is no data frame; one of Polars, pandas or Arrow was expected.",
            f"« {name} » n'est pas un tableau de données ; Polars, pandas ou Arrow est attendu.",
        ),
        place=Place(file=name, value=type(frame).__name__),
    )


def _from_pandas(frame: object, name: str) -> pl.DataFrame:
    if find_spec("pyarrow") is None:
        raise InputError(
            "frame-support",
            Text("pandas data frames need pyarrow.", "Les tableaux pandas demandent pyarrow."),
            extras.install("pandas"),
        )
    import pandas as pd

    assert isinstance(frame, pd.DataFrame)
    double = [str(column) for column, twice in zip(frame.columns, frame.columns.duplicated(), strict=True) if twice]
    if double:
        raise InputError(
            "frame",
            Text(f"Two columns have the name “{double[0]}”.", f"Deux colonnes portent le nom « {double[0]} »."),
            place=Place(file=name, column=double[0]),
        )
    columns = {}
    for column in frame.columns:
        try:
            columns[str(column)] = pl.from_pandas(frame[column])
        except (TypeError, ValueError, pl.exceptions.PolarsError):  # several types in one column: as they print
            texts = frame[column].map(str, na_action="ignore")
            columns[str(column)] = pl.Series([None if pd.isna(text) else text for text in texts], dtype=pl.String)
    return pl.DataFrame(columns)
