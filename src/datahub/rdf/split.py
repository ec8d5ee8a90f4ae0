"""A frame split into records, each with its canonical text and its hash.

A record is a root subject and everything below it: ``X#part`` belongs to ``X`` where ``X`` is itself a subject (or a record that
stands already), a skolemised blank node (see `datahub.rdf.skolem`) belongs to the subject it was named after, and any other subject
is a record of its own. The text of a record is its N-Triples lines (RDF 1.1 N-Triples section 4, canonical form) in code point
order, and its hash the SHA-256 of that text, so that ``LC_ALL=C sort | sha256sum`` gives the same. Graph names are not part of it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from datahub.rdf.frame import Frame
from datahub.rdf.interning import Interner, own
from datahub.rdf.terms import IRI

_CHUNK = 50_000
_GENID = r"[#.]genid-[0-9a-f]+$"

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Records:
    """The records of ``frame``.

    ``index``: record (IRI), row (UInt32, the first source row of the record, or null) and hash (hexadecimal SHA-256), sorted by
    IRI in code point order; a record's number is its position there. ``owner``: for each triple of ``frame`` the number of its
    record (UInt32).
    """

    frame: Frame
    index: pl.DataFrame
    owner: pl.Series
    _buffers: tuple[memoryview, ...]
    _places: Numbers  # by record: buffer, start, end

    def __len__(self) -> int:
        return self.index.height

    @cached_property
    def table(self) -> pl.DataFrame:
        """`index` with the column body (Binary): the text of every record. Large; `bodies` gives those that are needed."""
        return self.index.with_columns(pl.Series("body", [bytes(text) for text in self.bodies()], dtype=pl.Binary))

    def bodies(self, numbers: Iterable[int] | None = None) -> list[memoryview]:
        """The texts of the records ``numbers`` (all of them by default), UTF-8; they are not copied."""
        places = self._places if numbers is None else self._places[np.fromiter(numbers, np.int64)]
        return [self._buffers[buffer][start:end] for buffer, start, end in places.tolist()]


def split(frame: Frame, standing: pl.Series | None = None) -> Records:
    """The records of ``frame``; ``standing`` names records that exist already, so that parts sent alone find their record.

    Raises ValueError where a subject is a blank node: skolemise first.
    """
    subjects, record_of, names = _owners(frame, standing)
    number = np.zeros(max(frame.terms.height, 1), np.int64)
    number[subjects] = record_of
    owner = pl.Series("owner", number[frame.triples["s"].to_numpy()].astype(np.uint32))
    lines = _sorted_lines(frame, subjects, record_of)
    buffers, places = _texts(frame, lines)
    hashes = [hashlib.sha256(buffers[b][start:end]).hexdigest() for b, start, end in places.tolist()]
    index = pl.DataFrame(
        {"record": names, "row": _first_rows(owner, frame), "hash": pl.Series(hashes, dtype=pl.String)},
    )
    return Records(frame, index, owner, buffers, places)


def record_iris(subjects: pl.Series, standing: pl.Series | None = None) -> pl.Series:
    """The record that each of the subject IRIs ``subjects`` belongs to; ``standing`` are records known besides them."""
    record = subjects.rename("record")
    named = record.str.contains("genid-", literal=True).arg_true()
    if len(named):
        record = record.scatter(named, record.gather(named).str.replace(_GENID, ""))
    parts = record.str.contains("#", literal=True).arg_true()
    if not len(parts):
        return record
    known = subjects if standing is None else pl.concat([subjects, standing.cast(pl.String).rename(subjects.name)])
    roots = known.filter(~known.str.contains("#", literal=True)).implode()
    root = record.gather(parts).str.split_exact("#", 1).struct.field("field_0")
    found = root.is_in(roots)
    return record.scatter(parts.filter(found), root.filter(found))


def _owners(frame: Frame, standing: pl.Series | None) -> tuple[Numbers, Numbers, pl.Series]:
    """The codes of the subjects, the number of each one's record, and the records' IRIs in order."""
    subjects = frame.triples["s"].unique().sort()
    terms = frame.terms[subjects]
    if not (terms["kind"] == IRI).all():
        raise ValueError("split needs a frame without blank nodes: skolemise it first")
    record = record_iris(terms["lexical"], standing)
    interner = Interner()
    codes, new = interner.codes(interner.keys(record))
    names = own(record.gather(new)).rename("record")
    order = names.arg_sort()
    number = _places(order.to_numpy().astype(np.int64), len(names))
    return subjects.to_numpy().astype(np.int64), number[codes.to_numpy()], names.gather(order)


@dataclass(frozen=True, eq=False)
class _Lines:
    """Codes of subject, predicate and object line by line in the order of the texts, and the record of each line."""

    s: Numbers
    p: Numbers
    o: Numbers
    record: Numbers


def _sorted_lines(frame: Frame, subjects: Numbers, record_of: Numbers) -> _Lines:
    """The triples by record, then in code point order of their lines, each once.

    Terms in N-Triples compare as the whole lines do, since what follows a term (a space) sorts before what a longer term has
    there. So lines are sorted by numbers of their terms, packed into one integer. Texts are compared only where the order
    depends on them: among subjects, among predicates, and among the values of one subject and predicate.
    """
    t = frame.triples
    size = max(frame.terms.height, 1)
    s, p, o = (t[c].to_numpy().astype(np.int64) for c in "spo")
    subjects, record_of = _in_text_order(frame, subjects, record_of)
    predicates, _ = _in_text_order(frame, t["p"].unique().to_numpy().astype(np.int64))
    if len(subjects) * len(predicates) * size >= 1 << 63:
        raise OverflowError("too many terms for one frame: split it by subject first")
    pairs = _places(subjects, size)[s] * len(predicates) + _places(predicates, size)[p]
    values = _value_order(frame, pairs, o)
    keys = pl.Series(pairs * size + _places(values, size)[o]).sort().to_numpy()
    if len(keys) > 1:
        keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
    pairs, o = np.divmod(keys, size)
    s, p = np.divmod(pairs, max(len(predicates), 1))
    return _Lines(subjects[s], predicates[p], values[o] if len(o) else o, record_of[s])


def _in_text_order(frame: Frame, codes: Numbers, group: Numbers | None = None) -> tuple[Numbers, Numbers]:
    """``codes`` by ``group``, then by the texts of their terms; and the group of each."""
    order = frame.ntriples_terms.gather(codes).arg_sort().to_numpy().astype(np.int64)
    codes = codes[order]
    group = np.zeros(len(codes), np.int64) if group is None else group[order]
    order = np.argsort(group, kind="stable")
    return codes[order], group[order]


def _value_order(frame: Frame, pairs: Numbers, objects: Numbers) -> Numbers:
    """All term codes in an order in which those that share a subject and predicate follow their texts."""
    size = max(frame.terms.height, 1)
    by_pair, values = np.divmod(pl.Series(pairs * size + objects).sort().to_numpy(), size)
    same = by_pair[1:] == by_pair[:-1]
    several = np.zeros(frame.terms.height, np.bool_)
    several[values[1:][same]] = several[values[:-1][same]] = True
    ordered, _ = _in_text_order(frame, np.flatnonzero(several))
    others = np.ones(frame.terms.height, np.bool_)
    others[ordered] = False
    return np.concatenate((ordered, np.flatnonzero(others)))


def _places(codes: Numbers, size: int) -> Numbers:
    """The position of each code in ``codes``, by code."""
    places = np.zeros(size, np.int64)
    places[codes] = np.arange(len(codes))
    return places


def _texts(frame: Frame, lines: _Lines) -> tuple[tuple[memoryview, ...], Numbers]:
    """The lines as bytes, in buffers that end where a record ends, and the place of each record in them."""
    nt = frame.ntriples_terms
    length = nt.str.len_bytes().to_numpy().astype(np.int64)
    first = np.flatnonzero(np.diff(lines.record, prepend=-1))
    bounds = np.append(first, len(lines.record))
    places = np.zeros((len(first), 3), np.int64)
    buffers: list[memoryview] = []
    at = 0
    while at < len(first):
        to = max(int(np.searchsorted(bounds, bounds[at] + _CHUNK, side="right")) - 1, at + 1)
        s, p, o = (codes[bounds[at] : bounds[to]] for codes in (lines.s, lines.p, lines.o))
        text = _serialised(nt, s, p, o)
        sizes = length[s] + length[p] + length[o] + len("  " + " .\n")
        ends = np.cumsum(sizes)[bounds[at + 1 : to + 1] - bounds[at] - 1]
        if int(ends[-1]) != len(text):
            raise RuntimeError("N-Triples lines have another length than their terms")
        places[at:to, 0] = len(buffers)
        places[at:to, 1] = np.concatenate(([0], ends[:-1]))
        places[at:to, 2] = ends
        buffers.append(text)
        at = to
    return tuple(buffers), places


def _serialised(nt: pl.Series, s: Numbers, p: Numbers, o: Numbers) -> memoryview:
    """Lines of terms by code. Polars' CSV writer without quoting is the fastest way to one buffer (measured: 3x string joining)."""
    out = io.BytesIO()
    table = pl.DataFrame([nt.gather(codes).alias(name) for name, codes in (("s", s), ("p", p), ("o", o))])
    table.write_csv(out, include_header=False, separator=" ", line_terminator=" .\n", quote_style="never")
    return out.getbuffer()


def _first_rows(owner: pl.Series, frame: Frame) -> pl.Series:
    rows = pl.DataFrame([owner, frame.triples["row"]]).group_by("owner").agg(pl.col("row").min()).sort("owner")
    return rows["row"]
