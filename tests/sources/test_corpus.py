"""Others' real files, read as tables."""

from pathlib import Path

import polars as pl
import pytest

from datahub.sources import csv, gtfs, json

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
pytestmark = pytest.mark.corpus


def test_the_base_of_carpool_places_is_read_whole() -> None:
    table = csv.read(CORPUS / "mobility" / "bnlc.csv")
    assert table.columns.shape == (2473, 19)
    assert table.rows.to_list() == list(range(2, 2475))
    assert table.findings["code"].unique().to_list() == ["encoding-doubled"]
    assert all("Ã" in " ".join(filter(None, table.columns.row(row - 2))) for row in table.findings["row"])


def test_it_comes_back_as_it_was() -> None:
    table = csv.read(CORPUS / "mobility" / "bnlc.csv", csv.Dialect(trim=False))
    assert csv.read(csv.write(table.columns), csv.Dialect(trim=False)).columns.equals(table.columns)


def test_notes_below_the_relay_points_are_refused_row_by_row() -> None:
    table = csv.read(CORPUS / "mobility" / "mobicoop-relay-points.csv")
    assert (len(table), table.rows.to_list()) == (1, [2])
    assert table.findings["row"].to_list() == [4, 5, 6]
    assert table.findings["code"].unique().to_list() == ["csv-fields"]


def test_templates_without_rows_are_empty_tables() -> None:
    for name in ("ofn-product-template.csv", "ofn-inventory-template.csv"):
        assert len(csv.read(CORPUS / "food" / name)) == 0
    assert len(csv.read(CORPUS / "food" / "ofn-120-products.csv")) == 120


def test_the_ferry_feed_is_read_although_a_file_has_a_byte_order_mark() -> None:
    feed = gtfs.read(CORPUS / "mobility" / "gtfs-marseille-ferry.zip")
    assert {"agency", "stops", "stop_times", "trips"} <= set(feed)
    assert all(not name.startswith("\ufeff") for table in feed.values() for name in table.columns.columns)
    assert feed["stops"].columns["stop_id"].null_count() == 0


@pytest.mark.parametrize(
    "path", sorted((CORPUS / "hospitality" / "datatourisme").glob("*.json")), ids=lambda p: p.stem[:11]
)
def test_datatourisme_objects_are_one_row(path: Path) -> None:
    references = [
        "@id",
        "@type[*]",
        "rdfs:label.fr[*]",
        "isLocatedAt[*].schema:geo.schema:latitude",
        "hasContact[*].schema:telephone[*]",
    ]
    table = json.read(path, "$", references)
    assert len(table) == 1
    assert table.columns["@id"][0].startswith("https://data.datatourisme.fr/")
    assert table.columns.select(pl.col("rdfs:label.fr[*]").list.len()).item() == 1
    assert table.findings.is_empty()
