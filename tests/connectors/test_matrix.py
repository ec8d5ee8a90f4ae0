"""The matrix of a sector: what survives between its formats, measured on their samples."""

from __future__ import annotations

import pytest

from datahub.connectors import connector, translate
from datahub.connectors.matrix import matrix, sectors
from datahub.errors import NotFoundError


def test_each_ordered_pair_of_a_sector_is_measured_on_all_samples() -> None:
    found = matrix("food")
    assert [(pair.source, pair.target) for pair in found] == [
        ("cagette-catalogue", "dfc"), ("cagette-catalogue", "ofn-products"), ("dfc", "cagette-catalogue"),
        ("dfc", "ofn-products"), ("ofn-products", "cagette-catalogue"), ("ofn-products", "dfc"),
    ]  # fmt: skip
    pair = next(pair for pair in found if (pair.source, pair.target) == ("ofn-products", "cagette-catalogue"))
    losses = [translate(path, "ofn-products", "cagette-catalogue").loss for path in connector("ofn-products").samples]
    for loss in losses:
        assert loss.fields["total"].sum() == loss.total
        assert loss.fields["lost"].sum() == loss.lost
    lost = sum(loss.table.filter(field="dhf:taxCategory")["count"].sum() for loss in losses)
    assert next(field for field in pair.lost if field.name == "dhf:taxCategory").lost == lost > 0
    assert "dfc-b:name" in {field.name for field in (*pair.kept, *pair.partly)}
    assert sorted((*pair.kept, *pair.partly, *pair.lost), key=lambda field: field.name) == list(pair.fields)


def test_a_format_that_is_only_read_is_no_target() -> None:
    assert {pair.target for pair in matrix("hospitality")} == {"hospitality-offers"}


def test_an_unknown_sector_is_refused_with_those_there_are() -> None:
    assert sectors() == ("food", "hospitality", "mobility")
    with pytest.raises(NotFoundError, match="no sector"):
        matrix("sport")
