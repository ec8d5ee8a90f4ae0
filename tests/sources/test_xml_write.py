"""XML that is written is read back as the same table."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.sources import xml, xml_write
from datahub.sources.table import Items

TEXTS = st.none() | st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=5
)
TEXTS |= st.sampled_from(['<a>&"', "]]>", "\n\t\r", " x ", "<!-- -->", "&amp;"])
COLUMNS = ["@id", "name", "price", "price/@currency", "maker/address/city", "maker/@ref"]


@given(st.lists(st.lists(TEXTS, min_size=7, max_size=7), max_size=5))
def test_what_is_written_is_read_back(rows: list[list[str | None]]) -> None:
    table = pl.DataFrame(
        {name: pl.Series([row[at] for row in rows], dtype=pl.String) for at, name in enumerate(COLUMNS)}
        | {"tag": pl.Series([[each for each in row[5:] if each] or None for row in rows], dtype=pl.List(pl.String))}
    )
    data = xml_write.write(table, "/all/things/thing")
    found = xml.read(data, "/all/things/thing", table.columns)
    assert found.rows.to_list() == list(range(1, len(rows) + 1))
    for name in table.columns:
        cells = [[cell] if isinstance(cell, str) else cell for cell in found.columns[name].to_list()]
        assert cells == [[cell] if isinstance(cell, str) else cell for cell in table[name].to_list()]


@pytest.mark.parametrize(
    ("iterator", "references", "lost"),
    [
        ("/all/one", ["@id", "a", "b/c", "b/@d", "."], ["."]),
        ("/all/one", ["a", "a/b"], ["a/b"]),
        ("/all/one", ["a/b", "a"], ["a"]),
        ("/all/one", ["x:a", "a[1]", "count(a)", "../b", "/all/c", "@x:d", "a/@b/c", "*", ".//a"], None),
        ("/all/one", ["text()"], []),
        ("//one", ["a"], None),
        ("/one", ["a"], None),
        ("/all/one[a]", ["a"], None),
    ],
)
def test_what_has_no_place_is_known_before(iterator: str, references: list[str], lost: list[str] | None) -> None:
    assert xml_write.unwritable(iterator, references) == (references if lost is None else lost)


def test_what_xml_cannot_hold_is_replaced() -> None:
    data = xml_write.write(pl.DataFrame({"a": ["x\x00\x0b\ufffey"]}), "/all/one")
    assert xml.read(data, "/all/one", ["a"]).columns["a"].to_list() == ["x���y"]


SPACES = {"": "http://shop.example/ns?a=1&b=2", "g": "urn:g"}
OFFER = ["@g:ref", "g:price", "."]


@given(st.lists(st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=3), max_size=4))
def test_elements_that_repeat_and_names_in_namespaces_are_read_back(records: list[list[list[str | None]]]) -> None:
    table = pl.DataFrame({"name": [f"n{number}" for number in range(len(records))]}, schema={"name": pl.String})
    offers = [(number, offer) for number, own in enumerate(records) for offer in own]
    columns = pl.DataFrame(
        {name: [offer[at] for _, offer in offers] for at, name in enumerate(OFFER[:2])},
        schema=dict.fromkeys(OFFER[:2], pl.String),
    )
    items = Items(columns, pl.Series([number for number, _ in offers], dtype=pl.UInt32))
    data = xml_write.write(table, "/all/thing", {"g:offers/g:offer": items}, SPACES)
    records_found = xml.read(data, "/all/thing", ["name"], namespaces=SPACES)
    assert records_found.columns.equals(table)
    path = "/all/thing/g:offers/g:offer"
    found = xml.read(data, path, OFFER, namespaces={"": SPACES[""], "g": "urn:g"}, records="/all/thing")
    assert found.columns.select(OFFER[:2]).rows() == [tuple(offer) for _, offer in offers]
    assert found.rows.to_list() == [number + 1 for number, _ in offers]
    elsewhere = xml.read(data, "/all/thing", ["name"], namespaces={"": "http://other.example/"})
    assert not len(elsewhere), "names without prefix are in the namespace that the mapping names"


def test_what_has_no_place_within_a_list_is_named_from_the_record() -> None:
    lists = {"offer": ["price", "x:price", "note[1]"], "tag": ["@n"]}
    assert xml_write.unwritable("/all/p", ["tag"], lists) == ["tag", "offer/x:price", "offer/note[1]"]
    assert xml_write.unwritable("/all/p", ["a:b"], {}, {"a": "urn:a"}) == []
    assert xml_write.unwritable("/x:all/x:p", ["a"], {"b": ["c"]}) == ["a", "b/c"]


@pytest.mark.parametrize(("steps", "written"), [(100, True), (500, False), (20_000, False)])
def test_a_path_too_deep_to_be_read_again_is_not_written(steps: int, written: bool) -> None:
    path = "/".join("x" * steps)
    assert xml_write.unwritable("/all/one", [path]) == ([] if written else [path])
    text = xml_write.write(pl.DataFrame({path: ["1"]}), "/all/one").decode()
    assert ("<x>1</x>" in text) is written
