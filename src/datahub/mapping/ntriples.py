"""Writes the triples of a mapping as N-Triples or N-Quads while they are made, without a dictionary of terms.

A bare conversion needs each term once, as text. The lines of one row are made in one go, from the columns that they have in
common; slices are small, so that their text stays in the processor's cache until it is written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl

from datahub.mapping.execution import Block
from datahub.mapping.plan import Statement
from datahub.rdf.columns import Column, escape, escaped
from datahub.rdf.terms import BLANK, IRI, XSD_STRING, Term

SLICE_BYTES = 2 << 20
RECALL = 1_000_000
"""How many lines of repeating statements are kept in mind, so that they aren't written again by a later batch."""
_END = " .\n"
_WORKERS = 2


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
        self._pool = ThreadPoolExecutor(_WORKERS)

    def add(self, block: Block) -> None:
        """Takes one block of the batch."""
        self._blocks.append(block)

    def flush(self) -> None:
        """Writes the lines of the batch."""
        self.write(self.taken())

    def taken(self) -> list[Block]:
        """The blocks of the batch, which then is over: what is added from now on is of the next, also while they are written."""
        blocks, self._blocks = self._blocks, []
        return blocks

    def write(self, blocks: list[Block]) -> None:
        """Writes the lines of a batch; one after the other."""
        texts = _Texts()
        alike: dict[int, list[Block]] = {}
        repeating = []
        for block in blocks:
            if block.statement in self._repeating or isinstance(block.graph, Column) or not block.single():
                self._repeating.add(block.statement)
                repeating.append(block)
            else:
                alike.setdefault(id(block.rows), []).append(block)
        for group in alike.values():
            self._write(group, texts)
        self._write_once(repeating, texts)

    def close(self) -> None:
        """Ends the worker threads."""
        self._pool.shutdown()

    def _pieces(self, block: Block, texts: _Texts) -> list[pl.Expr | str]:
        pieces = [*texts.term(block.subject), " ", *texts.term(block.predicate), " ", *texts.term(block.value)]
        if self._graphs and block.graph is not None:
            pieces += [" ", *texts.term(block.graph)]
        return [*pieces, _END]

    def _write(self, blocks: list[Block], texts: _Texts) -> None:
        """Writes the lines of ``blocks``, which are made from the same rows, row by row."""
        height = len(blocks[0].rows)
        row: list[pl.Expr | str] = []
        for block in blocks:
            pieces = self._pieces(block, texts)
            absent = texts.absent(block)
            if absent:
                row.append(pl.concat_str(_joined(pieces)))
            else:
                row += pieces
            self.written += height - absent
        columns = texts.frame(blocks)
        line = pl.concat_str(_joined(row), ignore_nulls=True).alias("")
        step = _step(columns, line)
        ahead: deque[Future[pl.DataFrame]] = deque()
        for start in range(0, height, step):
            ahead.append(self._pool.submit(_lines, columns, line, start, step))
            if len(ahead) > 2 * _WORKERS:
                self._text(ahead.popleft().result(), self._out)
        for made in ahead:
            self._text(made.result(), self._out)

    def _write_once(self, blocks: list[Block], texts: _Texts) -> None:
        """Writes the lines of ``blocks`` that were not written yet."""
        parts = []
        for block in blocks:
            own = texts.frame([block]).drop_nulls()
            if own.width:
                own = own.unique(maintain_order=True)
            elif len(block.rows):
                own = pl.DataFrame({"": [0]})
            parts.append(own.select(pl.concat_str(_joined(self._pieces(block, texts))).alias("line")))
        if not parts:
            return
        lines = pl.concat(parts).unique(maintain_order=True) if len(parts) > 1 else parts[0].unique(maintain_order=True)
        keys = lines.select(pl.col("line").hash(1).alias("a"), pl.col("line").hash(2).alias("b"))
        if self._seen is not None:
            fresh = keys.with_row_index("at").join(self._seen, on=["a", "b"], how="anti")["at"]
            lines, keys = lines[fresh.sort()], keys[fresh.sort()]
        known = keys if self._seen is None else pl.concat([self._seen, keys])
        self._seen = known.head(RECALL)
        self.written += lines.height
        self._text(lines, self._out_repeating)

    def _text(self, lines: pl.DataFrame, out: BinaryIO) -> None:
        lines.write_csv(out, include_header=False, quote_style="never", line_terminator="")


def _lines(columns: pl.DataFrame, line: pl.Expr, start: int, size: int) -> pl.DataFrame:
    return columns.slice(start, size).select(line)


def _step(columns: pl.DataFrame, line: pl.Expr) -> int:
    """How many rows make about `SLICE_BYTES` of text."""
    sample = columns.head(64).select(line).to_series()
    width = max(1, int(sample.str.len_bytes().sum()) // max(1, len(sample)))
    return max(16, SLICE_BYTES // width)


def _joined(pieces: list[pl.Expr | str]) -> list[pl.Expr]:
    """``pieces`` with neighbouring texts made one."""
    out: list[pl.Expr | str] = []
    for piece in pieces:
        if isinstance(piece, str) and out and isinstance(out[-1], str):
            out[-1] += piece
        else:
            out.append(piece)
    return [pl.lit(piece) if isinstance(piece, str) else piece for piece in out]


@dataclass(frozen=True)
class _Known:
    name: str
    text: pl.Series
    source: Column


class _Texts:
    """The columns of a batch in N-Triples: each lexical form is escaped once."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}

    def term(self, term: Column | Term) -> list[pl.Expr | str]:
        """The pieces that make ``term`` (RDF 1.1 N-Triples section 2)."""
        body: pl.Expr | str = escape(term.lexical) if isinstance(term, Term) else pl.col(self._column(term).name)
        if term.kind == IRI:
            return ["<", term.lexical if isinstance(term, Term) else body, ">"]
        if term.kind == BLANK:
            return ["_:", body]
        if term.language:
            return ['"', body, f'"@{term.language.lower()}']
        if term.datatype in (None, XSD_STRING):
            return ['"', body, '"']
        return ['"', body, f'"^^<{term.datatype}>']

    def absent(self, block: Block) -> int:
        """How many rows have no triple in ``block``."""
        gaps = [column.lexical for column in _columns(block) if column.lexical.null_count()]
        if not gaps:
            return 0
        if len(gaps) == 1:
            return gaps[0].null_count()
        frame = pl.DataFrame({str(n): gap.is_null() for n, gap in enumerate(gaps)})
        return int(frame.select(pl.any_horizontal(pl.all()).sum()).item())

    def frame(self, blocks: list[Block]) -> pl.DataFrame:
        """The columns of ``blocks``, under the names that `term` gives them."""
        found = {known.name: known.text for block in blocks for known in map(self._column, _columns(block))}
        return pl.DataFrame(found)

    def _column(self, column: Column) -> _Known:
        known = self._known.get(id(column))
        if known is None:
            text = column.lexical
            if column.kind not in (IRI, BLANK) and not column.plain:
                text = text.to_frame("v").select(escaped(pl.col("v"))).to_series()
            known = self._known[id(column)] = _Known(str(len(self._known)), text, column)
        return known


def _columns(block: Block) -> Iterator[Column]:
    for term in (block.subject, block.predicate, block.value, block.graph):
        if isinstance(term, Column):
            yield term
