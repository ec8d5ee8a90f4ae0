"""The parameters of OGC API Features: what the standard allows is read, everything else is a clear error."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.syndication import features
from datahub.syndication.links import Links


def test_a_bounding_box_has_four_numbers_or_six() -> None:
    assert features.bounds("5.2,43.2,5.6,43.4") == (5.2, 43.2, 5.6, 43.4)
    assert features.bounds("5.2,43.2,0,5.6,43.4,100") == (5.2, 43.2, 5.6, 43.4)


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "200,0,201,1", "0,50,1,40", "nan,0,1,1", "0,0,inf,1"])
def test_what_is_no_bounding_box_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(features.ParameterError) as caught:
        features.bounds(text)
    assert caught.value.status == 400
    assert caught.value.fix is not None
    assert "5.2,43.2" in caught.value.fix.fr


def test_an_interval_may_be_open_at_one_end() -> None:
    january = datetime(2026, 1, 1, tzinfo=UTC)
    assert features.interval("2026-01-01T00:00:00Z/..") == (january, None)
    assert features.interval("../2026-01-01T00:00:00Z") == (None, january)
    assert features.interval("2026-01-01") == (january, january)


@pytest.mark.parametrize("text", ["yesterday", "", "2026-02-01/2026-01-01", "2026-13-01"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(features.ParameterError):
        features.interval(text)


@given(st.text(max_size=30))
def test_no_text_breaks_the_readers_of_parameters(text: str) -> None:
    for read in (features.bounds, features.interval):
        with contextlib.suppress(features.ParameterError):
            assert read(text) is not None


def test_an_unknown_parameter_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(features.ParameterError, match="colour"):
        features.known(["limit", "colour"], ["limit", "bbox"])


def test_a_collection_links_to_its_items_and_licence(links: Links) -> None:
    one = features.Collection("market", "Market", "", "https://l.example/", (1, 2, 3, 4), None)
    view = features.collection(one, links)
    relations = {link["rel"]: link["href"] for link in view["links"]}
    assert relations["items"] == "https://hub.example/collections/market/items"
    assert relations["license"] == "https://l.example/"
    assert view["extent"]["spatial"]["bbox"] == [[1, 2, 3, 4]]
