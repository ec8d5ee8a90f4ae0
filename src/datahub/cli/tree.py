"""Commands and groups whose help is written in the language of the session."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

from datahub.cli.words import french, lang, library


class Command(TyperCommand):
    """A command whose help follows the language of the session."""

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return library(super().get_help(ctx))


class Group(TyperGroup):
    """A group whose help follows the language of the session."""

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return library(super().get_help(ctx))


def localise(command: Any) -> Any:
    """``command`` and all below it with their help sentences in the language of the session."""
    if lang() == "en":
        return command
    for thing in (command, *command.params):
        for attribute in ("help", "short_help", "epilog"):
            sentence = getattr(thing, attribute, None)
            if sentence:
                setattr(thing, attribute, french(sentence) or sentence)
    for child in getattr(command, "commands", {}).values():
        localise(child)
    return command
