"""A YARRRML document: its prefixes, values and functions, and where in it an error stands; what its parts share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datahub.errors import DefinitionError
from datahub.mapping import marked
from datahub.mapping.model import Call, Constant, Expression, Link, Reference, Template, TermMap, TermType
from datahub.mapping.problems import problem
from datahub.mapping.yarrrml_keys import SPELLINGS, unknown
from datahub.rdf.terms import FN, PREFIXES, RDF_TYPE, Term

_REFERENCE = re.compile(r"(?<!\\)\$\(((?:\\.|[^)\\])+)\)")
_EQUAL = "https://w3id.org/imec/idlab/function#equal"
_TYPES = {
    "iri": TermType.IRI,
    "literal": TermType.LITERAL,
    "blank": TermType.BLANK,
    "blanknode": TermType.BLANK,
    "unsafeiri": TermType.UNSAFE_IRI,
}
_INLINE = re.compile(r"\s*([^\s()$]+)\s*\((.*)\)\s*", re.DOTALL)
"""A function with its parameters in one text: ``fn:lower(fn:value = $(name))``."""

Yaml = object
"""A value of the document: text, list, mapping or null."""


class Document:
    """One document, and the place in it that is being read."""

    def __init__(self, document: dict[str, Yaml], file: Path | None) -> None:
        self.document = document
        self.file = file
        self.steps: list[str] = []
        self.line: int | None = None
        self.inverse: list[tuple[TermMap, TermMap | Link]] = []
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
        """An error at the place that is being read."""
        where = ", ".join(self.steps)
        return problem("mapping-yarrrml", where, en, fr, None, self.file.name if self.file else None, self.line)

    @contextmanager
    def at(self, step: str, value: Yaml) -> Iterator[None]:
        """While ``value`` is read, which ``step`` leads to, errors name it and its line."""
        before = self.line
        self.steps.append(step)
        self.line = marked.line_of(value) or before
        yield
        self.steps.pop()  # not after an error: it tells where it was
        self.line = before

    def check(self, place: str, body: Yaml) -> None:
        """Raises the error for a key that has no meaning at ``place``; ``body`` may be in short form, and then has none."""
        for key in body if isinstance(body, dict) else ():
            said = unknown(place, key)
            if said is not None:
                self.line = getattr(body, "lines", {}).get(key, self.line)
                raise self.problem(said.en, said.fr)

    def filled(self, listed: list[Yaml]) -> list[Yaml]:
        """``listed``; raises the error where nothing is in it."""
        if not listed:
            raise self.problem(
                "a list is empty; a value was expected.", "une liste est vide ; une valeur est attendue."
            )
        return listed

    def get(self, body: dict[str, Yaml], key: str) -> Yaml:
        """The value under any of the spellings of ``key``."""
        return next((body[name] for name in SPELLINGS[key] if body.get(name) not in (None, "", "null", "~")), None)

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

    def call(self, given: dict[str, Yaml]) -> Call:
        written = self.get(given, "function")
        if isinstance(written, str) and (inline := _INLINE.fullmatch(written)):
            return self.inline(inline[1], inline[2])
        function = self.expand(str(written))
        inputs = []
        for name, value, _ in self.parameters(given):
            inside = value if isinstance(value, dict) else None
            inner = self.call(inside) if inside is not None else self.input(str(value))
            inputs.append((_parameter(self.expand(name)), inner))
        return Call(_EQUAL if function == "equal" else function, tuple(inputs))

    def input(self, text: str) -> Expression:
        """The value of a parameter; functions in one text may stand in each other."""
        inline = _INLINE.fullmatch(text)
        if inline and ":" in inline[1] and self.expand(inline[1]) != inline[1]:
            return self.inline(inline[1], inline[2])
        text = text.removesuffix("~iri")
        return self.value(text, iri=self._is_curie(text))

    def inline(self, function: str, inside: str) -> Call:
        """``name(parameter = value, …)``."""
        inputs = []
        for part in _parts(inside):
            name, equals, value = part.partition("=")
            if not equals or not name.strip():
                raise self.problem(
                    f"“{part.strip()}” should be like “fn:value = $(name)”.",
                    f"« {part.strip()} » devrait s'écrire comme « fn:value = $(nom) ».",
                )
            text = value.strip()
            quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
            made = self.value(text[1:-1], iri=False) if quoted else self.input(text)
            inputs.append((_parameter(self.expand(name.strip())), made))
        expanded = self.expand(function)
        return Call(_EQUAL if expanded == "equal" else expanded, tuple(inputs))

    def parameters(self, given: dict[str, Yaml]) -> Iterator[tuple[str, Yaml, str | None]]:
        """Name, value, and for joins the side (s or o) of each parameter."""
        listed = self.get(given, "parameters")
        for entry in listed if isinstance(listed, list) else []:
            if isinstance(entry, dict):
                self.check("parameter", entry)
                nested = entry if self.get(entry, "function") is not None else self.get(entry, "value")
                yield str(self.get(entry, "parameter")), nested, _side(entry.get("from"))
            elif isinstance(entry, list) and len(entry) >= 2:
                yield str(entry[0]), entry[1], _side(entry[2]) if len(entry) > 2 else None
            else:
                raise self.problem(
                    f"the parameter “{entry}” needs a name and a value.",
                    f"le paramètre « {entry} » demande nom et valeur.",
                )

    def condition(self, body: dict[str, Yaml]) -> Expression | None:
        given = self.get(body, "condition")
        found: Expression | None = None
        for each in given if isinstance(given, list) else [given] if given is not None else []:
            if not isinstance(each, dict) or self.get(each, "function") is None:
                raise self.problem("a condition needs a function.", "une condition demande une fonction.")
            self.check("function", each)
            made = self.call(each)
            found = made if found is None else both(found, made)
        return found

    def kind(self, given: dict[str, Yaml]) -> TermType | None:
        """The term type that ``given`` states."""
        name = given.get("type")
        if name is not None and str(name).lower() not in _TYPES:
            raise self.problem(
                f"the type “{name}” is unknown; iri, literal or blank was expected.",
                f"le type « {name} » est inconnu ; iri, literal ou blank est attendu.",
            )
        return _TYPES[str(name).lower()] if name is not None else None

    def targets(self, given: dict[str, Yaml]) -> None:
        """Checks that the targets of ``given`` are described, here or under ``targets`` of the document."""
        found = self.get(given, "targets")
        known = self.get(self.document, "targets")
        for target in found if isinstance(found, list) else [found] if found is not None else []:
            self.check("target", target)
            if isinstance(target, str) and "~" not in target and not (isinstance(known, dict) and target in known):
                raise self.problem(f"there is no target “{target}”.", f"il n'y a pas de cible « {target} ».")

    def predicate(self, given: Yaml) -> TermMap:
        if isinstance(given, dict):
            self.line = marked.line_of(given) or self.line
            self.check("predicate", given)
            self.targets(given)
            if self.get(given, "function") is not None:
                return TermMap(self.call(given), TermType.IRI, line=self.line)
            given = self.get(given, "value")
            if given is None:
                raise self.problem("a value or a function was expected.", "une valeur ou une fonction est attendue.")
        text = str(given)
        if text == "a":
            return TermMap(Constant(Term.iri(RDF_TYPE)), TermType.IRI)
        return TermMap(self.value(text.removesuffix("~iri"), iri=True), TermType.IRI, line=self.line)

    def graphs(self, body: dict[str, Yaml]) -> tuple[TermMap, ...]:
        given = self.get(body, "graphs")
        listed = given if isinstance(given, list) else [given] if given else []
        return tuple(self.predicate(g) for g in listed)


def _side(value: Yaml) -> str | None:
    return {"s": "s", "subject": "s", "o": "o", "object": "o"}.get(str(value))


def _parameter(name: str) -> str:
    return _EQUAL.replace("equal", name) if name in ("str1", "str2") else name


def _plain(text: str) -> str:
    return re.sub(r"\\([$()\\_])", r"\1", text)


def both(one: Expression, other: Expression) -> Call:
    return Call(FN + "and", ((FN + "value", one), (FN + "value2", other)))


def _parts(text: str) -> Iterator[str]:
    """``text`` cut at its commas, but for those in quotes and in brackets."""
    depth, quote, start = 0, "", 0
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "," and not depth:
            yield text[start:at]
            start = at + 1
    if text[start:].strip():
        yield text[start:]
