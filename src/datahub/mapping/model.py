"""What a mapping says, as plain values: both RML vocabularies and YARRRML are read into these (RML-Core, sections 4 to 9).

See Also
--------
`datahub.mapping.rml.parse`, `datahub.mapping.yarrrml.parse`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from datahub.rdf.terms import FN, XSD_STRING, Term
from datahub.sources.access import Database, Web
from datahub.sources.csv import Dialect

DEFAULT_BASE = "http://example.com/base/"
"""What is put before relative IRIs where neither mapping nor caller says (as the test cases of RML have it)."""
FN_VALUE = FN + "value"
FN_OUT = FN + "out"
DEFAULT_GRAPHS = ("http://www.w3.org/ns/r2rml#defaultGraph", "http://w3id.org/rml/defaultGraph")
"""The names of the default graph in mappings (RML-Core section 5.4)."""


@dataclass(frozen=True)
class Reference:
    """The value of a column, or of a JSONPath or XPath below the iterator (RML-Core section 6.3)."""

    name: str

    def __str__(self) -> str:
        return "{" + self.name + "}"


@dataclass(frozen=True)
class Template:
    """Text with references in it (RML-Core section 6.4): ``parts`` are texts and references in order."""

    parts: tuple[str | Reference, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """The template written as ``text``; braces are escaped by a backslash. Raises ValueError on unbalanced braces."""
        parts: list[str | Reference] = []
        position, plain = 0, ""
        for match in _TEMPLATE.finditer(text):
            if match.start() != position:
                raise ValueError(text)
            position = match.end()
            if match.lastgroup == "reference":
                if plain:
                    parts.append(plain)
                    plain = ""
                parts.append(Reference(_unescape(match["reference"])))
            else:
                plain += _unescape(match["text"])
        if position != len(text):
            raise ValueError(text)
        return cls((*parts, plain) if plain else tuple(parts))

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references in it, in order."""
        return tuple(part for part in self.parts if isinstance(part, Reference))

    def __str__(self) -> str:
        return '"' + "".join(part if isinstance(part, str) else str(part) for part in self.parts) + '"'


_TEMPLATE = re.compile(r"\{(?P<reference>(?:\\.|[^{}\\])+)\}|(?P<text>(?:\\.|[^{}\\])+)", re.S)


def _unescape(text: str) -> str:
    return re.sub(r"\\([{}\\])", r"\1", text)


@dataclass(frozen=True)
class Constant:
    """Always the same term (RML-Core section 6.2)."""

    term: Term

    def __str__(self) -> str:
        return f"<{self.term.lexical}>" if self.term.kind == 0 else f'"{self.term.lexical}"'


@dataclass(frozen=True)
class Call:
    """A function call (RML-FNML section 3): function IRI, its inputs by parameter IRI, and the output asked for."""

    function: str
    inputs: tuple[tuple[str, Expression], ...]
    output: str | None = None

    @property
    def name(self) -> str:
        """The function's local name."""
        return re.split(r"[#/]", self.function)[-1]

    def __str__(self) -> str:
        inside = ", ".join(f"{re.split('[#/]', name)[-1]}={value}" for name, value in self.inputs)
        return f"{self.name}({inside})"


Expression = Reference | Template | Constant | Call


def references(expression: Expression | None) -> Iterator[str]:
    """The names of the references in ``expression``, in order, with repetitions."""
    if isinstance(expression, Reference):
        yield expression.name
    elif isinstance(expression, Template):
        for part in expression.references:
            yield part.name
    elif isinstance(expression, Call):
        for _, value in expression.inputs:
            yield from references(value)


class TermType(Enum):
    """What kind of term a term map yields (RML-Core section 7.4)."""

    IRI = "IRI"
    URI = "URI"
    UNSAFE_IRI = "UnsafeIRI"
    UNSAFE_URI = "UnsafeURI"
    BLANK = "BlankNode"
    LITERAL = "Literal"

    @property
    def is_iri(self) -> bool:
        """Whether the terms are IRIs, safe or not."""
        return self not in (TermType.BLANK, TermType.LITERAL)


@dataclass(frozen=True)
class TermMap:
    """A term map: how one term comes out of one row. Without expression it is a blank node of the row. ``line``: its start."""

    expression: Expression | None
    type: TermType
    datatype: Expression | None = None
    language: Expression | None = None
    condition: Expression | None = None
    line: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        text = "[]" if self.expression is None else str(self.expression)
        if self.datatype is not None:
            text += f"^^{self.datatype}"
        if self.language is not None:
            text += f"@{self.language}"
        return text if self.condition is None else f"{text} where {self.condition}"

    def expressions(self) -> Iterator[Expression]:
        """The expressions that have to be computed for it."""
        for expression in (self.expression, self.datatype, self.language, self.condition):
            if expression is not None:
                yield expression


@dataclass(frozen=True)
class Join:
    """A join condition: ``child`` over the own source equals ``parent`` over the parent's (RML-Core section 8.2)."""

    child: Expression
    parent: Expression

    def __str__(self) -> str:
        return f"{self.child} = {self.parent}"


@dataclass(frozen=True)
class Link:
    """A referencing object map: the subjects of another triples map; without joins those of the same row (RML-Core section 8)."""

    parent: str
    joins: tuple[Join, ...] = ()

    def __str__(self) -> str:
        return f"-> {local(self.parent)}" + (f" on {', '.join(map(str, self.joins))}" if self.joins else "")


@dataclass(frozen=True)
class PredicateObjectMap:
    """Predicates times objects, in graphs (RML-Core section 5.3). ``written_only``: nothing is lifted by it; where data from
    elsewhere say it so, a column that nothing else fills is filled with it."""

    predicates: tuple[TermMap, ...]
    objects: tuple[TermMap | Link, ...]
    graphs: tuple[TermMap, ...] = ()
    condition: Expression | None = None
    written_only: bool = False


@dataclass(frozen=True)
class LogicalSource:
    """Where rows come from: ``name`` as the mapping gives it, ``formulation`` csv, json, xml, table or query, ``iterator``: a
    JSONPath, an XPath, the name of a table or the text of a query.

    ``typed``: JSON numbers and booleans keep their datatype (RML-Core section 7.2); the older vocabulary makes them strings.
    ``compression``: gzip, zip, targz, tarxz. ``member``: which file of an archive or sheet of a workbook. ``origin``: where it
    lies, if that is not a file. ``namespaces``: prefixes of XPaths.
    """

    name: str
    formulation: str = "csv"
    iterator: str | None = None
    null_values: tuple[str, ...] = ()
    encoding: str | None = None
    typed: bool = field(default=True, compare=False)
    dialect: Dialect | None = None
    compression: str | None = None
    member: str | None = None
    origin: Database | Web | None = None
    namespaces: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.name} ({self.formulation}{' ' + ' '.join(self.iterator.split()) if self.iterator else ''})"


@dataclass(frozen=True)
class TriplesMap:
    """A triples map (RML-Core section 5.1). ``record`` marks the one whose subject is the record, ``row`` one of which each subject
    is written in a row of its own; ``line`` is where it starts."""

    id: str
    source: LogicalSource
    subject: TermMap
    classes: tuple[str, ...] = ()
    graphs: tuple[TermMap, ...] = ()
    properties: tuple[PredicateObjectMap, ...] = ()
    base: str | None = None
    record: bool = False
    line: int | None = field(default=None, compare=False)
    row: bool = False

    @property
    def name(self) -> str:
        """The local name of its IRI."""
        return local(self.id)

    def subject_references(self) -> frozenset[str]:
        """The references that the subject is made of."""
        return frozenset(references(self.subject.expression))


@dataclass(frozen=True)
class Mapping:
    """A whole mapping: triples maps in the order in which the document gives them."""

    maps: tuple[TriplesMap, ...]
    file: Path | None = field(default=None, compare=False)

    def map(self, identifier: str) -> TriplesMap:
        """The triples map with that IRI; KeyError where there is none."""
        return next_or_raise((m for m in self.maps if m.id == identifier), identifier)


def next_or_raise(found: Iterator[TriplesMap], identifier: str) -> TriplesMap:
    """The first of ``found``; KeyError with ``identifier`` where there is none."""
    for item in found:
        return item
    raise KeyError(identifier)


def local(identifier: str) -> str:
    """The last segment of an IRI."""
    return re.split(r"[#/]", identifier)[-1] or identifier


def natural_datatype(term: Term) -> str | None:
    """The datatype of a constant literal, None for a plain string."""
    return None if term.datatype in (None, XSD_STRING) else term.datatype
