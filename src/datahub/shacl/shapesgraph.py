"""A shapes graph as an index of terms: subject → predicate → objects. Shapes graphs are small; this is not the hot path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox
import rdflib

from datahub.errors import DefinitionError, Place
from datahub.i18n import Text
from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, IRI, RDF, RDF_TYPE, RDFS, Term

Triple = tuple[Term, str, Term]

FIRST, REST, NIL = RDF + "first", RDF + "rest", Term.iri(RDF + "nil")


def broken(code: str, node: Term, en: str, fr: str, **values: object) -> DefinitionError:
    """A `DefinitionError` about ``node`` of the shapes graph; ``{node}`` and ``values`` are put into both sentences."""
    message = Text(en, fr).format(node=shown(node), **values)
    return DefinitionError(code, message, place=Place(value=node.lexical))


def shown(node: Term) -> str:
    """``node`` as an error names it."""
    return (
        f"<{node.lexical}>" if node.kind == IRI else f"_:{node.lexical}" if node.kind == BLANK else f'"{node.lexical}"'
    )


class ShapesGraph:
    """The triples of a shapes graph, with the look-ups that reading shapes needs."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.index: dict[Term, dict[str, list[Term]]] = {}
        for s, p, o in triples:
            values = self.index.setdefault(s, {}).setdefault(p, [])
            if o not in values:
                values.append(o)

    def values(self, node: Term, predicate: str) -> list[Term]:
        """The objects of ``node`` and ``predicate`` in document order."""
        return self.index.get(node, {}).get(predicate, [])

    def subjects(self, predicate: str, value: Term | None = None) -> Iterator[Term]:
        """The subjects that have ``predicate`` (with ``value``, when given)."""
        for subject, properties in self.index.items():
            if predicate in properties and (value is None or value in properties[predicate]):
                yield subject

    def instances(self, cls: str) -> set[Term]:
        """The nodes typed with ``cls`` or one of its subclasses within this graph (SHACL section 1.1, SHACL instance)."""
        classes, frontier = {Term.iri(cls)}, [Term.iri(cls)]
        while frontier:
            for subclass in self.subjects(RDFS + "subClassOf", frontier.pop()):
                if subclass not in classes:
                    classes.add(subclass)
                    frontier.append(subclass)
        return {s for s, properties in self.index.items() if not classes.isdisjoint(properties.get(RDF_TYPE, ()))}

    def is_list(self, node: Term) -> bool:
        """Whether ``node`` begins an RDF list."""
        return node == NIL or bool(self.values(node, FIRST))

    def members(self, head: Term) -> list[Term]:
        """The members of the RDF list ``head``.

        Raises:
            DefinitionError: the list is not well formed (several rdf:first or rdf:rest, an end missing, a loop).
        """
        out: list[Term] = []
        seen: set[Term] = set()
        node = head
        while node != NIL:
            first, rest = self.values(node, FIRST), self.values(node, REST)
            if len(first) != 1 or len(rest) != 1 or node in seen:
                raise broken(
                    "shapes-list",
                    head,
                    "The RDF list {node} of the shapes is not well formed.",
                    "La liste RDF {node} des formes SHACL est mal formée.",
                )
            seen.add(node)
            out.append(first[0])
            node = rest[0]
        return out


def read(source: Frame | Path | str | Sequence[Path | str] | rdflib.Graph) -> ShapesGraph:
    """The shapes graph in ``source``: a frame, an rdflib graph, or one or more files (format by extension).

    Raises:
        DefinitionError: a file is missing or not RDF; names file and line.
    """
    if isinstance(source, Frame):
        return ShapesGraph(_frame_triples(source))
    if isinstance(source, rdflib.Graph):
        return ShapesGraph((_rdflib_term(s), str(p), _rdflib_term(o)) for s, p, o in source)
    named = [source] if isinstance(source, Path | str) else source
    files = list(dict.fromkeys(Path(file).resolve() for file in named))
    triples: list[Triple] = []
    labels: dict[tuple[int, str], Term] = {}
    for number, file in enumerate(files):
        triples.extend(_file_triples(file, number, labels))
    return ShapesGraph(triples)


def _frame_triples(frame: Frame) -> Iterator[Triple]:
    terms = [Term(*row) for row in frame.terms.iter_rows()]
    for s, p, o in frame.triples.select("s", "p", "o").iter_rows():
        yield terms[s], terms[p].lexical, terms[o]


def _rdflib_term(node: rdflib.term.Node) -> Term:
    if isinstance(node, rdflib.URIRef):
        return Term.iri(str(node))
    if isinstance(node, rdflib.Literal):
        return Term.literal(str(node), str(node.datatype) if node.datatype else None, node.language)
    return Term(BLANK, str(node))


def _file_triples(file: Path, number: int, labels: dict[tuple[int, str], Term]) -> Iterator[Triple]:
    """The triples of one file; blank nodes are numbered in document order, so that reports are the same in each run."""

    def term(node: object) -> Term:
        if isinstance(node, ox.NamedNode):
            return Term.iri(node.value)
        if isinstance(node, ox.Literal):
            return Term.literal(node.value, node.datatype.value, node.language)
        if isinstance(node, ox.BlankNode):
            return labels.setdefault((number, node.value), Term(BLANK, f"b{len(labels)}"))
        raise TypeError(f"no RDF 1.1 term: {node!r}")

    place = Place(file=file.name)
    kind = ox.RdfFormat.from_extension(file.suffix.lstrip(".")) or ox.RdfFormat.TURTLE
    try:
        for quad in ox.parse(path=str(file), format=kind, base_iri=file.as_uri()):
            yield term(quad.subject), quad.predicate.value, term(quad.object)
    except SyntaxError as error:
        raise DefinitionError(
            "shapes-syntax",
            Text(
                "These shapes are not well-formed RDF; the reading stopped here.",
                "Ces formes SHACL ne sont pas du RDF bien formé ; la lecture s'est arrêtée ici.",
            ),
            place=Place(file=file.name, row=error.lineno),
        ) from error
    except (OSError, TypeError, ValueError) as error:
        raise DefinitionError(
            "shapes-file",
            Text("The file of shapes cannot be read.", "Le fichier de formes SHACL est illisible."),
            place=place,
        ) from error
