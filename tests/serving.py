"""Servers of the tests, and the ports they listen on."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datahub.hub import Hub

BELOW = range(20_000, 32_000)
"""Ports that no system gives to connections by itself (Linux: from 32768 on; RFC 6335: from 49152 on)."""

_CHANCE = random.SystemRandom()


def listening() -> tuple[socket.socket, str]:
    """A socket with a port of its own, that nobody can take before a server of this process listens there; and its address."""
    place = socket.socket()
    place.bind(("127.0.0.1", 0))
    return place, f"http://127.0.0.1:{place.getsockname()[1]}/"


def free_port() -> int:
    """A port for a server of another process: free now, and not one that connections made meanwhile are given."""
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", _CHANCE.choice(BELOW)))
            except OSError:
                continue
            return int(probe.getsockname()[1])


@contextmanager
def serving(hub: Hub, place: socket.socket) -> Iterator[None]:
    """``hub`` behind a real server that listens at ``place``, and is closed with it."""
    import uvicorn

    from datahub.web import create_app

    server = uvicorn.Server(uvicorn.Config(create_app(hub), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [place]})
    with place:
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server ended before it answered"
                time.sleep(0.02)
            yield
        finally:
            server.should_exit = True
            thread.join(30)
