"""Reading: lists in one neutral order, filters, single records with where they come from, and changes."""

import json
from collections.abc import Callable

import polars as pl
import pytest

from datahub.connectors import connector
from datahub.errors import InputError, NotFoundError
from datahub.hub import Dataset, GoneError, Hub
from tests.hub.conftest import BASE, LICENCE, iri, places, triples

NAME = "http://schema.org/name"
THING = "http://schema.org/Thing"


@pytest.fixture
def towns(hub: Hub, things: Callable[..., Dataset]) -> Hub:
    """Named records, some with a place."""
    things()

    def at(lat: str, lon: str, **more: str) -> dict[str, str]:
        return {"http://schema.org/latitude": f'"{lat}"', "http://schema.org/longitude": f'"{lon}"', **more}

    dh = "https://w3id.org/datahub/ns/core/"
    hub.push(
        "things",
        triples(
            {
                "1": {NAME: '"Épicerie de la Gare"@fr', **at("45.75", "4.85", **{f"{dh}inseeCode": '"69123"'})},
                "2": {NAME: '"epicerie du Port"', **at("41.92", "8.73", **{"http://schema.org/postalCode": '"20000"'})},
                "3": {NAME: '"Zinc"', **at("-21.1", "55.5", **{f"{dh}inseeCode": '"97411"'})},
                "4": {NAME: '"Atelier"', **at("-17.7", "-179.9")},
                "5": {NAME: '"100% local_marché"'},
            }
        ),
        filename="x.nt",
    )
    return hub


def labels(hub: Hub, **wanted: object) -> list[str]:
    return hub.records("things", **wanted).table["label"].to_list()  # type: ignore[arg-type]


def test_lists_are_ordered_by_label_without_accents_and_case(towns: Hub) -> None:
    assert labels(towns) == ["100% local_marché", "Atelier", "Épicerie de la Gare", "epicerie du Port", "Zinc"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"q": "EPICERIE"}, ["Épicerie de la Gare", "epicerie du Port"]),
        ({"q": "port épicerie"}, ["epicerie du Port"]),
        ({"q": "marche"}, ["100% local_marché"]),
        ({"q": "%"}, ["100% local_marché"]),
        ({"q": "l_m"}, ["100% local_marché"]),
        ({"q": "'; DROP TABLE version; --"}, []),
        ({"q": "   "}, ["100% local_marché", "Atelier", "Épicerie de la Gare", "epicerie du Port", "Zinc"]),
        ({"department": "69"}, ["Épicerie de la Gare"]),
        ({"department": "2a"}, ["epicerie du Port"]),
        ({"department": "974"}, ["Zinc"]),
        ({"bbox": (4.0, 45.0, 5.0, 46.0)}, ["Épicerie de la Gare"]),
        ({"bbox": (170.0, -30.0, -170.0, 0.0)}, ["Atelier"]),
        ({"located": False}, ["100% local_marché"]),
        ({"kind": "http://schema.org/Person"}, []),
        ({"kind": THING, "q": "zinc"}, ["Zinc"]),
    ],
)
def test_filters_narrow_the_list(towns: Hub, wanted: dict[str, object], found: list[str]) -> None:
    assert labels(towns, **wanted) == found


def test_pages_follow_one_another_and_show_every_record_once(hub: Hub) -> None:
    hub.push("places", places(*(f"n{i:03}" for i in range(57))))
    for limit in (1, 10, 19, 57, 100):
        seen: list[str] = []
        cursor, pages = None, 0
        while True:
            page = hub.records("places", limit=limit, cursor=cursor)
            assert page.total == 57
            seen += page.table["record"].to_list()
            pages += 1
            if page.next is None:
                break
            cursor = page.next
        assert len(seen) == len(set(seen)) == 57
        assert pages == -(-57 // limit)


def test_equal_labels_are_not_ordered_by_what_their_publisher_can_choose(
    hub: Hub, things: Callable[..., Dataset]
) -> None:
    things()
    names = [f"n{i}" for i in range(20)]
    hub.push("things", triples({name: {NAME: '"same"'} for name in names}), filename="x.nt")
    order = [record.rsplit("/", 1)[1] for record in hub.records("things").table["record"]]
    assert sorted(order) == sorted(names)
    assert order not in (sorted(order), sorted(order, reverse=True))


@pytest.mark.parametrize("cursor", ["x", "é", "W10", "bnVsbA", "e30", "W1siYSJdXQ", "[" * 3000])
def test_a_cursor_that_is_none_is_refused_in_words(hub: Hub, cursor: str) -> None:
    with pytest.raises(InputError) as error:
        hub.records(cursor=cursor)
    assert error.value.code == "cursor-unknown"


def test_facets_count_what_the_list_would_show(towns: Hub) -> None:
    facets = towns.facets("things")
    assert dict(facets.kinds.rows()) == {THING: 5}
    assert dict(facets.departments.rows()) == {"2A": 1, "69": 1, "974": 1}
    assert dict(facets.datasets.rows()) == {"things": 5}


def test_the_extent_is_the_box_around_all_located_records(towns: Hub) -> None:
    assert towns.extent("things") == (-179.9, -21.1, 55.5, 45.75)
    assert towns.extent("places") is None


def test_a_record_comes_with_its_dataset_licence_publisher_source_and_time(hub: Hub) -> None:
    hub.datasets.update("places", source="https://roads.example/data")
    hub.push("places", places("a"))
    view = hub.record(iri("a"))
    lines = set(view.frame.lines())
    for line in (
        f"<{iri('a')}> <http://rdfs.org/ns/void#inDataset> <{BASE}datasets/places> .\n",
        f"<{iri('a')}> <http://purl.org/dc/terms/license> <{LICENCE}> .\n",
        f"<{iri('a')}> <http://purl.org/dc/terms/publisher> <{BASE}platforms/roads.example> .\n",
        f"<{iri('a')}> <http://purl.org/dc/terms/source> <https://roads.example/data> .\n",
    ):
        assert line in lines
    assert any("generatedAtTime" in line and f"{view.version.time:%Y-%m-%dT%H:%M:%S.%fZ}" in line for line in lines)
    assert view.summary is not None
    assert (view.summary.label, view.summary.department, view.summary.seq) == ("Aire a", "26", 1)


def test_provenance_is_no_part_of_the_record_so_a_new_licence_makes_no_version(hub: Hub) -> None:
    hub.push("places", places("a"))
    hub.datasets.update("places", licence="https://creativecommons.org/publicdomain/zero/1.0/")
    assert hub.push("places", places("a")).status == "unchanged"
    assert "zero/1.0" in hub.record(iri("a")).frame.lines().str.join("").item()
    assert b"zero/1.0" in hub.sparql("SELECT ?l { ?d <http://purl.org/dc/terms/license> ?l }", format="csv").data


def test_a_deleted_record_is_gone_and_one_that_never_was_is_unknown(hub: Hub) -> None:
    hub.push("places", places("a", "b"))
    hub.push("places", places("a"))
    with pytest.raises(GoneError) as gone:
        hub.record(iri("b"))
    assert (gone.value.code, gone.value.status) == ("record-deleted", 410)
    with pytest.raises(NotFoundError) as unknown:
        hub.record(iri("z"))
    assert (unknown.value.code, unknown.value.status) == ("record-unknown", 404)


def test_changes_are_walked_in_steps_of_any_size_to_the_same_whole(hub: Hub) -> None:
    hub.push("places", places("a", "b", "c"))
    hub.push("places", places("a", "b", a="44.1"))
    hub.push("places", places("a", "b", "c", a="44.1"))
    whole = hub.changes("places").table
    assert whole["op"].to_list() == ["create"] * 3 + ["delete", "update", "create"]
    assert whole["seq"].is_sorted()
    for limit in (1, 2, 4):
        parts, after = [], 0
        while True:
            step = hub.changes("places", after=after, limit=limit)
            parts.append(step.table)
            after = step.last
            if step.complete:
                break
        assert pl.concat(parts).equals(whole)
    assert hub.changes("places", after=whole["seq"][-1]).complete


def test_states_name_each_record_once_at_its_last_version(hub: Hub) -> None:
    hub.push("places", places("a", "b", "c"))
    hub.push("places", places("a", "b", a="44.1"))
    states = hub.states("places")
    assert [(r.rsplit("-", 1)[1], op) for r, op in states.table.select("record", "op").rows()] == [
        ("b", "create"),
        ("c", "delete"),
        ("a", "update"),
    ]
    assert states.table["seq"].to_list() == [2, 4, 5]
    assert hub.states("places", after=4).table["seq"].to_list() == [5]
    subjects = set(states.frame.terms["lexical"].gather(states.frame.triples["s"].unique()))
    assert subjects == {iri("a"), iri("b")}


def test_changes_of_an_empty_hub_are_an_empty_table(hub: Hub) -> None:
    changes = hub.changes()
    assert (changes.table.height, changes.last, changes.complete, len(changes.frame)) == (0, 0, True, 0)
    assert hub.records().total == 0
    assert len(hub.frame()) == 0


def test_a_dataset_is_handed_on_in_the_format_it_came_in(hub: Hub) -> None:
    hub.push("places", places("a", "b"))
    lowering = hub.lower("places", "bnlc")
    assert lowering.records == 2
    assert hub.push("places", lowering.data).status == "unchanged"


def test_a_format_that_states_a_time_gets_that_of_the_last_change(hub: Hub, things: Callable[..., Dataset]) -> None:
    gbfs = connector("gbfs-stations")
    things("stations", connector="gbfs-stations", profile="mobility")
    hub.push("stations", next(path for path in gbfs.samples if "velo" in path.name).read_bytes())
    changed = hub.datasets.get("stations").modified
    assert changed is not None
    lowering = hub.lower("stations", "gbfs-stations")
    assert json.loads(lowering.data)["last_updated"] == int(changed.timestamp())
    assert hub.lower("stations", "gbfs-stations").data == lowering.data


def test_one_record_in_two_datasets_is_two_records(hub: Hub, things: Callable[..., Dataset]) -> None:
    for name, value in (("one", '"first"'), ("two", '"second"')):
        things(name)
        hub.push(name, f"<http://elsewhere.example/x> <{NAME}> {value} .\n".encode(), filename="x.nt")
    assert hub.records(limit=9).total == 2
    assert hub.record("http://elsewhere.example/x", dataset="two").summary.label == "second"  # type: ignore[union-attr]
    hub.push("one", b"", filename="x.nt", allow_deletions=True)
    assert hub.record("http://elsewhere.example/x").dataset.id == "two"
    assert b"first" not in hub.sparql(f"SELECT ?n {{ ?s <{NAME}> ?n }}", format="csv").data


def test_statistics_count_what_a_reader_may_know(hub: Hub) -> None:
    hub.push("places", places("a", "b"))
    hub.push("places", places("a", a="44.5"), mode="delta")
    hub.datasets.add(
        "secret", platform="roads.example", connector="bnlc", title="S", licence=LICENCE, visibility="private"
    )
    found = hub.statistics()
    assert (found.platforms, found.datasets, found.records, found.versions, found.pushes) == (1, 1, 2, 3, 2)
    assert found.by_dataset.select("records", "created", "updated", "deleted").rows() == [(2, 2, 1, 0)]
    assert found.last_commit == hub.datasets.get("places").modified


def test_the_catalogue_describes_open_datasets_in_the_graph(hub: Hub) -> None:
    query = "SELECT ?t { ?d a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> ?t }"
    assert b"Places" in hub.sparql(query, format="csv").data
    hub.datasets.update("places", title="Lieux")
    assert hub.sparql(query, format="csv").data.split() == [b"t", b"Lieux", b"Lieux"]
    hub.datasets.update("places", visibility="members")
    assert hub.sparql(query, format="csv").data.split() == [b"t"]
