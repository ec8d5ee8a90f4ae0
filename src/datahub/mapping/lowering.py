"""Lower: runs the inverse plan over a frame and gives native tables, with the loss."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from datahub.mapping.graphtable import GraphTable
from datahub.mapping.inverse import Inverse, Reader, inverses
from datahub.mapping.inversion import Inversion, invert_subject
from datahub.mapping.lenses import Codes, no_codes
from datahub.mapping.lifting import DEFAULT_BASE
from datahub.mapping.loss import NOTE_SCHEMA, Loss, measure
from datahub.mapping.model import Constant, Mapping, TermMap, TermType
from datahub.mapping.navigation import navigate
from datahub.mapping.plan import Plan, plan
from datahub.rdf.frame import Frame
from datahub.rdf.terms import LITERAL


@dataclass(frozen=True)
class Lowered:
    """What a lowering made.

    ``tables``: by source key, String columns (lists where a JSON or XML reference has several values) in the declared order.
    ``records``: by source key, the IRI of the record of each row; a record that fills several rows has them adjacent.
    ``loss``: what the tables could not hold.
    """

    tables: dict[str, pl.DataFrame]
    records: dict[str, pl.Series]
    loss: Loss


def lower(
    mapping: Mapping | Plan,
    frame: Frame,
    base: str = DEFAULT_BASE,
    codes: Codes | None = None,
    headers: Dict[str, Sequence[str]] | None = None,
) -> Lowered:
    """The tables of which ``mapping`` would make ``frame``.

    ``base``: under which the target's records are minted; IRIs below it are read back into the columns that they were made of.
    ``headers``: by source key, the columns to write in order; by default those that the mapping knows.
    Raises `DefinitionError` where the mapping is broken; what can't be held is in the loss, never an error.
    """
    compiled = mapping if isinstance(mapping, Plan) else plan(mapping)
    graph = GraphTable(frame)
    lookup = codes or no_codes
    tables: dict[str, pl.DataFrame] = {}
    records: dict[str, pl.Series] = {}
    parts = []
    for inverse in inverses(compiled):
        rows = navigate(inverse, graph)
        cells, notes = read_cells(compiled, inverse, rows, graph, base, lookup)
        parts.append((inverse, rows, cells, notes))
        key = inverse.source.key
        wanted = (headers or {}).get(key, inverse.source.references)
        empty = pl.lit(None, pl.String)
        tables[key] = cells.select([pl.col(name) if name in cells.columns else empty.alias(name) for name in wanted])
        records[key] = graph.terms["lexical"].gather(rows["n0"]).alias("record")
    return Lowered(tables, records, measure(compiled, parts, graph, base, lookup))


def read_cells(
    plan: Plan, inverse: Inverse, rows: pl.DataFrame, graph: GraphTable, base: str, codes: Codes
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cells of each row, one column per reference; and notes: for each triple read, why it is lost if it turns out so."""
    found: dict[str, list[pl.Series]] = {name: [] for name in inverse.source.references}
    notes = [pl.DataFrame(schema=NOTE_SCHEMA)]
    for reader in inverse.readers:
        cells, note = _read(reader, graph, codes)
        notes.append(note)
        own = rows[f"n{reader.node}"]
        found.setdefault(reader.inversion.column, []).append(graph.at(cells["s"], cells["cell"], own))
    for number, node in enumerate(inverse.nodes):
        if node.joins:
            continue
        for inversion in invert_subject(node.map.subject, plan.calls, base):
            found.setdefault(inversion.column, []).append(_from_iri(inversion, rows[f"n{number}"], graph, codes))
    columns = []
    for name, series in found.items():
        if not series:
            columns.append(pl.repeat(None, rows.height, dtype=pl.String, eager=True).alias(name))
            continue
        lists = any(isinstance(s.dtype, pl.List) for s in series)
        kept = [s for s in series if isinstance(s.dtype, pl.List)] if lists else series
        columns.append(pl.select(pl.coalesce([pl.lit(s) for s in kept])).to_series().alias(name))
    return pl.DataFrame(columns), pl.concat(notes)


def _from_iri(inversion: Inversion, codes_: pl.Series, graph: GraphTable, codes: Codes) -> pl.Series:
    text = pl.DataFrame({"v": graph.terms["lexical"].gather(codes_)})
    return text.select(inversion.before(pl.col("v"), codes)).to_series().alias("cell")


def _read(reader: Reader, graph: GraphTable, codes: Codes) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cell of each subject, and a note for each triple of the predicate."""
    inversion = reader.inversion
    triples = graph.triples(reader.predicate)
    if not triples.height:
        return pl.DataFrame(schema={"s": pl.UInt32, "cell": pl.String}), pl.DataFrame(schema=NOTE_SCHEMA)
    distinct = triples["o"].unique()
    terms = graph.terms[distinct].with_columns(distinct.alias("o"))
    literal = reader.term_map.type is TermType.LITERAL
    fits = (pl.col("kind") == LITERAL) if literal else (pl.col("kind") != LITERAL)
    wanted = _language(reader.term_map)
    terms = terms.with_columns(
        pl.when(fits).then(inversion.before(pl.col("lexical"), codes)).alias("cell"),
        _rank(wanted).alias("rank"),
    )
    values = triples.join(terms.select("o", "cell", "rank"), on="o", how="left", maintain_order="left")
    held = values.filter(pl.col("cell").is_not_null())
    if inversion.separator is not None or inversion.several:
        chosen = held
        grouped = held.group_by("s", maintain_order=True).agg("cell")
        if inversion.separator is not None:
            cell = pl.col("cell").list.join(inversion.separator)
            if inversion.after is not None:
                cell = inversion.after(cell, codes)
            grouped = grouped.select("s", cell)
        cells = grouped
    else:
        if held["s"].is_duplicated().any():
            held = held.sort("rank", maintain_order=True).unique("s", keep="first", maintain_order=True)
        chosen = held
        cells = held.select("s", "cell")
    return cells, _notes(reader, values, chosen, wanted)


def _language(term_map: TermMap) -> str | None:
    language = term_map.language
    return language.term.lexical.lower() if isinstance(language, Constant) else None


def _rank(wanted: str | None) -> pl.Expr:
    """Which of several values is taken: the language that the mapping gives, then none, then others."""
    if wanted is None:
        return pl.lit(0, pl.UInt8)
    language = pl.col("language")
    return pl.when(language == wanted).then(0).when(language.is_null()).then(1).otherwise(2).cast(pl.UInt8)


def _notes(reader: Reader, values: pl.DataFrame, chosen: pl.DataFrame, wanted: str | None) -> pl.DataFrame:
    """Why each triple would be lost, worst last: 0 chosen but not the same, 1 another was chosen, 2 can't be written."""
    picked = values["at"].is_in(chosen["at"].implode())
    # rank 0: the language fits (or does not matter), so the value or its datatype is what differs.
    different = pl.when(pl.col("rank") == 0).then(pl.lit("precision")).otherwise(pl.lit("language"))
    passed = pl.when(pl.col("rank") == 0).then(pl.lit("several-values")).otherwise(pl.lit("language"))
    return values.select(
        "at",
        pl.when(pl.col("cell").is_null())
        .then(pl.lit(reader.inversion.loss))
        .when(picked)
        .then(different)
        .otherwise(passed)
        .alias("reason"),
        pl.when(pl.col("cell").is_null()).then(2).when(picked).then(0).otherwise(1).cast(pl.UInt8).alias("weight"),
    )
