"""The data graph as the engine looks at it: predicates apart, classes as masks, tests on distinct terms remembered."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from copy import copy
from functools import cached_property

import polars as pl

from datahub.errors import InputError
from datahub.i18n import Text, number
from datahub.rdf.frame import TERM_SCHEMA, Frame
from datahub.rdf.terms import LITERAL, RDF_TYPE, RDFS, Term
from datahub.shacl.datatypes import well_formed

PAIRS: dict[str, type[pl.DataType]] = {"focus": pl.UInt32, "value": pl.UInt32}
CODE = pl.UInt32
SUBCLASS_OF = RDFS + "subClassOf"
_SEED = secrets.randbits(63)


def codes(values: Iterable[int]) -> pl.Series:
    """Term codes as a series."""
    return pl.Series(list(values), dtype=CODE)


class Nodes:
    """A set of term codes, with its mask over the term table."""

    def __init__(self, members: pl.Series, size: int) -> None:
        self.codes = members
        self._size = size

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def key(self) -> tuple[int, int]:
        """The same for the same members, and for no others but by a chance of one in 10**19."""
        return len(self.codes), int(self.codes.hash(_SEED).sum())

    @cached_property
    def mask(self) -> pl.Series:
        """True at the position of each member."""
        return mask(self.codes, self._size)

    def keep(self, table: pl.DataFrame, column: str) -> pl.DataFrame:
        """The rows of ``table`` whose ``column`` is a member."""
        inside = self.mask.gather(table[column])
        return table if inside.all() else table.filter(inside)


def mask(members: pl.Series, size: int) -> pl.Series:
    """A mask of ``size`` that is true at ``members``."""
    empty = pl.repeat(False, size, dtype=pl.Boolean, eager=True)
    return empty.scatter(members, True) if len(members) else empty


def distinct(pairs: pl.DataFrame, size: int) -> pl.DataFrame:
    """``pairs`` of codes below ``size``, each once, in the order in which they come first."""
    both = pl.col("focus").cast(pl.UInt64) * size + pl.col("value").cast(pl.UInt64)
    numbers = pairs.select(both.alias("")).to_series()
    return pairs if numbers.n_unique() == len(numbers) else pairs[numbers.arg_unique()]


class Data:
    """A frame, the terms that the shapes speak of (a target node need not occur in the data), and what is derived from them.

    ``above``: the rdfs:subClassOf statements of ontologies, as (class, class above it); they count like those of the frame.
    """

    def __init__(self, frame: Frame, mentioned: Iterable[Term], above: Iterable[tuple[Term, Term]] = ()) -> None:
        self.frame = frame
        self.above = tuple(above)
        self._codes, self.terms = _extended(
            frame.terms, list(dict.fromkeys([*mentioned, *(cls for pair in self.above for cls in pair)]))
        )
        self.size = self.terms.height
        self._datatype_masks: dict[str, pl.Series] = {}
        self._members: dict[Term, Nodes] = {}
        self._pairs: dict[str, pl.DataFrame] = {}
        self._below: dict[int, list[int]] | None = None

    def about(self, triples: Frame) -> Data:
        """Other ``triples`` over the same terms, without the statements of ontologies."""
        other = copy(self)
        other.frame, other.above = triples, ()
        other._members, other._pairs, other._below = {}, {}, None
        return other

    def code(self, term: Term) -> int | None:
        """The code of a term that the shapes mention; None where neither data nor extension hold it."""
        return self._codes.get(term.key)

    def intern(self, found: Iterable[Term]) -> dict[Term, int]:
        """The codes of terms that a query gave; those that neither data nor shapes hold are added to ``terms``."""
        wanted = list(dict.fromkeys(found))
        by_key, self.terms = _extended(self.terms, wanted)
        return {term: by_key[term.key] for term in wanted}

    def nodes(self, members: pl.Series) -> Nodes:
        """``members`` (distinct codes) as a set."""
        return Nodes(members, self.size)

    def pairs(self, predicate: str) -> pl.DataFrame:
        """The distinct (focus, value) pairs of a predicate."""
        if predicate not in self._pairs:
            code = self.code(Term.iri(predicate))
            triples = self.frame.by_predicate.get(code) if code is not None else None
            if triples is None:
                table = pl.DataFrame(schema=PAIRS)
            else:
                table = triples.select(pl.col("s").alias("focus"), pl.col("o").alias("value"))
                if triples["g"].null_count() < triples.height:
                    table = table.unique(maintain_order=True)
            if predicate == SUBCLASS_OF and self.above:
                stated = [(self.code(below), self.code(above)) for below, above in self.above]
                more = pl.DataFrame(stated, schema=PAIRS, orient="row")
                table = pl.concat([table, more]).unique(maintain_order=True)
            self._pairs[predicate] = table
        return self._pairs[predicate]

    def members(self, cls: Term) -> Nodes:
        """The SHACL instances of a class: typed with it or with a class below it (section 1.1)."""
        if cls not in self._members:
            code = self.code(cls)
            types = self.pairs(RDF_TYPE)
            found = types.clear() if code is None else self._subclasses(code).keep(types, "value")
            self._members[cls] = self.nodes(found["focus"].unique())
        return self._members[cls]

    def _subclasses(self, code: int) -> Nodes:
        """A class and those below it, one by one: they are few, and a long chain takes no longer than as many side by side."""
        if self._below is None:
            self._below = dict(self.pairs(SUBCLASS_OF).group_by("value").agg("focus").iter_rows())
        known, frontier = {code}, [code]
        while frontier:
            more = [each for each in self._below.get(frontier.pop(), ()) if each not in known]
            known.update(more)
            frontier += more
        return self.nodes(codes(known))

    @cached_property
    def kind(self) -> pl.Series:
        """Term kind by code; like all columns here without the terms that `intern` added, which no triple has."""
        return self._column("kind")

    @cached_property
    def lexical(self) -> pl.Series:
        """IRI, blank node label or lexical form by code."""
        return self._column("lexical")

    @cached_property
    def language(self) -> pl.Series:
        """Language tag by code, null where there is none."""
        return self._column("language")

    def _column(self, name: str) -> pl.Series:
        return self.terms[name].head(self.size)

    def of_datatype(self, datatype: str) -> pl.Series:
        """The mask of the well-formed literals of a datatype."""
        if datatype not in self._datatype_masks:
            own = (self._column("datatype") == datatype).fill_null(False) & (self.kind == LITERAL)
            at = own.arg_true()
            ok = well_formed(self.lexical.gather(at), datatype)
            if not ok.all():
                own = own.scatter(at.filter(~ok), False)
            self._datatype_masks[datatype] = own
        return self._datatype_masks[datatype]


PAIRS_AT_LEAST, PAIRS_PER_ROW = 5_000_000, 32
"""How many pairs a join may have: so many, and so many more for each row that is joined."""


def joinable(data: Data, left: pl.Series, right: pl.Series) -> None:
    """Refuses a join of two columns of codes whose pairs would be out of all proportion to the rows: some nodes have thousands of
    values on both sides. Raises `InputError` ``data-entangled`` with the worst of them."""
    most = PAIRS_AT_LEAST + PAIRS_PER_ROW * (len(left) + len(right))
    if len(left) * len(right) <= most:
        return
    ones, others = (codes.alias("code").to_frame().group_by("code").len() for codes in (left, right))
    products = ones.join(others, on="code").select(
        "code", (pl.col("len").cast(pl.UInt64) * pl.col("len_right")).alias("n")
    )
    pairs = int(products["n"].sum())
    if pairs > most:
        raise entangled(pairs, data.lexical[int(products.sort("n")["code"][-1])])


def entangled(pairs: int, node: str) -> InputError:
    """The refusal of data in which ``node`` has too many values for a constraint that compares them all."""
    name = node if len(node) <= _NAMED else node[:_NAMED] + "…"
    en, fr = number(pairs, "en"), number(pairs, "fr")
    return InputError(
        "data-entangled",
        Text(
            f"A rule would have to look at {en} pairs of values, because some nodes have very many, such as {name}.",
            f"Une règle devrait regarder {fr} paires de valeurs, car certains nœuds en ont énormément, comme {name}.",
        ),
        Text(
            "Check whether the values of that node are repeated or mixed up by mistake.",
            "Vérifiez que les valeurs de ce nœud ne sont pas répétées ou mélangées par erreur.",
        ),
    )


_NAMED = 200
Key = tuple[int, str, str | None, str | None]


def _extended(terms: pl.DataFrame, mentioned: list[Term]) -> tuple[dict[Key, int], pl.DataFrame]:
    """The codes of ``mentioned``, and the term table with those appended that it lacked."""
    wanted = {term.key for term in mentioned}
    lexicals = pl.Series([key[1] for key in wanted], dtype=pl.String).unique()
    near = terms.with_row_index("code").filter(pl.col("lexical").is_in(lexicals.implode()))
    found: dict[Key, int] = {}
    for code, kind, lexical, datatype, language in near.iter_rows():
        key = (kind, lexical, datatype, language)
        if key in wanted:
            found[key] = code
    missing = [term.key for term in mentioned if term.key not in found]
    found |= {key: terms.height + position for position, key in enumerate(missing)}
    extra = pl.DataFrame(missing, schema=TERM_SCHEMA, orient="row")
    return found, pl.concat([terms, extra], rechunk=True) if missing else terms
