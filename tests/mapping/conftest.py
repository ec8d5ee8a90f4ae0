"""Small mappings and tables for the mapping's tests."""

from __future__ import annotations

from io import BytesIO, StringIO
from types import SimpleNamespace

import polars as pl
import pyoxigraph as ox
import pytest

from datahub.mapping import Lifted, Lowered, lift, lift_to, lower, parse
from datahub.rdf.columns import Column
from datahub.rdf.frame import Frame, FrameBuilder
from datahub.rdf.terms import BLANK, IRI, Term
from datahub.sources.table import Table

PREFIXES = """
@prefix rml: <http://w3id.org/rml/> .
@prefix fn: <https://w3id.org/datahub/ns/fn/> .
@prefix dh: <https://w3id.org/datahub/ns/core/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <http://ex.org/> .
<#csv> rml:source "t.csv" ; rml:referenceFormulation rml:CSV .
"""
BASE = "http://hub/d/"


def table(**columns: list[str | None] | list[list[str]]) -> Table:
    """A table as a reader would make it, its first data row being row 2."""
    frame = pl.DataFrame({name: pl.Series(values) for name, values in columns.items()})
    frame = frame.with_columns(pl.col(pl.Null).cast(pl.String))
    return Table("t.csv", frame, pl.arange(2, frame.height + 2, dtype=pl.UInt32, eager=True))


def call(name: str, column: str, **constants: str) -> str:
    """The Turtle of a function call on a column, for the inside of an object or subject map."""
    inputs = "".join(f', [ rml:parameter fn:{key} ; rml:inputValue """{value}""" ]' for key, value in constants.items())
    return (
        f"rml:functionExecution [ rml:function fn:{name} ; rml:input "
        f'[ rml:parameter fn:value ; rml:inputValueMap [ rml:reference "{column}" ] ]{inputs} ] ; rml:return fn:out'
    )


def pom(predicate: str, inside: str) -> str:
    """The Turtle of a predicate-object map."""
    return f"rml:predicateObjectMap [ rml:predicate {predicate} ; rml:objectMap [ {inside} ] ]"


def triples_map(
    name: str, subject: str, *poms: str, cls: str | None = None, source: str = "csv", extra: str = ""
) -> str:
    """The Turtle of a triples map whose subject is a template."""
    kind = f"; rml:class {cls}" if cls else ""
    head = f'<#{name}> {extra} rml:logicalSource <#{source}> ; rml:subjectMap [ rml:template "{subject}" {kind} ]'
    return " ;\n  ".join([head, *poms]) + " .\n"


def lifted(turtle: str, codes: object = None, **columns: list[str | None] | list[list[str]]) -> Lifted:
    """The lift of one table by the mapping ``turtle``; written without a dictionary of terms, it gives the same lines."""
    mapping, tables = parse(PREFIXES + turtle), {"t.csv": table(**columns)}
    result = lift(mapping, tables, BASE, codes)  # type: ignore[arg-type]
    out = BytesIO()
    written = lift_to(out, mapping, tables, BASE, codes, graphs=True)  # type: ignore[arg-type]
    text = out.getvalue().decode()
    assert sorted(StringIO(text, newline="\n")) == sorted(result.frame.lines().to_list())
    assert written.statements == len(result.frame)
    assert written.findings.sort(pl.all()).equals(result.findings.unique().sort(pl.all()))
    return result


def lowered(turtle: str, frame: Frame, codes: object = None, base: str = BASE) -> Lowered:
    """The lowering of ``frame`` by the mapping ``turtle``."""
    return lower(parse(PREFIXES + turtle), frame, base, codes)  # type: ignore[arg-type]


def lines(frame: Frame) -> set[str]:
    """The N-Triples lines of ``frame`` without their ends, the test's namespaces shortened."""
    return {
        line.removesuffix(" .\n").replace("http://ex.org/", "ex:").replace(BASE, "")
        for line in frame.canonical_lines().to_list()
    }


def graph(turtle: str) -> Frame:
    """A frame of the Turtle ``turtle``, with the prefix ex: and the base http://hub/d/."""
    builder = FrameBuilder()
    for quad in ox.parse(
        f"@prefix ex: <http://ex.org/> . {turtle}".encode(), format=ox.RdfFormat.TURTLE, base_iri="http://hub/d/"
    ):
        kind = BLANK if isinstance(quad.subject, ox.BlankNode) else IRI
        value = quad.object
        builder.add(
            Column(kind, pl.Series([quad.subject.value])),
            Term.iri(quad.predicate.value),
            Term.literal(value.value, value.datatype.value, value.language)
            if isinstance(value, ox.Literal)
            else Term(BLANK if isinstance(value, ox.BlankNode) else IRI, value.value),
        )
    return builder.build()


def shop() -> str:
    """A mapping with a product, its price node, its producer, a language, a code list and a derived value."""
    return (
        triples_map(
            "product",
            "p/{sku}",
            pom("ex:sku", 'rml:reference "sku"'),
            pom("ex:name", 'rml:reference "name" ; rml:language "fr"'),
            pom("ex:NAME", call("upper", "name")),
            pom("ex:unit", call("recode", "unit", pairs="kg=KG|l=L")),
            pom("ex:price", "rml:parentTriplesMap <#price>"),
            pom("ex:by", "rml:parentTriplesMap <#farm>"),
            cls="ex:Product",
            extra="dh:recordMap true ;",
        )
        + triples_map(
            "price",
            "p/{sku}#price",
            pom("ex:value", call("decimalComma", "price")),
            pom("ex:of", "rml:parentTriplesMap <#product>"),
            cls="ex:Price",
        )
        + triples_map(
            "farm",
            "f/{farm}",
            pom("ex:name", 'rml:reference "farm"'),
            pom("ex:makes", "rml:parentTriplesMap <#product>"),
            cls="ex:Farm",
        )
    )


@pytest.fixture(scope="session")
def kit() -> SimpleNamespace:
    """The helpers above, as tests cannot import one another."""
    return SimpleNamespace(
        PREFIXES=PREFIXES, BASE=BASE, table=table, call=call, pom=pom, triples_map=triples_map, lifted=lifted,
        lowered=lowered, lines=lines, graph=graph, shop=shop(),
    )  # fmt: skip
