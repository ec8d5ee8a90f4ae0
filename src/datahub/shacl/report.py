"""The validation report (SHACL section 3.6): columns first, RDF on demand."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from datahub.i18n import LANGS, Text
from datahub.rdf.terms import SH, Term
from datahub.shacl import messages
from datahub.shacl.engine import ROWS, Rows
from datahub.shacl.model import Constraint, Shape, Shapes
from datahub.shacl.paths import text

if TYPE_CHECKING:
    from rdflib import Graph

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
NOTHING_CHECKED = Text(
    "No shape found a node to check: nothing was checked.",
    "Aucune forme n'a trouvé de nœud à vérifier : rien n'a été vérifié.",
)


class NothingCheckedWarning(UserWarning):
    """A validation in which no shape found a focus node."""


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
        """Whether there is no result at all, of whatever severity (SHACL section 3.6.1.1).

        Warns (`NothingCheckedWarning`) where no shape found a node to check: that says nothing of the data.
        """
        if not self.focus_nodes:
            warnings.warn(NOTHING_CHECKED.en, NothingCheckedWarning, stacklevel=2)
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
        own_words = [pl.coalesce(pl.lit(hits[name]), name).alias(name) for name in _SENTENCES]
        return (
            hits.select("focus", "value", "times", path.alias("path"))
            .with_columns(details)
            .with_columns(own_words)
            .select(list(RESULT_SCHEMA))
        )

    @cached_property
    def _hits(self) -> pl.DataFrame:
        tables = [
            rows.table.select(*ROWS, "times", pl.lit(rule, pl.UInt32).alias("rule"), *_filled(rows))
            for rule, rows in enumerate(self.rows)
        ]
        found = pl.concat(tables)
        # By text, not by code: the codes of equal frames differ from one parse to the next.
        order = [self.terms["lexical"].gather(found["focus"]).alias("focus")]
        order += [self.terms[name].gather(found["value"]).alias(name) for name in ("lexical", "datatype", "language")]
        keys = pl.DataFrame([found["rule"], *order])
        return found[keys.select(pl.arg_sort_by(*keys.columns)).to_series()]

    @cached_property
    def _rules(self) -> pl.DataFrame:
        """What all results of one constraint share."""
        return pl.DataFrame(
            [self._rule(rows.shape, rows.constraint) for rows in self.rows],
            schema={name: dtype for name, dtype in RESULT_SCHEMA.items() if name not in ("focus", "value", "times")},
            orient="row",
        )

    def _rule(self, shape: Shape, constraint: Constraint) -> tuple[str | None, ...]:
        said, fix = messages.message(shape, constraint, self.shapes), messages.fix(shape, constraint)
        return (
            None if shape.path is None else text(shape.path),
            constraint.component,
            shape.node.lexical,
            _severity(shape),
            said.en,
            said.fr,
            fix.en,
            fix.fr,
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
        """The report as SHACL section 3.6 writes it, for rdflib."""
        from datahub.shacl.reportgraph import written  # rdflib is loaded only for those who want RDF

        return written(self)

    def turtle(self) -> str:
        """The report as SHACL section 3.6 writes it, in Turtle."""
        from datahub.shacl.reportturtle import turtle

        told = "" if self.focus_nodes else f"# {NOTHING_CHECKED.en}\n# {NOTHING_CHECKED.fr}\n"
        return told + turtle(self)


_SENTENCES = ("message_en", "message_fr")


def _filled(rows: Rows) -> list[pl.Expr]:
    """The sentences of each result in the product's languages, where a query filled them; else nulls."""
    told = [language.split("-")[0] for language, _ in messages.told(rows.shape, rows.constraint)] or [""]
    found = []
    for column, lang in zip(_SENTENCES, LANGS, strict=True):
        at = next((told.index(each) for each in (lang, "") if each in told), None)
        own = pl.lit(None, pl.String) if at is None or "said" not in rows.table.columns else pl.col("said").list.get(at)
        found.append(own.alias(column))
    return found


def _severity(shape: Shape) -> str:
    """violation, warning or info; a severity of one's own counts as a violation, as nothing says that it is less."""
    return {SH + "Warning": "warning", SH + "Info": "info"}.get(shape.severity, "violation")
