"""What runs in Spark's tasks: a part of a source is read, lifted by the same engine as on one machine, and handed on as lines."""

from __future__ import annotations

import base64
import io
import json
import pickle
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import polars as pl
import pyarrow as pa

from datahub import errors
from datahub.errors import DatahubError, Place
from datahub.findings import findings
from datahub.i18n import Text
from datahub.mapping import files
from datahub.mapping.execution import Execution
from datahub.mapping.lenses import Codes
from datahub.mapping.model import Link, references
from datahub.mapping.model import Mapping as Document
from datahub.mapping.ntriples import Lines
from datahub.mapping.plan import Plan, SourcePlan, Statement, plan
from datahub.mapping.spark import storage
from datahub.mapping.spark.halves import Apart
from datahub.mapping.spark.notes import summary
from datahub.mapping.spark.survey import Columns, Part, Rows, Source, Survey, parents
from datahub.sources import cuts, parquet
from datahub.sources.limits import DEFAULT
from datahub.sources.table import Table, moved

SINGLE, REPEATED, NOTE, FACT, CHILD, PARENT = range(6)
"""Kinds of rows that a task gives: lines that no other task can give, lines that others may give too, findings, counts, and the
`halves` of lines that a shuffle puts together."""
SCHEMA = "kind int, text string"
_CHUNK = 1 << 20
_MARK = "datahub-error:"
Codebook = Mapping[tuple[str, str], bytes]
"""The code tables of a mapping as Arrow files, by scheme and notation."""


@dataclass(frozen=True)
class Work:
    """What all tasks of a job have in common. ``job``: tells jobs apart, so that nothing of one is taken for another's."""

    job: str
    mapping: Document
    survey: Survey
    base: str
    graphs: bool
    codes: Codebook


@dataclass(frozen=True)
class _Context:
    """What a worker makes of a `Work` once, for all its tasks."""

    work: Work
    plan: Plan
    codes: Codes
    looked_up: dict[str, Table]


class TaskError(Exception):
    """An error that a user may read, in a form that comes through Spark to the driver."""

    def __init__(self, error: DatahubError) -> None:
        fix, place = error.fix, error.place
        told = {
            "type": type(error).__name__,
            "code": error.code,
            "message": [error.message.en, error.message.fr],
            "fix": None if fix is None else [fix.en, fix.fr],
            "place": [place.file, place.row, place.column, place.value],
        }
        super().__init__(_MARK + base64.b64encode(json.dumps(told).encode()).decode())


def raised(text: str) -> DatahubError | None:
    """The error that a task raised, from what Spark says of its failure."""
    found = re.search(_MARK + r"([A-Za-z0-9+/=]+)", text)
    if not found:
        return None
    told = json.loads(base64.b64decode(found[1]))
    kind: type[DatahubError] = getattr(errors, told["type"], DatahubError)
    fix = Text(*told["fix"]) if told["fix"] else None
    return kind(told["code"], Text(*told["message"]), fix, Place(*told["place"]))


def shipped(codes: Codes, compiled: Plan) -> Codebook:
    """The tables of ``codes`` that ``compiled`` looks into."""
    asked = {
        (call.constants.get("scheme", ""), call.constants.get("property", ""))
        for call in compiled.calls.values()
        if "scheme" in call.constants
    }
    book = {}
    for scheme, notation in asked:
        table = io.BytesIO()
        codes(scheme, notation).write_ipc(table)
        book[scheme, notation] = table.getvalue()
    return book


def count(
    sources: Mapping[str, Source], parts: list[Part], batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """For the number of each of ``parts`` in ``batches``: its `cuts.Tally`."""
    for batch in batches:
        for number in batch.column(0).to_pylist():
            part = parts[number]
            source, stretch = sources[part.key], part.stretch
            assert isinstance(source, Rows)
            assert stretch is not None
            with told():
                read = partial(storage.read, source.uri)
                tally = cuts.tally(read, stretch.start, stretch.end, source.delimiter, source.quote)
            values = [number, tally.quotes, *tally.records, *tally.stray]
            yield pa.record_batch([pa.array([value], pa.int64()) for value in values], names=list(TALLY_NAMES))


TALLY_NAMES = ("part", "quotes", "records", "records_inside", "stray", "stray_inside")
TALLY_SCHEMA = ", ".join(f"{name} bigint" for name in TALLY_NAMES)


def lift(work: bytes, parts: list[Part], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """For the number of each of ``parts`` in ``batches``: its lines, findings and counts, as rows of `SCHEMA`."""
    for batch in batches:
        for number in batch.column(0).to_pylist():
            with told():
                yield from _lift(_context(work), parts[number])


class told:  # noqa: N801
    """Wraps errors that a user may read, so that they come through."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, DatahubError):
            raise TaskError(error) from error


@lru_cache(1)
def _context(work: bytes) -> _Context:
    known: Work = pickle.loads(work)  # made by the driver of this very job
    tables = {names: pl.read_ipc(data) for names, data in known.codes.items()}

    def codes(scheme: str, notation: str) -> pl.DataFrame:
        return tables[scheme, notation]

    return _Context(known, plan(known.mapping), codes, {})


def _lift(context: _Context, part: Part) -> Iterator[pa.RecordBatch]:
    if part.child is not None:
        yield from _join(context, part, part.child)
        return
    work, compiled = context.work, context.plan
    source = next(source for source in compiled.sources if source.key == part.key)
    pairs = work.survey.turned | work.survey.shuffled
    elsewhere = {part.key} | {parent for child, parent in pairs if child == part.key}
    others = {key: _looked_up(context, key) for key in sorted(parents(compiled, part.key) - elsewhere)}
    single, repeated = io.BytesIO(), io.BytesIO()
    lines = Lines(single, graphs=work.graphs, repeating=repeated, shared=_shared(compiled))
    found = summary([])
    records = shared = 0
    lacking: set[str] | None = None
    for table, start, unmentioned in _tables(source, work.survey.sources[part.key], part):
        tables = {**others, part.key: table}
        run = Apart(work.survey.shuffled, compiled, tables, work.base, context.codes, lines, {part.key: start})
        if len(table):
            for half in run.children(part.key, graphs=work.graphs):
                yield from rows(CHILD, half)
            for half in run.parents(part.key):
                yield from rows(PARENT, half)
        found = summary([found, *(note for note in run.run(part.key) if note.height)])
        lines.flush()
        run.close()
        records += len(table)
        if len(table):
            lacking = set(unmentioned) if lacking is None else lacking & set(unmentioned)
        again = _taken(repeated).split(b"\n")[:-1]
        shared += len(again)
        yield from rows(SINGLE, chunks(_taken(single)))
        yield from rows(REPEATED, again)
    fact = {
        "source": part.key,
        "records": records,
        "statements": lines.written - shared,
        "lacking": sorted(lacking or ()),
    }
    yield from ending(found, fact)


def _join(context: _Context, part: Part, child: str) -> Iterator[pa.RecordBatch]:
    """The joins of the source ``child``, which is read as a whole, with the rows of ``part``. What can't be read is told by the
    tasks that lift the two."""
    work, compiled = context.work, context.plan
    source = next(source for source in compiled.sources if source.key == part.key)
    whole = _looked_up(context, child)
    out = io.BytesIO()
    lines = Lines(out, graphs=work.graphs)
    for table, start, _ in _tables(source, work.survey.sources[part.key], part):
        run = Execution(compiled, {child: whole, part.key: table}, work.base, context.codes, lines, {part.key: start})
        for statement in compiled.statements:
            link = statement.value
            if (
                isinstance(link, Link)
                and link.joins
                and compiled.key(statement.map) == child
                and compiled.key(compiled.mapping.map(link.parent)) == part.key
            ):
                run.join(run.rows[child], statement, link)
        lines.flush()
        run.close()
        yield from rows(REPEATED, _taken(out).split(b"\n")[:-1])
    yield from ending(summary([]), {"source": "", "records": 0, "statements": 0, "lacking": []})


def _shared(compiled: Plan) -> list[Statement]:
    """The statements that several rows may make, as far as the mapping tells: their subject is not named by what names the record
    of the row, such as the producer of a product. What the rows themselves tell beyond that, `Lines` finds out."""
    records = {compiled.key(root): root.subject_references() for root in compiled.roots}
    return [
        statement
        for statement in compiled.statements
        if statement.map.subject.expression is not None
        and not records[compiled.key(statement.map)] <= set(references(statement.map.subject.expression))
    ]


def _looked_up(context: _Context, key: str) -> Table:
    """The source ``key`` as a whole, for joins; read once by a worker. Its own task tells its findings."""
    if key not in context.looked_up:
        source = next(source for source in context.plan.sources if source.key == key)
        found = context.work.survey.sources[key]
        table = files.read(source, storage.read(found.uri, 0, found.size))
        context.looked_up[key] = replace(table, findings=findings())
    return context.looked_up[key]


def _tables(source: SourcePlan, found: Source, part: Part) -> Iterator[tuple[Table, int, list[str]]]:
    """The tables of ``part``, with a number that no line before can have, and the references that occur nowhere in the text."""
    if isinstance(found, Columns) and part.stretch is not None:
        start, end = part.stretch.start, part.stretch.end
        part_rows = parquet.stretch(found.uri, start, end - start, source.references, name=source.key)
        yield files.without_nulls(part_rows, source), start, []
        return
    if not isinstance(found, Rows) or part.stretch is None:
        yield files.read(source, storage.read(found.uri, 0, found.size)), 0, []
        return
    read = partial(storage.read, found.uri)
    for piece in cuts.pieces(read, part.stretch, found.quote, files_limit(found)):
        if source.formulation == "csv":
            assert found.opening is not None
            table = found.opening.table(piece.data, piece.before, source.key, DEFAULT)
            yield files.with_all_columns(table, source), piece.before, []
        else:
            table = _json(source, piece)
            yield table, piece.offset, files.unmentioned(table, source, piece.data)


def files_limit(found: Rows) -> int:
    """How far a record may go on beyond its stretch."""
    return min(found.size, 64 * DEFAULT.max_field_bytes)


def _json(source: SourcePlan, piece: cuts.Piece) -> Table:
    """Lines of JSON. An object is put below them, since one line alone would be read as a document, and taken out again."""
    count = piece.data.count(b"\n") + (not piece.data.endswith(b"\n"))
    table = files.table(source, piece.data.removesuffix(b"\n") + b"\n{}")
    kept = table.rows <= count
    own = replace(table, columns=table.columns.filter(kept), rows=table.rows.filter(kept))
    return moved(own, piece.before)


def _taken(buffer: io.BytesIO) -> bytes:
    data = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return data


def chunks(data: bytes) -> Iterator[bytes]:
    """Many lines at once, which Spark passes on as one text; it ends the last of them itself."""
    start = 0
    while start < len(data):
        end = len(data) if len(data) - start <= _CHUNK else data.rfind(b"\n", start, start + _CHUNK) + 1
        end = end if end > start else data.find(b"\n", start) + 1
        yield data[start : end - 1]
        start = end


def ending(found: pl.DataFrame, fact: Mapping[str, object]) -> Iterator[pa.RecordBatch]:
    """The last rows of a task: the findings that `summary` gave, and what it tells of its part (`notes.FACTS`)."""
    yield from rows(NOTE, [json.dumps(note).encode() for note in found.iter_rows(named=True)])
    yield from rows(FACT, [json.dumps(fact).encode()])


def rows(kind: int, texts: Iterator[bytes] | list[bytes] | pl.Series) -> Iterator[pa.RecordBatch]:
    """``texts`` as rows of `SCHEMA`."""
    found = (
        texts.to_arrow().cast(pa.string())
        if isinstance(texts, pl.Series)
        else pa.array(texts, pa.binary()).cast(pa.string())
    )
    for start in range(0, len(found), 10_000):
        part = found.slice(start, 10_000)
        yield pa.record_batch([pa.array([kind] * len(part), pa.int32()), part], names=["kind", "text"])
