"""Why triples are lost: each gets the path of its field and one reason, and they are counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from datahub.i18n import Text
from datahub.mapping.expressed import Part
from datahub.mapping.graphtable import GraphTable
from datahub.mapping.navigation import link_predicates
from datahub.mapping.nodes import classes, curie_step
from datahub.rdf.terms import RDF_TYPE, curie

LOSS_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "class": pl.String,
    "field": pl.String,
    "reason": pl.String,
    "count": pl.UInt32,
    "example_record": pl.String,
    "example_value": pl.String,
    "examples": pl.List(pl.String),
    "message_en": pl.String,
    "message_fr": pl.String,
}
REASONS: dict[str, Text] = {
    "graph": Text(
        "It is written, but not in which named graph it stood.",
        "C'est écrit, mais sans dire dans quel graphe nommé cela se trouvait.",
    ),
    "no-column": Text("There is no column for it.", "Il n'y a pas de colonne pour cela."),
    "not-in-code-list": Text(
        "The value is not in the code list of the format.", "La valeur n'est pas dans la liste de codes du format."
    ),
    "precision": Text(
        "The value is written, but not exactly as it was (precision or datatype).",
        "La valeur est écrite, mais pas exactement telle quelle (précision ou type).",
    ),
    "language": Text(
        "The format holds another language, or does not say which.",
        "Le format contient une autre langue, ou ne dit pas laquelle.",
    ),
    "several-values": Text(
        "The format holds one value here; another was written.",
        "Le format n'a ici qu'une valeur ; une autre a été écrite.",
    ),
    "record-kind-not-supported": Text("The format has no such kind of record.", "Le format n'a pas ce genre de fiche."),
    "unreadable": Text(
        "The value can't be written in the form that the column takes.",
        "La valeur ne peut s'écrire sous la forme que prend la colonne.",
    ),
    "incomplete": Text(
        "The format holds it only together with another value, which is missing.",
        "Le format ne le tient qu'avec une autre valeur, qui manque.",
    ),
    "identifier": Text(
        "The web address can't be kept: it is written, and comes back under another address.",
        "L'adresse web ne peut être conservée : c'est écrit, et revient sous une autre adresse.",
    ),
    "equivalent": Text(
        "It is written as what stands for it in this format, and comes back by that name.",
        "C'est écrit comme ce qui en tient lieu dans ce format, et revient sous ce nom.",
    ),
}
RESTATED = ("identifier", "equivalent")
"""Reasons of triples whose content is written whole."""

FIELD_SCHEMA: dict[str, type[pl.DataType]] = {
    "class": pl.String,
    "field": pl.String,
    "total": pl.UInt32,
    "lost": pl.UInt32,
    "restated": pl.UInt32,
}
EXAMPLES = 3
"""How many different values of a lost field are shown."""

MAX_DEPTH = 12
"""How far below the records nodes are followed to name the field of a lost triple."""


def _none() -> pl.Series:
    return pl.Series([], dtype=pl.UInt32)


@dataclass(frozen=True, eq=False)
class Lost:
    """Positions of lost triples, and what is known of them.

    ``triples``: the input by its own names. ``renamed``: positions of those that are written by another; ``placed``: of those that
    come out at the same place; ``moved``: in another graph. ``changed``: the codes of nodes that come out under another address;
    ``withheld``: of those that no row brings out."""

    positions: pl.Series
    triples: pl.DataFrame
    renamed: pl.Series = field(default_factory=_none)
    placed: pl.Series = field(default_factory=_none)
    moved: pl.Series = field(default_factory=_none)
    changed: pl.Series = field(default_factory=_none)
    withheld: pl.Series = field(default_factory=_none)

    @cached_property
    def restated(self) -> pl.Series:
        """For each triple of the input the reason where its content is written whole; null for others."""
        placed, renamed = (_among(each, self.triples.height) for each in (self.placed, self.renamed))
        by_name = pl.when(placed & renamed).then(pl.lit("equivalent", REASON))
        return pl.select(by_name.when(placed).then(pl.lit("identifier", REASON))).to_series()


REASON = pl.Enum(list(REASONS))


def _among(numbers: pl.Series, height: int) -> pl.Series:
    """Of the numbers from 0 to ``height`` those that are among ``numbers``, as truth values."""
    return pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True).scatter(numbers, True)


def table_of(parts: list[Part], graph: GraphTable, told: Lost) -> pl.DataFrame:
    """The lost triples grouped by record class, field and reason.

    They are grouped by codes, as there may be millions; names are made for the groups.
    """
    lost = told.positions
    triples = graph.frame.triples.select("s", "p", "o")[lost].with_columns(lost.cast(pl.UInt32).alias("at"))
    placed = _placed(parts, graph, triples, _reached(parts, _among(triples["s"], graph.terms.height)))
    kinds = placed.select("path", "class").unique(maintain_order=True).with_row_index("kind")
    placed = placed.join(kinds, on=["path", "class"], how="left", nulls_equal=True, maintain_order="left")
    place = _places(placed, graph, triples["s"])
    table = triples.with_columns(
        told.triples["p"].gather(lost).alias("own_p"),
        told.triples["o"].gather(lost).alias("own_o"),
        place.alias("place"),
        placed["kind"].gather(place).alias("kind"),
        told.restated.gather(lost).alias("reason"),
    )
    open_ = table["reason"].is_null()
    if open_.any():
        rest = _explained(table.filter(open_), parts, graph, told, placed)
        table = table.with_columns(table["reason"].scatter(open_.arg_true(), rest))
    # A node that has another address is told once, with all that is said of it; a link to one, at the link.
    moved = (table["reason"] == "identifier") & _among(told.changed, graph.terms.height).gather(table["s"])
    types = graph.triples(RDF_TYPE)
    own_class = graph.at(types["s"], types["o"], table["s"])
    groups = (
        table.with_columns(
            pl.when(~moved).then("own_p").alias("own_p"),
            pl.when(moved).then("s").otherwise("own_o").alias("v"),
            pl.when(pl.col("kind").is_null()).then(own_class).alias("own_class"),
        )
        .group_by("kind", "own_class", "own_p", "reason", maintain_order=True)
        .agg(
            pl.len().cast(pl.UInt32).alias("count"),
            pl.col("s").first(),
            pl.col("v").unique(maintain_order=True).head(EXAMPLES),
        )
    )
    return _named(groups, placed, kinds, graph)


def _places(placed: pl.DataFrame, graph: GraphTable, nodes: pl.Series) -> pl.Series:
    """The row of ``placed`` for each of ``nodes``, null where it is not among them."""
    return graph.at(placed["s"], pl.arange(0, placed.height, dtype=pl.UInt32, eager=True), nodes)


def _explained(
    table: pl.DataFrame, parts: list[Part], graph: GraphTable, told: Lost, placed: pl.DataFrame
) -> pl.Series:
    """The reason of each triple of ``table`` whose content is not written whole."""
    notes = pl.concat([part.notes for part in parts])
    known = notes.filter(pl.col("at").is_in(table["at"].implode())).collect()
    best = known.sort("weight", maintain_order=True).unique("at", keep="first", maintain_order=True)
    noted = table.join(best.select("at", pl.col("reason").alias("noted")), on="at", how="left", maintain_order="left")
    withheld = _among(told.withheld, graph.terms.height)
    return noted.select(
        pl.when(_among(told.moved, told.triples.height).gather(table["at"]))
        .then(pl.lit("graph"))
        .when(pl.col("kind").is_null())
        .then(pl.lit("record-kind-not-supported"))
        .when(withheld.gather(table["s"]) | withheld.gather(table["o"]))
        .then(pl.lit("incomplete"))
        .otherwise(
            pl.coalesce(
                "noted", placed["inherited"].gather(table["place"]), _of_link(parts, graph), pl.lit("no-column")
            )
        )
        .cast(REASON)
    ).to_series()


def _named(groups: pl.DataFrame, placed: pl.DataFrame, kinds: pl.DataFrame, graph: GraphTable) -> pl.DataFrame:
    """``groups`` with the names of their classes and fields, an example of their records and of their values."""
    names = _curies(graph, [*groups["own_p"].drop_nulls().unique(), *groups["own_class"].drop_nulls().unique()])
    path = kinds["path"].gather(groups["kind"]).fill_null("")
    own_p = pl.col("own_p").replace_strict(*names, default=None, return_dtype=pl.String)
    own_class = pl.col("own_class").replace_strict(*names, default=None, return_dtype=pl.String)
    named = groups.with_columns(
        pl.concat_str(
            path,
            own_p.fill_null("@id"),
            pl.when((pl.col("reason") == "identifier") & own_p.is_not_null())
            .then(pl.lit("/@id"))
            .otherwise(pl.lit("")),
        ).alias("field"),
        pl.coalesce(kinds["class"].gather(groups["kind"]), own_class).alias("class"),
        pl.coalesce(placed["record"].gather(_places(placed, graph, groups["s"])), "s").alias("record"),
        pl.col("reason").cast(pl.String),
    )
    # A link to another address and the node that has it are told at one field.
    named = (
        named.group_by("class", "field", "reason", maintain_order=True)
        .agg(
            pl.col("count").sum(),
            pl.col("record").first(),
            pl.col("v").explode().unique(maintain_order=True).head(EXAMPLES),
        )
        .sort("class", "field", "reason", nulls_last=True)
    )
    nt = graph.terms["lexical"]
    flat = named.with_row_index("n").select("n", "v").explode("v")
    texts = flat.select("n", nt.gather(flat["v"]).alias("v")).group_by("n", maintain_order=True).agg("v")["v"]
    return named.select(
        "class",
        "field",
        "reason",
        "count",
        nt.gather(named["record"]).alias("example_record"),
        texts.list.first().alias("example_value"),
        texts.alias("examples"),
        *(
            pl.col("reason")
            .replace_strict(list(REASONS), [text.to(lang) for text in REASONS.values()], return_dtype=pl.String)
            .alias(f"message_{lang}")
            for lang in ("en", "fr")
        ),
    )


def fields_of(parts: list[Part], graph: GraphTable, told: Lost) -> pl.DataFrame:
    """All fields of the input by record class: columns of `FIELD_SCHEMA`; types and links within a record are fields too."""
    lost = told.positions
    all_triples = graph.frame.triples.select("s", told.triples["p"], "o")
    subjects = all_triples["s"].unique()
    placed = (
        _placed(parts, graph, all_triples[lost], _reached(parts, _among(subjects, graph.terms.height)))
        .select("s", "path", "class")
        .unique("s")
    )
    gone = pl.zeros(len(graph.frame), dtype=pl.UInt32, eager=True).scatter(lost, 1)
    counted = (
        all_triples.with_row_index("at")
        .select("s", "p", gone.alias("lost"), told.restated.is_not_null().alias("restated") & (gone > 0))
        .join(placed.join(_classes(graph, subjects), on="s", how="full", coalesce=True), on="s", how="left")
        .group_by(pl.coalesce("class", "own_class").alias("class"), pl.col("path").fill_null(""), "p")
        .agg(pl.len().cast(pl.UInt32).alias("total"), pl.col("lost", "restated").sum().cast(pl.UInt32))
    )
    names = {int(p): curie(graph.frame.term(int(p)).lexical) for p in counted["p"].unique()}
    name = pl.col("p").replace_strict(list(names), list(names.values()), return_dtype=pl.String)
    table = counted.select("class", pl.concat_str([pl.col("path"), name]).alias("field"), "total", "lost", "restated")
    return table.sort("class", "field", nulls_last=True)


def _curies(graph: GraphTable, terms: Iterable[int]) -> tuple[list[int], list[str]]:
    """The codes ``terms``, and the curie of each."""
    codes = list(dict.fromkeys(terms))
    return codes, [curie(graph.frame.term(code).lexical) for code in codes]


def _reached(parts: list[Part], wanted: pl.Series) -> pl.DataFrame:
    """The nodes that have rows: s, path (curies, each with its slash), record and its class. ``wanted``: of each term, whether it
    is asked for."""
    found = [pl.DataFrame(schema={"s": pl.UInt32, "path": pl.String, "record": pl.UInt32, "class": pl.String})]
    for part in parts:
        nodes = part.inverse.nodes
        record = next((curie(name) for name in classes(nodes[0].map)), None)
        for number, node in enumerate(nodes):
            if not node.joins:
                codes = part.rows[f"n{number}"]
                found.append(
                    part.rows.select(
                        codes.alias("s"),
                        pl.lit("".join(curie_step(step) + "/" for step in node.path)).alias("path"),
                        pl.col("n0").alias("record"),
                        pl.lit(record, pl.String).alias("class"),
                    ).filter(wanted.gather(codes).fill_null(value=False))
                )
    return pl.concat(found).unique("s", keep="first", maintain_order=True)


def _placed(parts: list[Part], graph: GraphTable, lost: pl.DataFrame, reached: pl.DataFrame) -> pl.DataFrame:
    """`_reached`, and below it the nodes that lost links lead to, with the reason that they inherit from the link."""
    placed = reached.with_columns(pl.lit(None, pl.String).alias("inherited"))
    frontier = placed
    below = _among(lost["s"], graph.terms.height) & ~_among(reached["s"], graph.terms.height)
    links = lost.select("s", "p", "o").filter(below.gather(lost["o"]))
    several = pl.Series(
        [graph.frame.iri(p) for p in link_predicates([part.inverse for part in parts])], dtype=pl.UInt32
    ).drop_nulls()
    for _ in range(MAX_DEPTH):
        if not links.height:
            break
        names = {int(p): curie(graph.frame.term(int(p)).lexical) + "/" for p in links["p"].unique()}
        step = (
            links.join(frontier, on="s", how="inner", maintain_order="left")
            .join(placed.select(pl.col("s").alias("o")), on="o", how="anti", maintain_order="left")
            .select(
                pl.col("o").alias("s"),
                pl.concat_str(
                    [
                        pl.col("path"),
                        pl.col("p").replace_strict(list(names), list(names.values()), return_dtype=pl.String),
                    ]
                ).alias("path"),
                "record",
                "class",
                pl.coalesce(
                    "inherited",
                    pl.when(pl.col("p").is_in(several.implode()))
                    .then(pl.lit("several-values"))
                    .otherwise(pl.lit("no-column")),
                ).alias("inherited"),
            )
            .unique("s", keep="first", maintain_order=True)
        )
        if not step.height:
            break
        placed = pl.concat([placed, step])
        frontier = step
    return placed


def _of_link(parts: list[Part], graph: GraphTable) -> pl.Expr:
    """A lost triple of a link that the mapping knows: another node was taken."""
    known = pl.Series(
        [graph.frame.iri(p) for p in link_predicates([part.inverse for part in parts])], dtype=pl.UInt32
    ).drop_nulls()
    return pl.when(pl.col("p").is_in(known.implode())).then(pl.lit("several-values"))


def _classes(graph: GraphTable, wanted: pl.Series | None = None) -> pl.DataFrame:
    """The first class of each node (of each of ``wanted``), as a curie."""
    types = graph.triples(RDF_TYPE)
    if wanted is not None:
        types = types.filter(pl.col("s").is_in(wanted.implode()))
    types = types.unique("s", keep="first", maintain_order=True)
    names = {int(o): curie(graph.frame.term(int(o)).lexical) for o in types["o"].unique()}
    own = pl.col("o").replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String)
    return (
        types.select("s", own.alias("own_class"))
        if names
        else pl.DataFrame(schema={"s": pl.UInt32, "own_class": pl.String})
    )
