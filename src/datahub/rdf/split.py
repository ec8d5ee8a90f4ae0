"""A frame split into records, each with its canonical text and its hash.

A record is a root subject and everything below it: ``X#part`` belongs to ``X`` where ``X`` is itself a subject (or a record that
stands already), a skolemised blank node (see `datahub.rdf.skolem`) belongs to the subject it was named after, and any other subject
is a record of its own. The text of a record is its N-Triples lines (RDF 1.1 N-Triples section 4, canonical form) in code point
order, and its hash the SHA-256 of that text, so that ``LC_ALL=C sort | sha256sum`` gives the same. Graph names are not part of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from datahub.rdf.frame import Frame
from datahub.rdf.interning import Interner, own
from datahub.rdf.terms import IRI
from datahub.rdf.texts import Lines, Numbers, Texts

_GENID = r"[#.]genid-[0-9a-f]+$"


@dataclass(frozen=True, eq=False)
class Records:
    """The records of ``frame``.

    ``names``: their IRIs in code point order; a record's number is its position there. ``rows``: the first source row of each
    (UInt32), or null. ``owner``: for each triple of ``frame`` the number of its record (UInt32). ``parts``: code (s) of each
    subject and the number of its record.
    """

    frame: Frame
    names: pl.Series
    rows: pl.Series
    owner: pl.Series
    parts: pl.DataFrame
    _lines: Lines
    _hashing: list[Future[list[str]]]

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def index(self) -> pl.DataFrame:
        """record, row and hash (hexadecimal SHA-256) of each. Hashes are computed on other threads from the start; this waits."""
        hashes = [name for piece in self._hashing for name in piece.result()]
        return pl.DataFrame([self.names, self.rows, pl.Series("hash", hashes, dtype=pl.String)])

    @cached_property
    def table(self) -> pl.DataFrame:
        """`index` with the column body (Binary): the text of every record. Large; `bodies` gives those that are needed."""
        return self.index.with_columns(pl.Series("body", [bytes(text) for text in self.bodies()], dtype=pl.Binary))

    def bodies(self, numbers: Iterable[int] | None = None) -> Texts:
        """The texts of the records ``numbers`` (all of them by default), UTF-8, made when they are asked for."""
        return Texts(self._lines, np.arange(len(self)) if numbers is None else np.fromiter(numbers, np.int64))


def split(frame: Frame, standing: pl.Series | None = None) -> Records:
    """The records of ``frame``; ``standing`` names records that exist already, so that parts sent alone find their record.

    Raises ValueError where a subject is a blank node: skolemise first.
    """
    subjects, record_of, names = _owners(frame, standing)
    number = np.zeros(max(frame.terms.height, 1), np.int64)
    number[subjects] = record_of
    owner = pl.Series("owner", number[frame.triples["s"].to_numpy()].astype(np.uint32))
    lines = _sorted_lines(frame, subjects, record_of)
    hashing = Texts(lines, np.arange(len(names))).hashing()
    parts = pl.DataFrame({"s": subjects, "number": record_of}, schema={"s": pl.UInt32, "number": pl.UInt32})
    return Records(frame, names, _first_rows(owner, frame), owner, parts, lines, hashing)


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


def _sorted_lines(frame: Frame, subjects: Numbers, record_of: Numbers) -> Lines:
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
    starts = np.flatnonzero(np.diff(record_of[s], prepend=-1, append=-1))
    s, p, o = subjects[s], predicates[p], values[o] if len(o) else o
    return Lines(frame.ntriples_terms, s.astype(np.uint32), p.astype(np.uint32), o.astype(np.uint32), starts)


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


def _first_rows(owner: pl.Series, frame: Frame) -> pl.Series:
    rows = pl.DataFrame([owner, frame.triples["row"]]).group_by("owner").agg(pl.col("row").min()).sort("owner")
    return rows["row"]
