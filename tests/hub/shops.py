"""A dataset for records that are written in one line each, with rules over several records."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from datahub.hub import ADMIN, Hub, PushReport
from datahub.profiles import data_folder
from tests.hub.conftest import BASE, LICENCE

SCHEMA = "http://schema.org/"
Push = Callable[..., PushReport]


def opened(hub: Hub, folder: Path, shapes: str) -> Push:
    """Makes the dataset ``shop`` with a connector whose rules are ``shapes``; gives what pushes records to it."""
    connector = folder / "geojson-places"
    shutil.copytree(data_folder("connectors") / "geojson-places", connector)
    (connector / "shapes.ttl").write_text(shapes, "utf-8")
    options = {"platform": "farms.example", "connector": str(connector), "title": "Shop", "licence": LICENCE}
    hub.datasets.add("shop", profile="core", **options)

    def push(*records: str, mode: str = "delta", deletions: tuple[str, ...] = (), dry_run: bool = False) -> PushReport:
        data = "\n".join(map(triples, records)).encode()
        more = {"mode": mode, "deletions": deletions, "dry_run": dry_run, "filename": "x.nt", "allow_deletions": True}
        return hub.push("shop", data or None, **more)  # type: ignore[arg-type]

    return push


def named(name: str) -> str:
    """The IRI of a record."""
    return f"{BASE}records/shop/{name}"


def triples(record: str) -> str:
    """``p1 Product manufacturer=m1 name='x'`` as N-Triples."""
    name, cls, *values = record.split()
    lines = [f"<{named(name)}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{SCHEMA}{cls}> ."]
    for key, value in (each.split("=") for each in values):
        term = f'"{value[1:-1]}"' if value[0] == "'" else f"<{named(value)}>"
        lines.append(f"<{named(name)}> <{SCHEMA}{key}> {term} .")
    return "\n".join(lines)


def standing(hub: Hub) -> set[str]:
    """The names of the records that stand."""
    return {iri.removeprefix(named("")) for iri in hub.records("shop", limit=100, reader=ADMIN).table["record"]}
