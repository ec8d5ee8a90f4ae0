"""Why triples are lost: each gets the path of its field and one reason, and they are counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from datahub.i18n import Text
from datahub.mapping.expressed import Part
from datahub.mapping.graphtable import GraphTable
from datahub.mapping.inverse import classes, curie_step
from datahub.mapping.navigation import link_predicates
from datahub.rdf.terms import LITERAL, RDF_TYPE, curie

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

    def restated(self) -> pl.Expr:
        """The reason of a triple, by its position ``at``, whose content is written whole; null for others."""
        placed = pl.col("at").is_in(self.placed.implode())
        by_name = placed & pl.col("at").is_in(self.renamed.implode())
        return pl.when(by_name).then(pl.lit("equivalent")).when(placed).then(pl.lit("identifier"))


def table_of(parts: list[Part], graph: GraphTable, told: Lost) -> pl.DataFrame:
    """The lost triples grouped by record class, field and reason."""
    lost = told.positions
    triples = graph.frame.triples.select("s", "p", "o")[lost].with_columns(lost.cast(pl.UInt32).alias("at"))
    triples = triples.with_columns(
        told.triples["p"].gather(lost).alias("own_p"), told.triples["o"].gather(lost).alias("own_o")
    )
    subjects = triples["s"].unique()
    reached = _reached(parts, subjects)
    notes = pl.concat([part.notes for part in parts])
    known = notes.filter(pl.col("at").is_in(lost.cast(pl.UInt32).implode())).collect()
    best = known.sort("weight", maintain_order=True).unique("at", keep="first", maintain_order=True)
    table = (
        triples.join(best.select("at", "reason"), on="at", how="left")
        .join(_placed(parts, graph, triples, reached), on="s", how="left")
        .sort("at")
    )
    predicates = {int(p): curie(graph.frame.term(int(p)).lexical) for p in table["own_p"].unique()}
    name = pl.col("own_p").replace_strict(list(predicates), list(predicates.values()), return_dtype=pl.String)
    types = _classes(graph, subjects)
    nt = graph.terms["lexical"]
    table = table.join(types, on="s", how="left", maintain_order="left").with_columns(
        pl.when(told.restated().is_not_null())
        .then(told.restated())
        .when(pl.col("at").is_in(told.moved.implode()))
        .then(pl.lit("graph"))
        .when(pl.col("path").is_null())
        .then(pl.lit("record-kind-not-supported"))
        .when(pl.col("s").is_in(told.withheld.implode()) | pl.col("o").is_in(told.withheld.implode()))
        .then(pl.lit("incomplete"))
        .otherwise(pl.coalesce("reason", "inherited", _of_link(parts, graph), pl.lit("no-column")))
        .alias("reason"),
        pl.coalesce("record", "s").alias("record"),
        pl.concat_str([pl.col("path").fill_null(""), name]).alias("field"),
        pl.coalesce("class", "own_class").alias("class"),
    )
    # A node that has another address is told once, with all that is said of it; a link to one, at the link.
    of_subject = pl.col("s").is_in(told.changed.implode())
    table = table.with_columns(
        pl.when(pl.col("reason") != "identifier")
        .then("field")
        .when(of_subject)
        .then(pl.concat_str([pl.col("path").fill_null(""), pl.lit("@id")]))
        .otherwise(pl.concat_str([pl.col("field"), pl.lit("/@id")]))
        .alias("field")
    )
    value = pl.when((pl.col("reason") == "identifier") & of_subject).then(pl.col("s")).otherwise(pl.col("own_o"))
    grouped = (
        table.with_columns(value.alias("v"))
        .group_by("class", "field", "reason", maintain_order=True)
        .agg(
            pl.len().cast(pl.UInt32).alias("count"),
            pl.col("record").first(),
            pl.col("v").unique(maintain_order=True).head(EXAMPLES),
        )
        .sort("class", "field", "reason", nulls_last=True)
    )
    flat = grouped.with_row_index("n").select("n", "v").explode("v")
    texts = flat.select("n", nt.gather(flat["v"]).alias("v")).group_by("n", maintain_order=True).agg("v")["v"]
    return grouped.select(
        "class",
        "field",
        "reason",
        "count",
        nt.gather(grouped["record"]).alias("example_record"),
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
        _placed(parts, graph, all_triples[lost], _reached(parts, subjects)).select("s", "path", "class").unique("s")
    )
    gone = pl.zeros(len(graph.frame), dtype=pl.UInt32, eager=True).scatter(lost, 1)
    counted = (
        all_triples.with_row_index("at")
        .select("s", "p", gone.alias("lost"), told.restated().is_not_null().alias("restated") & (gone > 0))
        .join(placed.join(_classes(graph, subjects), on="s", how="full", coalesce=True), on="s", how="left")
        .group_by(pl.coalesce("class", "own_class").alias("class"), pl.col("path").fill_null(""), "p")
        .agg(pl.len().cast(pl.UInt32).alias("total"), pl.col("lost", "restated").sum().cast(pl.UInt32))
    )
    names = {int(p): curie(graph.frame.term(int(p)).lexical) for p in counted["p"].unique()}
    name = pl.col("p").replace_strict(list(names), list(names.values()), return_dtype=pl.String)
    table = counted.select("class", pl.concat_str([pl.col("path"), name]).alias("field"), "total", "lost", "restated")
    return table.sort("class", "field", nulls_last=True)


def _reached(parts: list[Part], wanted: pl.Series | None = None) -> pl.DataFrame:
    """The nodes that have rows (those of ``wanted``): s, path (curies, each with its slash), record and its class."""
    asked = pl.lit(value=True) if wanted is None else pl.col("s").is_in(wanted.implode())
    found = [pl.DataFrame(schema={"s": pl.UInt32, "path": pl.String, "record": pl.UInt32, "class": pl.String})]
    for part in parts:
        nodes = part.inverse.nodes
        record = next((curie(name) for name in classes(nodes[0].map)), None)
        for number, node in enumerate(nodes):
            if not node.joins:
                found.append(
                    part.rows.lazy()
                    .select(
                        pl.col(f"n{number}").alias("s"),
                        pl.lit("".join(curie_step(step) + "/" for step in node.path)).alias("path"),
                        pl.col("n0").alias("record"),
                        pl.lit(record, pl.String).alias("class"),
                    )
                    .filter(asked)
                    .collect()
                )
    return pl.concat(found).drop_nulls("s").unique("s", keep="first", maintain_order=True)


def _placed(parts: list[Part], graph: GraphTable, lost: pl.DataFrame, reached: pl.DataFrame) -> pl.DataFrame:
    """`_reached`, and below it the nodes that lost links lead to, with the reason that they inherit from the link."""
    placed = reached.with_columns(pl.lit(None, pl.String).alias("inherited"))
    frontier = placed
    links = lost.filter(graph.terms["kind"].gather(lost["o"]) != LITERAL).select("s", "p", "o")
    subjects = lost["s"].unique().implode()
    links = links.filter(pl.col("o").is_in(subjects))
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
