"""Why a text is not JSON, in the user's words."""

from __future__ import annotations

import json

from datahub.errors import InputError, Place
from datahub.i18n import Text

_CAUSES: tuple[tuple[str, Text], ...] = (
    ("Expecting property name", Text("a name in quotes is expected", "un nom entre guillemets est attendu")),
    ("Expecting value", Text("a value is expected", "une valeur est attendue")),
    ("Expecting ',' delimiter", Text("a comma is missing", "il manque une virgule")),
    ("Expecting ':' delimiter", Text("a colon is missing", "il manque un deux-points")),
    ("Unterminated string", Text("a quote is not closed", "un guillemet n'est pas fermé")),
    ("Illegal trailing comma", Text("there is a comma too many", "il y a une virgule de trop")),
    ("Invalid control character", Text("a text holds a line break", "un texte contient un saut de ligne")),
    ("Invalid", Text("a backslash is misplaced", "une barre oblique inverse est mal placée")),
    ("Extra data", Text("something follows the end", "quelque chose suit la fin")),
)


def not_json(error: json.JSONDecodeError) -> InputError:
    """The error to tell instead of that of Python's parser."""
    cause = next((text for start, text in _CAUSES if error.msg.startswith(start)), None)
    why = Text(f": {cause.en}", f" : {cause.fr}") if cause else Text("", "")
    end = (
        Text(" The file may be cut.", " Le fichier est peut-être coupé.")
        if error.pos >= len(error.doc.rstrip())
        else Text("", "")
    )
    return InputError(
        "json",
        Text(
            f"This is not JSON at line {error.lineno}, column {error.colno}{why.en}.{end.en}",
            f"Ceci n'est pas du JSON à la ligne {error.lineno}, colonne {error.colno}{why.fr}.{end.fr}",
        ),
        place=Place(row=error.lineno),
    )
