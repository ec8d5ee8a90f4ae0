"""The command line, from the command tree itself."""

from __future__ import annotations

from typing import Any

import typer

from datahub.cli import failures
from datahub.cli.app import command_line
from datahub.cli.tree import localise
from generators.markdown import anchor, code, page, slug, table, text

_INTRO = """
`datahub COMMAND --help` prints the same in a terminal, in English or French. The language of help and messages is
that of the session (`LC_ALL`, `LC_MESSAGES`, `LANG`) or of `--lang fr|en`, which may stand anywhere. Results go to
standard output; progress and remarks go to standard error, so a result can be sent into a file or another program.
`-` as FILE reads standard input.
"""

_CODES = (
    (failures.OK, "done, or the file conforms"),
    (failures.NO, "the answer is no: violations, everything refused, samples that differ"),
    (failures.UNUSABLE, "the input or the command can't be used; nothing was written"),
    (failures.FAULT, "a fault of datahub itself; your data is as it was, and the message names a file to report"),
    (failures.INTERRUPTED, "interrupted with Ctrl+C; nothing half-written stays"),
)


def pages() -> dict[str, str]:
    """The page of commands."""
    root = localise(typer.main.get_command(command_line()))
    codes = table(("exit code", "meaning"), [(code(number), text(words)) for number, words in _CODES])
    return {"cli": page("# Command line", _INTRO, "## Exit codes", codes, *_commands(root, "datahub", 2))}


def _commands(command: Any, name: str, level: int) -> list[str]:
    children: dict[str, Any] | None = getattr(command, "commands", None)
    title = f"{'#' * level} {code(name)}"
    blocks = [anchor(f"cli-{slug(name)}") + title, text(command.help)]
    if children is None:
        blocks.append(f"```text\n{name} {' '.join(_usage(command))}\n```")
    named = [one for one in command.params if not (children is not None and one.name == "version")]
    if named:
        blocks.append(table(("argument or option", "default", "what it is"), [_row(one) for one in named]))
    for child, below in (children or {}).items():
        blocks += _commands(below, f"{name} {child}", level + 1)
    return blocks


def _usage(command: Any) -> list[str]:
    arguments = [_metavar(one) for one in command.params if _is_argument(one)]
    return ["[OPTIONS]", *arguments]


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or (parameter.name or "").upper())


def _row(parameter: Any) -> tuple[str, str, str]:
    if _is_argument(parameter):
        return code(_metavar(parameter)), "", text(parameter.help)
    value = "" if parameter.is_flag else parameter.metavar or _kind(parameter.type)
    default = parameter.default
    shown = "required" if parameter.required else "" if default in (None, False, "") else code(_value(default))
    return code(f"{', '.join(parameter.opts)} {value}".strip()), shown, text(parameter.help)


def _kind(kind: Any) -> str:
    """What stands for a value: the words to choose from, or the kind of value."""
    if kind.name == "choice":
        return "|".join(_value(one) for one in kind.choices)
    return {"int": "NUMBER", "int range": "NUMBER", "path": "FILE"}.get(kind.name, "TEXT")


def _value(choice: Any) -> str:
    return str(getattr(choice, "value", choice))
