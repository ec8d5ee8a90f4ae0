"""HTTP APIs that answer in pages: each page as a table, until there is none left."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator, Mapping

import httpx

from datahub.errors import DefinitionError, InputError, Place
from datahub.i18n import Text
from datahub.sources import json_documents, jsonpath
from datahub.sources.access import Authentication, Egress, Web
from datahub.sources.egress import Answer, Client, resolved, shown
from datahub.sources.table import Table

SECRETS = "DATAHUB_SECRET_"
"""What the names of environment variables that a mapping may send begin with: it must not learn others."""

MEDIA_TYPES: Mapping[str, tuple[str, ...]] = {
    "csv": ("text/csv", "text/plain", "text/tab-separated-values", "application/csv", "application/vnd.ms-excel"),
    "json": ("application/json", "text/json", "text/plain", "application/x-ndjson", "application/jsonl", "+json"),
    "xml": ("application/xml", "text/xml", "text/plain", "+xml"),
}
"""What answers are labelled as, by formulation; a plus sign stands for the ending of a structured type (RFC 6839)."""
_ANY = ("", "application/octet-stream", "binary/octet-stream", "application/gzip", "application/zip")
_MORE_TABLES = (
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
)


def pages(
    web: Web, egress: Egress, formulation: str, read: Callable[[bytes], Table], environ: Mapping[str, str] = os.environ
) -> Iterator[Table]:
    """The tables that ``read`` makes of each page of ``web``, in order; see `datahub.sources.access.Paging`.

    ``formulation``: csv, json or xml, which the answers have to be labelled as. Raises what `Client.get` and ``read`` raise, and
    `InputError`: ``web-secret`` (no such variable), ``web-content-type``, ``web-paging`` (a page that comes again, or too many).
    """
    own = {**dict(web.headers), **_secrets(web.authentication, environ)}
    headers = {"Accept": ", ".join(kind for kind in MEDIA_TYPES[formulation] if "/" in kind) + ", */*;q=0.1"}
    url: str | None = _first(web)
    number, items = 0, 0
    seen: set[str] = set()
    before = b""
    with Client(egress, web.url, own) as client:
        while url is not None:
            if url in seen or number >= egress.max_pages:
                raise _endless(url, number)
            seen.add(url)
            answer = client.get(url, headers)
            _check_kind(answer, formulation)
            if number and answer.body == before and (web.paging is None or not web.paging.next_link):
                raise _endless(url, number)
            if number and not answer.body.strip():
                return
            table = read(answer.body)
            number, items, before = number + 1, items + len(table), answer.body
            if len(table) or number == 1:
                yield table
            url = _next(web, answer, number, items, len(table))


def _first(web: Web) -> str:
    paging = web.paging
    if paging is None:
        return web.url
    given: dict[str, str | int] = {}
    if paging.size:
        given[paging.size[0]] = paging.size[1]
    if paging.page:
        given[paging.page] = paging.first
    if paging.offset:
        given[paging.offset] = 0
    return _with(web.url, given)


def _with(url: str, parameters: Mapping[str, str | int]) -> str:
    return str(httpx.URL(url).copy_merge_params(dict(parameters))) if parameters else url


def _next(web: Web, answer: Answer, number: int, items: int, found: int) -> str | None:
    """The address of the page after ``answer``, the ``number``-th; ``items``: of all pages, ``found``: of this one."""
    paging = web.paging
    if paging is None:
        return None
    if paging.next_link:
        following = answer.links.get("next")
        return None if following is None else resolved(answer.url, following)
    if paging.next_member is not None:
        return _member(answer, paging.next_member)
    if not found or (paging.size and found < paging.size[1]):
        return None
    step = {paging.page: paging.first + number} if paging.page else {paging.offset or "": items}
    return _with(_first(web), step)


def _member(answer: Answer, path: str) -> str | None:
    """The address in the answer itself, relative to where it came from."""
    values = jsonpath.collect([json_documents.document(answer.body)], jsonpath.parse(path).steps)[0]
    value = values[0] if values else None
    if not value:
        return None
    if type(value) is not str:
        raise InputError(
            "web-link",
            Text(
                f"“{path}” of the answer is no address of a following page.",
                f"« {path} » de la réponse n'est pas l'adresse d'une page suivante.",
            ),
            Text("Check dh:nextMember in the mapping.", "Vérifiez dh:nextMember dans le mapping."),
            Place(file=shown(answer.url)),
        )
    return resolved(answer.url, value)


def _secrets(authentication: Authentication | None, environ: Mapping[str, str]) -> dict[str, str]:
    """The headers that prove who asks."""
    if authentication is None:
        return {}
    name = authentication.secret
    if not name.startswith(SECRETS):
        raise DefinitionError(
            "web-secret",
            Text(
                f"A mapping may only use environment variables whose names begin with {SECRETS}; “{name}” does not.",
                f"Un mapping n'utilise que des variables d'environnement dont le nom commence par {SECRETS} ; pas « {name} ».",
            ),
        )
    secret = environ.get(name, "").strip()
    if not secret:
        raise InputError(
            "web-secret",
            Text(
                f"The environment variable {name} is not set.", f"La variable d'environnement {name} n'est pas définie."
            ),
            Text("Set it to the secret of the API.", "Donnez-lui le secret de l'API."),
        )
    if authentication.scheme != "basic" and not (secret.isascii() and secret.isprintable()):
        raise InputError(
            "web-secret",
            Text(
                f"The environment variable {name} holds characters that no header of HTTP can have.",
                f"La variable d'environnement {name} contient des caractères qu'aucun en-tête HTTP ne peut porter.",
            ),
            Text("Set it to the secret of the API.", "Donnez-lui le secret de l'API."),
        )
    if authentication.scheme == "basic":
        return {"Authorization": "Basic " + base64.b64encode(f"{authentication.user}:{secret}".encode()).decode()}
    if authentication.scheme == "header":
        return {authentication.header or "X-API-Key": secret}
    return {"Authorization": f"Bearer {secret}"}


def _check_kind(answer: Answer, formulation: str) -> None:
    allowed = (*MEDIA_TYPES[formulation], *_ANY, *(_MORE_TABLES if formulation == "csv" else ()))
    if answer.kind in allowed or any(each.startswith("+") and answer.kind.endswith(each) for each in allowed):
        return
    name = {"csv": "CSV", "json": "JSON", "xml": "XML"}[formulation]
    raise InputError(
        "web-content-type",
        Text(
            f"The answer is labelled {answer.kind}, not {name}.",
            f"La réponse est annoncée comme {answer.kind}, non comme {name}.",
        ),
        Text("Check the address: is it the API?", "Vérifiez l'adresse : est-ce bien l'API ?"),
        Place(file=shown(answer.url)),
    )


def _endless(url: str, number: int) -> InputError:
    return InputError(
        "web-paging",
        Text(
            f"After {number} pages the same answer comes again, or there are too many pages.",
            f"Après {number} pages, la même réponse revient, ou il y a trop de pages.",
        ),
        Text(
            "Check dh:paging: does the API know this parameter?",
            "Vérifiez dh:paging : l'API connaît-elle ce paramètre ?",
        ),
        Place(file=shown(url)),
    )
