"""Findings for people at a terminal: grouped as in a push report, the worst and most frequent first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datahub.cli.words import lang, say

if TYPE_CHECKING:
    import polars as pl


def text(findings: pl.DataFrame) -> str:
    """A line per kind of finding: how often, where, and how to mend it."""
    from datahub.grouping import groups

    marks = {
        "violation": say("Violation: ", "Violation : "),
        "warning": say("Warning: ", "Avertissement : "),
        "info": say("Note: ", "Note : "),
    }
    lines = []
    for group in groups(findings):
        lines.append(marks[group.severity] + group.sentence.to(lang()))
        if group.fix is not None:
            lines.append(f"    → {group.fix.to(lang())}")
    return "\n".join(lines)


def counts(findings: pl.DataFrame) -> dict[str, int]:
    """How many findings there are of each severity."""
    import polars as pl

    from datahub.findings import SEVERITIES

    return {severity: findings.filter(pl.col("severity") == severity).height for severity in SEVERITIES}


def tally(findings: pl.DataFrame) -> str:
    """The counts as one sentence."""
    words = {
        "violation": say("violation", "violation"),
        "warning": say("warning", "avertissement"),
        "info": say("note", "note"),
    }
    found = counts(findings)
    one = (0, 1) if lang() == "fr" else (1,)
    return ", ".join(f"{found[name]} {word}{'' if found[name] in one else 's'}" for name, word in words.items()) + "."
