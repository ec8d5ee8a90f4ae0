"""Records: lists with filters, whole datasets in every form, single records, and points for the map."""

from __future__ import annotations

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from datahub.connectors import shipped
from datahub.errors import NotFoundError
from datahub.hub import Dataset, GoneError, Page, Reader
from datahub.i18n import Lang
from datahub.rdf.frame import Frame, concat
from datahub.web import exports, views
from datahub.web.answers import alternates, answer, as_json, fresh, linked
from datahub.web.filters import MOST, PAGE, Filters, as_iri, known_iri, path_as_sent
from datahub.web.forms import Form, described, offering
from datahub.web.problems import problem_responses
from datahub.web.site import LangDep, ReaderDep, Site, SiteDep

router = APIRouter(
    default_response_class=Response, tags=["Records"], responses=problem_responses(400, 403, 404, 406, 410, 422)
)

_FORMS = ("json", "jsonld", "ttl", "nt", "nq", "trig", "rdfxml", "csv", "geojson", "html")
_form = offering(*_FORMS)
FormDep = Annotated[Form, Depends(_form)]
FiltersDep = Annotated[Filters, Depends()]
_Cursor = Annotated[str | None, Query(max_length=500, description="Where to go on; from the `next` link of a page.")]
_Limit = Annotated[
    int | None,
    Query(ge=1, le=MOST, description=f"Records per page. Pages and JSON have {PAGE} by default, files have all."),
]
_MAP_MOST = 20_000
NAME = "^[a-z0-9][a-z0-9-]{0,62}$"


@router.get("/records", summary="Records of all datasets", responses=described(*_FORMS, description="Records"))
def all_records(
    request: Request,
    site: SiteDep,
    reader: ReaderDep,
    lang: LangDep,
    form: FormDep,
    filters: FiltersDep,
    cursor: _Cursor = None,
    limit: _Limit = None,
    iri: Annotated[str | None, Query(max_length=2000, description="One record by its IRI.")] = None,
    dataset: Annotated[str | None, Query(max_length=63, description="Only this dataset.")] = None,
) -> Response:
    """Search over everything that the caller may see. The order is by name, then neutral; there is no ranking."""
    if iri:
        return one_record(request, site, reader, lang, form, iri)
    if dataset:
        site.hub.datasets.get(dataset, reader)
        return RedirectResponse(f"/datasets/{dataset}/records" + (f"?{filters.query}" if filters.query else ""), 303)
    return _list(request, site, reader, lang, form, filters, cursor, limit, None)


@router.get(
    "/datasets/{dataset}/records",
    summary="Records of a dataset",
    responses=described(*_FORMS, description="The records, in the form asked for"),
)
def dataset_records(
    request: Request,
    dataset: str,
    site: SiteDep,
    reader: ReaderDep,
    lang: LangDep,
    form: FormDep,
    filters: FiltersDep,
    cursor: _Cursor = None,
    limit: _Limit = None,
    connector: Annotated[
        str | None,
        Query(pattern=NAME, description="Give the records in the native format of this connector instead."),
    ] = None,
) -> Response:
    """The records of a dataset: a page to browse, or all of them as a file; with `connector`, in another platform's format.

    What that format can't express is counted per field at `/datasets/{dataset}/loss?connector=…`.
    """
    found = site.hub.datasets.get(dataset, reader)
    if connector:
        return _native(request, site, reader, lang, filters, found, connector)
    return _list(request, site, reader, lang, form, filters, cursor, limit, found)


def _list(
    request: Request,
    site: Site,
    reader: Reader,
    lang: Lang,
    form: Form,
    filters: Filters,
    cursor: str | None,
    limit: int | None,
    dataset: Dataset | None,
) -> Response:
    everything = site.hub.datasets.all(reader)
    datasets = (dataset,) if dataset else everything
    headers = fresh(request, reader, lang, datasets, site.hub.head())
    here = request.url.path
    links = alternates(request, here + (f"?{filters.query}" if filters.query else ""))
    if dataset:
        links.append((dataset.licence, "license", None))
    name = dataset.id if dataset else None
    if form.name in ("html", "json") or limit or cursor:
        page = site.hub.records(name, **filters.arguments(), reader=reader, cursor=cursor, limit=limit or PAGE)
        following = _next(request, page)
        if following:
            links.append((site.links.to(following), "next", form.media))
        headers["Link"] = linked(links)
        if form.name in ("html", "json"):
            return _listed(request, site, reader, lang, form, filters, page, following, dataset, headers)
        return answer(
            exports.write(site.all_names(reader), site.hub.page_frame(page, reader=reader), form, lang, datasets),
            form,
            headers,
        )
    headers["Link"] = linked(links)
    if filters.given:
        body: Any = exports.write(site.all_names(reader), _matching(site, reader, filters, name), form, lang, datasets)
    else:
        body = exports.stream(site.all_names(reader), site.hub.frames(name, reader=reader), form, lang, datasets)
    return answer(body, form, headers, f"{name or 'records'}")


def _matching(site: Site, reader: Reader, filters: Filters, dataset: str | None) -> Frame:
    return concat([site.hub.page_frame(page, reader=reader) for page in filters.pages(site.hub, reader, dataset)])


def _next(request: Request, page: Page) -> str | None:
    if page.next is None:
        return None
    return request.url.path + "?" + str(request.url.include_query_params(cursor=page.next).query)


def _listed(
    request: Request,
    site: Site,
    reader: Reader,
    lang: Lang,
    form: Form,
    filters: Filters,
    page: Page,
    following: str | None,
    dataset: Dataset | None,
    headers: dict[str, str],
) -> Response:
    view: dict[str, Any] = {
        "dataset": views.dataset(site, dataset, lang) if dataset else None,
        "filters": filters.given,
        "total": page.total,
        "records": views.summaries(site, page, lang),
        "next": site.links.to(following) if following else None,
    }
    if form.name == "json":
        return as_json(view, headers)
    facets = site.hub.facets(dataset.id if dataset else None, reader=reader)
    body = site.pages.render(
        request,
        "records.html",
        lang=lang,
        view=view,
        following=following,
        filters=filters,
        kinds=_options(site, facets.kinds, lang),
        categories=_options(site, facets.categories, lang),
        located=site.hub.extent(dataset.id if dataset else None, reader=reader) is not None,
        datasets=() if dataset else site.hub.datasets.all(reader),
        departments=[(value, value, count) for value, count in facets.departments.iter_rows()],
        forms=[f for f in request.state.offered if f.name not in ("html", "json", "nq", "trig")],
    )
    return answer(body, form, headers)


def _options(site: Site, facet: pl.DataFrame, lang: Lang) -> list[tuple[str, str, int]]:
    found = [(value, site.names.label(value, lang), count) for value, count in facet.iter_rows()]
    return sorted(found, key=lambda option: option[1].casefold())


def _native(
    request: Request, site: Site, reader: Reader, lang: Lang, filters: Filters, dataset: Dataset, connector: str
) -> Response:
    headers = fresh(request, reader, lang, dataset, site.hub.head(), connector)
    records = None
    if filters.given:
        tables = [page.table["record"] for page in filters.pages(site.hub, reader, dataset.id)]
        records = pl.concat(tables).to_list()
    lowering = site.hub.lower(dataset.id, connector, reader=reader, records=records)
    loss = site.links.to(f"/datasets/{dataset.id}/loss?connector={connector}")
    headers["Link"] = linked([(loss, "describedby", "application/json"), (dataset.licence, "license", None)])
    headers["Content-Disposition"] = f'attachment; filename="{lowering.filename}"'
    return Response(lowering.data, headers=headers, media_type=lowering.media_type)


@router.get(
    "/datasets/{dataset}/loss",
    summary="What another platform's format can't express",
    responses=described("json", "html", description="Losses, counted per field"),
)
def loss(
    request: Request,
    dataset: str,
    site: SiteDep,
    reader: ReaderDep,
    lang: LangDep,
    form: Annotated[Form, Depends(offering("json", "html"))],
    connector: Annotated[str, Query(pattern=NAME, description="The connector of the wanted format.")],
) -> Response:
    """Counts, per field, the values of this dataset that the format of `connector` has no place for, with an example each."""
    found = site.hub.datasets.get(dataset, reader)
    headers = fresh(request, reader, lang, found, site.hub.head())
    lowering = site.hub.lower(dataset, connector, reader=reader)
    table = lowering.loss.table
    view = {
        "dataset": views.dataset(site, found, lang),
        "connector": connector,
        "input": lowering.loss.total,
        "expressed": lowering.loss.expressed,
        "lost": lowering.loss.lost,
        "restated": lowering.loss.restated,
        "fields": [views.loss_field(site, row, lang) for row in table.iter_rows(named=True)],
    }
    if form.name == "json":
        return as_json(view, headers)
    title = shipped(connector).title
    return answer(site.pages.render(request, "loss.html", lang=lang, view=view, connector=title), form, headers)


@router.get("/map", summary="Places of all datasets, for maps")
def all_points(request: Request, site: SiteDep, reader: ReaderDep, lang: LangDep, filters: FiltersDep) -> Response:
    """The records that have coordinates and pass the filters: longitude, latitude, name and path each."""
    return _points(request, site, reader, lang, filters, None)


@router.get("/datasets/{dataset}/map", summary="Places of a dataset, for maps")
def dataset_points(
    request: Request, dataset: str, site: SiteDep, reader: ReaderDep, lang: LangDep, filters: FiltersDep
) -> Response:
    """The records that have coordinates and pass the filters: longitude, latitude, name and path each."""
    site.hub.datasets.get(dataset, reader)
    return _points(request, site, reader, lang, filters, dataset)


def _points(
    request: Request, site: Site, reader: Reader, lang: Lang, filters: Filters, dataset: str | None
) -> Response:
    headers = fresh(request, reader, lang, site.hub.head(), site.hub.datasets.all(reader))
    points: list[tuple[Any, ...]] = []
    complete = True
    for page in filters.pages(site.hub, reader, dataset, located=True):
        rows = page.table.select("lon", "lat", "label", "record").rows()
        points.extend((lon, lat, label, site.links.record_path(record)) for lon, lat, label, record in rows)
        if len(points) >= _MAP_MOST:
            complete = page.next is None and len(points) <= _MAP_MOST
            break
    return JSONResponse({"complete": complete, "points": points[:_MAP_MOST]}, headers=headers)


@router.get(
    "/records/{dataset}/{path:path}", summary="One record", responses=described(*_FORMS, description="The record")
)
def record(
    request: Request, dataset: str, path: str, site: SiteDep, reader: ReaderDep, lang: LangDep, form: FormDep
) -> Response:
    """One record with its provenance and licence, at its own IRI. A deleted record answers 410."""
    uri = site.links.base + path_as_sent(request).lstrip("/")
    try:
        return one_record(request, site, reader, lang, form, uri)
    except NotFoundError as error:
        iri = as_iri(uri)
        if iri == uri or isinstance(error, GoneError):
            raise
        return one_record(request, site, reader, lang, form, iri)


def one_record(request: Request, site: Site, reader: Reader, lang: Lang, form: Form, iri: str) -> Response:
    """The record ``iri`` in ``form``."""
    found = site.hub.record(known_iri(iri), reader=reader)
    others = site.hub.head() if form.name in ("html", "json") else None  # these show the names of linked records
    headers = fresh(request, reader, lang, found.version, found.dataset, others)
    here = site.links.record_path(iri)
    headers["Link"] = linked(
        [
            *alternates(request, here),
            (found.dataset.licence, "license", None),
            (site.links.dataset(found.dataset.id), "collection", None),
        ]
    )
    if form.name not in ("html", "json"):
        return answer(exports.write(site.all_names(reader), found.frame, form, lang, (found.dataset,)), form, headers)
    names = views.with_linked(site, found.frame, reader, lang, site.all_names(reader))
    view: dict[str, Any] = {
        "iri": iri,
        "label": (found.summary.label if found.summary else None) or iri,
        "kind": found.summary.kind if found.summary else None,
        "kindLabel": site.names.label(found.summary.kind, lang) if found.summary and found.summary.kind else None,
        "lat": found.summary.lat if found.summary else None,
        "lon": found.summary.lon if found.summary else None,
        "dataset": views.dataset(site, found.dataset, lang),
        "properties": views.properties(site, found.frame, lang, names),
        "versions": [views.version(site, one) for one in site.hub.history(iri, reader=reader)],
    }
    if form.name == "json":
        return as_json(view, headers)
    platform = site.hub.platforms.get(found.dataset.platform)
    body = site.pages.render(
        request,
        "record.html",
        lang=lang,
        view=view,
        platform=views.platform(platform),
        forms=[f for f in request.state.offered if f.name not in ("html", "nq", "trig")],
        record_path=here,
    )
    return answer(body, form, headers)
