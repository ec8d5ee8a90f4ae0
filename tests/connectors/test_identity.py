"""Rows and records: keys, identical rows, collisions, rows that go on with the one above."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from datahub.connectors.definition import Continuation, Key, Variant
from datahub.connectors.identity import KEY, blanked, continued, identify, key
from datahub.mapping.lenses.text import slug_text
from datahub.sources.table import Table


def table(first_row: int = 2, **columns: list[str | None]) -> Table:
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    rows = pl.int_range(first_row, first_row + frame.height, dtype=pl.UInt32, eager=True).alias("row")
    return Table("t", frame, rows)


SKU = Variant("v", "csv", keys=(Key(("sku",)), Key(("producer", "name"), also=("unit",), made=True)))


def told(found: pl.DataFrame, code: str) -> list[int]:
    return found.filter(pl.col("code") == code)["row"].to_list()


def test_rows_that_repeat_a_row_are_read_once() -> None:
    found = identify(table(sku=["a", "a", "b"], name=["x", "x", "y"], producer=["p"] * 3, unit=[None] * 3), SKU)
    assert found.table.rows.to_list() == [2, 4]
    assert told(found.notes, "row-duplicate") == [3]
    assert found.notes["severity"].to_list() == ["info"]


def test_rows_that_collide_are_all_refused_and_each_names_the_others() -> None:
    found = identify(
        table(sku=["a", "b", "a", "a"], name=["x", "y", "z", "x"], producer=["p"] * 4, unit=[None] * 4), SKU
    )
    assert found.table.rows.to_list() == [3]
    assert told(found.notes, "identifier-collision") == [2, 4, 5]
    message = found.notes["message_fr"][0]
    assert "2, 4 et 5" in message
    assert "« a »" in message
    assert found.left_out.rows.to_list() == [2, 4, 5]


def test_a_row_without_reference_gets_an_identifier_from_its_words_and_is_told() -> None:
    found = identify(table(sku=[None], producer=["Ferme du Bœuf"], name=["Œufs – été"], unit=["6"]), SKU)
    assert found.table.columns[KEY].to_list() == ["ferme-du-boeuf-oeufs-ete-6"]
    assert told(found.notes, "identifier-made") == [2]


def test_a_row_that_nothing_tells_from_others_is_refused() -> None:
    found = identify(table(sku=[None, "k"], producer=["P", "P"], name=[None, "n"], unit=["1", "1"]), SKU)
    assert found.table.rows.to_list() == [3]
    assert told(found.notes, "identifier-missing") == [2]


GIVEN_OUT = Variant(
    "v",
    "csv",
    keys=(
        Key(("producer", "sku"), within=("producer",)),
        Key(("sku",)),
        Key(("producer", "name"), within=("producer",), also=("unit",), made=True),
    ),
)


def test_two_producers_may_give_out_the_same_reference() -> None:
    found = identify(
        table(sku=["1", "1", "1"], producer=["Ferme A", "Ferme B", None], name=["x", "y", "z"], unit=[None] * 3),
        GIVEN_OUT,
    )
    assert found.table.columns[KEY].to_list() == ["ferme-a~1", "ferme-b~1", "1"]
    assert found.notes.is_empty()


def test_what_stands_for_nobody_is_named_by_its_own_column_when_it_is_missing() -> None:
    found = identify(table(sku=[None], producer=["Ferme A"], name=["Œufs"], unit=["6"]), GIVEN_OUT)
    assert found.table.columns[KEY].to_list() == ["ferme-a~oeufs-6"]
    assert found.notes.select("code", "column").rows() == [("identifier-made", "sku")]


producers = st.sampled_from([None, "a", "b", "A b", "é"])
references = st.text("ab~-", min_size=1, max_size=4)
PAIRS = (
    Key(("shop", "farm", "sku"), within=("shop", "farm")),
    Key(("shop", "sku"), within=("shop",)),
    Key(("sku",)),
)


@given(st.lists(st.tuples(producers, producers, references), min_size=1, max_size=12))
def test_no_two_pairs_of_giver_and_reference_have_one_key(rows: list[tuple[str | None, str | None, str]]) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("shop", "farm", "sku"), pl.String), orient="row")
    frame = frame.with_columns(pl.when(pl.col("shop").is_not_null()).then("farm"))
    keys = key(frame, PAIRS)
    assert keys.null_count() == 0
    assert keys.n_unique() == frame.unique().height


GOES_ON = Continuation("name", ("desc",), number="_offer", named="ref", count="_offers")


def test_rows_without_name_go_on_with_the_record_above() -> None:
    given_ = table(4, name=["A", None, "B"], desc=["d", None, None], ref=["a1", None, "b1"])
    variant = Variant("v", "csv", keys=(Key(("name",)),), continuation=GOES_ON)
    found = identify(given_, variant)
    assert found.table.columns["name"].to_list() == ["A", "A", "B"]
    assert found.table.columns["desc"].to_list() == ["d", "d", None]
    assert found.table.columns["_offer"].to_list() == ["a1", "2", "b1"]
    assert found.table.columns["_offers"].to_list() == ["2", "2", "1"]
    assert found.notes.is_empty()


def test_a_continuation_with_nothing_above_is_refused() -> None:
    variant = Variant("v", "csv", keys=(Key(("name",)),), continuation=GOES_ON)
    found = identify(table(3, name=[None, "B"], desc=[None, None], ref=["x", "b1"]), variant)
    assert found.table.rows.to_list() == [4]
    assert told(found.notes, "continuation-without-record") == [3]


def test_records_of_several_rows_collide_as_a_whole() -> None:
    variant = Variant("v", "csv", keys=(Key(("name",)),), continuation=GOES_ON)
    rows = table(2, name=["A", None, "B", "A"], desc=["d"] * 4, ref=["1", "2", "3", "1"])
    found = identify(rows, variant)
    assert found.table.rows.to_list() == [4]
    assert told(found.notes, "identifier-collision") == [2, 3, 5]


names = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 4)), min_size=1, max_size=6)


@given(names)
def test_emptying_repeated_cells_undoes_filling_them(records: list[tuple[str, int]]) -> None:
    name: list[str | None] = []
    desc: list[str | None] = []
    record: list[str] = []
    for number, (letter, count) in enumerate(records):
        name += [letter, *[None] * (count - 1)]
        desc += [f"d{number}", *[None] * (count - 1)]
        record += [str(number)] * count
    rows = pl.DataFrame({"name": name, "desc": desc}, schema={"name": pl.String, "desc": pl.String})
    rule = Continuation("name", ("desc",))
    filled = continued(rows, rule)
    assert filled["name"].null_count() == 0
    again = blanked(filled.drop("_group"), rule, pl.Series(record))
    assert again.equals(rows)


ASSIGNED = st.characters(exclude_categories=["Cs", "Cn"])
"""Characters that the Unicode of this Python knows; Polars may know more letters."""


@given(st.text(ASSIGNED, max_size=40))
def test_a_slug_is_safe_in_an_address_and_stays_when_slugged_again(text: str) -> None:
    once = pl.select(slug_text(pl.lit(text, pl.String)).alias("s"))["s"][0]
    if once is not None:
        assert all(c == "-" or c.isalnum() for c in once)
        assert once.isascii() or not any(c.isascii() and c.isalnum() for c in once), "ASCII where there is any"
        assert pl.select(slug_text(pl.lit(once)).alias("s"))["s"][0] == once


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz")), max_size=12))
def test_after_identification_no_key_stands_for_two_contents(rows: list[tuple[str, str]]) -> None:
    given_ = table(
        sku=[r[0] for r in rows], name=[r[1] for r in rows], producer=["p"] * len(rows), unit=[None] * len(rows)
    )
    found = identify(given_, SKU)
    assert not found.table.columns[KEY].is_duplicated().any()
    colliding = {sku for sku, _ in rows if len({n for s, n in rows if s == sku}) > 1}
    assert set(found.table.columns[KEY]) == {sku for sku, _ in rows} - colliding
    refused = {at + 2 for at, (sku, _) in enumerate(rows) if sku in colliding}
    assert set(told(found.notes, "identifier-collision")) == refused
