"""Pushes: who delivers to a dataset waits for its turn, and finds the report again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from datahub.errors import NotFoundError
from datahub.hub import notes
from datahub.hub.audience import ADMIN
from datahub.hub.datasets import Dataset, Datasets
from datahub.hub.fingerprint import fingerprint
from datahub.hub.repetition import repeated
from datahub.hub.report import PushReport
from datahub.hub.revision import revise
from datahub.hub.steps import Progress, Steps
from datahub.hub.take import take
from datahub.hub.writer import Stores, Writer
from datahub.i18n import Text
from datahub.records.visibility import Visibility


class Pushes:
    """Takes pushes, and finds their reports again."""

    def __init__(self, stores: Stores, datasets: Datasets) -> None:
        self._stores = stores
        self._log = stores.log
        self._datasets = datasets

    def push(
        self,
        dataset_id: str,
        data: bytes | Path | None,
        *,
        mode: str = "snapshot",
        dry_run: bool = False,
        filename: str | None = None,
        media_type: str | None = None,
        deletions: Sequence[str] = (),
        allow_deletions: bool = False,
        progress: Progress | None = None,
        by: str | None = None,
    ) -> PushReport:
        """Takes one delivery of a dataset.

        ``mode``: a snapshot is the whole dataset, what it lacks is deleted; a delta is part of it. ``deletions``: records that a
        delta deletes, by IRI or relative to the base of the dataset. ``allow_deletions``: a snapshot may delete a large share.
        ``dry_run``: the same report, nothing written. Pushes to one dataset queue.

        Raises:
            InputError: the file, the mode or the combination can't be used. NotFoundError: there is no such dataset.
            ConflictError: ``too-many-deletions``, ``dataset-withdrawn``. The log is untouched after any of them.
        """
        notes.check_request(self._datasets.get(dataset_id, ADMIN), data, mode, deletions)
        if mode == "delta" and deletions and _is_empty(data):
            data = None
        with self._log.turn(dataset_id):
            # Again: while it waited the dataset may have been closed or withdrawn.
            dataset = self._datasets.get(dataset_id, ADMIN)
            notes.check_request(dataset, data, mode, deletions)
            writer = Writer(self._stores, dataset, Steps(progress), mode, dry_run, filename, by)
            if data is not None and mode == "snapshot" and not dry_run:
                writer.fingerprint = fingerprint(data, dataset, self._stores.settings, filename, media_type)
            return repeated(writer) or take(writer, data, media_type, deletions, allow_deletions)

    def revise(self, dataset: Dataset, visibility: Visibility | None) -> PushReport:
        """Gives every record of ``dataset`` the visibility that goes with a new one of the dataset; None withdraws them all."""
        with self._log.turn(dataset.id):
            writer = Writer(self._stores, dataset, Steps(None), "revision" if visibility else "withdrawal")
            report = revise(writer, visibility)
            # Last: killed before it, the records are already withdrawn, and the request can be made again.
            self._datasets.settle(dataset.id, visibility)
            return report

    def report(self, push_id: str) -> PushReport:
        """The report of a push. Raises NotFoundError ``push-unknown``."""
        text = self._log.push(push_id)
        if text is None:
            raise NotFoundError(
                "push-unknown",
                Text("There is no push “{id}”.", "Il n'y a pas d'envoi « {id} ».").format(id=push_id[:64]),
            )
        return PushReport.from_json(json.loads(text))

    def reports(self, dataset: str, limit: int) -> tuple[PushReport, ...]:
        """The reports of the last pushes of a dataset, newest first."""
        return tuple(PushReport.from_json(json.loads(text)) for text in self._log.pushes(dataset, limit))


def _is_empty(data: bytes | Path | None) -> bool:
    return data is None or (not data if isinstance(data, bytes) else data.is_file() and not data.stat().st_size)
