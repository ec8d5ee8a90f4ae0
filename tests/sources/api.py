"""A small HTTP API on this machine, and what a pull reads of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from datahub.sources import http
from datahub.sources.access import Egress, Web
from datahub.sources.json import read as read_json
from datahub.sources.table import Table

ITEMS = [{"id": number, "name": f"Item {number}"} for number in range(1, 8)]
ALL = [str(item["id"]) for item in ITEMS]
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


def table(body: bytes) -> Table:
    return read_json(body, "$.items[*]", ["id", "name"])


def ids(web: Web, allowed: Egress = LOCAL, environ: dict[str, str] | None = None) -> list[str]:
    return [each for page in http.pages(web, allowed, "json", table, environ or {}) for each in page.columns["id"]]


def paged(to: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
    size = int(query.get("per", 3))
    at = int(query["offset"]) if "offset" in query else (int(query["page"]) - 1) * size
    reply(to, {"items": ITEMS[at : at + size]})
