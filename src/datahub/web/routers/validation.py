"""Checking a file without pushing it: for the builds of others, and for people who want to see what a push would say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response

from datahub.connectors import connectors, shipped
from datahub.connectors.checking import Caps, Checked, check_native, check_rdf, shapes_for
from datahub.errors import InputError
from datahub.i18n import Lang, Text, number
from datahub.profiles import class_hierarchy, profiles
from datahub.rdf.formats import FORMATS, format_for
from datahub.settings import Settings
from datahub.syndication import reports
from datahub.web.answers import answer, as_json
from datahub.web.forms import Form, offering
from datahub.web.problems import TooLargeError, problem_responses
from datahub.web.site import LangDep, SiteDep
from datahub.web.uploads import Upload, received

router = APIRouter(default_response_class=Response, tags=["Validation"], responses=problem_responses(422))

_FORMS = ("json", "csv", "ttl", "html")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "RDF, or a file in the native format of the connector that is named.",
        "content": {
            **{form.media_types[0]: {"schema": {"type": "string"}} for form in FORMATS.values()},
            "text/csv": {"schema": {"type": "string"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "connector": {"type": "string"},
                        "profile": {"type": "string"},
                    },
                    "required": ["file"],
                }
            },
        },
    }
}


@router.get("/validate", summary="A form to check a file", response_class=Response)
def page(
    request: Request,
    site: SiteDep,
    lang: LangDep,
    connector: Annotated[str | None, Query(max_length=100, description="Format that the form proposes.")] = None,
) -> Response:
    """The page for people."""
    body = site.pages.render(
        request,
        "validate.html",
        lang=lang,
        connectors=[(one.name, one.definition.title) for one in connectors()],
        profiles=[one.name for one in profiles()],
        limit=site.hub.settings.max_check_bytes >> 20,
        base=site.links.to("/validate"),
        chosen=connector,
    )
    return Response(body, media_type="text/html", headers={"Content-Language": lang})


@router.get("/validate/schema", summary="The JSON schema of a report")
def report_schema() -> Response:
    """By which the JSON form of every report is made; members may be added, none is taken away."""
    return as_json(reports.schema(), {"Cache-Control": "public, max-age=86400"})


@router.post(
    "/validate",
    summary="Check a file",
    openapi_extra=_BODY,
    responses={
        200: {
            "description": "The report, also where the file breaks rules",
            "content": {
                "application/json": {"schema": reports.schema()},
                "text/csv": {},
                "text/turtle": {},
                "text/html": {},
            },
        },
        **problem_responses(400, 404, 406, 413, 429),
    },
)
async def validate(
    request: Request,
    site: SiteDep,
    lang: LangDep,
    form: Annotated[Form, Depends(offering(*_FORMS))],
    connector: Annotated[
        str | None, Query(max_length=100, description="Connector that reads the file; without it the file is RDF.")
    ] = None,
    profile: Annotated[
        str | None,
        Query(max_length=100, description="Profile to check by; by default the connector's, else core."),
    ] = None,
    filename: Annotated[str | None, Query(max_length=200, description="Name of the file, for the report.")] = None,
) -> Response:
    """Checks the body and keeps nothing of it. No key is needed.

    The report names record, row, column, value, rule and fix of each problem. It is 200 in every case in which the file could be
    checked: read `conforms`.
    """
    request.app.state.check_limit.take(request.client.host if request.client else "unknown")
    settings = site.hub.settings
    _refuse_packed(request.headers.get("content-encoding", ""))
    async with _body(request, settings.max_check_bytes) as upload:
        named = connector or upload.fields.get("connector") or None
        rules = profile or upload.fields.get("profile") or None
        name = filename or upload.filename

        def work() -> Response:
            checked = _checked(upload, named, rules, name, settings)
            return _shown(checked, form, lang, name, settings.max_check_findings)

        return await anyio.to_thread.run_sync(work, limiter=request.app.state.check_turns)


def _refuse_packed(encoding: str) -> None:
    """RFC 9110 section 8.4: what can't be unpacked is said, not taken for a broken file."""
    if encoding.strip().lower() not in ("", "identity"):
        raise InputError("body-packed", _PACKED, _UNPACK)


_PACKED = Text("The file was sent compressed.", "Le fichier a été envoyé compressé.")
_UNPACK = Text("Unpack it, and send it as it is.", "Décompressez-le, et envoyez-le tel quel.")
_MAGIC = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
"""How gzip, zip, bzip2, xz and zstandard files begin; no RDF does."""


@asynccontextmanager
async def _body(request: Request, limit: int) -> AsyncIterator[Upload]:
    """`received`, with what somebody who only checks can do about a file that is too large."""
    async with AsyncExitStack() as stack:
        try:
            upload = await stack.enter_async_context(received(request, limit))
        except TooLargeError as error:
            size = max(limit >> 20, 1)
            raise TooLargeError(
                error.code,
                Text(
                    f"The file is larger than the {size} MB that are checked here.",
                    f"Le fichier dépasse les {size} Mo vérifiés ici.",
                ),
                Text(
                    "Check a part of it, or all of it on your own machine with “datahub validate”.",
                    "Vérifiez-en une partie, ou le tout sur votre machine avec « datahub validate ».",
                ),
            ) from None
        yield upload


def _checked(
    upload: Upload, named: str | None, profile: str | None, filename: str | None, settings: Settings
) -> Checked:
    reader = shipped(named) if named else None
    shapes = shapes_for(profile, reader)
    caps = Caps(settings.max_check_triples, settings.max_check_results)
    if reader is not None:
        return check_native(upload.path, reader, shapes, "urn:x-datahub:checked/", filename, class_hierarchy(), caps)
    hints = [hint for hint in (upload.media_type, Path(filename or "").suffix) if hint]
    with upload.path.open("rb") as file:
        packed = file.read(6).startswith(_MAGIC)
    for hint in hints:
        try:
            if packed:
                format_for(hint)
                raise InputError("body-packed", _PACKED, _UNPACK)
            return check_rdf(upload.path, format_for(hint).name, shapes, class_hierarchy(), filename, caps)
        except InputError as error:
            if error.code != "format-unknown":
                raise
    raise InputError(
        "format-unknown",
        Text(
            "It is not told what this file is: neither an RDF media type nor a connector.",
            "Rien ne dit ce qu'est ce fichier : ni type RDF, ni connecteur.",
        ),
        Text(
            f"Send an RDF Content-Type such as text/turtle, or name one of the connectors: {_names()}.",
            f"Envoyez un Content-Type RDF comme text/turtle, ou nommez un des connecteurs : {_names()}.",
        ),
    )


def _refuse_long(checked: Checked, most: int) -> None:
    """A report graph has all results or is none (SHACL section 3.6)."""
    found = sum(int(rows.table["times"].sum()) for rows in checked.report.rows)
    if found > most:
        en, fr = number(found, "en"), number(found, "fr")
        raise InputError(
            "report-too-long",
            Text(
                f"The report has {en} results, too many for this form.",
                f"Le rapport a {fr} résultats, trop pour cette forme.",
            ),
            Text(
                "Ask for format=json or csv, which list the first; or use “datahub validate” on your own machine.",
                "Demandez format=json ou csv, qui listent les premiers ; ou utilisez « datahub validate » sur votre machine.",
            ),
        )


def _names() -> str:
    return ", ".join(one.name for one in connectors())


def _shown(checked: Checked, form: Form, lang: Lang, filename: str | None, most: int) -> Response:
    """The report in ``form``, with ``most`` findings: a small file can have more of them than memory holds as text."""
    headers = {"Cache-Control": "no-store", "Content-Language": lang}
    if form.name == "json":
        return as_json(reports.as_json(checked, most), headers)
    if form.name == "csv":
        return answer(reports.as_csv(checked, lang, most), form, headers, "validation-report")
    if form.name == "ttl":
        _refuse_long(checked, most)
        return answer(checked.report.turtle(), form, headers)
    return answer(reports.as_html(checked, lang, filename), form, {**headers, "Content-Security-Policy": _POLICY})
