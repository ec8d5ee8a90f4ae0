"""Who sees what: one answer for lists, records, feeds, exports and queries."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from datahub.errors import ConflictError, NotFoundError
from datahub.hub import ADMIN, ANONYMOUS, Dataset, GoneError, Hub, Reader
from tests.hub.conftest import BASE, places, triples

NAME, VISIBILITY, PHONE = (
    "http://schema.org/name",
    "https://w3id.org/datahub/ns/core/visibility",
    "http://schema.org/telephone",
)
DH = "https://w3id.org/datahub/ns/core/"
MEMBER = Reader("farms.example", approved=True)
APPLICANT = Reader("farms.example", approved=False)
OWNER = Reader("roads.example", approved=False)
READERS = {"stranger": ANONYMOUS, "applicant": APPLICANT, "member": MEMBER, "owner": OWNER, "admin": ADMIN}


def ways(hub: Hub, reader: Reader, dataset: str | None = None) -> dict[str, set[str]]:
    """The records that ``reader`` gets, by every way out of the hub."""

    def names(records: list[str]) -> set[str]:
        return {record.rsplit("/", 1)[1] for record in records}

    def subjects(frame_terms: list[str]) -> set[str]:
        return names([iri.split("#")[0] for iri in frame_terms])

    def of(frame: object) -> set[str]:
        terms, triples = frame.terms, frame.triples  # type: ignore[attr-defined]
        return subjects(terms["lexical"].gather(triples["s"].unique()).to_list())

    page = hub.records(dataset, reader=reader, limit=1000)
    states = hub.states(dataset, reader=reader, limit=1000)
    alive = states.table.filter(states.table["op"] != "delete")["record"].to_list()
    every = ("open", "members", "private")
    single = set()
    for name in every:
        try:
            hub.record(f"{BASE}records/things/{name}", reader)
            single.add(name)
        except NotFoundError:
            pass
    return {
        "list": names(page.table["record"].to_list()),
        "page": of(hub.page_frame(page, reader)),
        "frame": of(hub.frame(dataset, reader=reader)),
        "named": of(hub.frame(dataset, records=[f"{BASE}records/things/{name}" for name in every], reader=reader)),
        "states": names(alive),
        "states frame": of(states.frame),
        "single": single,
    }


@pytest.fixture
def mixed(hub: Hub, things: Callable[..., Dataset]) -> Hub:
    """A dataset with a record of each visibility, each with a phone number."""
    things()
    phone = {PHONE: '"+33 4 75 00 00 00"'}
    records = {
        "open": {NAME: '"a"', **phone},
        "members": {NAME: '"b"', VISIBILITY: f"<{DH}Members>", **phone},
        "private": {NAME: '"c"', VISIBILITY: f"<{DH}Private>", **phone},
    }
    hub.push("things", triples(records), filename="x.nt")
    return hub


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        ("stranger", {"open"}),
        ("applicant", {"open"}),
        ("member", {"open", "members"}),
        ("owner", {"open", "members", "private"}),
        ("admin", {"open", "members", "private"}),
    ],
)
def test_every_way_out_shows_a_reader_the_same_records(mixed: Hub, reader: str, seen: set[str]) -> None:
    for dataset in ("things", None):
        assert ways(mixed, READERS[reader], dataset) == dict.fromkeys(ways(mixed, READERS[reader], dataset), seen)


def test_queries_see_only_what_is_open(mixed: Hub) -> None:
    result = mixed.sparql(f"SELECT ?n {{ ?s <{NAME}> ?n }}", format="csv")
    assert result.data.split() == [b"n", b"a"]


@pytest.mark.parametrize(
    ("reader", "told"), [("stranger", False), ("applicant", False), ("member", True), ("owner", True)]
)
def test_personal_data_never_leaves_openly(mixed: Hub, reader: str, told: bool) -> None:
    who = READERS[reader]
    iri = f"{BASE}records/things/open"
    texts = [
        mixed.record(iri, who).frame.lines().str.join("").item(),
        mixed.frame("things", reader=who).lines().str.join("").item(),
        mixed.states("things", reader=who).frame.lines().str.join("").item(),
        mixed.changes("things", reader=who).bodies["body"].str.join("").item(),
        mixed.page_frame(mixed.records(reader=who), who).lines().str.join("").item(),
    ]
    assert [PHONE in text for text in texts] == [told] * len(texts)


def test_personal_data_is_not_found_by_searching_or_querying(mixed: Hub) -> None:
    assert mixed.records(q="75", reader=ADMIN).total == 0
    assert json.loads(mixed.sparql(f"ASK {{ ?s <{PHONE}> ?o }}").data)["boolean"] is False


def test_a_visibility_that_nobody_knows_is_not_taken_for_open(hub: Hub, things: Callable[..., Dataset]) -> None:
    things()
    hub.push("things", triples({"x": {VISIBILITY: "<http://elsewhere.example/Secret>"}}), filename="x.nt")
    assert hub.records("things").total == 0
    assert hub.records("things", reader=OWNER).total == 1


def test_the_stricter_of_dataset_and_record_counts(hub: Hub, things: Callable[..., Dataset]) -> None:
    things(visibility="private")
    hub.push("things", triples({"x": {VISIBILITY: f"<{DH}Open>"}}), filename="x.nt")
    assert hub.records(reader=MEMBER).total == 0
    assert hub.records(reader=OWNER).total == 1


def test_a_dataset_that_a_reader_may_not_know_of_is_not_there_for_it(hub: Hub, things: Callable[..., Dataset]) -> None:
    things(visibility="private")
    hub.push("things", triples({"x": {NAME: '"x"'}}), filename="x.nt")
    for ask in (hub.datasets.get, lambda name, reader: hub.states(name, reader=reader), hub.records):
        with pytest.raises(NotFoundError) as error:
            ask("things", reader=MEMBER)  # type: ignore[operator]
        assert error.value.code == "dataset-unknown"
    assert [each.id for each in hub.datasets.all(MEMBER)] == ["places"]


def test_a_record_that_becomes_private_is_a_deletion_for_those_who_saw_it(
    hub: Hub, things: Callable[..., Dataset]
) -> None:
    things()
    iri = f"{BASE}records/things/x"
    hub.push("things", triples({"x": {NAME: '"x"'}}), filename="x.nt")
    hub.push("things", triples({"x": {NAME: '"x"', VISIBILITY: f"<{DH}Private>"}}), filename="x.nt")
    assert hub.changes("things").table["op"].to_list() == ["create", "delete"]
    assert hub.changes("things").bodies["body"].to_list() == [None]
    assert hub.changes("things", reader=OWNER).table["op"].to_list() == ["create", "update"]
    assert hub.states("things").table["op"].to_list() == ["delete"]
    with pytest.raises(GoneError):
        hub.record(iri)
    assert hub.record(iri, OWNER).version.op == "update"
    assert [version.op for version in hub.history(iri)] == ["delete", "create"]
    assert not json.loads(hub.sparql(f"ASK {{ <{iri}> ?p ?o }}").data)["boolean"]
    hub.push("things", triples({"x": {NAME: '"x"'}}), filename="x.nt")
    assert hub.changes("things").table["op"].to_list() == ["create", "delete", "create"]
    assert json.loads(hub.sparql(f"ASK {{ <{iri}> ?p ?o }}").data)["boolean"]


def test_a_record_that_was_never_open_leaves_no_trace_in_open_feeds(mixed: Hub) -> None:
    mixed.push("things", triples({"open": {NAME: '"a"'}}), filename="x.nt", allow_deletions=True)
    assert set(mixed.changes("things").table["record"]) == {f"{BASE}records/things/open"}
    assert set(mixed.states("things").table["record"]) == {f"{BASE}records/things/open"}
    assert set(mixed.states("things", reader=OWNER).table["op"]) == {"update", "delete"}
    with pytest.raises(NotFoundError) as error:
        mixed.record(f"{BASE}records/things/private")
    assert error.value.code == "record-unknown"


def test_closing_a_dataset_reaches_every_copy_and_opening_it_brings_it_back(mixed: Hub) -> None:
    mixed.datasets.update("things", visibility="members")
    assert mixed.records().total == 0
    assert mixed.states(None).table["op"].to_list() == ["delete"]
    assert mixed.changes("things").table["op"].to_list() == ["create", "delete"]
    assert mixed.sparql("SELECT ?n { ?s <http://schema.org/name> ?n }", format="csv").data.split() == [b"n"]
    assert mixed.records("things", reader=MEMBER).total == 2
    with pytest.raises(NotFoundError):
        mixed.datasets.get("things")
    mixed.datasets.update("things", visibility="open")
    assert mixed.records().total == 1
    assert mixed.records(reader=MEMBER).total == 2
    assert mixed.changes("things").table["op"].to_list() == ["create", "delete", "create"]


def test_a_push_that_waits_while_its_dataset_is_closed_is_closed_too(hub: Hub) -> None:
    with ThreadPoolExecutor(1) as pool:
        with hub.log.turn("places"):
            push = pool.submit(hub.push, "places", places("a", "b"))
            while len(hub.log.database._turns._lines["places"]) < 2:
                time.sleep(0.01)
            hub.datasets.settle("places", "private")
        assert push.result().counts.created == 2
    assert hub.records().total == 0
    assert hub.records(reader=ADMIN).total == 2
    assert hub.changes().table.is_empty()
    query = "SELECT ?s { ?s <http://schema.org/name> ?n FILTER CONTAINS(STR(?s), '/records/') }"
    assert hub.sparql(query, format="csv").data.split() == [b"s"]


def test_a_push_that_waits_while_its_dataset_is_withdrawn_is_refused(hub: Hub) -> None:
    with ThreadPoolExecutor(1) as pool:
        with hub.log.turn("places"):
            push = pool.submit(hub.push, "places", places("a", "b"))
            while len(hub.log.database._turns._lines["places"]) < 2:
                time.sleep(0.01)
            hub.datasets.settle("places", None)
        with pytest.raises(ConflictError, match="withdrawn"):
            push.result()
    assert hub.head() == 0


def test_withdrawing_a_dataset_reaches_every_copy(hub: Hub) -> None:
    hub.push("places", places("a", "b"))
    report = hub.datasets.remove("places")
    assert (report.mode, report.counts.deleted) == ("withdrawal", 2)
    assert hub.datasets.all() == ()
    assert hub.datasets.get("places").withdrawn
    assert hub.records().total == 0
    assert hub.states("places").table["op"].to_list() == ["delete", "delete"]
    assert len(hub.frame()) == 0
    assert not json.loads(hub.sparql("ASK { ?s a <https://w3id.org/datahub/ns/mobility/MeetingPoint> }").data)[
        "boolean"
    ]
    with pytest.raises(Exception, match="withdrawn"):
        hub.push("places", places("a"))


def test_keys_tell_who_reads_and_a_revoked_or_unknown_key_nobody(hub: Hub) -> None:
    key, secret = hub.keys.issue("farms.example", "laptop")
    assert hub.reader(secret) == MEMBER
    hub.platforms.approve("farms.example", False)
    assert hub.reader(secret) == APPLICANT
    assert hub.reader(None) == ANONYMOUS
    assert [each.label for each in hub.keys.all("farms.example")] == ["laptop"]
    hub.keys.revoke(key.id)
    for wrong in (secret, "dhk_guess", ""):
        with pytest.raises(Exception, match="not valid"):
            hub.reader(wrong)
    with pytest.raises(NotFoundError):
        hub.keys.revoke(key.id)


def test_the_secret_of_a_key_is_stored_nowhere(hub: Hub) -> None:
    _, secret = hub.keys.issue("farms.example")
    files = [path for path in hub.settings.data_dir.rglob("*") if path.is_file()]
    assert files
    assert not any(secret.encode() in path.read_bytes() for path in files)
