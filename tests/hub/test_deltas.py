"""A delta checks what came and what depends on it; its report says what it breaks and settles for records that did not come."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datahub.hub import Hub, PushReport
from datahub.hub.follow import frame_of
from datahub.rdf.frame import Frame, empty
from tests.hub.conftest import LICENCE
from tests.hub.shops import Push, named, opened, standing

SHAPES = """
@prefix ex: <http://example.org/> .
@prefix schema: <http://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

ex:Product a sh:NodeShape ; sh:targetClass schema:Product ; sh:property ex:maker , ex:city .
ex:maker a sh:PropertyShape ; sh:path schema:manufacturer ; sh:class schema:Organization ;
    sh:message "The maker is not known."@en , "Le fabricant n'est pas connu."@fr .
ex:city a sh:PropertyShape ; sh:path ( schema:manufacturer schema:location schema:name ) ; sh:minCount 1 ;
    sh:severity sh:Warning ; sh:message "The maker's town has no name."@en , "La ville du fabricant n'a pas de nom."@fr .
ex:Maker a sh:NodeShape ; sh:targetClass schema:Organization ; sh:property ex:made .
ex:made a sh:PropertyShape ; sh:path [ sh:inversePath schema:manufacturer ] ; sh:maxCount 2 ;
    sh:message "A maker has two products at most."@en , "Un fabricant a deux produits au plus."@fr .
"""


@pytest.fixture
def shop(hub: Hub, tmp_path: Path) -> Push:
    """Pushes records to a dataset whose connector has shapes over several records; unless told otherwise, as a delta."""
    return opened(hub, tmp_path, SHAPES)


def told(report: PushReport) -> set[tuple[str, str, str]]:
    """Severity, code and record of what is said of records that did not come."""
    return {
        (f.severity, f.code, (f.record or "").removeprefix(named("")))
        for f in report.findings
        if f.code.startswith("dependent-")
    }


TOWN, MAKER = "t1 City name='Die'", "m1 Organization location=t1"
PRODUCTS = ("p1 Product manufacturer=m1", "p2 Product manufacturer=m1")


def test_what_came_is_checked_together_with_what_its_paths_lead_to(shop: Push) -> None:
    shop(TOWN, MAKER, mode="snapshot")
    report = shop(*PRODUCTS)
    assert (report.counts.created, report.counts.violations, report.counts.warnings) == (2, 0, 0)


def test_what_came_is_checked_together_with_what_leads_to_it(shop: Push) -> None:
    shop(TOWN, MAKER, *PRODUCTS, mode="snapshot")
    report = shop("m1 Organization location=t1 name='Mill'")
    assert (report.counts.updated, report.counts.violations) == (1, 0)
    shop("p3 Product manufacturer=m2", "m2 Organization location=t1")
    report = shop("p4 Product manufacturer=m1")
    assert told(report) == {("warning", "dependent-broken", "m1")}
    assert shop("m1 Organization location=t1").counts.refused == 1


def test_a_record_that_a_delta_breaks_stays_and_the_report_says_so(hub: Hub, shop: Push) -> None:
    shop(TOWN, MAKER, *PRODUCTS, mode="snapshot")
    before = standing(hub)
    report = shop(deletions=("m1",))
    assert standing(hub) == before - {"m1"}
    assert (report.counts.deleted, report.counts.refused) == (1, 0)
    assert ("warning", "dependent-broken", "p1") in told(report)
    broken = next(f for f in report.findings if f.code == "dependent-broken")
    assert broken.rule == "http://example.org/maker"
    assert broken.message.en.endswith("breaks a rule, and stays: The maker is not known.")
    assert broken.message.fr.endswith("enfreint une règle, et reste : Le fabricant n'est pas connu.")
    assert broken.fix is not None
    assert broken.fix.fr != broken.fix.en
    stored = hub.push_report(report.id)
    assert told(stored) == told(report)


def test_a_record_that_a_delta_settles_is_named_with_what_was_wrong(shop: Push) -> None:
    shop(TOWN, MAKER, *PRODUCTS, mode="snapshot")
    shop(deletions=("m1",))
    report = shop(MAKER)
    assert {(severity, code) for severity, code, _ in told(report)} == {("info", "dependent-mended")}
    assert {record for _, _, record in told(report)} == {"p1", "p2"}


def test_only_what_can_see_the_change_is_told(shop: Push) -> None:
    """Two steps away: the products whose maker is in the town, and no other."""
    shop(
        TOWN,
        MAKER,
        *PRODUCTS,
        "t2 City name='Crest'",
        "m2 Organization location=t2",
        "p3 Product manufacturer=m2",
        mode="snapshot",
    )
    assert told(shop("t1 City")) == {("warning", "dependent-told", "p1"), ("warning", "dependent-told", "p2")}
    assert told(shop("t1 City name='Die'")) == {("info", "dependent-mended", "p1"), ("info", "dependent-mended", "p2")}
    assert told(shop("t2 City name='Crest' description='x'")) == set()


def test_the_same_delta_again_changes_nothing_and_tells_nothing_anew(hub: Hub, shop: Push) -> None:
    shop(TOWN, MAKER, *PRODUCTS, mode="snapshot")
    first = shop("t1 City")
    head = hub.head()
    again = shop("t1 City")
    assert told(first)
    assert (again.status, told(again), hub.head()) == ("unchanged", set(), head)


def test_a_record_that_is_refused_changes_nothing_for_others(hub: Hub, shop: Push) -> None:
    """m1 would be another kind of thing, but what came of it breaks a rule itself: it stays, and so do its products."""
    shop(TOWN, MAKER, *PRODUCTS, mode="snapshot")
    report = shop("m1 Product manufacturer=nobody")
    assert (report.counts.refused, report.counts.kept) == (1, 1)
    assert told(report) == set()


def test_a_part_that_comes_alone_is_all_that_is_left_of_its_record(shop: Push) -> None:
    shop(TOWN, MAKER, *PRODUCTS, mode="snapshot")
    report = shop("m1#note Note name='closed'")
    assert report.counts.updated == 1
    assert {record for _, code, record in told(report) if code == "dependent-broken"} == {"p1", "p2"}


def test_a_part_that_stands_alone_is_told_of_like_any_record(shop: Push) -> None:
    shop(TOWN, MAKER, "x1#p Product manufacturer=m1", mode="snapshot")
    assert {code for _, code, record in told(shop(deletions=("m1",))) if record == "x1"} == {
        "dependent-broken",
        "dependent-told",
    }
    report = shop("x2#p Product manufacturer=m1")
    assert report.counts.refused == 1
    assert {f.rule for f in report.findings if f.severity == "violation"} == {"http://example.org/maker"}


def test_a_dry_run_tells_what_a_delta_would_break(hub: Hub, shop: Push) -> None:
    shop(TOWN, MAKER, *PRODUCTS, mode="snapshot")
    tried = shop("t1 City", dry_run=True)
    assert told(tried) == told(shop("t1 City"))


def test_with_rules_that_stay_within_a_record_nothing_else_of_the_dataset_is_read(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the food profile: a product is checked without the others of its producer."""
    header = "producer,sku,name,category,units,unit_type,price,on_hand,on_demand,shipping_category"
    rows = [f"Farm,{number},Leek {number},Vegetables,1,kg,2,3,0,Any" for number in range(3)]
    hub.datasets.add("veg", platform="farms.example", connector="ofn-products", title="Veg", licence=LICENCE)
    hub.push("veg", "\n".join([header, *rows]).encode())
    read: list[object] = []
    monkeypatch.setattr("datahub.hub.standing.frame_of", lambda bodies: read.extend(bodies) or empty())
    report = hub.push("veg", "\n".join([header, rows[0].replace("Leek", "Onion")]).encode(), mode="delta")
    assert (report.counts.updated, report.counts.refused, read) == (1, 0, [])


def test_with_rules_that_look_back_only_what_leads_to_what_came_is_read(
    shop: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ("t2 City name='Crest'", "m2 Organization location=t2", "p3 Product manufacturer=m2")
    shop(TOWN, MAKER, *PRODUCTS, *other, mode="snapshot")
    read: list[str] = []

    def seen(bodies: pl.Series) -> Frame:
        read.extend(bodies.str.extract(r"^<[^>]*/(\w+)>"))
        return frame_of(bodies)

    monkeypatch.setattr("datahub.hub.standing.frame_of", seen)
    shop("m1 Organization location=t1 name='Mill'")
    assert sorted(read) == ["p1", "p2"]


names = st.sampled_from(["1", "2"])
records = st.one_of(
    st.builds("p{} Product manufacturer=m{}".format, st.sampled_from("123"), names),
    st.builds("m{} Organization location=t{}".format, names, names),
    st.builds("t{} City name='x'".format, names),
    st.builds("t{} City".format, names),
)


def whole(lists: list[str]) -> dict[str, str]:
    return {record.split()[0]: record for record in lists}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(base=st.lists(records, min_size=1, max_size=8), delta=st.lists(records, min_size=1, max_size=3))
def test_a_delta_finds_of_what_came_what_the_whole_dataset_would(
    hub: Hub, shop: Push, base: list[str], delta: list[str]
) -> None:
    for record in standing(hub):
        shop(deletions=(record,))
    shop(*whole(base).values())
    kept = standing(hub)
    came = whole(delta)
    report = shop(*came.values(), dry_run=True)
    together = {**{name: record for name, record in whole(base).items() if name in kept}, **came}
    full = shop(*together.values(), mode="snapshot", dry_run=True)

    def found(report: PushReport) -> set[str]:
        wanted = {named(name) for name in came}
        return {
            json.dumps([f.record, f.rule, f.value])
            for f in report.findings
            if f.record in wanted and f.rule.startswith("http")
        }  # type: ignore[union-attr]

    assert found(report) == found(full)
