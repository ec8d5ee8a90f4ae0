"""The same file again: nothing is read a second time where nothing that decides about it has changed since the last push.

Where the last push to the dataset was a snapshot with the same fingerprint, this one would come to the same end: what that one took
stands, what it refused is refused again. So it is written into the log, and reported, as any push is; the report names the push
that read the file.
"""

from __future__ import annotations

import json

from datahub.connectors import connector as load_connector
from datahub.hub.clock import passing
from datahub.hub.follow import follow_index
from datahub.hub.ingest import shapes_of
from datahub.hub.notes import push_repeated
from datahub.hub.report import PushReport
from datahub.hub.writer import FINGERPRINT, Writer


def repeated(writer: Writer) -> PushReport | None:
    """The report of a push, whose turn it is, where it repeats the last push to its dataset; else None, and nothing is written."""
    stores, dataset = writer.stores, writer.dataset.id
    stored = stores.log.pushes(dataset, 1)
    if writer.fingerprint is None or not stored:
        return None
    values = json.loads(stored[0])
    if values.get(FINGERPRINT) != writer.fingerprint.value:
        return None
    last = PushReport.from_json(values)
    passes = passing(shapes_of(load_connector(writer.dataset.connector), writer.dataset.profile))
    if passes is None or any(group.rule in passes for group in last.groups):
        return None  # time may have healed it
    with writer.steps.stage("compare") as items:
        writer.expected = stores.log.last(dataset)
        items[0] = last.counts.read
        refusals = stores.log.refused(last.id)
    writer.repeat(last, refusals, push_repeated(last))
    follow_index(stores.log, stores.index)
    return writer.finished()
