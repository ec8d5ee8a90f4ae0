"""A hub filled with the samples of all connectors: what ``datahub demo`` shows."""

from __future__ import annotations

import re
from pathlib import Path

from datahub.connectors import Connector, connectors
from datahub.hub.hub import Hub
from datahub.hub.report import PushReport
from datahub.hub.steps import Progress
from datahub.i18n import Text

LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
FAULTY = "a-corriger"
"""Samples of this name have mistakes on purpose. They are pushed last, as a delta, so that there is a report to look at."""


def demo(hub: Hub, progress: Progress | None = None) -> tuple[PushReport, ...]:
    """Registers a platform per connector and a dataset per sample, and pushes them; the reports in the order of the pushes."""
    reports: list[PushReport] = []
    readable = [each for each in connectors() if "in" in each.directions and _sound(each)]
    for done, connector in enumerate(readable):
        if progress is not None:
            progress("demo", done, len(readable))
        platform = f"{connector.name}.example"
        hub.platforms.add(platform, connector.name.replace("-", " ").capitalize())
        samples = _sound(connector)
        for path in samples:
            _add(hub, connector, platform, path)
            reports.append(hub.push(dataset_of(path), path, by="demo"))
        faulty = [path for path in connector.samples if path.stem == FAULTY]
        largest = max(samples, key=lambda path: path.stat().st_size)
        reports += [hub.push(dataset_of(largest), path, mode="delta", by="demo") for path in faulty]
    if progress is not None:
        progress("demo", len(readable), len(readable))
    return tuple(reports)


def _sound(connector: Connector) -> list[Path]:
    return [path for path in connector.samples if path.stem != FAULTY]


def dataset_of(sample: Path) -> str:
    """The dataset that a sample is pushed to."""
    return re.sub(r"[^a-z0-9]+", "-", sample.stem.lower()).strip("-")[:63]


def _add(hub: Hub, connector: Connector, platform: str, path: Path) -> None:
    words = path.stem.replace("-", " ").replace("_", " ")
    title = words[:1].upper() + words[1:]
    hub.datasets.add(
        dataset_of(path),
        platform=platform,
        connector=connector.name,
        title=Text(title, title),
        description=Text(
            f"A sample of the format “{connector.title.en}”. {connector.description.en}",
            f"Un exemple du format « {connector.title.fr} ». {connector.description.fr}",
        ),
        licence=connector.definition.licence or LICENCE,
    )
