"""Literals whose form the embedded engine would change: it keeps numbers, booleans and times as values, ``2.50`` as ``2.5``.

To SPARQL they are two terms (RDF 1.1 section 3.3), and ``str()`` tells them apart. Such a literal goes in under a stand-in, a
literal with its very form and a datatype of our own; expressions are changed so that they see its value, but where they ask for the
form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import polars as pl
import pyoxigraph as ox

from datahub.rdf.frame import Frame
from datahub.rdf.terms import LITERAL, XSD, Term
from datahub.shacl.sparql import tokens, written

STAND_IN = "urn:x-datahub:as-written:"
"""Before the name of the datatype of XML Schema."""
AT_ONCE = 20_000
_TEXTS = (
    *("string", "anyURI", "language", "token", "normalizedString", "Name", "NCName", "NMTOKEN", "QName"),
    *("hexBinary", "base64Binary"),
)
_SURE = {
    XSD + "integer": r"^(?:0|-?[1-9][0-9]{0,17})$",
    XSD + "decimal": r"^(?:0|-?[1-9][0-9]{0,8})(?:\.[0-9]{0,8}[1-9])?$",
    XSD + "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    XSD + "boolean": "^(?:true|false)$",
}
"""Forms of frequent datatypes that stay as they are: the engine need not be asked."""
_VALUE = (
    f"IF(isLITERAL({{x}}) && STRSTARTS(STR(DATATYPE({{x}})), '{STAND_IN}'), "
    f"STRDT(STR({{x}}), IRI(CONCAT('{XSD}', STRAFTER(STR(DATATYPE({{x}})), '{STAND_IN}')))), {{x}})"
)
_OF_FORM = frozenset(
    ("STR", "SAMETERM", "BOUND", "COUNT", "SAMPLE", "GROUP_CONCAT", "LANG", "ISLITERAL", "ISIRI", "ISURI", "ISBLANK")
)
"""What looks at a term and not at its value, or does not care."""
_OPENING = ("FILTER", "BIND", "HAVING", "SELECT", "BY")
"""Behind which round brackets hold an expression; in patterns they hold lists and paths."""
_THROUGH = "COALESCE"
"""What hands on one of its arguments as it is."""


def stand_ins(terms: Iterable[Term]) -> dict[Term, Term]:
    """Those of ``terms`` whose form the engine would change, each with its stand-in."""
    typed = [each for each in dict.fromkeys(terms) if _valued(each)]
    found: dict[Term, Term] = {}
    for start in range(0, len(typed), AT_ONCE):
        part = typed[start : start + AT_ONCE]
        listed = " ".join(f"({number} {written(each)})" for number, each in enumerate(part))
        solutions = ox.Store().query(f"SELECT ?n ?v {{ VALUES (?n ?v) {{ {listed} }} }}")
        assert isinstance(solutions, ox.QuerySolutions)
        for solution in solutions:
            own, back = part[int(solution["n"].value)], solution["v"]
            if (own.lexical, own.datatype) != (back.value, back.datatype.value):
                found[own] = replace(own, datatype=STAND_IN + (own.datatype or "").removeprefix(XSD))
    return found


def _valued(term: Term) -> bool:
    datatype = term.datatype or ""
    return term.kind == LITERAL and datatype.startswith(XSD) and datatype.removeprefix(XSD) not in _TEXTS


def as_written(term: Term) -> Term:
    """The literal that a stand-in stands for; any other term as it is."""
    if term.datatype is None or not term.datatype.startswith(STAND_IN):
        return term
    return replace(term, datatype=XSD + term.datatype.removeprefix(STAND_IN))


def with_stand_ins(frame: Frame) -> tuple[Frame, bool]:
    """``frame`` with a stand-in for each literal that needs one, and whether there are any."""
    datatype, lexical = pl.col("datatype"), pl.col("lexical")
    plain = datatype.is_in([XSD + name for name in _TEXTS])
    for known, form in _SURE.items():
        plain = plain | ((datatype == known) & lexical.str.contains(form))
    numbered = frame.terms.with_row_index("code")
    asked = numbered.filter(datatype.str.starts_with(XSD) & ~plain)
    if asked.is_empty():
        return frame, False
    changed = stand_ins(Term(*row) for row in asked.select(frame.terms.columns).iter_rows())
    if not changed:
        return frame, False
    keys = pl.DataFrame(
        [(own.lexical, own.datatype, other.datatype) for own, other in changed.items()],
        schema={"lexical": pl.String, "datatype": pl.String, "other": pl.String},
        orient="row",
    )
    found = asked.join(keys, on=["lexical", "datatype"])
    column = frame.terms["datatype"].scatter(found["code"], found["other"])
    return Frame(frame.terms.with_columns(column), frame.triples), True


def by_value(text: str) -> str:
    """The query ``text`` for data with stand-ins: expressions see values, patterns the terms as they are written."""
    return "".join(_Rewriting(text).group())


def filter_by_value(text: str) -> str:
    """The same for the expression of a FILTER alone, which begins with its bracket or the name of a function."""
    return by_value("FILTER " + text).removeprefix("FILTER ")


class _Rewriting:
    """One pass over the tokens of a query. ``at``: the next token."""

    def __init__(self, text: str) -> None:
        self.parts = _joined(list(tokens(text)))
        self.prefixes = dict(re.findall(r"(?i)\bPREFIX\s+([\w.-]*):\s*<([^>]*)>", text))
        self.at = 0

    def group(self) -> Iterator[str]:
        """Up to the bracket that closes, or the end: patterns, and the expressions in them."""
        opens = lasting = False  # whether the next round bracket begins an expression, and those after it
        while self.at < len(self.parts):
            token = self.take()
            word = token.upper()
            if word in _OPENING:
                opens, lasting = True, word in ("SELECT", "BY")
            elif word in ("{", "WHERE", "LIMIT", "OFFSET"):
                opens = False
            if token == "(" and opens:
                yield token
                yield from self.expression(self.function())
                opens = lasting
            elif token == "{":
                yield token
                yield from self.group()
            else:
                yield token if opens else self.constant(token)
                if token == "}":
                    return

    def expression(self, function: str, *, keeps: bool = False) -> Iterator[str]:
        """The inside of round brackets and the one that closes; ``function``: what it is the argument list of. ``keeps``: a
        variable that is a whole argument stays."""
        keeps = keeps or function in _OF_FORM
        while self.at < len(self.parts):
            token = self.take()
            if token == "{":
                yield token
                yield from self.group()
            elif token == "(":
                name = self.function()
                yield token
                yield from self.expression(name, keeps=name == _THROUGH and keeps and self.whole())
            elif token.upper() == "DATATYPE":
                yield "IRI(REPLACE(STR(DATATYPE"
                yield from self.datatype_call()
                yield f"), '^{STAND_IN}', '{XSD}'))"
            elif token[0] in "?$" and len(token) > 1:
                yield token if self.stays(keeps) else _VALUE.format(x=token)
            else:
                yield self.constant(token) if function == "SAMETERM" else token
                if token == ")":
                    return

    def datatype_call(self) -> Iterator[str]:
        """The argument of DATATYPE with its brackets."""
        while self.at < len(self.parts):
            token = self.take()
            yield token
            if token == "(":
                yield from self.expression("STR")
                return

    def stays(self, keeps: bool) -> bool:
        """Whether the variable that was taken is named AS another, or by AS, or is a whole argument of what keeps forms."""
        before, after = self.near(-1, -1, 2), self.near(0, 1)
        alone = before in ("(", ",", "DISTINCT") and after in (")", ",", ";")
        return before == "AS" or (before == "(" and after == "AS") or (keeps and alone)

    def whole(self) -> bool:
        """Whether the call of which the bracket was taken is a whole argument of another."""
        depth, end = 1, self.at
        while end < len(self.parts) and depth:
            depth += {"(": 1, ")": -1}.get(self.parts[end], 0)
            end += 1
        return self.near(-1, -1, 3) in ("(", ",") and self.near(end - self.at, 1) in (")", ",")

    def take(self) -> str:
        token = self.parts[self.at]
        self.at += 1
        return token

    def near(self, offset: int, step: int, count: int = 1) -> str:
        """The ``count``-th token from ``offset`` on, in steps, that is neither space nor comment."""
        at = self.at + offset
        while 0 <= at < len(self.parts):
            if not _idle(self.parts[at]):
                count -= 1
                if not count:
                    return self.parts[at].upper()
            at += step
        return ""

    def function(self) -> str:
        """The name before the bracket that was taken, where it is a word."""
        before = self.near(-1, -1, 2)
        return before if before.replace("_", "").isalnum() else ""

    def constant(self, token: str) -> str:
        """A literal of a pattern under its stand-in, where it needs one."""
        found = _CONSTANT.fullmatch(token)
        if found is None or self.parts[self.at - 2 : self.at - 1] == [":"]:
            return token
        if found["number"]:
            kind = "double" if "e" in token.lower() else "decimal" if "." in token else "integer"
            own = Term.literal(token, XSD + kind)
        else:
            own = Term.literal(found["text"][1:-1], self.datatype(found))
        other = stand_ins([own]).get(own)
        return token if other is None else written(other)

    def datatype(self, found: re.Match[str]) -> str:
        return found["iri"] or self.prefixes.get(found["prefix"] or "", "") + (found["local"] or "")


_CONSTANT = re.compile(
    r"""(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    |(?P<text>"[^"\\\n]*"|'[^'\\\n]*')\^\^(?:<(?P<iri>[^<>]*)>|(?P<prefix>[\w.-]*):(?P<local>\w+))""",
    re.VERBOSE,
)


def _idle(token: str) -> bool:
    return token.isspace() or token.startswith("#")


def _joined(parts: Sequence[str]) -> list[str]:
    """``parts`` with each number, and each string with its datatype, in one piece."""
    out: list[str] = []
    at = 0
    while at < len(parts):
        size = 1
        for most in (6, 5, 4, 3, 2):
            if parts[at][0].isdigit() or parts[at][0] in "\"'":
                piece = "".join(parts[at : at + most])
                if len(parts) >= at + most and _CONSTANT.fullmatch(piece):
                    size = most
                    break
        out.append("".join(parts[at : at + size]))
        at += size
    return out
