"""The validation report (SHACL section 3.6): columns first, RDF on demand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node as RdfNode

from datahub.i18n import Text
from datahub.rdf.terms import BLANK, IRI, LANG_STRING, RDF, SH, XSD_STRING, Term
from datahub.shacl import messages
from datahub.shacl.engine import ROWS, Rows
from datahub.shacl.model import Constraint, Shape, Shapes
from datahub.shacl.paths import add, text

RESULT_SCHEMA: dict[str, type[pl.DataType]] = {
    "focus": pl.UInt32,
    "path": pl.String,
    "value": pl.UInt32,
    "component": pl.String,
    "shape": pl.String,
    "severity": pl.String,
    "message_en": pl.String,
    "message_fr": pl.String,
    "fix_en": pl.String,
    "fix_fr": pl.String,
    "times": pl.UInt32,
}
"""focus, value: codes of `Report.terms` (codes of the validated frame come first and are the same there); value may be null.
path: predicate IRI, or SPARQL path text, or null. shape: IRI or blank node label of the source shape. severity: violation, warning
or info. times: how many results of the standard this row stands for: it validates a nested shape for each way to its focus node."""

EXAMPLES = 3


@dataclass(frozen=True, eq=False)
class Report:
    """What validation found.

    ``rows`` are the results by constraint, ``terms`` the term table that their codes refer to, ``unused`` the targeted shapes that
    selected no focus node, ``focus_nodes`` how many nodes were checked.
    """

    rows: tuple[Rows, ...]
    terms: pl.DataFrame
    shapes: Shapes
    unused: tuple[Shape, ...]
    focus_nodes: int

    @property
    def conforms(self) -> bool:
        """Whether there is no result at all, of whatever severity (SHACL section 3.6.1.1)."""
        return not self.rows

    @property
    def accepted(self) -> bool:
        """Whether there is no violation; warnings and infos may be there."""
        return all(_severity(rows.shape) != "violation" for rows in self.rows)

    @cached_property
    def results(self) -> pl.DataFrame:
        """The results, with the columns of `RESULT_SCHEMA`, by shape and then by focus node."""
        if not self.rows:
            return pl.DataFrame(schema=RESULT_SCHEMA)
        rules = self._rules
        columns = [name for name in RESULT_SCHEMA if name in rules.columns and name != "path"]
        hits = self._hits
        own = self.terms["lexical"].gather(hits["path"])
        path = pl.coalesce(pl.lit(own), pl.lit(rules["path"].gather(hits["rule"])))
        details = [rules[name].gather(hits["rule"]) for name in columns]
        return (
            hits.select("focus", "value", "times", path.alias("path")).with_columns(details).select(list(RESULT_SCHEMA))
        )

    @cached_property
    def _hits(self) -> pl.DataFrame:
        tables = [
            rows.table.select(*ROWS, "times", pl.lit(rule, pl.UInt32).alias("rule"))
            for rule, rows in enumerate(self.rows)
        ]
        return pl.concat(tables).sort("rule", "focus", "value", maintain_order=True)

    @cached_property
    def _rules(self) -> pl.DataFrame:
        """What all results of one constraint share."""
        return pl.DataFrame(
            [self._rule(rows.shape, rows.constraint) for rows in self.rows],
            schema={name: dtype for name, dtype in RESULT_SCHEMA.items() if name not in ("focus", "value", "times")},
            orient="row",
        )

    def _rule(self, shape: Shape, constraint: Constraint) -> tuple[str | None, ...]:
        said = messages.message(shape, constraint, self.shapes)
        return (
            None if shape.path is None else text(shape.path),
            constraint.component,
            shape.node.lexical,
            _severity(shape),
            said.en,
            said.fr,
            *messages.fix(shape),
        )

    def summary(self) -> pl.DataFrame:
        """The results by shape, component and path: ``count`` (rows), ``nodes`` (distinct focus nodes), and the first three focus
        nodes and values as text (``examples``, ``values``); the most frequent first."""
        shared = ["shape", "component", "path", "severity", "message_en", "message_fr", "fix_en", "fix_fr"]
        lexical = self.terms["lexical"]
        table = self.results.with_columns(
            lexical.gather(self.results["focus"]).alias("example"), lexical.gather(self.results["value"]).alias("text")
        )
        return (
            table.group_by(shared, maintain_order=True)
            .agg(
                pl.len().alias("count"),
                pl.col("focus").n_unique().alias("nodes"),
                pl.col("example").unique(maintain_order=True).head(EXAMPLES).alias("examples"),
                pl.col("text").drop_nulls().unique(maintain_order=True).head(EXAMPLES).alias("values"),
            )
            .sort("count", descending=True, maintain_order=True)
        )

    def term(self, code: int) -> Term:
        """The term behind a code of `results`."""
        return Term(*self.terms.row(code))

    def graph(self) -> Graph:
        """The report as SHACL section 3.6 writes it. sh:resultMessage: the shape's own sh:message, else the generated ones."""
        graph = Graph()
        graph.bind("sh", SH)
        report = BNode()
        graph.add((report, URIRef(RDF + "type"), URIRef(SH + "ValidationReport")))
        graph.add((report, URIRef(SH + "conforms"), Literal(self.conforms)))
        for rows in self.rows:
            said = rows.shape.messages or _tagged(messages.generated(rows.shape, rows.constraint, self.shapes))
            shared = [
                (URIRef(RDF + "type"), URIRef(SH + "ValidationResult")),
                (URIRef(SH + "resultSeverity"), URIRef(rows.shape.severity)),
                (URIRef(SH + "sourceConstraintComponent"), URIRef(rows.constraint.component)),
                (URIRef(SH + "sourceShape"), rdf_node(rows.shape.node)),
                *((URIRef(SH + "resultMessage"), Literal(sentence, lang=lang or None)) for lang, sentence in said),
            ]
            for focus, value, path, times in rows.table.select("focus", "value", "path", "times").iter_rows():
                for _ in range(times):
                    result = BNode()
                    graph.add((report, URIRef(SH + "result"), result))
                    self._describe(graph, result, shared, rows.shape, focus, value, path)
        return graph

    def _describe(
        self,
        graph: Graph,
        result: BNode,
        shared: Sequence[tuple[URIRef, RdfNode]],
        shape: Shape,
        focus: int,
        value: int | None,
        path: int | None,
    ) -> None:
        for predicate, node in shared:
            graph.add((result, predicate, node))
        graph.add((result, URIRef(SH + "focusNode"), rdf_node(self.term(focus))))
        if value is not None:
            graph.add((result, URIRef(SH + "value"), rdf_node(self.term(value))))
        if path is not None:
            graph.add((result, URIRef(SH + "resultPath"), rdf_node(self.term(path))))
        elif shape.path is not None:
            graph.add((result, URIRef(SH + "resultPath"), add(shape.path, graph)))


def rdf_node(term: Term) -> RdfNode:
    """``term`` for rdflib, its lexical form untouched."""
    if term.kind == IRI:
        return URIRef(term.lexical)
    if term.kind == BLANK:
        return BNode(term.lexical)
    if term.datatype == LANG_STRING:
        return Literal(term.lexical, lang=term.language)
    datatype = None if term.datatype in (None, XSD_STRING) else URIRef(term.datatype)
    return Literal(term.lexical, datatype=datatype, normalize=False)


def _tagged(said: Text) -> Iterable[tuple[str, str]]:
    return (("en", said.en), ("fr", said.fr))


def _severity(shape: Shape) -> str:
    """violation, warning or info; a severity of one's own counts as a violation, as nothing says that it is less."""
    return {SH + "Warning": "warning", SH + "Info": "info"}.get(shape.severity, "violation")
