"""The keys of a YARRRML document: which may stand where, how else they may be spelt, and what a misspelt one was meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from datahub.i18n import Text

SPELLINGS = {
    "mappings": ("mappings", "mapping", "m"),
    "sources": ("sources", "source"),
    "subjects": ("subjects", "subject", "s"),
    "po": ("predicateobjects", "predicateobject", "po"),
    "predicates": ("predicates", "predicate", "p"),
    "inverse": ("inversepredicates", "inversepredicate", "iv", "i"),
    "objects": ("objects", "object", "o"),
    "graphs": ("graphs", "graph", "g"),
    "function": ("function", "fn", "f"),
    "parameters": ("parameters", "pms"),
    "parameter": ("parameter", "pm"),
    "value": ("value", "v"),
    "condition": ("conditions", "condition", "c"),
    "targets": ("targets", "target", "t"),
}
_PLACES: Mapping[str, tuple[str, ...]] = {
    "document": ("mappings", "sources", "targets", "base", "prefixes", "external", "authors"),
    "author": ("name", "email", "website"),
    "source": (
        "access", "type", "credentials", "query", "queryFormulation", "referenceFormulation", "iterator", "delimiter", "encoding",
        "contentType", "operationType", "security", "table", "null", "compression", "member", "paging",
    ),
    "credentials": ("username", "password"),
    "security": ("type", "in", "name", "value"),
    "paging": (
        "nextLink", "nextMember", "pageParameter", "offsetParameter", "firstPage", "pageSize", "sizeParameter",
    ),
    "target": ("access", "type", "serialization", "compression"),
    "mapping": ("sources", "subjects", "po", "graphs", "condition", "targets", "record", "row"),
    "subject": ("value", "function", "parameters", "condition", "targets", "type"),
    "predicate and object": ("predicates", "inverse", "objects", "graphs", "condition", "writtenOnly"),
    "predicate": ("value", "function", "parameters", "type", "targets"),
    "object": (
        "value", "function", "parameters", "condition", "targets", "mapping", "type", "datatype", "language",
    ),
    "function": ("function", "parameters"),
    "parameter": ("parameter", "value", "function", "parameters", "from", "type"),
}  # fmt: skip
"""Which keys may stand where (https://rml.io/yarrrml/spec/), with those of our own."""
_FRENCH = {
    "document": "le document", "author": "un auteur", "source": "une source", "credentials": "des identifiants",
    "security": "une clé security", "paging": "une clé paging", "target": "une cible", "mapping": "un mapping",
    "subject": "un sujet", "predicate and object": "une paire prédicat et objet", "predicate": "un prédicat",
    "object": "un objet", "function": "une fonction", "parameter": "un paramètre",
}  # fmt: skip
_ENGLISH = {
    "document": "the document", "author": "an author", "credentials": "credentials", "security": "security",
    "paging": "paging", "object": "an object",
}  # fmt: skip
_SHELF = "x-"
"""What the keys of a document begin with that hold nothing but anchors."""


def unknown(place: str, key: str) -> Text | None:
    """What is said of ``key`` at ``place`` where it has no meaning there; None where it has one."""
    own = _PLACES[place]
    known = [spelling for name in own for spelling in SPELLINGS.get(name, (name,))]
    if key in known or (place == "document" and key.startswith(_SHELF)):
        return None
    lower = {name.lower(): name for name in known}
    near = [lower[name] for name in difflib.get_close_matches(key.lower(), lower, 1)]
    listed = ", ".join(SPELLINGS.get(name, (name,))[0] for name in own)
    shelf = Text(
        f" A key that only holds anchors begins with “{_SHELF}”.",
        f" Une clé qui ne porte que des ancres commence par « {_SHELF} ».",
    )
    more = shelf if place == "document" and not near else Text("", "")
    en = f"; is it “{near[0]}”?" if near else f"; known are {listed}.{more.en}"
    fr = f" ; est-ce « {near[0]} » ?" if near else f" ; on connaît {listed}.{more.fr}"
    return Text(
        f"the key “{key}” is unknown in {_ENGLISH.get(place, f'a {place}')}{en}",
        f"la clé « {key} » est inconnue dans {_FRENCH[place]}{fr}",
    )
