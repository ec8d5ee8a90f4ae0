"""Where requests may go: addresses that are judged, once."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address

import pytest

from datahub.errors import DatahubError, ForbiddenError, InputError
from datahub.sources import connections, egress
from datahub.sources.access import Egress, Paging, Web
from tests.sources.api import ALL, ITEMS, Api, ids, paged, reply


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
    assert connections.is_public(ip_address(address)) is public


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


def test_a_name_server_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **_named: answered.wait(60) and [])
    try:
        for given in (Egress(timeout=0.2), Egress(seconds=0.2)):
            with pytest.raises(InputError) as refused:
                ids(Web("https://shop.example/items"), given)
            assert refused.value.code == "web-timeout"
            assert "“shop.example”" in refused.value.message.en
            assert "« shop.example »" in refused.value.message.fr
        assert not answered.is_set()
    finally:
        answered.set()


def test_a_name_that_nobody_has_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **_named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(InputError) as refused:
        ids(Web("https://shop.example/items"), Egress())
    assert refused.value.code == "web-name"
    assert "not known" not in refused.value.to("en")


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


def test_hosts_at_one_address_share_no_connection(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate of one was judged, not that of the other."""
    real = socket.getaddrinfo
    names = ("shop.example", "mall.example")
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **named: real("127.0.0.1" if host in names else host, *rest, **named)
    )
    asked: list[tuple[str, int]] = []

    def route(to: BaseHTTPRequestHandler, _: dict[str, str]) -> None:
        asked.append((str(to.headers["host"]), to.client_address[1]))
        to.protocol_version, to.close_connection = "HTTP/1.1", False
        at = len(asked)
        following = f"http://{names[at // 2]}:{api.server.server_port}/{at}" if at < 4 else None
        reply(to, {"items": ITEMS[at - 1 : at], "next": following})

    api.routes.update(dict.fromkeys(["/", "/1", "/2", "/3"], route))
    assert ids(Web(f"http://{names[0]}:{api.server.server_port}/", Paging(next_member="next"))) == ALL[:4]
    connected = list(dict.fromkeys(asked))
    assert [host.partition(":")[0] for host, _ in connected] == list(names)
    assert connected[0][1] != connected[1][1]
