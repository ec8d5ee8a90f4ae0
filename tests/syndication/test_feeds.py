"""RPDE pages and LDES pages, as their standards want them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from datahub.i18n import Text
from datahub.rdf.terms import DCT, RDF_TYPE, Term
from datahub.syndication import ldes, rpde

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
URL = "https://hub.example/feeds/market/rpde"


def states(*rows: tuple[int, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [(seq, "market", f"https://hub.example/records/market/{name}", op) for seq, name, op in rows],
        schema={"seq": pl.Int64, "dataset": pl.String, "record": pl.String, "op": pl.String},
        orient="row",
    )


def rpde_page(table: pl.DataFrame, after: int, last: int) -> dict[str, Any]:
    bodies = {record: {"@id": record} for record in table.filter(pl.col("op") != "delete")["record"]}
    return rpde.page(
        table,
        url=URL,
        after=after,
        last=last,
        objects=bodies,
        kind=lambda name: f"{name}.record",
        licence="https://l.example/",
    )


def test_a_page_leads_on_from_its_last_change() -> None:
    page = rpde_page(states((3, "a", "create"), (7, "b", "update")), 0, 7)
    assert page["next"] == URL + "?afterChangeNumber=7"
    assert [item["modified"] for item in page["items"]] == [3, 7]
    assert page["license"] == "https://l.example/"


def test_the_last_page_is_empty_and_leads_to_itself() -> None:
    page = rpde_page(states(), 7, 7)
    assert page["items"] == []
    assert page["next"] == URL + "?afterChangeNumber=7"


def test_a_deleted_record_is_passed_on_without_data() -> None:
    (item,) = rpde_page(states((9, "a", "delete")), 0, 9)["items"]
    assert item["state"] == "deleted"
    assert "data" not in item


def test_a_record_whose_body_may_not_be_seen_is_passed_on_as_deleted() -> None:
    page = rpde.page(
        states((9, "a", "update")), url=URL, after=0, last=9, objects={}, kind=str, licence="https://l.example/"
    )
    assert page["items"][0]["state"] == "deleted"


def test_pages_are_kept_long_and_the_end_of_the_feed_briefly() -> None:
    assert rpde.cache_control(rpde_page(states((1, "a", "create")), 0, 1)) == "public, max-age=3600"
    assert rpde.cache_control(rpde_page(states(), 1, 1)) == "public, max-age=8"


@given(st.lists(st.sampled_from("abcdef"), max_size=40), st.integers(1, 5))
def test_whoever_follows_next_sees_the_latest_state_of_every_record_once(history: list[str], size: int) -> None:
    latest = {name: seq for seq, name in enumerate(history, 1)}
    after, seen = 0, []
    for _ in range(len(history) + 2):
        due = sorted((seq, name) for name, seq in latest.items() if seq > after)[:size]
        page = rpde_page(states(*[(seq, name, "update") for seq, name in due]), after, due[-1][0] if due else after)
        seen += [item["id"][-1] for item in page["items"]]
        following = int(page["next"].rsplit("=", 1)[1])
        if not page["items"]:
            assert following == after
            break
        after = following
    assert sorted(seen) == sorted(latest)


STREAM = ldes.Stream(
    "https://hub.example/feeds/market/ldes",
    "https://hub.example/versions/",
    Text("Market", "Marché"),
    "https://l.example/",
)
A = "https://hub.example/records/market/a"


def versions(*rows: tuple[int, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (seq, "https://hub.example/datasets/market", "https://l.example/", A, op, NOON + timedelta(seconds=seq))
            for seq, op in rows
        ],
        schema={
            "seq": pl.Int64,
            "dataset_iri": pl.String,
            "licence": pl.String,
            "record": pl.String,
            "op": pl.String,
            "time": pl.Datetime("us", "UTC"),
        },
        orient="row",
    )


def bodies(*rows: tuple[int, str | None]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={"seq": pl.Int64, "body": pl.String}, orient="row")


def line(value: str) -> str:
    return f'<{A}> <urn:p> "{value}" .\n'


def members(frame: Any) -> list[str]:
    found = frame.predicate(ldes.TREE + "member")
    return sorted(frame.terms["lexical"].gather(found["o"]))


def graph_of(frame: Any, version: str) -> list[str]:
    code = frame.iri(version)
    return sorted(frame.filter(pl.col("g") == code).lines())


def test_each_version_is_a_member_with_its_data_in_a_graph_of_its_own() -> None:
    frame = ldes.page(
        STREAM,
        versions((1, "create"), (2, "update")),
        bodies((1, line("old")), (2, line("new . <x>"))),
        after=0,
        last=2,
        full=False,
    )
    first, second = STREAM.version(1), STREAM.version(2)
    assert members(frame) == [first, second]
    assert graph_of(frame, first) == [f'<{A}> <urn:p> "old" <{first}> .\n']
    assert graph_of(frame, second) == [f'<{A}> <urn:p> "new . <x>" <{second}> .\n']
    of = frame.predicate(DCT + "isVersionOf")
    assert set(frame.terms["lexical"].gather(of["o"])) == {A}


def test_a_deletion_is_a_tombstone_without_data() -> None:
    frame = ldes.page(STREAM, versions((3, "delete")), bodies((3, None)), after=2, last=3, full=False)
    tombstone = STREAM.version(3)
    assert members(frame) == [tombstone]
    assert graph_of(frame, tombstone) == []
    types = frame.predicate(RDF_TYPE).filter(pl.col("s") == frame.iri(tombstone))
    assert frame.terms["lexical"].gather(types["o"]).to_list() == [ldes.AS + "Delete"]


def test_the_earlier_versions_of_a_withdrawn_record_leave_the_stream() -> None:
    frame = ldes.page(
        STREAM, versions((1, "create"), (3, "delete")), bodies((1, None), (3, None)), after=0, last=3, full=False
    )
    assert members(frame) == [STREAM.version(3)]


def test_a_full_page_is_immutable_and_leads_to_the_next() -> None:
    frame = ldes.page(STREAM, versions((1, "create")), bodies((1, line("x"))), after=0, last=1, full=True)
    assert frame.code(Term.iri(STREAM.page_url(1))) is not None
    assert frame.predicate(ldes.LDES + "immutable").height == 1
    relation = frame.predicate(ldes.TREE + "relation")
    assert relation.height == frame.predicate(ldes.TREE + "node").height == 1


def test_the_last_page_leads_nowhere() -> None:
    frame = ldes.page(STREAM, versions((1, "create")), bodies((1, line("x"))), after=0, last=1, full=False)
    assert frame.predicate(ldes.TREE + "relation").height == 0
    assert frame.predicate(ldes.LDES + "immutable").height == 0


def test_the_stream_says_how_to_read_it() -> None:
    frame = ldes.description(STREAM).frame()
    for name in ("timestampPath", "sequencePath", "versionOfPath", "versionDeleteObject", "retentionPolicy"):
        assert frame.predicate(ldes.LDES + name).height == 1
    assert frame.predicate(ldes.TREE + "view").height == 1
