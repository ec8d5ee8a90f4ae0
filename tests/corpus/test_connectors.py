"""The connectors on others' real files. What is wrong in them is also found with plain csv here, and must be the same."""

from __future__ import annotations

import csv
import datetime
import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from datahub.connectors import Connector, Lift, connector, connectors, explain, translate
from datahub.errors import InputError
from datahub.profiles import shapes_files
from datahub.shacl import load, validate

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
BASE = "https://hub.example/records/corpus/"
DFC_B = "https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#"
pytestmark = pytest.mark.corpus


def checked(name: str, path: Path) -> tuple[Lift, pl.DataFrame]:
    one = connector(name)
    lift = one.lift(path, BASE)
    report = validate(lift.frame, load(list(shapes_files(one.profile))))
    return lift, pl.concat([lift.findings, explain(report, lift.frame, one, lift)])


def violations(found: pl.DataFrame, code: str) -> set[int]:
    return set(found.filter((pl.col("severity") == "violation") & (pl.col("code") == code))["row"])


@pytest.fixture(scope="module")
def bnlc() -> tuple[list[dict[str, str]], Lift, pl.DataFrame]:
    path = CORPUS / "mobility/bnlc.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return (rows, *checked("bnlc", path))


def test_bnlc_names_exactly_the_rows_that_collide_contradict_or_lie_in_the_future(
    bnlc: tuple[list[dict[str, str]], Lift, pl.DataFrame],
) -> None:
    rows, lift, found = bnlc
    assert len(rows) == lift.read == 2473
    minted = Counter((row["insee"], row["id_local"]) for row in rows)
    colliding = {at for at, row in enumerate(rows, 2) if minted[row["insee"], row["id_local"]] > 1}
    contradicting = {at for at, row in enumerate(rows, 2) if not row["id_lieu"].startswith(row["insee"])}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    future = {at for at, row in enumerate(rows, 2) if row["date_maj"] > today}
    assert colliding
    assert contradicting
    assert violations(found, "identifier-collision") == colliding
    assert violations(found, "national-identifier") == contradicting
    assert violations(found, "modified-not-in-future") == future
    all_violations = set(found.filter(pl.col("severity") == "violation")["row"])
    assert all_violations == colliding | contradicting | future, "nothing else is refused"


def test_bnlc_findings_name_column_and_value_as_published(
    bnlc: tuple[list[dict[str, str]], Lift, pl.DataFrame],
) -> None:
    rows, _, found = bnlc
    columns = {"national-identifier": "id_lieu", "modified-not-in-future": "date_maj", "maximum-stay": "duree"}
    for told in found.filter(pl.col("code").is_in(list(columns))).iter_rows(named=True):
        assert told["column"] == columns[told["code"]]
        assert told["value"] == rows[told["row"] - 2][told["column"]]
    for told in found.filter(pl.col("code") == "identifier-collision").iter_rows(named=True):
        row = rows[told["row"] - 2]
        assert told["value"] == f"{row['insee']}-{row['id_local']}"


def test_bnlc_comes_back_as_it_was_but_for_the_refused_rows(
    bnlc: tuple[list[dict[str, str]], Lift, pl.DataFrame],
) -> None:
    rows, lift, _ = bnlc
    lowering = connector("bnlc").lower(lift.frame, BASE)
    back = list(csv.DictReader(io.StringIO(lowering.data.decode())))
    refused = set(lift.refused)
    # Values are compared as the reader of a CSV file sees them, without the spaces around them.
    assert back == [
        {name: value.strip() for name, value in row.items()} for at, row in enumerate(rows, 2) if at not in refused
    ]
    assert lowering.loss.lost == 0


def test_bnlc_places_have_an_address_of_their_own_however_their_identifier_is_written(
    bnlc: tuple[list[dict[str, str]], Lift, pl.DataFrame],
) -> None:
    rows, lift, _ = bnlc
    subjects = lift.frame.terms["lexical"].gather(lift.frame.triples["s"].unique())
    assert len(subjects) == len(rows) - lift.refused.len()
    assert not subjects.str.contains(r"[\s<>\"{}|\\^`]").any()
    assert subjects.str.contains("SANEF%20-%20").any()


def test_bnlc_examples_of_the_schema_are_taken_and_refused_as_they_should() -> None:
    good, found = checked("bnlc", CORPUS / "mobility/bnlc-exemple-valide.csv")
    assert good.refused.is_empty()
    assert "violation" not in set(found["severity"])
    bad, found = checked("bnlc", CORPUS / "mobility/bnlc-exemple-invalide.csv")
    told = found.filter(pl.col("severity") == "violation")
    assert told.select("row", "column", "value").rows() == [(3, "date_maj", "24-06-2019")]
    assert bad.refused.to_list() == [3]


def test_ofn_products_become_a_cagette_catalogue_with_a_truthful_loss() -> None:
    path = CORPUS / "food/ofn-120-products.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["sku"]: row for row in csv.DictReader(file)}
    lowering = translate(path, "ofn-products", "cagette-catalogue")
    back = {row["ref"]: row for row in csv.DictReader(io.StringIO(lowering.data.decode()))}
    assert back.keys() == rows.keys()
    for sku, row in rows.items():
        written = back[sku]
        assert (written["productName"], written["qt"], written["unit"]) == (row["name"], row["units"], row["unit_type"])
        assert float(written["price"].replace(",", ".")) == float(row["price"])
        assert written["stock"] == row["on_hand"]
    lost = {row["field"]: row["count"] for row in lowering.loss.table.iter_rows(named=True)}
    for field in ("dhf:displayName", "dhf:shippingCategory", "dhf:taxCategory", "dfc-b:hasType", "dfc-b:suppliedBy"):
        assert lost[field] == len(rows)
    assert sum(lost.values()) == lowering.loss.lost
    again = translate(lowering.data, "cagette-catalogue", "ofn-products", lowering.filename)
    once_more = {row["sku"]: row for row in csv.DictReader(io.StringIO(again.data.decode()))}
    for sku, row in rows.items():
        kept = ("name", "units", "unit_type", "price", "on_hand")
        assert [once_more[sku][name] for name in kept] == [row[name] for name in kept]
        assert once_more[sku]["category"] == "", "the category was lost on the way, and is not made up"


def test_ofn_products_become_dfc_and_come_back_with_a_truthful_loss() -> None:
    path = CORPUS / "food/ofn-120-products.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["sku"]: row for row in csv.DictReader(file)}
    out = translate(path, "ofn-products", "dfc")
    lift = connector("dfc").lift(out.data, BASE, out.filename)
    priced = lift.frame.predicate(DFC_B + "hasPrice")
    assert priced.height == len(rows)
    for one, other in (("referencedBy", "references"), ("offeredThrough", "offers"), ("suppliedBy", "supplies")):
        assert lift.frame.predicate(DFC_B + one).height == lift.frame.predicate(DFC_B + other).height == len(rows)
    back = translate(out.data, "dfc", "ofn-products", out.filename)
    again = {row["sku"]: row for row in csv.DictReader(io.StringIO(back.data.decode()))}
    lost = {row["field"] for row in out.loss.table.iter_rows(named=True)}
    columns = {
        "dhf:displayName": "display_name",
        "dhf:shippingCategory": "shipping_category",
        "dhf:taxCategory": "tax_category",
    }
    assert lost == {*columns, "dhf:sourceCategory", "dct:identifier"}
    for sku, row in rows.items():
        for name, value in row.items():
            assert again[sku][name] == ("" if name in columns.values() else value), (sku, name)


@pytest.mark.parametrize("file", ["dfc-shopify-product.json", "dfc-v2-litefarm.json"])
def test_dfc_of_others_is_taken_with_every_repair_told_or_refused_with_reasons(file: str) -> None:
    raw = json.loads((CORPUS / "food" / file).read_text("utf-8"))
    lift, found = checked("dfc", CORPUS / "food" / file)
    subjects = set(lift.frame.terms["lexical"].gather(lift.frame.triples["s"].unique()))
    assert {node["@id"] for node in raw["@graph"] if not node["@id"].startswith("_:")} <= subjects
    assert not any(subject.startswith("_:") for subject in subjects)
    told = set(found.filter(pl.col("code").is_in(["term-repaired", "number-from-text"]))["value"])
    names = {name for node in raw["@graph"] for name in node} | {str(node["@type"]) for node in raw["@graph"]}
    wild = {"dfc-b:hasStreet", "dfc-b:hasCity", "dfc-b:hasPostalCode", "dfc-b:hasDescription", "dfc-b:Organization"}
    assert wild & names == {value for value in told if value in wild}
    for each in found.filter(pl.col("severity") == "violation").iter_rows(named=True):
        assert each["record"] in subjects
        assert each["fix_fr"]


def test_the_shopify_product_keeps_its_price_and_stock() -> None:
    lift, found = checked("dfc", CORPUS / "food/dfc-shopify-product.json")
    text = "".join(lift.frame.lines())
    decimal = "^^<http://www.w3.org/2001/XMLSchema#decimal>"
    assert f'<{DFC_B}value> "12.06"{decimal}' in text
    assert f'<{DFC_B}stockLimitation> "11"{decimal}' in text
    assert "violation" not in set(found["severity"])
    [row] = csv.DictReader(io.StringIO(connector("ofn-products").lower(lift.frame, BASE).data.decode()))
    assert (row["price"], row["on_hand"], row["unit_type"]) == ("12.06", "11", "kg")


@pytest.mark.parametrize("number", range(3))
def test_datatourisme_objects_are_taken_with_coordinates_as_numbers(number: int) -> None:
    path = sorted((CORPUS / "hospitality/datatourisme").glob("*.json"))[number]
    raw = json.loads(path.read_text("utf-8"))
    lift, found = checked("datatourisme", path)
    assert lift.read == 1
    assert "violation" not in set(found["severity"])
    text = "".join(lift.frame.lines())
    place = raw["isLocatedAt"][0]
    latitude = place["schema:geo"]["schema:latitude"]
    subject = f"<{raw['@id']}>"
    assert f'{subject} <http://schema.org/latitude> "{latitude}"^^<http://www.w3.org/2001/XMLSchema#decimal>' in text
    insee = place["schema:address"][0]["hasAddressCity"]["insee"]
    assert f'{subject} <https://w3id.org/datahub/ns/core/inseeCode> "{insee}"' in text
    for language, labels in raw["rdfs:label"].items():
        assert f"@{language} ." in text, labels
    told = set(lift.findings.filter(pl.col("code") == "column-unknown")["column"])
    assert "hasTranslatedProperty" in told, "what is not read is told"


def test_datatourisme_objects_are_taken_from_an_archive_and_a_list_alike() -> None:
    paths = sorted((CORPUS / "hospitality/datatourisme").glob("*.json"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in paths:
            archive.write(path, f"objects/0/{path.name}")
    one = connector("datatourisme")
    zipped = one.lift(out.getvalue(), BASE)
    listed = one.lift(json.dumps([json.loads(path.read_text("utf-8")) for path in paths]).encode(), BASE)
    assert zipped.read == listed.read == 3
    assert zipped.frame.equals(listed.frame)


def test_the_gtfs_archive_is_taken_and_its_stops_come_back() -> None:
    path = CORPUS / "mobility/gtfs-marseille-ferry.zip"
    with zipfile.ZipFile(path) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("stops.txt").decode("utf-8-sig"))))
    lift, found = checked("gtfs-stops", path)
    assert lift.read == len(rows)
    assert found.is_empty()
    lowering = connector("gtfs-stops").lower(lift.frame, BASE)
    with zipfile.ZipFile(io.BytesIO(lowering.data)) as archive:
        back = {row["stop_id"]: row for row in csv.DictReader(io.StringIO(archive.read("stops.txt").decode()))}
    assert {row["stop_id"]: {name: back[row["stop_id"]][name] for name in row} for row in rows} == {
        row["stop_id"]: row for row in rows
    }
    assert lowering.loss.lost == 0


def test_the_help_lines_below_the_relay_points_are_refused_one_by_one() -> None:
    path = CORPUS / "mobility/mobicoop-relay-points.csv"
    lines = path.read_text("utf-8").splitlines()
    lift, found = checked("mobicoop-relay-points", path)
    helps = {at for at, line in enumerate(lines, 1) if line and ";" not in line}
    assert helps
    told = found.filter(pl.col("severity") == "violation")
    assert set(told["row"]) == helps
    for each in told.iter_rows(named=True):
        assert each["value"] == lines[each["row"] - 1]
        assert each["fix_fr"]
    points = [line for line in lines[1:] if ";" in line]
    assert lift.read == len(points) + len(helps)
    text = "".join(lift.frame.lines())
    assert "core/visibility" not in text, "the point of the sample is not private"
    hidden = "\n".join([lines[0], points[0].replace(";1;1;1;0;", ";1;1;1;1;")])
    private = connector("mobicoop-relay-points").lift(hidden.encode(), BASE)
    assert "<https://w3id.org/datahub/ns/core/visibility> <https://w3id.org/datahub/ns/core/Private>" in "".join(
        private.frame.lines()
    )


def _attempt(one: Connector, path: Path) -> tuple[InputError | None, Lift | None]:
    try:
        return None, one.lift(path, BASE)
    except InputError as refusal:
        return refusal, None


FILES = sorted(
    path
    for path in CORPUS.glob("*/**/*")
    if path.is_file() and path.parts[-2] in {"food", "mobility", "delivery", "hospitality", "datatourisme"}
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_connector_crashes_on_any_real_file(path: Path) -> None:
    taken = []
    for one in connectors():
        refusal, lift = _attempt(one, path)
        if lift is not None:
            assert lift.findings["message_fr"].null_count() == 0
            taken.append(one.name)
        elif refusal is not None:
            assert refusal.message.fr != refusal.message.en
            assert refusal.code != "not-this-format" or refusal.fix is not None
    assert len(taken) <= 1, "one file, one format"
    if "delivery" not in path.parts:
        assert taken, "every file of these sectors has its connector"


BOTH_WAYS = [path for path in FILES if path.name not in {"bnlc-exemple-invalide.csv"}]


@pytest.mark.parametrize("path", BOTH_WAYS, ids=lambda path: path.name)
def test_what_a_real_file_loses_when_written_and_read_again_is_in_the_loss(path: Path) -> None:
    for one in connectors():
        _, lift = _attempt(one, path)
        if lift is None or not {"in", "out"} <= set(one.directions) or not len(lift.frame):
            continue
        lowering = one.lower(lift.frame, BASE, lift.variant)
        loss = lowering.loss
        assert loss.total == len(lift.frame) == loss.expressed + loss.lost
        assert loss.records["lost"].sum() == loss.lost == loss.table["count"].sum()
        again = one.lift(lowering.data, BASE, lowering.filename)
        before, after = set(lift.frame.canonical_lines()), set(again.frame.canonical_lines())
        assert len(before - after) == loss.lost
        if not loss.lost:
            assert before == after
            assert one.lower(again.frame, BASE, again.variant).data == lowering.data
