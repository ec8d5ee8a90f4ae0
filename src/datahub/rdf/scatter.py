"""A file of N-Triples or N-Quads cut into parts by records, in bounded memory.

A record is the subjects whose IRIs are equal up to their fragments; each blank node is one of its own. Its statements need not
stand together: each goes to the part that a hash of its record names, piece by piece of the file.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import polars as pl

from datahub.rdf.nquads import PIECE, ahead, pieces, statements
from datahub.rdf.terms import RDF_TYPE, RDFS

SAMPLED = 3
"""Pieces that a sample looks at: the first, the last, and those between at equal distances."""
_PREDICATES = pl.Categorical(pl.Categories("datahub-predicates"))
"""There are few predicates: what is asked of them is asked once for each."""
_TOGETHER = (pl.col("line").str.join("\n") + "\n").cast(pl.Binary)
_TYPE = f"<{RDF_TYPE}>"
_BELOW = f"<{RDFS}subClassOf>"


@dataclass(frozen=True)
class Chosen:
    """Statements that are wanted wherever they stand: those of ``predicates``, and the types that are ``classes`` (IRIs)."""

    predicates: frozenset[str]
    classes: frozenset[str]

    @property
    def condition(self) -> pl.Expr:
        """Whether a statement is one of them."""
        types = (pl.col("p") == _TYPE) & _is_one_of("o", self.classes)
        return _is_one_of("p", self.predicates) | types if self.classes else _is_one_of("p", self.predicates)


def _is_one_of(column: str, iris: Iterable[str]) -> pl.Expr:
    return pl.col(column).is_in([f"<{iri}>" for iri in sorted(iris)])


@dataclass(frozen=True)
class Observed:
    """``outer``: the predicates by which a record names a node of another. ``valued``: those that have literals, which belong to no
    record. ``below``: the statements of rdfs:subClassOf, as (class, class above it)."""

    outer: frozenset[str] = frozenset()
    valued: frozenset[str] = frozenset()
    below: frozenset[tuple[str, str]] = frozenset()

    def __or__(self, other: Observed) -> Observed:
        return Observed(self.outer | other.outer, self.valued | other.valued, self.below | other.below)


@dataclass(frozen=True)
class Parts:
    """``files``: the parts, each with the statements of its records and those that all parts share. ``gathered``: the statements
    that were chosen for a whole."""

    files: tuple[Path, ...]
    gathered: Path
    observed: Observed
    seed: int

    def number(self, nodes: pl.Series) -> pl.Series:
        """The number of the part that each of ``nodes``, as written, belongs to by its record."""
        key = nodes.to_frame("s").select(_record("s")).to_series()
        return _number(key, self.seed, len(self.files))


def sample(path: Path, *, graphs: bool, piece: int = PIECE) -> tuple[Observed, pl.DataFrame] | None:
    """What a sample of the file shows, and how many of its statements there are by predicate and, of rdf:type, by class: columns p,
    o (null but for types) and n. None where the file is not in the plain layout."""
    size = path.stat().st_size
    tables = []
    with path.open("rb") as file:
        for start in dict.fromkeys(max(0, (size - piece) * at // (SAMPLED - 1)) for at in range(SAMPLED)):
            file.seek(start)
            text = file.read(piece)
            cut = text if start == 0 else text.partition(b"\n")[2]
            if len(text) == piece:
                cut = cut[: cut.rfind(b"\n") + 1]
            table = statements(cut.removeprefix(b"\xef\xbb\xbf"), graphs=graphs) if cut else None
            if table is None:
                return None
            tables.append(table.select("s", "p", "o"))
    table = pl.concat(tables)
    keyed = table.with_columns(pl.col("p").cast(_PREDICATES), _record("s").alias("key"))
    counts = table.group_by("p", pl.when(pl.col("p") == _TYPE).then("o").alias("o")).agg(pl.len().alias("n"))
    return _observed(keyed, Observed()), counts.with_columns(_inside("p"), _inside("o"))


def scatter(
    path: Path, folder: Path, parts: int, *, shared: Chosen, gathered: Chosen | None, graphs: bool
) -> Parts | None:
    """Writes ``parts`` files into ``folder``; None where the file is not in the plain layout.

    ``shared``: statements that every part has, besides its own. ``gathered``: those that are written to a file of their own; None
    stands for none.
    """
    cutter = _Cutter(parts, secrets.randbits(63), shared, gathered, graphs)
    names = [folder / f"{number}.{'nq' if graphs else 'nt'}" for number in range(parts)]
    common, whole = folder / "shared", folder / f"gathered.{'nq' if graphs else 'nt'}"
    with ExitStack() as open_files:
        source = open_files.enter_context(path.open("rb"))
        outs = [open_files.enter_context(name.open("wb")) for name in names]
        for_all, for_whole = (open_files.enter_context(name.open("wb")) for name in (common, whole))
        for cut in ahead(cutter.cut, pieces(source)):
            if cut is None:
                return None
            for number, lines in cut.parts.items():
                outs[number].write(lines)
            for_all.write(cut.shared)
            for_whole.write(cut.gathered)
    extra = common.read_bytes()
    for name in names:
        with name.open("ab") as file:
            file.write(extra)
    return Parts(tuple(names), whole, cutter.observed, cutter.seed)


@dataclass(frozen=True)
class _Cut:
    """The lines of one piece, by where they go."""

    parts: dict[int, bytes]
    shared: bytes
    gathered: bytes


class _Cutter:
    """Cuts pieces, in any thread; what it has observed grows with them."""

    def __init__(self, parts: int, seed: int, shared: Chosen, gathered: Chosen | None, graphs: bool) -> None:
        self.seed = seed
        self.observed = Observed()
        self._parts = parts
        self._shared = shared
        self._gathered = gathered
        self._graphs = graphs
        self._lock = Lock()

    def cut(self, piece: bytes) -> _Cut | None:
        """None where the piece is not in the plain layout."""
        table = statements(piece, graphs=self._graphs)
        if table is None:
            return None
        runs = table["s"].rle_id()
        firsts = table["s"].filter(runs.ne_missing(runs.shift())).to_frame("s")
        key = firsts.select(_record("s")).to_series()
        number = _number(key, self.seed, self._parts)
        table = table.with_columns(
            pl.col("p").cast(_PREDICATES), key.gather(runs).alias("key"), number.gather(runs).alias("part")
        )
        more = _observed(table, self.observed)
        with self._lock:
            self.observed |= more
        by_part = table.group_by("part").agg(_TOGETHER)
        return _Cut(
            dict(by_part.iter_rows()),
            _lines(table.filter(self._shared.condition)),
            b"" if self._gathered is None else _lines(table.filter(self._gathered.condition)),
        )


def _number(keys: pl.Series, seed: int, parts: int) -> pl.Series:
    return (keys.hash(seed) % parts).cast(pl.UInt32)


def _record(column: str) -> pl.Expr:
    """What the nodes of one record have in common, of a term as written."""
    return pl.col(column).str.strip_suffix(">").str.splitn("#", 2).struct.field("field_0")


def _observed(table: pl.DataFrame, known: Observed) -> Observed:
    """What ``table`` shows besides what is ``known``."""
    literal = pl.col("o").str.starts_with('"')
    nodes = table.filter(~_is_one_of("p", known.outer) & ~literal)
    values = table.filter(~_is_one_of("p", known.valued) & literal)
    below = table.filter(pl.col("p") == _BELOW).select(_inside("s"), _inside("o"))
    return Observed(
        _predicates(nodes.filter(_record("o") != pl.col("key"))), _predicates(values), frozenset(below.iter_rows())
    )


def _predicates(table: pl.DataFrame) -> frozenset[str]:
    return frozenset(table.select(pl.col("p").unique().cast(pl.String)).select(_inside("p")).to_series())


def _inside(column: str) -> pl.Expr:
    """The IRI of a term as written."""
    return pl.col(column).str.strip_prefix("<").str.strip_suffix(">")


def _lines(table: pl.DataFrame) -> bytes:
    return bytes(table.select(_TOGETHER).item()) if table.height else b""
