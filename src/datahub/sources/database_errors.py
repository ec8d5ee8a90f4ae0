"""What database drivers raise, in words of our own: which name or word of a query is wrong, or that the server can't be reached."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from datahub.errors import DatahubError, DefinitionError, InputError, Place
from datahub.i18n import Text
from datahub.sources.limits import MIB, Limits

_CAUSES: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
    (("42703",), r"no such column: (\S+)", "it names a column that is not there", "elle nomme une colonne absente"),
    (("42P01", "3F000"), r"no such table: (\S+)", "it names a table that is not there", "elle nomme une table absente"),
    (
        ("42702",),
        r"ambiguous column name: (\S+)",
        "a column could be of several tables",
        "une colonne peut être de plusieurs tables",
    ),
    (
        ("42883",),
        r"no such function: (\S+)",
        "it calls a function that is not there",
        "elle appelle une fonction absente",
    ),
    (
        ("42803",),
        r"misuse of aggregate: (\S+)",
        "a column is neither grouped nor aggregated",
        "une colonne n'est ni groupée ni agrégée",
    ),
    (("42501",), r"not authorized", "the user may not read this", "l'utilisateur n'a pas le droit de lire cela"),
    (
        ("25006", "0A000"),
        r"readonly database",
        "it would write; here it may only read",
        "elle écrirait ; ici elle ne peut que lire",
    ),
    (("42601", "42804"), r"near \"(.+?)\"|incomplete input", "its syntax is wrong", "sa syntaxe est fausse"),
    (("55P03",), r"is locked", "another program is writing to it", "un autre programme y écrit"),
    (("57014",), r"interrupted", "it took too long", "elle a pris trop de temps"),
)
"""SQLSTATE codes (PostgreSQL, appendix A) and SQLite's messages, with what they mean."""


@contextmanager
def worded(name: str, query: str | None) -> Iterator[None]:
    """Turns what the driver raises inside into errors of our own. ``name``: of the source; ``query``: what was asked."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _explained(error, name, query) from None
    except (sa.exc.SQLAlchemyError, ValueError, OverflowError):
        raise _unreadable(name) from None


def _explained(error: sa.exc.DBAPIError, name: str, query: str | None) -> DatahubError:
    state = getattr(error.orig, "sqlstate", None)
    message = str(error.orig) if isinstance(error.orig, sqlite3.Error) else ""
    if "Could not decode" in message:
        return _unreadable(name)
    if "not a database" in message or "disk image is malformed" in message:
        return InputError(
            "database-damaged",
            Text(
                "The file is not an SQLite database, or it is damaged.",
                "Le fichier n'est pas une base SQLite, ou il est abîmé.",
            ),
            place=Place(file=name),
        )
    for states, pattern, en, fr in _CAUSES:
        found = re.search(pattern, message) if message else None
        if found or state in states:
            at = (found[1] if found and found.re.groups else None) or _word_at(error.orig)
            near, pres = (f" (at “{at}”)", f" (à « {at} »)") if at else ("", "")
            return DefinitionError(
                "sql-query",
                Text(f"The database refuses the query: {en}{near}.", f"La base refuse la requête : {fr}{pres}."),
                Text("Try the query in the database itself.", "Essayez la requête dans la base elle-même."),
                Place(file=name, value=(query or "")[:200] or None),
            )
    if isinstance(error, sa.exc.DataError):
        return _unreadable(name)
    if (
        isinstance(error, sa.exc.OperationalError)
        and not message
        and (state is None or state[:2] in ("08", "28", "3D", "57"))
    ):
        return InputError(
            "database-unreachable",
            Text(
                "The database can't be reached, or refuses this user and password.",
                "La base de données est injoignable, ou refuse cet utilisateur et ce mot de passe.",
            ),
            Text(
                "Check host, port, database, user and password of the connection.",
                "Vérifiez hôte, port, base, utilisateur et mot de passe de la connexion.",
            ),
            Place(file=name),
        )
    code = f" ({state})" if state else ""
    return DefinitionError(
        "sql-query",
        Text(f"The database refuses the query{code}.", f"La base refuse la requête{code}."),
        Text("Try the query in the database itself.", "Essayez la requête dans la base elle-même."),
        Place(file=name, value=(query or "")[:200] or None),
    )


def _word_at(error: object) -> str | None:
    """The name that PostgreSQL complains about: what it puts between quotes, in whatever language it speaks."""
    message = getattr(getattr(error, "diag", None), "message_primary", None) or ""
    found = re.search(r"[\"«„“](?:\u00a0| )?([^\"»“”]+?)(?:\u00a0| )?[\"»“”]", message)
    return found[1][:60] if found else None


def _unreadable(name: str) -> InputError:
    return InputError(
        "database-value",
        Text(
            "The database holds a value that can't be read, such as a date without an end, or a text that is not UTF-8.",
            "La base contient une valeur illisible, par exemple une date infinie, ou un texte qui n'est pas en UTF-8.",
        ),
        Text("Cast the column to text in a query.", "Convertissez la colonne en texte dans une requête."),
        Place(file=name),
    )


def too_many(name: str, limits: Limits) -> InputError:
    """The error for an answer beyond ``limits``."""
    return InputError(
        "database-rows",
        Text(
            f"The answer has more than {limits.max_rows} rows or {limits.max_bytes // MIB} MB.",
            f"La réponse a plus de {limits.max_rows} lignes ou {limits.max_bytes // MIB} Mo.",
        ),
        Text(
            "Read it in parts, with a condition in the query.",
            "Lisez-la par parties, avec une condition dans la requête.",
        ),
        Place(file=name),
    )


def bad_url(url: str) -> InputError:
    """The error for a ``url`` that names no database we read; shows nothing of its user and password."""
    shown = url.split("@")[-1].split("?")[0]
    return InputError(
        "database-url",
        Text(f"“{shown}” is not a database that can be read.", f"« {shown} » n'est pas une base lisible."),
        Text(
            "Give postgresql://user:password@host/database or sqlite:///path.",
            "Donnez postgresql://utilisateur:motdepasse@hôte/base ou sqlite:///chemin.",
        ),
    )
