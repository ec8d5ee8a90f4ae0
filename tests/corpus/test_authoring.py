"""Drafts for others' real files: how many columns get the property that a person would give them.

The expectations are ours: for each column the property (and node) that we think right, None for columns that no property of the
hub's vocabularies stands for. Floors are what is reached, so that a change of words or weights can't make drafts worse unseen.
"""

from __future__ import annotations

import csv
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from datahub.connectors import connector
from datahub.connectors.authoring.drafting import Draft, draft
from datahub.connectors.authoring.sample import read
from datahub.connectors.check import check
from datahub.connectors.scaffold import scaffold

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
pytestmark = pytest.mark.corpus

Expected = dict[str, str | None]

OFN: Expected = {
    "producer": "producer.dfc-b:name",
    "sku": "catalogItem.dfc-b:sku",
    "name": "dfc-b:name",
    "display_name": "dhf:displayName",
    "category": "dfc-b:hasType",
    "description": "dfc-b:description",
    "units": "quantity.dfc-b:value",
    "unit_type": "quantity.dfc-b:hasUnit",
    "variant_unit_name": "dhf:variantUnitName",
    "price": "price.dfc-b:value",
    "on_hand": "catalogItem.dfc-b:stockLimitation",
    "on_demand": "catalogItem.dhf:onDemand",
    "shipping_category": "dhf:shippingCategory",
    "tax_category": "dhf:taxCategory",
}
BNLC: Expected = {
    "id_lieu": "dhm:nationalIdentifier",
    "id_local": "dhm:localIdentifier",
    "nom_lieu": "schema:name",
    "ad_lieu": "schema:address",
    "com_lieu": "schema:addressLocality",
    "insee": "dh:inseeCode",
    "type": "dhm:meetingPlaceType",
    "date_maj": "dct:modified",
    "ouvert": "dhm:isOpen",
    "source": "dhm:publisherSiren",
    "Xlong": "schema:longitude",
    "Ylat": "schema:latitude",
    "nbre_pl": "dhm:parkingSpaces",
    "nbre_pmr": "dhm:accessibleParkingSpaces",
    "duree": "dhm:maximumStay",
    "horaires": "schema:openingHours",
    "proprio": "dhm:owner",
    "lumiere": "dhm:lit",
    "comm": "schema:description",
}
MOBICOOP: Expected = {
    "name": "schema:name",
    "type": "dhm:meetingPlaceType",
    "latitude": "schema:latitude",
    "longitude": "schema:longitude",
    "number of places": "dhm:parkingSpaces",
    "number of places for disabled": "dhm:accessibleParkingSpaces",
    "secured": "dhm:secured",
    "free": "dhm:freeOfCharge",
    "official": "dhm:official",
    "private": "dh:visibility",
    "externalId": "dct:identifier",
    "externalAuthor": "dhm:sourceAuthor",
    "communityId": "dhm:community",
    "description": "dhm:shortDescription",
    "full_description": "schema:description",
    "address": "schema:address",
    "postalcode": "schema:postalCode",
    "locality": "schema:addressLocality",
    "country": "schema:addressCountry",
}
STOPS: Expected = {
    "stop_id": "dct:identifier",
    "stop_code": "gtfs:code",
    "stop_name": "schema:name",
    "stop_lat": "schema:latitude",
    "stop_lon": "schema:longitude",
    "location_type": "dhm:locationType",
    "parent_station": "gtfs:parentStation",
}
COOPCYCLE: Expected = {
    "pickup.address": "pickup.schema:streetAddress",
    "pickup.address.name": "pickup.schema:name",
    "pickup.address.description": "pickup.schema:description",
    "pickup.address.telephone": "pickup.schema:telephone",
    "pickup.comments": None,
    "pickup.timeslot": None,
    "pickup.tags": "schema:keywords",
    "pickup.metadata": None,
    "dropoff.address": "dropoff.schema:streetAddress",
    "dropoff.address.name": "dropoff.schema:name",
    "dropoff.address.description": "dropoff.schema:description",
    "dropoff.address.telephone": "dropoff.schema:telephone",
    "dropoff.comments": None,
    "dropoff.timeslot": None,
    "dropoff.packages": None,
    "dropoff.tags": None,
    "dropoff.metadata": None,
    "weight": "schema:weight",
    "tour.name": None,
}
TOURISM: Expected = {
    "dc:identifier": "dct:identifier",
    "rdfs:label.fr": "schema:name",
    "rdfs:comment.fr": "schema:description",
    "creationDate": "dct:created",
    "lastUpdate": "dct:modified",
}

FILES: dict[str, tuple[str, str, Expected, float]] = {
    "OFN products": ("food/ofn-120-products.csv", "dfc-b:SuppliedProduct", OFN, 1.0),
    "BNLC": ("mobility/bnlc.csv", "dhm:MeetingPoint", BNLC, 1.0),
    "BNLC example": (
        "mobility/bnlc-exemple-valide.csv",
        "dhm:MeetingPoint",
        {k: v for k, v in BNLC.items() if k != "id_lieu"},
        1.0,
    ),
    "Mobicoop": ("mobility/mobicoop-relay-points.csv", "dhm:MeetingPoint", MOBICOOP, 0.84),
    "GTFS stops": ("mobility/gtfs-marseille-ferry.zip", "gtfs:Stop", STOPS, 1.0),
    "CoopCycle": ("delivery/coopcycle-deliveries.csv", "schema:ParcelDelivery", COOPCYCLE, 0.78),
}


def sample_of(path: str, folder: Path) -> Path:
    if path.endswith(".zip"):
        with zipfile.ZipFile(CORPUS / path) as feed:
            return Path(feed.extract("stops.txt", folder))
    return CORPUS / path


def placed(found: Draft) -> Expected:
    return {
        _plain(guess.column.name): (slot.predicate if slot.node == "record" else f"{slot.node}.{slot.predicate}")
        if (slot := guess.slot)
        else None
        for guess in found.guesses
    }


def _plain(reference: str) -> str:
    return reference.replace("['", ".").replace("']", "").replace("[*]", "").removeprefix(".")


@pytest.mark.parametrize(("path", "kind", "expected", "floor"), FILES.values(), ids=FILES.keys())
def test_columns_of_real_files_get_the_right_property(
    path: str, kind: str, expected: Expected, floor: float, tmp_path: Path
) -> None:
    found = draft(read(sample_of(path, tmp_path)))
    assert found.model.type == kind
    got = placed(found)
    assert set(got) == set(expected)
    right = [name for name, place in expected.items() if got[name] == place]
    wrong = {name: (got[name], place) for name, place in expected.items() if got[name] != place}
    assert len(right) / len(expected) >= floor, wrong


@pytest.mark.parametrize("number", [23, 30, 49])
def test_a_tourism_object_is_one_record_whose_texts_keep_their_language(number: int) -> None:
    (path,) = (CORPUS / "hospitality/datatourisme").glob(f"{number}-*.json")
    found = draft(read(path))
    assert found.model.type == "dhh:PlaceOfInterest"
    got = placed(found)
    assert got["isLocatedAt.schema:geo.schema:latitude"] == "schema:latitude"
    assert got["isLocatedAt.schema:address.schema:postalCode"] == "schema:postalCode"
    right = [name for name, place in TOURISM.items() if got.get(name) == place]
    assert len(right) >= 4, {name: got.get(name) for name in TOURISM}


@pytest.mark.parametrize("name", ["OFN products", "BNLC example", "GTFS stops", "CoopCycle"])
def test_the_drafts_work_at_once_and_lose_only_what_they_tell(name: str, tmp_path: Path) -> None:
    path = sample_of(FILES[name][0], tmp_path)
    made = scaffold("drafted", path, tmp_path / "new")
    (result,) = check(connector(str(made.folder)))
    assert result.outcome is not None
    assert result.outcome.lift.refused.is_empty()
    assert result.passed, result.detail
    assert result.loss is not None
    assert result.loss.lost == 0


def test_the_whole_national_base_is_drafted_with_the_violations_that_it_has(tmp_path: Path) -> None:
    made = scaffold("base", CORPUS / "mobility/bnlc.csv", tmp_path)
    (result,) = check(connector(str(made.folder)))
    assert result.outcome is not None
    assert result.outcome.lift.read == 2473
    assert result.loss is not None
    assert result.loss.lost == 0
    codes = {code for code in result.outcome.counts["findings"] if code.startswith("violation")}
    with (CORPUS / "mobility/bnlc.csv").open(encoding="utf-8-sig", newline="") as file:
        ahead = (
            max(row["date_maj"] for row in csv.DictReader(file)) > datetime.now(UTC).date().isoformat()
        )  # so in 2026
    assert codes == {"violation national-identifier"} | ({"violation modified-not-in-future"} if ahead else set())
    assert made.known[0].name == "bnlc", "and it is said that there is a connector for it"
