"""Where data lies beyond a file beside the mapping, and what a caller allows to be reached.

A mapping can be written by anybody, so what it says about databases and web addresses is a wish. `Access` is the caller's answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Database:
    """A database that a mapping speaks of: its ``name`` there, and the connection it states, if any (never shown: it may hold a
    password)."""

    name: str
    url: str | None = field(default=None, repr=False)
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Paging:
    """How the answers of an HTTP API follow each other. Exactly one way is used: ``next_link`` (the header ``Link`` with rel=next,
    RFC 8288), ``next_member`` (a JSONPath to the address of the next answer), ``page`` (a query parameter that counts from
    ``first``), or ``offset`` (a query parameter that counts items). ``size``: name and value of the parameter for the page size."""

    next_link: bool = False
    next_member: str | None = None
    page: str | None = None
    offset: str | None = None
    first: int = 1
    size: tuple[str, int] | None = None


@dataclass(frozen=True)
class Authentication:
    """How a request proves who asks. ``scheme``: bearer, basic (with ``user``) or header (with the name of the ``header``).
    ``secret``: *name* of the environment variable that holds it; a secret itself never stands in a mapping."""

    scheme: str
    secret: str
    user: str | None = None
    header: str | None = None


@dataclass(frozen=True)
class Web:
    """An address that is read by HTTP GET."""

    url: str
    paging: Paging | None = None
    authentication: Authentication | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Egress:
    """What requests may reach. ``hosts``: only these, by name (all where None). ``private``: also http and addresses that are not
    of the public internet. ``timeout``: seconds for a connection or a silence; ``seconds``: for everything that one source takes.
    ``max_pages``, ``max_bytes``: of all answers of one source."""

    hosts: frozenset[str] | None = None
    private: bool = False
    timeout: float = 30.0
    seconds: float = 600.0
    max_pages: int = 10_000
    max_bytes: int = 1 << 30
    max_redirects: int = 5


@dataclass(frozen=True)
class Access:
    """What the caller of a mapping allows. ``databases``: connection URLs by the name that the mapping gives a database; ``""`` for
    every other. ``stated``: whether a connection that the mapping states may be used. ``egress``: what may be fetched, None for
    nothing."""

    databases: Mapping[str, str] = field(default_factory=dict, repr=False)
    stated: bool = False
    egress: Egress | None = None


NOTHING = Access()
"""Files only."""
