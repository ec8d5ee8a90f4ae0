"""Findings for people at a terminal: grouped, the worst and most frequent first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datahub.cli.words import lang, say

if TYPE_CHECKING:
    import polars as pl

ROWS_SHOWN = 8


def text(findings: pl.DataFrame) -> str:
    """A paragraph per kind of finding: how often, where, an example, and how to mend it."""
    return "\n".join(_paragraph(group) for group in groups(findings).iter_rows(named=True))


def groups(findings: pl.DataFrame) -> pl.DataFrame:
    """One row per severity, code, column and rule: ``count``, first ``rows``, first ``record``, ``message``, ``fix``."""
    import polars as pl

    from datahub.findings import SEVERITIES

    language = lang()
    return (
        findings.group_by("severity", "code", "column", "rule", maintain_order=True)
        .agg(
            pl.len().alias("count"),
            pl.col("row").drop_nulls().unique(maintain_order=True).head(ROWS_SHOWN + 1).alias("rows"),
            pl.col("record").drop_nulls().first(),
            pl.col(f"message_{language}").first().alias("message"),
            pl.col(f"fix_{language}").first().alias("fix"),
        )
        .with_columns(pl.col("severity").cast(pl.Enum(SEVERITIES)).to_physical().alias("rank"))
        .sort("rank", "count", descending=[False, True], maintain_order=True)
        .drop("rank")
    )


def counts(findings: pl.DataFrame) -> dict[str, int]:
    """How many findings there are of each severity."""
    import polars as pl

    from datahub.findings import SEVERITIES

    return {severity: findings.filter(pl.col("severity") == severity).height for severity in SEVERITIES}


def tally(findings: pl.DataFrame) -> str:
    """The counts as one sentence."""
    found = counts(findings)
    return say(
        "{violation} violations, {warning} warnings, {info} remarks.",
        "{violation} violations, {warning} avertissements, {info} remarques.",
    ).format(**found)


def _paragraph(group: dict[str, object]) -> str:
    names = {
        "violation": say("violation", "violation"),
        "warning": say("warning", "avertissement"),
        "info": say("remark", "remarque"),
    }
    rows = group["rows"]
    assert isinstance(rows, list)
    where = []
    if group["column"]:
        where.append(f"{say('column', 'colonne')} {group['column']}")
    if rows:
        shown = ", ".join(str(row) for row in rows[:ROWS_SHOWN]) + (" …" if len(rows) > ROWS_SHOWN else "")
        where.append(f"{say('row' if len(rows) == 1 else 'rows', 'ligne' if len(rows) == 1 else 'lignes')} {shown}")
    elif group["record"]:
        where.append(f"<{group['record']}>")
    head = f"{names[str(group['severity'])]} × {group['count']}"
    place = f" ({'; '.join(where)})" if where else ""
    fix = f" {group['fix']}" if group["fix"] else ""
    return f"{head}{place}{say(':', ' :')} {group['message']}{fix}"
