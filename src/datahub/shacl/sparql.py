"""SPARQL in shapes, as text: prefixes, what pre-binding forbids, and how a query is asked for many nodes at once.

SHACL sections 5.2, 5.3 and 6.2, and appendix A (pre-binding). A pre-bound variable has its value in every group of the query, so
each group starts with a VALUES block that holds it; groups of EXISTS and OPTIONAL see the value from outside. A query that
cuts off its solutions is asked node by node.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from datahub.errors import DefinitionError
from datahub.rdf.terms import IRI, LANG_STRING, LITERAL, SH, XSD_STRING, Term
from datahub.shacl import plain
from datahub.shacl.plain import Plain
from datahub.shacl.shapesgraph import ShapesGraph, broken

if TYPE_CHECKING:
    from rdflib.plugins.sparql.parserutils import CompValue

Row = tuple[Term | None, ...]

_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r'|<[^<>"{}|^`\\\s]*>|\#[^\n]*|[?$]\w+|\w+|\s+|.',
    re.S,
)
_SEEN_FROM_OUTSIDE = ("EXISTS", "OPTIONAL")
_UNBINDABLE = {
    "MinusGraphPattern": "MINUS",
    "InlineData": "VALUES",
    "ServiceGraphPattern": "SERVICE",
}
_OWN = ("this", "shapesGraph", "currentShape")


@dataclass(frozen=True)
class Query:
    """A query of a shape, as SELECT.

    ``asks``: it was an ASK query, whose solutions are the nodes for which it is true. ``variables``: all that it names.
    ``predicates``: the only predicates that its answer can depend on, None where that can't be told. ``node_by_node``: it cuts off
    solutions. ``plain``: its plain form, where it has one.
    """

    text: str
    asks: bool
    variables: frozenset[str]
    predicates: frozenset[str] | None
    node_by_node: bool
    plain: Plain | None = None

    def bound(self, variables: Sequence[str], rows: Iterable[Row]) -> str:
        """The query with ``variables`` bound to ``rows`` in all of its groups. Terms are IRIs and literals, None is unbound."""
        listed = " ".join("(" + " ".join("UNDEF" if t is None else written(t) for t in row) + ")" for row in rows)
        values = f" VALUES ({' '.join('?' + name for name in variables)}) {{ {listed} }} "
        parts = list(tokens(self.text))
        words = [at for at, token in enumerate(parts) if not token.isspace() and not token.startswith("#")]
        for before, at, after in zip(words, words[1:], words[2:], strict=False):
            if (
                parts[at] == "{"
                and parts[before].upper() not in _SEEN_FROM_OUTSIDE
                and parts[after].upper() != "SELECT"
            ):
                parts[at] += values
        return "".join(parts)


def query(graph: ShapesGraph, node: Term, text: str, variables: Sequence[str], path: str | None) -> Query:
    """The query ``text`` that ``node`` of the shapes graph holds; ``variables``: what is pre-bound besides $this and $value;
    ``path``: what $PATH stands for.

    Raises:
        DefinitionError: ``shapes-sparql`` where it is no SPARQL, lacks $this, or has what pre-binding forbids.
    """
    if path is not None:
        text = "".join(path if token in ("$PATH", "?PATH") else token for token in tokens(text))
    text = _closed_up(text)
    prefixes = dict(_prefixes(graph, node))
    whole = "".join(f"PREFIX {prefix}: <{name}>\n" for prefix, name in prefixes.items()) + text
    named = frozenset(token[1:] for token in tokens(text) if token[0] in "?$")
    simple = plain.read(text, prefixes)
    if simple is not None and not named & {*variables, "shapesGraph", "currentShape"} and _parses(whole):
        return Query(whole, False, named, simple.predicates, False, simple)
    return _read_in_full(node, whole, named, len(prefixes), variables)


def _parses(text: str) -> bool:
    try:
        ox.Store().query(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _read_in_full(node: Term, whole: str, named: frozenset[str], added: int, variables: Sequence[str]) -> Query:
    """`query` by the full parser, which takes a while to load; ``added``: the lines of prefixes before the text."""
    from pyparsing.exceptions import ParseException
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        parsed = parseQuery(whole)
    except ParseException as error:
        raise _refused(
            node,
            f"it can't be read at line {error.lineno - added}",
            f"elle est illisible à la ligne {error.lineno - added}",
        ) from None
    except RecursionError:
        raise _refused(node, "it is nested too deeply", "elle est trop imbriquée") from None
    body = parsed[1]
    if body.name not in ("SelectQuery", "AskQuery"):
        raise _refused(node, "it is neither SELECT nor ASK", "ce n'est ni SELECT ni ASK")
    asks = body.name == "AskQuery"
    # An ASK validator is asked for a $value (6.3.2); a SELECT query may say itself which value is wrong (5.3.2).
    _check(node, body, {*_OWN, *variables, *(["value"] if asks else [])})
    return Query(
        _as_select(whole) if asks else whole,
        asks,
        named,
        _predicates(parsed),
        any(part.name == "LimitOffsetClauses" for part in _parts(body)),
    )


def written(term: Term) -> str:
    """``term`` as SPARQL writes it; blank nodes can't be."""
    if term.kind == IRI:
        return f"<{term.lexical}>"
    assert term.kind == LITERAL
    escaped = term.lexical.translate(_ESCAPES)
    if term.datatype == LANG_STRING:
        return f'"{escaped}"@{term.language}'
    return f'"{escaped}"' if term.datatype in (None, XSD_STRING) else f'"{escaped}"^^<{term.datatype}>'


_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


def tokens(text: str) -> Iterator[str]:
    """``text`` in pieces: strings, IRIs, comments, variables, words, spaces and signs."""
    return (match[0] for match in _TOKEN.finditer(text))


def _closed_up(text: str) -> str:
    """``text`` without space between the functions that may have any number of arguments and their bracket: the embedded engine
    takes them for names otherwise."""
    parts = list(tokens(text))
    for at, token in enumerate(parts):
        if token.upper() in ("CONCAT", "COALESCE", "BNODE"):
            idle = list(takewhile(lambda part: part.isspace() or part.startswith("#"), parts[at + 1 :]))
            if parts[at + 1 + len(idle) : at + 2 + len(idle)] == ["("]:
                parts[at + 1 : at + 1 + len(idle)] = [""] * len(idle)
    return "".join(parts)


def _prefixes(graph: ShapesGraph, node: Term) -> Iterator[tuple[str, str]]:
    """What sh:prefixes and owl:imports lead to (section 5.2.1)."""
    imports = "http://www.w3.org/2002/07/owl#imports"
    frontier = list(graph.values(node, SH + "prefixes"))
    seen: set[Term] = set()
    found: dict[str, str] = {}
    while frontier:
        ontology = frontier.pop()
        if ontology in seen:
            continue
        seen.add(ontology)
        frontier += graph.values(ontology, imports)
        for declaration in graph.values(ontology, SH + "declare"):
            prefixes, names = (graph.values(declaration, SH + part) for part in ("prefix", "namespace"))
            if len(prefixes) != 1 or len(names) != 1:
                raise _refused(node, "a prefix declaration is incomplete", "une déclaration de préfixe est incomplète")
            prefix, name = prefixes[0].lexical, names[0].lexical
            if found.setdefault(prefix, name) != name:
                raise _refused(
                    node, f"the prefix {prefix} has two meanings", f"le préfixe {prefix} a deux significations"
                )
    yield from found.items()


def _as_select(text: str) -> str:
    """An ASK query as the SELECT query of the nodes for which it is true."""
    out, done = [], False
    for token in tokens(text):
        if not done and token.upper() == "ASK":
            out.append("SELECT DISTINCT ?this ?value WHERE")
            done = True
        elif done and token.upper() == "WHERE" and "{" not in "".join(out).partition("SELECT DISTINCT")[2]:
            continue
        else:
            out.append(token)
    return "".join(out)


def _leaves(value: Any) -> Iterator[Any]:
    """The components of a parsed query, and the terms in them."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(value, CompValue):
        yield value
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, str) or not isinstance(value, Iterable):
        yield value
    else:
        for inner in value:
            yield from _leaves(inner)


def _parts(value: Any) -> Iterator[CompValue]:
    """The components of a parsed query."""
    from rdflib.plugins.sparql.parserutils import CompValue

    return (leaf for leaf in _leaves(value) if isinstance(leaf, CompValue))


def _check(node: Term, body: CompValue, bound: set[str]) -> None:
    """What pre-binding forbids (appendix A)."""
    if body.name == "SelectQuery" and body.projection and "this" not in _projected(body):
        raise _refused(node, "it does not select $this", "elle ne sélectionne pas $this")
    if body.datasetClause:  # the data graph is what is asked (section 5.3.1): an answer from elsewhere would be none
        raise _refused(node, "it has FROM", "elle contient FROM")
    if body.valuesClause:
        raise _refused(node, "it has VALUES", "elle contient VALUES")
    for part in _parts(body):
        if part.name in _UNBINDABLE:
            word = _UNBINDABLE[part.name]
            raise _refused(node, f"it has {word}", f"elle contient {word}")
        assigned = part.evar if part.name == "vars" else part.var if part.name == "Bind" else None
        if assigned is not None and str(assigned) in bound:
            raise _refused(node, f"it gives ${assigned} another value", f"elle donne une autre valeur à ${assigned}")
        if part.name in ("SelectQuery", "SubSelect") and _aggregates(part) and not _by_this(part):
            raise _refused(node, "it counts, but not by GROUP BY $this", "elle compte, mais sans GROUP BY $this")
        if part.name == "SubSelect" and "this" not in _projected(part):
            raise _refused(node, "a nested SELECT lacks $this", "un SELECT imbriqué n'a pas $this")


def _projected(select: CompValue) -> set[str]:
    """The variables that ``select`` names; ``*`` names none."""
    return {str(part.var or part.evar) for part in select.projection or ()}


def _aggregates(select: CompValue) -> bool:
    return any(part.name.startswith("Aggregate_") for part in _parts([select.projection, select.having]))


def _by_this(select: CompValue) -> bool:
    return select.groupby is not None and any(str(leaf) == "this" for leaf in _leaves(select.groupby))


def _predicates(parsed: Any) -> frozenset[str] | None:
    """All IRIs of the query, where every predicate is one of them; None where a predicate may be any."""
    from rdflib import URIRef, Variable
    from rdflib.plugins.sparql.parserutils import CompValue

    declared = {part.prefix or "": str(part.iri) for part in _parts(parsed[0]) if part.name == "PrefixDecl"}
    found: set[str] = set()
    for leaf in _leaves(parsed[1]):
        if isinstance(leaf, URIRef):
            found.add(str(leaf))
        elif not isinstance(leaf, CompValue):
            continue
        elif leaf.name == "pname":
            found.add(declared.get(leaf.prefix or "", "") + leaf.localname)
        elif leaf.name == "PathNegatedPropertySet" or (leaf.name == "PathElt" and leaf.mod in ("*", "?")):
            return None
        elif leaf.name == "TriplesBlock":
            predicates = [term for flat in leaf.triples for term in list(flat)[1::3]]
            if any(isinstance(term, Variable) for term in predicates):
                return None
    return frozenset(found)


def _refused(node: Term, en: str, fr: str) -> DefinitionError:
    return broken(
        "shapes-sparql",
        node,
        "The SPARQL query of {node} can't be used: {why_en}.",
        "La requête SPARQL de {node} est inutilisable : {why_fr}.",
        why_en=en,
        why_fr=fr,
    )
