"""RDF terms as plain values, and the namespaces that datahub's own code speaks of (RDF 1.1 Concepts section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

IRI, BLANK, LITERAL = 0, 1, 2

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCT = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"
FOAF = "http://xmlns.com/foaf/0.1/"
PROV = "http://www.w3.org/ns/prov#"
VOID = "http://rdfs.org/ns/void#"
SCHEMA = "http://schema.org/"
GEO = "http://www.opengis.net/ont/geosparql#"
DFC_B = "https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#"
DFC_M = "https://github.com/datafoodconsortium/taxonomies/releases/latest/download/measures.rdf#"
DFC_PT = "https://github.com/datafoodconsortium/taxonomies/releases/latest/download/productTypes.rdf#"
DFC_F = "https://github.com/datafoodconsortium/taxonomies/releases/latest/download/facets.rdf#"
DFC_V = "https://github.com/datafoodconsortium/taxonomies/releases/latest/download/vocabulary.rdf#"
NS = "https://w3id.org/datahub/ns/"
DH = NS + "core/"
DHF = NS + "food/"
DHM = NS + "mobility/"
DHH = NS + "hospitality/"
FN = NS + "fn/"

RDF_TYPE = RDF + "type"
LANG_STRING = RDF + "langString"
XSD_STRING = XSD + "string"

PREFIXES: dict[str, str] = {
    "dcat": DCAT,
    "dct": DCT,
    "dfc-b": DFC_B,
    "dfc-f": DFC_F,
    "dfc-m": DFC_M,
    "dfc-pt": DFC_PT,
    "dfc-v": DFC_V,
    "dh": DH,
    "dhf": DHF,
    "dhh": DHH,
    "dhm": DHM,
    "foaf": FOAF,
    "geo": GEO,
    "gtfs": "http://vocab.gtfs.org/terms#",
    "owl": OWL,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sh": SH,
    "skos": SKOS,
    "void": VOID,
    "xsd": XSD,
}
"""The prefixes that Turtle, JSON-LD and the pages write."""


@dataclass(frozen=True)
class Term:
    """An RDF term: ``kind`` is IRI, BLANK or LITERAL; ``lexical`` is unescaped."""

    kind: int
    lexical: str
    datatype: str | None = None
    language: str | None = None

    @classmethod
    def iri(cls, iri: str) -> Term:
        """An IRI term."""
        return cls(IRI, iri)

    @classmethod
    def literal(cls, lexical: str, datatype: str | None = None, language: str | None = None) -> Term:
        """A literal; without datatype an ``xsd:string``, with a language an ``rdf:langString``."""
        if language:
            return cls(LITERAL, lexical, LANG_STRING, language.lower())
        return cls(LITERAL, lexical, datatype or XSD_STRING)

    @property
    def key(self) -> tuple[int, str, str | None, str | None]:
        """The fields that make the identity of the term."""
        return (self.kind, self.lexical, self.datatype, self.language)


def curie(iri: str) -> str:
    """``iri`` shortened by the longest of `PREFIXES` that fits, or as it is."""
    best = max(
        ((p, ns) for p, ns in PREFIXES.items() if iri.startswith(ns)), key=lambda item: len(item[1]), default=None
    )
    return f"{best[0]}:{iri[len(best[1]) :]}" if best else iri
