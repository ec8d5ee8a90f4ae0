"""The catalogue of datasets: as pages, as JSON, as DCAT-AP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from datahub.connectors import connectors
from datahub.rdf.formats import write
from datahub.web import catalogue, views
from datahub.web.answers import alternates, answer, as_json, fresh, linked
from datahub.web.forms import Form, described, offering
from datahub.web.problems import problem_responses
from datahub.web.reports import personal_columns
from datahub.web.site import LangDep, ReaderDep, SiteDep

router = APIRouter(default_response_class=Response, tags=["Catalogue"], responses=problem_responses(403, 404, 406, 422))

_FORMS = ("json", "jsonld", "ttl", "nt", "rdfxml", "html")
_RDF = ("ttl", "jsonld", "rdfxml", "nt")


@router.get("/catalog", summary="The catalogue in DCAT-AP", responses=described(*_RDF, description="DCAT-AP 3.0.1"))
def catalog(
    request: Request, site: SiteDep, reader: ReaderDep, lang: LangDep, form: Annotated[Form, Depends(offering(*_RDF))]
) -> Response:
    """All open datasets with their publishers, licences, distributions and services (DCAT-AP 3.0.1)."""
    headers = fresh(request, reader, lang, site.hub.datasets.all(), site.hub.platforms.all())
    headers["Link"] = linked(alternates(request, "/catalog"))
    return answer(write(catalogue.whole(site), form.name), form, headers)


@router.get("/datasets", summary="All datasets", responses=described(*_FORMS, description="The datasets"))
def all_datasets(
    request: Request,
    site: SiteDep,
    reader: ReaderDep,
    lang: LangDep,
    form: Annotated[Form, Depends(offering(*_FORMS))],
) -> Response:
    """The datasets that the caller may see, by title."""
    datasets = site.hub.datasets.all(reader)
    platforms = site.hub.platforms.all()
    headers = fresh(request, reader, lang, datasets, platforms)
    headers["Link"] = linked([*alternates(request, "/datasets"), ("/catalog", "describedby", "text/turtle")])
    view = {
        "datasets": [views.dataset(site, one, lang) for one in datasets],
        "platforms": [views.platform(one) for one in platforms],
    }
    if form.name == "json":
        return as_json(view, headers)
    if form.name == "html":
        return answer(site.pages.render(request, "datasets.html", lang=lang, view=view), form, headers)
    return answer(write(catalogue.whole(site), form.name), form, headers)


@router.get("/datasets/{dataset}", summary="One dataset", responses=described(*_FORMS, description="The dataset"))
def one_dataset(
    request: Request,
    dataset: str,
    site: SiteDep,
    reader: ReaderDep,
    lang: LangDep,
    form: Annotated[Form, Depends(offering(*_FORMS))],
) -> Response:
    """A dataset: who publishes it, under which licence, in which forms, and what its last push brought."""
    found = site.hub.datasets.get(dataset, reader)
    platform = site.hub.platforms.get(found.platform)
    last = site.hub.last_push(dataset)
    headers = fresh(request, reader, lang, found, platform, last and last.id)
    headers["Link"] = linked(
        [
            *alternates(request, f"/datasets/{dataset}"),
            (found.licence, "license", None),
            (site.links.records(dataset), "item", None),
            (site.links.feed(dataset, "rpde"), "alternate", "application/json"),
        ]
    )
    if form.name not in ("json", "html"):
        return answer(write(catalogue.single(site, found), form.name), form, headers)
    owner = views.owns(reader, found.platform)
    view: dict[str, Any] = {
        **views.dataset(site, found, lang),
        "publisher": views.platform(platform),
        "lastPush": views.report(site, last, personal_columns(site, found), owner) if last else None,
        "pushes": [
            {
                "id": one.id,
                "url": site.links.to(f"/pushes/{one.id}"),
                "status": one.status,
                "mode": one.mode,
                "finished": views.zulu(one.finished),
                "counts": one.to_json()["counts"],
            }
            for one in site.hub.pushes(dataset, limit=10)
        ],
    }
    if form.name == "json":
        return as_json(view, headers)
    body = site.pages.render(
        request,
        "dataset.html",
        lang=lang,
        view=view,
        owner=owner,
        report=last,
        shown=view["lastPush"],
        writers=[one for one in connectors() if "out" in one.directions and one.profile == found.profile],
    )
    return answer(body, form, headers)


@router.get("/platforms/{platform}", summary="One platform", responses=described(*_FORMS, description="The platform"))
def one_platform(
    request: Request,
    platform: str,
    site: SiteDep,
    reader: ReaderDep,
    lang: LangDep,
    form: Annotated[Form, Depends(offering(*_FORMS))],
) -> Response:
    """A platform and the datasets of it that the caller may see."""
    found = site.hub.platforms.get(platform)
    datasets = site.hub.datasets.all(reader, platform=platform)
    headers = fresh(request, reader, lang, found, datasets)
    headers["Link"] = linked(alternates(request, f"/platforms/{platform}"))
    if form.name not in ("json", "html"):
        return answer(write(catalogue.agent(site, found.id), form.name), form, headers)
    view = {**views.platform(found), "datasets": [views.dataset(site, one, lang) for one in datasets]}
    if form.name == "json":
        return as_json(view, headers)
    body = site.pages.render(request, "platform.html", lang=lang, view=view, kind=found.kind)
    return answer(body, form, headers)
