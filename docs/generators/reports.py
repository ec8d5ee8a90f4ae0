"""The push report as JSON, from the dataclasses of `datahub.hub.report`."""

from __future__ import annotations

import dataclasses

from datahub.hub import report
from generators.markdown import code, page, table, text

_INTRO = """
`POST /datasets/{dataset}/pushes` and `datahub push --json` answer with this object, and `GET /pushes/{id}` gives it
again later. Times are ISO 8601 in UTC. A *text* is an object with the members `en` and `fr`. What is optional is
`null` where there is nothing to say. Rows are counted as a spreadsheet shows them: the first line of the file is 1.
"""

_PARTS = (report.PushReport, report.Counts, report.Stage, report.Group, report.Finding)
_MEANINGS = {
    "id": "Identifier of the push, for `GET /pushes/{id}`.",
    "dataset": "Dataset that was pushed to.",
    "platform": "Platform that the dataset belongs to.",
    "connector": "Connector that read the file.",
    "mode": "`snapshot`: the file is everything; what is missing is deleted. `delta`: the file is what changed.",
    "dry_run": "Whether nothing was written.",
    "status": "`taken`, `unchanged` (nothing to change) or `refused` (records came, and none was taken).",
    "started": "When the work began.",
    "finished": "When the work ended.",
    "first_seq": "Sequence number of the first version that was written.",
    "last_seq": "Sequence number of the last version that was written.",
    "by": "Who pushed.",
    "filename": "Name of the file, where it was told.",
    "counts": "How many records, by what became of them, and how many findings.",
    "stages": "The steps, with their times.",
    "groups": "The findings by kind, worst first, then most frequent.",
    "findings": "Single findings, violations first; at most `DATAHUB_FINDINGS_LISTED` of them.",
    "findings_total": "How many there are in all.",
    "read": "Records delivered, refused ones included.",
    "created": "New records.",
    "updated": "Records that changed.",
    "unchanged": "Records that are as they were; they make no version.",
    "deleted": "Records that are missing from a snapshot, or that a delta names as deleted.",
    "refused": "Records that break a rule and were not taken.",
    "kept": "Refused records of which an earlier version stays.",
    "violations": "Findings that refuse a record.",
    "warnings": "Findings that should be looked at.",
    "infos": "Findings that are only told: repairs, defaults, assumptions.",
    "name": "`read`, `split`, `validate`, `compare`, `log`, `index`, `graph`.",
    "seconds": "How long it took.",
    "items": "How many items went through.",
    "severity": "`violation`, `warning` or `info`.",
    "code": "What kind of finding it is; stable.",
    "column": "The publisher's own name of the column.",
    "rule": "Address of the rule, or name of the check.",
    "count": "How many findings there are of this kind.",
    "rows": "The first ten rows.",
    "records": "The first three records.",
    "example": "A value, as the publisher wrote it.",
    "sentence": "The whole in one sentence.",
    "fix": "What to do.",
    "record": "Address of the record.",
    "row": "Row of the file.",
    "value": "The value, as the publisher wrote it.",
    "message": "What is wrong.",
    "file": "Which of several files the rows are in; null where there is only one.",
}


def pages() -> dict[str, str]:
    """The page of the push report."""
    blocks = ["# Push report", _INTRO]
    for part in _PARTS:
        title = "The report" if part is report.PushReport else f"{part.__name__}"
        rows = [(code(one.name), _kind(str(one.type)), _MEANINGS[one.name]) for one in dataclasses.fields(part)]
        blocks += [f"## {title}", table(("member", "value", "meaning"), rows)]
    return {"push-report": page(*blocks)}


def _kind(annotation: str) -> str:
    """A Python annotation in the words of JSON."""
    optional = " or null" if annotation.endswith("| None") else ""
    kind = annotation.removesuffix(" | None")
    if kind.startswith("tuple["):
        inner = kind.removeprefix("tuple[").removesuffix(", ...]")
        return f"list of {_kind(inner)}s"
    names = {
        "str": "string",
        "int": "integer",
        "float": "number",
        "bool": "boolean",
        "datetime": "time",
        "Text": "text",
    }
    return text(names.get(kind, kind)) + optional
