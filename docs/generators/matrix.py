"""What survives between the formats of a sector, from the samples of the connectors."""

from __future__ import annotations

from itertools import groupby

from datahub.connectors.matrix import Field, Pair, matrix
from generators.markdown import code, page, table, text

_INTRO = """
Each connector's samples, written in the format of each other connector of its sector. A *field* is a property with its way from
the record; it survives where the written file gives the same value again when it is read. Whether a record also keeps its web
address, and a property its name, is told apart: most formats make addresses of their own. `datahub translate --matrix [SECTOR]`
prints the same. How the loss is measured: [What loss means](../explanation/loss.md).

Where nothing survives, the format has no such kind of record, or its rows need what the other platform does not have: a row without
its identifier (the INSEE code of a place in the BNLC, say) can't be read again until somebody completes it.
"""


def pages() -> dict[str, str]:
    """The page of the matrix."""
    blocks = []
    for sector, pairs in groupby(matrix(), key=lambda pair: pair.sector):
        found = list(pairs)
        blocks += [f"## {text(sector.capitalize())}", _survey(found)]
        blocks += [block for pair in found for block in _pair(pair)]
    return {"matrix": page("# What survives a translation", _INTRO, *blocks)}


def _survey(pairs: list[Pair]) -> str:
    """From (rows) to (columns): the fields that survive, of all."""
    sources = list(dict.fromkeys(pair.source for pair in pairs))
    targets = list(dict.fromkeys(pair.target for pair in sorted(pairs, key=lambda pair: pair.target)))
    kept = {(pair.source, pair.target): f"{len(pair.kept)} / {len(pair.fields)}" for pair in pairs}
    rows = [(code(source), *(kept.get((source, target), "") for target in targets)) for source in sources]
    return table(("from \\\\ to", *map(code, targets)), rows)


def _pair(pair: Pair) -> list[str]:
    rows = [
        ("survive", ", ".join(code(field.name) for field in pair.kept)),
        ("survive in part", ", ".join(map(_share, pair.partly))),
        ("lost", ", ".join(code(field.name) for field in pair.lost)),
        ("of those that survive: under another address or name", ", ".join(map(_elsewhere, pair.restated))),
    ]
    title = f"### {code(pair.source)} to {code(pair.target)}: {len(pair.kept)} of {len(pair.fields)}"
    return [title, table(("", "fields"), [row for row in rows if row[1]])]


def _share(field: Field) -> str:
    return f"{code(field.name)} ({field.total - field.lost} of {field.total})"


def _elsewhere(field: Field) -> str:
    return f"{code(field.name)} ({field.restated} of {field.total})"
