"""N-Triples and N-Quads, read and written by columns (RDF 1.1 N-Triples section 2, N-Quads section 2).

Reads the plain layout that every machine writes: one statement a line, single spaces, no comments, absolute IRIs without escapes.
Anything else is left to the full parser. A file is read in pieces that end where a line ends: two threads cut lines into terms
while the texts of the piece before are looked up, so that only the distinct texts and the codes stay in memory.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import BinaryIO, TypeVar

import polars as pl

from datahub.rdf import notation
from datahub.rdf.frame import TRIPLE_SCHEMA, Frame, distinct, empty
from datahub.rdf.interning import Interner, Keys, own
from datahub.rdf.rewrite import with_terms
from datahub.rdf.terms import IRI, LITERAL

PIECE = 8 << 20
"""Bytes that are cut into terms at a time."""
_AHEAD = 2
_CHUNK = 200_000
_SAMPLE = 1000
_NO_CODE = pl.lit(None, pl.UInt32)
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, eq=False)
class _Column:
    """One column of a piece: ``texts`` with their ``keys``, and which of them each line has (null: none); without ``place``, its
    own."""

    texts: pl.Series
    keys: Keys
    place: pl.Series | None


Done = TypeVar("Done")
Cut = dict[str, _Column]
"""The columns s, p, o, and g where a line names a graph."""


def read(data: bytes | BinaryIO, *, graphs: bool, piece: int = PIECE) -> Frame | None:
    """The frame of ``data``, or None where it is not UTF-8 in the plain layout. ``graphs``: statements may name a graph.

    ``piece``: how many bytes are cut into terms at a time.
    """
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    interner = Interner()
    texts: list[pl.Series] = []
    parts: list[pl.DataFrame] = []
    for cut in ahead(partial(_cut, graphs=graphs, interner=interner), pieces(file, piece)):
        if cut is None:
            return None
        columns = {}
        for name, column in cut.items():
            codes, new = interner.codes(column.keys)
            if len(new):
                texts.append(own(column.texts.gather(new)))
            columns[name] = codes if column.place is None else codes.gather(column.place)
        parts.append(
            pl.DataFrame(columns).select(
                pl.col(name) if name in columns else _NO_CODE.alias(name) for name in TRIPLE_SCHEMA
            )
        )
    return _frame(pl.concat(texts, rechunk=True), pl.concat(parts, rechunk=True)) if parts else empty()


def write(frame: Frame, out: BinaryIO, *, graphs: bool) -> None:
    """Writes the triples of ``frame`` in their order, with their graph names where ``graphs``."""
    nt = frame.ntriples_terms
    for part in frame.triples.iter_slices(_CHUNK):
        columns = [nt.gather(part[c]).alias(c) for c in "spo"]
        end = " .\n"
        if graphs and part["g"].null_count() < part.height:
            named = nt.gather(part["g"]).to_frame("g")
            columns.append(named.select((pl.col("g") + " .").fill_null(".")).to_series())
            end = "\n"
        pl.DataFrame(columns).write_csv(
            out, include_header=False, separator=" ", line_terminator=end, quote_style="never"
        )


def pieces(file: BinaryIO, size: int = PIECE) -> Iterator[bytes]:
    """``file`` without byte order mark, in pieces of at least ``size`` bytes that end where a line ends."""
    start = len(_BOM) if file.read(len(_BOM)) == _BOM else 0
    while True:
        file.seek(start + size)
        file.readline()
        end = file.tell()
        file.seek(start)
        piece = file.read(end - start)
        if not piece:
            return
        yield piece
        start = end


def ahead(work: Callable[[bytes], Done], pieces: Iterable[bytes]) -> Iterator[Done]:
    """``work`` on each of ``pieces`` in their order, a few of them ahead of the caller."""
    left = iter(pieces)
    with ThreadPoolExecutor(_AHEAD) as pool:
        waiting: deque[Future[Done]] = deque(pool.submit(work, piece) for piece in islice(left, _AHEAD + 1))
        while waiting:
            done = waiting.popleft().result()
            waiting.extend(pool.submit(work, piece) for piece in islice(left, 1))
            yield done


def _cut(piece: bytes, *, graphs: bool, interner: Interner) -> Cut | None:
    """The terms of a piece with their keys."""
    table = statements(piece, graphs=graphs)
    if table is None:
        return None
    return {name: _column(table[name], interner) for name in table.columns if name in TRIPLE_SCHEMA}


def statements(piece: bytes, *, graphs: bool) -> pl.DataFrame | None:
    """Subject, predicate, object, and graph where one is named, as written (s, p, o, g), and their whole ``line``; None where lines
    are not in the plain layout. A line is cut at its first two spaces, the rest at the end."""
    try:
        lines = pl.read_lines(piece, name="line")
        heads = pl.read_csv(
            piece,
            has_header=False,
            separator=" ",
            quote_char=None,
            schema={"s": pl.String, "p": pl.String},
            truncate_ragged_lines=True,
            extra_columns="ignore",
            missing_columns="insert",
        )
    except pl.exceptions.PolarsError:  # not UTF-8, or no table at all
        return None
    if heads.height != lines.height or sum(heads.null_count().row(0)):
        return None
    table = heads.hstack(lines)
    line, length = pl.col("line"), pl.col("line").str.len_bytes()
    skipped = pl.col("s").str.len_bytes() + pl.col("p").str.len_bytes() + 2
    if not table.select((line.str.ends_with(" .") & (length >= skipped + 2)).all()).item():
        return None
    rest = line.cast(pl.Binary).bin.slice(skipped, length - skipped - 2).cast(pl.String)
    table = table.select("s", "p", rest.alias("o"), "line")
    if not graphs:
        return table
    # No term that holds a quotation mark is a graph name, and every literal holds its closing one after its last space.
    table = table.with_columns(pl.col("o").str.extract(r' ([^" ]+)$', 1).alias("g"))
    if table["g"].null_count() == table.height:
        return table.drop("g")
    object_ = pl.when(pl.col("g").is_null()).then("o").otherwise(_without(pl.col("o"), pl.col("g")))
    return table.with_columns(object_.alias("o"))


def _column(texts: pl.Series, interner: Interner) -> _Column:
    """``texts`` with their keys. Where neighbours are often equal, as in sorted files, each run counts as one text."""
    place = None
    if texts.null_count():
        there = texts.is_not_null()
        texts = texts.drop_nulls()
        place = pl.select(pl.when(there).then(there.cum_sum() - 1)).to_series()
    elif _runs(texts.head(_SAMPLE)) < min(len(texts), _SAMPLE) // 2:
        place = texts.rle_id()
        texts = texts.filter(place.ne_missing(place.shift()))
    return _Column(texts, interner.keys(texts), place)


def _runs(texts: pl.Series) -> int:
    return int(texts.rle_id()[-1]) + 1 if len(texts) else 0


def _without(text: pl.Expr, end: pl.Expr) -> pl.Expr:
    """``text`` without the space and ``end`` that it ends with."""
    return text.cast(pl.Binary).bin.slice(0, text.str.len_bytes() - end.str.len_bytes() - 1).cast(pl.String)


def _frame(texts: pl.Series, triples: pl.DataFrame) -> Frame | None:
    """The frame of codes into ``texts``; None where a text is no term in a plain spelling, or in a place where it can't be."""
    read = notation.parsed(texts) if notation.well_formed(texts) else None
    if read is None:
        return None
    terms, twice = read
    kinds = terms["kind"]
    graphs = kinds.gather(triples["g"].drop_nulls().unique())
    if (
        not (kinds.gather(triples["p"]) == IRI).all()
        or not (pl.concat([kinds.gather(triples["s"]), graphs]) < LITERAL).all()
    ):
        return None
    frame = Frame(terms, triples)
    if twice:
        frame = with_terms(frame, terms)
    return Frame(frame.terms, distinct(frame.triples, frame.terms.height))
