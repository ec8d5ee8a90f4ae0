"""JSON that is written from a table is read back as that table: nested objects, arrays, what encloses an item."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.errors import DefinitionError
from datahub.rdf.terms import XSD
from datahub.sources import json as reader
from datahub.sources.json_write import order, unwritable, write
from datahub.sources.table import Items

ITERATOR = "$.producers[*].products[*]"


def table(*rows: dict[str, object]) -> pl.DataFrame:
    names = list(dict.fromkeys(name for row in rows for name in row))
    schema = {name: pl.List(pl.String) if "*" in name else pl.String for name in names}
    return pl.DataFrame([{name: row.get(name) for name in names} for row in rows], schema=schema)


def test_rows_of_one_parent_stand_in_it_together() -> None:
    found = table(
        {"sku": "1", "^.name": "Ferme", "price.amount": "2", "tags[*]": ["a", "b"], "^^.season": "2026"},
        {"sku": "2", "^.name": "Jardin", "price.amount": None, "tags[*]": None, "^^.season": "2026"},
        {"sku": "3", "^.name": "Ferme", "price.amount": "4.50", "tags[*]": ["c"], "^^.season": "2026"},
    )
    assert order(found, ITERATOR).to_list() == [0, 2, 1]
    assert json.loads(write(found, ITERATOR, {"price.amount": XSD + "double"})) == {
        "producers": [
            {
                "products": [
                    {"sku": "1", "price": {"amount": "2"}, "tags": ["a", "b"]},
                    {"sku": "3", "price": {"amount": 4.5}, "tags": ["c"]},
                ],
                "name": "Ferme",
            },
            {"products": [{"sku": "2"}], "name": "Jardin"},
        ],
        "season": "2026",
    }


def test_lists_of_objects_are_zipped() -> None:
    found = table({"id": "1", "offers[*].price": ["2", "3"], "offers[*].label[*]": ["x", "y"], "at[1]": "5"})
    assert json.loads(write(found, "$[*]")) == [
        {"id": "1", "offers": [{"price": "2", "label": ["x", "y"]}, {"price": "3"}], "at": [None, "5"]}
    ]


def test_places_that_nothing_fills_at_the_end_of_an_array_are_left_out() -> None:
    found = table({"id": "1", "at[0]": "a", "at[1]": None, "at[2].x": "b", "at[3]": None}, {"id": "2", "at[0]": "a"})
    assert json.loads(write(found, "$[*]")) == [{"id": "1", "at": ["a", None, {"x": "b"}]}, {"id": "2", "at": ["a"]}]


def test_a_table_without_rows_is_a_document_without_items() -> None:
    assert json.loads(write(table({"sku": "1"}).clear(), ITERATOR)) == {"producers": []}
    assert json.loads(write(table({"sku": "1"}).clear(), "$")) == []


def test_what_can_not_be_written_is_known_beforehand() -> None:
    assert unwritable("$[*]", ["a", "a.b", "c[-1]", "d", "^.e"]) == ["a.b", "c[-1]", "^.e"]
    assert unwritable("$.items[-1].x[*]", ["a"]) == ["a"]
    assert unwritable(ITERATOR, ["sku", "^.name", "^^.season", "^^^.x", "^.products"]) == ["^^^.x", "^.products"]


words = st.text(st.characters(codec="utf-8", exclude_characters="\0\1\2"), min_size=1, max_size=5)
maybe = st.none() | words
lists = st.none() | st.lists(words, min_size=1, max_size=3)
any_rows = st.lists(
    st.fixed_dictionaries(
        {
            "sku": maybe, "a.b": maybe, "['a'].c[0]": maybe, "tags[*]": lists, "o[*].x": lists, "o[*].y[*]": lists,
            "^.name": st.sampled_from([None, "F", "G"]), "^.in.at": st.sampled_from([None, "1"]), "^^.year": st.just("2026"),
        }
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(any_rows, st.sampled_from([ITERATOR, "$.p.list[*].q[*].in", "$.a[*].b[0].c[*]"]))
def test_any_table_comes_back(rows: list[dict[str, object]], iterator: str) -> None:
    found = table(*rows)
    assert not unwritable(iterator, found.columns)
    read = reader.read(write(found, iterator), iterator, found.columns).columns
    assert read.rows() == found[order(found, iterator)].rows()


def test_rows_without_a_parent_keep_their_order() -> None:
    assert order(table({"ref": "1"}, {"ref": "2"}, {"ref": "3"}), "$[*]").to_list() == [0, 1, 2]


def test_objects_of_a_list_stand_in_their_records_with_arrays_and_types_of_their_own() -> None:
    found = table({"ref": "1", "tags[*]": ["x"]}, {"ref": "2", "tags[*]": None})
    offers = table(
        {"price.amount": "2", "notes[*]": ["a", "b"]}, {"price.amount": None, "notes[*]": None}, {"price.amount": "3"}
    )
    items = Items(offers, pl.Series([1, 1, 0], dtype=pl.UInt32), {"price.amount": XSD + "integer"})
    data = write(found, "$.things[*]", {}, {"deep.offers[*]": items})
    assert json.loads(data) == {
        "things": [
            {"ref": "1", "tags": ["x"], "deep": {"offers": [{"price": {"amount": 3}}]}},
            {"ref": "2", "deep": {"offers": [{"price": {"amount": 2}, "notes": ["a", "b"]}, {}]}},
        ]
    }
    again = reader.read(data, "$.things[*].deep.offers[*]", ["price.amount", "notes[*]"])
    assert again.rows.to_list() == [1, 2, 2]


def test_a_list_within_a_list_stands_in_the_first_object_and_what_has_no_place_is_named_from_the_record() -> None:
    prices = Items(table({"amount": "1"}, {"amount": "2"}), pl.Series([0, 0], dtype=pl.UInt32))
    data = write(table({"offers[*].note": ["a", "b"]}), "$[*]", {}, {"offers[*].prices[*]": prices})
    assert json.loads(data) == [
        {"offers": [{"note": "a", "prices": [{"amount": "1"}, {"amount": "2"}]}, {"note": "b"}]}
    ]
    lists = {"offers[*]": ["price", "^.ref", "['a b']"], "tags[*]": ["x"]}
    assert unwritable("$[*]", ["tags"], lists) == ["tags", "offers[*].^.ref"]
    assert unwritable("$[-1]", [], {"offers[*]": ["['a b']"]}) == ["offers[*]['a b']"]


def test_objects_may_be_nested_as_deep_as_documents_are_read() -> None:
    path = ".".join("a" * 100)
    found = table({path: "x", "b": "y"}, {path: None, "b": "z"})
    assert reader.read(write(found, "$[*]"), "$[*]", found.columns).columns.equals(found)
    with pytest.raises(DefinitionError, match="levels deep"):
        unwritable("$[*]", [".".join("a" * 200)])
