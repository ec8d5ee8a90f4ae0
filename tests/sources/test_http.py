"""Pulls from HTTP APIs, against a real server on this machine: pages, secrets, and what is refused."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

import pytest

from datahub.errors import DatahubError, DefinitionError, ForbiddenError, InputError
from datahub.mapping import lift, parse
from datahub.sources import egress, http
from datahub.sources.access import Access, Authentication, Egress, Paging, Web
from datahub.sources.json import read as read_json
from datahub.sources.table import Table

ITEMS = [{"id": number, "name": f"Item {number}"} for number in range(1, 8)]
LOCAL = Egress(private=True, timeout=5, seconds=20)
Route = Callable[[BaseHTTPRequestHandler, dict[str, str]], None]


def reply(
    to: BaseHTTPRequestHandler, body: object, status: int = 200, kind: str = "application/json", **headers: str
) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    to.send_response(status)
    to.send_header("Content-Type", kind)
    to.send_header("Content-Length", str(len(data)))
    for name, value in headers.items():
        to.send_header(name.replace("_", "-"), value)
    to.end_headers()
    to.wfile.write(data)


class Api:
    """A server whose paths are functions; it remembers what it was asked."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parsed = urlsplit(self.path)
                api.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                route = api.routes.get(parsed.path)
                if route is None:
                    reply(self, {}, 404)
                else:
                    route(self, {name: values[0] for name, values in parse_qs(parsed.query).items()})

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()
    yield made
    made.server.shutdown()
    made.server.server_close()


def table(body: bytes) -> Table:
    return read_json(body, "$.items[*]", ["id", "name"])


def ids(web: Web, allowed: Egress = LOCAL, environ: dict[str, str] | None = None) -> list[str]:
    return [each for page in http.pages(web, allowed, "json", table, environ or {}) for each in page.columns["id"]]


ALL = [str(item["id"]) for item in ITEMS]


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


def paged(to: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
    size = int(query.get("per", 3))
    at = int(query["offset"]) if "offset" in query else (int(query["page"]) - 1) * size
    reply(to, {"items": ITEMS[at : at + size]})


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
    ("authentication", "header", "value"),
    [
        (Authentication("bearer", "DATAHUB_SECRET_SHOP"), "authorization", "Bearer s3cret"),
        (Authentication("basic", "DATAHUB_SECRET_SHOP", user="me"), "authorization", "Basic bWU6czNjcmV0"),
        (Authentication("header", "DATAHUB_SECRET_SHOP", header="X-Key"), "x-key", "s3cret"),
    ],
)
def test_secrets_come_from_the_environment(api: Api, authentication: Authentication, header: str, value: str) -> None:
    api.routes["/items"] = lambda to, _: reply(to, {"items": ITEMS})
    web = Web(api.base + "/items", authentication=authentication, headers=(("Accept-Language", "fr"),))
    assert ids(web, environ={"DATAHUB_SECRET_SHOP": "s3cret"}) == ALL
    assert api.asked[0][1][header] == value
    assert api.asked[0][1]["accept-language"] == "fr"


def test_a_mapping_learns_no_other_variable_and_absent_ones_are_told(api: Api) -> None:
    with pytest.raises(DefinitionError):
        ids(Web(api.base + "/", authentication=Authentication("bearer", "PATH")), environ={"PATH": "x"})
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/", authentication=Authentication("bearer", "DATAHUB_SECRET_X")))
    assert "DATAHUB_SECRET_X" in refused.value.message.fr
    assert api.asked == []


def test_a_redirect_is_followed_and_secrets_stay_at_home(api: Api) -> None:
    other = Api()
    other.routes["/items"] = lambda to, _: reply(to, {"items": ITEMS})
    api.routes["/old"] = lambda to, _: reply(to, {}, 302, Location=other.base + "/items")
    web = Web(api.base + "/old", authentication=Authentication("bearer", "DATAHUB_SECRET_SHOP"))
    assert ids(web, environ={"DATAHUB_SECRET_SHOP": "s3cret"}) == ALL
    assert "authorization" in api.asked[0][1]
    assert "authorization" not in other.asked[0][1]
    other.server.shutdown()
    other.server.server_close()


def test_a_redirect_out_of_what_is_allowed_is_refused(api: Api) -> None:
    api.routes["/old"] = lambda to, _: reply(to, {}, 302, Location="http://localhost:1/x")
    with pytest.raises(ForbiddenError) as refused:
        ids(Web(api.base + "/old"), Egress(hosts=frozenset({"127.0.0.1"}), private=True))
    assert refused.value.code == "web-not-allowed"
    api.routes["/file"] = lambda to, _: reply(to, {}, 302, Location="file:///etc/passwd")
    with pytest.raises(ForbiddenError) as scheme:
        ids(Web(api.base + "/file"))
    assert scheme.value.code == "web-scheme"


def test_endless_redirects_end(api: Api) -> None:
    api.routes["/old"] = lambda to, _: reply(to, {}, 302, Location="/old")
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/old"))
    assert refused.value.code == "web-redirects"


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34/x",
        "file:///etc/passwd",
        "ftp://a.example/x",
        "https://me:pw@a.example/x",
        "https:///x",
        "::",
    ],
)
def test_addresses_that_are_never_read(url: str) -> None:
    with pytest.raises(ForbiddenError) as refused:
        egress.check(url, Egress())
    assert "pw" not in refused.value.to("en")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"],
)
def test_private_addresses_are_refused_after_the_name_is_resolved(host: str) -> None:
    with pytest.raises(DatahubError) as refused:
        ids(Web(f"https://{host}:9/x"), Egress(timeout=2))
    assert refused.value.code == "web-private"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("::ffff:10.0.0.1", False),
        ("192.0.2.1", False),
    ],
)
def test_what_counts_as_the_public_internet(address: str, public: bool) -> None:
    assert egress.is_public(ip_address(address)) is public


def test_the_connection_goes_to_the_address_that_was_judged(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time gets no second question."""
    asked = []
    real = socket.getaddrinfo

    def resolve(host: str, *arguments: object, **named: object) -> object:
        if host == "shop.example":
            asked.append(host)
            return real("127.0.0.1" if len(asked) == 1 else "10.0.0.1", *arguments, **named)  # type: ignore[arg-type]
        return real(host, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    api.routes["/items"] = paged
    web = Web(api.base.replace("127.0.0.1", "shop.example") + "/items", Paging(page="page"))
    assert ids(web) == ALL
    assert asked == ["shop.example"]
    assert api.asked[0][1]["host"].startswith("shop.example:")


def test_another_address_of_the_name_is_tried(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    port = api.server.server_port
    found = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
    ]
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **named: found if host == "shop.example" else real(host, *rest, **named),
    )
    api.routes["/items"] = paged
    assert ids(Web(f"http://shop.example:{port}/items", Paging(offset="offset"))) == ALL


@pytest.mark.parametrize(("status", "word"), [(401, "secret"), (404, "nothing"), (500, "fault")])
def test_a_status_is_put_into_words(api: Api, status: int, word: str) -> None:
    api.routes["/"] = lambda to, _: reply(to, {}, status)
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/?key=s3cret"))
    assert refused.value.code == "web-status"
    assert word in refused.value.to("en")
    assert "s3cret" not in refused.value.to("en")


def test_a_busy_server_is_asked_again(api: Api) -> None:
    def route(to: BaseHTTPRequestHandler, _: dict[str, str]) -> None:
        reply(to, {"items": ITEMS}) if len(api.asked) > 1 else reply(to, {}, 503, Retry_After="0")

    api.routes["/"] = route
    assert ids(Web(api.base + "/")) == ALL


def test_a_web_page_is_not_taken_for_data(api: Api) -> None:
    api.routes["/"] = lambda to, _: reply(to, b"<html>Log in", kind="text/html; charset=utf-8")
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/"))
    assert refused.value.code == "web-content-type"


@pytest.mark.parametrize("packed", [False, True])
def test_large_answers_are_cut_off(api: Api, packed: bool) -> None:
    body = b'{"items": [' + b" " * 30_000_000 + b"]}"
    headers = {"Content_Encoding": "gzip"} if packed else {}
    api.routes["/"] = lambda to, _: reply(to, gzip.compress(body, 1) if packed else body, **headers)
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/"), Egress(private=True, max_bytes=1_000_000))
    assert refused.value.code == "too-large"


def test_a_server_that_drips_is_cut_off(api: Api) -> None:
    def route(to: BaseHTTPRequestHandler, _: dict[str, str]) -> None:
        to.send_response(200)
        to.send_header("Content-Type", "application/json")
        to.end_headers()
        for _count in range(100):
            time.sleep(0.05)
            try:
                to.wfile.write(b" ")
            except OSError:
                return

    api.routes["/"] = route
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/"), Egress(private=True, timeout=5, seconds=0.4))
    assert refused.value.code == "web-timeout"


def test_silence_and_broken_connections_are_put_into_words(api: Api) -> None:
    api.routes["/slow"] = lambda to, _: time.sleep(1.5)
    with pytest.raises(InputError) as silent:
        ids(Web(api.base + "/slow"), Egress(private=True, timeout=0.3))
    assert silent.value.code == "web-timeout"

    def cut(to: BaseHTTPRequestHandler, _: dict[str, str]) -> None:
        to.send_response(200)
        to.send_header("Content-Type", "application/json")
        to.send_header("Content-Length", "1000")
        to.end_headers()
        to.wfile.write(b"{")
        to.close_connection = True

    api.routes["/cut"] = cut
    with pytest.raises(InputError) as broken:
        ids(Web(api.base + "/cut"))
    assert broken.value.code == "web-unreachable"
    with pytest.raises(InputError) as nobody:
        ids(Web("http://127.0.0.1:1/"))
    assert nobody.value.code == "web-unreachable"


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
