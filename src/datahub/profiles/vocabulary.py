"""The registry of all terms and concepts in `ontologies/`, read once with pyoxigraph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from datahub.errors import NotFoundError
from datahub.i18n import Text
from datahub.profiles.data import data_folder
from datahub.profiles.namespaces import expand, prefixes
from datahub.profiles.term import Kind, Term
from datahub.rdf.terms import DCT, DH, NS, OWL, RDF, RDFS, SH, SKOS

if TYPE_CHECKING:
    import polars as pl

_FNO = "https://w3id.org/function/ontology#"
_KINDS: dict[str, Kind] = {
    OWL + "Class": "class",
    OWL + "ObjectProperty": "object-property",
    OWL + "DatatypeProperty": "datatype-property",
    OWL + "AnnotationProperty": "annotation-property",
    RDF + "Property": "property",
    SKOS + "Concept": "concept",
    RDFS + "Datatype": "datatype",
    SH + "ConstraintComponent": "constraint-component",
    _FNO + "Function": "function",
    _FNO + "Parameter": "parameter",
    _FNO + "Output": "parameter",
}
_PARENTS = (RDFS + "subClassOf", RDFS + "subPropertyOf", SKOS + "broader")
_ALIGNMENTS = (SKOS + "exactMatch", SKOS + "closeMatch", SKOS + "broadMatch", SKOS + "narrowMatch")
_LABELS = "label"

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "hub": SKOS + "notation",
        "ofn": DH + "ofnCode",
        "cagette": DH + "cagetteCode",
        "bnlc": DH + "bnlcCode",
        "mobicoop": DH + "mobicoopCode",
        "gtfs": DH + "gtfsCode",
        "iso4217": DH + "iso4217Code",
        "ucum": DH + "ucumCode",
    }
)
"""Name of a native format → the notation property that holds its codes."""


@dataclass(frozen=True)
class Module:
    """One Turtle file of `ontologies/`: an ontology of ours, a concept scheme, or what we reuse of an outside vocabulary."""

    name: str
    iri: str
    kind: Literal["ontology", "scheme", "reused"]
    title: Text
    description: Text | None
    version: str | None
    licence: str | None
    path: Path


_Values: TypeAlias = dict[str, list[tuple[str, str | None]]]
"""Predicate → values of one subject, each with its language."""


def _statements(path: Path) -> dict[str, _Values]:
    """What a Turtle file says, by subject; blank nodes, of which the vocabularies have none, are passed over."""
    import pyoxigraph as ox

    found: dict[str, _Values] = defaultdict(lambda: defaultdict(list))
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
        if isinstance(quad.subject, ox.NamedNode):
            value = quad.object
            if isinstance(value, ox.NamedNode):
                found[quad.subject.value][quad.predicate.value].append((value.value, None))
            elif isinstance(value, ox.Literal):
                found[quad.subject.value][quad.predicate.value].append((value.value, value.language))
    return found


def _by_language(values: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    return {language: text for text, language in values if language}


def _lists_by_language(values: Iterable[tuple[str, str | None]]) -> dict[str, tuple[str, ...]]:
    lists: dict[str, list[str]] = defaultdict(list)
    for text, language in values:
        if language:
            lists[language].append(text)
    return {language: tuple(texts) for language, texts in lists.items()}


def _all(values: _Values, *predicates: str) -> tuple[str, ...]:
    return tuple(text for predicate in predicates for text, _ in values.get(predicate, ()))


def _first(values: _Values, predicate: str) -> str | None:
    return next(iter(_all(values, predicate)), None)


def _text(values: _Values, predicate: str) -> Text | None:
    texts = _by_language(values.get(predicate, ()))
    return Text(texts["en"], texts.get("fr", texts["en"])) if "en" in texts else None


def _term(iri: str, values: _Values, module: str, notations: frozenset[str]) -> Term | None:
    """The term that these statements declare, or none if they declare no term."""
    types = _all(values, RDF + "type")
    labels = _by_language(values.get(RDFS + "label", ()) or values.get(SKOS + "prefLabel", ()))
    if not types or not labels or SKOS + "ConceptScheme" in types:
        return None
    kinds: list[Kind] = [_KINDS[each] for each in types if each in _KINDS]
    return Term(
        iri=iri,
        kind=kinds[0] if kinds else "individual",
        module=module,
        labels=labels,
        definitions=_by_language(values.get(SKOS + "definition", ())),
        alt_labels=_lists_by_language(values.get(SKOS + "altLabel", ())),
        hidden_labels=_lists_by_language(values.get(SKOS + "hiddenLabel", ())),
        codes={predicate: _all(values, predicate) for predicate in values if predicate in notations},
        defined_by=_first(values, RDFS + "isDefinedBy"),
        sensitivity="personal" if DH + "Personal" in _all(values, DH + "sensitivity") else "public",
        types=tuple(each for each in types if each not in _KINDS),
        parents=_all(values, *_PARENTS),
        alignments=tuple((predicate, other) for predicate in _ALIGNMENTS for other in _all(values, predicate)),
        inverse=_first(values, OWL + "inverseOf"),
        domain=_first(values, RDFS + "domain"),
        range=_first(values, RDFS + "range"),
        schemes=_all(values, SKOS + "inScheme"),
    )


class Vocabulary:
    """All terms and concepts of the files below ``folder``; reading happens on first use.

    >>> vocabulary().label("http://schema.org/latitude", "fr")
    'latitude'
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _files(self) -> dict[str, dict[str, _Values]]:
        paths = sorted(self._folder.glob("*.ttl")) + sorted((self._folder / "reused").glob("*.ttl"))
        return {path.relative_to(self._folder).with_suffix("").as_posix(): _statements(path) for path in paths}

    @cached_property
    def _modules(self) -> dict[str, Module]:
        return {name: self._module(name, statements) for name, statements in self._files.items()}

    def _module(self, name: str, statements: dict[str, _Values]) -> Module:
        reused = name.startswith("reused/")
        iri = next((each for each in statements if reused and DCT + "title" in statements[each]), NS + name)
        about: _Values = statements.get(iri, {})
        scheme = SKOS + "ConceptScheme" in _all(about, RDF + "type")
        return Module(
            name=name,
            iri=iri,
            kind="reused" if reused else "scheme" if scheme else "ontology",
            title=_text(about, DCT + "title") or Text(name, name),
            description=_text(about, DCT + "description"),
            version=_first(about, OWL + "versionInfo"),
            licence=_first(about, DCT + "license"),
            path=self._folder / f"{name}.ttl",
        )

    @cached_property
    def _terms(self) -> dict[str, Term]:
        notations = frozenset(FORMATS.values())
        found: dict[str, Term] = {}
        for module, statements in self._files.items():
            for iri, values in statements.items():
                term = _term(iri, values, module, notations)
                if term is not None:
                    found.setdefault(iri, term)
        return found

    def __iter__(self) -> Iterator[Term]:
        return iter(self._terms.values())

    def __contains__(self, iri: object) -> bool:
        return iri in self._terms

    def term(self, iri: str) -> Term:
        """The term with this IRI or compact IRI.

        Raises:
            NotFoundError: no file of `ontologies/` declares it.
        """
        found = self._terms.get(iri) or self._terms.get(expand(iri))
        if found is None:
            raise NotFoundError(
                "term-unknown",
                Text("No ontology of the hub defines “{iri}”.", "Aucune ontologie du hub ne définit « {iri} ».").format(
                    iri=iri
                ),
            )
        return found

    def terms(self, module: str) -> tuple[Term, ...]:
        """The terms that a module declares, in the order of its file."""
        self.module(module)
        return tuple(term for term in self if term.module == module)

    def modules(self) -> tuple[Module, ...]:
        """All modules: ours first, then what is reused of others."""
        return tuple(self._modules.values())

    def module(self, name: str) -> Module:
        """The module called ``name`` (``core``, ``units``, ``reused/dfc``).

        Raises:
            NotFoundError: there is none.
        """
        if name not in self._modules:
            raise NotFoundError(
                "module-unknown",
                Text("There is no ontology “{name}”.", "Il n'y a pas d'ontologie « {name} ».").format(name=name),
                Text("Known: {names}.", "Connues : {names}.").format(names=", ".join(self._modules)),
            )
        return self._modules[name]

    def label(self, iri: str, lang: str) -> str:
        """The label of a term in ``lang``; for an IRI that no ontology defines, its last part."""
        known = self._terms.get(iri)
        return known.label.to(lang) if known else iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]

    def children(self, iri: str) -> tuple[Term, ...]:
        """The terms that name ``iri`` as superclass, superproperty or broader concept."""
        return tuple(term for term in self if iri in term.parents)

    def classes(self) -> frozenset[str]:
        """The classes of our own ontologies; of outside ones the files hold no more than is reused."""
        return frozenset(term.iri for term in self if term.kind == "class" and not term.module.startswith("reused/"))

    def personal_predicates(self) -> frozenset[str]:
        """The predicates whose values never appear in open feeds, exports or queries."""
        return frozenset(term.iri for term in self if term.sensitivity == "personal")

    def inverse_pairs(self) -> tuple[tuple[str, str], ...]:
        """Every pair of predicates that are inverse to each other, each pair once."""
        return tuple((term.iri, term.inverse) for term in self if term.inverse)

    def concepts(self, scheme: str) -> tuple[Term, ...]:
        """The concepts of a scheme, given by name (``units``) or IRI, in the order of its file.

        A class that lists its individuals serves as a scheme as well: ``dh:Status`` gives active, paused and ended.
        """
        known = self._terms.get(expand(scheme))
        if known is not None and known.kind == "class":
            return tuple(term for term in self if known.iri in term.types)
        iri = self.module(scheme.removeprefix(NS)).iri
        return tuple(term for term in self if iri in term.schemes)

    def codes(self, scheme: str, notation: str) -> pl.DataFrame:
        """The code list of a scheme for a lens, as columns ``code`` and ``iri``.

        ``notation`` is a format of `FORMATS` (``ofn``), a notation property as IRI or compact IRI, or ``label`` (or
        ``skos:prefLabel``) for preferred and alternative labels in both languages. Several may be given, separated by
        spaces: the first that knows a code wins. The first row of an IRI is the code to write for it.
        """
        import polars as pl

        pairs: dict[str, str] = {}
        for each in notation.split():
            for concept in self.concepts(scheme):
                for code in _codes_of(concept, each):
                    pairs.setdefault(code, concept.iri)
        return pl.DataFrame(
            {"code": list(pairs), "iri": list(pairs.values())}, schema={"code": pl.String, "iri": pl.String}
        )

    def concept_by_code(self, scheme: str, notation: str, code: str) -> Term | None:
        """The concept of a scheme that a native format calls ``code``; letter case counts for none.

        >>> vocabulary().concept_by_code("units", "ofn", "kg").name
        'Kilogram'
        """
        wanted = code.strip().casefold()
        for each in notation.split():
            for concept in self.concepts(scheme):
                if any(known.casefold() == wanted for known in _codes_of(concept, each)):
                    return concept
        return None


def _codes_of(concept: Term, notation: str) -> tuple[str, ...]:
    """The codes of a concept under one notation, preferred ones first."""
    prop = FORMATS.get(notation) or expand(notation)
    if notation == _LABELS or prop == SKOS + "prefLabel":
        preferred = tuple(concept.labels[lang] for lang in ("fr", "en") if lang in concept.labels)
        return preferred + tuple(alt for lang in ("fr", "en") for alt in concept.alt_labels.get(lang, ()))
    return concept.codes.get(prop, ())


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that ships with datahub."""
    return Vocabulary(data_folder("ontologies"))


_NO_PREFIX = ("http://creativecommons.org/ns#", "http://www.w3.org/ns/odrl/2/")
"""Namespaces of which a term or two are known, and that have no prefix here."""


def called(iri: str) -> Text | None:
    """What the vocabulary that ships with datahub calls the term ``iri``, or None where it does not know it."""
    if ":" not in iri or (iri.startswith("http") and not iri.startswith((*prefixes().values(), *_NO_PREFIX))):
        return None  # without reading all the ontologies, which takes longer than most checks
    return vocabulary().term(iri).label if iri in vocabulary() else None


def module_turtle(module: str) -> bytes:
    """The Turtle of a module as it is edited and released, for ``/ns/{module}``.

    Raises:
        NotFoundError: there is no such module.
    """
    return vocabulary().module(module).path.read_bytes()
