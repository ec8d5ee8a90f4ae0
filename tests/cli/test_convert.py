"""Files from one form to another on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from datahub.connectors import connector
from tests.cli.conftest import PRODUCTS, Session


def statements(data: str | bytes, syntax: ox.RdfFormat, base: str | None = None) -> set[str]:
    return {str(triple) for triple in ox.parse(data, syntax, base_iri=base)}


def test_lift_writes_ntriples_to_standard_output_and_remarks_beside_it(datahub: Session, products: Path) -> None:
    said = datahub("lift", products, "--connector", "ofn-products", "--base", "https://hub.example/records/d/")
    assert said.code == 0
    found = statements(said.out, ox.RdfFormat.N_TRIPLES)
    assert any(
        "<https://hub.example/records/d/products/ferme-des-pres~CAR1>" in line and '"Carottes"' in line
        for line in found
    )
    assert f"{len(found)} triples" in said.err


@pytest.mark.parametrize(
    ("extension", "syntax"),
    [
        ("nt", "N_TRIPLES"),
        ("nq", "N_QUADS"),
        ("ttl", "TURTLE"),
        ("jsonld", "JSON_LD"),
        ("rdf", "RDF_XML"),
        ("trig", "TRIG"),
    ],
)
def test_the_extension_of_the_output_chooses_the_syntax(
    datahub: Session, products: Path, tmp_path: Path, extension: str, syntax: str
) -> None:
    plain = datahub("lift", products, "--connector", "ofn-products").out
    said = datahub("lift", products, "--connector", "ofn-products", "-o", f"out.{extension}")
    assert said.code == 0
    assert said.out == ""
    read = statements((tmp_path / f"out.{extension}").read_bytes(), getattr(ox.RdfFormat, syntax))
    assert read == statements(plain, ox.RdfFormat.N_TRIPLES)


def test_standard_input_is_read_where_the_file_is_a_dash(datahub: Session, products: Path) -> None:
    from_file = datahub("lift", products, "--connector", "ofn-products").out
    from_pipe = datahub("lift", "-", "--connector", "ofn-products", stdin=products.read_bytes()).out
    assert sorted(from_file.splitlines()) == sorted(from_pipe.splitlines())


def test_a_file_of_another_format_leaves_no_output(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_text("id_lieu;nom\n1;Gare\n", "utf-8")
    said = datahub("lift", "places.csv", "--connector", "ofn-products", "-o", "out.nt")
    assert said.code == 2
    assert not (tmp_path / "out.nt").exists()


MAPPING = """
@prefix rml: <http://w3id.org/rml/> .
@prefix schema: <http://schema.org/> .
<#map> rml:logicalSource [ rml:source "people.csv" ; rml:referenceFormulation rml:CSV ] ;
    rml:subjectMap [ rml:template "https://people.example/{id}" ; rml:class schema:Person ] ;
    rml:predicateObjectMap [ rml:predicate schema:name ; rml:objectMap [ rml:reference "name" ] ] .
"""
YARRRML = """
prefixes: {schema: "http://schema.org/"}
mappings:
  person:
    sources: [["people.csv~csv"]]
    s: https://people.example/$(id)
    po:
      - [a, schema:Person]
      - [schema:name, $(name)]
"""


@pytest.mark.parametrize(("name", "text"), [("mapping.ttl", MAPPING), ("mapping.yml", YARRRML)])
def test_a_bare_mapping_finds_its_sources_beside_it(datahub: Session, tmp_path: Path, name: str, text: str) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / name).write_text(text, "utf-8")
    (folder / "people.csv").write_text("id,name\n1,Ada\n", "utf-8")
    said = datahub("lift", "--mapping", folder / name)
    assert said.code == 0
    assert statements(said.out, ox.RdfFormat.N_TRIPLES) == {
        "<https://people.example/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://schema.org/Person>",
        '<https://people.example/1> <http://schema.org/name> "Ada"',
    }


def test_explain_prints_the_plan_and_reads_nothing(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "mapping.ttl").write_text(MAPPING, "utf-8")
    said = datahub("lift", "--mapping", "mapping.ttl", "--explain")
    assert said.code == 0
    assert "people.csv" in said.out
    assert datahub("lift", "--connector", "ofn-products", "--explain").code == 0
    french = datahub("lift", "--connector", "bnlc", "--explain", "--lang", "fr").out
    assert french.startswith("lire places.csv (csv), nommé « places.csv » : _key, id_lieu")
    assert "fiche place : sujet" in french


def test_the_loss_is_not_written_over_the_file(datahub: Session, products: Path, tmp_path: Path) -> None:
    said = datahub(
        "translate", products, "--from", "ofn-products", "--to", "cagette-catalogue", "-o", "x.csv", "--loss", "./x.csv"
    )
    assert said.code == 2
    assert "--loss" in said.err
    assert not (tmp_path / "x.csv").exists()


def test_lower_brings_the_file_back(datahub: Session, products: Path, tmp_path: Path) -> None:
    assert datahub("lift", products, "--connector", "ofn-products", "-o", "products.ttl").code == 0
    said = datahub("lower", "products.ttl", "--connector", "ofn-products", "-o", "again.csv", "--loss", "loss.json")
    assert said.code == 0
    again = (tmp_path / "again.csv").read_text("utf-8")
    assert "Carottes" in again
    assert "2.4" in again
    loss = json.loads((tmp_path / "loss.json").read_text("utf-8"))
    assert loss["total"] == loss["expressed"] + loss["lost"]


def test_a_time_that_is_given_stands_in_formats_that_state_one(datahub: Session, tmp_path: Path) -> None:
    sample = connector("gbfs-stations").samples[0]
    both = ("--from", "gbfs-stations", "--to", "gbfs-stations", "--variant", "2", "-o", "s.json", "--time")
    assert datahub("translate", sample, *both, "2026-11-21T14:00:00+02:00").code == 0
    assert json.loads((tmp_path / "s.json").read_text("utf-8"))["last_updated"] == 1795262400
    for time in ("noon", "0001-01-01T00:00:00+14:00"):
        wrong = datahub("translate", sample, *both, time, "--lang", "fr")
        assert wrong.code == 2
        assert f"« {time} » n'est pas une heure" in wrong.err


def test_translate_writes_the_other_format_and_says_what_was_lost(
    datahub: Session, products: Path, tmp_path: Path
) -> None:
    said = datahub(
        "translate",
        products,
        "--from",
        "ofn-products",
        "--to",
        "cagette-catalogue",
        "--loss",
        "loss.json",
        "--lang",
        "fr",
    )
    assert said.code == 0
    header, first, *_ = said.out.splitlines()
    assert header.startswith("productName")
    assert "Carottes" in first
    loss = json.loads((tmp_path / "loss.json").read_text("utf-8"))
    assert loss["lost"] == sum(field["count"] for field in loss["fields"]) > 0
    assert "triplets" in said.err


def test_a_format_that_is_only_read_cannot_be_written(datahub: Session, products: Path) -> None:
    said = datahub("translate", products, "--from", "ofn-products", "--to", "mobicoop-relay-points")
    assert said.code == 2
    assert said.out == ""


def test_rdf_of_an_unknown_extension_is_refused(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "x.doc").write_text(PRODUCTS, "utf-8")
    assert datahub("lower", "x.doc", "--connector", "ofn-products").code == 2


def test_the_variant_of_a_format_is_chosen_by_name(datahub: Session, products: Path) -> None:
    said = datahub("translate", products, "--from", "ofn-products", "--to", "cagette-catalogue", "--variant", "pro")
    assert said.code == 0
    assert "offerRef" in said.out
    said = datahub("translate", products, "--from", "ofn-products", "--to", "cagette-catalogue", "--variant", "nope")
    assert said.code == 2
    assert "pro" in said.err


def test_the_matrix_shows_what_survives_between_the_formats_of_a_sector(datahub: Session) -> None:
    shown = datahub("translate", "--matrix", "hospitality")
    assert shown.code == 0
    assert "datatourisme → hospitality-offers" in shown.out
    assert "0 of 34 fields survive" in shown.out


def test_a_translation_needs_a_file_and_both_connectors(datahub: Session) -> None:
    assert datahub("translate").code == 2
    assert "--matrix" in datahub("translate").err
