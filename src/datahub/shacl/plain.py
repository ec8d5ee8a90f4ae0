"""SPARQL queries of a plain form, read without a full parser: triple patterns, filters and [NOT] EXISTS around $this.

They are most of the queries that shapes hold, and they can be answered as joins over columns (`datahub.shacl.joins`). Whatever
else a query has makes it not plain; it is then read by the full parser and answered by the embedded engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from datahub.rdf.terms import RDF_TYPE, XSD, Term

Place = Term | str
"""What stands in a triple pattern: a term, or the name of a variable."""


@dataclass(frozen=True)
class Pattern:
    """A triple pattern (SPARQL 1.1 section 5.1) whose predicate is an IRI."""

    subject: Place
    predicate: str
    object: Place

    @property
    def variables(self) -> frozenset[str]:
        """The variables of subject and object."""
        return frozenset(place for place in (self.subject, self.object) if isinstance(place, str))


@dataclass(frozen=True)
class Filter:
    """A FILTER: its expression as SPARQL writes it, IRIs whole, and the variables in it. ``compares``: left, sign and right, where
    it is no more than a comparison by order."""

    text: str
    variables: frozenset[str]
    compares: tuple[Place, str, Place] | None


@dataclass(frozen=True)
class Exists:
    """FILTER EXISTS, or FILTER NOT EXISTS where ``wanted`` is false."""

    wanted: bool
    group: Group


@dataclass(frozen=True)
class Group:
    """A group of patterns, all of which are joined, and what is asked of each solution."""

    patterns: tuple[Pattern, ...]
    filters: tuple[Filter, ...]
    exists: tuple[Exists, ...]

    @property
    def variables(self) -> frozenset[str]:
        """The variables that a solution binds."""
        return frozenset().union(*(pattern.variables for pattern in self.patterns))

    def everywhere(self) -> Iterator[Group]:
        """The group and those inside of it."""
        yield self
        for each in self.exists:
            yield from each.group.everywhere()


@dataclass(frozen=True)
class Plain:
    """SELECT of ``projected`` variables (all where None) from ``group``; ``named``: terms that it selects under a name."""

    projected: tuple[str, ...] | None
    named: tuple[tuple[str, Term], ...]
    distinct: bool
    group: Group

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms of the patterns, predicates included, of the comparisons and those that are selected."""
        found: list[Place] = [term for _, term in self.named]
        for group in self.group.everywhere():
            for pattern in group.patterns:
                found += [pattern.subject, Term.iri(pattern.predicate), pattern.object]
            for left, _, right in filter(None, (each.compares for each in group.filters)):
                found += [left, right]
        return tuple(dict.fromkeys(place for place in found if isinstance(place, Term)))

    @property
    def predicates(self) -> frozenset[str]:
        """The predicates of the patterns: nothing else of the data can count."""
        return frozenset(pattern.predicate for group in self.group.everywhere() for pattern in group.patterns)


def read(text: str, prefixes: Mapping[str, str]) -> Plain | None:
    """The plain form of the query ``text``; None where it has any other. That it is well formed is for a parser to say."""
    try:
        return _Reader(text, prefixes).query()
    except _NotPlainError:
        return None


class _NotPlainError(Exception):
    """The query has something else."""


_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<string>"(?:[^"\\\n\r])*"(?!")|'(?:[^'\\\n\r])*'(?!'))
    |(?P<iri><[^<>"{}|^`\\\s]*>)
    |(?P<variable>[?$]\w+)
    |(?P<pname>(?:[A-Za-z][\w\-]*)?:(?:[A-Za-z0-9_][\w\-]*)?)
    |(?P<number>\d+(?:\.\d+)?(?![\w.]*[eE]))
    |(?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<sign>\^\^|&&|\|\||!=|<=|>=|[{}().;,/^<>=!+*\-])""",
    re.VERBOSE,
)
_WIDER = frozenset(("EXISTS", "RAND", "UUID", "STRUUID", "BNODE", "NOW", "SELECT"))
"""Words by which a filter depends on more than the values of its variables, or differs from one time to the next."""
_GIVEN = frozenset({"this"})
_SIGNS = ("<", "<=", ">", ">=")


class _Reader:
    def __init__(self, text: str, prefixes: Mapping[str, str]) -> None:
        self.prefixes = dict(prefixes)
        self.tokens = list(_tokens(text))
        self.at = 0
        self.fresh = 0

    def query(self) -> Plain:
        while self.word("PREFIX"):
            prefix, iri = self.take("pname"), self.take("iri")
            if not prefix.endswith(":"):
                raise _NotPlainError
            self.prefixes[prefix[:-1]] = iri[1:-1]
        if not self.word("SELECT"):
            raise _NotPlainError
        distinct = self.word("DISTINCT")
        projected: tuple[str, ...] | None = None
        named: dict[str, Term] = {}
        if not self.sign("*"):
            names = []
            while self.kind() == "variable" or self.sign("("):
                if self.kind() == "variable":
                    names.append(self.take("variable")[1:])
                else:
                    self.name(named)
            projected = tuple(names)
        self.word("WHERE")
        group = self.group(nested=False, outer=_GIVEN)
        known = group.variables | _GIVEN
        if self.at != len(self.tokens) or (projected is not None and "this" not in projected):
            raise _NotPlainError
        if not {*(projected or ())} <= known or named.keys() & known:
            raise _NotPlainError
        if not _connected(group.patterns, _GIVEN):
            raise _NotPlainError
        if not all(_connected(inner.group.patterns, known) for inner in group.exists):
            raise _NotPlainError
        return Plain(projected, tuple(named.items()), distinct, group)

    def name(self, named: dict[str, Term]) -> None:
        """A term AS a variable, in brackets of which the first was read."""
        term = self.place()
        if not isinstance(term, Term) or not self.word("AS"):
            raise _NotPlainError
        named[self.take("variable")[1:]] = term
        self.expect(")")

    def group(self, *, nested: bool, outer: frozenset[str] = frozenset()) -> Group:
        self.expect("{")
        patterns: list[Pattern] = []
        filters: list[Filter] = []
        inside: list[tuple[bool, int]] = []
        while not self.sign("}"):
            if self.word("FILTER"):
                wanted = not self.word("NOT")
                if self.word("EXISTS"):
                    if nested:
                        raise _NotPlainError
                    inside.append((wanted, self.at))
                    self.skip_group()
                elif wanted:
                    filters.append(self.filter())
                else:
                    raise _NotPlainError
                self.sign(".")
            else:
                patterns += self.triples()
        if not patterns and (nested or not (filters or inside)):
            raise _NotPlainError
        known = outer | Group(tuple(patterns), (), ()).variables
        if any(not each.variables or not each.variables <= known for each in filters):
            raise _NotPlainError
        end = self.at
        exists = [Exists(wanted, self.inner(start, known)) for wanted, start in inside]
        self.at = end
        return Group(tuple(patterns), tuple(filters), tuple(exists))

    def inner(self, start: int, known: frozenset[str]) -> Group:
        self.at = start
        return self.group(nested=True, outer=known)

    def skip_group(self) -> None:
        if not self.sign("{"):
            raise _NotPlainError
        self.skip("{", "}")

    def skip(self, opening: str, closing: str) -> None:
        """To behind the sign that closes the one before."""
        depth = 1
        while depth:
            kind, token = self.next()
            depth += (token == opening) - (token == closing) if kind == "sign" else 0

    def triples(self) -> Iterator[Pattern]:
        subject = self.place()
        while True:
            steps = self.path()
            while True:
                yield from self.chain(subject, steps, self.place())
                if not self.sign(","):
                    break
            if not self.sign(";"):
                break
            if self.peek() in (("sign", "."), ("sign", "}")):
                break
        if not self.sign(".") and self.peek() != ("sign", "}") and self.peek()[1].upper() != "FILTER":
            raise _NotPlainError

    def chain(self, subject: Place, steps: list[tuple[str, bool]], end: Place) -> Iterator[Pattern]:
        """A path of predicates, some of them inverse, as patterns with variables of their own between them."""
        here = subject
        for number, (predicate, inverse) in enumerate(steps, 1):
            there: Place = end
            if number < len(steps):
                self.fresh += 1
                there = f"-{self.fresh}"  # no variable of a query can have this name
            yield Pattern(there, predicate, here) if inverse else Pattern(here, predicate, there)
            here = there

    def path(self) -> list[tuple[str, bool]]:
        steps = []
        while True:
            inverse = self.sign("^")
            steps.append((self.predicate(), inverse))
            if not self.sign("/"):
                return steps

    def predicate(self) -> str:
        kind, token = self.next()
        if (kind, token) == ("word", "a"):
            return RDF_TYPE
        return self.iri(kind, token)

    def iri(self, kind: str, token: str) -> str:
        if kind == "iri" and ":" in token:
            return token[1:-1]
        if kind == "pname":
            prefix, _, local = token.partition(":")
            if prefix in self.prefixes:
                return self.prefixes[prefix] + local
        raise _NotPlainError

    def place(self) -> Place:
        kind, token = self.next()
        if kind == "variable":
            return token[1:]
        if kind == "string":
            if self.kind() == "language":
                return Term.literal(token[1:-1], language=self.take("language")[1:])
            if self.sign("^^"):
                return Term.literal(token[1:-1], self.iri(*self.next()))
            return Term.literal(token[1:-1])
        if kind == "number":
            return Term.literal(token, XSD + ("decimal" if "." in token else "integer"))
        if kind == "word" and token in ("true", "false"):
            return Term.literal(token, XSD + "boolean")
        return Term.iri(self.iri(kind, token))

    def filter(self) -> Filter:
        start = self.at
        if not self.sign("("):
            self.next()
            self.expect("(")
        self.skip("(", ")")
        tokens = self.tokens[start : self.at]
        if any(kind == "word" and token.upper() in _WIDER for kind, token in tokens):
            raise _NotPlainError
        # A word stands close to its bracket: the embedded engine takes CONCAT and COALESCE for names otherwise.
        text = "".join(
            self.whole(kind, token) + ("" if kind == "word" and after == ("sign", "(") else " ")
            for (kind, token), after in zip(tokens, [*tokens[1:], ("", "")], strict=True)
        )
        variables = frozenset(token[1:] for kind, token in tokens if kind == "variable")
        return Filter(text.replace(" ^^ ", "^^").replace(" @", "@"), variables, self.comparison(start))

    def whole(self, kind: str, token: str) -> str:
        return f"<{self.iri(kind, token)}>" if kind == "pname" else token

    def comparison(self, start: int) -> tuple[Place, str, Place] | None:
        """What is compared by order in the brackets from ``start`` on; the place in the text stays."""
        end = self.at
        self.at = start
        try:
            self.expect("(")
            left, (_, sign), right = self.place(), self.next(), self.place()
            plain = self.sign(")") and self.at == end and sign in _SIGNS
            return (left, sign, right) if plain and {type(left), type(right)} & {str} else None
        except _NotPlainError:
            return None
        finally:
            self.at = end

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "")

    def kind(self) -> str:
        return self.peek()[0]

    def next(self) -> tuple[str, str]:
        token = self.peek()
        if not token[0]:
            raise _NotPlainError
        self.at += 1
        return token

    def take(self, kind: str) -> str:
        if self.kind() != kind:
            raise _NotPlainError
        return self.next()[1]

    def word(self, word: str) -> bool:
        return self._is("word", word)

    def sign(self, sign: str) -> bool:
        return self._is("sign", sign)

    def _is(self, kind: str, token: str) -> bool:
        found = self.kind() == kind and self.peek()[1].upper() == token
        self.at += found
        return found

    def expect(self, sign: str) -> None:
        if not self.sign(sign):
            raise _NotPlainError


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _NotPlainError
        at = found.end()
        if found.lastgroup and found.lastgroup != "space":
            yield found.lastgroup, found[0]


def _connected(patterns: Iterable[Pattern], known: Iterable[str]) -> bool:
    """Whether each pattern is reached from the variables ``known``, one from the other."""
    reached, left = set(known), list(patterns)
    while left:
        near = [pattern for pattern in left if pattern.variables & reached]
        if not near:
            return False
        reached.update(*(pattern.variables for pattern in near))
        left = [pattern for pattern in left if pattern not in near]
    return True
