"""The pages around the data: home, connectors, help, the key of a platform."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Form as FormField
from fastapi.responses import RedirectResponse

from datahub.connectors import connectors, shipped
from datahub.errors import ForbiddenError, NotFoundError
from datahub.i18n import Lang, Text
from datahub.profiles import expand, profiles
from datahub.syndication.features import landing
from datahub.web import catalogue, exports, views
from datahub.web.answers import answer, as_json, fresh, linked
from datahub.web.forms import FORMS, Form, described, offering
from datahub.web.problems import TITLES, problem_responses
from datahub.web.site import KEY_COOKIE, LangDep, ReaderDep, Site, SiteDep, from_here

router = APIRouter(default_response_class=Response, tags=["Pages"], responses=problem_responses(403, 404, 406, 422))

_BOTH = ("json", "html")
FormDep = Annotated[Form, Depends(offering(*_BOTH))]


@router.get("/", summary="What is in the hub", responses=described(*_BOTH, description="Home"))
def home(request: Request, site: SiteDep, reader: ReaderDep, lang: LangDep, form: FormDep) -> Response:
    """Platforms, datasets, counts and the last pushes; for programs also the landing page of OGC API Features."""
    datasets = site.hub.datasets.all(reader)
    platforms = {one.id: one for one in site.hub.platforms.all()}
    now = site.hub.statistics(reader)
    headers = fresh(request, reader, lang, datasets, list(platforms.values()), now.head)
    titles = {one.name: one.title.to(lang) for one in profiles()}
    shown = [views.dataset(site, one, lang) for one in datasets]
    sectors = [
        {"profile": name, "title": title, "datasets": [one for one in shown if one["profile"] == name]}
        for name, title in titles.items()
    ]
    facets = site.hub.facets(None, reader=reader)
    view: dict[str, Any] = {
        **landing(site.links, catalogue.TITLE.to(lang), catalogue.DESCRIPTION.to(lang)),
        "counts": {
            "platforms": now.platforms,
            "datasets": now.datasets,
            "records": now.records,
            "versions": now.versions,
        },
        "lastCommit": views.zulu(now.last_commit),
        "sectors": [sector for sector in sectors if sector["datasets"]],
        "platforms": [views.platform(one) for one in platforms.values()],
        "kinds": [
            {"iri": iri, "label": site.names.label(iri, lang), "count": count}
            for iri, count in facets.kinds.iter_rows()
        ],
        "changes": sorted(
            (one for one in shown if one["modified"]), key=lambda one: str(one["modified"]), reverse=True
        )[:5],
    }
    headers["Link"] = linked([("/openapi.json", "service-desc", None), ("/docs", "service-doc", "text/html")])
    if form.name == "json":
        return as_json(view, headers)
    return answer(site.pages.render(request, "home.html", lang=lang, view=view), form, headers)


@router.get("/connectors", summary="All connectors", responses=described(*_BOTH, description="The connectors"))
def all_connectors(request: Request, site: SiteDep, reader: ReaderDep, lang: LangDep, form: FormDep) -> Response:
    """The formats that the hub reads and writes."""
    headers = fresh(request, reader, lang)
    titles = {one.name: one.title.to(lang) for one in profiles()}
    view = {
        "connectors": [
            {
                "name": one.name,
                "title": one.title.to(lang),
                "description": one.description.to(lang),
                "profile": one.profile,
                "profileTitle": titles.get(one.profile, one.profile),
                "reads": "in" in one.directions,
                "writes": "out" in one.directions,
                "formats": list(one.formats),
                "path": f"/connectors/{one.name}",
            }
            for one in connectors()
        ]
    }
    if form.name == "json":
        return as_json(view, headers)
    return answer(site.pages.render(request, "connectors.html", lang=lang, view=view), form, headers)


@router.get("/connectors/{name}", summary="One connector", responses=described(*_BOTH, description="The connector"))
def one_connector(
    request: Request, name: str, site: SiteDep, reader: ReaderDep, lang: LangDep, form: FormDep
) -> Response:
    """A format: its columns, the properties they are read into, and whether they can be written back."""
    headers = fresh(request, reader, lang)
    one = shipped(name)
    columns = [
        _column(site, row, lang) for row in one.columns.iter_rows(named=True) if not row["column"].startswith("_")
    ]
    view: dict[str, Any] = {
        "name": one.name,
        "title": one.title.to(lang),
        "description": one.description.to(lang),
        "profile": one.profile,
        "reads": "in" in one.directions,
        "writes": "out" in one.directions,
        "formats": list(one.formats),
        "version": (one.definition.unversioned or Text(str(one.definition.version), str(one.definition.version))).to(
            lang
        ),
        "described": one.definition.described,
        "columns": columns,
        "variants": [
            {
                "name": each.name,
                "title": each.title.to(lang) if each.title else each.name,
                "columns": [row for row in columns if row["variant"] == each.name],
            }
            for each in one.definition.variants
        ],
    }
    if form.name == "json":
        return as_json(view, headers)
    return answer(site.pages.render(request, "connector.html", lang=lang, view=view), form, headers)


def _column(site: Site, row: dict[str, Any], lang: Lang) -> dict[str, Any]:
    steps = [expand(step) for step in row["path"] or ()]
    return {
        "variant": row["variant"],
        "source": row["source"],
        "column": row["column"],
        "class": row["class"],
        "path": [{"iri": step, "label": site.names.step(step, lang), "href": views.term_path(step)} for step in steps],
        "lifted": row["lifted"],
        "invertible": row["invertible"],
        "reason": row["reason"],
        "why": row[f"reason_{lang}"],
    }


@router.get("/help", summary="Help", responses=described("html"))
def help_home(request: Request, site: SiteDep, lang: LangDep) -> Response:
    """How to push, how to read, and what the words mean."""
    return RedirectResponse("/help/push", 303)


@router.get("/help/{topic}", summary="A help page", responses=described("html", description="The page"))
def help_page(request: Request, topic: str, site: SiteDep, reader: ReaderDep, lang: LangDep) -> Response:
    """`push`, `read`, `words`, `licences` or `problems`."""
    headers = fresh(request, reader, lang, topic)
    pages = ("push", "read", "words", "licences", "problems")
    if topic not in pages:
        raise NotFoundError(
            "help-unknown",
            Text("There is no help page “{topic}”.", "Il n'y a pas de page d'aide « {topic} ».").format(
                topic=topic[:60]
            ),
            Text("There are: {pages}.", "Il y a : {pages}.").format(pages=", ".join(pages)),
        )
    body = site.pages.render(
        request,
        f"help_{topic}.html",
        lang=lang,
        datasets=[views.dataset(site, one, lang) for one in site.hub.datasets.all(reader)],
        base=site.links.to(""),
        statuses=[(status, title.to(lang)) for status, title in TITLES.items()],
        limit=site.hub.settings.max_push_bytes >> 20,
        forms=[FORMS[name] for name in (*exports.DATA_FORMS, "json", "html")],
    )
    return Response(body, headers=headers, media_type="text/html")


@router.get("/key", summary="Who am I here?", responses=described(*_BOTH, description="The caller"))
def key_page(request: Request, site: SiteDep, reader: ReaderDep, lang: LangDep, form: FormDep) -> Response:
    """The platform whose key the caller uses; as a page, a form to enter a key for this browser."""
    headers = {"Cache-Control": "private, no-store", "Content-Language": lang}
    view = {"platform": reader.platform, "admin": reader.admin, "approved": reader.approved}
    if form.name == "json":
        return as_json(view, headers)
    return answer(site.pages.render(request, "key.html", lang=lang, view=view), form, headers)


@router.post(
    "/key",
    summary="Use a key in this browser",
    status_code=303,
    max_body_size=10_000,
    responses={303: {"description": "Back to the page"}},
)
def use_key(
    request: Request,
    site: SiteDep,
    key: Annotated[str, FormField(max_length=500, description="API key; empty to forget it.")] = "",
) -> Response:
    """Keeps the key in a cookie that scripts can't read and that other sites can't send; an empty key forgets it."""
    if not from_here(request):
        raise ForbiddenError(
            "other-site",
            Text("The form was sent from another site.", "Le formulaire a été envoyé depuis un autre site."),
            Text(
                "Open the page /key of this hub and enter the key there.",
                "Ouvrez la page /key de ce hub et saisissez-y la clé.",
            ),
        )
    out = RedirectResponse("/key", 303)
    if not key.strip():
        out.delete_cookie(KEY_COOKIE, httponly=True, samesite="strict")
        return out
    site.hub.reader(key.strip())
    out.set_cookie(
        KEY_COOKIE,
        key.strip(),
        max_age=12 * 3600,
        httponly=True,
        samesite="strict",
        secure="https" in (request.url.scheme, urlsplit(site.links.public).scheme),
    )
    return out
