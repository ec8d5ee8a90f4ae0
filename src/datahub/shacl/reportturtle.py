"""The validation report in Turtle (SHACL section 3.6), written by columns: there may be as many results as rows."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from datahub.rdf.columns import escape, escaped
from datahub.rdf.frame import ntriples_terms
from datahub.rdf.terms import BLANK, IRI, SH, Term
from datahub.shacl import messages
from datahub.shacl.engine import Rows
from datahub.shacl.model import Sparql
from datahub.shacl.paths import REPEATS, Alternative, Inverse, Path, Predicate, Repeat, Sequence
from datahub.shacl.report import Report
from datahub.shacl.sparql import written

RESULT = "_:datahub-result-"
"""How the blank nodes of results begin; labels of the data don't."""


def turtle(report: Report) -> str:
    """``report`` in Turtle. Values stand as they do in the data, blank nodes under their labels."""
    count = sum(int(rows.table["times"].sum()) for rows in report.rows)
    head = f"@prefix sh: <{SH}> .\n\n[] a sh:ValidationReport ;\n  sh:conforms {str(not report.rows).lower()}"
    if count:
        head += " ;\n  sh:result " + " , ".join(f"{RESULT}{number}" for number in range(count))
    parts = [head + " .\n"]
    terms = _Terms(report)
    start = 0
    for rows in report.rows:
        blocks = _blocks(report, rows, terms, start)
        start += len(blocks)
        parts += blocks.to_list()
    return "\n".join(parts)


class _Terms:
    """The terms of a report in N-Triples: those few that results name."""

    def __init__(self, report: Report) -> None:
        named = [rows.table[name].drop_nulls() for rows in report.rows for name in ("focus", "value", "path")]
        self._codes = pl.concat(named).unique().sort() if named else pl.Series(dtype=pl.UInt32)
        self._texts = ntriples_terms(report.terms[self._codes])

    def spelt(self, codes: pl.Series) -> pl.Series:
        """The text of each of ``codes``; null stays null."""
        place = self._codes.search_sorted(codes)
        return self._texts.gather(pl.select(pl.when(codes.is_not_null()).then(place)).to_series())


def _blocks(report: Report, rows: Rows, terms: _Terms, start: int) -> pl.Series:
    """The results of one constraint, one text each."""
    shape, constraint = rows.shape, rows.constraint
    table = rows.table[pl.arange(0, rows.table.height, eager=True).repeat_by(rows.table["times"]).explode()]
    cells = table.select(
        pl.int_range(start, start + pl.len()).cast(pl.String).alias("number"),
        *(pl.lit(terms.spelt(table[name])).alias(name) for name in ("focus", "value", "path")),
        *(["said"] if "said" in table.columns else []),
    )
    own_path = None if shape.path is None else _path(shape.path)
    path = pl.col("path") if own_path is None else pl.coalesce("path", pl.lit(own_path))
    source = f" ;\n  sh:sourceConstraint {_node(constraint.source)}" if isinstance(constraint, Sparql) else ""
    fixed = (
        f" ;\n  sh:resultSeverity <{shape.severity}> ;\n  sh:sourceConstraintComponent <{constraint.component}>"
        f" ;\n  sh:sourceShape {_node(shape.node)}{source}"
    )
    return cells.select(
        pl.concat_str(
            pl.lit(RESULT),
            "number",
            pl.lit(" a sh:ValidationResult ;\n  sh:focusNode "),
            "focus",
            _member("value", pl.col("value")),
            _member("resultPath", path),
            pl.lit(fixed),
            *_sentences(report, rows),
            pl.lit(" .\n"),
        ).alias("")
    ).to_series()


def _member(name: str, value: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(f" ;\n  sh:{name} "), value).fill_null("")


def _sentences(report: Report, rows: Rows) -> Iterator[pl.Expr]:
    """The messages: those that a query filled, else the shape's own, else generated ones."""
    made = messages.generated(rows.shape, rows.constraint, report.shapes)
    told = messages.told(rows.shape, rows.constraint) or (("en", made.en), ("fr", made.fr))
    for at, (language, sentence) in enumerate(told):
        end = f'"@{language}' if language else '"'
        text = pl.lit(escape(sentence))
        if "said" in rows.table.columns:
            text = pl.coalesce(escaped(pl.col("said").list.get(at, null_on_oob=True)), text)
        yield pl.concat_str(pl.lit(' ;\n  sh:resultMessage "'), text, pl.lit(end))


def _node(term: Term) -> str:
    return f"_:{term.lexical}" if term.kind == BLANK else written(term) if term.kind != IRI else f"<{term.lexical}>"


def _path(path: Path) -> str:
    """``path`` as SHACL section 2.3.1 spells it."""
    match path:
        case Predicate(iri):
            return f"<{iri}>"
        case Inverse(inner):
            return f"[ sh:inversePath {_path(inner)} ]"
        case Sequence(steps):
            return f"( {' '.join(map(_path, steps))} )"
        case Alternative(options):
            return f"[ sh:alternativePath ( {' '.join(map(_path, options))} ) ]"
        case Repeat(inner, sign):
            name = next(name for name, own in REPEATS.items() if own == sign)
            return f"[ sh:{name} {_path(inner)} ]"
