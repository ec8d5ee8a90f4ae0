"""Writes the triples of a mapping as N-Triples or N-Quads while they are made, without a dictionary of terms.

A bare conversion needs each term once, as text. The lines of one row are made in one go, from the columns that they have in
common: cut at its spaces, the text of a row is a record of a "CSV file" with spaces between its fields and no line ends, which
Polars writes on all cores without ever holding a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO

import polars as pl

from datahub.mapping.execution import Block
from datahub.mapping.plan import Statement
from datahub.rdf.columns import Column, escape, escaped, framed
from datahub.rdf.terms import BLANK, IRI, Term

RECALL = 1_000_000
"""How many lines of repeating statements are kept in mind, so that they aren't written again by a later batch."""
_END = " .\n"


@dataclass(frozen=True)
class _Cell:
    """The text of the column ``name``."""

    name: str


@dataclass(frozen=True)
class _Absent:
    """``pieces`` that are left out where one of their cells is empty."""

    pieces: tuple[_Piece, ...]


_Piece = str | _Cell | _Absent


class Lines:
    """Takes the blocks of one batch after the other and writes them to ``out``; ``graphs``: with the names of their graphs.
    ``repeating``: where lines go that other batches may make too, by default to ``out``; ``shared``: statements known to make such.

    A line is written once per batch. Lines of statements that repeat (a producer named in each of its products' rows) are kept
    in mind from batch to batch, up to `RECALL` of them; beyond that, and where a record itself comes again in a later batch, a
    line may be written again, which N-Triples allows: the graph is the same.
    """

    def __init__(
        self,
        out: BinaryIO,
        *,
        graphs: bool = False,
        repeating: BinaryIO | None = None,
        shared: Iterable[Statement] = (),
    ) -> None:
        self.written = 0
        self._out = out
        self._out_repeating = out if repeating is None else repeating
        self._graphs = graphs
        self._blocks: list[Block] = []
        self._seen: pl.DataFrame | None = None
        self._repeating: set[Statement] = set(shared)

    def add(self, block: Block) -> None:
        """Takes one block of the batch."""
        self._blocks.append(block)

    def flush(self) -> None:
        """Writes the lines of the batch."""
        write(self.taken())

    def taken(self) -> list[Made]:
        """The lines of the batch, to be written; it then is over, and the next may be made while they are."""
        blocks, self._blocks = self._blocks, []
        texts = _Texts()
        alike: dict[int, list[Block]] = {}
        repeating = []
        for block in blocks:
            if block.statement in self._repeating or isinstance(block.graph, Column) or not block.single():
                self._repeating.add(block.statement)
                repeating.append(block)
            else:
                alike.setdefault(id(block.rows), []).append(block)
        return [self._row_by_row(group, texts) for group in alike.values()] + self._once(repeating, texts)

    def _pieces(self, block: Block, texts: _Texts) -> list[_Piece]:
        pieces = [*texts.term(block.subject), " ", *texts.term(block.predicate), " ", *texts.term(block.value)]
        if self._graphs and block.graph is not None:
            pieces += [" ", *texts.term(block.graph)]
        return [*pieces, _END]

    def _row_by_row(self, blocks: list[Block], texts: _Texts) -> Made:
        """The lines of ``blocks``, which are made from the same rows."""
        row: list[_Piece] = []
        for block in blocks:
            pieces = self._pieces(block, texts)
            absent = texts.absent(block)
            row += [_Absent(tuple(pieces))] if absent else pieces
            self.written += len(block.rows) - absent
        fields = _fields(row)
        names = {field: str(number) for number, field in enumerate(dict.fromkeys(fields))}
        made = texts.frame(blocks).lazy().select(_text(field).alias(name) for field, name in names.items())
        repeated = made.select(pl.col(names[field]).alias(str(at)) for at, field in enumerate(fields))
        return Made(repeated.collect(), self._out)

    def _once(self, blocks: list[Block], texts: _Texts) -> list[Made]:
        """The lines of ``blocks`` that were not made yet."""
        parts = []
        for block in blocks:
            own = texts.frame([block])
            given = own.lazy().drop_nulls().unique(maintain_order=True) if own.width else _single(block)
            parts.append(given.select(_text(tuple(self._pieces(block, texts))).alias("line")))
        if not parts:
            return []
        fresh = pl.concat(parts).unique(maintain_order=True)
        fresh = fresh.with_columns(pl.col("line").hash(1).alias("a"), pl.col("line").hash(2).alias("b"))
        if self._seen is not None:
            fresh = fresh.join(self._seen.lazy(), on=["a", "b"], how="anti", maintain_order="left")
        lines = fresh.collect()
        known = lines.select("a", "b") if self._seen is None else pl.concat([self._seen, lines.select("a", "b")])
        self._seen = known.head(RECALL)
        self.written += lines.height
        return [Made(lines.select("line"), self._out_repeating)]


def _single(block: Block) -> pl.LazyFrame:
    """One row, where ``block``, in which all is constant, has any."""
    return pl.LazyFrame({"": [0]}).head(len(block.rows))


@dataclass(frozen=True, eq=False)
class Made:
    """Lines as the fields of ``rows``, and where they go."""

    rows: pl.DataFrame
    out: BinaryIO


def write(lines: Iterable[Made]) -> None:
    """Writes ``lines``."""
    for made in lines:
        made.rows.write_csv(made.out, include_header=False, separator=" ", quote_style="never", line_terminator="")


def _fields(row: Sequence[_Piece]) -> list[tuple[_Piece, ...]]:
    """``row`` cut at the spaces that always stand in it, but for those between two constants: the pieces of each field."""
    fields: list[list[_Piece]] = [[]]
    for piece in row:
        if isinstance(piece, str):
            first, *others = piece.split(" ")
            fields[-1].append(first)
            fields += [[other] for other in others]
        else:
            fields[-1].append(piece)
    kept: list[tuple[_Piece, ...]] = []
    for field in fields:
        if kept and all(isinstance(piece, str) for piece in (*kept[-1], *field)):
            kept[-1] = (*kept[-1], " ", *field)
        else:
            kept.append(tuple(piece for piece in field if piece != ""))
    return kept


@lru_cache(4096)
def _text(pieces: tuple[_Piece, ...]) -> pl.Expr:
    """``pieces`` one after the other; those of one batch are those of the next."""
    found = [_expression(piece) for piece in _merged(pieces)]
    return pl.lit("") if not found else found[0] if len(found) == 1 else pl.concat_str(found, ignore_nulls=True)


def _merged(pieces: Sequence[_Piece]) -> list[_Piece]:
    """``pieces``, with constants that follow one another as one."""
    found: list[_Piece] = []
    for piece in pieces:
        if found and isinstance(piece, str) and isinstance(found[-1], str):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _expression(piece: _Piece) -> pl.Expr:
    if isinstance(piece, str):
        return pl.lit(piece)
    if isinstance(piece, _Cell):
        return pl.col(piece.name)
    return pl.concat_str([_expression(inner) for inner in _merged(piece.pieces)])


@lru_cache(1024)
def _constant(term: Term) -> str:
    before, after = framed(term)
    return before + (term.lexical if term.kind == IRI else escape(term.lexical)) + after


@dataclass(frozen=True, eq=False)
class _Known:
    """The ``text`` of ``values``, which are kept so that their id is nobody else's."""

    cell: _Cell
    text: pl.Series
    values: pl.Series


class _Texts:
    """The columns of a batch in N-Triples: each is escaped once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, bool], _Known] = {}

    def term(self, term: Column | Term) -> list[_Piece]:
        """The pieces that make ``term`` (RDF 1.1 N-Triples section 2)."""
        if isinstance(term, Term):
            return [_constant(term)]
        before, after = framed(term)
        parts = [part if isinstance(part, str) else self._column(term, part).cell for part in term.parts]
        return [before, *parts, after]

    def absent(self, block: Block) -> int:
        """How many rows have no triple in ``block``."""
        gaps = [values for _, values in _columns(block) if values.null_count()]
        if not gaps:
            return 0
        if len(gaps) == 1:
            return gaps[0].null_count()
        frame = pl.DataFrame({str(n): gap.is_null() for n, gap in enumerate(gaps)})
        return int(frame.select(pl.any_horizontal(pl.all()).sum()).item())

    def frame(self, blocks: list[Block]) -> pl.DataFrame:
        """The columns of ``blocks``, under the names that `term` gives them."""
        found = [self._column(term, values) for block in blocks for term, values in _columns(block)]
        return pl.DataFrame({known.cell.name: known.text for known in found})

    def _column(self, term: Column, values: pl.Series) -> _Known:
        escapes = term.kind not in (IRI, BLANK) and not term.plain
        known = self._known.get((id(values), escapes))
        if known is None:
            text = values.to_frame("v").select(escaped(pl.col("v"))).to_series() if escapes else values
            known = self._known[id(values), escapes] = _Known(_Cell(str(len(self._known))), text, values)
        return known


def _columns(block: Block) -> Iterator[tuple[Column, pl.Series]]:
    """The columns that hold the terms of ``block``, and parts of them."""
    for term in (block.subject, block.predicate, block.value, block.graph):
        if isinstance(term, Column):
            yield from ((term, part) for part in term.parts if isinstance(part, pl.Series))
