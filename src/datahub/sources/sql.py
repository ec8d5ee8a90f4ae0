"""What a mapping may ask of a database: one statement that reads, or a table by its SQL identifier (R2RML sections 5.1 and 5.2)."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence

from datahub.errors import DefinitionError, InputError, Place
from datahub.i18n import Text

_IDENTIFIER = re.compile(r'\s*(?:"((?:[^"]|"")+)"|`([^`]+)`|\[([^\]]+)\]|([^".`\[\]]+?))\s*(?:\.|$)')
_OPAQUE = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|(\$\w*\$)(?s:.*?)\1|[eE]'(?:[^'\\]|\\.|'')*'"""
)
_READS = ("select", "with", "values", "table")


def identifier(text: str) -> list[tuple[str, bool]]:
    """The parts of an SQL identifier (schema and table), each with whether it is delimited and so means its exact letters.

    Raises `DefinitionError` ``sql-table`` where it is not one.
    """
    parts: list[tuple[str, bool]] = []
    at = 0
    while at < len(text):
        found = _IDENTIFIER.match(text, at)
        if not found:
            break
        at = found.end()
        plain = found[4]
        exact = next((part for part in found.groups()[:3] if part is not None), None)
        parts.append((plain, False) if plain is not None else ((exact or "").replace('""', '"'), True))
    if not parts or at < len(text) or len(parts) > 2:
        raise DefinitionError(
            "sql-table",
            Text(f"“{text}” is not the name of a table.", f"« {text} » n'est pas un nom de table."),
            Text("Write table or schema.table.", "Écrivez table ou schéma.table."),
            Place(value=text),
        )
    return parts


def spellings(part: tuple[str, bool]) -> list[str]:
    """How the database may have written an identifier: as it is, and folded where it is not delimited (SQL section 5.2)."""
    name, delimited = part
    return [name] if delimited else list(dict.fromkeys([name, name.lower(), name.upper()]))


def one_statement(query: str) -> str:
    """``query`` without the semicolon at its end. Raises `DefinitionError` ``sql-statements`` where it is not one statement that
    only reads; the session that runs it can't write either."""
    text = query.strip().rstrip(";").strip()
    bare = _OPAQUE.sub(lambda found: " " if found[0].startswith(("--", "/*")) else "'", text)
    words = bare.replace("(", " ").split()
    if ";" in bare or not words or words[0].lower() not in _READS:
        raise DefinitionError(
            "sql-statements",
            Text(
                "A query of a mapping is one statement that reads: SELECT, WITH or VALUES.",
                "Une requête de mapping est une seule instruction de lecture : SELECT, WITH ou VALUES.",
            ),
            Text("Split it, or make a view in the database.", "Séparez-la, ou créez une vue dans la base."),
            Place(value=query.strip()[:200]),
        )
    return text


def folded(query: str) -> str | None:
    """``query`` with its delimited identifiers in small letters, as PostgreSQL keeps names that were made without quotes; None
    where that changes nothing."""

    def fold(found: re.Match[str]) -> str:
        return found[0].lower() if found[0].startswith('"') else found[0]

    text = _OPAQUE.sub(fold, query)
    return None if text == query else text


def matched(names: Sequence[str], references: Sequence[str] | None, where: str) -> dict[str, str]:
    """Of each of ``references`` (all ``names`` by default) the column that it means: the one with exactly that name, which may
    stand in quotes.

    Where at least one other is named exactly, one that differs only in case is taken for it: databases fold the names that are
    made without quotes. Raises `DefinitionError` ``sql-columns`` where a column name comes twice, `InputError` ``column-missing``.
    """
    double = next((name for name, count in Counter(names).items() if count > 1), None)
    if double is not None:
        raise DefinitionError(
            "sql-columns",
            Text(
                f"The query gives two columns the name “{double}”.",
                f"La requête donne à deux colonnes le nom « {double} ».",
            ),
            Text("Give each column its own name with AS.", "Donnez à chaque colonne son nom avec AS."),
            Place(file=where, column=double),
        )
    found = {name: name for name in (names if references is None else references) if name in names}
    for name in references or ():  # R2RML writes delimited identifiers with their quotes
        if name not in found and len(name) > 2 and name[0] == name[-1] == '"':
            inner = name[1:-1].replace('""', '"')
            if inner in names:
                found[name] = inner
    exact = set(found.values())
    for name in references or ():
        alike = [each for each in names if each.casefold() == name.casefold() and each not in exact]
        if name not in found and exact and len(alike) == 1:
            found[name] = alike[0]
        elif name not in found:
            raise missing(name, names, where)
    return found


def missing(name: str, names: Sequence[str], where: str) -> InputError:
    """The error for a column ``name`` that is not among ``names``."""
    there = ", ".join(names)
    close = difflib.get_close_matches(name.casefold(), [each.casefold() for each in names], 1)
    near = next((each for each in names if close and each.casefold() == close[0]), None)
    return InputError(
        "column-missing",
        Text(
            f"The column “{name}” is missing; there are {there}.",
            f"La colonne « {name} » est absente ; il y a {there}.",
        ),
        Text(f"Is it “{near}”? Letters count as they are.", f"Est-ce « {near} » ? Majuscules et minuscules comptent.")
        if near
        else None,
        Place(file=where, column=name),
    )
