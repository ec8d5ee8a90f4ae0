"""The validation report as RDF (SHACL section 3.6), for rdflib."""

from __future__ import annotations

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from datahub.rdf.terms import BLANK, IRI, LANG_STRING, RDF, SH, XSD_STRING, Term
from datahub.shacl import messages
from datahub.shacl.engine import Rows
from datahub.shacl.model import Shapes, Sparql
from datahub.shacl.paths import REPEATS, Alternative, Inverse, Path, Predicate, Repeat, Sequence
from datahub.shacl.report import Report


def written(report: Report) -> Graph:
    """``report`` as a graph. sh:resultMessage: the shape's own sh:message where it has one, else the generated sentences."""
    graph = Graph()
    graph.bind("sh", SH)
    node = BNode()
    graph.add((node, URIRef(RDF + "type"), URIRef(SH + "ValidationReport")))
    graph.add((node, URIRef(SH + "conforms"), Literal(not report.rows)))
    for rows in report.rows:
        shared = _shared(rows, report.shapes)
        own_path = rows.shape.path
        filled = rows.table["said"].to_list() if "said" in rows.table.columns else [None] * rows.table.height
        table = rows.table.select("focus", "value", "path", "times")
        for (focus, value, path, times), said in zip(table.iter_rows(), filled, strict=True):
            described = [
                *shared,
                *_messages(rows, report.shapes, said),
                (URIRef(SH + "focusNode"), rdf_node(report.term(focus))),
            ]
            if value is not None:
                described.append((URIRef(SH + "value"), rdf_node(report.term(value))))
            if path is not None:
                described.append((URIRef(SH + "resultPath"), rdf_node(report.term(path))))
            for _ in range(times):
                result = BNode()
                graph.add((node, URIRef(SH + "result"), result))
                for predicate, term in described:
                    graph.add((result, predicate, term))
                if path is None and own_path is not None:
                    graph.add((result, URIRef(SH + "resultPath"), add_path(own_path, graph)))
    return graph


def _shared(rows: Rows, shapes: Shapes) -> list[tuple[URIRef, Node]]:
    """What all results of one constraint have in common."""
    source = [rows.constraint.source] if isinstance(rows.constraint, Sparql) else []
    return [
        (URIRef(RDF + "type"), URIRef(SH + "ValidationResult")),
        (URIRef(SH + "resultSeverity"), URIRef(rows.shape.severity)),
        (URIRef(SH + "sourceConstraintComponent"), URIRef(rows.constraint.component)),
        (URIRef(SH + "sourceShape"), rdf_node(rows.shape.node)),
        *((URIRef(SH + "sourceConstraint"), rdf_node(node)) for node in source),
    ]


def _messages(rows: Rows, shapes: Shapes, said: list[str] | None) -> list[tuple[URIRef, Node]]:
    """``said``: the sentences of this result, where a query filled them."""
    made = messages.generated(rows.shape, rows.constraint, shapes)
    told = messages.told(rows.shape, rows.constraint) or (("en", made.en), ("fr", made.fr))
    own = [(language, sentence) for (language, _), sentence in zip(told, said, strict=False)] if said else told
    return [(URIRef(SH + "resultMessage"), Literal(sentence, lang=language or None)) for language, sentence in own]


def rdf_node(term: Term) -> Node:
    """``term`` for rdflib, its lexical form untouched."""
    if term.kind == IRI:
        return URIRef(term.lexical)
    if term.kind == BLANK:
        return BNode(term.lexical)
    if term.datatype == LANG_STRING:
        return Literal(term.lexical, lang=term.language)
    datatype = None if term.datatype in (None, XSD_STRING) else URIRef(term.datatype)
    return Literal(term.lexical, datatype=datatype, normalize=False)


def add_path(path: Path, graph: Graph) -> Node:
    """Writes the path into ``graph`` as SHACL section 2.3.1 spells it, and returns its node."""
    match path:
        case Predicate(iri):
            return URIRef(iri)
        case Sequence(steps):
            head = BNode()
            Collection(graph, head, [add_path(step, graph) for step in steps])
            return head
        case Inverse(inner):
            node = BNode()
            graph.add((node, URIRef(SH + "inversePath"), add_path(inner, graph)))
            return node
        case Alternative(options):
            node, head = BNode(), BNode()
            Collection(graph, head, [add_path(option, graph) for option in options])
            graph.add((node, URIRef(SH + "alternativePath"), head))
            return node
        case Repeat(inner, sign):
            node = BNode()
            name = next(name for name, own in REPEATS.items() if own == sign)
            graph.add((node, URIRef(SH + name), add_path(inner, graph)))
            return node
