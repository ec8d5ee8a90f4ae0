"""Guarded requests: only what the caller allows, only to the public internet (`datahub.sources.connections`).

Redirects are followed one by one and judged like the first address. Proxies of the environment are not used.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpcore
import httpx

from datahub.errors import DatahubError, ForbiddenError, InputError, Place
from datahub.i18n import Text
from datahub.sources import content_coding
from datahub.sources.access import Egress
from datahub.sources.connections import Transport
from datahub.sources.limits import MIB

AGENT = "datahub (+https://w3id.org/datahub)"
_RETRIES, _LONGEST_WAIT = 3, 60.0


@dataclass(frozen=True)
class Answer:
    """``url``: where it came from after redirects. ``kind``: media type without parameters. ``links``: by relation (RFC 8288), as
    they are written there."""

    url: str
    body: bytes = field(repr=False)
    kind: str
    links: Mapping[str, str]


class Client:
    """Fetches addresses within what an `Egress` allows; sizes and times count over all that one client fetches.

    ``own``: headers that only go to the host of ``home``, whatever other host an answer leads to: secrets above all.
    """

    def __init__(self, egress: Egress, home: str, own: Mapping[str, str]) -> None:
        self.egress = egress
        check(home, egress)
        self._home, self._own = _site(home), dict(own)
        self._left = egress.max_bytes
        self._end = time.monotonic() + egress.seconds
        self._http = httpx.Client(
            transport=Transport(private=egress.private, end=self._end),
            timeout=httpx.Timeout(egress.timeout),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": AGENT, "Accept-Encoding": content_coding.ACCEPTED},
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """The answer to a GET request.

        Raises `ForbiddenError`: ``web-not-allowed``, ``web-private``, ``web-scheme``; `InputError`: ``web-name``,
        ``web-unreachable``, ``web-certificate``, ``web-timeout``, ``web-status``, ``web-redirects``, ``web-link``, ``web-coding``,
        ``web-damaged``, ``too-large``.
        """
        for _ in range(self.egress.max_redirects + 1):
            check(url, self.egress)
            sent = {**headers, **self._own} if _site(url) == self._home else dict(headers)
            with self._answer(url, sent) as response:
                target = response.headers.get("location") if response.is_redirect else None
                if target is None:
                    _check_status(response, url)
                    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                    links = {
                        relation: link["url"] for relation, link in response.links.items() if relation and "url" in link
                    }
                    return Answer(url, self._body(response, url), kind, links)
            url = resolved(url, target)
        raise InputError(
            "web-redirects",
            Text("The address redirects again and again.", "L'adresse redirige encore et encore."),
            place=Place(file=shown(url)),
        )

    @contextmanager
    def _answer(self, url: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """The response, its body still to be read; asks again where the server says that it is too busy now."""
        for attempt in range(_RETRIES + 1):
            self._check_time(url)
            with _worded(url), self._http.stream("GET", url, headers=dict(headers)) as response:
                wait = _wait(response) if response.status_code in (429, 503) else None
                if wait is None or attempt == _RETRIES or time.monotonic() + wait > self._end:
                    yield response
                    return
            time.sleep(wait)

    def _body(self, response: httpx.Response, url: str) -> bytes:
        pieces = []
        with _worded(url):
            for piece in content_coding.plain(response.iter_raw(), response.headers.get("content-encoding", "")):
                self._check_time(url)
                self._left -= len(piece)
                if self._left < 0:
                    most = self.egress.max_bytes // MIB
                    raise InputError(
                        "too-large",
                        Text(f"The answers are larger than {most} MB.", f"Les réponses dépassent {most} Mo."),
                        place=Place(file=shown(url)),
                    )
                pieces.append(piece)
        return b"".join(pieces)

    def _check_time(self, url: str) -> None:
        if time.monotonic() > self._end:
            raise InputError(
                "web-timeout",
                Text(
                    f"The answers took longer than {self.egress.seconds:g} seconds.",
                    f"Les réponses ont pris plus de {self.egress.seconds:g} secondes.",
                ),
                place=Place(file=shown(url)),
            )


def check(url: str, egress: Egress) -> None:
    """Judges an address before any name is resolved; `ForbiddenError` ``web-scheme``, ``web-secret``, ``web-not-allowed``."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        raise _forbidden("web-scheme", url, "This is not a web address", "Ceci n'est pas une adresse web") from None
    if parsed.scheme != "https" and not (egress.private and parsed.scheme == "http"):
        raise _forbidden(
            "web-scheme",
            url,
            "Only https addresses are read (--allow-private allows http too)",
            "Seules les adresses https sont lues (--allow-private permet aussi http)",
        )
    if parsed.userinfo:
        raise _forbidden(
            "web-secret",
            url,
            "An address holds no user and password; use dh:authentication",
            "Une adresse ne contient ni utilisateur ni mot de passe ; utilisez dh:authentication",
        )
    if not parsed.host or (egress.hosts is not None and parsed.host.lower() not in egress.hosts):
        raise _forbidden(
            "web-not-allowed",
            url,
            f"The host {parsed.host or '–'} was not allowed; --allow-host {parsed.host} allows it",
            f"L'hôte {parsed.host or '–'} n'a pas été autorisé ; --allow-host {parsed.host} l'autorise",
        )


def shown(url: str) -> str:
    """``url`` as it may be shown: without query, user and password."""
    try:
        parsed = httpx.URL(url)
        return str(parsed.copy_with(query=None, fragment=None, username=None, password=None))
    except (httpx.InvalidURL, TypeError):
        return "?"


def resolved(url: str, target: str) -> str:
    """``target`` as an answer from ``url`` names it, as a whole address. Raises `InputError` ``web-link``."""
    try:
        return str(httpx.URL(url).join(target))
    except (httpx.InvalidURL, ValueError):
        raise InputError(
            "web-link",
            Text(
                f"The answer leads to “{target[:80]}”, which is no address.",
                f"La réponse mène à « {target[:80]} », qui n'est pas une adresse.",
            ),
            place=Place(file=shown(url)),
        ) from None


@contextmanager
def _worded(url: str) -> Iterator[None]:
    """Turns what the library raises into errors of our own."""
    place = Place(file=shown(url))
    try:
        yield
    except DatahubError as error:
        if error.place.file is None:
            error.place = place
        raise
    except (httpx.TimeoutException, httpcore.TimeoutException):
        raise InputError(
            "web-timeout",
            Text("The server does not answer in time.", "Le serveur ne répond pas à temps."),
            Text("Try again later.", "Réessayez plus tard."),
            place,
        ) from None
    except (httpx.HTTPError, httpcore.NetworkError, httpcore.ProtocolError) as error:
        if isinstance(error.__cause__, ssl.SSLError) or "certificate" in str(error).lower():
            raise InputError(
                "web-certificate",
                Text("The certificate of the server is not valid.", "Le certificat du serveur n'est pas valide."),
                Text("Ask its owner to renew it.", "Demandez à son propriétaire de le renouveler."),
                place,
            ) from None
        raise InputError(
            "web-unreachable",
            Text(
                "The server can't be reached, or breaks off its answer.",
                "Le serveur est injoignable, ou interrompt sa réponse.",
            ),
            Text("Check the address, or try again later.", "Vérifiez l'adresse, ou réessayez plus tard."),
            place,
        ) from None


def _check_status(response: httpx.Response, url: str) -> None:
    code = response.status_code
    if code in (200, 204):
        return
    why = {
        401: Text("it asks who you are", "il demande qui vous êtes"),
        403: Text("it refuses access", "il refuse l'accès"),
        404: Text("there is nothing at this address", "il n'y a rien à cette adresse"),
        410: Text("what was there is gone", "ce qui s'y trouvait a disparu"),
        429: Text("it was asked too often", "il a été interrogé trop souvent"),
    }.get(
        code, Text("it has a fault", "il a un défaut") if code >= 500 else Text("it gives no data", "il ne donne rien")
    )
    raise InputError(
        "web-status",
        Text(f"The server answers {code}: {why.en}.", f"Le serveur répond {code} : {why.fr}."),
        Text("Check the secret that is sent.", "Vérifiez le secret envoyé.") if code in (401, 403) else None,
        Place(file=shown(url)),
    )


def _wait(response: httpx.Response) -> float | None:
    """Seconds to wait before asking again; None where the server asks for more than we wait."""
    given = response.headers.get("retry-after", "1")
    seconds = float(given) if given.isdigit() else 1.0
    return seconds if seconds <= _LONGEST_WAIT else None


def _site(url: str) -> tuple[str, str, int | None]:
    parsed = httpx.URL(url)
    return parsed.scheme, parsed.host, parsed.port


def _forbidden(code: str, url: str, en: str, fr: str) -> ForbiddenError:
    return ForbiddenError(code, Text(f"{en}.", f"{fr}."), place=Place(file=shown(url)))
