"""What can go wrong for a user, as values: every error carries a code, a sentence in both languages, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass

from datahub.i18n import Text


@dataclass(frozen=True)
class Place:
    """Where in the user's own file something lies; row as a spreadsheet counts (first line = 1)."""

    file: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None


class DatahubError(Exception):
    """The base of all errors that a user may read.

    ``code`` is stable and kebab-case (``csv-encoding``). ``message`` says what is wrong in the words of the user,
    ``fix`` how to mend it.
    """

    status = 500

    def __init__(self, code: str, message: Text, fix: Text | None = None, place: Place | None = None) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.fix = fix
        self.place = place or Place()

    def to(self, lang: str) -> str:
        """The error as one paragraph in ``lang``: place, message, fix."""
        p = self.place
        where = [
            p.file,
            Text(f"row {p.row}", f"ligne {p.row}").to(lang) if p.row else None,
            Text(f"column “{p.column}”", f"colonne « {p.column} »").to(lang) if p.column else None,
        ]
        head = ", ".join(part for part in where if part)
        body = self.message.to(lang) + (f" {self.fix.to(lang)}" if self.fix else "")
        return Text(f"{head}: {body}", f"{head} : {body}").to(lang) if head else body


class InputError(DatahubError):
    """The input as a whole can't be used (wrong encoding, truncated, another format, too large, hostile)."""

    status = 422


class NotFoundError(DatahubError):
    """There is nothing by that name."""

    status = 404


class ConflictError(DatahubError):
    """The request contradicts what stands."""

    status = 409


class ForbiddenError(DatahubError):
    """The caller may not do this."""

    status = 403


class DefinitionError(DatahubError):
    """A mapping, shape, connector or ontology of ours or of a member is broken; names file and line or term."""

    status = 422
