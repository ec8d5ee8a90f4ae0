"""SPARQL 1.1 protocol, read-only, over the graphs of all open datasets."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from datahub.errors import DatahubError
from datahub.i18n import Text
from datahub.rdf.formats import write
from datahub.syndication.statements import Statements
from datahub.web.answers import VARY
from datahub.web.forms import FORMS, choose, page_outweighs
from datahub.web.language import language_of
from datahub.web.problems import RequestError, problem_responses
from datahub.web.site import LangDep, Site, SiteDep

router = APIRouter(
    default_response_class=Response, tags=["SPARQL"], responses=problem_responses(400, 406, 413, 415, 422, 429, 503)
)

SD = "http://www.w3.org/ns/sparql-service-description#"
MOST_BYTES = 1 << 20
ROWS_SHOWN = 1000
"""Rows that the page shows; the files have all."""
_PAGE_FORMS = "text/csv, text/turtle"
"""What the page shows: tables as rows, graphs as Turtle."""
_YES, _NO = Text("yes", "oui"), Text("no", "non")
_DATA = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
    "text/turtle",
    "application/n-triples",
    "application/rdf+xml",
)
_RESULTS: dict[str, Any] = {media: {} for media in (*_DATA, FORMS["html"].media)}
_OK: dict[int | str, dict[str, Any]] = {
    200: {"description": "Results, or the graph that the query makes", "content": _RESULTS}
}
_QUERY_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/sparql-query": {"schema": {"type": "string"}},
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
            },
        },
    }
}


class MediaTypeError(DatahubError):
    """The body is of a type that is not read here."""

    status = 415


@router.get("/sparql", summary="Query the open data", responses=_OK)
def get(
    request: Request,
    site: SiteDep,
    lang: LangDep,
    query: Annotated[
        str | None, Query(max_length=20_000, description="A SELECT, ASK, CONSTRUCT or DESCRIBE query.")
    ] = None,
    format: Annotated[str | None, Query(max_length=100, description="json, xml, csv, tsv, ttl, nt")] = None,  # noqa: A002
) -> Response:
    """Without a query: a page with a form for people, a service description for programs."""
    if query is None:
        return _about(request, site)
    return _run(
        request,
        site,
        query,
        format,
        request.query_params.getlist("default-graph-uri"),
        request.query_params.getlist("named-graph-uri"),
    )


@router.post("/sparql", summary="Query the open data", responses=_OK, openapi_extra=_QUERY_BODY)
async def post(request: Request, site: SiteDep, lang: LangDep) -> Response:
    """The query as the body, or as a form field; updates are refused."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise RequestError(
                "query-too-long",
                Text("The query is longer than 1 MB.", "La requête dépasse 1 Mo."),
                Text("Split it.", "Découpez-la."),
            )
    text = _decoded(bytes(body))
    parameters = {name: request.query_params.getlist(name) for name in request.query_params}
    if media == "application/x-www-form-urlencoded":
        parameters = {**parameters, **parse_qs(text)}
        queries = parameters.get("query", [])
    elif media == "application/sparql-query":
        queries = [text]
    else:
        raise MediaTypeError(
            "media-type",
            Text("“{media}” is not read here.", "« {media} » n'est pas lu ici.").format(media=media[:100]),
            Text(
                "Send application/sparql-query, or a form with the field “query”.",
                "Envoyez application/sparql-query, ou un formulaire avec le champ « query ».",
            ),
        )
    if not queries:
        raise RequestError(
            "query-missing",
            Text("There is no query.", "Il n'y a pas de requête."),
            Text("Put it in the parameter “query”.", "Mettez-la dans le paramètre « query »."),
        )
    return await run_in_threadpool(
        _run,
        request,
        site,
        queries[0],
        next(iter(parameters.get("format", [])), None),
        parameters.get("default-graph-uri", []),
        parameters.get("named-graph-uri", []),
    )


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise RequestError(
            "query-encoding",
            Text("The query is not UTF-8.", "La requête n'est pas en UTF-8."),
            Text("Send it in UTF-8.", "Envoyez-la en UTF-8."),
        ) from error


def _run(request: Request, site: Site, query: str, form: str | None, default: list[str], named: list[str]) -> Response:
    request.app.state.query_limit.take(request.client.host if request.client else "")
    accept = request.headers.get("accept")
    page = form == "html" or (form is None and page_outweighs(accept or "", _DATA.__contains__))
    try:
        result = site.hub.sparql(
            query,
            accept=_PAGE_FORMS if page else accept,
            format=None if page else form,
            default_graphs=tuple(default),
            named_graphs=tuple(named),
        )
    except DatahubError as error:
        if not page:
            raise
        return _page(request, site, query, "", "", error)
    headers = {"Vary": VARY, "Cache-Control": "public, no-cache"}
    if not page:
        return Response(result.data, headers=headers, media_type=result.media_type)
    return _page(request, site, query, result.data.decode("utf-8", "replace"), result.media_type)


def _page(
    request: Request, site: Site, query: str, data: str, media: str, error: DatahubError | None = None
) -> Response:
    """The form with ``query``, and below it what came of it; an ``error`` stands there too, so that the query can be mended."""
    asked = data in ("true", "false")  # ASK; a table ends with the end of its first line at least
    rows = list(csv.reader(io.StringIO(data))) if media.startswith("text/csv") and not asked else None
    lang = language_of(request)
    body = site.pages.render(
        request,
        "sparql.html",
        lang=lang,
        query=query,
        answer=(_YES if data == "true" else _NO).to(lang) if asked else None,
        rows=rows,
        data=None if rows or asked else data,
        most=ROWS_SHOWN,
        error=error.to(lang) if error else None,
    )
    status = error.status if error else 200
    return Response(body, status, headers={"Vary": VARY, "Content-Language": lang}, media_type="text/html")


def _about(request: Request, site: Site) -> Response:
    form = choose(
        request.headers.get("accept"), (FORMS["ttl"], FORMS["jsonld"], FORMS["rdfxml"], FORMS["nt"], FORMS["html"])
    )
    if form.name == "html":
        return _page(request, site, "", "", "")
    out = Statements()
    at = site.links.to("/sparql")
    out.a(at, SD + "Service")
    out.add(at, SD + "endpoint", at)
    out.add(at, SD + "supportedLanguage", SD + "SPARQL11Query")
    out.each(
        at,
        SD + "resultFormat",
        [
            "http://www.w3.org/ns/formats/" + name
            for name in ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "Turtle", "N-Triples")
        ],
    )
    out.add(at, SD + "defaultDataset", at + "#dataset")
    out.a(at + "#dataset", SD + "Dataset")
    for one in site.hub.datasets.all():
        graph = at + f"#{one.id}"
        out.add(at + "#dataset", SD + "namedGraph", graph)
        out.a(graph, SD + "NamedGraph")
        out.add(graph, SD + "name", one.iri)
    return Response(write(out.frame(), form.name), headers={"Vary": VARY}, media_type=form.content_type)
