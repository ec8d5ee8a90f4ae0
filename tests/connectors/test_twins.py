"""Each mapping of a connector has a twin in YARRRML beside it, and both make the same graph of the samples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from datahub.connectors import Connector, connectors, recognise
from datahub.connectors.tabular import Tabular
from datahub.sources.limits import DEFAULT

BASE = "https://hub.example/records/twins/"
TABLES = [
    (one, pipeline) for one in connectors() for pipeline in one.pipelines.values() if isinstance(pipeline, Tabular)
]


def twin_of(tabular: Tabular) -> Path:
    mapping = tabular.definition.folder / tabular.variant.mapping
    return mapping.with_name(f"{mapping.stem}.yarrrml.yml")


@pytest.mark.parametrize(("one", "tabular"), TABLES, ids=[f"{one.name}-{t.variant.name}" for one, t in TABLES])
def test_the_twin_makes_the_same_graph_and_reads_the_same_columns(one: Connector, tabular: Tabular) -> None:
    path = twin_of(tabular)
    other = Tabular(tabular.definition, replace(tabular.variant, mapping=path.name))
    compared = 0
    for sample in one.samples:
        seen = recognise.look(sample)
        chosen = recognise.choose(seen, one.definition)
        if chosen is None or chosen.name != tabular.variant.name:
            continue
        ours, theirs = (each.lift(sample, seen, BASE, DEFAULT) for each in (tabular, other))
        assert set(theirs.frame.canonical_lines()) == set(ours.frame.canonical_lines())
        assert len(ours.frame) > 0
        assert theirs.findings.height == ours.findings.height
        compared += 1
    assert compared
    names = ["column", "predicate", "invertible", "suffix"]
    assert other.columns.select(names).rows() == tabular.columns.select(names).rows()
