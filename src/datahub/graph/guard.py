"""What a query of a stranger may not contain: calls to other servers, and updates. Decided on its words, before it runs."""

from __future__ import annotations

import re

from datahub.errors import ForbiddenError
from datahub.i18n import Text

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_WORDS = re.compile(
    r"""
    (?P<skip>
        <[^<>"{}|^`\\\x00-\x20]*>                              # IRI
      | \"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*'''
      | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*'
      | \#[^\n\r]*                                             # comment
      | [?$]\w+                                                # variable
      | @[A-Za-z0-9-]+                                         # language
      | _:[\w.-]+                                              # blank node
      | (?:[^\W\d_][\w.-]*)?:(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\[^\w\s])*  # prefixed name
    )
    | (?P<word>[A-Za-z_]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_UPDATES = frozenset(["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH"])
_QUERIES = frozenset(["SELECT", "CONSTRUCT", "ASK", "DESCRIBE"])


def keywords(query: str) -> list[str]:
    """The keywords of a SPARQL query (SPARQL 1.1 Query section 19.8), upper case: no names, strings or comments.

    Code point escapes are resolved first (section 19.2), so that none of them hides a word.
    """
    plain = _ESCAPE.sub(_character, query)
    return [match["word"].upper() for match in _WORDS.finditer(plain) if match["word"]]


def check(query: str) -> None:
    """Raises ForbiddenError ``sparql-service`` for a federated query, ``sparql-update`` for an update."""
    words = keywords(query)
    if "SERVICE" in words:
        raise ForbiddenError(
            "sparql-service",
            Text(
                "SERVICE is not allowed here: the hub calls no other server.",
                "SERVICE n'est pas permis ici : le hub n'appelle aucun autre serveur.",
            ),
            Text("Ask the other endpoint yourself.", "Interrogez vous-même l'autre point d'accès."),
        )
    first = next((word for word in words if word in _UPDATES | _QUERIES), None)
    if first in _UPDATES:
        raise ForbiddenError(
            "sparql-update",
            Text("Only queries are answered here, no updates.", "Seules les requêtes de lecture sont acceptées ici."),
            Text("Change data by pushing it.", "Pour modifier des données, envoyez-les."),
        )


def _character(match: re.Match[str]) -> str:
    number = int(match[1] or match[2], 16)
    return chr(number) if number < 0x110000 else match[0]
