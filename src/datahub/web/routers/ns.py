"""The ontologies: modules and terms, as pages and as RDF."""

from __future__ import annotations

import json
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Depends, Request, Response

from datahub.connectors import connectors
from datahub.errors import NotFoundError
from datahub.hub import ANONYMOUS
from datahub.i18n import Lang, Text
from datahub.profiles import expand, module_turtle, profile, profiles, vocabulary
from datahub.profiles.term import Term
from datahub.rdf.formats import parse, write
from datahub.rdf.terms import NS
from datahub.syndication.objects import context as context_of_feeds
from datahub.web import views
from datahub.web.answers import alternates, answer, as_json, fresh, linked
from datahub.web.forms import Form, described, offering
from datahub.web.problems import problem_responses
from datahub.web.site import LangDep, Site, SiteDep

router = APIRouter(default_response_class=Response, tags=["Ontologies"], responses=problem_responses(404, 406, 422))

_FORMS = ("jsonld", "ttl", "nt", "rdfxml", "json", "html")
_form = offering(*_FORMS)
FormDep = Annotated[Form, Depends(_form)]


@router.get("/ns", summary="All ontologies", responses=described("json", "html", description="The ontologies"))
def modules(
    request: Request, site: SiteDep, lang: LangDep, form: Annotated[Form, Depends(offering("json", "html"))]
) -> Response:
    """The ontologies and concept schemes of the hub, and what it reuses of others."""
    headers = fresh(request, ANONYMOUS, lang)
    view = {
        "modules": [
            {
                "name": one.name,
                "iri": one.iri,
                "kind": one.kind,
                "title": one.title.to(lang),
                "description": one.description.to(lang) if one.description else None,
                "version": one.version,
                "terms": len(vocabulary().terms(one.name)),
                "path": f"/ns/{one.name}",
            }
            for one in vocabulary().modules()
        ]
    }
    if form.name == "json":
        return as_json(view, headers)
    return answer(site.pages.render(request, "modules.html", lang=lang, view=view), form, headers)


@router.get("/ns/context", summary="The JSON-LD context of the feeds", responses=described("jsonld"))
def prefixes() -> Response:
    """The prefixes with which items of the feeds are written."""
    body = json.dumps({"@context": context_of_feeds()}, indent=2)
    return Response(body, headers={"Cache-Control": "public, max-age=3600"}, media_type="application/ld+json")


@router.get("/ns/{name}/context", summary="The JSON-LD context of a profile", responses=described("jsonld"))
def context(name: str) -> Response:
    """The context that names the terms of a profile in JSON-LD."""
    return Response(
        profile(name).context, headers={"Cache-Control": "public, max-age=3600"}, media_type="application/ld+json"
    )


@router.get("/ns/{module}", summary="One ontology", responses=described(*_FORMS, description="The ontology"))
def module(request: Request, module: str, site: SiteDep, lang: LangDep, form: FormDep) -> Response:
    """All terms of an ontology or concept scheme."""
    return _module(request, site, lang, form, module)


@router.get("/ns/reused/{vocabulary}", summary="What is reused of an outside vocabulary", responses=described(*_FORMS))
def reused(request: Request, vocabulary: str, site: SiteDep, lang: LangDep, form: FormDep) -> Response:
    """The terms of an outside vocabulary that the hub uses, labelled in both languages."""
    return _module(request, site, lang, form, f"reused/{vocabulary}")


@router.get("/ns/reused/{vocabulary}/{term}", summary="A reused term", responses=described(*_FORMS))
def reused_term(request: Request, vocabulary: str, term: str, site: SiteDep, lang: LangDep, form: FormDep) -> Response:
    """One term of an outside vocabulary."""
    return _term(request, site, lang, form, _named(f"reused/{vocabulary}", term))


@router.get("/ns/{module}/{term}", summary="One term", responses=described(*_FORMS, description="The term"))
def term(request: Request, module: str, term: str, site: SiteDep, lang: LangDep, form: FormDep) -> Response:
    """One class, property or concept: labels, definition, alignments, and where it is used."""
    return _term(request, site, lang, form, vocabulary().term(f"{NS}{module}/{term}"))


def _named(module: str, name: str) -> Term:
    for one in vocabulary().terms(module):
        if one.name == name:
            return one
    raise NotFoundError(
        "term-unknown",
        Text("There is no term “{name}” in {module}.", "Il n'y a pas de terme « {name} » dans {module}.").format(
            name=name, module=module
        ),
    )


def _module(request: Request, site: Site, lang: Lang, form: Form, name: str) -> Response:
    found = vocabulary().module(name)
    headers = fresh(request, ANONYMOUS, lang)
    headers["Link"] = linked(alternates(request, request.url.path))
    if form.name == "ttl":
        return answer(module_turtle(name), form, headers)
    if form.name not in ("json", "html"):
        return answer(write(parse(module_turtle(name), "ttl"), form.name), form, headers)
    terms = sorted((views.term(one, lang) for one in vocabulary().terms(name)), key=lambda one: one["label"].casefold())
    view = {
        "name": found.name,
        "iri": found.iri,
        "kind": found.kind,
        "title": found.title.to(lang),
        "description": found.description.to(lang) if found.description else None,
        "version": found.version,
        "licence": found.licence,
        "terms": terms,
    }
    if form.name == "json":
        return as_json(view, headers)
    return answer(site.pages.render(request, "module.html", lang=lang, view=view), form, headers)


def _term(request: Request, site: Site, lang: Lang, form: Form, one: Term) -> Response:
    headers = fresh(request, ANONYMOUS, lang)
    headers["Link"] = linked(alternates(request, request.url.path))
    if form.name not in ("json", "html"):
        whole = parse(module_turtle(one.module), "ttl")
        code = whole.iri(one.iri)
        return answer(write(whole.filter(pl.col("s") == code), form.name), form, headers)
    known = vocabulary()

    def named(iri: str | None) -> dict[str, Any] | None:
        if not iri:
            return None
        return {"iri": iri, "label": site.names.label(iri, lang), "path": views.term_path(iri)}

    view = {
        **views.term(one, lang),
        "labels": dict(one.labels),
        "definitions": dict(one.definitions),
        "altLabels": {language: list(labels) for language, labels in one.alt_labels.items()},
        "codes": {named(prop)["label"]: list(codes) for prop, codes in one.codes.items()},  # type: ignore[index]
        "sensitivity": one.sensitivity,
        "parents": [named(iri) for iri in one.parents],
        "children": [named(child.iri) for child in known.children(one.iri)],
        "alignments": [{"relation": site.names.label(p, lang), **(named(iri) or {})} for p, iri in one.alignments],
        "inverse": named(one.inverse),
        "domain": named(one.domain),
        "range": named(one.range),
        "schemes": [named(iri) for iri in one.schemes],
        "connectors": _used_in(one.iri),
        "profiles": [p.name for p in profiles() if one.module in p.modules],
    }
    if form.name == "json":
        return as_json(view, headers)
    module = known.module(one.module)
    body = site.pages.render(request, "term.html", lang=lang, view=view, module=module)
    return answer(body, form, headers)


def _used_in(iri: str) -> list[str]:
    """The connectors that read or write ``iri``."""
    found = []
    for one in connectors():
        paths = one.columns["path"].explode()
        if iri in {expand(step) for step in paths if step}:
            found.append(one.name)
    return found
