"""What runs in Spark's tasks: a part of a native file is read, identified and lifted by the connector, and handed on as lines."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path

import polars as pl
import pyarrow as pa

from datahub import mapping
from datahub.connectors.connector import Connector, connector
from datahub.connectors.identity import KEY, key
from datahub.connectors.lift import Lift
from datahub.connectors.look import Look, look
from datahub.connectors.tables import TABLE_KINDS
from datahub.connectors.tabular import Tabular
from datahub.mapping.model import Constant, PredicateObjectMap, TermMap, references
from datahub.mapping.spark import storage
from datahub.mapping.spark.notes import summary
from datahub.mapping.spark.survey import Part, Rows, Source
from datahub.mapping.spark.task import REPEATED, SINGLE, chunks, ending, files_limit, rows, told
from datahub.rdf.split import record_iris
from datahub.rdf.terms import IRI, Term
from datahub.sources import cuts
from datahub.sources.limits import DEFAULT
from datahub.sources.table import Table, moved

KEYS = "key string, content bigint, row bigint"
"""What a task tells of each row: its key, and a number that stands for its content."""


@dataclass(frozen=True)
class Work:
    """What all tasks of a job have in common. ``job`` tells jobs apart; ``package``: the files of the connector, by name, which go
    along; ``head``: the beginning of the file; ``left_out``: rows that repeat another one, or collide with it."""

    job: str
    name: str
    package: Mapping[str, bytes]
    variant: str
    source: Source
    head: bytes
    base: str
    graphs: bool
    left_out: tuple[int, ...] = ()


@dataclass(frozen=True)
class Context:
    """What a worker makes of a `Work` once, for all its tasks."""

    work: Work
    folder: tempfile.TemporaryDirectory[str]

    @cached_property
    def connector(self) -> Connector:
        """The connector, from the files that came along."""
        folder = Path(self.folder.name) / self.work.name
        folder.mkdir()
        for name, data in self.work.package.items():
            (folder / name).write_bytes(data)
        return connector(str(folder))

    @cached_property
    def pipeline(self) -> Tabular:
        """How the variant is lifted."""
        found = self.connector.pipelines[self.work.variant]
        assert isinstance(found, Tabular)
        return found

    @cached_property
    def seen(self) -> Look:
        """What the beginning of the file shows."""
        return look(self.work.head)

    @cached_property
    def names(self) -> mapping.Plan | None:
        """The mapping that gives nothing but the names of the records; None where a key does not name them alone."""
        root = self.pipeline.plan.roots[0]
        own = set(references(root.subject.expression)) if root.subject.expression else set()
        if own != {KEY}:
            return None
        mark = TermMap(Constant(Term(IRI, "urn:record")), root.subject.type)
        bare = replace(root, classes=(), graphs=(), properties=(PredicateObjectMap((mark,), (mark,)),))
        return mapping.plan(mapping.Mapping((bare,)))

    def tables(self, part: Part) -> Iterator[tuple[dict[str, Table], int]]:
        """The tables of the pieces of ``part``, by source key, and how many records come before each."""
        source = self.work.source
        assert isinstance(source, Rows)
        assert part.stretch is not None
        plan, variant = self.pipeline.plan, self.pipeline.variant
        for piece in cuts.pieces(partial(storage.read, source.uri), part.stretch, source.quote, files_limit(source)):
            if variant.kind == "csv":
                name = plan.sources[0].name
                assert source.opening is not None
                yield {plan.sources[0].key: source.opening.table(piece.data, piece.before, name, DEFAULT)}, piece.before
            else:
                yield self._json(piece), piece.before

    def _json(self, piece: cuts.Piece) -> dict[str, Table]:
        """Lines of JSON. An object is put below them, since one line alone would be read as a document, and taken out again."""
        count = piece.data.count(b"\n") + (not piece.data.endswith(b"\n"))
        data = piece.data.removesuffix(b"\n") + b"\n{}"
        pipeline = self.pipeline
        read = TABLE_KINDS["json"].read(data, self.seen, pipeline.variant, pipeline.plan.sources, DEFAULT)
        return {name: moved(_first(table, count), piece.before) for name, table in read.items()}

    def without(self, tables: dict[str, Table]) -> dict[str, Table]:
        """``tables`` without the rows that repeat another one or collide."""
        root = self.pipeline.plan.sources[0].key
        table = tables[root]
        keep = ~table.rows.is_in(pl.Series(self.work.left_out, dtype=pl.UInt32).implode())
        return {**tables, root: replace(table, columns=table.columns.filter(keep), rows=table.rows.filter(keep))}


def _first(table: Table, count: int) -> Table:
    keep = table.rows <= count
    return replace(table, columns=table.columns.filter(keep), rows=table.rows.filter(keep))


@lru_cache(2)
def context(work: bytes) -> Context:
    """The context of a job, made once by each worker."""
    import pickle

    return Context(pickle.loads(work), tempfile.TemporaryDirectory())  # made by the driver of this very job


def keys(work: bytes, parts: list[Part], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """For the number of each of ``parts`` in ``batches``: the keys of its rows, as rows of `KEYS`."""
    for batch in batches:
        for number in batch.column(0).to_pylist():
            with told():
                yield from _keys(context(work), parts[number])


def _keys(known: Context, part: Part) -> Iterator[pa.RecordBatch]:
    pipeline = known.pipeline
    root = pipeline.plan.sources[0].key
    for tables, _ in known.tables(part):
        read = pipeline.fitted(tables[root])
        if not len(read):
            continue
        content = read.columns.select(pl.struct(read.columns.columns).hash().reinterpret(signed=True)).to_series()
        found = pl.DataFrame({"key": key(read.columns, pipeline.variant.keys), "content": content, "row": read.rows})
        table = found.drop_nulls("key").with_columns(pl.col("row").cast(pl.Int64))
        yield from table.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(_KEYS).to_batches()


_KEYS = pa.schema([("key", pa.string()), ("content", pa.int64()), ("row", pa.int64())])


def lift(work: bytes, parts: list[Part], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """For the number of each of ``parts`` in ``batches``: its lines, findings and counts."""
    for batch in batches:
        for number in batch.column(0).to_pylist():
            with told():
                yield from _lift(context(work), parts[number])


def _lift(known: Context, part: Part) -> Iterator[pa.RecordBatch]:
    found = summary([])
    records = statements = 0
    for lifted, named in _lifted(known, part):
        found = summary([found, lifted.findings])
        records += lifted.read
        lines, own = (
            lifted.frame.lines() if known.work.graphs else _without_graphs(lifted),
            _own(lifted, named, part.stretch is None),
        )
        single, again = lines.filter(own).unique(maintain_order=True), lines.filter(~own).unique(maintain_order=True)
        statements += len(single)
        yield from rows(SINGLE, chunks("".join(single).encode()))
        yield from rows(REPEATED, [line.rstrip("\n").encode() for line in again])
    yield from ending(found, {"source": part.key, "records": records, "statements": statements, "lacking": []})


def _without_graphs(lifted: Lift) -> pl.Series:
    frame = lifted.frame
    return replace(
        frame, triples=frame.triples.with_columns(pl.lit(None, frame.triples.schema["g"]).alias("g"))
    ).lines()


def _lifted(known: Context, part: Part) -> Iterator[tuple[Lift, pl.Series | None]]:
    """What the connector makes of each piece of ``part``, and the records in it that no other piece can tell of."""
    work = known.work
    if part.stretch is None:
        source = work.source
        yield known.connector.lift(storage.read(source.uri, 0, source.size), work.base), None
        return
    root = known.pipeline.plan.sources[0].key
    for tables, _ in known.tables(part):
        lifted = known.pipeline.lift_tables(known.without(tables), work.base)
        yield lifted, _named(known, lifted, root)


def _named(known: Context, lifted: Lift, root: str) -> pl.Series | None:
    if known.names is None or lifted.table is None:
        return None
    cells = lifted.table.drop("row")
    table = Table(root, cells.with_columns(key(cells, known.pipeline.variant.keys)), lifted.table["row"])
    (source,) = known.names.sources
    frame = mapping.lift(known.names, {source.key: table}, known.work.base).frame
    return frame.terms["lexical"].gather(frame.triples["s"].unique())


def _own(lifted: Lift, named: pl.Series | None, alone: bool) -> pl.Series:
    """For each triple, whether it tells of one of the records ``named`` and so can come from nowhere else."""
    frame = lifted.frame
    if alone or named is None:
        return pl.repeat(alone, len(frame), eager=True, dtype=pl.Boolean)
    subjects = frame.terms["lexical"].gather(frame.triples["s"])
    return record_iris(subjects, named).is_in(named.implode())
