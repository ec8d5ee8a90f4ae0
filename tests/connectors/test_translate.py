"""From one platform's format to another's: what arrives, and that the loss report says all that does not."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from datahub.connectors import Lowering, connector, translate
from datahub.rdf.formats import parse

FOOD = ("ofn-products", "cagette-catalogue", "dfc")
PLACES = ("bnlc", "gtfs-stops", "geojson-places")
PAIRS = [(a, b) for group in (FOOD, PLACES) for a in group for b in group if a != b]


def sample(name: str, file: str) -> Path:
    return connector(name).folder / "samples" / file


SAMPLES = {
    "ofn-products": "amap-des-collines.csv",
    "cagette-catalogue": "maraicher-de-la-garrigue.csv",
    "dfc": "ferme-du-grand-pre.jsonld",
    "bnlc": "base-rhone-alpes-et-ailleurs.csv",
    "gtfs-stops": "lignes-de-la-drome.zip",
    "geojson-places": "lieux-du-rhone.geojson",
}


def rows(lowering: Lowering, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(lowering.data.decode("utf-8-sig")), delimiter=delimiter))


def stops(lowering: Lowering) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(lowering.data)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read("stops.txt").decode("utf-8-sig"))))


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_target_reads_what_was_written_and_each_triple_is_there_or_in_the_loss(source: str, target: str) -> None:
    base = "https://hub.example/r/"
    lift = connector(source).lift(sample(source, SAMPLES[source]), base)
    one = connector(target)
    lowering = one.lower(lift.frame, base)
    again = one.lift(lowering.data, base, lowering.filename)
    assert again.read >= lowering.records > 0
    loss = lowering.loss
    assert loss.total == len(lift.frame)
    assert loss.expressed + loss.lost == loss.total
    assert loss.table["count"].sum() == loss.lost
    for name in ("field", "reason", "message_en", "message_fr", "example_value"):
        assert loss.table[name].null_count() == 0
    wanting = set(lowering.findings.filter(pl.col("code") == "required-empty")["column"])
    if again.refused.len():
        keys = {name for variant in one.definition.variants for each in variant.keys for name in each.columns}
        assert wanting & keys, "rows are refused only where the report told that their identifier is incomplete"
    if "identifier" not in set(loss.table["reason"]) and not any(a.source != a.target for a in one.definition.accepts):
        # Records keep their addresses and classes, so that what is not found again can be counted.
        before, after = set(lift.frame.canonical_lines()), set(again.frame.canonical_lines())
        assert len(before - after) == loss.lost


def test_an_ofn_file_becomes_a_cagette_catalogue() -> None:
    found = {
        row["ref"]: row
        for row in rows(translate(sample("ofn-products", SAMPLES["ofn-products"]), "ofn-products", "cagette-catalogue"))
    }
    assert found["TC-004"] == {
        "productName": "Pommes de terre Charlotte",
        "price": "5,90",
        "ref": "TC-004",
        "desc": "",
        "qt": "2,5",
        "unit": "kg",
        "organic": "0",
        "floatQt": "",
        "vat": "",
        "stock": "80",
    }
    assert found["VL-CIDRE"]["unit"] == "cl"
    assert found["BC-BREBIS"]["stock"] == "-1"
    assert found["TC-006"]["stock"] == "0", "zero stock is not missing stock"
    assert found["TC-009"]["stock"] == ""


def test_the_loss_of_ofn_to_cagette_names_what_cagette_has_no_column_for() -> None:
    loss = translate(sample("ofn-products", SAMPLES["ofn-products"]), "ofn-products", "cagette-catalogue").loss
    fields = set(loss.table["field"])
    assert {"dfc-b:hasType", "dfc-b:suppliedBy", "dhf:taxCategory", "dhf:shippingCategory", "dhf:displayName"} <= fields
    assert not {"dfc-b:name", "dfc-b:description"} & fields


def test_a_unit_that_cagette_does_not_have_is_lost_and_not_made_up() -> None:
    ofn = b"producer,sku,name,category,units,unit_type,price\nP,1,Farine,Farine,2,lb,3\nP,2,Sel,Sel,1,kg,2\n"
    lowering = translate(ofn, "ofn-products", "cagette-catalogue")
    assert [row["unit"] for row in rows(lowering)] == ["", "kg"]
    [lost] = lowering.loss.table.filter(pl.col("field") == "dfc-b:hasQuantity/dfc-b:hasUnit").to_dicts()
    assert lost["count"] == 1
    assert lost["example_value"].endswith("#PoundMass")


def test_an_ofn_file_becomes_dfc_and_comes_back_but_for_the_told_loss() -> None:
    source = sample("ofn-products", SAMPLES["ofn-products"])
    out = translate(source, "ofn-products", "dfc")
    graph = json.loads(out.data)["@graph"]
    assert sum(node.get("@type") == "dfc-b:SuppliedProduct" for node in graph) == 38
    back = {row["sku"]: row for row in rows(translate(out.data, "dfc", "ofn-products", out.filename)) if row["sku"]}
    original = {row["sku"]: row for row in csv.DictReader(source.open(encoding="utf-8")) if row["sku"]}
    assert back.keys() == original.keys()
    for name in ("producer", "name", "description", "units", "unit_type", "price", "on_hand"):
        assert {sku: row[name] for sku, row in back.items()} == {sku: row[name] for sku, row in original.items()}, name
    lost = set(out.loss.table["field"])
    assert {"dhf:displayName", "dhf:taxCategory", "dhf:sourceCategory", "dhf:onDemand"} <= lost


def test_dfc_becomes_ofn_with_the_category_of_the_broader_type() -> None:
    found = {row["sku"]: row for row in rows(translate(sample("dfc", SAMPLES["dfc"]), "dfc", "ofn-products"))}
    assert found["EF-2"]["producer"] == "Ferme coopérative du Grand Pré"
    assert (found["EF-2"]["units"], found["EF-2"]["unit_type"], found["EF-2"]["price"]) == ("250", "g", "2.90")
    assert found["EF-2"]["category"] == "Vegetables"
    assert (found["EF-8"]["unit_type"], found["EF-8"]["variant_unit_name"]) == ("", "pièce")


def test_the_references_of_two_producers_are_told_where_a_format_has_one_producer_only() -> None:
    lowering = translate(sample("ofn-products", "marche-couvert.csv"), "ofn-products", "cagette-catalogue")
    told = lowering.findings.filter(code="identifier-collision")
    assert told.select("severity", "column", "value").rows() == [("warning", "ref", "1"), ("warning", "ref", "2")]
    assert "Rows 2 and 4" in told["message_en"][0]
    assert "un fichier par producteur" in told["fix_fr"][0]
    assert [row["productName"] for row in rows(lowering) if row["ref"] == "1"] == ["Carottes", "Miel de châtaignier"]
    dfc = translate(sample("ofn-products", "marche-couvert.csv"), "ofn-products", "dfc")
    back = translate(dfc.data, "dfc", "ofn-products", dfc.filename)
    original = csv.DictReader(sample("ofn-products", "marche-couvert.csv").open(encoding="utf-8"))
    assert sorted((row["producer"], row["sku"], row["name"]) for row in rows(back)) == sorted(
        (row["producer"], row["sku"], row["name"]) for row in original
    )


def test_the_offers_of_cagette_pro_keep_their_rows() -> None:
    source = sample("cagette-catalogue", "moulin-de-la-vallee-pro.csv")
    cagette = connector("cagette-catalogue")
    lift = cagette.lift(source, "https://hub.example/r/")
    assert cagette.lower(lift.frame, "https://hub.example/r/", "pro").data == source.read_bytes()


def test_a_producer_of_one_offer_moves_to_cagette_pro_with_its_quantity() -> None:
    lowering = translate(
        sample("ofn-products", SAMPLES["ofn-products"]), "ofn-products", "cagette-catalogue", variant="pro"
    )
    found = {row["ref"]: row for row in list(rows(lowering, ";"))[1:]}
    assert (found["TC-005"]["qt"], found["TC-005"]["unit"], found["TC-005"]["price"]) == ("10", "kg", "19,00")
    assert found["TC-005"]["offerName"] == "sac 10 kg"


def test_offers_for_which_a_format_has_no_row_are_told() -> None:
    pro = sample("cagette-catalogue", "moulin-de-la-vallee-pro.csv")
    lowering = translate(pro, "cagette-catalogue", "cagette-catalogue", variant="basic")
    [told] = lowering.findings.filter(code="parts-left-out").to_dicts()
    assert told["column"] == "dfc-b:referencedBy"
    assert "5 more were left out" in told["message_en"]
    assert told["value"].endswith("FAR-T80#catalogItem-FAR-T80-5")
    lost = lowering.loss.records.filter(pl.col("record").str.ends_with("FAR-T80"))
    assert lost["lost"].item() > 30
    plain = translate(sample("ofn-products", SAMPLES["ofn-products"]), "ofn-products", "cagette-catalogue")
    assert not plain.findings.filter(code="parts-left-out").height


def test_carpool_places_become_stops_and_stops_become_carpool_places() -> None:
    found = {row["stop_id"]: row for row in stops(translate(sample("bnlc", SAMPLES["bnlc"]), "bnlc", "gtfs-stops"))}
    place = found["35238-STAR 21"]
    assert (place["stop_name"], place["stop_lat"], place["stop_lon"]) == ("Poterie", "48.0869", "-1.6432")
    assert place["stop_code"] == "STAR 21"
    back = translate(sample("gtfs-stops", SAMPLES["gtfs-stops"]), "gtfs-stops", "bnlc")
    names = {row["id_local"]: row["nom_lieu"] for row in rows(back)}
    assert names["STMAR"] == "Saint-Marcel, mairie"
    told = set(back.findings.filter(pl.col("code") == "required-empty")["column"])
    assert {"insee", "date_maj", "ouvert"} <= told, "what the BNLC wants and GTFS has not is told"


def test_carpool_places_become_map_points() -> None:
    features = json.loads(translate(sample("bnlc", SAMPLES["bnlc"]), "bnlc", "geojson-places").data)["features"]
    found = {feature["id"]: feature for feature in features}
    assert found["2A004-CORSE 1"]["geometry"] == {"type": "Point", "coordinates": [8.79241, 41.95988]}
    assert found["2A004-CORSE 1"]["properties"]["insee"] == "2A004"
    assert found["2A004-CORSE 1"]["properties"]["type"] == "carpool-area"


def test_findings_of_reading_and_writing_come_with_the_translation() -> None:
    lowering = translate(sample("ofn-products", "a-corriger.csv"), "ofn-products", "cagette-catalogue")
    codes = set(lowering.findings["code"])
    assert {"identifier-collision", "value-unreadable", "required-empty"} <= codes


def test_each_offer_of_a_product_is_a_row_of_a_format_that_has_one_per_variant() -> None:
    lowering = translate(
        sample("cagette-catalogue", "moulin-de-la-vallee-pro.csv"), "cagette-catalogue", "ofn-products"
    )
    rows = pl.read_csv(lowering.data, infer_schema=False)
    flour = rows.filter(pl.col("name") == "Farine de blé T80").select("sku", "display_name", "units", "price").rows()
    assert flour == [
        ("FAR-T80-1", "Sachet", "1", "2.30"),
        ("FAR-T80-5", "Sac", "5", "9.80"),
        ("FAR-T80-25", "Sac professionnel", "25", "42.00"),
    ]
    assert rows["units"].null_count() == rows["unit_type"].filter(rows["variant_unit_name"].is_null()).null_count() == 0
    told = {row["field"]: row for row in lowering.loss.table.to_dicts() if row["reason"] == "equivalent"}
    assert {name.rpartition("/")[2]: row["count"] for name, row in told.items()} == {
        "dhf:offerName": 14,
        "dhf:offerQuantity": 14,
    }
    inventory = translate(
        sample("cagette-catalogue", "moulin-de-la-vallee-pro.csv"),
        "cagette-catalogue", "ofn-products", variant="inventory",
    )  # fmt: skip
    assert pl.read_csv(inventory.data, infer_schema=False).select("sku", "units").height == 14, (
        "the shop is still to be filled in"
    )
    fields = lowering.loss.fields.filter(pl.col("field").str.ends_with("dfc-b:hasPrice/dfc-b:value"))
    assert fields.select("total", "lost", "restated").rows() == [(14, 14, 14)], (
        "all prices are there, under new addresses"
    )


def test_parts_that_the_format_can_not_tell_apart_are_one_row() -> None:
    """Two offers of a product without references of their own would collide in the file, and all would be lost."""
    graph = (
        "@prefix b: <https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#> . "
        + (
            '<http://x/1> a b:SuppliedProduct ; b:name "Miel" ; b:referencedBy <http://x/1#a>, <http://x/1#b> . '
            '<http://x/1#a> a b:CatalogItem ; b:sku "M" ; b:stockLimitation 1.0 . '
            '<http://x/1#b> a b:CatalogItem ; b:sku "M" ; b:stockLimitation 2.0 . '
        )
    )
    lowering = connector("ofn-products").lower(parse(graph.encode(), "ttl"), "http://x/")
    assert pl.read_csv(lowering.data, infer_schema=False).select("sku", "on_hand").rows() == [("M", "1.0")]
    parts = lowering.loss.table.filter(pl.col("field") == "dfc-b:referencedBy/dfc-b:stockLimitation")
    assert parts.select("reason", "count").rows() == [("incomplete", 1)], "the second has nothing that tells it apart"
