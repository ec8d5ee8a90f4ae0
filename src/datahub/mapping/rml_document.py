"""An RML document as nodes with their properties by local name: what the readers of its parts share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from datahub.errors import DefinitionError, Place
from datahub.i18n import Text
from datahub.mapping.model import DEFAULT_BASE, local
from datahub.mapping.problems import problem
from datahub.mapping.rml_terms import meant
from datahub.mapping.turtle_lines import LINE, numbered
from datahub.rdf.terms import DH, RDF_TYPE, Term, curie

VOCABULARIES = ("http://w3id.org/rml/", "http://semweb.mmlab.be/ns/rml#", "http://www.w3.org/ns/r2rml#")
"""Their properties are known by their local names alone: the newest took over the names of the older two."""
SOURCE_VOCABULARIES = {
    "csvw": "http://www.w3.org/ns/csvw#",
    "d2rq": "http://www.wiwiss.fu-berlin.de/suhl/bizer/D2RQ/0.1#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "td": "https://www.w3.org/2019/wot/td#",
    "hctl": "https://www.w3.org/2019/wot/hypermedia#",
    "htv": "http://www.w3.org/2011/http#",
    "dh": DH,
}
"""Those that describe sources; their properties are known as ``csvw:dialect``."""
SHORTCUTS = {
    "subject": "subjectMap",
    "predicate": "predicateMap",
    "object": "objectMap",
    "graph": "graphMap",
    "datatype": "datatypeMap",
    "language": "languageMap",
    "function": "functionMap",
    "parameter": "parameterMap",
    "return": "returnMap",
    "inputValue": "inputValueMap",
}
"""The constant shortcut of each map property (RML-Core section 6.2.1, RML-FNML section 3)."""

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_END = ox.NamedNode(_RDF + "nil")


class Document:
    """One mapping document as nodes with their properties by local name."""

    def __init__(self, text: str, file: Path | None) -> None:
        self.file = file
        self.nodes: dict[Node, dict[str, list[Node]]] = {}
        self.types: dict[Node, set[str]] = {}
        self.steps: list[str] = []
        self.here: int | None = None
        self.lines: dict[Node, int] = {}
        self.slips: list[tuple[Node, str, str]] = []
        try:
            for quad in _quads(text):
                self._take(quad)
        except SyntaxError as error:
            why = _cause(str(error.msg))
            raise DefinitionError(
                "mapping-syntax",
                Text(
                    f"This is not valid Turtle{f': {why.en}' if why else ''}.",
                    f"Ce n'est pas du Turtle valide{f' : {why.fr}' if why else ''}.",
                ),
                Text(
                    "Check the line for a missing dot, semicolon, quote or prefix.",
                    "Vérifiez sur cette ligne les points, points-virgules, guillemets et préfixes.",
                ),
                Place(file=file.name if file else None, row=error.lineno),
            ) from None
        self._refuse_slips()

    def _take(self, quad: ox.Quad) -> None:
        predicate = quad.predicate.value
        if predicate == LINE:
            self.lines.setdefault(quad.subject, int(text_of(quad.object)))
            return
        node = self.nodes.setdefault(quad.subject, {})
        if predicate == RDF_TYPE and isinstance(quad.object, ox.NamedNode):
            self.types.setdefault(quad.subject, set()).add(local(quad.object.value))
            return
        for vocabulary in VOCABULARIES:
            if predicate.startswith(vocabulary):
                name = predicate[len(vocabulary) :]
                if name not in node and (wanted := meant(name)):
                    self.slips.append((quad.subject, name, wanted))
                node.setdefault(name, []).append(quad.object)
                return
        for name in ("recordMap", "rowMap", "writtenOnly"):
            if predicate == DH + name:
                node.setdefault(name, []).append(quad.object)
        for prefix, vocabulary in SOURCE_VOCABULARIES.items():
            if predicate.startswith(vocabulary):
                node.setdefault(f"{prefix}:{predicate[len(vocabulary) :]}", []).append(quad.object)
        if predicate in (_RDF + "first", _RDF + "rest"):
            node.setdefault(f"rdf:{predicate[len(_RDF) :]}", []).append(quad.object)

    def _refuse_slips(self) -> None:
        """Raises `DefinitionError` ``mapping-term-unknown`` for the first property that is misspelt, with the way to its node."""
        for node, name, wanted in self.slips:
            self.here = self.lines.get(node)
            self.steps = self._way(node)
            raise self.problem(
                "mapping-term-unknown",
                f"the property “{name}” is unknown; “{wanted}” was probably meant.",
                f"la propriété « {name} » est inconnue ; « {wanted} » était sans doute voulue.",
            )

    def _way(self, node: Node) -> list[str]:
        """The way to ``node`` from its triples map: the name of the map, then properties."""
        above: dict[Node, tuple[Node, str]] = {
            value: (parent, name)
            for parent, properties in self.nodes.items()
            for name, values in properties.items()
            for value in values
            if isinstance(value, ox.BlankNode)
        }
        steps: list[str] = []
        seen = set()
        while node in above and node not in seen:
            seen.add(node)
            parent, name = above[node]
            for predicate in self.nodes[node].get("predicate", ())[:1]:
                name += f" of {curie(predicate.value)}" if isinstance(predicate, ox.NamedNode) else ""
            steps.append(name)
            if self.lines.get(node) is None:
                self.here = self.here or self.lines.get(parent)
            node = parent
        return [local(node.value) if isinstance(node, ox.NamedNode) else "mapping", *reversed(steps)]

    def problem(self, code: str, en: str, fr: str, fix: Text | None = None) -> DefinitionError:
        """An error at the node that is being read."""
        return problem(code, ", ".join(self.steps), en, fr, fix, self.file.name if self.file else None, self.here)

    def line(self, node: Node) -> int | None:
        """The line on which the description of ``node`` starts; where it has none, that of the node that is being read."""
        return self.lines.get(node, self.here) if isinstance(node, (ox.NamedNode, ox.BlankNode)) else self.here

    @contextmanager
    def at(self, node: Node, step: str | None = None) -> Iterator[None]:
        """While ``node`` is read, errors name its line, and ``step`` as the way to it."""
        before, here = len(self.steps), self.here
        self.steps += [step] if step else []
        self.here = self.line(node)
        yield
        del self.steps[before:]  # not after an error: it tells where it was
        self.here = here

    def maps(self, node: Node, shortcut: str) -> list[Node]:
        """The values of the map property that has ``shortcut``, then those of the shortcut itself."""
        p = self.nodes.get(node, {}) if not isinstance(node, ox.Literal) else {}
        return [*p.get(SHORTCUTS[shortcut], ()), *p.get(shortcut, ())]

    def one(self, node: Node, *names: str) -> Node:
        found = [value for name in names for value in self.nodes[node].get(name, ())]
        if len(found) != 1:
            raise self.problem(
                "mapping-source",
                f"one rml:{names[0]} was expected, {len(found)} found.",
                f"un seul rml:{names[0]} est attendu, {len(found)} trouvé(s).",
            )
        return found[0]

    def properties(self, node: Node) -> dict[str, list[Node]]:
        """What the document says about ``node``."""
        return self.nodes.get(node, {})

    def value(self, node: Node, *names: str) -> str | None:
        """The text or IRI of the first of the properties ``names`` that ``node`` has."""
        found = next((values[0] for name in names if (values := self.properties(node).get(name))), None)
        return None if found is None else text_of(found)

    def items(self, node: Node) -> list[Node]:
        """The items of an RDF list, or ``node`` alone where it is none."""
        found: list[Node] = []
        seen: set[Node] = set()
        while first := self.properties(node).get("rdf:first"):
            if node in seen:
                raise self.problem("mapping-list", "a list goes back into itself.", "une liste revient dans elle-même.")
            seen.add(node)
            found.append(first[0])
            node = next(iter(self.properties(node).get("rdf:rest", ())), _END)
        return found or ([] if node == _END else [node])


_CAUSES: tuple[tuple[str, Text], ...] = (
    ("Unexpected end", Text("something is not closed before the end", "quelque chose n'est pas fermé avant la fin")),
    ("property lists should end", Text("a closing bracket “]” or a semicolon is expected",
                                       "un crochet fermant « ] » ou un point-virgule est attendu")),
    ("should be followed by a prefix", Text("@prefix needs a name with a colon", "@prefix demande un nom suivi d'un deux-points")),
    ("Line jumps", Text("a text between quotes holds a line break", "un texte entre guillemets contient un saut de ligne")),
    ("IRI", Text("an address between < and > is broken", "une adresse entre < et > est mal formée")),
    ("escape", Text("a backslash is misplaced", "une barre oblique inverse est mal placée")),
    ("language", Text("a language tag is broken", "une étiquette de langue est mal formée")),
    ("is not a valid predicate", Text("a property is expected here", "une propriété est attendue ici")),
    ("is not a valid RDF object", Text("a value is expected here", "une valeur est attendue ici")),
    ("is not a valid subject", Text("a description should start here", "une description devrait commencer ici")),
    ("dot", Text("a dot or a semicolon is expected", "un point ou un point-virgule est attendu")),
    ("prefix name", Text("a name starts with a sign that it can't have", "un nom commence par un signe qu'il ne peut avoir")),
)  # fmt: skip
"""What the parser says, and what it means."""
_UNDECLARED = re.compile(r"[Tt]he prefix (\S*?):? has not been declared")


def _cause(said: str) -> Text | None:
    if undeclared := _UNDECLARED.search(said):
        name = undeclared[1].rstrip(":")
        return Text(
            f"the prefix “{name}:” is not declared (@prefix)", f"le préfixe « {name}: » n'est pas déclaré (@prefix)"
        )
    return next((text for start, text in _CAUSES if start in said), None)


def _quads(text: str) -> Iterator[ox.Quad]:
    """The triples of the Turtle ``text``, with lines. Where it has a mistake, the error is that of the text as it was written."""
    try:
        return iter(list(ox.parse(numbered(text).encode(), format=ox.RdfFormat.TURTLE, base_iri=DEFAULT_BASE)))
    except SyntaxError:
        return iter(ox.parse(text.encode(), format=ox.RdfFormat.TURTLE, base_iri=DEFAULT_BASE))


def term_of(node: Node) -> Term:
    """``node`` as a term. Raises `DefinitionError` for a quoted triple."""
    if isinstance(node, ox.NamedNode):
        return Term.iri(node.value)
    if isinstance(node, ox.BlankNode):
        return Term(1, node.value)
    if isinstance(node, ox.Literal):
        return Term.literal(node.value, node.datatype.value, node.language)
    raise problem("mapping-term", "", "a quoted triple can't be a term here.", "un triplet cité n'est pas permis ici.")


def text_of(node: Node) -> str:
    """The IRI, label or text of ``node``."""
    return term_of(node).lexical


def identifier_of(node: Node) -> str:
    """A name for ``node`` that is its own: its IRI or blank node label."""
    return node.value if isinstance(node, ox.NamedNode) else str(node)
