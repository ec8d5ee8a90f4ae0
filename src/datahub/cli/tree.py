"""Commands and groups whose help is written in the language of the session."""

from __future__ import annotations

import re
import sys
from typing import Any

from typer.core import TyperCommand, TyperGroup

from datahub.cli.failures import UNUSABLE
from datahub.cli.words import french, lang, library
from datahub.i18n import typeset

_PLACEHOLDERS = {
    "CLASS": "CLASSE",
    "COLUMN": "COLONNE",
    "CONNECTOR": "CONNECTEUR",
    "DATASET": "JEU",
    "DIR": "DOSSIER",
    "FILE": "FICHIER",
    "FOLDER": "DOSSIER",
    "HOST": "HÔTE",
    "KEY": "CLÉ",
    "LABEL": "LIBELLÉ",
    "LOSS": "PERTE",
    "NAME": "NOM",
    "NUMBER": "NOMBRE",
    "OUT": "SORTIE",
    "PLATFORM": "PLATEFORME",
    "PROFILE": "PROFIL",
    "PROPERTY": "PROPRIÉTÉ",
    "RECORD": "FICHE",
    "SAMPLE": "EXEMPLE",
    "SECTOR": "SECTEUR",
    "TITLE": "TITRE",
    "VARIANT": "VARIANTE",
}
"""What stands for a value in a help page: in English, and in French."""
_SAME_KIND = {"FROM": "CONNECTOR", "TO": "CONNECTOR"}


class Command(TyperCommand):
    """A command whose help follows the language of the session."""

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return typeset(library(super().get_help(ctx)), lang())

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The line of usage: what must be given stands bare, the rest in brackets."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]


class Group(TyperGroup):
    """A group whose help follows the language of the session."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments; where there is none and a command is needed, the help page says which there are."""
        if not args and self.no_args_is_help:
            print(self.get_help(ctx), file=sys.stderr)
            ctx.exit(UNUSABLE)
        return super().parse_args(ctx, args)

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return typeset(library(super().get_help(ctx)), lang())


def localise(command: Any) -> Any:
    """``command`` and all below it with their help sentences and placeholders in the language of the session."""
    for parameter in command.params:
        parameter.metavar = _placeholder(parameter)
    for thing in (command, *command.params) if lang() == "fr" else ():
        for attribute in ("help", "short_help", "epilog"):
            sentence = getattr(thing, attribute, None)
            if sentence:
                setattr(thing, attribute, _in_french(french(sentence) or sentence))
        if getattr(thing, "metavar", None):
            thing.metavar = _in_french(thing.metavar)
    for child in getattr(command, "commands", {}).values():
        localise(child)
    return command


def _placeholder(parameter: Any) -> str | None:
    """What stands for the value of an option: its own name, where it has no other and the values can't be listed."""
    given: str | None = parameter.metavar
    if given or parameter.param_type_name != "option" or parameter.is_flag or parameter.type.name == "choice":
        return given
    if parameter.type.name.startswith("int"):
        return "NUMBER"
    name = str(max(parameter.opts, key=len)).lstrip("-").upper()
    return _SAME_KIND.get(name, name)


def _in_french(text: str) -> str:
    return re.sub(r"(?<![A-Za-z_])[A-Z]{3,}(?![A-Za-z_])", lambda found: _PLACEHOLDERS.get(found[0], found[0]), text)
