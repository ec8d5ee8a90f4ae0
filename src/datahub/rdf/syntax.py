"""Parser messages in the words of the user, in both languages; the parser's own text is never shown."""

from __future__ import annotations

import re
from itertools import islice

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.rdf.contexts import refused

_SHOWN = 60

_CAUSES: tuple[tuple[re.Pattern[str], Text], ...] = (
    (
        re.compile(r"[Uu]nknown prefix (?P<it>\S*:)|prefix (?P<it2>\S*:) has not been declared"),
        Text("the prefix “{it}” is not declared", "le préfixe « {it} » n'est pas déclaré"),
    ),
    (
        re.compile(r"[Uu]nexpected end|not closed|before end of input"),
        Text("the text ends too early, as if it were cut", "le texte s'arrête trop tôt, comme s'il était coupé"),
    ),
    (
        re.compile(r"escape"),
        Text(
            "a backslash is followed by a character that it can't escape",
            "une barre oblique inverse précède un caractère qu'elle ne peut échapper",
        ),
    ),
    (
        re.compile(r"Line jumps"),
        Text(
            "a text with a line break must stand between triple quotes",
            "un texte avec un saut de ligne doit être entre triples guillemets",
        ),
    ),
    (
        re.compile(r"\bIRI\b"),
        Text(
            "an address (IRI) holds characters that are not allowed there",
            "une adresse (IRI) contient des caractères qui n'y sont pas permis",
        ),
    ),
    (
        re.compile(r"@(?P<it>[a-z]+)"),
        Text("the value of “@{it}” is not of the right kind", "la valeur de « @{it} » n'est pas du bon type"),
    ),
)


def explained(error: SyntaxError, data: bytes, title: str) -> InputError:
    """An `InputError` ``syntax`` with line, column and the text found there, or ``context-refused`` for a context not inlined."""
    message = str(error.msg)
    if "LoadDocumentCallback" in message:
        return refused("@context")
    cause = None
    for pattern, text in _CAUSES:
        if found := pattern.search(message):
            groups = found.groupdict()
            cause = text.format(it=next((value for value in groups.values() if value), ""))
            break
    line, column = error.lineno, error.offset
    excerpt = _excerpt(data, line, column)
    where = Text(f" at line {line}, column {column}", f" à la ligne {line}, colonne {column}") if line else Text("", "")
    near = Text(f", near “{excerpt}”", f", près de « {excerpt} »") if excerpt else Text("", "")
    why = Text(f": {cause.en}", f" : {cause.fr}") if cause else Text("", "")
    return InputError(
        "syntax",
        Text(
            f"The {title} is not well formed{where.en}{near.en}{why.en}.",
            f"Le {title} est mal formé{where.fr}{near.fr}{why.fr}.",
        ),
        place=Place(row=line, value=excerpt or None),
    )


def _excerpt(data: bytes, line: int | None, column: int | None) -> str:
    if line is None or column is None:
        return ""
    breaks = re.finditer(b"\n", data)
    start = 0 if line == 1 else next((found.end() for found in islice(breaks, line - 2, None)), len(data))
    end = data.find(b"\n", start)
    text = data[start : end if end >= 0 else len(data)].decode("utf-8", "replace")
    return text[column - 1 : column - 1 + _SHOWN].strip()
