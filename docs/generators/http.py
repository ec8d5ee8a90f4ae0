"""The HTTP API, from the OpenAPI document of the application."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from datahub.hub import Hub
from datahub.settings import Settings
from datahub.web import create_app
from generators.markdown import anchor, code, page, slug, table, text

_INTRO = """
Every resource has one address. `Accept` or `?format=` chooses the form, `Accept-Language` or `?lang=` the language.
Reading what is open needs no key. A platform sends its API key as `Authorization: Bearer …` or `X-API-Key: …`. Errors
are problem details (RFC 9457), listed under [Errors](errors.md). A running hub shows this page at `/docs` and the
OpenAPI document at `/openapi.json`.
"""


def document() -> dict[str, Any]:
    """The OpenAPI document of a fresh hub."""
    with tempfile.TemporaryDirectory() as folder, Hub(Settings(data_dir=Path(folder))) as hub:
        made: dict[str, Any] = create_app(hub).openapi()
    return made


def pages() -> dict[str, str]:
    """The page of routes."""
    groups: dict[str, list[str]] = {}
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            groups.setdefault(operation.get("tags", ["Other"])[0], []).append(_operation(method, path, operation))
    blocks = ["# HTTP API", _INTRO]
    for tag in sorted(groups):
        blocks += [f"## {text(tag)}", *groups[tag]]
    return {"http": page(*blocks)}


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    name = f"{method.upper()} {path}"
    blocks = [anchor(f"http-{slug(name)}") + f"### {code(name)}", f"**{text(operation.get('summary', ''))}**"]
    if operation.get("description"):
        blocks.append(operation["description"].strip())
    if parameters := operation.get("parameters"):
        given = [
            (code(one["name"]), _place(one), code(_values(one["schema"])), text(one.get("description")))
            for one in parameters
        ]
        blocks.append(table(("parameter", "in", "value", "what it is"), given))
    if body := operation.get("requestBody", {}).get("content"):
        blocks.append("Body: " + ", ".join(code(media) for media in body) + ".")
    answers = operation.get("responses", {})
    good = [
        (code(status), text(answer.get("description")), ", ".join(code(media) for media in answer.get("content", {})))
        for status, answer in answers.items()
        if status < "400"
    ]
    blocks.append(table(("status", "answer", "media types"), good))
    if problems := [code(status) for status in sorted(answers) if status >= "400"]:
        blocks.append(f"Problems: {', '.join(problems)} ([Errors](errors.md)).")
    return "\n\n".join(blocks)


def _place(parameter: dict[str, Any]) -> str:
    return str(parameter["in"]) + (", required" if parameter.get("required") else "")


def _values(schema: dict[str, Any]) -> str:
    """What a parameter may be, in short: its words, or its type and its limits."""
    options = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    first = options[0] if options else {}
    if "enum" in first:
        return "|".join(map(str, first["enum"]))
    shown = str(first.get("type", "string"))
    if "default" in schema:
        shown += f" = {json.dumps(schema['default'])}"
    return shown
