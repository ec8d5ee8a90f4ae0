"""Reads YARRRML 1.x (https://rml.io/yarrrml/spec/) to the same values as RML.

Logical targets (``targets``) are checked and left to whoever runs the mapping: where triples go is no part of what they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import yaml

from datahub.errors import DefinitionError, Place
from datahub.i18n import Text
from datahub.mapping import marked, rml
from datahub.mapping.model import (
    Constant,
    Expression,
    Join,
    Link,
    LogicalSource,
    Mapping,
    PredicateObjectMap,
    TermMap,
    TermType,
    TriplesMap,
)
from datahub.mapping.problems import problem
from datahub.mapping.yarrrml_document import Document, Yaml, both
from datahub.mapping.yarrrml_sources import logical_source
from datahub.rdf.terms import RDF_TYPE, Term


def parse(text: str, file: Path | None = None) -> Mapping:
    """The mapping that the YARRRML ``text`` describes.

    Raises `DefinitionError` that names file and line, the mapping, the keys that lead there, and what was expected.
    """
    name = file.name if file else "mapping"
    try:
        document = marked.load(text)
    except marked.MarkedError as error:
        raise problem("mapping-yarrrml", "", error.en, error.fr, None, name if file else None, error.line) from None
    except yaml.YAMLError as error:
        why, line = marked.fault(error, text)
        raise DefinitionError(
            "mapping-syntax",
            Text(
                f"This is not valid YAML{f': {why.en}' if why else ''}.",
                f"Ce n'est pas du YAML valide{f' : {why.fr}' if why else ''}.",
            ),
            Text("Check indentation, colons and quotes.", "Vérifiez l'indentation, les deux-points et les guillemets."),
            Place(file=name if file else None, row=line),
        ) from None
    return _Document(document if isinstance(document, dict) else {}, file).mapping()


class _Document(Document):
    def mapping(self) -> Mapping:
        self.check("document", self.document)
        self.described()
        found = self.get(self.document, "mappings")
        if not isinstance(found, dict) or not found:
            raise self.problem(
                "there are no mappings; a key “mappings” was expected.",
                "il n'y a pas de mappings ; une clé « mappings » est attendue.",
            )
        self.names: dict[str, int] = {}
        bodies = {}
        for key, body in found.items():
            with self.at(key, body):
                if not isinstance(body, dict):
                    raise self.problem(
                        "keys like “s” and “po” were expected.", "des clés comme « s » et « po » sont attendues."
                    )
                self.check("mapping", body)
                bodies[key] = body
                self.names[key] = len(self.sources(body))
        self.lines: dict[str, int] = getattr(found, "lines", {})
        self.parents = {
            _identifier(key, at): (body, at) for key, body in bodies.items() for at in range(self.names[key])
        }
        return Mapping(tuple(m for key, body in bodies.items() for m in self.triples_maps(key, body)), self.file)

    def described(self) -> None:
        """Checks the keys of authors, targets and sources that the document describes, whether or not they are used."""
        authors = self.document.get("authors")
        for each in authors if isinstance(authors, list) else [authors]:
            with self.at("authors", each):
                self.check("author", each)
        checks = (("target", "targets", partial(self.check, "target")), ("source", "sources", self.check_source))
        for place, key, check in checks:
            known = self.get(self.document, key)
            for name, each in known.items() if isinstance(known, dict) else ():
                with self.at(f"{place} {name}", each):
                    check(each)

    def check_source(self, described: Yaml) -> None:
        """Raises the error for a key without a meaning in a source, or in what a source says of access to it."""
        self.check("source", described)
        for name in ("credentials", "paging", "security"):
            listed = described.get(name) if isinstance(described, dict) else None
            for each in listed if isinstance(listed, list) else [listed]:
                self.check(name, each)

    def triples_maps(self, name: str, body: dict[str, Yaml]) -> Iterator[TriplesMap]:
        """One triples map per source and subject, and one for each inverse predicate."""
        with self.at(name, body):
            subjects = self.get(body, "subjects")
            chosen = self.filled(subjects) if isinstance(subjects, list) else [subjects]
            graphs = self.graphs(body)
            condition = self.condition(body)
            line = self.lines.get(name)
            for number, source in enumerate(self.sources(body)):
                self.inverse = []
                classes, properties = self.properties(body, number)
                inverse = self.inverse
                for position, subject in enumerate(chosen):
                    with self.at("subject", subject):
                        term_map = self.subject(subject, condition)
                    identifier = _identifier(name, number) + (f"_{position}" if position else "")
                    yield TriplesMap(
                        identifier,
                        source,
                        term_map,
                        classes,
                        graphs,
                        properties,
                        self.base,
                        body.get("record") == "true",
                        line,
                        body.get("row") == "true",
                    )
                    for at, (predicate, value) in enumerate(inverse):
                        own = f"{identifier}-inverse-{at}"
                        yield self.backwards(own, source, identifier, term_map, predicate, value, graphs, line)

    def backwards(
        self,
        name: str,
        source: LogicalSource,
        identifier: str,
        subject: TermMap,
        predicate: TermMap,
        value: TermMap | Link,
        graphs: tuple[TermMap, ...],
        line: int | None,
    ) -> TriplesMap:
        """The triples map of an inverse predicate: from the object to the subject."""
        if isinstance(value, TermMap):
            if value.type is TermType.LITERAL:
                raise self.problem(
                    "an inverse predicate needs an object that is an IRI or a blank node.",
                    "un prédicat inverse demande un objet qui soit un IRI ou un nœud anonyme.",
                )
            pom = PredicateObjectMap((predicate,), (subject,))
            return TriplesMap(name, source, value, (), graphs, (pom,), self.base, line=line)
        parent, number = self.parents[value.parent]
        given = self.get(parent, "subjects")
        other = self.subject(given[0] if isinstance(given, list) else given, self.condition(parent))
        back = Link(identifier, tuple(Join(join.parent, join.child) for join in value.joins))
        their = self.sources(parent)[number]
        return TriplesMap(
            name,
            their if value.joins else source,
            other,
            (),
            graphs,
            (PredicateObjectMap((predicate,), (back,)),),
            self.base,
            line=line,
        )

    def sources(self, body: dict[str, Yaml]) -> list[LogicalSource]:
        given = self.get(body, "sources")
        if given is None:
            raise self.problem(
                "there is no source; a key “sources” was expected.",
                "il n'y a pas de source ; une clé « sources » est attendue.",
            )
        named = self.get(self.document, "sources")
        found: list[LogicalSource] = []
        for source in given if isinstance(given, list) else [given]:
            known = isinstance(source, str) and isinstance(named, dict) and source in named
            described: Yaml = named[source] if known and isinstance(named, dict) else source
            with self.at(f"source {source}" if known else "source", described):
                self.check_source(described)
                found.append(logical_source(described, str(source) if known else None, self.problem))
        return found

    def subject(self, given: Yaml, condition: Expression | None) -> TermMap:
        if given is None:
            return TermMap(None, TermType.BLANK, condition=condition)
        kind = TermType.IRI
        if isinstance(given, dict):
            self.check("subject", given)
            self.targets(given)
            kind = self.kind(given) or kind
            own = self.condition(given)
            condition = own if condition is None else condition if own is None else both(condition, own)
            if self.get(given, "function") is not None:
                return TermMap(self.call(given), kind, condition=condition, line=self.line)
            given = self.get(given, "value")
            if given is None:
                raise self.problem(
                    "a subject needs a value or a function.", "un sujet demande une valeur ou une fonction."
                )
        if isinstance(given, list):  # [template, targets]
            given = self.filled(given)[0]
        text = str(given)
        kind = TermType.BLANK if text.startswith("_:") else kind
        text = text.removeprefix("_:").removesuffix("~iri")
        return TermMap(self.value(text, iri=kind is TermType.IRI), kind, condition=condition, line=self.line)

    def properties(self, body: dict[str, Yaml], number: int) -> tuple[tuple[str, ...], tuple[PredicateObjectMap, ...]]:
        given = self.get(body, "po")
        classes: list[str] = []
        poms = []
        for position, entry in enumerate(given if isinstance(given, list) else [given] if given else [], 1):
            with self.at(f"po {position}", entry):
                pom = self.predicate_object(entry, number)
            names = [_constant(p) for p in pom.predicates]
            kinds = [_constant(o) for o in pom.objects]
            if names == [RDF_TYPE] and all(kinds) and not pom.graphs and pom.condition is None:
                classes += [kind for kind in kinds if kind]
            else:
                poms.append(pom)
        return tuple(classes), tuple(poms)

    def predicate_object(self, entry: Yaml, number: int) -> PredicateObjectMap:
        if isinstance(entry, list):
            if len(entry) < 2:
                raise self.problem(
                    f"“{entry}” needs a predicate and an object.", f"« {entry} » demande un prédicat et un objet."
                )
            predicates, objects, tail = entry[0], entry[1], entry[2] if len(entry) > 2 else None
            graphs: tuple[TermMap, ...] = ()
            condition = None
        elif isinstance(entry, dict):
            self.check("predicate and object", entry)
            predicates, objects, tail = self.get(entry, "predicates"), self.get(entry, "objects"), None
            graphs, condition = self.graphs(entry), self.condition(entry)
        else:
            raise self.problem(
                f"“{entry}” is no predicate and object.", f"« {entry} » n'est pas un prédicat et un objet."
            )
        if predicates is None or objects is None:
            raise self.problem(
                "predicates (p) and objects (o) were expected.", "p et o (prédicat et objet) sont attendus."
            )
        listed = self.filled(predicates) if isinstance(predicates, list) else [predicates]
        found = tuple(self.predicate(p) for p in listed)
        typed = any(_constant(p) == RDF_TYPE for p in found)
        inline = isinstance(objects, list) and isinstance(entry, dict) and _is_inline(objects)
        values = self.filled(objects) if isinstance(objects, list) and not inline else [objects]
        made = tuple(value for given in values for value in self.objects(given, tail, typed, number))
        backwards = self.get(entry, "inverse") if isinstance(entry, dict) else None
        for each in backwards if isinstance(backwards, list) else [backwards] if backwards is not None else []:
            self.inverse += [(self.predicate(each), value) for value in made]
        written_only = isinstance(entry, dict) and entry.get("writtenOnly") == "true"
        return PredicateObjectMap(found, made, graphs, condition, written_only)

    def objects(self, given: Yaml, tail: Yaml, typed: bool, number: int) -> Iterator[TermMap | Link]:
        if isinstance(given, list):  # [value, datatype or language]
            first, *others = self.filled(given)
            yield from self.objects(first, others[0] if others else tail, typed, number)
            return
        datatype: Expression | None = None
        language: Expression | None = None
        kind: TermType | None = None
        if isinstance(given, dict):
            self.line = marked.line_of(given) or self.line
            self.check("object", given)
            self.targets(given)
            parent = given.get("mapping")
            if parent is not None:
                yield from self.links(str(parent), given, number)
                return
            if "datatype" in given:
                datatype = self.value(str(given["datatype"]), iri=True)
            if "language" in given:
                language = self.value(str(given["language"]), iri=False)
            kind = self.kind(given)
            condition = self.condition(given)
            value = self.get(given, "value")
            if self.get(given, "function") is not None:
                expression: Expression = self.call(given)
                kind = kind or (TermType.IRI if typed else TermType.LITERAL)
                yield TermMap(expression, kind, datatype, language, condition, self.line)
                return
            if value is None:
                raise self.problem(
                    "an object needs a value, a function or a mapping.",
                    "un objet demande une valeur, une fonction ou un mapping.",
                )
        else:
            value, condition = given, None
        text = str(value)
        if text.endswith("~iri"):
            text, kind = text[:-4], TermType.IRI
        if text.endswith("~lang") and isinstance(given, str):
            raise self.problem(f"“{text}” is a language without a value.", f"« {text} » est une langue sans valeur.")
        if isinstance(tail, str):
            if tail.endswith("~lang"):
                language = self.value(tail[:-5], iri=False)
            else:
                datatype = self.value(tail, iri=True)
        if isinstance(language, Constant) and not rml.LANGUAGE_TAG.fullmatch(language.term.lexical):
            tag = language.term.lexical
            raise self.problem(f"“{tag}” is not a language tag.", f"« {tag} » n'est pas une étiquette de langue.")
        kind = kind or (TermType.IRI if typed else TermType.LITERAL)
        expression = self.value(text, iri=kind is TermType.IRI)
        if isinstance(expression, Constant) and kind is TermType.LITERAL:
            fixed_tag = language.term.lexical if isinstance(language, Constant) else None
            fixed_type = datatype.term.lexical if isinstance(datatype, Constant) else None
            term = Term.literal(expression.term.lexical, fixed_type, fixed_tag)
            expression, datatype, language = Constant(term), None, None
        yield TermMap(expression, kind, datatype, language, condition, self.line)

    def links(self, parent: str, given: dict[str, Yaml], number: int) -> Iterator[Link]:
        if parent not in self.names:
            raise self.problem(f"there is no mapping “{parent}”.", f"il n'y a pas de mapping « {parent} ».")
        conditions = self.get(given, "condition")
        joins = tuple(
            self.join(c) for c in (conditions if isinstance(conditions, list) else [conditions] if conditions else [])
        )
        targets = range(self.names[parent]) if joins else [min(number, self.names[parent] - 1)]
        for target in targets:
            yield Link(_identifier(parent, target), joins)

    def join(self, given: Yaml) -> Join:
        if not isinstance(given, dict):
            raise self.problem("a join condition needs a function.", "une condition de jointure demande une fonction.")
        self.check("function", given)
        function = str(self.get(given, "function"))
        parameters = list(self.parameters(given))
        if function.split(":")[-1] != "equal" or len(parameters) != 2:
            raise self.problem(
                "a join condition is the function “equal” with two parameters.",
                "une condition de jointure est la fonction « equal » avec deux paramètres.",
            )
        sides = {side or default: value for (_, value, side), default in zip(parameters, "so", strict=True)}
        if len(sides) < 2:
            raise self.problem(
                "both parameters of a join are of the same side; one is of the subject (s), the other of the object (o).",
                "les deux paramètres d'une jointure sont du même côté ; l'un est du sujet (s), l'autre de l'objet (o).",
            )
        return Join(self.value(str(sides["s"]), iri=False), self.value(str(sides["o"]), iri=False))


def _identifier(name: str, number: int) -> str:
    return f"#{name}" + (f"-{number}" if number else "")


def _constant(value: TermMap | Link) -> str | None:
    if isinstance(value, TermMap) and isinstance(value.expression, Constant) and value.condition is None:
        return value.expression.term.lexical if value.type.is_iri else None
    return None


def _is_inline(objects: list[Yaml]) -> bool:
    """Whether a list of objects in long form is one object with its datatype or language: ``[$(x), xsd:date]``."""
    return (
        len(objects) == 2
        and all(isinstance(item, str) for item in objects)
        and "$(" in str(objects[0])
        and (str(objects[1]).endswith("~lang") or str(objects[1]).startswith("xsd:"))
    )
