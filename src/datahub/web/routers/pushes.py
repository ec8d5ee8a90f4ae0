"""Pushing: a platform sends its file in its own format and gets back what was taken, what was refused, and why."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import partial
from typing import Annotated, Any, Literal

import anyio
import anyio.to_thread
import polars as pl
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from datahub.errors import ConflictError, ForbiddenError
from datahub.hub import ANONYMOUS, Dataset, GoneError, PushReport, Reader
from datahub.i18n import Lang, Text
from datahub.syndication.tabular import harmless
from datahub.web import views
from datahub.web.answers import VARY, answer, as_json
from datahub.web.forms import Form, described, offering
from datahub.web.problems import UnauthorizedError, problem_responses
from datahub.web.reports import personal_columns
from datahub.web.site import KeyDep, LangDep, ReaderDep, Site, SiteDep
from datahub.web.uploads import Upload, is_form, received

router = APIRouter(default_response_class=Response, tags=["Pushes"], responses=problem_responses(403, 404, 406, 422))

FormDep = Annotated[Form, Depends(offering("json", "html"))]
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file in the native format of the dataset's connector, or RDF.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/json": {"schema": {}},
            "application/ld+json": {"schema": {}},
            "text/turtle": {"schema": {"type": "string"}},
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "key": {"type": "string"},
                        "mode": {"type": "string", "enum": ["snapshot", "delta"]},
                        "dry_run": {"type": "string"},
                    },
                    "required": ["file"],
                }
            },
        },
    }
}


class Queue:
    """Pushes at work: first come, first served within a dataset, a few datasets at a time, off the readers' threads."""

    def __init__(self, workers: int) -> None:
        self._limiter = anyio.CapacityLimiter(workers)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run(self, site: Site, dataset: str, upload: Upload, arguments: dict[str, Any]) -> PushReport:
        """Pushes ``upload`` when its turn has come."""
        async with self._turns[dataset]:
            work = partial(site.hub.push, dataset, upload.path, **arguments)
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)


@router.post(
    "/datasets/{dataset}/pushes",
    summary="Push a file",
    status_code=201,
    openapi_extra=_BODY,
    responses={
        200: {
            "description": "Nothing was written: a dry run, nothing new, or everything refused",
            "content": {"application/json": {}, "text/html": {}},
        },
        201: {"description": "The report of the push", "content": {"application/json": {}, "text/html": {}}},
        **problem_responses(400, 401, 409, 413, 429),
    },
)
async def push(
    request: Request,
    dataset: str,
    site: SiteDep,
    key: KeyDep,
    lang: LangDep,
    form: FormDep,
    mode: Annotated[
        Literal["snapshot", "delta"],
        Query(description="snapshot: this is everything, what is missing was withdrawn. delta: only what changed."),
    ] = "snapshot",
    dry_run: Annotated[bool, Query(description="Only say what would happen.")] = False,
    allow_deletions: Annotated[
        bool, Query(description="Confirms a snapshot that withdraws a large part of the dataset.")
    ] = False,
    delete: Annotated[
        list[str] | None, Query(max_length=1000, description="With mode=delta: identifiers of records to withdraw.")
    ] = None,
    filename: Annotated[str | None, Query(max_length=200, description="Name of the file, for the report.")] = None,
) -> Response:
    """Takes the body of the request as one push of the dataset; only its platform may do so, with its API key.

    Records that break a rule are refused one by one, with row, column, rule and fix; all others are taken, all at once or not at
    all. Pushes of one dataset are worked off in the order of their arrival.
    """
    if not is_form(request):  # a form may bring its key itself; all others need not send the file to be told no
        await run_in_threadpool(_publisher, site, dataset, key)
    async with received(request, site.hub.settings.max_push_bytes) as upload:
        fields = upload.fields
        found, who = await run_in_threadpool(_publisher, site, dataset, fields.get("key") or key)
        request.app.state.push_limit.take(who.platform or "admin")
        arguments: dict[str, Any] = {
            "mode": "delta" if "delta" in (mode, fields.get("mode")) else "snapshot",
            "dry_run": dry_run or fields.get("dry_run") in ("true", "on", "1"),
            "allow_deletions": allow_deletions or fields.get("allow_deletions") in ("true", "on", "1"),
            "deletions": tuple(delete or ()),
            "filename": filename or upload.filename,
            "media_type": upload.media_type,
            "lang": lang,
            "by": who.platform or "admin",
        }
        report = await request.app.state.queue.run(site, dataset, upload, arguments)
    headers = {"Cache-Control": "no-store", "Content-Language": lang}
    if not report.dry_run:
        request.app.state.metrics.pushed(report, found.visibility == "open")
        headers["Location"] = f"/pushes/{report.id}"
    status = 201 if report.status == "taken" and not report.dry_run else 200
    return await run_in_threadpool(_shown, request, site, found, report, True, lang, form, headers, status)


@router.delete(
    "/datasets/{dataset}",
    summary="Withdraw a dataset",
    responses={**described("json", "html", description="The report"), **problem_responses(401, 409, 410)},
)
def withdraw(
    request: Request,
    dataset: str,
    site: SiteDep,
    key: KeyDep,
    lang: LangDep,
    form: FormDep,
    allow_deletions: Annotated[bool, Query(description="Confirms that every record goes, for good.")] = False,
) -> Response:
    """Takes a dataset back; only its platform may do so, with its API key.

    Every record is deleted from all pages, files and queries; whoever follows the feeds learns of it. A name that was withdrawn
    can't be used again.
    """
    found, _ = _publisher(site, dataset, key)
    if found.withdrawn:
        raise GoneError(
            "dataset-withdrawn",
            Text("The dataset “{id}” was withdrawn.", "Le jeu de données « {id} » a été retiré.").format(id=dataset),
        )
    if not allow_deletions:
        raise ConflictError(
            "withdrawal-unconfirmed",
            Text(
                "This withdraws “{dataset}” with all its records, {count} of them.",
                "Cela retire « {dataset} » avec toutes ses fiches, au nombre de {count}.",
            ).format(dataset=dataset, count=found.records),
            Text(
                "If that is meant, send it again with allow_deletions=true.",
                "Si c'est voulu, renvoyez la requête avec allow_deletions=true.",
            ),
        )
    report = site.hub.datasets.remove(dataset)
    assert isinstance(report, PushReport)
    headers = {"Cache-Control": "no-store", "Content-Language": lang}
    return _shown(request, site, found, report, True, lang, form, headers, 200)


def _publisher(site: Site, dataset: str, key: str | None) -> tuple[Dataset, Reader]:
    """The dataset, and the platform that may push to it. Raises `UnauthorizedError` or `ForbiddenError`."""
    if not key:
        raise UnauthorizedError(
            "key-missing",
            Text("Pushing needs the API key of the platform.", "Un envoi demande la clé d'API de la plateforme."),
            Text(
                "Send it as “Authorization: Bearer …” or “X-API-Key: …”.",
                "Envoyez-la dans « Authorization: Bearer … » ou « X-API-Key: … ».",
            ),
        )
    who = site.hub.reader(key)
    found = site.hub.datasets.get(dataset, who)
    if not views.owns(who, found.platform):
        raise ForbiddenError(
            "not-your-dataset",
            Text(
                "This key belongs to {key}, and the dataset “{dataset}” to {owner}.",
                "Cette clé est celle de {key}, et le jeu de données « {dataset} » est à {owner}.",
            ).format(key=who.platform, dataset=dataset, owner=found.platform),
            Text(
                "Use a key of the platform that publishes the dataset.",
                "Utilisez une clé de la plateforme qui publie ce jeu de données.",
            ),
        )
    return found, who


def _shown(
    request: Request,
    site: Site,
    dataset: Dataset,
    report: PushReport,
    owner: bool,
    lang: Lang,
    form: Form,
    headers: dict[str, str],
    status: int,
) -> Response:
    view = views.report(site, report, personal_columns(site, dataset), owner)
    if form.name == "json":
        return as_json(view, headers, status)
    body = site.pages.render(
        request, "push.html", lang=lang, shown=view, owner=owner, dataset=views.dataset(site, dataset, lang)
    )
    out = answer(body, form, headers)
    out.status_code = status
    return out


@router.get(
    "/pushes/{push}", summary="The report of a push", responses=described("json", "html", description="The report")
)
def push_report(
    request: Request, push: str, site: SiteDep, reader: ReaderDep, lang: LangDep, form: FormDep
) -> Response:
    """What a push brought: counts, findings grouped and single, and times. Values of personal columns are left out for others."""
    report = site.hub.push_report(push)
    dataset = site.hub.datasets.get(report.dataset, reader)
    owner = views.owns(reader, dataset.platform)
    headers = {
        "Cache-Control": "public, max-age=300" if reader == ANONYMOUS else "private, no-cache",
        "Vary": VARY,
        "Content-Language": lang,
    }
    return _shown(request, site, dataset, report, owner, lang, form, headers, 200)


@router.get(
    "/pushes/{push}/refused",
    summary="The rows that a push refused",
    responses={**described("csv", "json", "html", description="The refused rows"), **problem_responses(401)},
)
def refused(
    request: Request,
    push: str,
    site: SiteDep,
    reader: ReaderDep,
    lang: LangDep,
    form: Annotated[Form, Depends(offering("json", "csv", "html"))],
) -> Response:
    """The refused rows as they were sent, each with its reasons. Only the publishing platform may read them."""
    report = site.hub.push_report(push)
    dataset = site.hub.datasets.get(report.dataset, reader)
    if not views.owns(reader, dataset.platform):
        raise ForbiddenError(
            "refused-rows",
            Text(
                "Only the platform that pushed may read the rows that were refused.",
                "Seule la plateforme qui a fait l'envoi peut lire les lignes refusées.",
            ),
            Text("Use its API key.", "Utilisez sa clé d'API."),
        )
    rows = [views.refused(row) for row in site.hub.refused(push).iter_rows(named=True)]
    headers = {"Cache-Control": "private, no-store", "Content-Language": lang}
    if form.name == "csv":
        flat = pl.DataFrame([views.refused_line(row, lang) for row in rows], schema=views.REFUSED_COLUMNS)
        return answer(harmless(flat).write_csv(include_bom=True).encode(), form, headers, f"refused-{push}")
    if form.name == "json":
        return as_json({"push": push, "refused": rows}, headers)
    body = site.pages.render(
        request, "refused.html", lang=lang, push=push, rows=rows, dataset=views.dataset(site, dataset, lang)
    )
    return answer(body, form, headers)
