"""Connections that only go where they may: to addresses of the public internet, and no longer than a deadline.

A name is resolved once, and the connection goes to the very address that was judged, so that a second answer of the name server
changes nothing. Connections are kept by name, so that the certificate of one host never stands for another at its address.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx

from datahub.errors import ForbiddenError, InputError, Place
from datahub.i18n import Text

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: Address) -> bool:
    """Whether ``address`` is one of the public internet, also where it stands for an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class Transport(httpx.BaseTransport):
    """Sends requests of an `httpx.Client`; raises what httpcore raises, and `InputError` ``web-name``, `ForbiddenError`
    ``web-private``. ``private``: whether addresses outside of the public internet may be reached; ``end``: when all of it has to
    be over, on the monotonic clock."""

    def __init__(self, *, private: bool, end: float) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False), network_backend=_Judged(private, end)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, whose body is still to be read."""
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.read(),
            extensions=request.extensions,
        )
        answer = self._pool.handle_request(asked)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=dict(answer.extensions)
        )

    def close(self) -> None:
        """Closes all connections."""
        self._pool.close()


@dataclass
class _Body(httpx.SyncByteStream):
    answer: httpcore.Response

    def __iter__(self) -> Iterator[bytes]:
        return self.answer.iter_stream()

    def close(self) -> None:
        self.answer.close()


@dataclass
class _Judged(httpcore.NetworkBackend):
    """Opens connections to addresses that were judged."""

    private: bool
    end: float
    known: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        if (host, port) not in self.known:
            left = _left(self.end, timeout, httpcore.ConnectTimeout)
            self.known[host, port] = _resolved(host, port, private=self.private, seconds=left)
        addresses = self.known[host, port]
        while True:
            try:
                left = _left(self.end, timeout, httpcore.ConnectTimeout)
                made = httpcore.SyncBackend().connect_tcp(addresses[0], port, left, local_address, socket_options)
                return _Timed(made, self.end)
            except httpcore.ConnectError:
                if len(addresses) == 1:
                    raise
                addresses.pop(0)  # another address of the same name, judged as well


@dataclass
class _Timed(httpcore.NetworkStream):
    """``inner`` until ``end``: a server that sends a byte now and then gets no more time than one that is silent."""

    inner: httpcore.NetworkStream
    end: float

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, _left(self.end, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, _left(self.end, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self.end, timeout, httpcore.ConnectTimeout)
        return _Timed(self.inner.start_tls(ssl_context, server_hostname, left), self.end)

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


def _left(end: float, timeout: float | None, late: type[httpcore.TimeoutException]) -> float:
    """The seconds that the next step may take."""
    left = end - time.monotonic()
    if left <= 0:
        raise late
    return left if timeout is None else min(left, timeout)


def _resolved(host: str, port: int, *, private: bool, seconds: float) -> list[str]:
    try:
        found = _looked_up(host, port, seconds)
    except TimeoutError:
        raise InputError(
            "web-timeout",
            Text(
                f"The name server does not say in time where “{host}” is.",
                f"Le serveur de noms ne dit pas à temps où se trouve « {host} ».",
            ),
            Text("Try again later, or check the network.", "Réessayez plus tard, ou vérifiez le réseau."),
            Place(file=host),
        ) from None
    except (OSError, UnicodeError):
        raise InputError(
            "web-name",
            Text(f"There is no host “{host}”.", f"Il n'y a pas d'hôte « {host} »."),
            Text("Check the address, and the network.", "Vérifiez l'adresse et le réseau."),
            Place(file=host),
        ) from None
    addresses = [str(each[4][0]).partition("%")[0] for each in found]
    if not private and not all(is_public(ipaddress.ip_address(each)) for each in addresses):
        raise ForbiddenError(
            "web-private",
            Text(
                f"The host {host} lies in a private network; --allow-private allows it.",
                f"L'hôte {host} est dans un réseau privé ; --allow-private l'autorise.",
            ),
            place=Place(file=host),
        )
    return list(dict.fromkeys(addresses))


def _looked_up(host: str, port: int, seconds: float) -> list[Any]:
    """What the name server says of ``host``. The system's own call knows no deadline, so that it runs in a thread which is left to
    itself after ``seconds``. Raises `TimeoutError`, and what the call raises."""
    answer: Future[list[Any]] = Future()

    def ask() -> None:
        try:
            answer.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:  # for whoever waits
            answer.set_exception(error)

    threading.Thread(target=ask, name=f"look-up of {host}", daemon=True).start()
    return answer.result(seconds)
