"""Pushing: what is good is taken, what is not is refused with reasons, and nothing is half done."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from datahub.errors import ConflictError, DatahubError, InputError, NotFoundError
from datahub.hub import ADMIN, Dataset, Hub, PushReport
from datahub.rdf.formats import FORMATS, parse, write
from datahub.settings import Settings
from tests.hub.conftest import BASE, HEADER, LICENCE, iri, places, triples

NAME = "http://schema.org/name"


def standing(hub: Hub, dataset: str = "places") -> set[str]:
    return {record.rsplit("/", 1)[1] for record in hub.records(dataset, limit=1000, reader=ADMIN).table["record"]}


def counts(report: PushReport) -> tuple[int, int, int, int, int]:
    c = report.counts
    return (c.created, c.updated, c.unchanged, c.deleted, c.refused)


def test_the_good_rows_of_a_file_are_taken_and_the_bad_ones_are_named_by_row_and_column(hub: Hub) -> None:
    report = hub.push("places", places("a", "b", "c", b="north"), filename="lieux.csv")
    assert report.status == "taken"
    assert counts(report) == (2, 0, 0, 0, 1)
    assert standing(hub) == {"26362-a", "26362-c"}
    bad = next(finding for finding in report.findings if finding.severity == "violation")
    assert (bad.row, bad.column, bad.value) == (3, "Ylat", "north")
    assert bad.message.fr != bad.message.en
    assert bad.fix is not None


def test_the_same_file_again_makes_no_version(hub: Hub) -> None:
    first = hub.push("places", places("a", "b"))
    again = hub.push("places", places("b", "a"))
    assert again.status == "unchanged"
    assert counts(again) == (0, 0, 2, 0, 0)
    assert hub.head() == first.last_seq == 2


def test_a_record_missing_from_a_snapshot_is_deleted_and_one_in_a_delta_is_not(hub: Hub) -> None:
    hub.push("places", places("a", "b", "c"))
    assert counts(hub.push("places", places("b", b="44.5"), mode="delta")) == (0, 1, 0, 0, 0)
    assert standing(hub) == {"26362-a", "26362-b", "26362-c"}
    assert counts(hub.push("places", places("a", "b", b="44.5"))) == (0, 0, 2, 1, 0)
    assert standing(hub) == {"26362-a", "26362-b"}


@pytest.mark.parametrize("bad", ["91.5", "north"])
def test_a_record_that_is_refused_in_a_snapshot_keeps_its_last_good_version(hub: Hub, bad: str) -> None:
    """Whether the rules refuse it (a latitude of 91.5) or it can't even be read."""
    hub.push("places", places("a", "b"))
    before = hub.record(iri("b")).version
    report = hub.push("places", places("a", "b", b=bad))
    assert counts(report) == (0, 0, 1, 0, 1)
    assert report.counts.kept == 1
    assert any(group.code == "record-kept" for group in report.groups)
    assert hub.record(iri("b")).version == before


def test_records_whose_rows_collide_keep_their_last_good_version(hub: Hub) -> None:
    hub.push("places", places("a", "b"))
    doubled = places("a", "b") + places("b", b="45.1").split(b"\n")[1] + b"\n"
    report = hub.push("places", doubled)
    assert (report.counts.refused, report.counts.kept, report.counts.deleted) == (2, 1, 0)
    assert standing(hub) == {"26362-a", "26362-b"}


def test_a_snapshot_that_would_delete_most_of_a_dataset_must_be_confirmed(hub: Hub) -> None:
    names = [f"n{i}" for i in range(50)]
    hub.push("places", places(*names))
    with pytest.raises(ConflictError) as error:
        hub.push("places", places(*names[:10]))
    assert error.value.code == "too-many-deletions"
    assert "40" in error.value.message.fr
    assert len(standing(hub)) == 50
    assert counts(hub.push("places", places(*names[:30]))) == (0, 0, 30, 20, 0)
    assert counts(hub.push("places", places(*names[:5]), allow_deletions=True)) == (0, 0, 5, 25, 0)


def test_an_empty_snapshot_must_be_confirmed_however_small_the_dataset(hub: Hub) -> None:
    hub.push("places", places("a"))
    with pytest.raises(ConflictError) as error:
        hub.push("places", HEADER.encode() + b"\n")
    assert error.value.code == "too-many-deletions"
    hub.push("places", HEADER.encode() + b"\n", allow_deletions=True)
    assert standing(hub) == set()


def test_a_dry_run_reports_the_same_and_writes_nothing(hub: Hub) -> None:
    hub.push("places", places("a", "b"))
    file = places("b", "c", "d", b="44.5", d="91")
    tried = hub.push("places", file, dry_run=True)
    assert hub.head() == 2
    assert len(hub.pushes("places")) == 1
    assert standing(hub) == {"26362-a", "26362-b"}
    with pytest.raises(NotFoundError):
        hub.push_report(tried.id)
    real = hub.push("places", file)
    assert (tried.counts, tried.groups, tried.findings) == (real.counts, real.groups, real.findings)
    assert tried.status == real.status


def test_a_dry_run_of_a_snapshot_that_deletes_too_much_says_so_in_its_report(hub: Hub) -> None:
    hub.push("places", places("a"))
    report = hub.push("places", HEADER.encode() + b"\n", dry_run=True)
    assert report.groups[0].code == "too-many-deletions"


def test_a_delta_deletes_what_it_names_by_iri_or_by_path(hub: Hub) -> None:
    hub.push("places", places("a", "b", "c"))
    report = hub.push("places", places("d"), mode="delta", deletions=[iri("a"), "places/26362-b", "places/never-there"])
    assert counts(report) == (1, 0, 0, 2, 0)
    assert standing(hub) == {"26362-c", "26362-d"}
    assert [f.value for f in report.findings if f.code == "deletion-unknown"] == [
        f"{BASE}records/places/places/never-there"
    ]
    assert counts(hub.push("places", None, mode="delta", deletions=[iri("c")])) == (0, 0, 0, 1, 0)
    assert counts(hub.push("places", b"", mode="delta", deletions=[iri("d")])) == (0, 0, 0, 1, 0)


def test_a_deletion_that_no_record_can_be_called_is_told(hub: Hub) -> None:
    hub.push("places", places("a"))
    report = hub.push("places", None, mode="delta", deletions=["\ud800", "a b"])
    assert [finding.code for finding in report.findings] == ["deletion-unknown"] * 2
    assert (report.counts.deleted, report.status) == (0, "unchanged")


def test_a_record_that_comes_back_after_its_deletion_is_created_again(hub: Hub) -> None:
    hub.push("places", places("a", "b"))
    hub.push("places", places("a"))
    hub.push("places", places("a", "b"))
    assert [version.op for version in hub.history(iri("b"))] == ["create", "delete", "create"]


def test_refused_records_are_kept_aside_with_the_publishers_own_row_and_the_reasons(hub: Hub) -> None:
    report = hub.push("places", places("a", "b", "c", b="91.5", c="north"))
    table = hub.refused(report.id)
    assert table["row"].to_list() == [3, 4]
    ruled, unread = table.to_dicts()
    assert ruled["record"] == iri("b")
    assert '"91.5"' in ruled["body"]
    assert ruled["native"].startswith("b,Aire b,")
    assert json.loads(ruled["findings"])[0]["column"] == "Ylat"
    assert (unread["record"], unread["body"]) == (None, None)
    assert ",north," in unread["native"]


def test_when_everything_is_refused_the_push_is_kept_with_its_report_and_nothing_changes(hub: Hub) -> None:
    report = hub.push("places", places("a", a="north"))
    assert report.status == "refused"
    assert hub.head() == 0
    assert hub.last_push("places") is not None
    assert hub.refused(report.id).height == 1


BAD_FILES = {
    "empty": b"",
    "another format": b"productName,price,ref\nPomme,2,P1\n",
    "binary": bytes(range(256)) * 40,
    "a NUL in a cell": places("a").replace(b"Valence", b"Val\x00ence"),
    "an unterminated quote": HEADER.encode() + b'\n"a,Aire a,Rue\n',
    "no header": places("a").split(b"\n")[1] + b"\n",
    "html": b"<!DOCTYPE html><html><body>504 Gateway Timeout</body></html>",
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_is_no_such_file_is_refused_whole_and_leaves_the_log_as_it_was(hub: Hub, kind: str) -> None:
    hub.push("places", places("a", "b"))
    with pytest.raises(InputError) as error:
        hub.push("places", BAD_FILES[kind])
    assert error.value.message.fr
    assert error.value.message.fr != error.value.message.en
    assert (hub.head(), len(hub.pushes("places")), standing(hub)) == (2, 1, {"26362-a", "26362-b"})


def test_a_file_larger_than_allowed_is_refused(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "hub", base_iri=BASE, max_push_bytes=500)
    with Hub(settings) as hub:
        hub.platforms.add("roads.example", "Roads")
        hub.datasets.add("places", platform="roads.example", connector="bnlc", title="P", licence=LICENCE)
        for media in (None, "text/turtle"):
            with pytest.raises(InputError) as error:
                hub.push("places", places(*"abcdefghij"), media_type=media)
            assert error.value.code == "too-large"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"mode": "sync"}, "push-mode"),
        ({"mode": "snapshot", "deletions": ["places/x"]}, "push-deletions"),
        ({"data": None, "mode": "delta"}, "empty"),
    ],
)
def test_a_push_that_can_not_be_meant_like_this_is_refused(hub: Hub, options: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as error:
        hub.push("places", **{"data": places("a"), **options})  # type: ignore[arg-type]
    assert error.value.code == code


def test_a_push_to_a_dataset_that_is_not_there_is_refused(hub: Hub) -> None:
    with pytest.raises(NotFoundError):
        hub.push("nowhere", places("a"))


@pytest.mark.parametrize("name", FORMATS)
def test_rdf_of_every_syntax_is_the_same_push(hub: Hub, things: Callable[..., Dataset], name: str) -> None:
    things()
    records = {"a": {NAME: '"Été"@fr'}, "b": {NAME: '"x\\"y"', "http://schema.org/url": "<http://b.example/>"}}
    hub.push("things", triples(records), media_type="application/n-triples")
    data = write(parse(triples(records), "nt"), name)
    assert hub.push("things", data, media_type=FORMATS[name].media_types[0]).counts.unchanged == 2
    assert hub.push("things", data, filename=f"data.{FORMATS[name].extensions[0]}").counts.unchanged == 2


def test_blank_nodes_belong_to_their_record_whatever_their_labels(hub: Hub, things: Callable[..., Dataset]) -> None:
    things()
    data = f'<{BASE}records/things/a> <http://schema.org/geo> _:x .\n_:x <http://schema.org/latitude> "4" .\n'.encode()
    assert hub.push("things", data, filename="a.nt").counts.created == 1
    assert hub.push("things", data.replace(b"_:x", b"_:other"), filename="a.nt").counts.unchanged == 1


def test_a_record_under_somebody_elses_address_is_refused(hub: Hub, things: Callable[..., Dataset]) -> None:
    things()
    hub.push("places", places("a"))
    own, foreign = triples({"mine": {NAME: '"x"'}}), triples({"places/26362-a": {NAME: '"taken over"'}}, "places")
    vocabulary = b'<https://w3id.org/datahub/ns/core/Open> <http://schema.org/name> "shut" .\n'
    outside = b'<http://elsewhere.example/1> <http://schema.org/name> "fine" .\n'
    report = hub.push("things", own + foreign + vocabulary + outside, filename="x.nt")
    assert {f.record for f in report.findings if f.code == "record-foreign"} == {
        iri("a"),
        "https://w3id.org/datahub/ns/core/Open",
    }
    assert hub.records("things", limit=9).table["record"].sort().to_list() == [
        "http://elsewhere.example/1",
        f"{BASE}records/things/mine",
    ]


def test_a_part_that_stood_alone_is_deleted_when_its_record_arrives(hub: Hub, things: Callable[..., Dataset]) -> None:
    things()
    part = f'<{BASE}records/things/a#offer> <{NAME}> "offer" .\n'.encode()
    hub.push("things", part, filename="x.nt", mode="delta")
    report = hub.push("things", triples({"a": {NAME: '"whole"'}}) + part, filename="x.nt", mode="delta")
    assert counts(report) == (1, 0, 0, 1, 0)
    assert standing(hub, "things") == {"a"}
    assert b"offer" in hub.sparql(f"SELECT ?n {{ <{BASE}records/things/a#offer> <{NAME}> ?n }}", format="csv").data


def test_a_part_is_not_deleted_for_a_record_that_was_refused(hub: Hub) -> None:
    a = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    part = f'<{iri("a")}#note> <{NAME}> "note" .\n'
    hub.push("places", part.encode(), filename="x.nt", mode="delta")
    whole = f"<{iri('a')}> {a} <https://w3id.org/datahub/ns/mobility/MeetingPoint> .\n" + part
    report = hub.push("places", whole.encode(), filename="x.nt", mode="delta")
    assert counts(report) == (0, 0, 0, 0, 1)
    assert standing(hub) == {"26362-a#note"}


def test_a_delta_is_checked_together_with_what_it_refers_to(hub: Hub) -> None:
    hub.datasets.add("food", platform="farms.example", connector="dfc", title="Food", licence=LICENCE)
    b = "https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#"
    a = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    farm = f'<http://f.example/e> <{a}> <{b}Enterprise> .\n<http://f.example/e> <{b}name> "Farm" .\n'
    product = (
        f"<http://f.example/p> <{a}> <{b}SuppliedProduct> .\n"
        f'<http://f.example/p> <{b}name> "Leek" .\n<http://f.example/p> <{b}suppliedBy> <http://f.example/e> .\n'
    )
    whole = hub.push("food", (farm + product).encode(), filename="x.nt", dry_run=True)
    hub.push("food", farm.encode(), filename="x.nt")
    delta = hub.push("food", product.encode(), filename="x.nt", mode="delta")
    codes = {(g.code, g.rule) for g in whole.groups if g.severity == "violation"}
    assert {(g.code, g.rule) for g in delta.groups if g.severity == "violation"} == codes
    assert delta.counts.refused == whole.counts.refused == 0


SHOP = "producer,sku,name,category,units,unit_type,price,on_hand,on_demand,shipping_category"


def shop(*rows: str) -> bytes:
    lines = [
        f"{row.split(':')[1]},{row.split(':')[0]},Leek {row.split(':')[0]},Vegetables,1,kg,2,3,0,Any" for row in rows
    ]
    return "\n".join([SHOP, *lines]).encode() + b"\n"


def supplied(hub: Hub) -> set[tuple[str, str]]:
    b = "https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#"
    rows = hub.sparql(
        f"SELECT ?e ?p {{ ?f <{b}supplies> ?r ; <{b}name> ?e . ?r <{b}name> ?p }}", format="csv"
    ).data.decode()
    return {(farm, product) for farm, product in (line.split(",") for line in rows.splitlines()[1:])}


def test_a_producer_keeps_the_products_that_a_delta_does_not_name(hub: Hub) -> None:
    hub.datasets.add("shop", platform="farms.example", connector="ofn-products", title="Shop", licence=LICENCE)
    hub.push("shop", shop("1:Farm", "2:Farm", "3:Mill"))
    whole = {("Farm", "Leek 1"), ("Farm", "Leek 2"), ("Mill", "Leek 3")}
    assert supplied(hub) == whole
    report = hub.push("shop", shop("1:Farm", "4:Farm"), mode="delta")
    assert (report.counts.created, report.counts.deleted) == (1, 0)
    assert any(group.code == "links-kept" for group in report.groups)
    assert supplied(hub) == whole | {("Farm", "Leek 4")}
    table = hub.records("shop").table
    second = table.filter(table["label"] == "Leek 2")["record"].to_list()
    hub.push("shop", shop("4:Farm"), mode="delta", deletions=second)
    assert supplied(hub) == whole - {("Farm", "Leek 2")} | {("Farm", "Leek 4")}
    assert hub.push("shop", shop("1:Farm", "3:Mill", "4:Farm")).status == "unchanged"


def test_a_delta_of_one_producer_leaves_the_same_reference_of_another_as_it_is(hub: Hub) -> None:
    hub.datasets.add("shop", platform="farms.example", connector="ofn-products", title="Shop", licence=LICENCE)
    assert hub.push("shop", shop("1:Farm", "1:Mill")).counts.refused == 0
    report = hub.push("shop", shop("1:Mill").replace(b"Leek 1", b"Flour"), mode="delta")
    assert (report.counts.created, report.counts.updated, report.counts.refused) == (0, 1, 0)
    assert supplied(hub) == {("Farm", "Leek 1"), ("Mill", "Flour")}


def test_a_producer_keeps_the_product_whose_new_version_was_refused(hub: Hub) -> None:
    hub.datasets.add("shop", platform="farms.example", connector="ofn-products", title="Shop", licence=LICENCE)
    hub.push("shop", shop("1:Farm", "2:Farm"))
    report = hub.push(
        "shop", shop("1:Farm", "2:Farm").replace(b"Leek 2,Vegetables,1,kg,2,", b"Leek 2,Vegetables,1,kg,cheap,")
    )
    assert (report.counts.refused, report.counts.kept, report.counts.updated) == (1, 1, 0)
    assert supplied(hub) == {("Farm", "Leek 1"), ("Farm", "Leek 2")}


def test_progress_is_told_stage_by_stage(hub: Hub) -> None:
    seen: list[str] = []
    report = hub.push("places", places("a"), progress=lambda stage, done, total: seen.append(stage))
    order = list(dict.fromkeys(seen))
    assert order == ["read", "split", "validate", "compare", "log", "index", "graph"]
    assert [stage.name for stage in report.stages] == order


def test_a_report_is_found_again_as_it_was_given(hub: Hub) -> None:
    report = hub.push("places", places("a", "b", b="91.5"), filename="lieux.csv", by="key-1")
    stored = hub.push_report(report.id)
    assert (stored.counts, stored.groups, stored.findings, stored.by, stored.filename) == (
        report.counts,
        report.groups,
        report.findings,
        "key-1",
        "lieux.csv",
    )
    assert [stage.name for stage in stored.stages] == ["read", "split", "validate", "compare", "log"]
    assert PushReport.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_threads_that_push_to_one_dataset_queue_and_all_are_taken(hub: Hub, things: Callable[..., Dataset]) -> None:
    things()
    failures: list[DatahubError] = []

    def work(name: str) -> None:
        try:
            for step in range(4):
                hub.push("things", triples({f"{name}{step}": {NAME: f'"{step}"'}}), filename="x.nt", mode="delta")
        except DatahubError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(standing(hub, "things")) == 12
    assert hub.statistics().graph_position == hub.statistics().index_position == hub.head() == 12
