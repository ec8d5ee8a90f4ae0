"""``datahub translate --matrix``: which fields survive between the formats of a sector."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from datahub.cli import console
from datahub.cli.words import say

if TYPE_CHECKING:
    from datahub.connectors.matrix import Pair


def show(sector: str | None, out: Path | None) -> None:
    """Prints the fields that survive from each connector to each other one of ``sector``; writes a table of them to ``out``."""
    from datahub.connectors.matrix import matrix

    pairs = matrix(sector)
    if out is None:
        console.out("\n\n".join(map(_survival, pairs)))
        return
    headers = (
        say("sector", "secteur"),
        say("from", "de"),
        say("to", "vers"),
        say("survive", "survivent"),
        say("in part", "en partie"),
        say("lost", "perdus"),
        say("other address or name", "autre adresse ou nom"),
    )
    rows = [
        (
            pair.sector,
            pair.source,
            pair.target,
            f"{len(pair.kept)}/{len(pair.fields)}",
            _partly(pair),
            ", ".join(field.name for field in pair.lost),
            f"{sum(field.restated for field in pair.fields)}/{sum(field.total for field in pair.fields)}",
        )
        for pair in pairs
    ]
    console.write(console.table(rows, headers).encode() + b"\n", out)


def _survival(pair: Pair) -> str:
    """One pair of formats, for a terminal: the names of many fields need its width."""
    kept, fields = len(pair.kept), len(pair.fields)
    lines = [
        f"{pair.source} → {pair.target} ({pair.sector})",
        say(f"  {kept} of {fields} fields survive", f"  champs qui survivent : {kept} sur {fields}"),
    ]
    if pair.partly:
        lines.append(say("  in part: ", "  en partie : ") + _partly(pair))
    if pair.lost:
        lines.append(say("  lost: ", "  perdus : ") + ", ".join(field.name for field in pair.lost))
    if restated := sum(field.restated for field in pair.fields):
        total = sum(field.total for field in pair.fields)
        lines.append(
            say(
                f"  under another address or name: {restated} of {total} statements",
                f"  sous une autre adresse ou un autre nom : {restated} affirmations sur {total}",
            )
        )
    return "\n".join(lines)


def _partly(pair: Pair) -> str:
    return ", ".join(f"{field.name} ({field.total - field.lost}/{field.total})" for field in pair.partly)
