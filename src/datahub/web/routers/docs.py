"""The API, described for people: the OpenAPI document as a page of our own, which needs nothing from elsewhere."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from datahub.hub import ANONYMOUS
from datahub.web.answers import fresh
from datahub.web.site import LangDep, SiteDep

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs(request: Request, site: SiteDep, lang: LangDep) -> Response:
    """All routes with their parameters and answers."""
    headers = fresh(request, ANONYMOUS, lang)
    body = site.pages.render(request, "docs.html", lang=lang, groups=_groups(request.app.openapi()))
    return Response(body, headers=headers, media_type="text/html")


def _groups(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            entry = {
                "method": method.upper(),
                "path": path,
                "id": operation["operationId"],
                "summary": operation.get("summary", ""),
                "description": operation.get("description", ""),
                "parameters": operation.get("parameters", []),
                "body": sorted(operation.get("requestBody", {}).get("content", {})),
                "responses": {
                    status: {"description": one.get("description", ""), "media": sorted(one.get("content", {}))}
                    for status, one in operation.get("responses", {}).items()
                },
            }
            groups.setdefault(operation.get("tags", ["Other"])[0], []).append(entry)
    return groups
