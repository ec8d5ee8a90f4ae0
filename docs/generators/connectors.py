"""The connectors, from their packages in `connectors/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from datahub.connectors import Connector, connectors
from datahub.connectors.definition import Variant
from datahub.profiles import compact
from generators.markdown import code, page, table, text

_INTRO = """
A connector reads one native format, and where possible writes it. Each is a folder of plain files, described in
[Write a connector](../../how-to/write-a-connector.md); `datahub connectors` lists them in a terminal.
"""
_READS = {"in": "reads", "out": "writes"}


def pages() -> dict[str, str]:
    """A page per connector, and one that lists them."""
    made = {f"connectors/{one.name}": _connector(one) for one in connectors()}
    return {**made, "connectors/index": _index()}


def _index() -> str:
    rows = [
        (
            f"[{code(one.name)}]({one.name}.md)",
            text(one.title.en),
            text(one.title.fr),
            " and ".join(_READS[way] for way in one.directions),
            ", ".join(code(media) for media in one.formats),
            text(one.profile),
        )
        for one in connectors()
    ]
    headers = ("connector", "format", "en français", "directions", "media types", "profile")
    toc = "\n".join(["```{toctree}", ":hidden:", "", *(one.name for one in connectors()), "```"])
    return page("# Connectors", _INTRO, table(headers, rows), toc)


def _connector(one: Connector) -> str:
    known = one.definition
    facts = [
        ("format version", text(known.unversioned.en if known.unversioned else known.version or "")),
        ("described at", f"<{known.described}>"),
        ("profile", f"[{text(one.profile)}](../rules/{one.profile}.md)"),
        ("directions", " and ".join(_READS[way] for way in one.directions)),
        ("usual licence", f"<{known.licence}>" if known.licence else ""),
    ]
    blocks = [f"# {code(one.name)}", text(one.description.en), text(one.description.fr)]
    blocks.append(table(("", ""), [fact for fact in facts if fact[1]]))
    if known.assumes:
        told = [f"- {text(words.en)} · {text(words.fr)} ({code(name)})" for name, words in known.assumes]
        blocks += ["## What it takes for granted", "Each push is told.", "\n".join(told)]
    if known.normalises:
        kept = [f"- {text(words.en)} · {text(words.fr)}" for words in known.normalises]
        blocks += [
            "## What it writes differently",
            "A file read and written again is the same, but for this:",
            "\n".join(kept),
        ]
    for variant in known.variants:
        blocks += _variant(one, variant)
    return page(*blocks)


def _variant(one: Connector, variant: Variant) -> list[str]:
    several = len(one.definition.variants) > 1
    name = variant.title.en if variant.title else variant.name
    blocks = [f"## Columns of the form “{text(name)}”" if several else "## Columns"]
    if not variant.fields:
        blocks[0] = f"## Fields of the form “{text(name)}”" if several else "## Fields"
    uses: dict[str, list[dict[str, Any]]] = {}
    for row in one.columns.filter(variant=variant.name).iter_rows(named=True):
        uses.setdefault(row["column"], []).append(row)
    titles = {column.name: column for column in variant.fields}
    rows = []
    for column in [*titles, *(each for each in uses if each not in titles and not each.startswith("_"))]:
        field = titles.get(column)
        rows.append(
            (
                code(column),
                f"{text(field.title.en)} · {text(field.title.fr)}" if field and field.title else "",
                "yes" if field and field.required else "",
                ", ".join(_paths(uses.get(column, ()))),
                "yes" if any(use["invertible"] for use in uses.get(column, ())) else "",
            )
        )
    if rows:
        blocks.append(table(("column", "what it is", "must be there", "becomes", "both ways"), rows))
    else:
        blocks.append(
            "The file is RDF already: its terms are renamed where they come from an older vocabulary, and kept otherwise."
        )
    if variant.keys:
        words = [
            "- "
            + " + ".join(code(column) for column in key.columns)
            + (", then " + ", ".join(code(column) for column in key.also) if key.also else "")
            + (" (made up by the connector; the report says so)" if key.made else "")
            for key in variant.keys
        ]
        blocks += ["A record is known by the first of these whose columns are filled:", "\n".join(words)]
    return blocks


def _paths(uses: Iterable[Mapping[str, Any]]) -> list[str]:
    """Where a column leads. A way that others go on from is left out: there the column only decides whether a
    node exists. An arrow stands before what a column is only filled from."""
    ways = {tuple(use["path"]): "" if use["lifted"] else "← " for use in uses}
    last = [way for way in ways if not any(other != way and other[: len(way)] == way for other in ways)]
    return [ways[way] + code("/".join(compact(step) for step in way)) for way in last]
