"""Reads YARRRML 1.x (https://rml.io/yarrrml/spec/) to the same values as RML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from datahub.errors import DefinitionError, Place
from datahub.i18n import Text
from datahub.mapping import rml
from datahub.mapping.model import (
    Call,
    Constant,
    Expression,
    Join,
    Link,
    LogicalSource,
    Mapping,
    PredicateObjectMap,
    Reference,
    Template,
    TermMap,
    TermType,
    TriplesMap,
)
from datahub.mapping.problems import problem
from datahub.mapping.yarrrml_sources import logical_source
from datahub.rdf.terms import PREFIXES, RDF_TYPE, Term

_KEYS = {
    "mappings": ("mappings", "mapping", "m"),
    "sources": ("sources", "source"),
    "subjects": ("subjects", "subject", "s"),
    "po": ("predicateobjects", "po"),
    "predicates": ("predicates", "predicate", "p"),
    "objects": ("objects", "object", "o"),
    "graphs": ("graphs", "graph", "g"),
    "function": ("function", "fn", "f"),
    "parameters": ("parameters", "pms"),
    "value": ("value", "v"),
    "condition": ("condition", "c"),
    "conditions": ("condition", "conditions", "c"),
}
_REFERENCE = re.compile(r"(?<!\\)\$\(((?:\\.|[^)\\])+)\)")
_EQUAL = "https://w3id.org/imec/idlab/function#equal"
_TYPES = {"iri": TermType.IRI, "literal": TermType.LITERAL, "blank": TermType.BLANK}

Yaml = object


def parse(text: str, file: Path | None = None) -> Mapping:
    """The mapping that the YARRRML ``text`` describes. Raises `DefinitionError` that names the mapping and what was expected."""
    name = file.name if file else "mapping"
    try:
        # All scalars stay text: YAML 1.1 would read an unquoted no, 007 or 1e3 as something else.
        document = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, ligne = (f", line {mark.line + 1}", f", ligne {mark.line + 1}") if mark else ("", "")
        raise DefinitionError(
            "mapping-syntax",
            Text(f"{name}{line}: this is not valid YAML.", f"{name}{ligne} : ce n'est pas du YAML valide."),
            Text("Check indentation, colons and quotes.", "Vérifiez l'indentation, les deux-points et les guillemets."),
            Place(),
        ) from None
    if not isinstance(document, dict):
        document = {}
    return _Document(document, file).mapping()


class _Document:
    def __init__(self, document: dict[str, Yaml], file: Path | None) -> None:
        self.document = document
        self.file = file
        self.where = ""
        given = document.get("prefixes") or {}
        self.prefixes = {
            "rdf": PREFIXES["rdf"],
            "rdfs": PREFIXES["rdfs"],
            "xsd": PREFIXES["xsd"],
            **{str(key): str(value) for key, value in (given.items() if isinstance(given, dict) else ())},
        }
        external = document.get("external")
        self.external = {str(k): str(v) for k, v in external.items()} if isinstance(external, dict) else {}
        self.base = str(document["base"]) if "base" in document else None

    def problem(self, en: str, fr: str) -> DefinitionError:
        return problem("mapping-yarrrml", self.where, en, fr, None, self.file.name if self.file else None)

    def mapping(self) -> Mapping:
        found = self.get(self.document, "mappings")
        if not isinstance(found, dict) or not found:
            raise self.problem(
                "there are no mappings; a key “mappings” was expected.",
                "il n'y a pas de mappings ; une clé « mappings » est attendue.",
            )
        self.names: dict[str, int] = {}
        bodies = {}
        for key, body in found.items():
            self.where = str(key)
            if not isinstance(body, dict):
                raise self.problem(
                    "keys like “s” and “po” were expected.", "des clés comme « s » et « po » sont attendues."
                )
            bodies[str(key)] = body
            self.names[str(key)] = len(list(self.sources(body)))
        return Mapping(tuple(m for key, body in bodies.items() for m in self.triples_maps(key, body)), self.file)

    def triples_maps(self, name: str, body: dict[str, Yaml]) -> Iterator[TriplesMap]:
        """One triples map per source and subject."""
        self.where = name
        subjects = self.get(body, "subjects")
        chosen = subjects if isinstance(subjects, list) else [subjects]
        graphs = self.graphs(body)
        condition = self.condition(body)
        for number, source in enumerate(self.sources(body)):
            classes, properties = self.properties(body, number)
            for position, subject in enumerate(chosen):
                term_map = self.subject(subject, condition)
                identifier = _identifier(name, number) + (f"_{position}" if position else "")
                yield TriplesMap(
                    identifier, source, term_map, classes, graphs, properties, self.base, body.get("record") == "true"
                )

    def sources(self, body: dict[str, Yaml]) -> Iterator[LogicalSource]:
        given = self.get(body, "sources")
        if given is None:
            raise self.problem("there is no source.", "il n'y a pas de source.")
        named = self.document.get("sources")
        for source in given if isinstance(given, list) else [given]:
            if isinstance(source, str) and isinstance(named, dict) and source in named:
                yield logical_source(named[source], source, self.problem)
            else:
                yield logical_source(source, None, self.problem)

    def subject(self, given: Yaml, condition: Expression | None) -> TermMap:
        if given is None:
            return TermMap(None, TermType.BLANK, condition=condition)
        if isinstance(given, dict) and self.get(given, "function") is None:
            given = self.get(given, "value")
        if isinstance(given, dict):
            return TermMap(self.call(given), TermType.IRI, condition=condition)
        text = str(given)
        kind = TermType.BLANK if text.startswith("_:") else TermType.IRI
        text = text.removeprefix("_:").removesuffix("~iri")
        return TermMap(self.value(text, iri=kind is TermType.IRI), kind, condition=condition)

    def properties(self, body: dict[str, Yaml], number: int) -> tuple[tuple[str, ...], tuple[PredicateObjectMap, ...]]:
        given = self.get(body, "po")
        classes: list[str] = []
        poms = []
        for entry in given if isinstance(given, list) else [given] if given else []:
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
        found = tuple(self.predicate(p) for p in (predicates if isinstance(predicates, list) else [predicates]))
        typed = any(_constant(p) == RDF_TYPE for p in found)
        inline = isinstance(objects, list) and isinstance(entry, dict) and _is_inline(objects)
        values = objects if isinstance(objects, list) and not inline else [objects]
        made = tuple(value for given in values for value in self.objects(given, tail, typed, number))
        return PredicateObjectMap(found, made, graphs, condition)

    def predicate(self, given: Yaml) -> TermMap:
        text = str(given)
        if text == "a":
            return TermMap(Constant(Term.iri(RDF_TYPE)), TermType.IRI)
        return TermMap(self.value(text.removesuffix("~iri"), iri=True), TermType.IRI)

    def objects(self, given: Yaml, tail: Yaml, typed: bool, number: int) -> Iterator[TermMap | Link]:
        if isinstance(given, list):  # [value, datatype or language]
            yield from self.objects(given[0], given[1] if len(given) > 1 else tail, typed, number)
            return
        datatype: Expression | None = None
        language: Expression | None = None
        kind: TermType | None = None
        if isinstance(given, dict):
            parent = given.get("mapping")
            if parent is not None:
                yield from self.links(str(parent), given, number)
                return
            if "datatype" in given:
                datatype = self.value(str(given["datatype"]), iri=True)
            if "language" in given:
                language = self.value(str(given["language"]), iri=False)
            kind = _TYPES.get(str(given.get("type", "")))
            condition = self.condition(given) if self.get(given, "function") is None else None
            value = self.get(given, "value")
            if self.get(given, "function") is not None:
                expression: Expression = self.call(given)
                yield TermMap(expression, kind or (TermType.IRI if typed else TermType.LITERAL), datatype, language)
                return
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
        yield TermMap(expression, kind, datatype, language, condition)

    def links(self, parent: str, given: dict[str, Yaml], number: int) -> Iterator[Link]:
        if parent not in self.names:
            raise self.problem(f"there is no mapping “{parent}”.", f"il n'y a pas de mapping « {parent} ».")
        conditions = self.get(given, "conditions")
        joins = tuple(
            self.join(c) for c in (conditions if isinstance(conditions, list) else [conditions] if conditions else [])
        )
        targets = range(self.names[parent]) if joins else [min(number, self.names[parent] - 1)]
        for target in targets:
            yield Link(_identifier(parent, target), joins)

    def join(self, given: Yaml) -> Join:
        if not isinstance(given, dict):
            raise self.problem("a join condition needs a function.", "une condition de jointure demande une fonction.")
        function = str(self.get(given, "function"))
        parameters = list(self.parameters(given))
        if function.split(":")[-1] != "equal" or len(parameters) != 2:
            raise self.problem(
                "a join condition is the function “equal” with two parameters.",
                "une condition de jointure est la fonction « equal » avec deux paramètres.",
            )
        sides = {side or default: value for (_, value, side), default in zip(parameters, "so", strict=True)}
        return Join(self.value(str(sides["s"]), iri=False), self.value(str(sides["o"]), iri=False))

    def call(self, given: dict[str, Yaml]) -> Call:
        function = self.expand(str(self.get(given, "function")))
        inputs = []
        for name, value, _ in self.parameters(given):
            inside = value if isinstance(value, dict) else None
            inner = self.call(inside) if inside is not None else self.value(str(value), iri=self._is_curie(str(value)))
            inputs.append((_parameter(self.expand(name)), inner))
        return Call(_EQUAL if function == "equal" else function, tuple(inputs))

    def parameters(self, given: dict[str, Yaml]) -> Iterator[tuple[str, Yaml, str | None]]:
        """Name, value, and for joins the side (s or o) of each parameter."""
        listed = self.get(given, "parameters")
        for entry in listed if isinstance(listed, list) else []:
            if isinstance(entry, dict):
                yield str(entry.get("parameter")), self.get(entry, "value"), _side(entry.get("from"))
            elif isinstance(entry, list) and len(entry) >= 2:
                yield str(entry[0]), entry[1], _side(entry[2]) if len(entry) > 2 else None
            else:
                raise self.problem(
                    f"the parameter “{entry}” needs a name and a value.",
                    f"le paramètre « {entry} » demande nom et valeur.",
                )

    def condition(self, body: dict[str, Yaml]) -> Expression | None:
        given = self.get(body, "condition")
        if given is None:
            return None
        if not isinstance(given, dict) or self.get(given, "function") is None:
            raise self.problem("a condition needs a function.", "une condition demande une fonction.")
        return self.call(given)

    def graphs(self, body: dict[str, Yaml]) -> tuple[TermMap, ...]:
        given = self.get(body, "graphs")
        listed = given if isinstance(given, list) else [given] if given else []
        return tuple(TermMap(self.value(str(g).removesuffix("~iri"), iri=True), TermType.IRI) for g in listed)

    # Values

    def value(self, text: str, *, iri: bool) -> Expression:
        """``text`` as a reference, a template or a constant; prefixes are expanded where an IRI is meant."""
        text = re.sub(r"\$\(_([^)]+)\)", lambda m: self.external.get(m[1], m[0]), text)
        if iri:
            text = self.expand(text)
        whole = _REFERENCE.fullmatch(text)
        if whole:
            return Reference(_plain(whole[1]))
        parts: list[str | Reference] = []
        position = 0
        for match in _REFERENCE.finditer(text):
            if match.start() > position:
                parts.append(_plain(text[position : match.start()]))
            parts.append(Reference(_plain(match[1])))
            position = match.end()
        if not parts:
            return Constant(Term.iri(text) if iri else Term.literal(_plain(text)))
        if position < len(text):
            parts.append(_plain(text[position:]))
        return Template(tuple(parts))

    def expand(self, text: str) -> str:
        """``text`` with its prefix written out."""
        prefix, colon, rest = text.partition(":")
        if colon and prefix in self.prefixes and not rest.startswith("//"):
            return self.prefixes[prefix] + rest
        return text

    def _is_curie(self, text: str) -> bool:
        return self.expand(text) != text and "$(" not in text

    def get(self, body: dict[str, Yaml], key: str) -> Yaml:
        """The value under any of the spellings of ``key``."""
        return next((body[name] for name in _KEYS[key] if body.get(name) not in (None, "", "null")), None)


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


def _side(value: Yaml) -> str | None:
    return {"s": "s", "subject": "s", "o": "o", "object": "o"}.get(str(value))


def _parameter(name: str) -> str:
    return _EQUAL.replace("equal", name) if name in ("str1", "str2") else name


def _plain(text: str) -> str:
    return re.sub(r"\\([$()\\])", r"\1", text)
