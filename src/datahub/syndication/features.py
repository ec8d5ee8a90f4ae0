"""OGC API Features part 1 (core 1.0): datasets as feature collections (sections 7.2 to 7.16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from datahub.errors import DatahubError
from datahub.i18n import Text
from datahub.syndication.links import Links

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
GEOJSON = "application/geo+json"
LIMIT, MOST = 100, 10_000


class ParameterError(DatahubError):
    """A parameter that the standard does not know here, or a value that it does not allow (section 7.15.8: status 400)."""

    status = 400


@dataclass(frozen=True)
class Collection:
    """A dataset as a collection."""

    id: str
    title: str
    description: str
    licence: str
    bbox: tuple[float, float, float, float] | None
    span: tuple[datetime, datetime] | None


def landing(links: Links, title: str, description: str) -> dict[str, Any]:
    """The landing page (section 7.2)."""
    return {
        "title": title,
        "description": description,
        "links": [
            _link(links.to("/?format=json"), "self", "application/json", title),
            _link(links.to("/openapi.json"), "service-desc", "application/vnd.oai.openapi+json;version=3.0", "OpenAPI"),
            _link(links.to("/docs"), "service-doc", "text/html", "API"),
            _link(links.to("/conformance"), "conformance", "application/json", "Conformance"),
            _link(links.to("/collections"), "data", "application/json", "Collections"),
            _link(links.to("/catalog"), "describedby", "text/turtle", "DCAT-AP"),
            _link(links.to("/sparql"), "related", "text/turtle", "SPARQL"),
            _link(links.feed(None, "rpde"), "related", "application/json", "RPDE"),
            _link(links.feed(None, "ldes"), "related", "application/trig", "LDES"),
        ],
    }


def conformance() -> dict[str, Any]:
    """The classes of the standard that hold here (section 7.4)."""
    return {"conformsTo": list(CONFORMANCE)}


def collection(one: Collection, links: Links) -> dict[str, Any]:
    """One collection (section 7.14)."""
    at = f"/collections/{one.id}"
    out: dict[str, Any] = {
        "id": one.id,
        "title": one.title,
        "description": one.description,
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            _link(links.to(at), "self", "application/json", one.title),
            _link(links.to(at + "/items"), "items", GEOJSON, one.title),
            _link(links.dataset(one.id), "describedby", "text/html", one.title),
            _link(one.licence, "license", None, None),
        ],
    }
    extent: dict[str, Any] = {}
    if one.bbox:
        extent["spatial"] = {"bbox": [list(one.bbox)], "crs": CRS84}
    if one.span:
        extent["temporal"] = {"interval": [[_zulu(moment) for moment in one.span]]}
    return {**out, "extent": extent} if extent else out


def collections(all_: Sequence[Collection], links: Links) -> dict[str, Any]:
    """All collections (section 7.13)."""
    return {
        "links": [_link(links.to("/collections"), "self", "application/json", "Collections")],
        "collections": [collection(one, links) for one in all_],
    }


def members(
    links: Links,
    path: str,
    query: Mapping[str, str],
    *,
    returned: int,
    matched: int | None,
    following: str | None,
    licence: str,
    title: str,
) -> dict[str, Any]:
    """The foreign members of an items page (section 7.16): counts, time and links."""
    here = _address(links, path, query)
    found = [_link(here, "self", GEOJSON, title), _link(links.to(path.rsplit("/", 1)[0]), "collection", None, title)]
    if following:
        found.append(_link(_address(links, path, {**query, "cursor": following}), "next", GEOJSON, title))
    found.append(_link(licence, "license", None, None))
    counts = {} if matched is None else {"numberMatched": matched}
    return {**counts, "numberReturned": returned, "timeStamp": _zulu(datetime.now(UTC)), "links": found}


def feature_links(links: Links, dataset: str, feature: str, record: str, licence: str) -> list[dict[str, str]]:
    """The links of a single feature (section 7.16.2); ``record`` is where it has its own page."""
    here = links.to(f"/collections/{dataset}/items/{quote(feature, safe='')}")
    return [
        _link(here, "self", GEOJSON, None),
        _link(links.to(f"/collections/{dataset}"), "collection", "application/json", None),
        _link(record, "canonical", "text/html", None),
        _link(licence, "license", None, None),
    ]


def _address(links: Links, path: str, query: Mapping[str, str]) -> str:
    return links.to(path) + (f"?{urlencode(query)}" if query else "")


def bounds(text: str) -> tuple[float, float, float, float]:
    """A ``bbox`` parameter (section 7.15.3): four numbers, or six of which the heights don't count here.

    Raises `ParameterError` when it is none.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    fits = (
        len(numbers) == 4 and all(-180 <= x <= 180 for x in numbers[::2]) and all(-90 <= y <= 90 for y in numbers[1::2])
    )
    if not fits or numbers[1] > numbers[3]:
        raise ParameterError(
            "bbox",
            Text("“{text}” is no bounding box.", "« {text} » n'est pas une emprise.").format(text=text[:100]),
            Text(
                "Write west,south,east,north in degrees: 5.2,43.2,5.6,43.4.",
                "Écrivez ouest,sud,est,nord en degrés : 5.2,43.2,5.6,43.4.",
            ),
        )
    west, south, east, north = numbers
    return west, south, east, north


def interval(text: str) -> tuple[datetime | None, datetime | None]:
    """A ``datetime`` parameter (section 7.15.4): an instant, or an interval of which one end may be open (``..`` or empty).

    Raises `ParameterError` when it is none.
    """
    first, slash, second = text.partition("/")
    try:
        start = _moment(first)
        end = _moment(second) if slash else start
    except ValueError:
        start = end = None
        slash = "?"
    if slash == "?" or (start is None and end is None and not slash) or (start and end and start > end):
        raise ParameterError(
            "datetime",
            Text("“{text}” is no time or interval.", "« {text} » n'est ni une date ni un intervalle.").format(
                text=text[:100]
            ),
            Text(
                "Write 2026-01-31T12:00:00Z, or an interval such as 2026-01-01T00:00:00Z/.. .",
                "Écrivez 2026-01-31T12:00:00Z, ou un intervalle comme 2026-01-01T00:00:00Z/.. .",
            ),
        )
    return start, end


def _moment(text: str) -> datetime | None:
    if text in ("", ".."):
        return None
    when = datetime.fromisoformat(text.replace(" ", "+"))
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def known(given: Sequence[str], allowed: Sequence[str]) -> None:
    """Raises `ParameterError` for a parameter that is none of ``allowed`` (section 7.15.8)."""
    unknown = [name for name in given if name not in allowed]
    if unknown:
        raise ParameterError(
            "parameter-unknown",
            Text("There is no parameter “{name}” here.", "Il n'y a pas de paramètre « {name} » ici.").format(
                name=unknown[0][:100]
            ),
            Text("Known here: {names}.", "Paramètres connus : {names}.").format(names=", ".join(allowed)),
        )


def _link(href: str, rel: str, media: str | None, title: str | None) -> dict[str, str]:
    link = {"href": href, "rel": rel, "type": media, "title": title}
    return {name: value for name, value in link.items() if value is not None}


def _zulu(when: datetime) -> str:
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
