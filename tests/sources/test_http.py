"""Pulls from HTTP APIs, against a real server on this machine: the formats, and how answers follow one another."""

from __future__ import annotations

import gzip
import json
from http.server import BaseHTTPRequestHandler

import pytest

from datahub.errors import InputError
from datahub.mapping import lift, parse
from datahub.sources.access import Access, Paging, Web
from tests.sources.api import ALL, ITEMS, LOCAL, Api, ids, paged, reply


def test_one_answer_without_paging(api: Api) -> None:
    api.routes["/"] = lambda to, _: reply(to, {"items": ITEMS})
    assert ids(Web(api.base + "/")) == ALL


def test_next_links_of_the_header_are_followed(api: Api) -> None:
    def route(to: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
        at = int(query.get("at", 0))
        link = {"Link": f'</items?at={at + 3}>; rel="next", </>; rel="first"'} if at + 3 < len(ITEMS) else {}
        reply(to, {"items": ITEMS[at : at + 3]}, **link)

    api.routes["/items"] = route
    assert ids(Web(api.base + "/items", Paging(next_link=True))) == ALL


def test_next_addresses_in_the_answer_are_followed(api: Api) -> None:
    def route(to: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
        at = int(query.get("at", 0))
        following = f"?at={at + 3}" if at + 3 < len(ITEMS) else None
        reply(to, {"items": ITEMS[at : at + 3], "links": {"next": following}})

    api.routes["/items"] = route
    assert ids(Web(api.base + "/items", Paging(next_member="$.links.next"))) == ALL


@pytest.mark.parametrize(
    ("paging", "requests"),
    [
        (Paging(page="page"), 4),
        (Paging(page="page", size=("per", 4)), 2),
        (Paging(offset="offset"), 4),
        (Paging(offset="offset", size=("per", 5)), 2),
    ],
)
def test_pages_and_offsets_count_until_nothing_comes(api: Api, paging: Paging, requests: int) -> None:
    api.routes["/items"] = paged
    assert ids(Web(api.base + "/items?kind=all", paging)) == ALL
    assert len(api.asked) == requests
    assert all("kind=all" in path for path, _ in api.asked)


def test_a_parameter_that_the_api_ignores_ends_with_an_error(api: Api) -> None:
    api.routes["/items"] = lambda to, _: reply(to, {"items": ITEMS})
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/items", Paging(page="seite")))
    assert refused.value.code == "web-paging"
    assert len(api.asked) == 2


def test_a_next_link_to_itself_ends_with_an_error(api: Api) -> None:
    api.routes["/items"] = lambda to, _: reply(to, {"items": ITEMS}, Link='</items>; rel="next"')
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/items", Paging(next_link=True)))
    assert refused.value.code == "web-paging"


@pytest.mark.parametrize(
    ("formulation", "iterator", "body", "kind"),
    [
        ("CSV", "", b"id;name\n1;a\n2;b\n", "text/csv; charset=utf-8"),
        ("CSV", "", gzip.compress(b"id,name\n1,a\n2,b\n"), "application/gzip"),
        (
            "XPath",
            "/all/one",
            b"<all><one><id>1</id><name>a</name></one><one><id>2</id><name>b</name></one></all>",
            "text/xml",
        ),
        ("JSONPath", "$", b'{"id": 1, "name": "a"}\n{"id": 2, "name": "b"}\n', "application/x-ndjson"),
        (
            "JSONPath",
            "$.features[*]",
            b'{"features": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]}',
            "application/geo+json",
        ),
    ],
    ids=["csv", "gzip", "xml", "json lines", "geojson"],
)
def test_every_format_is_read_from_the_web(api: Api, formulation: str, iterator: str, body: bytes, kind: str) -> None:
    api.routes["/d"] = lambda to, _: reply(to, body, kind=kind)
    text = f"""@prefix rml: <http://w3id.org/rml/> .
        <#m> rml:logicalSource [ rml:source <{api.base}/d> ; rml:referenceFormulation rml:{formulation} ;
            {f'rml:iterator "{iterator}"' if iterator else ""} ] ;
          rml:subjectMap [ rml:template "items/{{id}}" ] ;
          rml:predicateObjectMap [ rml:predicate <http://schema.org/name> ; rml:objectMap [ rml:reference "name" ] ] ."""
    assert len(lift(parse(text), access=Access(egress=LOCAL)).frame) == 2


def test_a_mapping_lifts_all_pages_of_an_api(api: Api) -> None:
    api.routes["/items"] = paged
    text = f"""@prefix rml: <http://w3id.org/rml/> . @prefix dh: <https://w3id.org/datahub/ns/core/> .
        @prefix dcat: <http://www.w3.org/ns/dcat#> .
        <#m> rml:logicalSource [ rml:source [ dcat:accessURL <{api.base}/items> ; dh:paging [ dh:pageParameter "page" ] ] ;
            rml:referenceFormulation rml:JSONPath ; rml:iterator "$.items[*]" ] ;
          rml:subjectMap [ rml:template "items/{{id}}" ] ;
          rml:predicateObjectMap [ rml:predicate <http://schema.org/name> ; rml:objectMap [ rml:reference "name" ] ] ."""
    lifted = lift(parse(text), access=Access(egress=LOCAL))
    assert len(lifted.frame) == len(ITEMS)
    wrong = text.replace('"name"', '"title"')
    with pytest.raises(InputError) as refused:
        lift(parse(wrong), access=Access(egress=LOCAL))
    assert refused.value.code == "column-missing"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_next_addresses_are_found_in_every_encoding_that_is_read(api: Api, encoding: str) -> None:
    """Else the pull would end after the first page, as if there was nothing more."""

    def route(to: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
        following = None if query else "?at=3"
        part = ITEMS[3:] if query else ITEMS[:3]
        text = json.dumps({"titre": "Pâté", "items": part, "next": following}, ensure_ascii=False)
        reply(to, text.encode(encoding))

    api.routes["/items"] = route
    assert ids(Web(api.base + "/items", Paging(next_member="next"))) == ALL


@pytest.mark.parametrize("following", [7, True, {"href": "/items"}, ["a"]])
def test_a_next_member_that_is_no_address_is_told(api: Api, following: object) -> None:
    api.routes["/items"] = lambda to, _: reply(to, {"items": ITEMS, "next": following})
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/items", Paging(next_member="next")))
    assert refused.value.code == "web-link"
