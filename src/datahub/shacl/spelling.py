"""Terms on their way into the embedded SPARQL engine and back.

The engine can't be told a blank node, so each goes in as an IRI of its own, and queries that ask what kind a term is are changed to
match. What it would write in another form goes in under a stand-in (`datahub.shacl.forms`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
import pyoxigraph as ox

from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, IRI, LITERAL, Term
from datahub.shacl import forms
from datahub.shacl.sparql import tokens

Node = ox.NamedNode | ox.BlankNode | ox.Literal
BLANKS = "urn:x-datahub:blank:"


def named(term: Term) -> Term:
    """``term`` as the engine is told it: a blank node has an IRI."""
    return Term.iri(BLANKS + term.lexical) if term.kind == BLANK else term


def node(term: Term) -> Node:
    """`named` for the engine."""
    if term.kind == LITERAL:
        if term.language:
            return ox.Literal(term.lexical, language=term.language)
        return ox.Literal(term.lexical, datatype=ox.NamedNode(term.datatype or ""))
    return ox.NamedNode(named(term).lexical)


def term(found: object) -> Term:
    """What the engine gave, with its blank nodes and its literals as they are written."""
    if isinstance(found, ox.NamedNode):
        iri = found.value
        return Term(BLANK, iri.removeprefix(BLANKS)) if iri.startswith(BLANKS) else Term.iri(iri)
    if isinstance(found, ox.BlankNode):
        return Term(BLANK, found.value)
    assert isinstance(found, ox.Literal)
    return forms.as_written(Term.literal(found.value, found.datatype.value, found.language))


def with_names(frame: Frame) -> Frame:
    """``frame`` with an IRI for each blank node."""
    blank = pl.col("kind") == BLANK
    terms = frame.terms.with_columns(
        pl.when(blank).then(pl.lit(IRI, pl.UInt8)).otherwise("kind").alias("kind"),
        pl.when(blank).then(pl.concat_str([pl.lit(BLANKS), pl.col("lexical")])).otherwise("lexical").alias("lexical"),
    )
    return Frame(terms, frame.triples)


_KINDS = {
    "ISBLANK": "(isBlank({x}) || (isIRI({x}) && STRSTARTS(STR({x}), '" + BLANKS + "')))",
    "ISIRI": "(isIRI({x}) && !STRSTARTS(STR({x}), '" + BLANKS + "'))",
    "ISURI": "(isIRI({x}) && !STRSTARTS(STR({x}), '" + BLANKS + "'))",
    **{
        name: name + "(IF(isIRI({x}) && STRSTARTS(STR({x}), '" + BLANKS + "'), 1/0, {x}))"
        for name in ("STR", "IRI", "URI")
    },
}
"""The functions that tell a blank node from an IRI (SPARQL 1.1 section 17.4.2); of a blank node STR and IRI are errors."""


def asking_of_names(text: str) -> str:
    """The query ``text`` for data `with_names`."""
    parts = list(tokens(text))
    return "".join(_changed(parts, 0, len(parts)))


def _changed(parts: Sequence[str], start: int, end: int) -> Iterator[str]:
    at = start
    while at < end:
        form = _KINDS.get(parts[at].upper())
        opening = next((i for i in range(at + 1, end) if not parts[i].isspace()), end)
        if form is None or opening == end or parts[opening] != "(" or (at > start and parts[at - 1] == ":"):
            yield parts[at]
            at += 1
            continue
        closing, depth = opening + 1, 1
        while closing < end:
            depth += {"(": 1, ")": -1}.get(parts[closing], 0)
            if depth == 0:
                break
            closing += 1
        yield form.format(x="(" + "".join(_changed(parts, opening + 1, closing)).strip() + ")")
        at = closing + 1
