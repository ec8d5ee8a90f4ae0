"""Findings for people at a terminal: grouped as in a push report, the worst and most frequent first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datahub.cli.words import counted, lang, say

if TYPE_CHECKING:
    import polars as pl


LISTED = 1_000
"""How many findings are listed one by one; the other forms of a report have all."""


def text(findings: pl.DataFrame) -> str:
    """A line per kind of finding: how often, where, and how to mend it."""
    from datahub.findings import printable
    from datahub.grouping import groups

    marks = {
        "violation": say("Violation: ", "Violation : "),
        "warning": say("Warning: ", "Avertissement : "),
        "info": say("Note: ", "Note : "),
    }
    lines = []
    for group in groups(printable(findings)):
        lines.append(marks[group.severity] + group.sentence.to(lang()))
        if group.fix is not None:
            lines.append(f"    → {group.fix.to(lang())}")
    return "\n".join(lines)


def each(findings: pl.DataFrame) -> str:
    """A line per finding: the worst first, then by row; the first `LISTED`."""
    import polars as pl

    from datahub.findings import SEVERITIES, printable
    from datahub.i18n import number

    order = pl.col("severity").replace_strict(list(SEVERITIES), range(len(SEVERITIES)), default=len(SEVERITIES))
    listed = printable(findings.sort(order, "row", nulls_last=True, maintain_order=True).head(LISTED))
    lines = [say("One by one:", "Un par un :")]
    for row in listed.iter_rows(named=True):
        where = [
            row["file"],
            say(f"row {row['row']}", f"ligne {row['row']}") if row["row"] else row["record"],
            row["column"],
        ]
        if row["value"]:
            where.append(say(f"“{row['value']}”", f"« {row['value']} »"))
        lines.append("  " + " · ".join([*filter(None, where), row[f"message_{lang()}"] or row["code"]]))
    if (more := findings.height - listed.height) > 0:
        count = number(more, lang())
        lines.append(
            say(f"  … and {count} more: --report csv has all.", f"  … et {count} autres : --report csv les a toutes.")
        )
    return "\n".join(lines)


def tally(findings: pl.DataFrame) -> str:
    """The counts as one sentence."""
    from datahub.findings import counts

    words = {"violation": ("violation", "violation"), "warning": ("warning", "avertissement"), "info": ("note", "note")}
    found = counts(findings)
    return ", ".join(counted(found[name], (en, f"{en}s"), (fr, f"{fr}s")) for name, (en, fr) in words.items()) + "."
