"""The language of a terminal session: what the help and the messages are written in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar

from datahub.errors import DatahubError
from datahub.i18n import LANGS, Lang, Text

_LANG: ContextVar[Lang] = ContextVar("datahub_lang", default="en")
_FRENCH: dict[str, str] = {}


class UsageError(DatahubError):
    """The command line itself can't be understood."""

    status = 400


def both(en: str, fr: str) -> str:
    """A help sentence of the command tree: returned in English, remembered in French for `french`."""
    _FRENCH[en] = fr
    return en


def french(en: str) -> str | None:
    """The French of a sentence that was given to `both`."""
    return _FRENCH.get(en)


def lang() -> Lang:
    """The language of this session."""
    return _LANG.get()


def use(language: Lang) -> None:
    """Sets the language of this session."""
    _LANG.set(language)


def say(en: str, fr: str) -> str:
    """The sentence in the language of this session."""
    return Text(en, fr).to(lang())


def counted(count: int, en: tuple[str, str], fr: tuple[str, str]) -> str:
    """``count`` and the words for one or for more, in the language of this session: none is plural in English, not in French."""
    one, more = say(en[0], fr[0]), say(en[1], fr[1])
    return f"{count} {one if count == 1 or (count == 0 and lang() == 'fr') else more}"


def from_environment(environ: Mapping[str, str]) -> Lang:
    """The language that the locale variables ask for, in the order that POSIX gives them; English unless it is French."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return "fr" if value.lower().startswith("fr") else "en"
    return "en"


def take(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[list[str], Lang]:
    """The arguments without ``--lang X``, which may stand anywhere, and the language.

    Raises:
        UsageError: the language is neither French nor English, or missing.
    """
    rest: list[str] = []
    chosen: str | None = None
    todo = iter(arguments)
    for argument in todo:
        if argument == "--":
            rest += [argument, *todo]
        elif argument == "--lang":
            chosen = next(todo, "")
        elif argument.startswith("--lang="):
            chosen = argument.removeprefix("--lang=")
        else:
            rest.append(argument)
    if chosen is None:
        return rest, from_environment(environ)
    if chosen not in LANGS:
        raise UsageError(
            "lang-unknown",
            Text(
                f"“{chosen}” is not a language of datahub.",
                f"« {chosen} » n'est pas une langue de datahub.",
            ),
            Text("Write --lang fr or --lang en.", "Écrivez --lang fr ou --lang en."),
        )
    return rest, ("fr" if chosen == "fr" else "en")


# What the command-line library itself says, in its English, and how it reads in French.
_LIBRARY: tuple[tuple[str, str], ...] = (
    (r"^Usage: ", "Utilisation : "),
    (r"^Arguments:$", "Arguments :"),
    (r"^Options:$", "Options :"),
    (r"^Commands:$", "Commandes :"),
    (r"\bCOMMAND \[ARGS\]\.\.\.", "COMMANDE [ARGUMENTS]..."),
    (r"Show this message and exit\.", "Affiche ce message."),
    (r"\[default: ", "[par défaut : "),
    (r"\[env var: ", "[variable : "),
    (r"; required\]", " ; obligatoire]"),
    (r"\[required\]", "[obligatoire]"),
    (r"; default: ", " ; par défaut : "),
    (r"^No such option: (\S+)", r"Option inconnue : \1"),
    (r"\(Possible options: (.*)\)", r"(Options possibles : \1)"),
    (r"Did you mean (.*)\?", r"Vouliez-vous dire \1 ?"),
    (r"^No such command (.*)\.", r"Commande inconnue : \1."),
    (r"^Missing command\.", "Il manque une commande."),
    (r"^Missing argument (\S+)\.", r"Il manque l'argument \1."),
    (r"^Missing option (.*?)\.( |$)", r"Il manque l'option \1.\2"),
    (r"^Invalid value for (.*?): ", r"Valeur inutilisable pour \1 : "),
    (r"(\S+) is not one of (.*)\.", r"\1 n'est pas parmi \2."),
    (r"(\S+) is not a valid (?:integer|int)( range)?\.", r"\1 n'est pas un nombre entier."),
    (r"(\S+) is not in the range (.*)\.", r"\1 n'est pas dans l'intervalle \2."),
    (r"^Option (\S+) does not take a value\.", r"L'option \1 ne prend pas de valeur."),
    (r"File (\S+) does not exist\.", r"le fichier \1 n'existe pas."),
    (r"Path (\S+) does not exist\.", r"\1 n'existe pas."),
    (r"^Got unexpected extra arguments?(?:\(s\))? \((.*)\)", r"Argument en trop : \1"),
    (r"Option (\S+) requires an argument\.", r"L'option \1 demande une valeur."),
    (r"Choose from:", "À choisir parmi :"),
)


def library(text: str) -> str:
    """``text`` of the command-line library in the language of this session."""
    if lang() == "en":
        return text
    for pattern, replacement in _LIBRARY:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text
