"""The job: counts the parts of the sources, has them lifted by tasks, takes out what several of them wrote, and keeps the result.

Lines go from the tasks to files; the driver sees counts and examples only. Lines that several rows may make (a producer named in
each of its products' rows) are written apart and made distinct by a shuffle of their own; the others are never shuffled.
"""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from datahub.errors import InputError
from datahub.findings import refuse_violations
from datahub.i18n import Text
from datahub.mapping import files
from datahub.mapping.lenses import Codes, no_codes
from datahub.mapping.model import DEFAULT_BASE, Mapping
from datahub.mapping.plan import Plan, plan
from datahub.mapping.spark import halves, notes, storage, task
from datahub.mapping.spark.folder import Folder
from datahub.mapping.spark.survey import STRETCH_BYTES, Part, Rows, Source, check, cut, survey
from datahub.sources import cuts
from datahub.sources.cuts import Tally

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    Work = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]

_STRETCH = "spark.sql.files.maxPartitionBytes"
_WRITERS = "spark.sql.maxConcurrentOutputFileWriters"


@dataclass(frozen=True)
class Spread:
    """``statements``: how many lines were written. ``findings``: examples of each kind, with a column ``count`` of how many
    findings they stand for. ``parts``: how many tasks lifted."""

    statements: int
    findings: pl.DataFrame
    parts: int


def lift_on_spark(
    spark: SparkSession,
    mapping: Mapping | Plan,
    out: Path | str,
    where: Path | str | None = None,
    base: str = DEFAULT_BASE,
    codes: Codes | None = None,
    *,
    graphs: bool = False,
    strict: bool = False,
) -> Spread:
    """Writes the triples that ``mapping`` makes of its sources to the new folder ``out``, as files of N-Triples, or N-Quads where
    ``graphs``; the same as `datahub.mapping.lift_to` makes.

    ``out`` and ``where`` (folder of the sources, or the only one) are paths that all machines see, or addresses of a store. The
    folder comes to be when all is written, with a file ``_SUCCESS``; after an error there is none. ``strict``: violations are an
    error. How much one task reads is Spark's setting ``spark.sql.files.maxPartitionBytes``, 16 MiB if not set.

    Raises `InputError` where a source can't be read or can't be cut, `DefinitionError` where the mapping is broken, `ConflictError`
    where ``out`` is there already.
    """
    compiled = mapping if isinstance(mapping, Plan) else plan(mapping)
    with job(spark, out) as made:
        seen = survey(compiled, where)
        own = counted(spark, seen.sources)
        parts = own + [
            replace(part, child=child) for child, parent in sorted(seen.turned) for part in own if part.key == parent
        ]
        book = task.shipped(codes or no_codes, compiled)
        work = task.Work(uuid.uuid4().hex, compiled.mapping, seen, base, graphs, book)
        made.run(partial(task.lift, pickle.dumps(work), parts), len(parts))
        facts = made.facts(len(parts))
        _refuse_absent(compiled, facts)
        return made.kept(sum(fact["statements"] for fact in facts), len(parts), graphs=graphs, strict=strict)


@contextmanager
def job(spark: SparkSession, out: Path | str) -> Iterator[Made]:
    """What the tasks of one job write, on its way to the new folder ``out``; errors inside come out in words.

    Raises `ConflictError` where ``out`` is there already.
    """
    target = Folder(spark, storage.hadoop(storage.uri(out)))
    with _worded(), target.made() as aside, _cancelled(spark):
        yield Made(spark, target, aside)


def _refuse_absent(compiled: Plan, facts: Sequence[Any]) -> None:
    """Raises `InputError` where no record has what the mapping refers to."""
    for source in compiled.sources:
        own = [set(fact["lacking"]) for fact in facts if fact["source"] == source.key and fact["records"]]
        lacking = set.intersection(*own) if own else set()
        if lacking:
            files.refuse_absent([name for name in source.references if name in lacking], source)


def counted(spark: SparkSession, sources: dict[str, Source]) -> list[Part]:
    """The parts of all sources, those of cut ones with where they stand: one job, which reads what is cut and gives counts."""
    step = _bytes(str(spark.conf.get(_STRETCH, str(STRETCH_BYTES))))
    parts = {key: cut(source, step) for key, source in sources.items()}
    unknown = [part for key, own in parts.items() if isinstance(sources[key], Rows) for part in own]
    run = partial(task.count, sources, unknown)
    told = numbers(spark, len(unknown)).mapInArrow(run, task.TALLY_SCHEMA).collect() if unknown else []
    tallies: dict[str, list[Tally]] = {}
    for row in sorted(told, key=lambda row: int(row["part"])):
        _, quotes, records, within, stray, stray_within = row
        tallies.setdefault(unknown[row["part"]].key, []).append(Tally(quotes, (records, within), (stray, stray_within)))
    for key, found in tallies.items():
        source = sources[key]
        assert isinstance(source, Rows)
        stretches, total = cuts.counted([part.stretch for part in parts[key] if part.stretch is not None], found)
        check(source, total)
        parts[key] = [replace(part, stretch=one) for part, one in zip(parts[key], stretches, strict=True)]
    return [part for own in parts.values() for part in own]


def numbers(spark: SparkSession, count: int) -> DataFrame:
    """The numbers of parts, one to a task."""
    return spark.range(0, count, 1, count)


def _text(spark: SparkSession, folder: str) -> DataFrame:
    return spark.read.text(folder, lineSep="\n")


@dataclass(frozen=True)
class Made:
    """What the tasks wrote below ``aside``, a folder for each kind of row; it is put in its place by `kept`."""

    spark: SparkSession
    target: Folder
    aside: str

    def run(self, work: Work, parts: int) -> None:
        """Has ``parts`` tasks write the rows of `task.SCHEMA` that ``work`` gives for their numbers."""
        before = self.spark.conf.get(_WRITERS)
        self.spark.conf.set(_WRITERS, "8")  # the kinds of rows come mixed, and need no sorting to be written apart
        try:
            rows = numbers(self.spark, parts).mapInArrow(work, task.SCHEMA)
            rows.write.partitionBy("kind").text(f"{self.aside}/lifted")
        finally:
            self.spark.conf.set(_WRITERS, str(before))

    def facts(self, parts: int) -> list[Any]:
        """What each of the ``parts`` tasks told of its part. Raises `InputError` where a task's files did not arrive."""
        if not self._has(task.FACT):
            raise _not_shared()
        facts = self.spark.read.schema(notes.FACTS).json(self._folder(task.FACT)).collect()
        if len(facts) != parts:
            raise _not_shared()
        return list(facts)

    def kept(
        self, statements: int, parts: int, *, graphs: bool, strict: bool, more: Sequence[pl.DataFrame] = ()
    ) -> Spread:
        """Puts the lines in their place; those that several tasks may have written once. ``more``: findings of the driver's own."""
        noted = [self.spark.read.schema(notes.NOTE).json(self._folder(task.NOTE))] if self._has(task.NOTE) else []
        told = notes.summary([*more, *map(notes.merged, noted)])
        if strict:
            refuse_violations(told)
        once = f"{self.aside}/once"
        several = self._several()
        if several is not None:
            several.distinct().write.text(once)
            statements += _text(self.spark, once).count()
        self.target.keep({self._folder(task.SINGLE): "part", once: "shared"}, ".nq" if graphs else ".nt")
        return Spread(statements, told, parts)

    def _several(self) -> DataFrame | None:
        """The lines that more than one task has a part in: those that several may give, and those of joined halves."""
        found = [_text(self.spark, self._folder(task.REPEATED))] if self._has(task.REPEATED) else []
        if self._has(task.CHILD) and self._has(task.PARENT):
            read = self.spark.read.option("mode", "FAILFAST")
            children = read.schema(halves.CHILD).json(self._folder(task.CHILD))
            found.append(halves.joined(children, read.schema(halves.PARENT).json(self._folder(task.PARENT))))
        return reduce(lambda one, other: one.union(other), found) if found else None

    def _folder(self, kind: int) -> str:
        return f"{self.aside}/lifted/kind={kind}"

    def _has(self, kind: int) -> bool:
        return bool(self.target.files(self._folder(kind)))


def _bytes(text: str) -> int:
    """Spark's way of writing sizes: 16777216, 16m, 1g, 4096b."""
    units = {"k": 10, "m": 20, "g": 30}
    plain = text.strip().lower().removesuffix("b")
    number, unit = (plain[:-1], plain[-1]) if plain[-1] in units else (plain, "")
    return max(1, int(number) << units.get(unit, 0)) if number.isdigit() else STRETCH_BYTES


def _not_shared() -> InputError:
    return InputError(
        "out-not-shared",
        Text(
            "What the tasks wrote did not arrive: the folder of the results is not the same on all machines.",
            "Ce que les tâches ont écrit n'est pas arrivé : le dossier des résultats n'est pas le même sur toutes les machines.",
        ),
        Text(
            "Name a folder that all machines share, or an address of a store (s3a://…, hdfs://…).",
            "Nommez un dossier que toutes les machines partagent, ou l'adresse d'un stockage (s3a://…, hdfs://…).",
        ),
    )


@contextmanager
def _cancelled(spark: SparkSession) -> Iterator[None]:
    """Ends the jobs inside, and no others of the session, when they are left by an error or an interruption."""
    tag = f"datahub-{uuid.uuid4().hex}"
    spark.sparkContext.addJobTag(tag)
    try:
        yield
    except BaseException:
        spark.sparkContext.cancelJobsWithTag(tag)
        raise
    finally:
        spark.sparkContext.removeJobTag(tag)


@contextmanager
def _worded() -> Iterator[None]:
    """Errors of the tasks as they were raised there, and those of Spark in words."""
    from py4j.protocol import Py4JError
    from pyspark.errors import AnalysisException, IllegalArgumentException, PySparkException

    try:
        yield
    except (AnalysisException, IllegalArgumentException):  # of the driver's own calls: a fault of ours
        raise
    except (Py4JError, PySparkException) as error:
        text = str(error)
        told = task.raised(text)
        if told is not None:
            raise told from error
        if "No module named 'datahub" in text:
            raise InputError(
                "spark-workers",
                Text("A machine of the cluster has no datahub.", "Une machine du cluster n'a pas datahub."),
                Text(
                    "Install datahub with its extra “spark” on each, and say in PYSPARK_PYTHON which Python has it.",
                    "Installez datahub avec son extra « spark » sur chacune, et indiquez dans PYSPARK_PYTHON quel Python l'a.",
                ),
            ) from error
        if "FileSystem" in text and ("not found" in text or "for scheme" in text):
            raise InputError(
                "store-unknown",
                Text("Spark has no driver for that store.", "Spark n'a pas de pilote pour ce stockage."),
                Text(
                    "Give it one in spark-defaults.conf: spark.jars.packages, for s3a:// org.apache.hadoop:hadoop-aws.",
                    "Donnez-en un dans spark-defaults.conf : spark.jars.packages, pour s3a:// org.apache.hadoop:hadoop-aws.",
                ),
            ) from error
        raise InputError(
            "spark-failed",
            Text("Spark gave up the job.", "Spark a abandonné le travail."),
            Text(
                "Its log on standard error or on the machines tells why: often too little memory, or machines that were lost.",
                "Son journal, sur la sortie d'erreur ou sur les machines, dit pourquoi : souvent trop peu de mémoire, "
                "ou des machines perdues.",
            ),
        ) from error
