"""For those who run the hub: health, readiness, figures for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from datahub.web.site import SiteDep

router = APIRouter(tags=["Operations"])


@router.get("/healthz", summary="Is the server alive?")
def health() -> dict[str, str]:
    """Answers as long as the process serves requests."""
    return {"status": "ok"}


@router.get("/readyz", summary="Can the server do its work?", responses={503: {"description": "Not yet"}})
def ready(site: SiteDep) -> JSONResponse:
    """The log can be read and the projections have caught up."""
    able = site.hub.ready()
    statistics = site.hub.statistics() if able else None
    body = {"status": "ready" if able else "starting"}
    positions = (
        {}
        if statistics is None
        else {"log": statistics.head, "graph": statistics.graph_position, "index": statistics.index_position}
    )
    return JSONResponse({**body, **({"positions": positions} if positions else {})}, 200 if able else 503)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text format"}},
)
def metrics(request: Request, site: SiteDep) -> Response:
    """Counters of requests and pushes, and what the hub holds, in the Prometheus text format."""
    request.app.state.metrics.observe(site.hub)
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
