"""Sources of a YARRRML document (section "Data sources"): files, databases, web addresses; the same values as of RML.

Beyond the keys of the specification: ``table``, ``null``, ``compression``, ``member`` and ``paging``, as in RML (`rml_sources`).
"""

from __future__ import annotations

import codecs
import dataclasses
from collections.abc import Callable

from datahub.errors import DefinitionError
from datahub.mapping.model import LogicalSource
from datahub.sources import csv
from datahub.sources.access import Authentication, Database, Paging, Web

Problem = Callable[[str, str], DefinitionError]
"""Makes the error with its English and French sentence."""

_FORMULATIONS = {"csv": "csv", "jsonpath": "json", "xpath": "xml"}
_START = {"json": "$", "xml": "/*"}
_DATABASES = ("postgresql", "postgres", "sqlite", "mysql", "mariadb", "sqlserver", "oracle", "db2", "database")
_UNREAD = ("sparql", "sparql11", "xquery", "kafka", "mqtt")
_COMPRESSIONS = ("gzip", "zip", "targz", "tarxz")
_SECRETS = "DATAHUB_SECRET_"


def logical_source(given: object, name: str | None, problem: Problem) -> LogicalSource:
    """The source that ``given`` describes; ``name``: its key in the document, if it has one."""
    keys = {str(key): value for key, value in given.items()} if isinstance(given, dict) else _short(given)
    kind = str(keys.get("type", "")).lower()
    if kind in _UNREAD or str(keys.get("queryFormulation", "")).lower() in _UNREAD:
        raise problem(
            f"sources of the type {kind or keys['queryFormulation']} are not read.",
            f"les sources du type {kind or keys['queryFormulation']} ne sont pas lues.",
        )
    if kind in _DATABASES or "query" in keys or "table" in keys:
        return _relational(keys, name or "database", kind, problem)
    access = str(keys.get("access", ""))
    formulation = _FORMULATIONS.get(str(keys.get("referenceFormulation", "csv")).lower())
    if formulation is None or not access:
        raise problem(
            f"the source “{given}” has to be like “file.csv~csv”, “file.json~jsonpath” or “file.xml~xpath”.",
            f"la source « {given} » doit s'écrire « file.csv~csv », « file.json~jsonpath » ou « file.xml~xpath ».",
        )
    compression = _text(keys, "compression")
    if compression not in (None, "none", *_COMPRESSIONS):
        raise problem(
            f"the compression “{compression}” is unknown; {', '.join(_COMPRESSIONS)} were expected.",
            f"la compression « {compression} » est inconnue ; {', '.join(_COMPRESSIONS)} sont attendues.",
        )
    return LogicalSource(
        access,
        formulation,
        _text(keys, "iterator") or _START.get(formulation),
        _texts(keys.get("null")),
        _encoding(keys, problem),
        dialect=_dialect(keys, problem) if formulation == "csv" else None,
        compression=None if compression == "none" else compression,
        member=_text(keys, "member"),
        origin=_web(access, keys, problem) if access.startswith(("http://", "https://")) else None,
    )


def _short(given: object) -> dict[str, object]:
    """The keys of ``file.json~jsonpath``, alone or in a list with the iterator."""
    parts = given if isinstance(given, list) else [given]
    access, _, formulation = str(parts[0] if parts else "").rpartition("~")
    keys: dict[str, object] = {"access": access or formulation}
    if access:
        keys["referenceFormulation"] = formulation
    if len(parts) > 1:
        keys["iterator"] = parts[1]
    return keys


def _text(keys: dict[str, object], name: str) -> str | None:
    return str(keys[name]) if keys.get(name) not in (None, "") else None


def _texts(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(sorted({str(each) for each in listed}))


def _relational(keys: dict[str, object], name: str, kind: str, problem: Problem) -> LogicalSource:
    query, table, access = _text(keys, "query"), _text(keys, "table"), _text(keys, "access")
    if not query and not table:
        raise problem("the source needs a query or a table.", "la source demande une clé query ou table.")
    credentials = keys.get("credentials")
    known = {str(key): str(value) for key, value in credentials.items()} if isinstance(credentials, dict) else {}
    if access and "://" not in access and not access.startswith("jdbc:"):
        access = f"{kind}://{'/' if kind == 'sqlite' else ''}{access.removeprefix('//')}" if kind else access
    database = Database(name, access, known.get("username"), known.get("password"))
    formulation, iterator = ("query", query) if query else ("table", table)
    return LogicalSource(name, formulation, iterator, _texts(keys.get("null")), origin=database)


def _encoding(keys: dict[str, object], problem: Problem) -> str | None:
    given = _text(keys, "encoding")
    if given is None:
        return None
    try:
        return codecs.lookup(given).name
    except LookupError:
        raise problem(f"the encoding “{given}” is unknown.", f"l'encodage « {given} » est inconnu.") from None


def _dialect(keys: dict[str, object], problem: Problem) -> csv.Dialect | None:
    given = _text(keys, "delimiter")
    if given is None:
        return None
    delimiter = {"\\t": "\t", "tab": "\t"}.get(given, given)
    if len(delimiter) != 1 or not delimiter.isascii():
        raise problem(f"“{given}” is not a delimiter.", f"« {given} » n'est pas un séparateur.")
    return dataclasses.replace(csv.BARE, delimiters=(delimiter,))


def _web(url: str, keys: dict[str, object], problem: Problem) -> Web:
    return Web(url, _paging(keys.get("paging"), problem), _authentication(keys.get("security"), problem))


def _paging(given: object, problem: Problem) -> Paging | None:
    if given is None:
        return None
    found = {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    ways = [name for name in ("nextLink", "nextMember", "pageParameter", "offsetParameter") if found.get(name)]
    numbers = {name: found[name] for name in ("firstPage", "pageSize") if name in found}
    if len(ways) != 1 or not all(value.isdigit() for value in numbers.values()):
        raise problem(
            "paging takes one of nextLink, nextMember, pageParameter and offsetParameter, and whole numbers.",
            "paging prend l'un de nextLink, nextMember, pageParameter et offsetParameter, et des nombres entiers.",
        )
    size = found.get("sizeParameter")
    return Paging(
        found.get("nextLink") == "true",
        found.get("nextMember"),
        found.get("pageParameter"),
        found.get("offsetParameter"),
        int(numbers.get("firstPage", "1")),
        (size, int(numbers.get("pageSize", "0"))) if size else None,
    )


def _authentication(given: object, problem: Problem) -> Authentication | None:
    if given is None:
        return None
    first = given[0] if isinstance(given, list) and given else given
    found = {str(key): str(value) for key, value in first.items()} if isinstance(first, dict) else {}
    if not found.get("value", "").startswith(_SECRETS) or found.get("in", "header") != "header":
        raise problem(
            f"security takes in “value” the name of an environment variable that begins with {_SECRETS}, sent in a header.",
            f"security prend dans « value » le nom d'une variable d'environnement commençant par {_SECRETS}, envoyée dans un "
            "en-tête.",
        )
    schemes = {"apikey": "header", "bearer": "bearer", "basic": "basic"}
    scheme = schemes.get(found.get("type", "apikey"), "")
    if not scheme or (scheme == "basic" and "name" not in found):
        raise problem(
            "security has the type apikey (with the name of a header), bearer, or basic (with the name of a user).",
            "security a le type apikey (avec le nom d'un en-tête), bearer, ou basic (avec le nom d'un utilisateur).",
        )
    name = found.get("name")
    return Authentication(
        scheme,
        found["value"],
        name if scheme == "basic" else None,
        (name or "X-API-Key") if scheme == "header" else None,
    )
