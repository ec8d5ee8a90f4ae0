"""What every route needs: the hub, addresses, labels and pages; and who is asking, in which language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from datahub.errors import ForbiddenError
from datahub.hub import ANONYMOUS, Hub, Reader
from datahub.i18n import Lang, Text
from datahub.profiles import vocabulary
from datahub.syndication.links import Links
from datahub.syndication.names import Names
from datahub.web.language import speaking
from datahub.web.pages import Pages

KEY_COOKIE = "datahub_key"


@dataclass(frozen=True, eq=False)
class Site:
    """One running hub on the web."""

    hub: Hub
    links: Links
    pages: Pages

    @cached_property
    def names(self) -> Names:
        """Labels of all terms and concepts of the ontologies."""
        return Names({term.iri: term.label for term in vocabulary()})

    def all_names(self, reader: Reader) -> Names:
        """`names`, and those of the platforms and of the datasets that ``reader`` may know of."""
        platforms = {one.iri: Text(one.name, one.name) for one in self.hub.platforms.all()}
        datasets = {one.iri: one.title for one in self.hub.datasets.all(reader)}
        return self.names.extended({**platforms, **datasets})

    @cached_property
    def personal(self) -> frozenset[str]:
        """The properties whose values are personal data."""
        return vocabulary().personal_predicates()


def site(request: Request) -> Site:
    """A dependency: the site that serves ``request``."""
    found: Site = request.app.state.site
    return found


_bearer = HTTPBearer(auto_error=False, description="API key of a platform: `Authorization: Bearer …`")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="API key of a platform")


def api_key(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None,
    header: Annotated[str | None, Depends(_header)] = None,
) -> str | None:
    """A dependency: the API key of the caller, from a header or from the cookie of the page ``/key``.

    The cookie gives no right to write to a form on another site, not even on one of the same domain.
    """
    cookie = request.cookies.get(KEY_COOKIE) if request.method in ("GET", "HEAD") or from_here(request) else None
    return (bearer.credentials if bearer else None) or header or cookie


def from_here(request: Request) -> bool:
    """Whether no other site made the browser send ``request`` (Fetch Metadata, ``Sec-Fetch-Site``); programs don't say."""
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def reader(request: Request, key: Annotated[str | None, Depends(api_key)]) -> Reader:
    """A dependency: who reads. Whoever has a cookie with a key that was revoked since reads as anyone may."""
    if key is None:
        return ANONYMOUS
    try:
        found: Reader = request.app.state.site.hub.reader(key)
    except ForbiddenError:
        if key == request.cookies.get(KEY_COOKIE):
            return ANONYMOUS
        raise
    return found


SiteDep = Annotated[Site, Depends(site)]
KeyDep = Annotated[str | None, Depends(api_key)]
ReaderDep = Annotated[Reader, Depends(reader)]
LangDep = Annotated[Lang, Depends(speaking)]
