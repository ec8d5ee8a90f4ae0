"""A file in another format is refused with the differences that tell most, and with the connector that would fit."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from datahub.connectors import Connector, connector, connectors
from datahub.connectors.look import look
from datahub.errors import InputError
from datahub.sources.limits import Limits

BASE = "https://hub.example/r/"
ALL = connectors()
PAIRS = [
    pytest.param(asked, owner, sample, id=f"{sample.name} as {asked.name}")
    for owner in ALL
    for sample in owner.samples[:1]
    for asked in ALL
    if asked.name != owner.name
]


@pytest.mark.parametrize(("asked", "owner", "sample"), PAIRS)
def test_a_sample_of_another_format_is_refused_and_its_own_connector_suggested(
    asked: Connector, owner: Connector, sample: Path
) -> None:
    with pytest.raises(InputError) as caught:
        asked.lift(sample, BASE)
    assert caught.value.code == "not-this-format"
    assert caught.value.fix is not None
    assert f"“{owner.name}”" in caught.value.fix.en
    assert f"« {owner.name} »" in caught.value.fix.fr
    assert caught.value.message.en.count(";") <= 3


def test_the_three_most_telling_differences_are_named() -> None:
    with pytest.raises(InputError) as caught:
        connector("bnlc").lift(b"a,b\n1,2\n", BASE)
    for name in ("nom_lieu", "insee", "type"):
        assert f"« {name} »" in caught.value.message.fr
    assert "date_maj" not in caught.value.message.fr


def test_one_missing_column_is_told_beside_what_is_strange() -> None:
    data = b"id_local,nom_lieu,insee,type,date_maj,ouvert,Xlong,latitude\nA,B,01001,Parking,2026-01-01,true,5,46\n"
    with pytest.raises(InputError) as caught:
        connector("bnlc").lift(data, BASE)
    assert "“Ylat”" in caught.value.message.en
    assert "latitude" in caught.value.message.en


def test_a_format_is_recognised_by_its_columns_whatever_case_accents_and_delimiter() -> None:
    data = "ID_LOCAL;Nom_Lieu;INSEE;Type;date_maj;ouvert;xlong;ylat\nA;B;01001;Parking;2026-01-01;true;5.1;46.2\n"
    lift = connector("bnlc").lift(data.encode(), BASE)
    assert lift.read == 1
    assert lift.refused.is_empty()
    assert "column-renamed" in set(lift.findings["code"])


@pytest.mark.parametrize(
    ("header", "variant"),
    [
        ("productName,price,ref,desc,qt,unit,organic,floatQt,vat,stock\nA,1,r,,1,kg,0,0,5,1\n", "basic"),
        (
            "productName;ref;desc;unit;organic;floatQt;txp;offerName;offerRef;qt;price;vat;active;imageUrl;imageDate\n"
            "a;b;c;d;e;f;g;h;i;j;k;l;m;n;o\nA;r;;kg;0;0;;o;o1;1;2,50;5,5;1;;\n",
            "pro",
        ),
        (
            "Produit;R;D;U;B;F;T;O;RO;Q;P;V;A;I;DI\n"
            "productName;ref;desc;unit;organic;floatQt;txp;offerName;offerRef;qt;price;vat;active;imageUrl;imageDate\n"
            "A;r;;kg;0;0;;o;o1;1;2,50;5,5;1;;\n",
            "pro",
        ),
    ],
)
def test_cagette_basic_and_pro_are_told_apart_and_either_header_line_may_hold_the_names(
    header: str, variant: str
) -> None:
    lift = connector("cagette-catalogue").lift(header.encode(), BASE)
    assert lift.variant == variant
    assert lift.read == 1
    assert lift.refused.is_empty()


@pytest.mark.parametrize("head", ["# no", "prefix", "base", "#", "_:a"])
def test_a_header_that_begins_as_turtle_may_is_that_of_a_table(head: str) -> None:
    assert look(f"{head};prix\n1;2\n".encode()).form == "csv"


@pytest.mark.parametrize(
    "text",
    [
        "# c\n@prefix a: <http://a/> .\n",
        "PREFIX a: <http://a/>\na:b a a:c .",
        "base <http://a/>\n",
        "_:x <http://a> 1 .",
    ],
)
def test_turtle_is_known_below_comments_too(text: str) -> None:
    assert look(text.encode()).form == "rdf"


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members.items():
            file.writestr(name.replace("__", "."), data)
    return out.getvalue()


HOSTILE = {
    "nothing": b"",
    "spaces": b"  \n\n ",
    "nul": b"a,b\x00c\n1,2\n",
    "random": bytes(range(256)) * 20,
    "half a zip": archive(stops__txt=b"stop_id\nA\n")[:40],
    "zip without stops": archive(agency__txt=b"agency_id\nA\n"),
    "zip with broken stops": archive(stops__txt=b"stop_id\x00\xff,"),
    "cut JSON": b'{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "Point", "coor',
    "deep JSON": b'{"type":"FeatureCollection","features":' + b"[" * 5000 + b"]" * 5000 + b',"geometry":1}',
    "remote context": b'{"@context": "http://127.0.0.1:1/x", "@id": "http://a/b", "dfc-b:name": "x"}',
    "doctype": b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
    "only a header": b"nom_lieu\n",
    "unclosed quote": b'nom_lieu,insee\n"a,b\n',
    "html": b"<!doctype html><html><body>Erreur 500</body></html>",
}


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_bad_input_gets_a_clear_error_in_both_languages(one: Connector, data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        one.lift(data, BASE)
    error = caught.value
    assert error.code
    assert error.message.en != error.message.fr
    for text in (error.message.en, error.message.fr):
        assert "Traceback" not in text
        assert "polars" not in text.lower()
        assert "0x" not in text


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        connector("bnlc").lift(tmp_path / "absent.csv", BASE)
    assert "absent.csv" in str(caught.value.message.fr) + str(caught.value.place.file)


def test_a_format_that_is_only_read_is_not_written() -> None:
    relay = connector("mobicoop-relay-points")
    lift = relay.lift(relay.samples[-1], BASE)
    with pytest.raises(InputError) as caught:
        relay.lower(lift.frame, BASE)
    assert caught.value.code == "direction"


PLACES = (
    "id_local,nom_lieu,ad_lieu,com_lieu,insee,type,date_maj,ouvert,source,Xlong,Ylat\n"
    "A,B,,,01001,Parking,2026-01-01,true,,5,46\n"
)


def refused(name: str, data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        connector(name).lift(data, BASE)
    assert caught.value.code == "not-this-format"
    return caught.value


def test_a_renamed_column_is_told_with_the_name_it_should_have() -> None:
    error = refused("bnlc", PLACES.replace("Ylat", "latitude").replace("nom_lieu", "nom").encode())
    assert "its column “latitude” is probably “Ylat”" in error.message.en
    assert "sa colonne « nom » est sans doute « nom_lieu »" in error.message.fr
    assert error.fix is not None
    assert "Rename “latitude” to “Ylat”." in error.fix.en


def test_a_column_called_by_another_word_of_the_vocabulary_is_recognised() -> None:
    sample = connector("ofn-products").samples[0].read_text("utf-8")
    error = refused("ofn-products", sample.replace("producer", "supplier", 1).encode())
    assert "its column “supplier” is probably “producer”" in error.message.en


def test_another_delimiter_is_told_and_not_every_column_as_missing() -> None:
    error = refused("bnlc", PLACES.replace(",", "|").encode())
    assert "vertical bars separate its columns, not commas" in error.message.en
    assert "no column" not in error.message.en
    assert error.fix is not None
    assert "virgules" in error.fix.fr


def test_lines_above_the_names_are_told() -> None:
    error = refused("bnlc", f"Export du 3 mai\n\n{PLACES}".encode())
    assert "line 3, not 1" in error.message.en


@pytest.mark.parametrize(
    ("damaged", "named"),
    [
        (lambda text: text.encode("mac_roman", "replace"), "Mac Roman"),
        (lambda text: text.encode().decode("cp1252", "replace").encode(), "converted twice"),
    ],
)
def test_another_encoding_is_told_with_a_name_that_it_spoils(damaged: Callable[[str], bytes], named: str) -> None:
    one = connector("hospitality-offers")
    text = next(sample for sample in one.samples if "passeurs" in sample.name).read_text("utf-8")
    error = refused("hospitality-offers", damaged(text))
    assert named in error.message.en
    assert "“hôte”" in error.message.en


def test_another_sheet_is_told() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Lisez-moi"])
    sheet = book.create_sheet("Lieux")
    for line in PLACES.splitlines():
        sheet.append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    error = refused("bnlc", out.getvalue())
    assert "its columns are in the sheet “Lieux”, not the first one" in error.message.en


def test_a_misspelt_member_of_json_is_told() -> None:
    error = refused("geojson-places", b'{"type":"FeatureCollection","feature":[{"geometry":{}}]}')
    assert "“feature” is probably “features”" in error.message.en


def test_a_refusal_names_the_version_of_the_format_and_never_more_than_three_differences() -> None:
    for one in ALL:
        error = refused(one.name, b"x;y\n1;2\n")
        version = f", version {one.definition.version}" if one.definition.version else ""
        title, _, told = error.message.en.partition(": ")
        assert title.endswith(version)
        assert ("version" in title) == bool(version)
        assert told.count(";") <= 2


def test_a_feed_of_stations_states_its_version_and_an_unknown_one_is_refused() -> None:
    sample = next(path for path in connector("gbfs-stations").samples if "velo" in path.name).read_text("utf-8")
    stations = connector("gbfs-stations")
    assert stations.lift(sample.encode(), BASE).variant == "3"
    with pytest.raises(InputError, match="version 1 of") as caught:
        stations.lift(sample.replace('"version": "3.0"', '"version": "1.1"').encode(), BASE)
    assert caught.value.code == "not-this-version"
    with pytest.raises(InputError, match="lat"):
        stations.lift(
            b'{"version": "2.3", "data": {"stations": [{"station_id": "a", "num_docks_available": 3}]}}', BASE
        )


def test_empty_lines_below_a_comment_take_time_in_proportion() -> None:
    assert look(b"# a\n" + b"\n \n" * 1_000_000).form == "csv"  # quadratic time would not end today


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_whose_documents_are_damaged_is_still_an_archive(packing: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as file:
        file.writestr("a.json", '{"a": 1}' * 2000)
    damaged = bytearray(out.getvalue())
    for at in range(50, 80):
        damaged[at] ^= 0x55
    assert look(bytes(damaged)).form == "zip"


def test_an_archive_with_too_many_entries_is_refused_before_they_are_listed() -> None:
    """An entry of the directory takes 46 bytes in the file, and a kilobyte once it is an object."""
    entry = b"PK\x01\x02" + bytes(24) + (1).to_bytes(2, "little") + bytes(16) + b"a"
    count = Limits().max_members + 1
    end = b"PK\x05\x06" + bytes(8) + (count * len(entry)).to_bytes(4, "little") + bytes(6)
    with pytest.raises(InputError) as caught:
        look(b"PK\x03\x04" + entry * count + end)
    assert caught.value.code == "zip-members"
