"""The command ``datahub``. Importing it is cheap: each command imports what it needs when it runs."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from collections.abc import Sequence

__all__ = ["main", "run"]


def main() -> None:
    """The console script: runs the command line and leaves with its exit code."""
    signal.signal(signal.SIGTERM, _stop)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without “→” or « é » shows a question mark for them
    code = run(sys.argv[1:])
    gc.freeze()  # the interpreter looks for cycles before it ends, three times, among all that was imported
    sys.exit(code)


def _stop(number: int, frame: object) -> None:
    sys.exit(128 + number)  # as an interruption does: what is open is closed, what is half-written goes


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and gives its exit code; whatever fails is said in words on standard error."""
    from datahub.cli import failures, words

    try:
        words.use(words.from_environment(os.environ))
        rest, language = words.take(arguments, os.environ)
        words.use(language)
        return _run(rest)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 (the one place where everything is worded, panics of libraries included)
        return failures.report(error)


def _run(arguments: list[str]) -> int:
    import typer
    from typer.exceptions import TyperException

    from datahub.cli import failures
    from datahub.cli.app import command_line
    from datahub.cli.tree import localise

    command = localise(typer.main.get_command(command_line(arguments[0] if arguments else None)))
    try:
        code = command.main(arguments, prog_name="datahub", standalone_mode=False)
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except TyperException as error:
        context = getattr(error, "ctx", None)
        return failures.usage(error.format_message(), context.command_path if context else "datahub")
    sys.stdout.flush()
    return code if isinstance(code, int) else failures.OK
