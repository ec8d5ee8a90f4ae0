"""Records as rows: CSV, GeoJSON and the JSON objects of the feeds hold every value of a record, readable, with its origin."""

from __future__ import annotations

import csv
import io
import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.rdf.formats import parse
from datahub.rdf.frame import Frame, concat, empty
from datahub.rdf.terms import DFC_B
from datahub.syndication import fields, geojson, tabular
from datahub.syndication.names import Names, headings, keys
from datahub.syndication.objects import context, objects

HONEY = "https://hub.example/records/market/honey"
FARM = "https://hub.example/records/market/farm"


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_csv_has_one_row_per_record_under_readable_headings(market: Frame, names: Names) -> None:
    table = rows(tabular.write(fields.of_records(market), names, "fr"))
    assert [row["IRI"] for row in table] == [FARM, HONEY]
    honey = table[1]
    assert honey["nom (fr)"] == "Miel de châtaignier"
    assert honey["nom (en)"] == "Chestnut honey"
    assert honey["quantité › valeur"] == "0.5"
    assert honey["unité"] == "kilogramme"
    assert honey["type"] == "produit"


def test_each_row_carries_its_licence_and_dataset(market: Frame, names: Names) -> None:
    for row in rows(tabular.write(fields.of_records(market), names, "en")):
        assert row["license"] == "https://creativecommons.org/licenses/by/4.0/"
        assert row["inDataset"] == "https://hub.example/datasets/market"


def test_a_link_to_another_record_shows_its_name(market: Frame, names: Names) -> None:
    honey = rows(tabular.write(fields.of_records(market), names, "en"))[1]
    assert honey["supplied by"].endswith("=cmd()")


def test_no_cell_can_run_as_a_formula(market: Frame, names: Names) -> None:
    farm = rows(tabular.write(fields.of_records(market), names, "en"))[0]
    assert farm["name"] == "'=cmd()"
    assert farm["longitude"] == "-1.25"


def test_a_part_that_only_points_to_its_record_is_not_lost(market: Frame) -> None:
    found = fields.of_records(market)
    assert "^offers.value" in keys(found.fields)


@pytest.mark.parametrize("name", ["iri", "IRI", "record", "=1+1", "@SUM", "id"])
def test_a_property_may_be_called_as_it_likes(name: str) -> None:
    """Whoever names a property can neither break the table of all nor make its heading run as a formula."""
    text = f'<{HONEY}> <urn:a/{name}> "v" ; <urn:b/{name}> "w" ; <urn:c/\'{name}> "x" .'.replace("'", "'")
    found = fields.of_records(parse(text.encode(), "ttl"))
    (row,) = rows(tabular.write(found, Names(), "en"))
    assert sorted(row.values()) == sorted([HONEY, "v", "w", "x"])
    assert not [heading for heading in row if heading[0] in "=@"]
    (feature,) = json.loads(geojson.write(found, Names(), "en", {}))["features"]
    assert sorted(feature["properties"].values()) == sorted([HONEY, "v", "w", "x"])
    assert feature["properties"]["iri"] == HONEY


def test_an_empty_frame_gives_an_empty_table(names: Names) -> None:
    assert rows(tabular.write(fields.of_records(empty()), names, "fr")) == []
    assert json.loads(geojson.write(fields.of_records(empty()), names, "fr", {}))["features"] == []


def test_parts_that_point_at_each_other_end(names: Names) -> None:
    text = f"<{HONEY}> <urn:p> <{HONEY}#a> . <{HONEY}#a> <urn:p> <{HONEY}#b> . <{HONEY}#b> <urn:p> <{HONEY}#a> ; <urn:q> 1 ."
    found = fields.of_records(parse(text.encode(), "ttl"))
    assert keys(found.fields) == ["p.p.q"]


def test_a_chain_without_end_does_not_exhaust_the_reader() -> None:
    links = "".join(f"<{HONEY}#{n}> <urn:p> <{HONEY}#{n + 1}> .\n" for n in range(2000))
    frame = parse(f"<{HONEY}> <urn:p> <{HONEY}#0> .\n{links}".encode(), "nt")
    assert len(fields.of_records(frame).records) == 1
    assert list(objects(frame, "https://hub.example/ns/context")) == [HONEY]


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("pqr"), st.integers(0, 99)),
        min_size=1,
        max_size=20,
        unique=True,
    )
)
def test_every_literal_of_every_record_is_in_the_table(triples: list[tuple[str, str, int]]) -> None:
    text = "".join(f'<urn:r:{s}> <urn:v:{p}> "{o}" .\n' for s, p, o in triples)
    found = fields.of_records(parse(text.encode(), "nt"))
    heads = keys(found.fields)
    table = tabular.table(found, Names(), "en", heads)
    seen = {
        (row["iri"][-1], head, int(value))
        for row in table.iter_rows(named=True)
        for head in heads
        if row[head]
        for value in row[head].split(tabular.SEPARATOR)
    }
    assert seen == set(triples)


def test_headings_grow_until_they_differ(names: Names) -> None:
    value = DFC_B + "value"
    made = headings(
        (
            fields.Field((DFC_B + "hasQuantity", value), None, 1),
            fields.Field((DFC_B + "hasPrice", value), None, 1),
            fields.Field((value,), "fr", 1),
        ),
        names,
        "en",
    )
    assert made == ["quantity › value", "hasPrice › value", "value (fr)"]


def test_geojson_has_points_numbers_and_labels(market: Frame, names: Names) -> None:
    document = json.loads(geojson.write(fields.of_records(market), names, "en", {"license": "https://x.example/"}))
    assert document["license"] == "https://x.example/"
    farm, honey = document["features"]
    assert farm["id"] == FARM
    assert farm["geometry"] == {"type": "Point", "coordinates": [-1.25, 44.1]}
    assert farm["properties"]["latitude"] == 44.1
    assert honey["geometry"] is None
    assert honey["properties"]["hasQuantity.value"] == 0.5
    assert honey["properties"]["name@fr"] == "Miel de châtaignier"


def test_coordinates_outside_the_world_make_no_point(names: Names) -> None:
    text = f"<{FARM}> <http://schema.org/latitude> 448.2 ; <http://schema.org/longitude> 5.1 ."
    document = json.loads(geojson.write(fields.of_records(parse(text.encode(), "ttl")), names, "en", {}))
    assert document["features"][0]["geometry"] is None


def test_quotes_and_newlines_survive_in_geojson(names: Names) -> None:
    frame = parse(f'<{FARM}> <urn:p> "a\\"b\\nc\\\\" .'.encode(), "nt")
    assert (
        json.loads(geojson.write(fields.of_records(frame), names, "en", {}))["features"][0]["properties"]["p"]
        == 'a"b\nc\\'
    )


def test_an_object_is_a_whole_record_and_reads_back_to_the_same_triples(market: Frame) -> None:
    url = "https://hub.example/ns/context"
    found = objects(market, url)
    assert set(found) == {HONEY, FARM}
    assert found[HONEY]["dfc-b:hasQuantity"]["dfc-b:hasUnit"] == {"@id": "https://hub.example/units/kg"}
    contexts = {url: json.dumps({"@context": context()}).encode()}
    back = concat([parse(json.dumps(one).encode(), "jsonld", contexts=contexts) for one in found.values()])
    assert back.equals(market)


def test_fields_come_in_one_order_whatever_the_order_of_the_triples(market: Frame) -> None:
    turned = Frame(market.terms, market.triples.reverse())
    assert fields.of_records(turned).fields == fields.of_records(market).fields
    assert isinstance(fields.of_records(turned).values, pl.DataFrame)
