"""Errors in a mapping: each names the file, the triples map, the term map, and what was expected."""

from __future__ import annotations

from datahub.errors import DefinitionError, Place
from datahub.i18n import Text


def problem(
    code: str, where: str, en: str, fr: str, fix: Text | None = None, file: str | None = None, line: int | None = None
) -> DefinitionError:
    """A `DefinitionError` at ``where`` ("product, subject map"), in the triples map that starts at ``line`` of ``file``."""
    prefix = f"{where}: " if where else ""
    return DefinitionError(code, Text(prefix + en, prefix + fr), fix, Place(file=file, row=line))
