"""Writes the JSON-LD contexts of `ontologies/contexts/` from the vocabularies: ``python -m datahub.profiles.context_files``.

Contexts keep compact IRIs as keys (``schema:name``), as those of the Data Food Consortium do, and say which values are
links and which literals are typed (JSON-LD 1.1 section 4.2).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from datahub.profiles.data import data_folder
from datahub.profiles.namespaces import compact, prefixes
from datahub.profiles.profile import Profile, profiles
from datahub.profiles.term import Term
from datahub.profiles.vocabulary import vocabulary
from datahub.rdf.terms import XSD

_UNCOERCED = frozenset({XSD + "string", XSD + "boolean", XSD + "integer", XSD + "decimal"})
"""Datatypes that JSON has of its own, and decimals: JSON-LD 1.1 API section 8.2.2 turns a JSON number 48.1 that is coerced to
xsd:decimal into the ill-formed "4.81E1"."""
_SECTOR_VOCABULARIES = {
    "core": (),
    "food": ("reused/dfc",),
    "mobility": ("reused/gtfs",),
    "hospitality": ("reused/datatourisme",),
}
_EVERYWHERE = (
    "reused/schema",
    "reused/dublin-core",
    "reused/provenance",
    "reused/people",
    "reused/places",
    "reused/rdf-owl",
)
_LINKS_BY_USE = ("dct:license", "dct:publisher", "dct:source", "dct:accessRights", "dct:conformsTo", "dct:isPartOf")
"""Properties without a declared range that always hold links in our records."""
_DATES_BY_USE = ("schema:validFrom", "schema:validThrough")
_SECTOR_PREFIXES = {"core": (), "food": (), "mobility": ("gtfs",), "hospitality": ("datatourisme", "str")}
_COMMON_PREFIXES = (
    *("dh", "dhprice", "dhplat", "dhu", "dhans"),
    *(
        "schema",
        "dct",
        "prov",
        "void",
        "foaf",
        "vcard",
        "geo",
        "igeo",
        "skos",
        "rdf",
        "rdfs",
        "owl",
        "xsd",
        "org",
        "cc",
    ),
)

_DFC_PREFIXES = ["dfc", "dfc-b", "dfc-t", "dfc-m", "dfc-pt", "dfc-f", "dfc-v"]
_DFC_2 = {
    "dfc": "http://w3id.org/dfc/ontology/DFC_FullModel.owl#",
    "dfc-b": "http://w3id.org/dfc/ontology/v2.0.0/src/DFC_BusinessOntology.owl#",
    "dfc-t": "http://w3id.org/dfc/ontology/v2.0.0/src/DFC_TechnicalOntology.owl#",
    **{
        f"dfc-{short}": f"http://w3id.org/dfc/taxonomies/v2.0.0/{file}.rdf#"
        for short, file in (("m", "measures"), ("pt", "productTypes"), ("f", "facets"), ("v", "vocabulary"))
    },
}
_DFC_STATIC = {
    **{
        prefix: f"http://static.datafoodconsortium.org/ontologies/DFC_{file}.owl#"
        for prefix, file in (
            ("dfc", "FullModel"),
            ("dfc-b", "BusinessOntology"),
            ("dfc-p", "ProductOntology"),
            ("dfc-t", "TechnicalOntology"),
        )
    },
    **{
        f"dfc-{short}": f"http://static.datafoodconsortium.org/data/{file}.rdf#"
        for short, file in (("m", "measures"), ("u", "units"), ("pt", "productTypes"), ("f", "facets"))
    },
}
_DFC_WILD_LINKS = ("dfc-b:offeredItem", "dfc-b:offeredTo", "dfc-b:hasIncome", "dfc-b:hasOutcome")
"""Links under names that no version of the ontology has, as connectors emit them."""
_UNDEFINED_BY_DFC = ("ldp", "foaf", "schema", "dct", "owl", "xsd")
"""Prefixes that peers use although the official contexts do not define them."""


def _coercion(term: Term) -> dict[str, str] | None:
    if term.kind == "object-property":
        return {"@type": "@id"}
    if term.kind == "datatype-property" and term.range and term.range not in _UNCOERCED:
        return {"@type": compact(term.range)}
    return None


def _coercions(modules: Iterable[str]) -> dict[str, Any]:
    terms = (term for module in modules for term in vocabulary().terms(module))
    return {compact(term.iri): coercion for term in terms if (coercion := _coercion(term))}


def _of_profile(profile: Profile) -> dict[str, Any]:
    known = prefixes()
    own = [m for m in profile.modules if vocabulary().module(m).kind == "ontology"]
    used = own + list(_SECTOR_VOCABULARIES.get(profile.name, ())) + list(_EVERYWHERE)
    coerced = {
        **_coercions(used),
        **{curie: {"@type": "@id"} for curie in _LINKS_BY_USE},
        **{curie: {"@type": "xsd:date"} for curie in _DATES_BY_USE},
    }
    names = {*_COMMON_PREFIXES, *_SECTOR_PREFIXES.get(profile.name, ()), *(curie.split(":")[0] for curie in coerced)}
    for namespace_prefix, namespace in known.items():
        if any(namespace == f"https://w3id.org/datahub/ns/{module}/" for module in profile.modules):
            names.add(namespace_prefix)
    if profile.name == "food":
        names.update(_DFC_PREFIXES)
    return {**{name: known[name] for name in sorted(names) if name in known}, **dict(sorted(coerced.items()))}


def _of_dfc(generation: dict[str, str]) -> dict[str, Any]:
    """A context for one generation of DFC; links are the same in all, so that either version of a document reads right."""
    known = prefixes()
    named = {**{name: known[name] for name in ("rdfs", "skos", *_UNDEFINED_BY_DFC)}, **generation}
    links = {name: how for name, how in _coercions(["reused/dfc"]).items() if how["@type"] == "@id"}
    links |= {name: {"@type": "@id"} for name in (*_DFC_WILD_LINKS, "ldp:contains")}
    return {**named, **dict(sorted(links.items()))}


def _of_schema_org() -> dict[str, Any]:
    plain = ("url", "sameAs", "image", "logo", "license", "additionalType", "contentUrl", "availability", "dayOfWeek")
    return {
        "@vocab": prefixes()["schema"],
        "schema": prefixes()["schema"],
        "xsd": prefixes()["xsd"],
        "type": "@type",
        "id": "@id",
        **{name: {"@type": "@id"} for name in plain},
    }


def build() -> dict[str, str]:
    """Every bundled context: file name → JSON text."""
    known = prefixes()
    documents = {profile.context_file: _of_profile(profile) for profile in profiles()}
    documents["dfc-1.16.jsonld"] = _of_dfc({name: known[name] for name in _DFC_PREFIXES})
    documents["dfc-2.0.jsonld"] = _of_dfc(_DFC_2)
    documents["dfc-static.jsonld"] = _of_dfc(_DFC_STATIC)
    documents["schema-org.jsonld"] = _of_schema_org()
    return {
        file: json.dumps({"@context": context}, indent=2, ensure_ascii=False) + "\n"
        for file, context in documents.items()
    }


def main() -> None:
    """Write every context file anew."""
    folder = data_folder("ontologies") / "contexts"
    folder.mkdir(exist_ok=True)
    for file, text in build().items():
        (folder / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
