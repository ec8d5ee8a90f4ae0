"""Lower: runs the inverse plan over a frame and gives native tables, with the loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import polars as pl

from datahub.mapping.expressed import NOTE_SCHEMA, Part, Refuses
from datahub.mapping.graphtable import GraphTable
from datahub.mapping.inverse import Inverse, Reader, inverses, language
from datahub.mapping.inversion import Inversion, invert_subject
from datahub.mapping.lenses import Codes, no_codes
from datahub.mapping.loss import Loss, measure
from datahub.mapping.model import DEFAULT_BASE, Constant, Mapping, Reference, TermType, references
from datahub.mapping.navigation import navigate, owners
from datahub.mapping.nodes import Node
from datahub.mapping.plan import Plan, plan
from datahub.mapping.scope import Rows
from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, IRI, LITERAL, XSD
from datahub.sources.json_write import NUMBER
from datahub.sources.table import Table, datatypes_of


@dataclass(frozen=True)
class Filled:
    """The rows of one source, before they are written.

    ``cells``: a column per reference. ``records``: the IRI of the node that each row is about. ``types``: the natural datatypes of
    columns. ``owners``: of rows that are joined to rows of the first source, the positions of both (columns row and owner)."""

    cells: pl.DataFrame
    records: pl.Series
    types: Dict[str, str]
    owners: pl.DataFrame


@dataclass(frozen=True)
class Reread:
    """What a reader finds in the written file.

    ``tables``: by source key; their rows are positions among the rows that were to be written, without those that the reader
    leaves out. ``refuses``: of findings of lifting them, the lines that they make the reader leave out."""

    tables: Dict[str, Table]
    refuses: Refuses | None = None


Written = Callable[[Dict[str, Filled]], Reread]
"""The rows of the sources, by key → what reading the written file gives."""


NATURAL = (XSD + "integer", XSD + "double", XSD + "boolean")
"""The datatypes that JSON values have of themselves (RML-Core section 7.2)."""

NUMBERS = NATURAL[:2]

_CORES = 2
"""Readers that work at the same time."""


@dataclass(frozen=True)
class Lowered:
    """What a lowering made.

    ``tables``: by source key, String columns (lists where a JSON or XML reference has several values) in the declared order.
    ``records``: by source key, the IRI of the record of each row; a record that fills several rows has them adjacent.
    ``types``: by source key, the datatypes of columns whose values are all numbers or all booleans, for formats with such values
    (JSON); `NUMBER` where there are integers and doubles. ``loss``: what the tables could not hold.
    """

    tables: dict[str, pl.DataFrame]
    records: dict[str, pl.Series]
    types: dict[str, Dict[str, str]]
    loss: Loss


def lower(
    mapping: Mapping | Plan,
    frame: Frame,
    base: str = DEFAULT_BASE,
    codes: Codes | None = None,
    headers: Dict[str, Sequence[str]] | None = None,
    reread: Written | None = None,
    original: Frame | None = None,
) -> Lowered:
    """The tables of which ``mapping`` would make ``frame``.

    ``base``: under which the target's records are minted; IRIs below it are read back into the columns that they were made of.
    ``headers``: by source key, the columns to write in order; by default those that the mapping knows. ``reread``: what a reader
    of the written file finds in it (a connector trims cells and makes up keys), so that the loss is that of the file as it is.
    ``original``: ``frame`` by its own names, position by position, where some were put in place of others for this format.
    Raises `DefinitionError` where the mapping is broken; what can't be held is in the loss, never an error.
    """
    compiled = mapping if isinstance(mapping, Plan) else plan(mapping)
    graph = GraphTable(frame)
    lookup = codes or no_codes
    found: list[tuple[Inverse, pl.DataFrame, pl.LazyFrame]] = []
    filled: dict[str, Filled] = {}
    for inverse in inverses(compiled):
        rows = navigate(inverse, graph)
        cells, types, notes = read_cells(compiled, inverse, rows, graph, base, lookup)
        records = graph.terms["lexical"].gather(rows["n0"]).alias("record")
        first, above = (found[0][0], found[0][1]) if found else (inverse, rows)
        filled[inverse.source.key] = Filled(cells, records, types, owners(first, above, inverse, rows, graph))
        found.append((inverse, rows, notes))
    known = {inverse.source.key: inverse.source.references for inverse, *_ in found}
    wanted = {key: (headers or {}).get(key, names) for key, names in known.items()}
    if reread is not None:
        again = reread(filled)
    else:  # a column that is not written holds nothing
        again = Reread(
            {key: _numbered(key, _only(each.cells, wanted[key]), each.types) for key, each in filled.items()}
        )
    parts = [Part(inverse, rows, again.tables[inverse.source.key], notes) for inverse, rows, notes in found]
    triples = original.triples if original is not None else None
    return Lowered(
        {key: _all(each.cells, wanted[key]) for key, each in filled.items()},
        {key: each.records for key, each in filled.items()},
        {key: each.types for key, each in filled.items()},
        measure(compiled, parts, graph, base, lookup, again.refuses, triples),
    )


def _only(cells: pl.DataFrame, wanted: Sequence[str]) -> pl.DataFrame:
    """``cells`` with nothing in the columns that are not ``wanted``."""
    return cells.with_columns(pl.lit(None, dtype).alias(n) for n, dtype in cells.schema.items() if n not in wanted)


def _all(cells: pl.DataFrame, wanted: Sequence[str]) -> pl.DataFrame:
    """The columns ``wanted``, empty where ``cells`` have none."""
    empty = pl.lit(None, pl.String)
    return cells.select([pl.col(name) if name in cells.columns else empty.alias(name) for name in wanted])


def read_cells(
    plan: Plan, inverse: Inverse, rows: pl.DataFrame, graph: GraphTable, base: str, codes: Codes
) -> tuple[pl.DataFrame, dict[str, str], pl.LazyFrame]:
    """The cells of each row, one column per reference; the datatypes of typed columns; and for each triple read, why it is lost if
    it turns out so."""
    found: dict[str, list[pl.Series]] = {name: [] for name in inverse.source.references}
    with ThreadPoolExecutor(_CORES) as pool:  # much of it works on one core
        reads = list(pool.map(partial(_read, graph=graph, codes=codes), inverse.readers))
    for reader, read in zip(inverse.readers, reads, strict=True):
        own = graph.at(read.cells["s"], read.cells["cell"], rows[f"n{reader.node}"])
        found.setdefault(reader.inversion.column, []).append(own)
    masked = {reader.inversion.column for reader in inverse.readers if reader.term_map.condition is not None}
    for number, node in enumerate(inverse.nodes):
        for inversion in invert_subject(node.map.subject, plan.calls, base):
            for column in _own_columns(node, inversion.column):
                if found.get(column) and column not in masked and not found[column][0].null_count():
                    continue  # every row has its cell already
                found.setdefault(column, []).append(
                    _from_iri(inversion, rows[f"n{number}"], graph, codes).alias(column)
                )
    cells = pl.DataFrame([_first(name, series, rows.height) for name, series in found.items()])
    cells = _conditioned(plan, inverse, found, cells, codes)
    notes = [pl.LazyFrame(schema=NOTE_SCHEMA)]  # asked for only where something is lost
    for reader, read in zip(inverse.readers, reads, strict=True):
        own = rows[f"n{reader.node}"].drop_nulls().unique()
        notes.append(read.notes.filter(pl.col("s").is_in(own.implode())).drop("s"))
        if len(found[reader.inversion.column]) > 1 and not read.lists:
            notes.append(_overruled(reader, read, rows, cells, graph).lazy())
    typed = inverse.source.formulation == "json" and inverse.source.source.typed
    types = {r.inversion.column: read.datatype for r, read in zip(inverse.readers, reads, strict=True) if read.datatype}
    return cells, types if typed else {}, pl.concat(notes)


def _own_columns(node: Node, column: str) -> list[str]:
    """The columns of the row that ``column`` of ``node``'s source is written in: itself, or for a joined record the keys to it."""
    if not node.joins:
        return [column]
    keys = [join for join in node.joins if join.parent == Reference(column)]
    return [join.child.name for join in keys if isinstance(join.child, Reference)]


def _conditioned(
    plan: Plan, inverse: Inverse, found: dict[str, list[pl.Series]], cells: pl.DataFrame, codes: Codes
) -> pl.DataFrame:
    """``cells`` without those that an object map with a condition filled where, in that row, the condition does not hold."""
    turns: dict[str, int] = {}
    masked: set[str] = set()
    numbers = pl.arange(0, cells.height, dtype=pl.UInt32, eager=True)
    forward = Rows(Table(inverse.source.key, cells, numbers), plan, codes)
    for reader in inverse.readers:
        name, condition = reader.inversion.column, reader.term_map.condition
        at = turns[name] = turns.get(name, -1) + 1
        own = found[name][at]
        if condition is None or forward.leaves(condition) or own.null_count() == len(own):
            continue
        if any(not found[each] for each in references(condition)):
            continue  # it depends on a column that is not read back, so nothing is known about it
        holds = (forward.scope(frozenset()).value(condition) == "true").fill_null(value=False)
        found[name][at] = pl.select(pl.when(holds).then(own)).to_series().alias(name)
        masked.add(name)
    return cells.with_columns(_first(name, found[name], cells.height) for name in masked)


def _first(name: str, candidates: list[pl.Series], height: int) -> pl.Series:
    """The first candidate that is there, row by row; where one is a list, lists only."""
    if not candidates:
        return pl.repeat(None, height, dtype=pl.String, eager=True).alias(name)
    lists = [s for s in candidates if isinstance(s.dtype, pl.List)]
    return pl.select(pl.coalesce([pl.lit(s) for s in lists or candidates])).to_series().alias(name)


def _overruled(reader: Reader, read: Read, rows: pl.DataFrame, cells: pl.DataFrame, graph: GraphTable) -> pl.DataFrame:
    """Notes for the values that another property of the same column kept out."""
    own = graph.at(read.cells["s"], read.cells["cell"], rows[f"n{reader.node}"])
    final = cells[reader.inversion.column]
    subjects = rows[f"n{reader.node}"].filter((own != final).fill_null(value=False)).unique()
    positions = read.cells.filter(pl.col("s").is_in(subjects.implode()))["at"]
    return pl.DataFrame({"at": positions}).select(
        "at", pl.lit("several-values").alias("reason"), pl.lit(0, pl.UInt8).alias("weight")
    )


def _from_iri(inversion: Inversion, codes_: pl.Series, graph: GraphTable, codes: Codes) -> pl.Series:
    distinct = codes_.drop_nulls().unique()
    text = pl.DataFrame({"v": graph.terms["lexical"].gather(distinct)})
    return graph.at(distinct, text.select(inversion.before(pl.col("v"), codes)).to_series(), codes_).alias("cell")


@dataclass(frozen=True)
class Read:
    """What one reader found: ``cells`` (s, cell, and the position of the triple unless lists), ``notes`` on its triples;
    ``datatype``: the natural datatype that all of them have, None for texts and where the mapping gives the datatype."""

    cells: pl.DataFrame
    notes: pl.LazyFrame
    lists: bool
    datatype: str | None = None


def _read(reader: Reader, graph: GraphTable, codes: Codes) -> Read:
    """The cell of each subject, and a note for each triple of the predicate."""
    inversion = reader.inversion
    triples = graph.triples(reader.predicate)
    lists = inversion.separator is not None or inversion.several
    if not triples.height:
        empty = {"s": pl.UInt32, "cell": pl.List(pl.String) if inversion.several else pl.String, "at": pl.UInt32}
        return Read(pl.DataFrame(schema=empty), pl.LazyFrame(schema={**NOTE_SCHEMA, "s": pl.UInt32}), lists)
    distinct = triples["o"].unique()
    terms = graph.terms[distinct].with_columns(distinct.alias("o"))
    kind = IRI if reader.term_map.type.is_iri else LITERAL if reader.term_map.type is TermType.LITERAL else BLANK
    fits = pl.col("kind") == kind
    tag, datatype = reader.term_map.language, reader.term_map.datatype
    if tag is not None and not isinstance(tag, Constant):
        fits = fits & pl.col("language").is_not_null()
    elif datatype is not None and not isinstance(datatype, Constant):
        fits = fits & pl.col("language").is_null()
    if reader.strict:
        fits = fits & pl.col("language").eq_missing(pl.lit(language(reader.term_map), pl.String))
    if reader.claimed:
        fits = fits & ~pl.col("language").is_in(list(reader.claimed)).fill_null(value=False)
    terms = terms.with_columns(
        pl.when(fits).then(inversion.before(pl.col(reader.part), codes)).alias("cell"),
        _rank(language(reader.term_map)).alias("rank"),
        fits.alias("fits"),
    )
    place = graph.at(distinct, pl.arange(0, len(distinct), dtype=pl.UInt32, eager=True), triples["o"])
    values = triples.with_columns(terms[name].gather(place) for name in ("cell", "rank", "fits"))
    held = values.filter(pl.col("cell").is_not_null())
    if lists:
        cells = held.group_by("s", maintain_order=True).agg("cell")
        if inversion.separator is not None:
            cells = cells.select("s", pl.col("cell").list.join(inversion.separator))
    else:
        if reader.turn or held["s"].n_unique() < held.height:
            held = held.sort("rank", maintain_order=True)
            held = held.filter(pl.int_range(pl.len()).over("s") == reader.turn)
        cells = held.select("s", "cell", "at")
    if inversion.after is not None:
        cells = cells.with_columns(inversion.after(pl.col("cell"), codes))
    if reader.part != "lexical":  # the value itself has its notes
        return Read(cells, pl.LazyFrame(schema={**NOTE_SCHEMA, "s": pl.UInt32}), lists)
    return Read(cells, _notes(reader, values, held), lists, _natural(reader, terms, held))


def _natural(reader: Reader, terms: pl.DataFrame, held: pl.DataFrame) -> str | None:
    term_map = reader.term_map
    if not isinstance(term_map.expression, Reference) or term_map.datatype or term_map.language:
        return None
    kinds = terms.filter(pl.col("o").is_in(held["o"].unique().implode()))["datatype"].unique()
    if len(kinds) == 1:
        return kinds[0] if kinds[0] in NATURAL else None
    return NUMBER if len(kinds) and kinds.is_in(NUMBERS).all() else None


def _kind(number: pl.Expr) -> pl.Expr:
    """The datatype of a JSON number as it is written."""
    double = number.str.contains("[.eE]")
    return pl.when(double).then(pl.lit(NUMBERS[1])).when(number.is_not_null()).then(pl.lit(NUMBERS[0]))


def _numbered(key: str, cells: pl.DataFrame, types: Dict[str, str]) -> Table:
    """The table that reading ``cells`` gives: of columns with two kinds of numbers each value has its own."""
    mixed = {name: datatypes_of(name) for name, datatype in types.items() if datatype == NUMBER}
    listed = {name for name in mixed if isinstance(cells.schema[name], pl.List)}
    cells = cells.with_columns(
        (pl.col(name).list.eval(_kind(pl.element())) if name in listed else _kind(pl.col(name))).alias(kept)
        for name, kept in mixed.items()
    )
    numbers = pl.arange(0, cells.height, dtype=pl.UInt32, eager=True)
    plain = {name: datatype for name, datatype in types.items() if name not in mixed}
    return Table(key, cells, numbers, types=plain, mixed=mixed)


def _rank(wanted: str | None) -> pl.Expr:
    """Which of several values is taken: the language that the mapping gives, then none, then others."""
    if wanted is None:
        return pl.lit(0, pl.UInt8)
    tag = pl.col("language")
    return pl.when(tag == wanted).then(0).when(tag.is_null()).then(1).otherwise(2).cast(pl.UInt8)


def _notes(reader: Reader, values: pl.DataFrame, chosen: pl.DataFrame) -> pl.LazyFrame:
    """Why each triple would be lost; the weight ranks the reasons of several readers: 1 chosen but not the same, 2 another was
    chosen, 3 can't be written."""
    picked = pl.col("at").is_in(chosen["at"].implode())
    # rank 0: the language fits (or does not matter), so the value or its datatype is what differs.
    different = pl.when(pl.col("rank") == 0).then(pl.lit("precision")).otherwise(pl.lit("language"))
    passed = pl.when(pl.col("rank") == 0).then(pl.lit("several-values")).otherwise(pl.lit("language"))
    unwritten = pl.when(pl.col("fits")).then(pl.lit(reader.inversion.loss)).otherwise(pl.lit("unreadable"))
    if reader.claimed:
        unwritten = pl.when(pl.col("fits") | (pl.col("rank") == 0)).then(unwritten).otherwise(pl.lit("language"))
    return values.lazy().select(
        "at",
        "s",
        pl.when(pl.col("cell").is_null())
        .then(unwritten)
        .when(picked)
        .then(different)
        .otherwise(passed)
        .alias("reason"),
        pl.when(pl.col("cell").is_null()).then(3).when(picked).then(1).otherwise(2).cast(pl.UInt8).alias("weight"),
    )
