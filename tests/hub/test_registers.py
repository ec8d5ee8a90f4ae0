"""Platforms and datasets: what can be registered, and what is refused in words."""

from collections.abc import Callable

import pytest

from datahub.errors import ConflictError, DatahubError, NotFoundError
from datahub.hub import ADMIN, Dataset, Hub
from datahub.hub.demo import demo
from datahub.i18n import Text
from datahub.settings import Settings
from tests.hub.conftest import BASE, LICENCE, places

GOOD = {"platform": "roads.example", "connector": "bnlc", "title": "T", "licence": LICENCE}


@pytest.mark.parametrize("name", ["", "Roads.example", "a b", "-x.org", "x..org", "a" * 64 + ".org", "../etc"])
def test_a_platform_is_named_by_its_domain(hub: Hub, name: str) -> None:
    with pytest.raises(DatahubError) as error:
        hub.platforms.add(name, "X")
    assert error.value.code == "platform-id"


def test_a_platform_is_registered_once(hub: Hub) -> None:
    with pytest.raises(ConflictError):
        hub.platforms.add("roads.example", "Again")
    assert [each.id for each in hub.platforms.all()] == ["farms.example", "roads.example"]
    assert hub.platforms.get("roads.example").iri == f"{BASE}platforms/roads.example"


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("Bad", {}, "dataset-id"),
        ("", {}, "dataset-id"),
        ("x" * 64, {}, "dataset-id"),
        ("../x", {}, "dataset-id"),
        ("x", {"platform": "nobody.example"}, "platform-unknown"),
        ("x", {"connector": "nothing"}, "connector-unknown"),
        ("x", {"profile": "nothing"}, "profile-unknown"),
        ("x", {"licence": "free for all"}, "licence"),
        ("x", {"licence": "http://x/> <y"}, "licence"),
        ("x", {"source": "javascript:alert(1)"}, "source"),
        ("x", {"visibility": "secret"}, "visibility"),
        ("places", {}, "dataset-exists"),
    ],
)
def test_a_dataset_that_can_not_be_registered_is_refused_in_words(
    hub: Hub, name: str, change: dict[str, str], code: str
) -> None:
    with pytest.raises(DatahubError) as error:
        hub.datasets.add(name, **{**GOOD, **change})  # type: ignore[arg-type]
    assert error.value.code == code
    assert error.value.message.fr != error.value.message.en
    assert [each.id for each in hub.datasets.all(ADMIN)] == ["places"]


def test_a_dataset_knows_its_records_and_its_last_change(hub: Hub) -> None:
    assert (hub.datasets.get("places").records, hub.datasets.get("places").modified) == (0, None)
    hub.push("places", places("a", "b", "c"))
    hub.push("places", places("a"), allow_deletions=True)
    found = hub.datasets.get("places")
    assert (found.records, found.seq, found.profile, found.iri) == (1, 5, "mobility", f"{BASE}datasets/places")
    assert found.modified == hub.last_push("places").finished  # type: ignore[union-attr]


def test_datasets_are_listed_by_title_and_by_platform(hub: Hub, things: Callable[..., Dataset]) -> None:
    things("z", title="alpha")
    hub.datasets.add("f", **{**GOOD, "platform": "farms.example", "title": Text("Fields", "Champs")})  # type: ignore[arg-type]
    hub.datasets.add("e", **{**GOOD, "title": "Écoles"})  # type: ignore[arg-type]
    assert [each.id for each in hub.datasets.all()] == ["z", "f", "e", "places"]
    assert [each.id for each in hub.datasets.all(platform="farms.example")] == ["f"]


def test_an_unknown_dataset_can_not_be_changed(hub: Hub) -> None:
    with pytest.raises(NotFoundError):
        hub.datasets.update("nothing", title="x")
    with pytest.raises(NotFoundError):
        hub.datasets.remove("nothing")


def test_what_is_registered_is_there_when_the_hub_opens_again(settings: Settings) -> None:
    with Hub(settings) as hub:
        hub.platforms.add("roads.example", "Roads")
        before = hub.datasets.add("places", **GOOD)  # type: ignore[arg-type]
    with Hub(settings) as hub:
        assert hub.datasets.get("places") == before


def test_the_demo_fills_a_hub_with_every_connector_that_reads(settings: Settings) -> None:
    from datahub.connectors import connectors

    with Hub(settings, background=True) as hub:
        reports = demo(hub)
        readable = {each.name for each in connectors() if "in" in each.directions and each.samples}
        assert {report.connector for report in reports} == readable
        assert all(report.counts.created for report in reports if report.mode == "snapshot")
        assert any(report.counts.refused for report in reports)
        assert hub.statistics(ADMIN).records > 100
        assert hub.wait()
