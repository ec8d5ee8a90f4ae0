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


def texts(document: dict[str, Any]) -> set[str]:
    """Every sentence of the OpenAPI ``document`` that the page shows, as it is translated."""
    found: set[str] = set()
    for name, operations in _groups(document).items():
        found.add(name)
        for one in operations:
            found |= {one["summary"], *one["paragraphs"]}
            found |= {parameter["description"] for parameter in one["parameters"]}
            found |= {answer["description"] for answer in one["responses"].values()}
    return found - {""}


def _groups(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            entry = {
                "method": method.upper(),
                "path": path,
                "id": operation["operationId"],
                "summary": operation["summary"],
                "paragraphs": [" ".join(part.split()) for part in operation.get("description", "").split("\n\n")],
                "parameters": [_parameter(one) for one in operation.get("parameters", [])],
                "body": sorted(operation.get("requestBody", {}).get("content", {})),
                "responses": {
                    status: {"description": one["description"], "media": sorted(one.get("content", {}))}
                    for status, one in operation["responses"].items()
                },
            }
            groups.setdefault(operation["tags"][0], []).append(entry)
    return groups


def _parameter(one: dict[str, Any]) -> dict[str, Any]:
    schema = one.get("schema", {})
    return {
        "name": one["name"],
        "in": one["in"],
        "required": one.get("required", False),
        "description": one.get("description") or schema.get("description", ""),
        "examples": [str(example) for example in schema.get("examples", [])],
    }
