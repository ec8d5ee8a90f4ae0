"""What went wrong, as one worded paragraph and an exit code; a reader of the terminal never meets a traceback."""

from __future__ import annotations

import errno
import os
import re
import sys
from pathlib import Path

from datahub.cli.words import lang, library, say
from datahub.errors import DatahubError
from datahub.i18n import typeset

OK, NO, UNUSABLE, FAULT, INTERRUPTED = 0, 1, 2, 70, 130
"""Exit codes: done; the answer is no (violations, refusals, differences); the input or the command can't be used; a fault of
datahub itself (EX_SOFTWARE of sysexits.h); interrupted (128 + SIGINT)."""


def report(error: BaseException) -> int:
    """Says on standard error what went wrong, in the language of the session, and gives the exit code."""
    if isinstance(error, KeyboardInterrupt):
        return _say(
            say("Interrupted; nothing half-written stays.", "Interrompu ; rien n'est resté à moitié écrit."),
            INTERRUPTED,
        )
    if isinstance(error, DatahubError):
        return _say(error.to(lang()), UNUSABLE)
    if isinstance(error, OSError):
        error = _coded(error)
    if isinstance(error, BrokenPipeError):
        # The reader of our output has gone: nobody to tell, and the interpreter must not complain about it on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO
    if isinstance(error, OSError):
        return _say(_os_error(error), UNUSABLE)
    if isinstance(error, MemoryError):
        return _say(
            say(
                "This needs more memory than the machine has. Push or convert the file in parts.",
                "Cela demande plus de mémoire que la machine n'en a. Envoyez ou convertissez le fichier en plusieurs parties.",
            ),
            UNUSABLE,
        )
    return _say(_fault(error), FAULT)


def usage(message: str, command: str) -> int:
    """Says that the command line can't be understood."""
    hint = say(f"See “{command} --help”.", f"Voir « {command} --help ».")
    return _say(f"{library(message)} {hint}", UNUSABLE)


def _say(sentence: str, code: int) -> int:
    print(typeset(f"{say('Error: ', 'Erreur : ')}{sentence}", lang()), file=sys.stderr)
    return code


def _coded(error: OSError) -> OSError:
    """``error`` as Python raises it; Polars gives the code of the system in its text only."""
    found = re.search(r"\(os error (\d+)\)$", str(error)) if error.errno is None else None
    return error if found is None else OSError(int(found[1]), os.strerror(int(found[1])))


def _os_error(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return say(
            "There is no room left on the disk; nothing half-written stays.",
            "Il n'y a plus de place sur le disque ; rien n'est resté à moitié écrit.",
        )
    name = error.filename if error.filename is not None else "?"
    match error:
        case FileNotFoundError():
            return say(f"There is no file “{name}”.", f"Il n'y a pas de fichier « {name} ».")
        case IsADirectoryError():
            return say(f"“{name}” is a folder, not a file.", f"« {name} » est un dossier, pas un fichier.")
        case NotADirectoryError():
            return say(f"“{name}” does not lie in a folder.", f"« {name} » n'est pas dans un dossier.")
        case FileExistsError():
            return say(f"“{name}” is already there.", f"« {name} » existe déjà.")
        case PermissionError():
            return say(
                f"You may not read or write “{name}”.", f"Vous n'avez pas le droit de lire ou d'écrire « {name} »."
            )
    return say(
        f"The system refused to read or write “{name}” (code {error.errno}). Is there room left on the disk?",
        f"Le système a refusé de lire ou d'écrire « {name} » (code {error.errno}). Reste-t-il de la place sur le disque ?",
    )


def _fault(error: BaseException) -> str:
    import tempfile
    import traceback

    trace = "".join(traceback.format_exception(error))
    if os.environ.get("DATAHUB_DEBUG"):
        print(trace, file=sys.stderr)
    with tempfile.NamedTemporaryFile(
        "w", prefix="datahub-fault-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(trace)
    return say(
        f"datahub itself failed ({type(error).__name__}); your data is as it was. "
        f"Please report it with the file {Path(file.name)}.",
        f"datahub lui-même a échoué ({type(error).__name__}) ; vos données sont inchangées. "
        f"Merci de le signaler avec le fichier {Path(file.name)}.",
    )
