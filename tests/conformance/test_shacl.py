"""The W3C SHACL test suite, Core and SPARQL: one test for each case, reports compared as graphs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic, to_isomorphic

from datahub.errors import DefinitionError
from datahub.rdf.formats import parse
from datahub.rdf.terms import BLANK, SH, Term
from datahub.shacl import load, validate
from datahub.shacl.reportgraph import rdf_node
from tests.conformance.earl import Case

SUITE = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "shacl"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
CASES = sorted(p for p in SUITE.rglob("*.ttl") if "sht:Validate" in p.read_text("utf-8")) if SUITE.is_dir() else []

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CASES, reason="the W3C SHACL suite is not there (../shared/corpus/shacl)"),
]


def triples(file: Path) -> rdflib.Graph:
    """The file as pyoxigraph reads it: rdflib's parser would rewrite ill-formed and non-canonical literals."""
    graph = rdflib.Graph()
    for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE, base_iri=file.as_uri()):
        graph.add(tuple(rdf_node(_term(node)) for node in (quad.subject, quad.predicate, quad.object)))
    return graph


def _term(node: object) -> Term:
    if isinstance(node, ox.Literal):
        return Term.literal(node.value, node.datatype.value, node.language)
    return Term(BLANK, node.value) if isinstance(node, ox.BlankNode) else Term.iri(node.value)


def report_of(graph: rdflib.Graph, node: rdflib.term.Node, with_messages: bool) -> rdflib.Graph:
    """The part of ``graph`` that describes the validation report ``node``."""
    sh = rdflib.Namespace(SH)
    out = rdflib.Graph()
    out += graph.triples((node, sh.conforms, None))
    for result in graph.objects(node, sh.result):
        out.add((node, sh.result, result))
        for _, predicate, value in graph.triples((result, None, None)):
            if predicate == sh.resultMessage and not with_messages:
                continue
            out.add((result, predicate, value))
            if predicate == sh.resultPath:
                _copy(graph, value, out)
    return out


def _copy(graph: rdflib.Graph, node: rdflib.term.Node, out: rdflib.Graph) -> None:
    if isinstance(node, rdflib.BNode):
        for triple in graph.triples((node, None, None)):
            out.add(triple)
            _copy(graph, triple[2], out)


def _read(turtle: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=turtle, format="turtle")


def told(case: Path) -> Case:
    name = case.relative_to(SUITE).with_suffix("").as_posix()
    part, form, _ = name.split("/")
    return Case(f"shacl-{part}", form, f"urn:x-shacl-test:/{name}", name.partition("/")[2])


@pytest.mark.parametrize("case", CASES, ids=lambda p: str(p.relative_to(SUITE).with_suffix("")))
def test_report_is_the_expected_one(case: Path, conformance: Callable[[Case], None]) -> None:
    conformance(told(case))
    manifest = triples(case)
    test = next(manifest.subjects(rdflib.RDF.type, rdflib.URIRef(SHT + "Validate")))
    action = manifest.value(test, rdflib.URIRef(MF + "action"))
    files = {
        name: Path(str(manifest.value(action, rdflib.URIRef(SHT + name))).removeprefix("file://"))
        for name in ("dataGraph", "shapesGraph")
    }
    data = parse(files["dataGraph"], "ttl", base=files["dataGraph"].as_uri())
    result = manifest.value(test, rdflib.URIRef(MF + "result"))
    if result == rdflib.URIRef(SHT + "Failure"):
        with pytest.raises(DefinitionError):
            load(files["shapesGraph"])
        return
    report = validate(data, load(files["shapesGraph"]))

    expected = report_of(manifest, result, with_messages=True)
    says_messages = any(expected.triples((None, rdflib.URIRef(SH + "resultMessage"), None)))
    own = report.graph()
    assert isomorphic(*(to_isomorphic(_read(text)) for text in (report.turtle(), own.serialize(format="nt"))))
    got = report_of(own, next(own.subjects(rdflib.RDF.type, rdflib.URIRef(SH + "ValidationReport"))), says_messages)
    assert isomorphic(to_isomorphic(got), to_isomorphic(expected)), report.results.select(
        "focus", "path", "value", "component", "shape", "severity"
    ).rows()
