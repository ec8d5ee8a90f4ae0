"""What a job has to read: each source found, looked into, and cut into stretches; or refused, where it can't be cut."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.mapping import files
from datahub.mapping.model import Link, Reference
from datahub.mapping.plan import Plan, SourcePlan, links
from datahub.mapping.reading import locate
from datahub.mapping.spark import storage
from datahub.sources import csv, csv_stream, cuts, json_stream, parquet
from datahub.sources.csv_stream import Opening
from datahub.sources.cuts import Stretch, Tally
from datahub.sources.limits import MIB
from datahub.sources.sql import missing

SMALL_BYTES = cuts.PIECE_BYTES
"""A smaller file is not cut."""
WHOLE_BYTES = 64 * MIB
"""The largest file that one task reads as a whole."""
STRETCH_BYTES = 16 * MIB
"""How much of a file one task reads, where Spark's ``spark.sql.files.maxPartitionBytes`` was not set."""
_LAST_ROW = (1 << 32) - 1


@dataclass(frozen=True)
class Whole:
    """A source that one task reads as a whole, ``size`` bytes at ``uri``."""

    key: str
    uri: str
    size: int


@dataclass(frozen=True)
class Rows:
    """A source that is cut between its records. ``opening``: how a CSV file begins; None for JSON Lines. ``lines``: how many lines
    of it come before the records. ``quote``: what may hide a line feed; nothing in JSON Lines."""

    key: str
    uri: str
    size: int
    opening: Opening | None = None
    lines: int = 0
    delimiter: str = ","
    quote: str = ""

    @property
    def start(self) -> int:
        """Where the records start."""
        return self.opening.start if self.opening is not None else 0


@dataclass(frozen=True)
class Columns:
    """A source of ``rows`` rows that is cut by their numbers: a Parquet file."""

    key: str
    uri: str
    size: int
    rows: int


Source = Whole | Rows | Columns


@dataclass(frozen=True)
class Part:
    """What one task reads: a stretch of the source ``key``, in bytes or in rows; all of it where ``stretch`` is None.

    ``child``: the smaller source whose joins with this one are made, and nothing else; None where the part is lifted.
    """

    key: str
    stretch: Stretch | None = None
    child: str | None = None


@dataclass(frozen=True)
class Survey:
    """The ``sources`` of a plan by key. ``turned``: the joins, as child and parent, for which the parts of the parent go through
    the child, because the parent is too large to be looked up. ``shuffled``: those of which both are too large."""

    sources: dict[str, Source]
    turned: frozenset[tuple[str, str]] = frozenset()
    shuffled: frozenset[tuple[str, str]] = frozenset()


def parents(plan: Plan, key: str) -> frozenset[str]:
    """The keys of the sources that joins of the source ``key`` look up."""
    return frozenset(plan.key(plan.mapping.map(link.parent)) for link in _joins(plan, key))


def _joins(plan: Plan, key: str) -> list[Link]:
    return [link for m in plan.mapping.maps if plan.key(m) == key for link in links(m) if link.joins]


def survey(plan: Plan, where: Path | str | None) -> Survey:
    """The sources of ``plan``. Raises `InputError` where one is absent, lacks a column, or is too large for its kind."""
    found = {source.key: _source(plan, source, where) for source in plan.sources}
    looked_up = {(child, parent) for child in found for parent in parents(plan, child)}
    into_large = {(child, parent) for child, parent in looked_up if found[parent].size > WHOLE_BYTES}
    for child, parent in sorted(into_large):
        if _computed(plan, child, parent):
            raise _computed_join(parent)
    turned = {(child, parent) for child, parent in into_large if found[child].size <= WHOLE_BYTES}
    for child, _ in turned:  # its rows are the same ones for its own task and for those of the parent
        found[child] = Whole(child, found[child].uri, found[child].size)
    for child, parent in looked_up - into_large:
        if child == parent:  # rows that look one another up have to be together
            found[child] = Whole(child, found[child].uri, found[child].size)
    return Survey(found, frozenset(turned), frozenset(into_large - turned))


def _computed_join(key: str) -> InputError:
    return InputError(
        "join-computed",
        Text(
            f"A join looks up {key}, which is larger than {WHOLE_BYTES // MIB} MB, by values that a function makes.",
            f"Une jointure consulte {key}, qui dépasse {WHOLE_BYTES // MIB} Mo, par des valeurs qu'une fonction produit.",
        ),
        Text(
            "Write these values into columns of both files, and join by those; or lift them without --engine spark.",
            "Écrivez ces valeurs dans des colonnes des deux fichiers, joignez par celles-ci, ou convertissez sans --engine spark.",
        ),
        Place(file=key),
    )


def _computed(plan: Plan, child: str, parent: str) -> bool:
    """Whether a join of the two is by values that lenses make; what they can't read is told by the task of their own rows only."""
    return any(
        not isinstance(value, Reference)
        for link in _joins(plan, child)
        if plan.key(plan.mapping.map(link.parent)) == parent
        for join in link.joins
        for value in (join.child, join.parent)
    )


def cut(source: Source, step: int) -> list[Part]:
    """The parts of ``source``, of about ``step`` bytes."""
    if isinstance(source, Whole):
        return [Part(source.key)]
    if isinstance(source, Columns):
        rows = max(1, source.rows * step // source.size)
        return [Part(source.key, stretch) for stretch in cuts.stretches(0, source.rows, rows)]
    return [Part(source.key, stretch) for stretch in cuts.stretches(source.start, source.size, step)]


def check(source: Rows, total: Tally) -> None:
    """Raises `InputError` where the quotes of a whole file, or its number of rows, do not allow to cut it."""
    if total.stray[0] is not None or total.quotes & 1:
        row = None if total.stray[0] is None else total.stray[0] + 1 + source.lines
        raise InputError(
            "spark-quotes",
            Text(
                "A quote stands in the middle of a value or is not closed; the file can't be cut into parts.",
                "Un guillemet se trouve au milieu d'une valeur ou n'est pas fermé ; le fichier ne peut être découpé.",
            ),
            Text(
                "Put values with quotes between quotes and double those inside; or lift it without --engine spark.",
                "Mettez entre guillemets les valeurs qui en contiennent et doublez ceux-ci ; ou convertissez sans --engine spark.",
            ),
            Place(file=source.key, row=row),
        )
    if total.records[0] >= _LAST_ROW:
        raise InputError(
            "too-many-rows",
            Text(
                f"The file has more than {_LAST_ROW} rows.",
                f"Le fichier a plus de {_LAST_ROW} lignes.",
            ),
            Text("Lift it in several files.", "Convertissez-le en plusieurs fichiers."),
            Place(file=source.key),
        )


def _source(plan: Plan, source: SourcePlan, where: Path | str | None) -> Source:
    if source.source.origin is not None:
        raise InputError(
            "spark-source",
            Text(
                f"{source.name} is a database or a web address; Spark tasks read files.",
                f"{source.name} est une base de données ou une adresse web ; les tâches Spark lisent des fichiers.",
            ),
            Text(
                "Export it to a file, or lift it without --engine spark.",
                "Exportez-la dans un fichier, ou convertissez sans --engine spark.",
            ),
        )
    uri = _locate(plan, source, where)
    size = storage.size(uri)
    if size is None:
        raise storage.unreachable(uri)
    if size < SMALL_BYTES:
        return Whole(source.key, uri, size)
    start = storage.read(uri, 0, cuts.PIECE_BYTES)
    if start.startswith(parquet.MAGIC) and source.formulation == "csv":
        parquet.stretch(uri, 0, 0, source.references, name=source.key)  # refuses columns that are not there
        return Columns(source.key, uri, size, parquet.height(uri))
    plain = files.is_plain(source, start)
    if plain and source.formulation == "csv":
        dialect = files.dialect(source)
        opening = csv_stream.opened(start, dialect)
        if opening is not None:
            _check_columns(source, opening.head, dialect)
            lines = dialect.skip_rows + dialect.header_rows
            delimiter = csv.sniff(opening.head, opening.dialect)
            return Rows(source.key, uri, size, opening, lines, delimiter, dialect.quote)
    elif plain and source.formulation == "json" and json_stream.is_lines(start):
        return Rows(source.key, uri, size)
    if size > WHOLE_BYTES:
        raise _uncuttable(source)
    return Whole(source.key, uri, size)


def _locate(plan: Plan, source: SourcePlan, where: Path | str | None) -> str:
    if where is None or isinstance(where, Path):
        text = storage.uri(where) if where is not None else ""
        if "://" not in text:
            return storage.uri(locate(plan, source, where))
    else:
        text = storage.uri(where)
    return f"{text.rstrip('/')}/{source.name}" if storage.is_folder(text) else text


def _check_columns(source: SourcePlan, head: bytes, dialect: csv.Dialect) -> None:
    if not dialect.header_rows:
        return
    there = csv.read(head, dialect, name=source.key).columns.columns
    lacking = next((name for name in source.references if name not in there), None)
    if lacking is not None:
        raise missing(lacking, there, source.name)


def _uncuttable(source: SourcePlan) -> InputError:
    return InputError(
        "spark-not-cuttable",
        Text(
            f"{source.name} can't be read in parts, and is larger than {WHOLE_BYTES // MIB} MB.",
            f"{source.name} ne peut être lu par parties, et dépasse {WHOLE_BYTES // MIB} Mo.",
        ),
        Text(
            "What can be cut is Parquet, CSV with quotes as in RFC 4180, in UTF-8 or a one-byte encoding, and JSON Lines (one "
            "object per line), not compressed. Convert it to one of them, or lift it without --engine spark.",
            "Peuvent être découpés Parquet, le CSV aux guillemets selon la RFC 4180, en UTF-8 ou dans un codage à un octet, et "
            "le JSON Lines (un objet par ligne), non compressés. Convertissez-le, ou convertissez sans --engine spark.",
        ),
        Place(file=source.name),
    )
