"""The report of a check, handed on: JSON for programs, CSV with a line per problem and a page to send to a colleague."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from datahub.connectors.checking import Checked
from datahub.findings import SEVERITIES, findings, printable
from datahub.grouping import groups
from datahub.i18n import Lang, Text, number, typeset_page
from datahub.syndication.tabular import harmless

LONGEST = 2_000
"""Characters of a cell of a report."""
LISTED = 2_000
"""How many findings a page lists; the other forms have all."""
SCHEMA = Path(__file__).with_name("validation-report.schema.json")
_HEADINGS = {
    "file": Text("file", "fichier"),
    "severity": Text("effect", "effet"),
    "row": Text("row", "ligne"),
    "column": Text("column", "colonne"),
    "value": Text("value", "valeur"),
    "message": Text("problem", "problème"),
    "fix": Text("what to do", "que faire"),
    "record": Text("record", "fiche"),
    "code": Text("kind", "type"),
    "rule": Text("rule", "règle"),
}
SEVERITY_NAMES = {
    "violation": Text("violation", "violation"),
    "warning": Text("warning", "avertissement"),
    "info": Text("note", "note"),
}


def schema() -> dict[str, Any]:
    """The JSON schema of `as_json`."""
    found: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
    return found


def as_json(checked: Checked, most: int | None = None) -> dict[str, Any]:
    """The report as JSON values, by `SCHEMA`: counts, findings by kind, then each finding; texts have ``en`` and ``fr``.

    ``most``: of so many findings at most, the worst first; counts and kinds are those of all.
    """
    brief = _brief(checked.findings)
    listed = brief if most is None else _ordered(brief).head(most)
    kinds = [
        {
            "severity": group.severity,
            "code": group.code,
            "column": group.column,
            "rule": group.rule,
            "count": group.count,
            "rows": list(group.rows),
            "example": group.example,
            "sentence": group.sentence.to_json(),
            "fix": group.fix.to_json() if group.fix else None,
            "file": group.file,
        }
        for group in groups(brief)
    ]
    single = [
        {
            **{name: row[name] for name in ("severity", "code", "record", "row", "column", "value", "rule")},
            "message": {"en": row["message_en"], "fr": row["message_fr"]},
            "fix": {"en": row["fix_en"], "fr": row["fix_fr"]} if row["fix_en"] else None,
            "file": row["file"],
        }
        for row in listed.iter_rows(named=True)
    ]
    return {
        "file": checked.file,
        "conforms": checked.conforms,
        "nodes": checked.nodes,
        "counts": checked.counts,
        "groups": kinds,
        "findings": single,
        "more": checked.findings.height - listed.height,
    }


def as_csv(checked: Checked, lang: Lang, most: int | None = None) -> bytes:
    """One line per problem in ``lang``, the worst first; UTF-8 with a byte order mark, no cell that runs as a formula.

    ``most``: of so many problems at most; a last line says how many there are beside.
    """
    listed = _ordered(_brief(checked.keyed))
    listed = listed if most is None else listed.head(most)
    if left := checked.findings.height - listed.height:
        listed = pl.concat([listed, _more(left)])
    lines = printable(listed).select(
        pl.col("severity").replace_strict({name: text.to(lang) for name, text in SEVERITY_NAMES.items()}),
        pl.col("row").cast(pl.String),
        "column",
        "value",
        pl.col(f"message_{lang}").alias("message"),
        pl.col(f"fix_{lang}").alias("fix"),
        "record",
        "code",
        "rule",
        pl.coalesce("file", pl.lit(checked.file, pl.String)).alias("file"),
    )
    return (
        harmless(lines.rename({name: text.to(lang) for name, text in _HEADINGS.items()}))
        .write_csv(include_bom=True)
        .encode()
    )


def as_html(checked: Checked, lang: Lang, filename: str | None = None) -> str:
    """A page in ``lang`` that stands alone: findings by kind, then the first `LISTED` ones."""
    brief = printable(_brief(checked.keyed))
    listed = _ordered(brief).head(LISTED)
    page: str = _template().render(
        lang=lang,
        say=lambda en, fr: Text(en, fr).to(lang),
        number=lambda value: number(value, lang),
        headings={name: text.to(lang) for name, text in _HEADINGS.items()},
        severities={name: text.to(lang) for name, text in SEVERITY_NAMES.items()},
        filename=checked.file or filename,
        checked=checked,
        groups=[(group, group.sentence.to(lang), group.fix.to(lang) if group.fix else "") for group in groups(brief)],
        rows=[(row, row[f"message_{lang}"], row[f"fix_{lang}"] or "") for row in listed.iter_rows(named=True)],
        more=checked.findings.height - listed.height,
    )
    return typeset_page(page, lang)


def _brief(table: pl.DataFrame) -> pl.DataFrame:
    """``table`` with cells that people can read: names and values may have millions of characters."""
    return table.with_columns(
        pl.when(pl.col(name).str.len_chars() > LONGEST)
        .then(pl.concat_str(pl.col(name).str.slice(0, LONGEST), pl.lit("…")))
        .otherwise(name)
        .alias(name)
        for name, dtype in table.schema.items()
        if dtype == pl.String
    )


def _more(left: int) -> pl.DataFrame:
    return findings(
        [
            {
                "severity": "info",
                "code": "more-findings",
                "message_en": f"… and {number(left, 'en')} more findings, which are not listed.",
                "message_fr": f"… et {number(left, 'fr')} autres remarques, qui ne figurent pas dans la liste.",
                "fix_en": "Correct the first ones and check again, or check on your own machine with “datahub validate”.",
                "fix_fr": "Corrigez les premières et vérifiez de nouveau, ou vérifiez sur votre machine avec « datahub validate ».",
            }
        ]
    )


def _ordered(table: pl.DataFrame) -> pl.DataFrame:
    order = pl.col("severity").replace_strict(list(SEVERITIES), range(len(SEVERITIES)), default=len(SEVERITIES))
    return table.sort(order, "row", nulls_last=True, maintain_order=True)


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("validation-report.html")
