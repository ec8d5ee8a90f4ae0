"""``datahub connectors``: what there is, in both languages and for programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from datahub.connectors import connectors
from tests.cli.conftest import Session


def test_the_list_is_the_default_and_names_every_connector(datahub: Session) -> None:
    said = datahub("connectors")
    assert said.code == 0
    assert said.out == datahub("connectors", "list").out
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == [one.name for one in connectors()]


def test_json_tells_directions_and_formats(datahub: Session) -> None:
    found = {one["name"]: one for one in json.loads(datahub("connectors", "--json").out)}
    assert datahub("connectors", "list", "--json").out == datahub("connectors", "--json").out
    assert found["bnlc"]["directions"] == ["in", "out"]
    assert all(one["described"].startswith("https://") for one in found.values())
    assert all(bool(one["version"]) != bool(one["unversioned"]) for one in found.values())
    assert found["datatourisme"]["directions"] == ["in"]
    assert found["ofn-products"]["formats"] == ["text/csv"]
    assert all(one["title"]["fr"] and one["title"]["en"] for one in found.values())


def test_show_tells_where_each_column_goes(datahub: Session) -> None:
    shown = json.loads(datahub("connectors", "show", "ofn-products", "--json").out)
    paths = {"/".join(column["path"]) for column in shown["columns"] if column["column"] == "price"}
    value = "dfc-b:referencedBy/dfc-b:offeredThrough/dfc-b:hasPrice/dfc-b:value"
    assert value in paths
    said = datahub("connectors", "show", "ofn-products", "--lang", "fr")
    assert said.code == 0
    assert value in said.out
    assert "colonne" in said.out
    assert "version du format : aucune n'est indiquée" in said.out
    assert "décrit sur : https://" in said.out


def test_the_samples_of_a_package_are_compared_with_what_is_expected(datahub: Session, tmp_path: Path) -> None:
    assert datahub("connectors", "test", "bnlc").code == 0
    copy = tmp_path / "bnlc"
    shutil.copytree(next(one.folder for one in connectors() if one.name == "bnlc"), copy)
    for expected in (copy / "expected").glob("*.nt"):
        expected.write_text("", "utf-8")
    said = datahub("connectors", "test", copy, "--lang", "fr")
    assert said.code == 1
    assert said.out


LIST = "Réf.;Désignation;Famille;Prix TTC;Teinte\nA1;Carottes;Légumes;2,40 €;orange\nA2;Miel;Miel;9,90 €;\n"


def test_new_drafts_a_package_that_test_then_tries(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_bytes(LIST.encode("cp1252"))
    said = datahub("connectors", "new", "liste", "liste.csv", "--lang", "fr")
    assert said.code == 0
    assert "dfc-b:SuppliedProduct" in said.out
    assert "« prix TTC » est un autre mot pour « prix »" in " ".join(said.out.split())
    assert "datahub connectors test liste" in said.out
    tried = datahub("connectors", "test", "liste", "--lang", "fr")
    assert tried.code == 0
    assert "2,40 € | 9,90 €" in tried.out
    assert "dfc-b:hasPrice/dfc-b:value" in "".join(tried.out.split())  # a narrow terminal folds the way
    assert "Teinte (orange)" in tried.out
    assert "Réécrit puis relu" in tried.out
    assert datahub("lift", "liste.csv", "--connector", "liste").code == 0


def test_json_tells_guesses_columns_validation_and_loss(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(LIST, "utf-8")
    guessed = json.loads(datahub("connectors", "new", "liste", "liste.csv", "--json").out)
    assert guessed["sector"] == "food"
    assert {one["column"]: one["property"] for one in guessed["columns"]}["Famille"] == "dfc-b:hasType"
    tried = json.loads(datahub("connectors", "test", "liste", "--json").out)
    assert tried["passed"]
    assert tried["unmapped"] == ["Teinte"]
    (sample,) = tried["samples"]
    assert sample["read"] == 2
    assert sample["loss"]["lost"] == 0
    assert not sample["recorded"]


def test_a_column_that_is_not_read_comes_with_what_it_may_be_and_can_be_said(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("nom;arrivage\nA;15/04/2026\nB;02/05/2026\n", "utf-8")
    told = datahub("connectors", "new", "one", "l.csv", "--sector", "food").out
    assert "arrivage: modified, available on" in told
    said = datahub("connectors", "new", "two", "l.csv", "--column", "arrivage=available on", "--sector", "food")
    assert "as you say" in said.out
    wrong = datahub("connectors", "new", "three", "l.csv", "--column", "arrivage", "--lang", "fr")
    assert wrong.code == 2
    assert "COLONNE=PROPRIÉTÉ" in wrong.err


def test_record_keeps_what_comes_out_and_a_change_fails(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(LIST, "utf-8")
    datahub("connectors", "new", "liste", "liste.csv")
    assert datahub("connectors", "test", "liste", "--record").code == 0
    assert (tmp_path / "connectors/liste/expected/liste.csv.nt").is_file()
    assert "as expected: liste.csv" in datahub("connectors", "test", "liste").out
    sample = tmp_path / "connectors/liste/samples/liste.csv"
    sample.write_text(sample.read_text("utf-8").replace("2,40", "2,50"), "utf-8")
    said = datahub("connectors", "test", "liste")
    assert said.code == 1
    assert "DIFFERS" in said.out


def test_sector_and_class_can_be_said_and_a_wrong_one_is_told(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("nom;lat;lon\nA;45.123;5.123\n", "utf-8")
    one = json.loads(datahub("connectors", "new", "one", "l.csv", "--class", "schema:Place", "--json").out)
    assert one["class"] == "schema:Place"
    two = json.loads(datahub("connectors", "new", "two", "l.csv", "--sector", "hospitality", "--json").out)
    assert two["sector"] == "hospitality"
    said = datahub("connectors", "new", "three", "l.csv", "--sector", "cooking", "--lang", "fr")
    assert said.code != 0
    assert "mobility" in said.err
    assert not (tmp_path / "connectors/three").exists()


def test_show_says_of_each_column_that_is_not_read_back_why(datahub: Session) -> None:
    shown = datahub("connectors", "show", "bnlc").out
    assert any("dh:departmentCode" in line and "can't be read back" in line for line in shown.splitlines())
    assert "La colonne ne fait que décider." in datahub("--lang", "fr", "connectors", "show", "bnlc").out
    mobicoop = datahub("connectors", "show", "mobicoop-relay-points").out
    assert mobicoop.count("It is not read.") > 0
