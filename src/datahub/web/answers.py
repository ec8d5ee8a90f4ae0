"""Answers: bodies with the headers that caches, crawlers and people rely on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

import datahub
from datahub.hub import ANONYMOUS, Reader
from datahub.web.forms import Form

VARY = "Accept, Accept-Language, Authorization, X-API-Key, Cookie"


class NotModified(Exception):  # noqa: N818
    """The caller has the current state already (RFC 9110 section 15.4.5); answered with 304."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__("not modified")
        self.headers = headers


def fresh(request: Request, reader: Reader, lang: str, *state: object) -> dict[str, str]:
    """The cache headers of an answer that depends on ``state``, the address, the language and the reader.

    Raises `NotModified` when the caller's ``If-None-Match`` names that very state.
    """
    form = getattr(request.state, "form", None)
    parts = (datahub.__version__, form and form.name, lang, str(request.url), reader, *state)
    tag = 'W/"' + hashlib.sha256(repr(parts).encode()).hexdigest()[:24] + '"'
    access = "public" if reader == ANONYMOUS else "private"
    headers = {"ETag": tag, "Vary": VARY, "Cache-Control": f"{access}, no-cache", "Content-Language": lang}
    given = [part.strip() for part in request.headers.get("if-none-match", "").split(",")]
    if tag in given or "*" in given:
        raise NotModified(headers)
    return headers


_OF_URIS = "!#$%&'()*+,/:;=?@[]~"
"""What a URI may hold as it stands, besides letters, digits and ``-._`` (RFC 3986 section 2)."""


def linked(links: Iterable[tuple[str, str, str | None]]) -> str:
    """A ``Link`` header (RFC 8288) of (address, relation, media type) each; an IRI becomes a URI (RFC 3987 section 3.1)."""
    return ", ".join(
        f'<{quote(href, _OF_URIS)}>; rel="{rel}"' + (f'; type="{media}"' if media else "") for href, rel, media in links
    )


def alternates(request: Request, address: str) -> list[tuple[str, str, str | None]]:
    """Links to the other forms of the resource at ``address``."""
    offered: tuple[Form, ...] = getattr(request.state, "offered", ())
    chosen: Form | None = getattr(request.state, "form", None)
    joint = "&" if "?" in address else "?"
    return [(f"{address}{joint}format={form.name}", "alternate", form.media) for form in offered if form != chosen]


def answer(
    body: bytes | str | Iterable[bytes], form: Form, headers: Mapping[str, str], filename: str | None = None
) -> Response:
    """``body`` in ``form``; with a ``filename``, browsers save it."""
    all_headers = dict(headers)
    if filename:
        all_headers["Content-Disposition"] = f'attachment; filename="{filename}.{form.extension}"'
    if isinstance(body, bytes | str):
        return Response(body, headers=all_headers, media_type=form.content_type)
    return StreamingResponse(body, headers=all_headers, media_type=form.content_type)


def as_json(view: Mapping[str, Any], headers: Mapping[str, str], status: int = 200) -> Response:
    """``view`` as JSON."""
    return JSONResponse(dict(view), status, dict(headers))
