"""The same file again is not read again, and comes to the same end as if it had been."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from datahub.connectors import shipped
from datahub.hub import Dataset, Hub, PushReport, fingerprint, ingest, pushes
from datahub.hub.clock import passing
from datahub.shacl import load
from tests.hub.conftest import LICENCE, places, triples


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A name for each file that is really read."""
    read: list[str] = []
    deliver = ingest.deliver

    def noted(*arguments: object) -> ingest.Delivery:
        read.append(str(arguments[3]))
        return deliver(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ingest, "deliver", noted)
    return read


@pytest.fixture
def farm(hub: Hub) -> Callable[..., PushReport]:
    """Pushes a catalogue in which one product has no name and one price is negative, under rules that know no time."""
    hub.datasets.add("farm", platform="farms.example", connector="ofn-products", title="Farm", licence=LICENCE)

    def push(*changed: str, **options: object) -> PushReport:
        rows = [f"Ferme,SKU-{n},Carotte {n},Vegetables,1,kg,{n}.50" for n in range(4)]
        rows += ["Ferme,SKU-8,,Vegetables,1,kg,2.00", "Ferme,SKU-9,Poireau,Vegetables,1,kg,-2.00", *changed]
        data = "\n".join(["producer,sku,name,category,units,unit_type,price", *rows]).encode()
        return hub.push("farm", data, filename="farm.csv", **options)  # type: ignore[arg-type]

    return push


def told(report: PushReport) -> object:
    """What a report says, but for the remark that the file was not read."""
    groups = [group for group in report.groups if group.code != "push-repeated"]
    findings = [finding for finding in report.findings if finding.code != "push-repeated"]
    return replace(report.counts, infos=0), report.status, groups, findings


def test_the_same_file_again_is_not_read_and_comes_to_the_same_end(
    hub: Hub, farm: Callable[..., PushReport], read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = farm()
    repeats = [farm(), farm()]
    assert len(read) == 1
    monkeypatch.setattr(pushes, "fingerprint", lambda *_: None)
    whole = farm()
    assert len(read) == 2
    assert [told(report) for report in repeats] == [told(whole)] * 2
    assert (whole.counts.created, whole.counts.refused) == (0, 2)
    assert all(hub.refused(report.id).equals(hub.refused(first.id)) for report in (*repeats, whole))
    assert hub.head() == first.last_seq


def test_the_report_says_that_the_file_was_not_read_and_which_push_read_it(
    hub: Hub, farm: Callable[..., PushReport]
) -> None:
    first = farm()
    for report in (farm(), farm()):
        assert [finding.value for finding in report.findings if finding.code == "push-repeated"] == [first.id]
        assert report.counts.infos == first.counts.infos + 1
        assert report.findings_total == first.findings_total + 1
        assert "octet pour octet" in report.text("fr")
        assert "byte for byte" in report.text("en")
        assert hub.push_report(report.id).counts == report.counts
        assert "fingerprint" not in hub.push_report(report.id).to_json()
    assert len(hub.pushes("farm")) == 3


def test_whatever_may_change_the_outcome_has_the_file_read_again(
    hub: Hub, farm: Callable[..., PushReport], read: list[str]
) -> None:
    farm()
    farm("Ferme,SKU-7,Chou,Vegetables,1,kg,1.00", mode="delta")
    farm(allow_deletions=True)  # the record that the delta brought goes
    assert len(read) == 3
    hub.datasets.update("farm", visibility="members")
    farm()
    hub.datasets.update("farm", visibility="open")
    farm()
    farm(dry_run=True)
    assert len(read) == 6
    farm()
    assert len(read) == 6


def test_a_connector_that_was_changed_has_the_file_read_again(
    hub: Hub, tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ofn-products"
    shutil.copytree(shipped("ofn-products").folder, folder)
    hub.datasets.add("own", platform="farms.example", connector=str(folder), title="Own", licence=LICENCE)
    data = b"producer,sku,name,category,units,unit_type,price\nFerme,SKU-1,Carotte,Vegetables,1,kg,1.50\n"
    for _ in range(2):
        hub.push("own", data, filename="own.csv")
    assert len(read) == 1
    definition = folder / "connector.yaml"
    definition.write_text(definition.read_text("utf-8") + "# changed\n", "utf-8")
    hub.push("own", data, filename="own.csv")
    assert len(read) == 2
    hub.push("own", data, filename="other.csv")
    monkeypatch.setattr(fingerprint.pl, "__version__", "0")
    hub.push("own", data, filename="other.csv")
    assert len(read) == 4


def test_a_file_that_changes_while_it_is_read_is_read_the_next_time(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "places.csv"
    path.write_bytes(places("a"))
    deliver = ingest.deliver

    def changed_meanwhile(*arguments: object) -> ingest.Delivery:
        path.write_bytes(places("a", "b"))
        return deliver(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(ingest, "deliver", changed_meanwhile)
        assert hub.push("places", path).counts.created == 2
    path.write_bytes(places("a"))
    assert hub.push("places", path).counts.deleted == 1


def test_a_record_that_time_may_heal_is_looked_at_each_time(hub: Hub, read: list[str]) -> None:
    future = places("a").replace(b"2026-03-12", b"2999-03-12")
    for _ in range(2):
        assert hub.push("places", future, filename="places.csv").counts.refused == 1
    assert len(read) == 2
    for _ in range(2):
        hub.push("places", places("a"), filename="places.csv")
    assert len(read) == 3


RULE = "<http://h/rule> a sh:PropertyShape ; sh:path <http://h/p> ; dh:notInFuture true ."
SHAPE = "<http://h/s> a sh:NodeShape ; sh:targetClass <http://h/C> ; "


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        (f"{RULE} {SHAPE} sh:property <http://h/rule> .", {"http://h/rule"}),
        (f"{RULE} {SHAPE} sh:not <http://h/rule> .", None),
        (f"{RULE} {SHAPE} sh:node [ sh:property <http://h/rule> ] .", None),
        (f"{SHAPE} sh:property [ sh:path <http://h/p> ; dh:notInFuture true ] .", None),
        (f"{SHAPE} sh:property [ sh:path <http://h/p> ; sh:minCount 1 ] .", set()),
        (
            f"{SHAPE} sh:sparql [ sh:select 'SELECT $this WHERE {{ $this <http://h/p> ?v FILTER(?v > NOW()) }}' ] .",
            None,
        ),
        (f"{SHAPE} sh:sparql [ sh:select 'SELECT $this WHERE {{ $this <http://h/p> ?v FILTER(?v > 1) }}' ] .", set()),
    ],
)
def test_it_is_known_which_rules_look_at_the_clock(rules: str, found: set[str] | None, tmp_path: Path) -> None:
    path = tmp_path / "shapes.ttl"
    prefixes = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dh: <https://w3id.org/datahub/ns/core/> . "
    path.write_text(prefixes + rules, "utf-8")
    assert passing(load([path])) == found


def test_a_repeated_push_of_rdf_is_known_too(hub: Hub, things: Callable[..., Dataset], read: list[str]) -> None:
    things()
    data = triples({"a": {"http://schema.org/name": '"x"'}})
    reports = [hub.push("things", data, filename="x.nt") for _ in range(2)]
    assert [report.counts.created for report in reports] == [1, 0]
    assert len(read) == 1
