"""OGC API Features: datasets with places as feature collections."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import unquote, urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from datahub.hub import Dataset, Reader
from datahub.i18n import Lang
from datahub.syndication import features, fields, geojson
from datahub.web import exports
from datahub.web.answers import answer, as_json, fresh, linked
from datahub.web.filters import known_iri, path_as_sent
from datahub.web.forms import FORMS, Form, described, offering, prefers_page
from datahub.web.problems import problem_responses
from datahub.web.site import LangDep, ReaderDep, Site, SiteDep

router = APIRouter(
    default_response_class=Response, tags=["OGC API Features"], responses=problem_responses(400, 403, 404, 406, 422)
)

_FORMS = ("json", "html")
FormDep = Annotated[Form, Depends(offering(*_FORMS))]
_COMMON = ("lang", "format")
_PAGE: dict[int | str, dict[str, Any]] = {303: {"description": "To the page for people"}}


def _page(
    request: Request, site: Site, form: Form, lang: Lang, view: dict[str, Any], headers: dict[str, str]
) -> Response:
    if form.name == "json":
        return as_json(view, headers)
    return answer(site.pages.render(request, "collections.html", lang=lang, view=view), form, headers)


def _strict(request: Request, *names: str) -> None:
    features.known(list(request.query_params), (*_COMMON, *names))


@router.get("/conformance", summary="Conformance classes", responses=described(*_FORMS, description="The classes"))
def conformance(request: Request, site: SiteDep, reader: ReaderDep, lang: LangDep, form: FormDep) -> Response:
    """The parts of OGC API Features that hold here."""
    _strict(request)
    return _page(request, site, form, lang, features.conformance(), fresh(request, reader, lang))


def _kept(request: Request, *names: str, joint: str = "?") -> str:
    """The parameters ``names`` of ``request``, for the address that it is sent on to."""
    found = {name: request.query_params[name] for name in names if request.query_params.get(name)}
    return joint + urlencode(found) if found else ""


def _collection(site: Site, one: Dataset, lang: Lang, reader: Reader) -> features.Collection:
    extent = site.hub.extent(one.id, reader=reader)
    return features.Collection(
        id=one.id,
        title=one.title.to(lang),
        description=one.description.to(lang),
        licence=one.licence,
        bbox=extent,
        span=(one.created, one.modified) if one.modified else None,
    )


@router.get("/collections", summary="Feature collections", responses=described(*_FORMS, description="The collections"))
def collections(request: Request, site: SiteDep, reader: ReaderDep, lang: LangDep, form: FormDep) -> Response:
    """Every dataset that the caller may see, as a feature collection."""
    _strict(request)
    datasets = site.hub.datasets.all(reader)
    headers = fresh(request, reader, lang, datasets, site.hub.head())
    view = features.collections([_collection(site, one, lang, reader) for one in datasets], site.links)
    return _page(request, site, form, lang, view, headers)


@router.get(
    "/collections/{dataset}", summary="One collection", responses=described(*_FORMS, description="The collection")
)
def collection(
    request: Request, dataset: str, site: SiteDep, reader: ReaderDep, lang: LangDep, form: FormDep
) -> Response:
    """Title, extent and links of a collection."""
    _strict(request)
    found = site.hub.datasets.get(dataset, reader)
    headers = fresh(request, reader, lang, found, site.hub.head())
    view = features.collection(_collection(site, found, lang, reader), site.links)
    return _page(request, site, form, lang, {"collections": [view], **view}, headers)


@router.get(
    "/collections/{dataset}/items",
    summary="Features of a collection",
    responses={**described("geojson", description="A page of features"), **_PAGE},
)
def items(
    request: Request,
    dataset: str,
    site: SiteDep,
    reader: ReaderDep,
    lang: LangDep,
    limit: Annotated[
        int, Query(ge=1, description="Features per page; more than 10000 are given as 10000.")
    ] = features.LIMIT,
    bbox: Annotated[str | None, Query(max_length=200, description="west,south,east,north in degrees (CRS84).")] = None,
    datetime: Annotated[
        str | None, Query(max_length=80, description="Records changed at a time or in an interval (RFC 3339).")
    ] = None,
    cursor: Annotated[str | None, Query(max_length=500, description="From the `next` link.")] = None,
) -> Response:
    """The records of a dataset as GeoJSON features, page by page; `datetime` is about the last change of a record.

    Whoever asks for a page is led to the page of the records.
    """
    _strict(request, "limit", "bbox", "datetime", "cursor")
    found = site.hub.datasets.get(dataset, reader)
    if prefers_page(request):
        return RedirectResponse(f"/datasets/{dataset}/records{_kept(request, 'bbox', 'lang')}", 303)
    headers = fresh(request, reader, lang, found, site.hub.head())
    arguments: dict[str, Any] = {"bbox": features.bounds(bbox)} if bbox else {}
    if datetime:
        arguments["changed"] = features.interval(datetime)
    page = site.hub.records(
        dataset, **arguments, reader=reader, cursor=cursor, limit=min(limit, features.MOST), count=True
    )
    path = f"/collections/{dataset}/items"
    given = {name: value for name, value in request.query_params.items() if name != "cursor"}
    members = features.members(
        site.links,
        path,
        given,
        returned=page.table.height,
        matched=page.total,
        following=page.next,
        licence=found.licence,
        title=found.title.to(lang),
    )
    if page.next:
        headers["Link"] = linked([(members["links"][2]["href"], "next", features.GEOJSON)])
    body = geojson.write(
        fields.of_records(site.hub.page_frame(page, reader=reader)),
        site.all_names(reader),
        lang,
        {**members, **exports.provenance((found,), lang)},
    )
    return answer(body, FORMS["geojson"], headers)


@router.get(
    "/collections/{dataset}/items/{feature:path}",
    summary="One feature",
    responses={**described("geojson", description="The feature"), **_PAGE, **problem_responses(410)},
)
def item(request: Request, dataset: str, feature: str, site: SiteDep, reader: ReaderDep, lang: LangDep) -> Response:
    """One record as a GeoJSON feature, by its IRI."""
    _strict(request)
    found = site.hub.datasets.get(dataset, reader)
    feature = unquote(path_as_sent(request).partition("/items/")[2])
    record = site.hub.record(known_iri(feature), reader=reader, dataset=dataset)
    if prefers_page(request):
        page = site.links.record_path(feature)
        return RedirectResponse(page + _kept(request, "lang", joint="&" if "?" in page else "?"), 303)
    headers = fresh(request, reader, lang, found, record.version)
    text = geojson.features(fields.of_records(record.frame), site.all_names(reader), lang)[0]
    links = features.feature_links(site.links, dataset, feature, site.links.record(feature), found.licence)
    return answer(json.dumps({**json.loads(text), "links": links}, ensure_ascii=False), FORMS["geojson"], headers)
