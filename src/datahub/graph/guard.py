"""What a query of a stranger may not contain: calls to other servers, and updates. Decided on its words, before it runs."""

from __future__ import annotations

import re

from datahub.errors import ForbiddenError
from datahub.i18n import Text

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_WORDS = re.compile(
    r"""
    (?P<skip>
        <(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>  # IRI
      | \"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*'''
      | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*'
      | \#[^\n\r]*                                             # comment
      | [?$]\w+                                                # variable
      | @[A-Za-z]+(?:-[A-Za-z0-9]+)*                           # language
      | _:\w[\w.-]*                                            # blank node
    )
    | (?P<run>[^\W\d_][\w.-]*)                                 # keyword, or prefix with what follows it
      (?P<local>:(?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\[^\w\s])(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\[^\w\s])*)?)?
      (?P<group>(?=(?:\s|\#[^\n\r]*)*\{))?
    | :(?:[\w:]|%[0-9A-Fa-f]{2}|\\[^\w\s])(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\[^\w\s])*  # name without prefix
    """,
    re.VERBOSE | re.DOTALL,
)
_UPDATES = frozenset(["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH"])
_QUERIES = frozenset(["SELECT", "CONSTRUCT", "ASK", "DESCRIBE"])


def keywords(query: str) -> list[str]:
    """The keywords of a SPARQL query (SPARQL 1.1 Query section 19.8), upper case: no names, strings or comments.

    Code point escapes are resolved first (section 19.2), so that none of them hides a word.
    """
    runs = (match["run"] for match in _WORDS.finditer(_resolved(query)) if match["run"] and not match["local"])
    return [word.upper() for run in runs for word in re.findall("[A-Za-z_]+", run)]


def check(query: str) -> None:
    """Raises ForbiddenError ``sparql-service`` for a federated query, ``sparql-update`` for an update."""
    # Oxigraph resolves escapes in strings and IRIs only, the standard everywhere: neither reading may call a server.
    if _calls(query) or _calls(_resolved(query)):
        raise ForbiddenError(
            "sparql-service",
            Text(
                "SERVICE is not allowed here: the hub calls no other server.",
                "SERVICE n'est pas permis ici : le hub n'appelle aucun autre serveur.",
            ),
            Text(
                "Ask the other endpoint yourself. A prefix that only contains this word needs another name.",
                "Interrogez vous-même l'autre point d'accès. Un préfixe qui ne fait que contenir ce mot doit changer de nom.",
            ),
        )
    first = next((word for word in keywords(query) if word in _UPDATES | _QUERIES), None)
    if first in _UPDATES:
        raise ForbiddenError(
            "sparql-update",
            Text("Only queries are answered here, no updates.", "Seules les requêtes de lecture sont acceptées ici."),
            Text("Change data by pushing it.", "Pour modifier des données, envoyez-les."),
        )


def _calls(query: str) -> bool:
    """Whether a SERVICE clause may be in ``query``. Oxigraph wants no space around keywords: ``trueSERVICE<…>{}`` is one, and so
    are ``SERVICESILENT<…>{}`` and ``SERVICEex:a{}``, where the standard would see a word, and a prefixed name before a group."""
    return any(
        "SERVICE" in match["run"].upper() and (match["local"] is None or match["group"] is not None)
        for match in _WORDS.finditer(query)
        if match["run"]
    )


def _resolved(query: str) -> str:
    return _ESCAPE.sub(_character, query)


def _character(match: re.Match[str]) -> str:
    number = int(match[1] or match[2], 16)
    return chr(number) if number < 0x110000 else match[0]
