"""The results of a W3C report as a multiset, for comparing engines."""

from __future__ import annotations

from collections import Counter

from rdflib import Graph, Literal, Namespace, URIRef

from datahub.rdf.terms import SH

Results = Counter[tuple[str | None, ...]]


def results(graph: Graph) -> Results:
    """(focus, path, value, component, shape) of each result of the report.

    Paths that are blank nodes count as one kind, and values only for the components of SHACL itself: pySHACL leaves them out
    where a SPARQL ASK validator failed (section 6.3.2 asks for them).
    """
    sh = Namespace(SH)
    found: Results = Counter()
    for result in graph.objects(None, sh.result):
        component = graph.value(result, sh.sourceConstraintComponent)
        names = ["focusNode", "resultPath", "sourceShape", *(["value"] if str(component).startswith(SH) else [])]
        parts = [component, *(graph.value(result, sh[name]) for name in names)]
        found[
            tuple(part if part is None else part.n3() if isinstance(part, URIRef | Literal) else "_" for part in parts)
        ] += 1
    return found
