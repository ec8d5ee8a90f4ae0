"""Reads the sources of a mapping that stands alone: files beside it, and what its caller allows beyond them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from datahub.errors import ForbiddenError, InputError, Place
from datahub.i18n import Text
from datahub.mapping import files
from datahub.mapping.plan import Plan, SourcePlan
from datahub.sources import csv_stream
from datahub.sources.access import NOTHING, Access, Database, Web
from datahub.sources.table import Table, joined, moved


def read_sources(
    plan: Plan, where: Path | None, only: Sequence[SourcePlan] | None = None, access: Access = NOTHING
) -> dict[str, Table]:
    """The table of each source of ``plan`` (of ``only`` those); ``where`` is the folder of its files (by default the mapping's), or
    the only file itself; ``access``: what may be reached beyond files.

    Raises `InputError` where a source can't be read or lacks a column that the mapping refers to, `ForbiddenError` where
    ``access`` does not allow what the mapping asks for.
    """
    chosen = plan.sources if only is None else only
    return {source.key: _read(plan, source, where, access) for source in chosen}


def given_tables(plan: Plan, given: Mapping[str, Any]) -> dict[str, Table]:
    """Tables and data frames that the caller has, by source key: a key may leave out the extension (``products`` for
    ``products.csv``). Raises `InputError` as `datahub.sources.frames.read`."""
    found: dict[str, Table] = {}
    for source in plan.sources:
        key = next((key for key in (source.key, PurePath(source.key).stem) if key in given), None)
        if key is None:
            continue
        value = given[key]
        if not isinstance(value, Table):
            from datahub.sources import frames

            value = files.without_nulls(frames.read(value, source.references, name=key), source)
        found[source.key] = value
    return found


def together(plan: Plan, chosen: Sequence[SourcePlan]) -> list[list[SourcePlan]]:
    """``chosen``, those that one pass over a file reads in one list: the iterations over one JSON file."""
    groups: dict[object, list[SourcePlan]] = {}
    for source in chosen:
        alone = source.formulation != "json" or source.source.origin is not None
        groups.setdefault(source.key if alone else replace(source.source, iterator=None), []).append(source)
    return list(groups.values())


def batches(
    plan: Plan, sources: Sequence[SourcePlan], where: Path | None, access: Access = NOTHING
) -> Iterator[dict[str, Table]]:
    """The tables of ``sources`` (of `together`) by their keys, piece by piece; arguments and errors as of `read_sources`."""
    first = sources[0]
    path = locate(plan, first, where) if first.source.origin is None else None
    if path is not None and first.formulation == "json" and files.is_plain(first, path):
        yield from _from_json(sources, path)
        return
    for source in sources:
        for table in _pieces(plan, source, path, where, access):
            yield {source.key: table}


def _from_json(sources: Sequence[SourcePlan], path: Path) -> Iterator[dict[str, Table]]:
    from datahub.sources import json_stream

    iterations = [(source.iterator or "$", source.references) for source in sources]
    seen = [_Seen() for _ in sources]
    for tables in json_stream.batches(path, iterations, name=sources[0].key):
        for number, table in tables.items():
            seen[number].check(table, sources[number])
        yield {sources[number].key: replace(table, name=sources[number].key) for number, table in tables.items()}
    for known, source in zip(seen, sources, strict=True):
        known.end(source, path)


def _pieces(plan: Plan, source: SourcePlan, path: Path | None, where: Path | None, access: Access) -> Iterator[Table]:
    """The table of one source, piece by piece."""
    if isinstance(source.source.origin, Web):
        yield from _from_web(source, source.source.origin, access)
    elif isinstance(source.source.origin, Database):
        yield from _from_database(plan, source, source.source.origin, access)
    elif path is not None and files.is_parquet(source, path):
        from datahub.sources import parquet

        for table in parquet.batches(path, source.references, name=source.key):
            yield files.without_nulls(table, source)
    elif path is None or source.formulation not in ("csv", "xml") or not files.is_plain(source, path):
        yield _read(plan, source, where, access)
    elif source.formulation == "csv":
        for table in csv_stream.batches(path, files.dialect(source), name=source.key):
            yield files.with_all_columns(table, source)
    else:
        from datahub.sources import xml_stream

        spaces = dict(source.source.namespaces)
        seen = _Seen()
        for table in xml_stream.batches(
            path, source.iterator or "/*", source.references, name=source.key, namespaces=spaces
        ):
            seen.check(table, source)
            yield table
        seen.end(source, path)


class _Seen:
    """Which references had a value in the pieces of a file that leaves out what is empty: what none of them has must be in the file
    at least by name."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._height = 0

    def check(self, table: Table, source: SourcePlan) -> None:
        files.check_values(table, source)
        self._height += len(table)
        self._names.update(name for name in source.references if table.columns[name].null_count() < len(table))

    def end(self, source: SourcePlan, path: Path) -> None:
        if self._height:
            files.check_present([name for name in source.references if name not in self._names], source, path)


def locate(plan: Plan, source: SourcePlan, where: Path | None) -> Path:
    """The file of ``source``: in the folder ``where``, else below the current one. Raises `InputError` ``source-missing``."""
    folder = where or (plan.mapping.file.parent if plan.mapping.file else Path())
    path = folder / source.name if folder.is_dir() else folder
    if not path.is_file():
        path = Path(source.name)
    if not path.is_file():
        raise InputError(
            "source-missing",
            Text(f"The source {source.name} is not there.", f"La source {source.name} est absente."),
            place=Place(file=source.name),
        )
    return path


def _read(plan: Plan, source: SourcePlan, where: Path | None, access: Access) -> Table:
    origin = source.source.origin
    if isinstance(origin, Database):
        return joined(list(_from_database(plan, source, origin, access)))
    if isinstance(origin, Web):
        return joined(list(_from_web(source, origin, access)))
    return files.read(source, locate(plan, source, where))


def _from_web(source: SourcePlan, origin: Web, access: Access) -> Iterator[Table]:
    """One table per page."""
    if access.egress is None:
        raise ForbiddenError(
            "web-not-allowed",
            Text(
                "The mapping reads a web address; none was allowed.",
                "Le mapping lit une adresse web ; aucune n'a été autorisée.",
            ),
            Text("Allow its host with --allow-host HOST.", "Autorisez son hôte par --allow-host HÔTE."),
            Place(file=origin.url.partition("?")[0]),
        )
    from datahub.sources import http

    unseen = set(source.references)

    def read(body: bytes) -> Table:
        content = files.unpacked(source, body)
        table = files.table(source, content)
        unseen.difference_update(set(source.references) - set(files.unmentioned(table, source, content)))
        return table

    rows = 0
    for table in http.pages(origin, access.egress, source.formulation, read):
        yield moved(table, rows)
        rows += len(table)
    if rows:
        files.refuse_absent([name for name in source.references if name in unseen], source)


def _from_database(plan: Plan, source: SourcePlan, origin: Database, access: Access) -> Iterator[Table]:
    """One table per batch of rows."""
    from datahub.sources import database

    url = access.databases.get(origin.name) or access.databases.get("")
    if url is None and origin.url is not None and access.stated:
        folder = plan.mapping.file.parent if plan.mapping.file else Path()
        url = database.stated(origin, folder)
    if url is None:
        raise ForbiddenError(
            "database-not-allowed",
            Text(
                f"The mapping reads the database “{origin.name}”; no connection to it was given.",
                f"Le mapping lit la base « {origin.name} » ; aucune connexion à celle-ci n'a été donnée.",
            ),
            Text(
                "Give one with --database URL, or allow the one that the mapping states with --trust-mapping.",
                "Donnez-en une par --database URL, ou autorisez celle que le mapping indique par --trust-mapping.",
            ),
            Place(file=origin.name),
        )
    target = {source.formulation: source.iterator}
    yield from database.batches(
        url,
        table=target.get("table"),
        query=target.get("query"),
        references=source.references,
        null_values=source.source.null_values,
        name=origin.name if source.formulation == "query" else f"{origin.name}, {source.iterator}",
    )
