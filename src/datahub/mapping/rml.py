"""Reads RML in Turtle: the vocabulary http://w3id.org/rml/ with RML-FNML functions, and the older rml# with R2RML's rr#.

Both are read through one table of local names, since the newer vocabulary took over the names of the older two.
"""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox

from datahub.mapping.model import (
    Call,
    Constant,
    Expression,
    Join,
    Link,
    Mapping,
    PredicateObjectMap,
    Reference,
    Template,
    TermMap,
    TermType,
    TriplesMap,
    local,
)
from datahub.mapping.rml_document import Document, Node, identifier_of, term_of, text_of
from datahub.mapping.rml_sources import logical_source
from datahub.rdf.terms import curie

LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*|[xi](-[A-Za-z0-9]{1,8})+")


_DEEPEST = 40
"""How deep functions may be nested in each other."""


def parse(text: str, file: Path | None = None) -> Mapping:
    """The mapping that the Turtle ``text`` describes.

    Raises
    ------
    DefinitionError
        naming triples map, term map and what was expected.
    """
    return _Rml(text, file).mapping()


class _Rml(Document):
    """Reads triples maps, term maps and functions."""

    of = ""
    """Of which property the object map is that is being read."""
    calling: tuple[Node, ...] = ()
    """The function executions that are being read, the innermost last."""

    # Triples maps

    def mapping(self) -> Mapping:
        found = [node for node in self.nodes if self._is_triples_map(node)]
        if not found:
            raise self.problem(
                "mapping-empty", "there is no triples map in this mapping.", "ce mapping ne contient aucun triples map."
            )
        maps = tuple(self.triples_map(node) for node in found)
        known = {m.id for m in maps}
        for m in maps:
            for pom in m.properties:
                for value in pom.objects:
                    if isinstance(value, Link) and value.parent not in known:
                        self.steps, self.here = [m.name], m.line
                        raise self.problem(
                            "mapping-parent",
                            f"the parent triples map “{local(value.parent)}” does not exist.",
                            f"le triples map parent « {local(value.parent)} » n'existe pas.",
                        )
        return Mapping(maps, self.file)

    def _is_triples_map(self, node: Node) -> bool:
        properties = self.nodes[node]
        return (
            "TriplesMap" in self.types.get(node, ())
            or "logicalSource" in properties
            or "logicalTable" in properties
            or "predicateObjectMap" in properties
        )

    def triples_map(self, node: Node) -> TriplesMap:
        identifier = identifier_of(node)
        with self.at(node, local(identifier)):
            return self._triples_map(node, identifier)

    def _triples_map(self, node: Node, identifier: str) -> TriplesMap:
        p = self.nodes[node]
        described = self.one(node, "logicalSource", "logicalTable")
        with self.at(described, "logical source"):
            source = logical_source(self, described)
        subjects = self.maps(node, "subject")
        if len(subjects) != 1:
            raise self.problem(
                "mapping-subject",
                f"one subject map was expected, {len(subjects)} found.",
                f"un seul subject map est attendu, {len(subjects)} trouvé(s).",
            )
        subject_node = subjects[0]
        subject = self.term_map(subject_node, "subject")
        sub = self.nodes.get(subject_node, {})
        classes = []
        for value in sub.get("class", ()):
            if not isinstance(value, ox.NamedNode):
                raise self.problem("mapping-class", "rml:class takes an IRI.", "rml:class attend un IRI.")
            classes.append(value.value)
        graphs = self.graphs(subject_node)
        base = p["baseIRI"][0] if p.get("baseIRI") else None
        return TriplesMap(
            identifier,
            source,
            subject,
            tuple(classes),
            graphs,
            tuple(self.predicate_object_map(value) for value in p.get("predicateObjectMap", ())),
            None if base is None else text_of(base),
            self.says(node, "recordMap"),
            self.line(node),
            self.says(node, "rowMap"),
        )

    def predicate_object_map(self, node: Node) -> PredicateObjectMap:
        with self.at(node):
            try:
                return self._predicate_object_map(node)
            finally:
                self.of = ""

    def _predicate_object_map(self, node: Node) -> PredicateObjectMap:
        predicates = tuple(self.term_map(value, "predicate") for value in self.maps(node, "predicate"))
        constants = [p.expression.term.lexical for p in predicates if isinstance(p.expression, Constant)]
        self.of = " of " + ", ".join(map(curie, constants)) if constants else ""
        objects = tuple(self.object_map(value) for value in self.maps(node, "object"))
        if not predicates or not objects:
            raise self.problem(
                "mapping-predicate-object",
                "a predicate-object map needs at least one predicate and one object.",
                "un predicate-object map demande au moins un prédicat et un objet.",
            )
        return PredicateObjectMap(
            predicates, objects, self.graphs(node), self.condition(node), self.says(node, "writtenOnly")
        )

    def says(self, node: Node, name: str) -> bool:
        """Whether ``node`` has the mark ``name``."""
        return any(text_of(value) == "true" for value in self.nodes.get(node, {}).get(name, ()))

    def object_map(self, node: Node) -> TermMap | Link:
        p = self.nodes.get(node, {})
        if "parentTriplesMap" not in p:
            return self.term_map(node, "object")
        joins = []
        sides: list[Expression]
        for join in p.get("joinCondition", ()):
            c = self.nodes.get(join, {})
            sides = []
            for side in ("child", "parent"):
                if side in c:
                    sides.append(Reference(text_of(self._only(c[side], side))))
                elif side + "Map" in c:
                    sides.append(self._required(self.expression(self._only(c[side + "Map"], f"{side}Map")), side))
                else:
                    raise self.problem(
                        "mapping-join",
                        f"a join condition needs rml:{side}.",
                        f"une condition de jointure demande rml:{side}.",
                    )
            joins.append(Join(*sides))
        return Link(identifier_of(self._only(p["parentTriplesMap"], "parentTriplesMap")), tuple(joins))

    def graphs(self, node: Node) -> tuple[TermMap, ...]:
        return tuple(self.term_map(value, "graph") for value in self.maps(node, "graph"))

    # Term maps

    def term_map(self, node: Node, position: str) -> TermMap:
        with self.at(node, f"{position} map{self.of if position == 'object' else ''}"):
            return self._term_map(node, position)

    def _term_map(self, node: Node, position: str) -> TermMap:
        expression = self.expression(node)
        p = self.nodes.get(node, {})
        condition = self.condition(node)
        datatypes, languages = self.maps(node, "datatype"), self.maps(node, "language")
        datatype = (
            self._required(self.expression(self._only(datatypes, "datatype")), "datatype map") if datatypes else None
        )
        language = (
            self._required(self.expression(self._only(languages, "language")), "language map") if languages else None
        )
        if isinstance(language, Constant) and not LANGUAGE_TAG.fullmatch(language.term.lexical):
            raise self.problem(
                "mapping-language",
                f"“{language.term.lexical}” is not a language tag; one like “fr” or “en-GB” was expected.",
                f"« {language.term.lexical} » n'est pas une étiquette de langue ; on attend par exemple « fr » ou « en-GB ».",
            )
        declared = local(text_of(self._only(p["termType"], "termType"))) if "termType" in p else None
        if declared is not None and declared not in {kind.value for kind in TermType}:
            raise self.problem(
                "mapping-term-type", f"the term type “{declared}” is unknown.", f"le type « {declared} » est inconnu."
            )
        kind = TermType(declared) if declared else _natural_type(expression, position, datatype or language)
        self._check_kind(expression, kind, position, declared)
        return TermMap(expression, kind, datatype, language, condition, self.line(node))

    def _check_kind(self, expression: Expression | None, kind: TermType, position: str, declared: str | None) -> None:
        if position in ("subject", "graph") and kind is TermType.LITERAL:
            raise self.problem(
                "mapping-term-type",
                f"a {position} can't be a literal; an IRI or a blank node was expected.",
                f"un {'sujet' if position == 'subject' else 'graphe'} ne peut pas être un littéral ; "
                "un IRI ou un nœud anonyme est attendu.",
            )
        if position == "predicate" and not kind.is_iri:
            raise self.problem("mapping-term-type", "a predicate has to be an IRI.", "un prédicat doit être un IRI.")
        if expression is None and kind is not TermType.BLANK:
            raise self.problem(
                "mapping-expression",
                f"the {position} map has no value: rml:reference, rml:template, rml:constant or rml:functionExecution "
                "was expected.",
                f"le {position} map n'a pas de valeur : rml:reference, rml:template, rml:constant ou "
                "rml:functionExecution est attendu.",
            )
        if isinstance(expression, Constant) and declared and (expression.term.kind == 2) != (kind is TermType.LITERAL):
            raise self.problem(
                "mapping-term-type",
                f"the constant {expression} does not have the declared term type {declared}.",
                f"la constante {expression} n'a pas le type déclaré {declared}.",
            )

    def expression(self, node: Node) -> Expression | None:
        """The expression of an expression map; a node that is no map of this document is a constant."""
        p = self.nodes.get(node)
        if isinstance(node, (ox.Literal, ox.Triple)) or p is None or not p:
            if isinstance(node, ox.BlankNode):
                return None
            return Constant(term_of(node))
        kinds = [k for k in ("constant", "reference", "column", "template", "functionExecution") if k in p]
        values = [value for k in kinds for value in p[k]]
        if len(values) > 1:
            raise self.problem(
                "mapping-expression",
                f"a map takes one value, this one has {len(values)} ({', '.join('rml:' + k for k in kinds)}).",
                f"un map prend une seule valeur, celui-ci en a {len(values)} ({', '.join('rml:' + k for k in kinds)}).",
            )
        if not values:
            return Constant(term_of(node)) if isinstance(node, ox.NamedNode) and not _is_map(p) else None
        kind, value = kinds[0], values[0]
        if kind == "constant":
            return Constant(term_of(value))
        if kind != "functionExecution" and not isinstance(value, ox.Literal):
            raise self.problem("mapping-expression", f"rml:{kind} takes a text.", f"rml:{kind} attend un texte.")
        if kind in ("reference", "column"):
            return Reference(text_of(value))
        if kind == "functionExecution":
            return self.call(value, self.maps(node, "return"))
        try:
            return Template.parse(text_of(value))
        except ValueError:
            raise self.problem(
                "mapping-template",
                f"the template “{text_of(value)}” has unbalanced braces; each reference stands in one pair, like {{name}}.",
                f"le modèle « {text_of(value)} » a des accolades mal appariées ; chaque référence s'écrit entre deux "
                "accolades, comme {name}.",
            ) from None

    def call(self, node: Node, returns: list[Node]) -> Call:
        if node in self.calling or len(self.calling) == _DEEPEST:
            raise self.problem(
                "mapping-function",
                "the function is called with its own result, or functions are nested without end.",
                "la fonction est appelée avec son propre résultat, ou des fonctions s'imbriquent sans fin.",
            )
        self.calling += (node,)
        try:
            return self._call(node, returns)
        finally:
            self.calling = self.calling[:-1]

    def _call(self, node: Node, returns: list[Node]) -> Call:
        functions = self.maps(node, "function")
        if len(functions) != 1:
            raise self.problem(
                "mapping-function", "a function execution needs one rml:function.", "il faut un seul rml:function."
            )
        inputs = []
        for given in self.nodes.get(node, {}).get("input", ()):
            parameters, values = self.maps(given, "parameter"), self.maps(given, "inputValue")
            if len(parameters) != 1 or len(values) != 1:
                raise self.problem(
                    "mapping-function",
                    "each rml:input needs one rml:parameter and one rml:inputValue or rml:inputValueMap.",
                    "chaque rml:input demande un rml:parameter et un rml:inputValue ou rml:inputValueMap.",
                )
            value = self._required(self.expression(values[0]), "input")
            inputs.append((self._name(parameters[0]), value))
        return Call(self._name(functions[0]), tuple(inputs), self._name(returns[0]) if returns else None)

    def condition(self, node: Node) -> Expression | None:
        given = self.nodes.get(node, {}).get("condition", [])
        return self._required(self.expression(self._only(given, "condition")), "condition") if given else None

    def _only(self, values: list[Node], name: str) -> Node:
        """The one value of the property ``name``, which may be there once."""
        if len(values) > 1:
            raise self.problem(
                "mapping-expression",
                f"rml:{name} is there {len(values)} times; once was expected.",
                f"rml:{name} y figure {len(values)} fois ; une seule est attendue.",
            )
        return values[0]

    def _name(self, node: Node) -> str:
        expression = self.expression(node)
        if not isinstance(expression, Constant):
            raise self.problem(
                "mapping-function",
                "functions, parameters and returns have to be constants.",
                "les fonctions, paramètres et retours doivent être des constantes.",
            )
        return expression.term.lexical

    def _required(self, expression: Expression | None, what: str) -> Expression:
        if expression is None:
            raise self.problem("mapping-expression", f"the {what} has no value.", f"le {what} n'a pas de valeur.")
        return expression


def _is_map(properties: dict[str, list[Node]]) -> bool:
    return bool(
        {"termType", "datatype", "datatypeMap", "language", "languageMap", "condition", "class"} & set(properties)
    )


def _natural_type(expression: Expression | None, position: str, literal: object) -> TermType:
    """The term type where none is declared (RML-Core section 7.4)."""
    if expression is None:
        return TermType.BLANK if position == "subject" else TermType.IRI
    if isinstance(expression, Constant):
        return (TermType.IRI, TermType.BLANK, TermType.LITERAL)[expression.term.kind]
    if position != "object":
        return TermType.IRI
    if literal is not None or not isinstance(expression, Template):
        return TermType.LITERAL
    return TermType.IRI
