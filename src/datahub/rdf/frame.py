"""The columnar frame: RDF in motion.

A frame holds a set of triples (or quads) as dictionary codes beside a table of distinct terms, as in RDF 1.1 Concepts section 3.
Everything that datahub does with RDF in bulk (lifting, validating, splitting, hashing, comparing, serialising) is a Polars
expression over these two tables; nothing loops over triples in Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import ref

import polars as pl

from datahub.rdf.columns import Column, escaped
from datahub.rdf.interning import Interner, own
from datahub.rdf.terms import BLANK, IRI, LANG_STRING, LITERAL, XSD_STRING, Term

TERM_SCHEMA: dict[str, type[pl.DataType]] = {
    "kind": pl.UInt8,
    "lexical": pl.String,
    "datatype": pl.String,
    "language": pl.String,
}
"""kind: 0 IRI, 1 blank node, 2 literal. lexical: IRI, blank node label without ``_:``, or lexical form, never escaped.
datatype: datatype IRI of a literal (never null for literals). language: lower-cased tag, null when there is none."""

TRIPLE_SCHEMA: dict[str, type[pl.DataType]] = {
    "s": pl.UInt32,
    "p": pl.UInt32,
    "o": pl.UInt32,
    "g": pl.UInt32,
    "row": pl.UInt32,
}
"""s, p, o, g: positions in the term table; g is null for the default graph. row: the row of the source that this triple came
from, counted as a spreadsheet shows it (first line of the file = 1); null where there is none. row is not part of the identity."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A set of RDF triples or quads in columns.

    ``terms`` has the columns of `TERM_SCHEMA`, its rows distinct; a term's code is its row number. ``triples`` has the columns of
    `TRIPLE_SCHEMA`, distinct by (s, p, o, g). A frame is a value: functions return new frames and share columns.
    Terms that no triple uses may be present (see `compact`).
    """

    terms: pl.DataFrame
    triples: pl.DataFrame

    def __len__(self) -> int:
        return self.triples.height

    @cached_property
    def ntriples_terms(self) -> pl.Series:
        """Each term in canonical N-Triples (RDF 1.1 N-Triples section 4), by code."""
        return ntriples_terms(self.terms)

    def code(self, term: Term) -> int | None:
        """The code of ``term`` in this frame, or None where it does not occur."""
        found = self._codes_by_term.get(term.key)
        if found is not None:
            return found
        t = self.terms
        mask = (t["kind"] == term.kind) & (t["lexical"] == term.lexical)
        if term.kind == LITERAL:
            mask = (
                mask
                & (t["datatype"] == term.datatype)
                & t["language"].eq_missing(pl.Series([term.language], dtype=pl.String))
            )
        hits = mask.arg_true()
        if not len(hits):
            return None
        self._codes_by_term[term.key] = int(hits[0])
        return int(hits[0])

    def codes(self, terms: Iterable[Term]) -> list[int | None]:
        """`code` of each of ``terms``, in order."""
        return [self.code(term) for term in terms]

    def iri(self, iri: str) -> int | None:
        """The code of the IRI ``iri``, or None where it does not occur."""
        return self.code(Term.iri(iri))

    def term(self, code: int) -> Term:
        """The term with ``code``."""
        kind, lexical, datatype, language = self.terms.row(code)
        return Term(kind, lexical, datatype, language)

    @cached_property
    def _codes_by_term(self) -> dict[tuple[int, str, str | None, str | None], int]:
        return {}

    @cached_property
    def by_predicate(self) -> dict[int, pl.DataFrame]:
        """The triples of each predicate code, columns s, o, g and row."""
        parts = self.triples.partition_by("p", as_dict=True, maintain_order=True)
        return {int(key[0]): part.drop("p") for key, part in parts.items()}

    def predicate(self, iri: str) -> pl.DataFrame:
        """The triples whose predicate is ``iri``: columns s, o, g, row (empty where it does not occur)."""
        code = self.iri(iri)
        empty = self.triples.clear().drop("p")
        return empty if code is None else self.by_predicate.get(code, empty)

    def filter(self, predicate: pl.Expr) -> Frame:
        """The triples for which ``predicate`` over s, p, o, g, row holds; the term table is shared."""
        return Frame(self.terms, self.triples.filter(predicate))

    @property
    def parted(self) -> bool:
        """Whether `by_predicate` is known already."""
        return "by_predicate" in self.__dict__

    def over(self, terms: pl.DataFrame) -> Frame:
        """The same triples over ``terms``, a term table that begins with this one; what was made of the triples is kept."""
        if terms is self.terms:
            return self
        longer = Frame(terms, self.triples)
        if self.parted:
            longer.__dict__["by_predicate"] = self.by_predicate
        return longer

    def plus(self, triples: pl.DataFrame) -> Frame:
        """With ``triples`` of the same terms, none of which is here; only their predicates are parted anew."""
        if triples.is_empty():
            return self
        more = Frame(self.terms, pl.concat([self.triples, triples]))
        parts = Frame(self.terms, triples).by_predicate
        empty = triples.clear().drop("p")
        joined = {code: pl.concat([self.by_predicate.get(code, empty), part]) for code, part in parts.items()}
        more.__dict__["by_predicate"] = {**self.by_predicate, **joined}
        return more

    def compact(self) -> Frame:
        """The same triples with only the terms that they use."""
        used = pl.concat([self.triples[c] for c in "spog"]).drop_nulls().unique().sort()
        if len(used) == self.terms.height:
            return self
        new = pl.DataFrame({"old": used, "new": pl.arange(0, len(used), dtype=pl.UInt32, eager=True)})
        size = self.terms.height
        lookup = pl.zeros(size, dtype=pl.UInt32, eager=True).scatter(new["old"], new["new"]) if size else new["new"]
        columns = {c: lookup.gather(self.triples[c]) for c in "spog" if c != "g"}
        graph = self.triples["g"]
        columns["g"] = lookup.gather(graph) if graph.null_count() < len(graph) else graph
        return Frame(self.terms[used], pl.DataFrame({**columns, "row": self.triples["row"]}, schema=TRIPLE_SCHEMA))

    def lines(self) -> pl.Series:
        """Each triple as an N-Triples line (an N-Quads line where it has a graph), with its line end, in frame order."""
        # Separators are put on the distinct terms, not on the triples: there are fewer of them.
        nt = self.ntriples_terms.to_frame("t")
        inner = nt.select(pl.concat_str([pl.lit(" "), "t"])).to_series()
        last = nt.select(pl.concat_str([pl.lit(" "), "t", pl.lit(" .\n")])).to_series()
        t = self.triples
        parts = [nt["t"].gather(t["s"]).alias("s"), inner.gather(t["p"]).alias("p")]
        if t["g"].null_count() == t.height:
            parts.append(last.gather(t["o"]).alias("o"))
        else:
            parts.append(inner.gather(t["o"]).alias("o"))
            parts.append(last.gather(t["g"]).fill_null(" .\n").alias("g"))
        return pl.DataFrame(parts).select(pl.concat_str(pl.all()).alias("line")).to_series()

    def canonical_lines(self) -> pl.Series:
        """`lines` sorted by code point, without duplicates: two frames without blank nodes are equal when these are."""
        return self.lines().unique().sort()

    def equals(self, other: Frame) -> bool:
        """Whether both hold the same triples by term. Blank nodes are compared by label: skolemise first."""
        return self.canonical_lines().equals(other.canonical_lines())


def distinct(triples: pl.DataFrame, size: int) -> pl.DataFrame:
    """``triples`` of a table of ``size`` terms, each once by (s, p, o, g): the first of equal ones, in order."""
    keys = _packed(triples, size)
    if keys is None:
        return triples.unique(["s", "p", "o", "g"], keep="first", maintain_order=True)
    if keys.n_unique() == triples.height:  # as most often; asking costs less than looking for the first of each
        return triples
    return triples[keys.arg_unique()]


def _packed(triples: pl.DataFrame, size: int) -> pl.Series | None:
    """A 64-bit number for each triple, the same where s, p, o and g are; None where they do not fit into one."""
    parts = [("s", triples["s"], size), ("o", triples["o"], size), ("p", *_numbered(triples["p"], size))]
    if triples["g"].null_count() < triples.height:
        parts.append(("g", *_numbered(triples["g"], size)))
    if math.prod(count for *_, count in parts) >= 1 << 64:
        return None
    packed = pl.lit(0, pl.UInt64)
    for name, _, count in parts:
        packed = packed * count + pl.col(name).cast(pl.UInt64)
    return pl.DataFrame([codes.alias(name) for name, codes, _ in parts]).select(packed).to_series()


def _numbered(codes: pl.Series, size: int) -> tuple[pl.Series, int]:
    """``codes`` in which few terms occur, numbered without gaps, null as 0; and one more than the highest number."""
    used = pl.repeat(value=False, n=size, dtype=pl.Boolean, eager=True).scatter(codes.drop_nulls(), True)
    return used.cum_sum().gather(codes).fill_null(0), int(used.sum()) + 1


def ntriples_terms(terms: pl.DataFrame) -> pl.Series:
    """The terms of a table with the columns of `TERM_SCHEMA` in canonical N-Triples, in order."""
    lexical = pl.col("lexical")
    needs_escape = pl.col("kind").eq(LITERAL) & lexical.str.contains(r'["\\\n\r\t\x08\x0c\x00-\x1f\x7f]')
    plain = terms.lazy().with_columns(needs_escape.alias("dirty"))
    frame = plain.collect()
    if frame["dirty"].any():
        frame = frame.with_columns(pl.when("dirty").then(escaped(lexical)).otherwise(lexical).alias("lexical"))
    literal = (
        pl.when(pl.col("language").is_not_null())
        .then(pl.concat_str([pl.lit('"'), lexical, pl.lit('"@'), pl.col("language")]))
        .when(pl.col("datatype") == XSD_STRING)
        .then(pl.concat_str([pl.lit('"'), lexical, pl.lit('"')]))
        .otherwise(pl.concat_str([pl.lit('"'), lexical, pl.lit('"^^<'), pl.col("datatype"), pl.lit(">")]))
    )
    out = (
        pl.when(pl.col("kind") == IRI)
        .then(pl.concat_str([pl.lit("<"), lexical, pl.lit(">")]))
        .when(pl.col("kind") == BLANK)
        .then(pl.concat_str([pl.lit("_:"), lexical]))
        .otherwise(literal)
    )
    return frame.select(out.alias("term")).to_series()


def empty() -> Frame:
    """A frame without triples."""
    return Frame(pl.DataFrame(schema=TERM_SCHEMA), pl.DataFrame(schema=TRIPLE_SCHEMA))


@dataclass(frozen=True)
class _Block:
    """Triples of one call to `FrameBuilder.add`: numbers of interned columns, or of one-row columns for constants."""

    subject: int
    predicate: int
    value: int
    graph: int | None
    row: pl.Series | None
    height: int


class FrameBuilder:
    """Collects blocks of triples, column by column, and interns the terms of each column once, as it comes.

    Terms are told apart by two 64-bit hashes of the lexical form, seeded by kind, datatype and language (see `Interner`).
    """

    def __init__(self) -> None:
        self._interner = Interner()
        self._kinds: dict[tuple[int, str | None, str | None], int] = {}
        self._terms: list[pl.DataFrame] = []
        self._codes: list[pl.Series] = []
        self._numbers: dict[int, tuple[ref[Column], int]] = {}
        self._constants: dict[Term, int] = {}
        self._blocks: list[_Block] = []

    def add(
        self,
        subject: Column,
        predicate: Column | Term,
        value: Column | Term,
        graph: Column | Term | None = None,
        row: pl.Series | None = None,
    ) -> None:
        """Adds one triple per position where subject, predicate, object (and graph, when given) are all present.

        Columns have the same height; a `Term` stands for a constant. Reuse one `Column` object for a subject that serves several
        blocks: it is interned once. ``row`` gives the source row of each position (UInt32, may hold nulls).
        """
        self._blocks.append(
            _Block(
                self._intern(subject),
                self._intern(predicate),
                self._intern(value),
                None if graph is None else self._intern(graph),
                row,
                len(subject.lexical),
            )
        )

    def _intern(self, value: Column | Term) -> int:
        if isinstance(value, Term):
            number = self._constants.get(value)
            if number is None:
                number = self._constants[value] = self._append(Column.constant(value, 1))
            return number
        column, number = self._numbers.get(id(value), (None, -1))
        if column is None or column() is not value:  # the id of one that is gone may be another's
            number = self._append(value)
            self._numbers[id(value)] = ref(value), number
        return number

    def _append(self, column: Column) -> int:
        language = column.language.lower() if column.language else None
        datatype = None if column.kind != LITERAL else LANG_STRING if language else column.datatype or XSD_STRING
        seed = self._kinds.setdefault((column.kind, datatype, language), len(self._kinds))
        there = column.lexical.is_not_null() if column.lexical.null_count() else None
        lexical = column.lexical if there is None else column.lexical.filter(there)
        codes, new = self._interner.codes(self._interner.keys(lexical, seed))
        if len(new):
            self._terms.append(
                pl.DataFrame({"lexical": lexical if len(new) == len(lexical) else own(lexical.gather(new))}).select(
                    pl.lit(column.kind, pl.UInt8).alias("kind"),
                    "lexical",
                    pl.lit(datatype, pl.String).alias("datatype"),
                    pl.lit(language, pl.String).alias("language"),
                )
            )
        if there is not None:
            codes = pl.repeat(None, len(there), dtype=pl.UInt32, eager=True).scatter(there.arg_true(), codes)
        self._codes.append(codes)
        return len(self._codes) - 1

    def build(self) -> Frame:
        """The frame of all blocks, each triple once (the first row number is kept)."""
        if not self._blocks:
            return empty()
        sure = self._distinct_predicates()
        tables = [self._table(block) for block in self._blocks if block.predicate in sure]
        rest = [self._table(block) for block in self._blocks if block.predicate not in sure]
        if rest:
            tables.append(distinct(pl.concat(rest), len(self._interner)))
        terms = pl.concat(self._terms) if self._terms else pl.DataFrame(schema=TERM_SCHEMA)
        return Frame(terms, pl.concat(tables))

    def _table(self, block: _Block) -> pl.DataFrame:
        columns = []
        for name, number in (("s", block.subject), ("p", block.predicate), ("o", block.value), ("g", block.graph)):
            if number is None:
                columns.append(pl.repeat(None, block.height, dtype=pl.UInt32, eager=True).alias(name))
                continue
            codes = self._codes[number]
            if len(codes) != block.height:
                codes = pl.repeat(codes[0], block.height, dtype=pl.UInt32, eager=True)
            columns.append(codes.alias(name))
        rows = (
            pl.repeat(None, block.height, dtype=pl.UInt32, eager=True)
            if block.row is None
            else block.row.cast(pl.UInt32)
        )
        table = pl.DataFrame([*columns, rows.alias("row")])
        required = ["s", "p", "o"] if block.graph is None else ["s", "p", "o", "g"]
        return table.drop_nulls(required)

    def _distinct_predicates(self) -> set[int]:
        """The constant predicates under which no subject repeats, so that their triples are distinct without looking at them."""
        constants = set(self._constants.values())
        if any(block.predicate not in constants for block in self._blocks):
            return set()
        subjects: dict[int, tuple[int, ...]] = {}
        for block in self._blocks:
            subjects[block.predicate] = (*subjects.get(block.predicate, ()), block.subject)
        unique: dict[tuple[int, ...], bool] = {}
        for numbers in subjects.values():
            if numbers not in unique:
                together = pl.concat([self._codes[number] for number in numbers]).drop_nulls()
                unique[numbers] = together.n_unique() == len(together)
        return {predicate for predicate, numbers in subjects.items() if unique[numbers]}


def concat(frames: Sequence[Frame]) -> Frame:
    """The union of ``frames`` over one term table; each triple once, the first row number is kept."""
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return empty()
    if len(frames) == 1:
        return frames[0]
    parts = [frame.compact() for frame in frames]
    interner, terms, triples = Interner(), [], []
    for part in parts:
        codes, new = interner.codes(interner.keys(part.terms.to_struct()))
        terms.append(part.terms[new])
        t = part.triples
        triples.append(pl.DataFrame({**{c: codes.gather(t[c]) for c in "spog"}, "row": t["row"]}))
    return Frame(pl.concat(terms), distinct(pl.concat(triples), len(interner)))
