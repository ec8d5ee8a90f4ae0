"""``datahub validate``: exit code 0 conforms, 1 violations, 2 unusable input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rdflib import RDF, SH, Graph, Literal

from tests.cli.conftest import PRODUCTS, Session


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A catalogue in which the price of row 3 is negative."""
    path = tmp_path / "wrong.csv"
    path.write_text(PRODUCTS.replace("7.00", "-7.00"), "utf-8")
    return path


def test_a_sound_file_conforms(datahub: Session, products: Path) -> None:
    said = datahub("validate", products, "--connector", "ofn-products")
    assert said.code == 0
    assert said.out.startswith("Conforms.")


def test_a_violation_names_row_column_and_fix(datahub: Session, wrong: Path) -> None:
    said = datahub("validate", wrong, "--connector", "ofn-products")
    assert said.code == 1
    assert "price" in said.out
    assert "row 3" in said.out
    assert "→" in said.out
    assert datahub("validate", wrong, "--connector", "ofn-products", "--lang", "fr").out.startswith("Non conforme.")


def test_the_json_report_is_complete(datahub: Session, wrong: Path) -> None:
    said = datahub("validate", wrong, "--connector", "ofn-products", "--report", "json")
    assert said.code == 1
    report = json.loads(said.out)
    assert report["conforms"] is False
    [violation] = [found for found in report["findings"] if found["severity"] == "violation"]
    assert (violation["row"], violation["column"], violation["value"]) == (3, "price", "-7.00")
    assert violation["message"]["fr"]
    assert violation["message"]["en"]
    assert report["counts"]["violation"] == 1


def test_the_turtle_report_is_that_of_the_standard(datahub: Session, wrong: Path) -> None:
    said = datahub("validate", wrong, "--connector", "ofn-products", "--report", "ttl")
    graph = Graph().parse(data=said.out, format="turtle")
    [report] = graph.subjects(RDF.type, SH.ValidationReport)
    assert graph.value(report, SH.conforms) == Literal(False)
    assert list(graph.subjects(RDF.type, SH.ValidationResult))


def test_rdf_is_checked_by_a_profile_or_by_shapes_of_ones_own(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text(
        '<https://x.example/1> a <http://schema.org/Person> ; <http://schema.org/age> "old" .', "utf-8"
    )
    (tmp_path / "shapes.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix s: <http://schema.org/> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        s:PersonShape a sh:NodeShape ; sh:targetClass s:Person ; sh:property [ sh:path s:age ; sh:datatype xsd:integer ] .""",
        "utf-8",
    )
    assert datahub("validate", "data.ttl", "--profile", "core").code == 0
    said = datahub("validate", "data.ttl", "--shapes", "shapes.ttl")
    assert said.code == 1
    assert "schema:age" in said.out


@pytest.mark.parametrize("text", ["<a> <b> .", "\x00\x01", "[] a"])
def test_what_cannot_be_parsed_is_unusable(datahub: Session, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.ttl").write_text(text, "utf-8")
    said = datahub("validate", "bad.ttl")
    assert said.code == 2
    assert said.out == ""


def test_broken_shapes_are_unusable_and_named(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix s: <http://schema.org/> .
        s:Broken a sh:NodeShape ; sh:targetClass s:Person ; sh:property [ sh:path s:age ; sh:minCount "two" ] .""",
        "utf-8",
    )
    said = datahub("shapes", "check", "shapes.ttl")
    assert said.code == 2
    assert "minCount" in said.err


def test_shapes_that_select_nothing_are_listed(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix s: <http://schema.org/> .
        s:PersonShape a sh:NodeShape ; sh:targetClass s:Person ; sh:nodeKind sh:IRI .
        s:PlaceShape a sh:NodeShape ; sh:targetClass s:Place ; sh:nodeKind sh:IRI .""",
        "utf-8",
    )
    (tmp_path / "data.ttl").write_text("<https://x.example/1> a <http://schema.org/Person> .", "utf-8")
    assert datahub("shapes", "check", "shapes.ttl").code == 0
    said = datahub("shapes", "check", "shapes.ttl", "--data", "data.ttl")
    assert said.code == 1
    assert "PlaceShape" in said.out
    assert "PersonShape" not in said.out


def test_shapes_that_contradict_themselves_are_told(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix s: <http://schema.org/> .
        s:Torn a sh:NodeShape ; sh:targetClass s:Person ; sh:property [ sh:path s:age ; sh:minCount 2 ; sh:maxCount 1 ] .""",
        "utf-8",
    )
    said = datahub("shapes", "check", "shapes.ttl")
    assert said.code == 1
    assert "schema:age" in said.out


def test_a_report_can_be_sent_to_a_colleague(datahub: Session, wrong: Path, tmp_path: Path) -> None:
    said = datahub("validate", wrong, "--connector", "ofn-products", "--report", "csv", "-o", tmp_path / "r.csv")
    assert said.code == 1
    lines = (tmp_path / "r.csv").read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("effect,row,column,value,problem,what to do")
    assert any(line.startswith("violation,3,price,-7.00,") for line in lines)
    datahub(
        "validate", wrong, "--connector", "ofn-products", "--report", "html", "--lang", "fr", "-o", tmp_path / "r.html"
    )
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "Non conforme." in page
    assert "-7.00" in page
