"""A shapes graph as an index of terms: subject → predicate → objects. Shapes graphs are small; this is not the hot path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from datahub.errors import DefinitionError, InputError, Place
from datahub.i18n import LANGS, Text
from datahub.rdf.formats import format_for, parse
from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, IRI, RDF, RDF_TYPE, RDFS, Term

if TYPE_CHECKING:
    import rdflib

Triple = tuple[Term, str, Term]

TOLD = 100
"""How many broken things one error lists."""
BLANKS = "shapes-"
"""How the blank nodes of shapes files begin: those of the data are others, and a report names both."""
FIRST, REST, NIL = RDF + "first", RDF + "rest", Term.iri(RDF + "nil")


def broken(code: str, node: Term, en: str, fr: str, **values: object) -> DefinitionError:
    """A `DefinitionError` about ``node`` of the shapes graph; ``{node}`` and ``values`` are put into both sentences."""
    message = Text(en, fr).format(node=shown(node), **values)
    return BrokenShapesError(code, message, node)


class BrokenShapesError(DefinitionError):
    """``node`` of a shapes graph is broken."""

    def __init__(self, code: str, message: Text, node: Term) -> None:
        super().__init__(code, message, place=Place(value=node.lexical))
        self.node = node


class SeveralBrokenError(DefinitionError):
    """``problems`` are broken, each with its own place and code; the code is that of the first."""

    def __init__(self, problems: tuple[DefinitionError, ...]) -> None:
        listed, left = problems[:TOLD], len(problems) - TOLD
        heads = Text(f"{len(problems)} things are broken:", f"{len(problems)} choses sont cassées :")
        ends = Text(f"… and {left} more.", f"… et {left} autres.") if left > 0 else None
        message = Text(
            *(
                "\n".join(
                    [heads.to(lang), *(f"- {each.to(lang)}" for each in listed), *([ends.to(lang)] if ends else [])]
                )
                for lang in LANGS
            )
        )
        super().__init__(problems[0].code, message)
        self.problems = problems


def several(problems: Sequence[DefinitionError]) -> DefinitionError:
    """All ``problems`` as one error: the only one, or `SeveralBrokenError`; what was noted twice is told once."""
    once = tuple({(each.code, each.message, each.place): each for each in problems}.values())
    return once[0] if len(once) == 1 else SeveralBrokenError(once)


def shown(node: Term) -> str:
    """``node`` as an error names it."""
    return (
        f"<{node.lexical}>" if node.kind == IRI else f"_:{node.lexical}" if node.kind == BLANK else f'"{node.lexical}"'
    )


class ShapesGraph:
    """The triples of a shapes graph, with the look-ups that reading shapes needs. ``files``: where each subject is described."""

    def __init__(self, triples: Iterable[Triple], files: dict[Term, Path] | None = None) -> None:
        found: dict[Term, dict[str, dict[Term, None]]] = {}
        self.files = {} if files is None else files
        for s, p, o in triples:
            found.setdefault(s, {}).setdefault(p, {})[o] = None
        self.index = {s: {p: list(values) for p, values in properties.items()} for s, properties in found.items()}

    def values(self, node: Term, predicate: str) -> list[Term]:
        """The objects of ``node`` and ``predicate`` in document order."""
        return self.index.get(node, {}).get(predicate, [])

    def subjects(self, predicate: str, value: Term | None = None) -> Iterator[Term]:
        """The subjects that have ``predicate`` (with ``value``, when given)."""
        for subject, properties in self.index.items():
            if predicate in properties and (value is None or value in properties[predicate]):
                yield subject

    def referring(self, node: Term) -> Iterator[Term]:
        """The subjects that have ``node`` as an object."""
        for subject, properties in self.index.items():
            if any(node in values for values in properties.values()):
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
    if not isinstance(source, Path | str | Sequence):
        return ShapesGraph(_rdflib_triples(source))
    named = [source] if isinstance(source, Path | str) else source
    labels: dict[tuple[Path, str], Term] = {}
    files: dict[Term, Path] = {}
    triples = (
        (files.setdefault(triple[0], file), triple)
        for file, frame in _parsed(dict.fromkeys(Path(file).resolve() for file in named))
        for triple in _numbered(_frame_triples(frame), file, labels)
    )
    return ShapesGraph((triple for _, triple in triples), files)


def _parsed(files: Iterable[Path]) -> list[tuple[Path, Frame]]:
    """Each of ``files``, read; all that can't be read are told together."""
    read_ones, problems = [], []
    for file in files:
        try:
            read_ones.append((file, parse(file, format_for(file.name), base=file.as_uri())))
        except InputError as error:
            place = Place(file.name, error.place.row, value=error.place.value)
            problems.append(DefinitionError("shapes-" + error.code, error.message, error.fix, place))
    if problems:
        raise several(problems)
    return read_ones


def _frame_triples(frame: Frame) -> Iterator[Triple]:
    terms = [Term(*row) for row in frame.terms.iter_rows()]
    for s, p, o in frame.triples.select("s", "p", "o").iter_rows():
        yield terms[s], terms[p].lexical, terms[o]


def _numbered(triples: Iterable[Triple], file: Path, labels: dict[tuple[Path, str], Term]) -> Iterator[Triple]:
    """``triples`` with blank nodes numbered in document order: two files stay apart, and reports are the same in each run."""

    def named(term: Term) -> Term:
        return (
            labels.setdefault((file, term.lexical), Term(BLANK, f"{BLANKS}{len(labels)}"))
            if term.kind == BLANK
            else term
        )

    for s, p, o in triples:
        yield named(s), p, named(o)


def _rdflib_triples(graph: rdflib.Graph) -> Iterator[Triple]:
    from rdflib import BNode, Literal  # only who passes an rdflib graph needs rdflib

    def term(node: rdflib.term.Node) -> Term:
        if isinstance(node, Literal):
            return Term.literal(str(node), str(node.datatype) if node.datatype else None, node.language)
        return Term(BLANK, str(node)) if isinstance(node, BNode) else Term.iri(str(node))

    for s, p, o in graph:
        yield term(s), str(p), term(o)
