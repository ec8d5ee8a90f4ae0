"""What is taken is judged in the state that a push leaves behind: of a refused record that is its last good version, or nothing."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from datahub.connectors import connector, explain
from datahub.hub import Hub, PushReport
from datahub.hub.follow import frame_of
from datahub.hub.ingest import shapes_of
from datahub.profiles import class_hierarchy
from datahub.shacl import validate
from tests.hub.shops import Push, named, opened, standing

SHAPES = """
@prefix ex: <http://example.org/> .
@prefix schema: <http://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

ex:Product a sh:NodeShape ; sh:targetClass schema:Product ; sh:property ex:maker , ex:city , ex:price .
ex:maker sh:path schema:manufacturer ; sh:class schema:Organization .
ex:price sh:path schema:price ; sh:maxCount 0 .
ex:city sh:path ( schema:manufacturer schema:location schema:name ) ; sh:minCount 1 ; sh:severity sh:Warning .
ex:Maker a sh:NodeShape ; sh:targetClass schema:Organization ; sh:property ex:made , ex:seat .
ex:made sh:path [ sh:inversePath schema:manufacturer ] ; sh:maxCount 2 .
ex:seat sh:path schema:location ; sh:minCount 1 ; sh:class schema:City .
ex:Town a sh:NodeShape ; sh:targetClass schema:City ;
    sh:property [ sh:path schema:name ; sh:minCount 1 ; sh:maxCount 1 ] .
"""
TOWN, MAKER, PRODUCT = "t1 City name='Die'", "m1 Organization location=t1", "p1 Product manufacturer=m1"


@pytest.fixture
def shop(hub: Hub, tmp_path: Path) -> Push:
    return opened(hub, tmp_path, SHAPES)


def refused(hub: Hub, report: PushReport) -> set[str]:
    return {iri.removeprefix(named("")) for iri in hub.log.refused(report.id)["record"]}


@pytest.mark.parametrize("mode", ["snapshot", "delta"])
def test_what_depends_on_a_refused_record_is_refused_with_it(hub: Hub, shop: Push, mode: str) -> None:
    """The town has no name, so the maker has no seat, so the product has no maker."""
    report = shop("t1 City", MAKER, PRODUCT, "t2 City name='Crest'", mode=mode)
    assert refused(hub, report) == {"t1", "m1", "p1"}
    assert standing(hub) == {"t2"}
    assert report.counts.refused == 3
    told = {(f.code, f.record) for f in report.findings if f.code == "refused-with-others"}
    assert told == {("refused-with-others", named("m1")), ("refused-with-others", named("p1"))}
    why = {f.record: f.rule for f in report.findings if f.severity == "violation"}
    assert (why[named("m1")], why[named("p1")]) == ("http://example.org/seat", "http://example.org/maker")


@pytest.mark.parametrize("mode", ["snapshot", "delta"])
def test_the_last_good_version_of_a_refused_record_is_enough(hub: Hub, shop: Push, mode: str) -> None:
    shop(TOWN, MAKER, mode="snapshot")
    report = shop("t1 City", MAKER, PRODUCT, mode=mode)
    assert refused(hub, report) == {"t1"}
    assert standing(hub) == {"t1", "m1", "p1"}
    assert "warning" not in {f.severity for f in report.findings}, "the town has the name that it had"


def test_a_record_that_is_refused_does_not_count_for_rules_against_too_many(hub: Hub, shop: Push) -> None:
    """Of three products of one maker one is refused for its price: but the maker came with three, and stays refused."""
    report = shop(
        TOWN, MAKER, PRODUCT, "p2 Product manufacturer=m1", "p3 Product manufacturer=m1 price='1'", mode="snapshot"
    )
    assert refused(hub, report) == {"m1", "p1", "p2", "p3"}
    assert standing(hub) == {"t1"}


def test_the_old_version_of_a_refused_record_counts_against_what_came(hub: Hub, shop: Push) -> None:
    """p3 would leave the maker, but its new version is refused: so the maker would have three products, and is refused."""
    shop(TOWN, MAKER, "m2 Organization location=t1", "p3 Product manufacturer=m1", mode="snapshot")
    changed = "p3 Product manufacturer=m2 price='1'"
    report = shop(TOWN, "m1 Organization location=t1 name='Mill'", "m2 Organization location=t1", PRODUCT,
                  "p2 Product manufacturer=m1", changed, mode="snapshot")  # fmt: skip
    assert refused(hub, report) == {"p3", "m1"}
    assert report.counts.kept == 2
    assert standing(hub) == {"t1", "m1", "m2", "p1", "p2", "p3"}


def test_a_dry_run_refuses_the_same(hub: Hub, shop: Push) -> None:
    tried = shop("t1 City", MAKER, PRODUCT, dry_run=True)
    assert tried.counts == shop("t1 City", MAKER, PRODUCT).counts


def test_a_long_chain_is_followed_so_far_and_the_report_says_where_it_stops(
    hub: Hub, shop: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datahub.hub.settling.MOST_ROUNDS", 1)
    report = shop("t1 City", MAKER, PRODUCT, mode="snapshot")
    assert refused(hub, report) == {"t1", "m1"}
    told = next(f for f in report.findings if f.code == "refusals-not-followed")
    assert told.severity == "warning"
    assert "1" in told.message.en
    assert told.message.en != told.message.fr


names = st.sampled_from(["1", "2"])
records = st.one_of(
    st.builds("p{} Product manufacturer=m{}".format, st.sampled_from("123"), names),
    st.builds("p{} Product manufacturer=m{} price='1'".format, st.sampled_from("123"), names),
    st.builds("m{} Organization location=t{}".format, names, names),
    st.builds("m{} Organization".format, names),
    st.builds("t{} City name='x'".format, names),
    st.builds("t{} City".format, names),
)
pushes = st.tuples(
    st.sampled_from(["snapshot", "delta"]),
    st.lists(records, min_size=1, max_size=8),
    st.lists(st.builds("{}{}".format, st.sampled_from("pmt"), names), max_size=1).map(tuple),
)
Findings = set[tuple[str | None, ...]]


def whole(hub: Hub) -> Findings:
    """What a check of all that is stored finds."""
    dataset = hub.datasets.get("shop")
    frame = frame_of(hub.log.states(0, dataset="shop", standing=True, bodies=True)["body"])
    package = connector(dataset.connector)
    report = validate(frame, shapes_of(package, "core"), ontology=class_hierarchy())
    table = explain(report, frame, package).select("record", "rule", "value", "severity")
    return set(table.with_columns(pl.col("record").str.strip_prefix(named(""))).iter_rows())


def said(report: PushReport, records: set[str]) -> Findings:
    """What a report says of ``records`` that came."""
    return {
        (name, f.rule, f.value, f.severity)
        for f in report.findings
        if (name := (f.record or "").removeprefix(named(""))) in records
        and (f.rule or "").startswith("http")
        and not f.code.startswith("dependent-")
    }


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(history=st.lists(pushes, min_size=1, max_size=3))
def test_what_is_stored_checked_whole_is_what_the_report_says(
    hub: Hub, shop: Push, history: list[tuple[str, list[str], tuple[str, ...]]]
) -> None:
    note(str(history))
    shop(deletions=tuple(standing(hub)) or ("p1",))
    for mode, came, deletions in history:
        before, there = whole(hub) if standing(hub) else set(), standing(hub)
        came = list({record.split()[0]: record for record in came}.values())
        gone = deletions if mode == "delta" else ()
        report = shop(*came, mode=mode, deletions=gone)
        after = whole(hub) if standing(hub) else set()
        taken = {record.split()[0] for record in came} - refused(hub, report) - set(gone)
        assert taken <= standing(hub)
        assert {each for each in after if each[0] in taken} == said(report, taken)
        assert not any(severity == "violation" for record, _, _, severity in after if record in taken)
        if mode == "snapshot":
            assert standing(hub) == taken | (refused(hub, report) & there)
            continue
        left = standing(hub) - taken
        told = {
            (f.code, (f.record or "").removeprefix(named("")), f.rule, f.value)
            for f in report.findings
            if f.code.startswith("dependent-")
        }
        worse = {
            ("dependent-broken" if severity == "violation" else "dependent-told", record, rule, value)
            for record, rule, value, severity in after - before
            if record in left
        }
        better = {("dependent-mended", *each[:3]) for each in before - after if each[0] in left}
        assert told == worse | better
