"""Terms on their way into the embedded SPARQL engine and back.

The engine can't be told a blank node, so each goes in as an IRI of its own, and queries that ask what kind a term is are changed to
match. It keeps numbers, booleans and times as values: what comes back is canonical (``2.5`` for ``2.50``), and gets back the form
in which the data write it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import polars as pl
import pyoxigraph as ox

from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, IRI, LITERAL, XSD, XSD_STRING, Term
from datahub.shacl.sparql import tokens, written

Node = ox.NamedNode | ox.BlankNode | ox.Literal
Solution = dict[str, Term]
BLANKS = "urn:x-datahub:blank:"
AT_ONCE = 20_000


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
    """What the engine gave, with its blank nodes."""
    if isinstance(found, ox.NamedNode):
        iri = found.value
        return Term(BLANK, iri.removeprefix(BLANKS)) if iri.startswith(BLANKS) else Term.iri(iri)
    if isinstance(found, ox.BlankNode):
        return Term(BLANK, found.value)
    assert isinstance(found, ox.Literal)
    return Term.literal(found.value, found.datatype.value, found.language)


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


_VALUED = re.compile(
    re.escape(XSD)
    + r"(?!string$|anyURI$|language$|token$|normalizedString$|Name$|NCName$|NMTOKEN$|QName$|hexBinary$|base64Binary$)"
)


def canonical(terms: Iterable[Term]) -> dict[Term, Term]:
    """Those of ``terms`` that the engine gives back in another form, with that form."""
    typed = [
        each
        for each in dict.fromkeys(terms)
        if each.kind == LITERAL and each.datatype != XSD_STRING and _VALUED.match(each.datatype or "")
    ]
    changed: dict[Term, Term] = {}
    for start in range(0, len(typed), AT_ONCE):
        part = typed[start : start + AT_ONCE]
        listed = " ".join(f"({number} {written(each)})" for number, each in enumerate(part))
        found = ox.Store().query(f"SELECT ?n ?v {{ VALUES (?n ?v) {{ {listed} }} }}")
        assert isinstance(found, ox.QuerySolutions)
        for solution in found:
            own, back = part[int(str(term(solution["n"]).lexical))], term(solution["v"])
            if own != back:
                changed[own] = back
    return changed


def restored(found: Sequence[Solution], frame: Frame) -> list[Solution]:
    """``found`` with literals as ``frame`` writes them: where it writes one value in several ways, as $this has it."""
    typed = {
        each for solution in found for each in solution.values() if each.kind == LITERAL and each.datatype != XSD_STRING
    }
    datatypes = {each.datatype for each in typed if _VALUED.match(each.datatype or "")}
    if not datatypes:
        return list(found)
    rows = frame.terms.filter(pl.col("datatype").is_in(pl.Series(sorted(filter(None, datatypes))).implode()))
    known = [Term(*row) for row in rows.iter_rows()]
    ways: dict[Term, list[Term]] = {}
    for own, back in canonical(known).items():
        ways.setdefault(back, []).append(own)
    as_is = set(known)

    def spelt(each: Term, this: Term | None) -> Term:
        options = [*([each] if each in as_is else []), *ways.get(each, ())]
        if len(options) < 2 or this is None:
            return options[0] if options else each
        subject = frame.code(this)
        chosen: Term = next((one for one in options if _has(frame, subject, one)), options[0])
        return chosen

    return [
        {name: spelt(each, solution.get("this")) if each in typed else each for name, each in solution.items()}
        for solution in found
    ]


def _has(frame: Frame, subject: int | None, value: Term) -> bool:
    return bool(((frame.triples["s"] == subject) & (frame.triples["o"] == frame.code(value))).any())
