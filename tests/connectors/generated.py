"""Native files made up from a connector's own definition: its columns, the lenses of its mapping and their code lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import polars as pl
from hypothesis import strategies as st

from datahub.connectors import Connector
from datahub.connectors.codes import codes
from datahub.connectors.tables import TABLE_KINDS, Content
from datahub.connectors.tabular import Tabular
from datahub.mapping.lenses import Arguments
from datahub.mapping.model import Call, references
from datahub.mapping.plan import calls_in, term_maps

PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
WORDS = st.sampled_from(
    ["Ferme des Prés", "a b", "L'Œuf", "x|y;z,", '"cité"', "1", "0", "été 2026", "#1", "été\nhiver", " bord "]
)
DECIMAL = st.decimals(-9999, 9999, places=3, allow_nan=False).map(lambda d: format(d.normalize(), "f"))
UNTIDY = st.sampled_from(
    ["4,20", "4.20", "1 000,5", "+3", "x", "OUI", "31/02/2026", "2026-01-01", "kg", "ftp:x", " ", "1e3", "-0", "007"]
)
LATER = re.compile(r"\[[1-9][0-9]*\]\.")
"""In the name of a column of JSON: another place of an array of objects than the first."""


def calls_of(tabular: Tabular) -> dict[str, list[Call]]:
    """The calls whose value is one column, by column, outside conditions."""
    found: dict[str, list[Call]] = {}
    for m in tabular.rules.maps:
        for _, term_map in term_maps(m):
            for call in calls_in(term_map.expression):
                names = set(references(call))
                if len(names) == 1:
                    found.setdefault(names.pop(), []).append(call)
    return found


def cells_of(tabular: Tabular, calls: list[Call], *, tidy: bool) -> st.SearchStrategy[str]:
    """Values that the lenses ``calls`` of a column understand; ``tidy``: as the connector writes them."""
    choices: list[st.SearchStrategy[str]] = []
    for call in calls:
        given = tabular.plan.calls[call].constants
        match call.name:
            case "decimal":
                choices.append(DECIMAL)
            case "decimalComma":
                choices.append(DECIMAL.map(lambda text: text.replace(".", ",")))
            case "integer":
                choices.append(st.integers(-999, 99999).map(str))
            case "boolean":
                choices.append(st.sampled_from([given["true"].split("|")[0], given["false"].split("|")[0]]))
            case "date":
                choices.append(st.dates().map(lambda day, form=given["format"]: _dated(day, form)))
            case "dateTime":
                choices.append(
                    st.datetimes().map(lambda time, form=given["format"]: _dated(time.replace(microsecond=0), form))
                )
            case "lookup":
                table = codes(given["scheme"], given["property"]).unique("iri", maintain_order=True)
                inverse = tabular.plan.calls[call].lens.inverse
                assert inverse is not None
                written = table.select(inverse(pl.col("iri"), Arguments({}, given, codes)).alias("code"))[
                    "code"
                ].drop_nulls()
                if len(written):
                    choices.append(st.sampled_from(written.unique(maintain_order=True).to_list()))
            case "recode":
                words: dict[str, list[str]] = {}
                for pair in given["pairs"].split("|"):
                    word, _, meaning = pair.partition("=")
                    words.setdefault(meaning, []).append(word)
                choices.append(
                    st.sampled_from([word for each in words.values() for word in each[: 1 if tidy else None]])
                )
            case "split":
                part = st.sampled_from(["fr", "en", "a b", "chant"])
                join = given["separator"]
                choices.append(
                    st.lists(part, min_size=1, max_size=3, unique=True).map(lambda parts, join=join: join.join(parts))
                )
    return st.one_of(choices) if choices else PLAIN | WORDS


def _dated(value: Any, form: str) -> str:
    first = form.split("|")[0]
    return (
        value.strftime(first).replace("%Y", "0000")
        if value.year >= 1000
        else value.replace(year=2026, day=1).strftime(first)
    )


@st.composite
def tables(draw: st.DrawFn, tabular: Tabular, *, tidy: bool) -> pl.DataFrame:
    """Rows of the variant. ``tidy``: every cell as the connector itself writes it; else also what people write."""
    calls = calls_of(tabular)
    keys = {name for key in tabular.variant.keys for name in key.columns}
    columns: dict[str, list[str | None]] = {}
    height = draw(st.integers(1, 5))
    for name in tabular.headers:
        cell = cells_of(tabular, calls.get(name, []), tidy=tidy)
        if not tidy and not name.startswith("geometry."):  # there a number stands in any file
            cell = cell | UNTIDY
        if name not in keys and name not in tabular.variant.filled:
            cell = st.none() | cell
        if tidy and LATER.search(name):  # a place that is filled has all before it filled
            cell = st.none()
        columns[name] = draw(st.lists(cell, min_size=height, max_size=height))
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def native(tabular: Tabular, table: pl.DataFrame) -> bytes:
    """``table`` as a file of the variant."""
    return TABLE_KINDS[tabular.variant.kind].write(
        Content(tabular.filled(table), tabular.plan.sources[0]), tabular.variant
    )


def both_ways(connectors: tuple[Connector, ...]) -> Iterator[tuple[Connector, Tabular]]:
    """The variants of table formats that are read and written."""
    for one in connectors:
        for pipeline in one.pipelines.values():
            if {"in", "out"} <= set(one.directions) and isinstance(pipeline, Tabular):
                yield one, pipeline
