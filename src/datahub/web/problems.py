"""Errors as RFC 9457 problem details, in the language asked for; as a page for those who read pages.

No text of a library reaches a reader: every problem is worded here or where its `DatahubError` was raised.
"""

from __future__ import annotations

import logging
import uuid
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from datahub.errors import DatahubError
from datahub.i18n import Lang, Text, typeset
from datahub.web.forms import NotAcceptableError, prefers_page
from datahub.web.language import language_of

MEDIA = "application/problem+json"
log = logging.getLogger(__name__)


class UnauthorizedError(DatahubError):
    """No key was given, or one that is not known."""

    status = 401


class TooLargeError(DatahubError):
    """The body is larger than this hub takes."""

    status = 413


class TooManyError(DatahubError):
    """More requests than this hub serves to one caller; ``after`` is when to come back, in seconds."""

    status = 429

    def __init__(self, code: str, message: Text, fix: Text, after: int) -> None:
        super().__init__(code, message, fix)
        self.after = after


class RequestError(DatahubError):
    """A parameter of the request can't be used."""

    status = 400


TITLES: dict[int, Text] = {
    400: Text("The request can't be understood", "La requête n'est pas compréhensible"),
    401: Text("A key is needed", "Une clé est nécessaire"),
    403: Text("This is not allowed", "Ce n'est pas autorisé"),
    404: Text("There is nothing here", "Il n'y a rien ici"),
    405: Text("This can't be done here", "Cette action n'est pas possible ici"),
    406: Text("Not available in that form", "Indisponible sous cette forme"),
    409: Text("This contradicts what stands", "Cela contredit l'existant"),
    410: Text("This was withdrawn", "Ceci a été retiré"),
    413: Text("Too large", "Trop volumineux"),
    415: Text("This kind of content is not read here", "Ce type de contenu n'est pas lu ici"),
    422: Text("The input can't be used", "Les données envoyées ne sont pas utilisables"),
    429: Text("Too many requests", "Trop de requêtes"),
    500: Text("Something broke on our side", "Une panne de notre côté"),
    503: Text("Not available for the moment", "Momentanément indisponible"),
    504: Text("It took too long", "Le délai est dépassé"),
}
"""What each status means here; ``/help/problems`` lists them, and the ``type`` of a problem leads there."""


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="Page that explains this kind of problem")
    title: str
    status: int
    detail: str = Field(description="What is wrong with this request, and how to mend it")
    code: str = Field(description="Stable name of the problem")
    instance: str = Field(description="Path of the request")
    file: str | None = None
    row: int | None = Field(None, description="Row as a spreadsheet counts: the first line of the file is 1")
    column: str | None = None
    value: str | None = None
    errors: list[dict[str, Any]] | None = Field(None, description="Single parameters that can't be used")
    offered: list[dict[str, str]] | None = Field(None, description="Forms that the resource is available in")


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI ``responses`` for errors with these statuses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": TITLES[status].en, "content": {MEDIA: {"schema": schema}, "text/html": {}}}
        for status in statuses
    }


def respond(
    request: Request,
    status: int,
    code: str,
    detail: Text,
    headers: dict[str, str] | None = None,
    **members: object,
) -> Response:
    """The problem as JSON, or as a page where the caller prefers pages."""
    lang: Lang = language_of(request)
    title = TITLES.get(status) or Text(HTTPStatus(status).phrase, HTTPStatus(status).phrase)
    body = {
        "type": request.app.state.site.links.to(f"/help/problems#status-{status}"),
        "title": title.to(lang),
        "status": status,
        "detail": typeset(detail.to(lang), lang),
        "code": code,
        "instance": request.url.path,
        **{name: value for name, value in members.items() if value is not None},
    }
    headers = {**(headers or {}), "Content-Language": lang, "Cache-Control": "no-store"}
    if prefers_page(request):
        page = request.app.state.pages.render(request, "problem.html", lang=lang, problem=body)
        return Response(page, status, headers, "text/html")
    return JSONResponse(body, status, headers, MEDIA)


def install(app: FastAPI) -> None:
    """Makes ``app`` answer every error as a problem."""
    app.add_exception_handler(DatahubError, _datahub_error)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, unexpected)


async def _datahub_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DatahubError)
    headers: dict[str, str] = {}
    members: dict[str, object] = {
        "file": error.place.file,
        "row": error.place.row,
        "column": error.place.column,
        "value": error.place.value,
    }
    if isinstance(error, NotAcceptableError):
        lang = language_of(request)
        members["offered"] = [
            {"format": f.name, "mediaType": f.media, "title": f.label.to(lang)} for f in error.offered
        ]
        headers["Vary"] = "Accept"
    if isinstance(error, TooManyError):
        headers["Retry-After"] = str(error.after)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="datahub"'
    return respond(request, error.status, error.code, Text(error.to("en"), error.to("fr")), headers, **members)


_KINDS: dict[str, Text] = {
    "missing": Text("is missing", "manque"),
    "int_parsing": Text("must be a whole number", "doit être un nombre entier"),
    "int_type": Text("must be a whole number", "doit être un nombre entier"),
    "float_parsing": Text("must be a number", "doit être un nombre"),
    "bool_parsing": Text("must be true or false", "doit valoir true ou false"),
    "greater_than_equal": Text("must be at least {ge}", "doit valoir au moins {ge}"),
    "less_than_equal": Text("must be at most {le}", "doit valoir au plus {le}"),
    "literal_error": Text("must be one of {expected}", "doit être l'une des valeurs {expected}"),
    "enum": Text("must be one of {expected}", "doit être l'une des valeurs {expected}"),
    "string_too_long": Text("is longer than {max_length} characters", "dépasse {max_length} caractères"),
    "string_too_short": Text("is shorter than {min_length} characters", "a moins de {min_length} caractères"),
    "string_pattern_mismatch": Text("has another form than expected", "n'a pas la forme attendue"),
}
_OTHER = Text("can't be read", "n'est pas lisible")


async def _parameters(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    lang = language_of(request)
    errors, sentences = [], []
    for one in error.errors():
        name = str(one["loc"][-1]) if one["loc"] else ""
        where = str(one["loc"][0]) if one["loc"] else ""
        context = {key: str(value).replace("' or '", "', '") for key, value in (one.get("ctx") or {}).items()}
        what = _KINDS.get(one["type"], _OTHER)
        try:
            what = what.format(**context)
        except KeyError:
            what = _OTHER
        sentence = Text("“{name}” {what}.", "« {name} » {what}.")
        sentence = Text(sentence.en.format(name=name, what=what.en), sentence.fr.format(name=name, what=what.fr))
        sentences.append(sentence)
        given = one.get("input")
        value = given[:200] if isinstance(given, str) else None
        errors.append({"parameter": name, "in": where, "message": typeset(sentence.to(lang), lang), "value": value})
    detail = Text(" ".join(s.en for s in sentences), " ".join(s.fr for s in sentences))
    return respond(request, 422, "parameter", detail, errors=errors)


_DETAILS: dict[int, tuple[str, Text]] = {
    413: (
        "body-too-large",
        Text("What was sent is larger than this hub takes.", "L'envoi dépasse ce que ce hub accepte."),
    ),
    404: (
        "not-found",
        Text(
            "There is nothing at “{path}”. The home page lists what this hub holds; /docs lists its routes.",
            "Il n'y a rien à « {path} ». La page d'accueil liste le contenu de ce hub ; /docs liste ses routes.",
        ),
    ),
    405: (
        "method",
        Text("“{path}” does not take {method}.", "« {path} » n'accepte pas {method}."),
    ),
}


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, detail = _DETAILS.get(
        error.status_code,
        ("request", Text("This request can't be served.", "Cette requête ne peut pas être traitée.")),
    )
    detail = Text(
        detail.en.format(path=request.url.path, method=request.method),
        detail.fr.format(path=request.url.path, method=request.method),
    )
    return respond(request, error.status_code, code, detail, dict(error.headers or {}))


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # whoever asked has hung up: nobody reads this


async def unexpected(request: Request, error: Exception) -> Response:
    """The problem that a fault of ours becomes: a number to report, which stands beside the traceback in the server's log."""
    number = uuid.uuid4().hex[:12]
    log.error("unexpected error %s at %s %s", number, request.method, request.url.path, exc_info=error)
    detail = Text(
        "The request failed through a fault of this hub; nothing was changed. Tell its operators the number {number}.",
        "La requête a échoué par une erreur de ce hub ; rien n'a été modifié. Signalez le numéro {number} à ses gestionnaires.",
    ).format(number=number)
    return respond(request, 500, "internal", detail, number=number)
