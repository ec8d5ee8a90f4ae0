"""The job: cuts a native file, finds rows that repeat or collide wherever they stand, and has the connector run in Spark's tasks.

The driver sees counts, examples of findings, and the keys of rows that share one. Triples go from the tasks to files.
"""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from datahub.connectors import recognise, versions
from datahub.connectors.connector import Connector, connectors
from datahub.connectors.definition import Variant
from datahub.connectors.identity import GROUP, KEY, settle
from datahub.connectors.spark import task
from datahub.connectors.tabular import Tabular
from datahub.errors import InputError, Place
from datahub.findings import BETWEEN
from datahub.i18n import Text
from datahub.mapping.model import TermMap
from datahub.mapping.plan import Plan, term_maps
from datahub.mapping.spark import storage
from datahub.mapping.spark.job import Spread, counted, job, numbers
from datahub.mapping.spark.survey import SMALL_BYTES, WHOLE_BYTES, Part, Rows, Source, Whole
from datahub.sources import csv, csv_stream, cuts, json_stream
from datahub.sources.limits import MIB

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DOUBLES = 1_000_000
"""Rows that share their key with another one, at most."""


def lift_on_spark(
    spark: SparkSession,
    connector: Connector,
    data: Path | str,
    out: Path | str,
    base: str,
    *,
    graphs: bool = False,
    strict: bool = False,
) -> Spread:
    """Writes the triples that ``connector`` makes of the file ``data`` to the new folder ``out``, as `Connector.lift` makes them.

    CSV and JSON Lines are cut; all else, and formats in which rows go on with the one above, is read by one task, up to 64 MiB.
    Rows that repeat or collide are found over the whole file. See `datahub.mapping.spark.lift_on_spark` for ``out``, ``graphs``
    (N-Quads) and ``strict``.

    Raises `InputError` where the file can't be read, is in another format, or can't be cut; `ConflictError` where ``out`` is there.
    """
    with job(spark, out) as made:
        uri = storage.uri(data)
        size = storage.size(uri)
        if size is None:
            raise storage.unreachable(uri)
        head = storage.read(uri, 0, cuts.PIECE_BYTES)
        variant = _variant(connector, head)
        source = _source(connector, variant, uri, size, head)
        parts = counted(spark, {source.key: source}) if isinstance(source, Rows) else [Part(source.key)]
        work = task.Work(
            uuid.uuid4().hex, connector.name, _package(connector), variant.name, source, head[: 1 << 18], base, graphs
        )
        doubles = _doubles(spark, work, parts, variant) if isinstance(source, Rows) and variant.keys else _Doubles()
        found = replace(work, left_out=doubles.rows)
        made.run(partial(task.lift, pickle.dumps(found), parts), len(parts))
        facts = made.facts(len(parts))
        lines = sum(fact["statements"] for fact in facts)
        return made.kept(lines, len(parts), graphs=graphs, strict=strict, more=doubles.told)


@dataclass(frozen=True)
class _Doubles:
    """The ``rows`` that repeat another one or collide, and what is told of them."""

    rows: tuple[int, ...] = ()
    told: tuple[pl.DataFrame, ...] = ()


def _variant(connector: Connector, head: bytes) -> Variant:
    seen = recognise.look(head)
    versions.check(seen, connector.definition)
    variant = recognise.choose(seen, connector.definition)
    if variant is None:
        raise recognise.refusal(seen, connector.definition, [each.definition for each in connectors()])
    return variant


def _source(connector: Connector, variant: Variant, uri: str, size: int, head: bytes) -> Source:
    """How the file is read. Raises `InputError` ``spark-not-cuttable`` where one task would have to read too much."""
    pipeline = connector.pipelines[variant.name]
    key = uri.rsplit("/", 1)[-1]
    whole = Whole(key, uri, size)
    if size < SMALL_BYTES:
        return whole
    why = Text("it is not a plain CSV file or JSON Lines", "ce n'est ni un simple CSV ni du JSON Lines")
    if variant.continuation is not None:
        why = Text("rows go on with the record above", "des lignes continuent la fiche du dessus")
    elif isinstance(pipeline, Tabular) and _unnamed(pipeline.plan):
        why = Text("its mapping makes nodes without a name", "son mapping produit des nœuds sans nom")
    elif isinstance(pipeline, Tabular) and recognise.look(head).form == "csv" and variant.kind == "csv":
        dialect = variant.dialect
        opening = csv_stream.opened(head, dialect)
        if opening is not None:
            lines = dialect.skip_rows + dialect.header_rows
            return Rows(key, uri, size, opening, lines, csv.sniff(opening.head, opening.dialect), dialect.quote)
    elif isinstance(pipeline, Tabular) and variant.kind == "json" and json_stream.is_lines(head):
        return Rows(key, uri, size)
    if size > WHOLE_BYTES:
        raise InputError(
            "spark-not-cuttable",
            Text(
                f"{key} can't be read in parts ({why.en}), and is larger than {WHOLE_BYTES // MIB} MB.",
                f"{key} ne peut être lu par parties ({why.fr}), et dépasse {WHOLE_BYTES // MIB} Mo.",
            ),
            Text(
                "Lift it without --engine spark, or deliver it in several files.",
                "Convertissez-le sans --engine spark, ou livrez-le en plusieurs fichiers.",
            ),
            Place(file=key),
        )
    return whole


def _unnamed(plan: Plan) -> bool:
    """Whether ``plan`` makes blank nodes, which tasks would label alike."""
    return any(
        isinstance(one, TermMap) and one.type.name == "BLANK" for m in plan.mapping.maps for _, one in term_maps(m)
    )


def _package(connector: Connector) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(connector.folder.glob("*")) if path.is_file()}


def _doubles(spark: SparkSession, work: task.Work, parts: Sequence[Part], variant: Variant) -> _Doubles:
    """Looks for keys that several rows have, by a shuffle of all keys. Raises `InputError` ``spark-doubles`` above `DOUBLES`."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F  # noqa: N812

    run = partial(task.keys, pickle.dumps(work), list(parts))
    keys = numbers(spark, len(parts)).mapInArrow(run, task.KEYS)
    shared = keys.withColumn("n", F.count("row").over(Window.partitionBy("key"))).where("n > 1").drop("n")
    rows = shared.limit(DOUBLES + 1).collect()
    if len(rows) > DOUBLES:
        raise InputError(
            "spark-doubles",
            Text(
                f"More than {DOUBLES} rows have an identifier that another row has too.",
                f"Plus de {DOUBLES} lignes ont un identifiant qu'une autre ligne a aussi.",
            ),
            Text("Give each record its own identifier.", "Donnez à chaque fiche son propre identifiant."),
            Place(column=BETWEEN.join(variant.keys[0].columns)),
        )
    if not rows:
        return _Doubles()
    schema = {KEY: pl.String, "content": pl.Int64, "row": pl.UInt32}
    frame = pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row").sort("row")
    frame = frame.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(GROUP))
    kept, told = settle(frame, ["content"], variant.keys)
    gone = frame.filter(~pl.col("row").is_in(kept["row"].implode()))["row"]
    return _Doubles(tuple(gone.to_list()), tuple(told))
