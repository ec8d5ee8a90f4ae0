"""The results of a W3C report as a multiset, for comparing engines."""

from __future__ import annotations

from collections import Counter

from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from datahub.rdf.terms import SH

Results = Counter[tuple[str | None, ...]]


def results(graph: Graph) -> Results:
    """(component, focus, path, shape, severity, value) of each result of the report.

    Blank nodes count as one kind, and values only for the components of SHACL itself: pySHACL leaves them out where a SPARQL ASK
    validator failed (section 6.3.2 asks for them). Language tags are compared in lower case (RDF 1.1 section 3.3).
    """
    sh = Namespace(SH)
    found: Results = Counter()
    for result in graph.objects(None, sh.result):
        component = graph.value(result, sh.sourceConstraintComponent)
        value = graph.value(result, sh.value) if str(component).startswith(SH) else None
        path = graph.value(result, sh.resultPath)
        parts = [
            component,
            *(graph.value(result, sh[name]) for name in ("focusNode", "sourceShape", "resultSeverity")),
            value,
        ]
        found[(*(_shown(part) for part in parts), None if path is None else _path(graph, path))] += 1
    return found


def messages(graph: Graph, shapes: Graph) -> Results:
    """(shape, component, focus, messages) of each result whose shape has sh:message; those of queries are their own."""
    sh = Namespace(SH)
    found: Results = Counter()
    for result in graph.objects(None, sh.result):
        shape, component = (graph.value(result, sh[name]) for name in ("sourceShape", "sourceConstraintComponent"))
        if (shape, sh.message, None) in shapes and component != sh.SPARQLConstraintComponent:
            said = sorted(message.n3() for message in graph.objects(result, sh.resultMessage))
            found[(_shown(shape), _shown(component), _shown(graph.value(result, sh.focusNode)), *said)] += 1
    return found


def _shown(part: Node | None) -> str | None:
    if isinstance(part, Literal) and part.language:
        return Literal(str(part), lang=part.language.lower()).n3()
    return part if part is None else part.n3() if isinstance(part, URIRef | Literal) else "_"


def _path(graph: Graph, node: Node) -> str:
    """The path, spelt out."""
    if not isinstance(node, BNode):
        return str(node)
    if (node, URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#first"), None) in graph:
        return "(" + " ".join(_path(graph, step) for step in Collection(graph, node)) + ")"
    return (
        "[" + " ".join(f"{p.split('#')[-1]} {_path(graph, o)}" for p, o in sorted(graph.predicate_objects(node))) + "]"
    )
