"""The report of a push: a data structure first, text second. It says what was taken, what was refused, and why."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from datahub.findings import SEVERITIES
from datahub.grouping import Group, optional
from datahub.i18n import Text, number


@dataclass(frozen=True)
class Counts:
    """Records of a push, by what became of them, and findings by severity.

    ``read``: delivered, refused ones included. ``kept``: refused ones of which an earlier version stays.
    """

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    refused: int = 0
    kept: int = 0
    violations: int = 0
    warnings: int = 0
    infos: int = 0


@dataclass(frozen=True)
class Stage:
    """One step of a push: how long it took, and how many items went through."""

    name: str
    seconds: float
    items: int


@dataclass(frozen=True)
class Finding:
    """One finding; see `datahub.findings.FINDING_SCHEMA`."""

    severity: str
    code: str
    record: str | None
    row: int | None
    column: str | None
    value: str | None
    rule: str | None
    message: Text
    fix: Text | None
    file: str | None = None


@dataclass(frozen=True)
class PushReport:
    """What came of one push. ``status``: taken, unchanged (nothing to change) or refused (records came, and none was taken)."""

    id: str
    dataset: str
    platform: str
    connector: str
    mode: str
    dry_run: bool
    status: str
    started: datetime
    finished: datetime
    first_seq: int | None = None
    last_seq: int | None = None
    by: str | None = None
    filename: str | None = None
    counts: Counts = field(default_factory=Counts)
    stages: tuple[Stage, ...] = ()
    groups: tuple[Group, ...] = ()
    findings: tuple[Finding, ...] = ()
    findings_total: int = 0

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values; texts are objects with ``en`` and ``fr``, times ISO 8601."""
        values = dataclasses.asdict(self)
        values["started"], values["finished"] = self.started.isoformat(), self.finished.isoformat()
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> PushReport:
        """The report that `to_json` gave; members that it does not know are passed over."""
        known = {field.name for field in dataclasses.fields(cls)}
        return cls(
            **{
                **{name: value for name, value in values.items() if name in known},
                "started": datetime.fromisoformat(values["started"]),
                "finished": datetime.fromisoformat(values["finished"]),
                "counts": Counts(**values["counts"]),
                "stages": tuple(Stage(**stage) for stage in values["stages"]),
                "groups": tuple(_group(group) for group in values["groups"]),
                "findings": tuple(_finding(finding) for finding in values["findings"]),
            }
        )

    def text(self, lang: str) -> str:
        """The report for a terminal, in ``lang``."""
        c, words = self.counts, _WORDS
        lines = [words[self.status if not self.dry_run else f"{self.status}-dry"].to(lang).format(dataset=self.dataset)]
        done = [(name, getattr(c, name)) for name in ("created", "updated", "unchanged", "deleted", "refused", "kept")]
        told = ", ".join(_COUNTED[name].to(lang).format(n=number(n, lang)) for name, n in done if n)
        lines.append(words["read"].to(lang).format(n=number(c.read, lang)) + (f" {told}." if told else ""))
        for group in self.groups:
            lines.append(f"{_MARKS[group.severity].to(lang)} {group.sentence.to(lang)}")
            if group.fix is not None:
                lines.append(f"    → {group.fix.to(lang)}")
        return "\n".join(lines)


def listing(findings: pl.DataFrame, limit: int) -> tuple[Finding, ...]:
    """The first ``limit`` findings: violations first, then by row."""
    order = pl.col("severity").replace_strict(list(SEVERITIES), range(len(SEVERITIES)), default=len(SEVERITIES))
    first = findings.sort(order, "row", nulls_last=True, maintain_order=True).head(limit)
    return tuple(
        Finding(
            row["severity"],
            row["code"],
            row["record"],
            row["row"],
            row["column"],
            row["value"],
            row["rule"],
            Text(row["message_en"] or "", row["message_fr"] or ""),
            optional(row["fix_en"], row["fix_fr"]),
            row["file"],
        )
        for row in first.iter_rows(named=True)
    )


def _group(values: Mapping[str, Any]) -> Group:
    fix = values["fix"]
    return Group(
        **{
            **values,
            "rows": tuple(values["rows"]),
            "records": tuple(values["records"]),
            "sentence": Text(**values["sentence"]),
            "fix": Text(**fix) if fix else None,
        }
    )


def _finding(values: Mapping[str, Any]) -> Finding:
    fix = values["fix"]
    return Finding(**{**values, "message": Text(**values["message"]), "fix": Text(**fix) if fix else None})


_MARKS = {
    "violation": Text("Refused:", "Refusé :"),
    "warning": Text("Warning:", "Avertissement :"),
    "info": Text("Note:", "Note :"),
}

_WORDS = {
    "taken": Text("The push to “{dataset}” was taken.", "L'envoi vers « {dataset} » a été pris en compte."),
    "unchanged": Text("Nothing changed in “{dataset}”.", "Rien n'a changé dans « {dataset} »."),
    "refused": Text(
        "Nothing of the push to “{dataset}” could be taken.", "Rien de l'envoi vers « {dataset} » n'a pu être pris."
    ),
    "taken-dry": Text(
        "Dry run: nothing was written. The push to “{dataset}” would be taken.",
        "Essai à blanc : rien n'a été écrit. L'envoi vers « {dataset} » serait pris en compte.",
    ),
    "unchanged-dry": Text(
        "Dry run: nothing would change in “{dataset}”.", "Essai à blanc : rien ne changerait dans « {dataset} »."
    ),
    "refused-dry": Text(
        "Dry run: nothing of the push to “{dataset}” could be taken.",
        "Essai à blanc : rien de l'envoi vers « {dataset} » ne pourrait être pris.",
    ),
    "read": Text("Records read {n}:", "Fiches lues {n} :"),
}

_COUNTED = {
    "created": Text("new {n}", "nouvelles {n}"),
    "updated": Text("changed {n}", "modifiées {n}"),
    "unchanged": Text("unchanged {n}", "inchangées {n}"),
    "deleted": Text("deleted {n}", "supprimées {n}"),
    "refused": Text("refused {n}", "refusées {n}"),
    "kept": Text("of which {n} keep their earlier version", "dont {n} gardent leur version précédente"),
}
