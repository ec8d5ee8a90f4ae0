"""Another version of a format is told by name: what the file states, or columns that only that version has."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from datahub.connectors import connector, connectors
from datahub.connectors.definition import load
from datahub.errors import DefinitionError, InputError

BASE = "https://hub.example/r/"
CONTEXT = "https://www.datafoodconsortium.org/wp-content/plugins/wordpress-context-jsonld/context_{}.jsonld"
OLD_PLACES = (
    "id_lieu,nom_lieu,ad_lieu,com_lieu,insee,type,date_maj,ouvert,source,Xlong,Ylat\n"
    "26362-C-001,Gare,,Valence,26362,Parking,2020-01-01,true,,4.893,44.928\n"
)


def product(context: object) -> bytes:
    return json.dumps(
        {"@context": context, "@id": "https://a.example/1", "@type": "dfc-b:SuppliedProduct", "dfc-b:name": "Miel"}
    ).encode()


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("version", ["3.1.0", "1.9.0"])
def test_a_document_that_states_a_version_that_is_not_read_is_refused_with_those_that_are(
    version: str, several: bool
) -> None:
    context = CONTEXT.format(version)
    with pytest.raises(InputError) as caught:
        connector("dfc").lift(product([context, {"x": "https://x.example/"}] if several else context), BASE)
    assert caught.value.code == "not-this-version"
    for text in (caught.value.message.en, caught.value.message.fr):
        assert version in text
        assert "1.16.0, 2.0.0" in text
    assert caught.value.message.en != caught.value.message.fr
    assert caught.value.fix is not None


@pytest.mark.parametrize("version", ["1.16.0", "2.0.0"])
def test_the_versions_that_are_read_are_not_refused(version: str) -> None:
    assert connector("dfc").lift(product(CONTEXT.format(version)), BASE).read == 1


def test_places_of_an_older_schema_are_read_and_their_version_is_told() -> None:
    lift = connector("bnlc").lift(OLD_PLACES.encode(), BASE)
    assert lift.read == 1
    assert lift.refused.is_empty()
    (note,) = lift.findings.filter(lift.findings["code"] == "version-other").to_dicts()
    assert note["value"] == "before 0.3.0"
    assert "id_lieu" in note["message_en"]
    assert "0.3.0" in note["message_fr"]


def test_a_refusal_of_an_older_schema_tells_the_version_first() -> None:
    without = OLD_PLACES.replace("insee", "code").replace("type", "genre")
    with pytest.raises(InputError) as caught:
        connector("bnlc").lift(without.encode(), BASE)
    assert "another version, before 0.3.0" in caught.value.message.en
    assert "une autre version, antérieure à 0.3.0" in caught.value.message.fr
    assert caught.value.message.en.count(";") <= 2, "three differences, this one among them"


@pytest.mark.parametrize(
    "text",
    [
        "supplier,name,category,units,unit_type,price\nFerme,Miel,Honey,500,g,3\n",
        "producer,supplier,name,display_name,units,unit_type,price,on_hand\nHub,Ferme,Miel,,500,g,3,4\n",
    ],
)
def test_lists_of_open_food_network_with_the_names_of_before_2018_are_refused_with_what_to_rename(text: str) -> None:
    with pytest.raises(InputError) as caught:
        connector("ofn-products").lift(text.encode(), BASE)
    assert "another version, before October 2018 (it has supplier and no distributor)" in caught.value.message.en
    assert caught.value.fix is not None
    assert "first rename “producer” to “distributor”" in caught.value.fix.en
    assert "renommez d'abord « producer » en « distributor »" in caught.value.fix.fr


def test_a_format_that_states_no_version_says_which_description_is_followed() -> None:
    for one in connectors():
        stated, followed = one.definition.version, one.definition.unversioned
        assert (stated is None) != (followed is None)
        if followed is not None:
            assert followed.en != followed.fr
    assert {one.name for one in connectors() if one.definition.version is None} == {
        "cagette-catalogue",
        "datatourisme",
        "mobicoop-relay-points",
        "ofn-products",
    }


def test_a_definition_without_a_version_and_without_a_reason_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "bnlc"
    folder.mkdir()
    text = (connector("bnlc").folder / "connector.yaml").read_text("utf-8")
    (folder / "connector.yaml").write_text(text.replace("  version: 0.3.0\n", ""), "utf-8")
    with pytest.raises(DefinitionError):
        load(folder)


def feed(header: str, row: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("stops.txt", f"{header}\n{row}\n")
    return out.getvalue()


def test_a_feed_of_a_later_revision_is_read_and_told() -> None:
    later = connector("gtfs-stops").lift(feed("stop_id,stop_name,stop_access", "A,Gare,1"), BASE)
    assert later.read == 1
    assert "version-other" in set(later.findings["code"])
    now = connector("gtfs-stops").lift(feed("stop_id,stop_name", "A,Gare"), BASE)
    assert "version-other" not in set(now.findings["code"])


def test_samples_of_all_connectors_are_of_the_version_that_is_read() -> None:
    for name in ("bnlc", "gtfs-stops", "dfc"):
        one = connector(name)
        for sample in one.samples:
            assert "version-other" not in set(one.lift(sample, BASE).findings["code"])


def test_a_version_that_shows_by_nothing_is_a_mistake_in_the_definition(tmp_path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "bnlc"
    folder.mkdir()
    text = (connector("bnlc").folder / "connector.yaml").read_text("utf-8")
    (folder / "connector.yaml").write_text(text.replace("has: [id_lieu, nom_lieu]", "has: []"), "utf-8")
    with pytest.raises(DefinitionError) as caught:
        load(folder)
    assert caught.value.place is not None
    assert "others" in str(caught.value.place.column)
