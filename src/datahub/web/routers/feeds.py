"""Change feeds: RPDE and LDES, for one dataset or for everything open."""

from __future__ import annotations

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from datahub.errors import NotFoundError
from datahub.hub import ADMIN, ANONYMOUS, Dataset, GoneError
from datahub.i18n import Text
from datahub.rdf.formats import write
from datahub.syndication import ldes, rpde
from datahub.syndication.objects import objects
from datahub.web.answers import answer, fresh, linked
from datahub.web.forms import Form, described, offering
from datahub.web.problems import problem_responses
from datahub.web.site import LangDep, Site, SiteDep

router = APIRouter(default_response_class=Response, tags=["Feeds"], responses=problem_responses(404, 406, 410, 422))


def _dataset(site: Site, name: str) -> Dataset | None:
    """The dataset of a feed, None for all. A withdrawn one has a feed too: its readers have to learn of the deletions."""
    if name == "all":
        return None
    found = [one for one in site.hub.datasets.all(ADMIN, withdrawn=True) if one.id == name]
    return found[0] if found else site.hub.datasets.get(name)


def _licence(site: Site, dataset: Dataset | None) -> str:
    """The licence of a feed; where datasets differ, the page that tells where each item's own licence stands."""
    if dataset:
        return dataset.licence
    licences = {one.licence for one in site.hub.datasets.all()}
    return licences.pop() if len(licences) == 1 else site.links.to("/help/licences")


@router.get(
    "/feeds/{dataset}/rpde",
    summary="Change feed in RPDE 1.0",
    responses={200: {"description": "One page of the feed", "content": {"application/json": {}}}},
)
def rpde_feed(
    dataset: str,
    site: SiteDep,
    lang: LangDep,
    afterChangeNumber: Annotated[  # noqa: N803 (the standard's name)
        int, Query(ge=0, le=2**63 - 1, description="Where to go on; from the `next` link of the page before.")
    ] = 0,
) -> Response:
    """The latest state of every record in the order of change; deleted records are listed without data. `dataset` may be `all`.

    Follow `next` until a page is empty, then ask that page again from time to time.
    """
    found = _dataset(site, dataset)
    name = found.id if found else None
    states = site.hub.states(name, after=afterChangeNumber, limit=rpde.PAGE_SIZE)
    profiles = {one.id: one.profile for one in site.hub.datasets.all(ADMIN, withdrawn=True)}
    page = rpde.page(
        states.table,
        url=site.links.feed(name, "rpde"),
        after=afterChangeNumber,
        last=states.last,
        objects=_objects(site, states.table),
        kind=lambda id_: f"{profiles.get(id_) or 'datahub'}.record",
        licence=_licence(site, found),
    )
    return JSONResponse(page, headers={"Cache-Control": rpde.cache_control(page)})


def _objects(site: Site, states: pl.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """The bodies of standing records by dataset and IRI: two datasets that name one IRI each keep their own words and licence."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for (dataset,), part in states.filter(pl.col("op") != "delete").group_by("dataset"):
        frame = site.hub.frame(str(dataset), records=part["record"].to_list())
        made = objects(frame, site.links.to("/ns/context"))
        found.update({(str(dataset), record): body for record, body in made.items()})
    return found


_STREAM = ("trig", "jsonld", "nq")


@router.get(
    "/feeds/{dataset}/ldes", summary="Event stream (LDES)", responses=described(*_STREAM, description="Stream or page")
)
def ldes_stream(
    request: Request,
    dataset: str,
    site: SiteDep,
    lang: LangDep,
    form: Annotated[Form, Depends(offering(*_STREAM))],
    after: Annotated[
        int | None, Query(ge=0, le=2**63 - 1, description="The page that begins after this sequence number.")
    ] = None,
) -> Response:
    """Every version of every record, each in a named graph of its own, with tombstones. `dataset` may be `all`.

    Without `after`, the description of the stream with its `tree:view`; from there each page leads to the next.
    Full pages don't change, but for records that their platform withdraws.
    """
    found = _dataset(site, dataset)
    name = found.id if found else None
    stream = ldes.Stream(
        url=site.links.feed(name, "ldes"),
        versions=site.links.to("/versions/"),
        title=found.title if found else Text("Everything open", "Tout ce qui est ouvert"),
        licence=found.licence if found else None,
    )
    if after is None:
        site.hub.changes(name, after=0, limit=1)  # raises where nothing of it was ever open
        headers = fresh(request, ANONYMOUS, lang, found)
        return answer(write(ldes.description(stream).frame(), form.name), form, headers)
    changes = site.hub.changes(name, after=after, limit=ldes.PAGE_SIZE)
    full = changes.table.height == ldes.PAGE_SIZE
    bodies = changes.bodies
    gone = bodies.filter(pl.col("body").is_null())["seq"].to_list()
    placed = _placed(site, changes.table)
    licences = placed["licence"].unique().sort().to_list()
    headers = fresh(request, ANONYMOUS, lang, stream, changes.table.height, changes.last, gone, licences)
    if full:
        # No longer: a page gets no new members, but it loses those that their platform withdraws.
        headers["Cache-Control"] = f"public, max-age={rpde.PAGE_SECONDS}"
    frame = ldes.page(stream, placed, bodies, after=after, last=changes.last, full=full)
    headers["Link"] = linked([(stream.url, "collection", None)])
    return answer(write(frame, form.name), form, headers)


@router.get(
    "/versions/{seq}",
    summary="One version of a record",
    responses=described(*_STREAM, description="The version"),
)
def version(
    request: Request,
    seq: Annotated[int, Path(ge=1, le=2**63 - 1, description="Sequence number of the version.")],
    site: SiteDep,
    lang: LangDep,
    form: Annotated[Form, Depends(offering(*_STREAM))],
) -> Response:
    """A version by its sequence number, as the streams have it. The versions of a withdrawn record are gone (410)."""
    changes = site.hub.changes(None, after=seq - 1, limit=1)
    table = changes.table
    if not table.height or table["seq"][0] != seq:
        raise NotFoundError(
            "version-unknown",
            Text("There is no open version {seq}.", "Il n'y a pas de version ouverte {seq}.").format(seq=seq),
        )
    if table["op"][0] != "delete" and changes.bodies["body"].is_null().all():
        raise GoneError(
            "version-withdrawn",
            Text("This record was withdrawn by its platform.", "Cette fiche a été retirée par sa plateforme."),
        )
    headers = fresh(request, ANONYMOUS, lang, seq, table["op"][0])
    return answer(
        write(ldes.members(site.links.to("/versions/"), _placed(site, table), changes.bodies), form.name), form, headers
    )


def _placed(site: Site, table: pl.DataFrame) -> pl.DataFrame:
    """``table`` with the IRI and the licence of each version's dataset."""
    known = site.hub.datasets.all(ADMIN, withdrawn=True)
    about = pl.DataFrame(
        [(one.id, one.iri, one.licence) for one in known],
        schema={"dataset": pl.String, "dataset_iri": pl.String, "licence": pl.String},
        orient="row",
    )
    return table.join(about, on="dataset", how="left", maintain_order="left")
