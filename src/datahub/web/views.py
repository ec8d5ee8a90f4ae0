"""What pages show and their JSON twins say: plain dictionaries, made once for both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from datahub.hub import Dataset, Page, Platform, PushReport, Reader, Version
from datahub.i18n import Lang, Text
from datahub.profiles import expand, vocabulary
from datahub.profiles.term import Term
from datahub.rdf.frame import Frame
from datahub.rdf.terms import IRI, NS, XSD, curie
from datahub.rdf.terms import Term as RdfTerm
from datahub.syndication import fields as flat
from datahub.syndication.names import Names, keys, titles
from datahub.web.reports import is_personal
from datahub.web.site import Site


def zulu(when: datetime | None) -> str | None:
    """A point in time as text, in UTC."""
    if when is None:
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def term_path(iri: str) -> str | None:
    """The page of an ontology term, when an ontology of the hub declares it."""
    if iri not in vocabulary():
        return None
    term = vocabulary().term(iri)
    return "/ns/" + iri.removeprefix(NS) if term.own else f"/ns/{term.module}/{term.name}"


def dataset(site: Site, one: Dataset, lang: Lang) -> dict[str, Any]:
    """A dataset as lists and its own page show it."""
    return {
        "id": one.id,
        "iri": one.iri,
        "url": site.links.dataset(one.id),
        "title": one.title.to(lang),
        "description": one.description.to(lang),
        "platform": one.platform,
        "connector": one.connector,
        "profile": one.profile,
        "licence": one.licence,
        "visibility": one.visibility,
        "source": one.source,
        "created": zulu(one.created),
        "modified": zulu(one.modified),
        "records": one.records,
        "withdrawn": one.withdrawn,
    }


def platform(one: Platform) -> dict[str, Any]:
    """A platform."""
    return {"id": one.id, "iri": one.iri, "name": one.name, "home": one.home, "kind": one.kind}


def summaries(site: Site, page: Page, lang: Lang) -> list[dict[str, Any]]:
    """The records of one page of a list."""
    return [
        {
            "iri": one.record,
            "url": site.links.record(one.record),
            "path": site.links.record_path(one.record),
            "dataset": one.dataset,
            "label": one.label or one.record,
            "kind": one.kind,
            "kindLabel": site.names.label(one.kind, lang) if one.kind else None,
            "category": one.category,
            "categoryLabel": site.names.label(one.category, lang) if one.category else None,
            "locality": one.locality,
            "department": one.department,
            "lat": one.lat,
            "lon": one.lon,
            "modified": zulu(one.modified),
            "visibility": one.visibility,
        }
        for one in page.items
    ]


def version(site: Site, one: Version) -> dict[str, Any]:
    """A version of a record."""
    return {
        "seq": one.seq,
        "op": one.op,
        "time": zulu(one.time),
        "hash": one.hash,
        "url": site.links.to(f"/versions/{one.seq}"),
    }


LINKED_MOST = 50
"""Of the other records that a record links to, so many are shown by name."""


def with_linked(site: Site, frame: Frame, reader: Reader, lang: Lang, names: Names) -> Names:
    """``names`` and those of the records of the hub that ``frame`` links to, as far as ``reader`` may see them."""
    objects = frame.terms[frame.triples["o"].unique()]
    own = frame.terms["lexical"].gather(frame.triples["s"].unique())
    linked = objects.filter(
        (pl.col("kind") == IRI)
        & pl.col("lexical").str.starts_with(site.links.base + "records/")
        & ~pl.col("lexical").is_in(own.implode())
    )["lexical"]
    if not len(linked):
        return names
    found = site.hub.frame(records=linked.sort().head(LINKED_MOST).to_list(), reader=reader, provenance=False)
    return names.extended({iri: Text(label, label) for iri, label in titles(found, lang).iter_rows()})


def loss_field(site: Site, row: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """One line of a loss report, with the labels of its field and of its example."""
    steps = [] if "://" in row["field"] else [expand(step) for step in row["field"].split("/")]
    example = row["example_value"]
    return {
        "field": row["field"],
        "path": [{"iri": step, "label": site.names.step(step, lang), "href": term_path(step)} for step in steps],
        "reason": row["reason"],
        "message": row[f"message_{lang}"],
        "count": row["count"],
        "example": example,
        "exampleLabel": site.names.label(example, lang) if example and site.names.known(example) else example,
        "record": row["example_record"],
        "recordPath": site.links.record_path(row["example_record"]) if row["example_record"] else None,
    }


def properties(site: Site, frame: Frame, lang: Lang, names: Names) -> list[dict[str, Any]]:
    """Every property of one record, labelled, in the neutral order of fields; each value with its link where it has one."""
    found = flat.of_records(frame)
    known = names.extended({iri: Text(label, label) for iri, label in titles(frame, lang).iter_rows()})
    by_field: dict[int, list[dict[str, Any]]] = {}
    for _, number, code in found.values.sort("field", "value").iter_rows():
        by_field.setdefault(number, []).append(_value(site, frame.term(code), lang, known))
    rows = []
    for number, (field, key) in enumerate(zip(found.fields, keys(found.fields), strict=True)):
        steps = [
            {
                "iri": step.removeprefix(flat.INVERSE),
                "label": site.names.step(step, lang),
                "href": term_path(step.removeprefix(flat.INVERSE)),
            }
            for step in field.path
        ]
        values = sorted(by_field.get(number, []), key=lambda value: str(value["text"]))
        rows.append({"key": key, "path": steps, "language": field.language, "values": values})
    return rows


def _value(site: Site, term: RdfTerm, lang: Lang, names: Names) -> dict[str, Any]:
    """A value: ``text`` as the record has it, ``shown`` as people read it."""
    if term.kind != IRI:
        return {
            "text": term.lexical,
            "shown": _readable(term, lang),
            "datatype": curie(term.datatype or ""),
            "href": None,
        }
    iri = term.lexical
    label = names.label(iri, lang) if names.known(iri) else iri
    href = term_path(iri)
    if href is None and iri.startswith(site.links.base):
        href = "/" + iri.removeprefix(site.links.base)
    if href is None and iri.startswith(("http://", "https://")):
        href = iri
    return {"text": label, "shown": label, "iri": iri, "href": href}


_YES, _NO = Text("yes", "oui"), Text("no", "non")


def _readable(term: RdfTerm, lang: Lang) -> str:
    if term.datatype == XSD + "boolean":
        return (_YES if term.lexical in ("true", "1") else _NO).to(lang)
    return term.lexical


def report(site: Site, one: PushReport, personal_columns: frozenset[str], owner: bool) -> dict[str, Any]:
    """A push report. Whoever is not the publisher does not see values of columns that hold personal data."""
    body: dict[str, Any] = one.to_json()
    body["url"] = site.links.to(f"/pushes/{one.id}")
    if owner:
        return body
    for entry in (*body["groups"], *body["findings"]):
        if is_personal(entry.get("column"), personal_columns):
            for member in ("value", "example", "message", "sentence"):
                if member in entry:
                    entry[member] = None
    body["by"] = None
    body["filename"] = None
    return body


REFUSED_COLUMNS = {"row": pl.String, "record": pl.String, "native": pl.String, "reasons": pl.String}


def refused(row: Mapping[str, Any]) -> dict[str, Any]:
    """A refused record as its publisher sent it, with its reasons; texts are objects with ``en`` and ``fr``."""
    found = []
    for one in json.loads(row["findings"] or "[]"):
        message = {"en": one.pop("message_en"), "fr": one.pop("message_fr")}
        fix = {"en": one.pop("fix_en"), "fr": one.pop("fix_fr")}
        found.append({**one, "message": message, "fix": fix if fix["en"] else None})
    return {"row": row["row"], "record": row["record"], "native": row["native"], "body": row["body"], "findings": found}


def refused_line(row: Mapping[str, Any], lang: Lang) -> dict[str, str | None]:
    """`refused` as one line of a table."""
    reasons = [
        " ".join(filter(None, (one["column"], one["message"][lang], one["fix"] and one["fix"][lang])))
        for one in row["findings"]
    ]
    return {
        "row": None if row["row"] is None else str(row["row"]),
        "record": row["record"],
        "native": row["native"],
        "reasons": " | ".join(reasons),
    }


def owns(reader: Reader, platform: str) -> bool:
    """Whether the reader is the platform itself, or the operator."""
    return reader.admin or reader.platform == platform


def term(one: Term, lang: Lang) -> dict[str, Any]:
    """An ontology term or concept."""
    return {
        "iri": one.iri,
        "curie": curie(one.iri),
        "name": one.name,
        "kind": one.kind,
        "module": one.module,
        "label": one.label.to(lang),
        "definition": one.definition.to(lang) if one.definition else None,
        "path": term_path(one.iri),
    }
