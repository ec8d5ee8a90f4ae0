"""Answers that are no data: faults, floods, silence, and what is not well formed."""

from __future__ import annotations

import gzip
import json
import time
import tracemalloc
import zlib
from http.server import BaseHTTPRequestHandler

import pytest

from datahub.errors import DatahubError, InputError
from datahub.sources.access import Egress, Paging, Web
from tests.sources.api import ALL, ITEMS, Api, ids, reply


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


def test_headers_that_drip_are_cut_off(api: Api) -> None:
    """Each byte comes in time; all of them never would."""
    heard = []

    def route(to: BaseHTTPRequestHandler, _: dict[str, str]) -> None:
        to.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        for _count in range(100):
            time.sleep(0.05)
            try:
                to.wfile.write(b"a")
            except OSError:
                return
        heard.append("all")

    api.routes["/"] = route
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/"), Egress(private=True, timeout=5, seconds=0.4))
    assert refused.value.code == "web-timeout"
    assert not heard


def test_a_bomb_of_one_layer_in_another_is_not_unpacked(api: Api) -> None:
    bomb = gzip.compress(gzip.compress(b" " * 30_000_000))
    api.routes["/"] = lambda to, _: reply(to, bomb, Content_Encoding="gzip, gzip")
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/"))
    assert refused.value.code == "web-coding"


def test_a_bomb_is_unpacked_no_further_than_answers_may_be_large(api: Api) -> None:
    bomb = gzip.compress(b" " * 200_000_000)
    api.routes["/"] = lambda to, _: reply(to, bomb, Content_Encoding="gzip")
    tracemalloc.start()
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/"), Egress(private=True, max_bytes=1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.code == "too-large"
    assert peak < 20_000_000


@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity"])
def test_compressed_answers_are_read(api: Api, coding: str) -> None:
    text = json.dumps({"items": ITEMS}).encode()
    packed = {"gzip": gzip.compress(text[:9]) + gzip.compress(text[9:]), "deflate": zlib.compress(text)}
    api.routes["/"] = lambda to, _: reply(to, packed.get(coding, text), Content_Encoding=coding)
    assert ids(Web(api.base + "/")) == ALL


@pytest.mark.parametrize("body", [b"{}", gzip.compress(b"{}" * 99)[:-9], gzip.compress(b"{}" * 99)[:12]])
def test_damaged_compression_is_put_into_words(api: Api, body: bytes) -> None:
    api.routes["/"] = lambda to, _: reply(to, body, Content_Encoding="gzip")
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/"))
    assert refused.value.code == "web-damaged"
    assert refused.value.place.file == api.base + "/"


@pytest.mark.parametrize("target", ["http://[", "http://a.example:99999999/", "http://\u00ad.\u200b/", "x" * 70_000])
def test_addresses_of_an_answer_that_are_none_are_put_into_words(api: Api, target: str) -> None:
    header = target.encode("ascii", "ignore").decode()
    api.routes["/old"] = lambda to, _: reply(to, {}, 302, Location=header)
    api.routes["/link"] = lambda to, _: reply(to, {"items": []}, Link=f'<{header}>; rel="next"')
    api.routes["/next"] = lambda to, _: reply(to, {"items": [], "next": target})
    for web in (
        Web(api.base + "/old"),
        Web(api.base + "/link", Paging(next_link=True)),
        Web(api.base + "/next", Paging(next_member="next")),
    ):
        with pytest.raises(DatahubError) as refused:
            ids(web)
        assert refused.value.code.startswith("web-")


def test_a_link_that_nobody_follows_may_be_broken(api: Api) -> None:
    api.routes["/"] = lambda to, _: reply(to, {"items": ITEMS}, Link='<http://[>; rel="author"')
    assert ids(Web(api.base + "/")) == ALL
