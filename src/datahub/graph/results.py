"""Query results as bytes: the SPARQL 1.1 result formats (JSON, XML, CSV and TSV) and RDF, within caps."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox

JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
CSV = "text/csv"
TSV = "text/tab-separated-values"
TABLES = {JSON: "json", XML: "xml", CSV: "csv", TSV: "tsv"}
GRAPHS = {
    "text/turtle": ("ttl", ox.RdfFormat.TURTLE),
    "application/n-triples": ("nt", ox.RdfFormat.N_TRIPLES),
    "application/rdf+xml": ("rdfxml", ox.RdfFormat.RDF_XML),
    "application/ld+json": ("jsonld", ox.RdfFormat.JSON_LD),
}
ALIASES = {"application/json": (JSON, "application/ld+json"), "application/xml": (XML, "application/rdf+xml")}

Row = list[tuple[str, Any]]


class TooMuchError(Exception):
    """A result is larger than the cap: ``args[0]`` is ``rows`` or ``bytes``."""


class Unacceptable(Exception):  # noqa: N818 (its name is the HTTP status that it becomes)
    """No format of this kind of result is acceptable to the caller."""


def choose(offers: dict[str, str], accept: str | None, name: str | None) -> str:
    """The media type for a result: by short ``name``, else by an Accept header (RFC 9110 section 12.5.1), else the first offer."""
    types = list(offers)
    if name is not None:
        for media, short in offers.items():
            if name in (short, media):
                return media
        raise Unacceptable
    if not accept or not accept.strip():
        return types[0]
    best, best_rank = None, (0.0, 0)
    for part in accept.split(","):
        media, _, parameters = part.strip().partition(";")
        media, quality, exactness = media.strip().lower(), _quality(parameters), 2
        wanted = {media, *ALIASES.get(media, ())}
        if media == "*/*":
            exactness = 0
        elif media.endswith("/*"):
            exactness = 1
        for offer in types:
            fits = offer in wanted or exactness == 0 or (exactness == 1 and offer.startswith(media[:-1]))
            if fits and (quality, exactness) > best_rank:
                best, best_rank = offer, (quality, exactness)
                break
    if best is None:
        raise Unacceptable
    return best


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        key, _, value = parameter.strip().partition("=")
        if key.lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def boolean(value: bool, media: str) -> bytes:
    """The result of an ASK query."""
    if media == JSON:
        return json.dumps({"head": {}, "boolean": value}).encode()
    word = "true" if value else "false"
    if media == XML:
        return f"{_XML_HEAD}<head></head><boolean>{word}</boolean></sparql>".encode()
    return word.encode()


def table(solutions: ox.QuerySolutions, media: str, rows: int, size: int) -> bytes:
    """The result of a SELECT query, at most ``rows`` rows and ``size`` bytes; TooMuchError beyond."""
    names = [variable.value for variable in solutions.variables]
    head, line, separator, foot = _WRITERS[media](names)
    out = io.BytesIO()
    out.write(head.encode())
    for number, solution in enumerate(solutions):
        if number >= rows:
            raise TooMuchError("rows")
        if number:
            out.write(separator)
        out.write(line([(name, solution[place]) for place, name in enumerate(names)]).encode())
        if out.tell() > size:
            raise TooMuchError("bytes")
    out.write(foot.encode())
    return out.getvalue()


def graph(triples: Iterable[ox.Triple], media: str, rows: int, size: int, prefixes: dict[str, str]) -> bytes:
    """The result of a CONSTRUCT or DESCRIBE query, each triple once, within the same caps."""
    out = _Capped(size)
    wanted = {} if media in ("application/n-triples",) else prefixes
    ox.serialize(_counted(triples, rows), out, format=GRAPHS[media][1], prefixes=wanted)
    return out.getvalue()


class _Capped(io.BytesIO):
    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def write(self, data: Any, /) -> int:
        written = super().write(data)
        if self.tell() > self._size:
            raise TooMuchError("bytes")
        return written


def _counted(triples: Iterable[ox.Triple], rows: int) -> Iterator[ox.Triple]:
    seen: set[ox.Triple] = set()
    for triple in triples:
        if triple in seen:
            continue
        seen.add(triple)
        if len(seen) > rows:
            raise TooMuchError("rows")
        yield triple


_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can't hold (section 2.2)."""
_XML_HEAD = '<?xml version="1.0"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">'
_Writer = tuple[str, Callable[[Row], str], bytes, str]


def _json(names: list[str]) -> _Writer:
    def line(row: Row) -> str:
        return json.dumps({name: _json_term(term) for name, term in row if term is not None}, ensure_ascii=False)

    return f'{{"head":{json.dumps({"vars": names})},"results":{{"bindings":[', line, b",\n", "]}}"


def _json_term(term: Any) -> dict[str, Any]:
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = {name: _json_term(getattr(term, name)) for name in ("subject", "predicate", "object")}
        return {"type": "triple", "value": parts}
    out = {"type": "literal", "value": term.value}
    if term.language:
        out["xml:lang"] = term.language
    elif term.datatype.value != "http://www.w3.org/2001/XMLSchema#string":
        out["datatype"] = term.datatype.value
    return out


def _xml(names: list[str]) -> _Writer:
    variables = "".join(f"<variable name={quoteattr(name)}/>" for name in names)

    def line(row: Row) -> str:
        bindings = (
            f"<binding name={quoteattr(name)}>{_xml_term(term)}</binding>" for name, term in row if term is not None
        )
        return f"<result>{''.join(bindings)}</result>"

    return f"{_XML_HEAD}<head>{variables}</head>\n<results>", line, b"\n", "</results></sparql>"


def _xml_term(term: Any) -> str:
    if isinstance(term, ox.NamedNode):
        return f"<uri>{escape(term.value)}</uri>"
    if isinstance(term, ox.BlankNode):
        return f"<bnode>{escape(term.value)}</bnode>"
    if isinstance(term, ox.Triple):
        parts = ("subject", "predicate", "object")
        return f"<triple>{''.join(f'<{name}>{_xml_term(getattr(term, name))}</{name}>' for name in parts)}</triple>"
    text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", term.value)
    if term.language:
        return f"<literal xml:lang={quoteattr(term.language)}>{escape(text)}</literal>"
    if term.datatype.value != "http://www.w3.org/2001/XMLSchema#string":
        return f"<literal datatype={quoteattr(term.datatype.value)}>{escape(text)}</literal>"
    return f"<literal>{escape(text)}</literal>"


def _csv(names: list[str]) -> _Writer:
    def write(cells: Iterable[str]) -> str:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\r\n").writerow(cells)
        return buffer.getvalue()

    def cell(term: Any) -> str:
        return (
            ""
            if term is None
            else f"_:{term.value}"
            if isinstance(term, ox.BlankNode)
            else getattr(term, "value", str(term))
        )

    return write(names), lambda row: write(cell(term) for _, term in row), b"", ""


def _tsv(names: list[str]) -> _Writer:
    def line(row: Row) -> str:
        cells = ("" if term is None else str(term).replace("\t", "\\t") for _, term in row)
        return "\t".join(cells) + "\n"

    return "\t".join(f"?{name}" for name in names) + "\n", line, b"", ""


_WRITERS: dict[str, Callable[[list[str]], _Writer]] = {JSON: _json, XML: _xml, CSV: _csv, TSV: _tsv}
