"""Constraints that are SPARQL queries: sh:sparql (SHACL section 5) and declared components (section 6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import polars as pl

from datahub.rdf.terms import IRI, Term
from datahub.shacl import joins
from datahub.shacl import model as m
from datahub.shacl.answers import SHAPES_GRAPH
from datahub.shacl.data import CODE, PAIRS
from datahub.shacl.engine import Scope
from datahub.shacl.sparql import Query

Solution = dict[str, Term]
_PLACE = re.compile(r"\{[?$](\w+)\}")


def sparql(constraint: m.Sparql, scope: Scope) -> pl.DataFrame:
    """5.3: each solution is a result."""
    return _results(scope, constraint.query, (), constraint.messages)


def custom(constraint: m.Custom, scope: Scope) -> pl.DataFrame:
    """6.2: each solution of a SELECT validator is a result; so is each value node for which an ASK validator is false."""
    query = constraint.query
    if not query.asks:
        return _results(scope, query, constraint.parameters, constraint.messages)
    terms = _terms(scope.data.terms, [*scope.pairs["focus"], *scope.pairs["value"]])
    pairs = [(terms[focus], terms[value]) for focus, value in scope.pairs.iter_rows()]
    names, fixed = _fixed(query, scope.shape.node, constraint.parameters)
    rows = [(*pair, *fixed) for pair in pairs]
    true = {
        (found["this"], found["value"]) for found in scope.engine.answers.ask(query, ("this", "value", *names), rows)
    }
    bad = scope.pairs.filter(pl.Series([pair not in true for pair in pairs], dtype=pl.Boolean))
    known = dict(constraint.parameters)
    said = [
        _said(constraint.messages, {**known, "this": terms[focus], "value": terms[value]}, None)
        for focus, value in bad.iter_rows()
    ]
    return bad.with_columns(pl.Series("said", said, dtype=pl.List(pl.String)))


def _results(
    scope: Scope,
    query: Query,
    parameters: Sequence[tuple[str, Term]],
    messages: Sequence[tuple[str, str]],
) -> pl.DataFrame:
    """The solutions of a SELECT query as rows (section 5.3.2)."""
    data = scope.data
    found = _solutions(scope, query, parameters)
    is_node = scope.shape.path is None
    values = [solution.get("value", solution["this"] if is_node else None) for solution in found]
    paths = [path if (path := solution.get("path")) and path.kind == IRI else None for solution in found]
    code = data.intern([*(s["this"] for s in found), *filter(None, values), *filter(None, paths)])
    known = dict(parameters)
    return pl.DataFrame(
        {
            "focus": [code[solution["this"]] for solution in found],
            "value": [None if value is None else code[value] for value in values],
            "path": [None if path is None else code[path] for path in paths],
            "said": [_said(messages, {**known, **solution}, solution.get("message")) for solution in found],
        },
        schema={**PAIRS, "path": CODE, "said": pl.List(pl.String)},
    )


def _solutions(scope: Scope, query: Query, parameters: Sequence[tuple[str, Term]]) -> list[Solution]:
    """By columns where the query is plain, else by the embedded engine."""
    if query.plain is not None:
        try:
            table = joins.solutions(query.plain, scope.data, scope.focus)
        except joins.UnanswerableError:
            pass
        else:
            terms = _terms(scope.data.terms, pl.concat([table[name] for name in table.columns]))
            return [{name: terms[code] for name, code in row.items()} for row in table.iter_rows(named=True)]
    names, fixed = _fixed(query, scope.shape.node, parameters)
    terms = _terms(scope.data.terms, scope.focus.codes)
    rows = [(terms[code], *fixed) for code in scope.focus.codes]
    return [each for each in scope.engine.answers.ask(query, ("this", *names), rows) if "this" in each]


def _fixed(query: Query, shape: Term, parameters: Iterable[tuple[str, Term]]) -> tuple[list[str], list[Term]]:
    """What is bound to the same term for all nodes, as far as the query names it."""
    own = [("shapesGraph", SHAPES_GRAPH), ("currentShape", shape), *parameters]
    used = [(name, term) for name, term in own if name in query.variables]
    return [name for name, _ in used], [term for _, term in used]


def _said(messages: Sequence[tuple[str, str]], known: Solution, message: Term | None) -> list[str] | None:
    """The sentences of ``messages`` with their places filled; the query's own ?message stands for all of them."""
    if message is not None:
        return [message.lexical] * max(1, len(messages))
    if not any(_PLACE.search(text) for _, text in messages):
        return None

    def filled(match: re.Match[str]) -> str:
        return known[match[1]].lexical if match[1] in known else match[0]

    return [_PLACE.sub(filled, text) for _, text in messages]


def _terms(table: pl.DataFrame, codes: Iterable[int]) -> dict[int, Term]:
    wanted = pl.Series(list(codes), dtype=CODE).unique()
    return {code: Term(*row) for code, row in zip(wanted, table[wanted].iter_rows(), strict=True)}
