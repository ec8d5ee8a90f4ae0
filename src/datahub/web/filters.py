"""The filters of lists and maps: text, department, kind, area."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import unquote, urlencode

from fastapi import Query, Request

from datahub.hub import Hub, Page, Reader
from datahub.i18n import Text
from datahub.profiles import expand
from datahub.syndication.features import bounds
from datahub.web.problems import RequestError

PAGE = 50
MOST = 1000
BATCH = 10_000


def path_as_sent(request: Request) -> str:
    """The path of ``request`` with its percent signs, which are part of the IRIs that the hub mints."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return raw.decode("ascii", "replace").partition("?")[0]


_BYTES = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")


def as_iri(uri: str) -> str:
    """``uri`` with the letters that only an IRI can hold spelt out (RFC 3987 section 3.2); all other percent signs stay."""

    def letters(found: re.Match[str]) -> str:
        try:
            return unquote(found[0], errors="strict")
        except UnicodeDecodeError:
            return found[0]

    return _BYTES.sub(letters, uri)


def known_iri(text: str) -> str:
    """``text`` when it can be an IRI (RFC 3987 section 2.2). Raises `RequestError` when it can't."""
    if any(character in text for character in ' <>"{}|\\^`') or any(ord(character) < 32 for character in text):
        raise RequestError(
            "iri",
            Text("“{iri}” is no IRI.", "« {iri} » n'est pas une IRI.").format(iri=text[:200]),
            Text(
                "Write spaces and signs as %20 and the like.", "Écrivez les espaces et signes sous la forme %20, etc."
            ),
        )
    return text


@dataclass(frozen=True)
class Filters:
    """What a reader wants to see of the records."""

    q: Annotated[
        str | None, Query(max_length=200, description="Words that the record must hold; accents and case don't count.")
    ] = None
    department: Annotated[
        str | None, Query(max_length=3, description="Department code: 13, 2A, 974.", examples=["13"])
    ] = None
    kind: Annotated[
        str | None,
        Query(max_length=500, description="A class or category, as IRI or short form.", examples=["dhm:MeetingPoint"]),
    ] = None
    bbox: Annotated[
        str | None,
        Query(max_length=100, description="west,south,east,north in degrees.", examples=["5.2,43.2,5.6,43.4"]),
    ] = None

    @property
    def given(self) -> dict[str, str]:
        """The filters that are set, by parameter name; an empty field of a form is not set."""
        values = {"q": self.q, "department": self.department, "kind": self.kind, "bbox": self.bbox}
        return {name: value.strip() for name, value in values.items() if value and value.strip()}

    @property
    def query(self) -> str:
        """The filters as a query string."""
        return urlencode(self.given)

    def arguments(self) -> dict[str, Any]:
        """The filters as arguments of `Hub.records`. Raises `ParameterError` for an area that is none."""
        given: dict[str, Any] = dict(self.given)
        if "kind" in given:
            given["kind"] = expand(given["kind"])
        if "bbox" in given:
            given["bbox"] = bounds(given["bbox"])
        if "department" in given:
            given["department"] = given["department"].upper()
        return given

    def pages(self, hub: Hub, reader: Reader, dataset: str | None, *, located: bool | None = None) -> Iterator[Page]:
        """All records that pass, in large pages."""
        cursor: str | None = None
        while True:
            page = hub.records(
                dataset, **self.arguments(), located=located, reader=reader, cursor=cursor, limit=BATCH, count=False
            )
            yield page
            if page.next is None:
                return
            cursor = page.next
