"""The web application of one hub."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import anyio
from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

import datahub
from datahub.hub import Hub
from datahub.syndication.links import Links
from datahub.web import problems
from datahub.web.answers import NotModified
from datahub.web.heads import Heads
from datahub.web.language import COOKIE
from datahub.web.limits import Limiter
from datahub.web.metrics import Metrics
from datahub.web.pages import Pages
from datahub.web.routers import collections, datasets, docs, feeds, ns, ops, pages, pushes, records, sparql, validation
from datahub.web.site import Site

FORM_OVERHEAD = 4 << 20
"""What a form around a file of the greatest size may add, in bytes."""
STATIC = Path(__file__).parent / "static"
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
"""Methods that have a counter of their own: a caller may invent as many others as it likes."""
_DESCRIPTION = """
The hub through which cooperative platforms share data without giving up their own models.

Reading what is open needs no key. A platform pushes with its API key (`Authorization: Bearer …` or `X-API-Key`).
Every resource has one address; `Accept` or `?format=` chooses the form, `Accept-Language` or `?lang=` the language (en, fr).
Errors are RFC 9457 problem details.
"""


def create_app(hub: Hub) -> FastAPI:
    """The application that serves ``hub``. The caller opens and closes the hub."""
    settings = hub.settings
    app = FastAPI(
        title="datahub",
        version=datahub.__version__,
        description=_DESCRIPTION,
        license_info={"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        max_body_size=settings.max_push_bytes + FORM_OVERHEAD,
    )
    site = Site(
        hub,
        Links(settings.url, settings.base_iri),
        Pages(tile_url=settings.tile_url or "", tile_attribution=settings.tile_attribution or ""),
    )
    app.state.site = site
    app.state.hub = hub
    app.state.pages = site.pages
    app.state.metrics = Metrics()
    app.state.queue = pushes.Queue(settings.push_workers)
    app.state.push_limit = Limiter(settings.pushes_per_minute, "too-many-pushes")
    app.state.check_limit = Limiter(settings.checks_per_minute, "too-many-checks")
    app.state.check_turns = anyio.CapacityLimiter(1)
    app.state.query_limit = Limiter(settings.queries_per_minute, "too-many-queries")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for module in (pages, datasets, records, pushes, feeds, collections, sparql, validation, ns, ops, docs):
        app.include_router(module.router)
    problems.install(app)
    app.add_exception_handler(NotModified, _not_modified)
    app.middleware("http")(_framed(_policy(settings.tile_url)))
    app.add_middleware(GZipMiddleware, minimum_size=2000, compresslevel=5)
    app.add_middleware(Heads)
    _publish_problem(app)
    return app


async def _not_modified(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotModified)
    return Response(status_code=304, headers=error.headers)


def _policy(tile_url: str | None) -> str:
    """The content security policy: everything from here, but for the map tiles that the settings name."""
    tiles = ""
    if tile_url:
        parts = urlsplit(tile_url)
        tiles = f" {parts.scheme}://{parts.netloc.replace('{s}', '*')}"
    return (
        f"default-src 'self'; img-src 'self' data:{tiles}; style-src 'self'; script-src 'self'; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )


def _framed(
    policy: str,
) -> Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]:
    """Counts and times every request, keeps a language that was chosen, and says what browsers may do with the answer."""

    async def serve(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        start = time.perf_counter()
        try:
            response = await go_on(request)
        except Exception as error:  # noqa: BLE001 (a fault of ours is counted and framed as any other answer)
            response = await problems.unexpected(request, error)
        route = request.scope.get("route")
        name = getattr(route, "path", "unknown")
        method = request.method if request.method in METHODS else "other"
        metrics: Metrics = request.app.state.metrics
        metrics.requests.labels(name, method, str(response.status_code)).inc()
        metrics.seconds.labels(name).observe(time.perf_counter() - start)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if response.headers.get("content-type", "").startswith("text/html"):
            response.headers.setdefault("Content-Security-Policy", policy)
            chosen = request.query_params.get("lang")
            if chosen in ("en", "fr"):
                response.set_cookie(COOKIE, chosen, max_age=365 * 24 * 3600, samesite="lax")
        elif request.method in ("GET", "HEAD") and response.status_code < 500:
            response.headers.setdefault("Access-Control-Allow-Origin", "*")
        return response

    return serve


def _publish_problem(app: FastAPI) -> None:
    """Puts the schema of problem details into the OpenAPI document, and takes out FastAPI's own error schema, which is not used."""
    made = app.openapi

    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            document = made()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas.pop("HTTPValidationError", None)
            schemas.pop("ValidationError", None)
            schemas["Problem"] = problems.Problem.model_json_schema()
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
