"""A term that a connector uses and no ontology defines fails here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rdflib import Graph, Namespace, URIRef

from datahub.mapping.lenses.registry import LENSES
from datahub.profiles import data_folder, prefixes, vocabulary
from datahub.rdf.terms import FN

RML = Namespace("http://w3id.org/rml/")
R2RML = Namespace("http://www.w3.org/ns/r2rml#")
TERMS = (
    "function",
    "parameter",
    "return",
    "predicate",
    "class",
    "constant",
    "object",
    "datatype",
    "inputValue",
    "graph",
)
MAPPINGS = sorted(data_folder("connectors").glob("*/*.ttl"))
CONCEPTS = ("dfc-m", "dfc-pt", "dfc-f", "dfc-v")


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_connectors_use_declared_terms_only(mapping: Path) -> None:
    graph = Graph().parse(mapping, format="turtle")
    used = {
        str(value)
        for name in TERMS
        for vocabulary_of in (RML, R2RML)
        for value in graph.objects(None, vocabulary_of[name])
        if isinstance(value, URIRef)
    }
    used |= set(re.findall(r"https://w3id\.org/datahub/ns/[a-z-]+/[\w-]+", mapping.read_text("utf-8")))
    namespaces = tuple(namespace for prefix, namespace in prefixes().items() if prefix not in CONCEPTS)
    known = {module.iri for module in vocabulary().modules()}
    ours = {iri for iri in used if iri.startswith(namespaces)}
    assert {iri for iri in ours if iri not in vocabulary() and iri not in known} == set()


def test_every_lens_and_its_parameters_are_declared() -> None:
    names = {iri for lens in LENSES.values() for iri in (lens.iri, *(FN + each.name for each in lens.parameters))}
    assert {iri for iri in names if iri not in vocabulary()} == set()
    assert {term.iri for term in vocabulary().terms("fn") if term.kind == "function"} == set(LENSES)


def test_there_are_connectors_to_look_at() -> None:
    assert MAPPINGS
