"""JSON to tables: one document, an array, JSON Lines, or a zip archive of documents.

Values are picked column by column; see `datahub.sources.json_documents` for what is read of a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from datahub.sources import archive, json_documents, json_types, jsonpath
from datahub.sources.json_tables import Tables
from datahub.sources.json_types import Reading
from datahub.sources.limits import DEFAULT, Limits, load
from datahub.sources.table import Table


def read(
    data: bytes | Path,
    iterator: str,
    references: Sequence[str],
    *,
    name: str | None = None,
    limits: Limits = DEFAULT,
) -> Table:
    """One row per item of the JSONPath ``iterator``, one column per reference (a JSONPath from the item, see `jsonpath`).

    A reference with ``[*]`` gives lists, others single texts; booleans are ``true`` and ``false``; null and empty texts are
    empty cells. ``$`` on an array stands for its items. The row is the number of the outermost item (in JSON Lines: the line; in
    an archive: the file), for nested iterations too. `Table.types` has the datatype of columns that hold JSON numbers or booleans
    only.

    Raises `InputError`: ``too-large``, ``too-deep``, ``encoding``, ``empty``, ``json`` (with line), ``json-rows``, those of
    `datahub.sources.archive`; `DefinitionError` ``jsonpath``. A broken line of JSON Lines is left out and reported.
    """
    return read_all(data, [(iterator, references)], name=name, limits=limits)[0]


def read_all(
    data: bytes | Path,
    iterations: Sequence[tuple[str, Sequence[str]]],
    *,
    name: str | None = None,
    limits: Limits = DEFAULT,
) -> list[Table]:
    """The tables of several iterations over the same documents, which are parsed once; arguments and errors as of `read`."""
    content = load(data, limits)
    title = name or (data.stem if isinstance(data, Path) else "table")
    wanted = readings(iterations)
    tables = Tables(wanted, title, limits)
    if archive.is_zip(content):
        tables.add(json_documents.from_archive(content, limits))
    else:
        tables.add(json_documents.from_text(content, limits, json_types.decoder(wanted)))
    return tables.made()


def readings(iterations: Sequence[tuple[str, Sequence[str]]]) -> tuple[Reading, ...]:
    """JSONPath ``iterations`` and their references as paths. Raises `DefinitionError` ``jsonpath``."""
    return tuple((jsonpath.parse(iterator), tuple(map(jsonpath.parse, refs))) for iterator, refs in iterations)
