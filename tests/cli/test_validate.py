"""``datahub validate``: exit code 0 conforms, 1 violations, 2 unusable input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rdflib import RDF, SH, Graph, Literal

from datahub.rdf import guards
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


def test_all_broken_shapes_of_several_files_are_named(datahub: Session, tmp_path: Path) -> None:
    head = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
    for name, wrong in (
        ("one.ttl", "sh:class 'x'"),
        ("two.ttl", "sh:in <https://x.example/l>"),
        ("three.ttl", "sh:closed true"),
    ):
        (tmp_path / name).write_text(f"{head}\n<https://x.example/{name}> a sh:NodeShape ; {wrong} .\n", "utf-8")
    said = datahub("shapes", "check", "one.ttl", "two.ttl", "three.ttl", "--lang", "fr")
    assert said.code == 2
    assert [line.split(":")[0].rstrip() for line in said.err.splitlines()[1:]] == [
        "- one.ttl, ligne 3",
        "- two.ttl, ligne 3",
    ]


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


SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://x.example/> .
ex:Named a sh:NodeShape ; sh:targetClass ex:A ; sh:property [ sh:path ex:name ; sh:minLength 2 ] .
ex:Known a sh:NodeShape ; sh:targetClass ex:A ; sh:property [ sh:path [ sh:inversePath ex:near ] ; sh:minCount 1 ] .
"""


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """Thirty records, ten of which have a name that is too short, and two shapes."""
    data, shapes = tmp_path / "places.nt", tmp_path / "shapes.ttl"
    ex = "https://x.example/"
    lines = [
        f"<{ex}{n}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{ex}A> .\n"
        f'<{ex}{n}> <{ex}name> "{n}" .\n<{ex}{n}> <{ex}near> <{ex}{(n + 1) % 30}> .\n'
        + "".join(f'<{ex}{n}> <{ex}note> "{note}" .\n' for note in range(9))
        for n in range(30)
    ]
    data.write_text("".join(lines), "utf-8")
    shapes.write_text(SHAPES, "utf-8")
    return data, shapes


def test_a_file_in_parts_has_the_same_report(datahub: Session, places: tuple[Path, Path]) -> None:
    data, shapes = places
    for form in ("text", "json", "ttl"):
        command = ("validate", data, "--shapes", shapes, "--report", form)
        whole, parts = datahub(*command), datahub(*command, "--parts", "3")
        assert whole.code == parts.code == 1
        if form == "ttl":
            assert parts.out.count("sh:ValidationResult ;") == whole.out.count("sh:ValidationResult ;") == 10
        elif form == "json":
            one, other = json.loads(whole.out), json.loads(parts.out)
            assert {found["record"] for found in one["findings"]} == {found["record"] for found in other["findings"]}
            assert (one["counts"], one["nodes"]) == (other["counts"], other["nodes"])
        else:
            assert parts.out.splitlines()[0] == whole.out.splitlines()[0]


def test_explain_says_of_each_shape_how_it_is_checked(datahub: Session, places: tuple[Path, Path]) -> None:
    data, shapes = places
    said = datahub("validate", data, "--shapes", shapes, "--explain", "--parts", "3")
    assert said.code == 0
    first, *lines = said.out.splitlines()
    assert first == "The file is checked in 3 parts."
    assert lines[0] == "<https://x.example/Named>: by records"
    assert lines[1].startswith("<https://x.example/Known>: on all records, as it asks which other records point")
    assert lines[1].endswith("over https://x.example/near, rdf:type https://x.example/A")
    french = datahub("validate", data, "--shapes", shapes, "--explain", "--lang", "fr").out
    assert "assez petit" in french
    assert "<https://x.example/Named> : par fiches" in french


def test_what_cannot_be_cut_is_told(datahub: Session, places: tuple[Path, Path], products: Path) -> None:
    data, shapes = places
    turtle = data.with_suffix(".ttl")
    turtle.write_bytes(data.read_bytes())
    assert "only N-Triples" in datahub("validate", turtle, "--shapes", shapes, "--explain").out
    assert "only N-Triples" in datahub("validate", products, "--connector", "ofn-products", "--explain").out
    data.write_bytes(b"# first\n" + data.read_bytes())
    assert "one plain statement a line" in datahub("validate", data, "--shapes", shapes, "--explain").out
    assert datahub("validate", data, "--shapes", shapes, "--parts", "3").code == 1


BACKWARDS = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://x.example/> .
ex:Known a sh:NodeShape ; sh:targetClass ex:A ; sh:property [ sh:path [ sh:inversePath ex:near ] ; sh:minCount 1 ] .
ex:Closed a sh:NodeShape ; sh:targetObjectsOf ex:near ; sh:closed true .
ex:Query a sh:NodeShape ; sh:targetClass ex:A ; sh:sparql [ sh:select "SELECT $this WHERE { ?a ?b $this }" ] .
"""


def test_a_file_too_large_for_shapes_that_need_all_of_it_is_refused_for_their_sake(
    datahub: Session, places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, shapes = places
    monkeypatch.setitem(vars(guards.DEFAULT), "max_bytes", 8_000)
    assert data.stat().st_size > 8_000
    assert datahub("validate", data, "--shapes", shapes, "--parts", "9").code == 1
    assert "--parts 1" in datahub("validate", data, "--shapes", shapes, "--parts", "1").err
    shapes.write_text(BACKWARDS, "utf-8")
    said = datahub("validate", data, "--shapes", shapes, "--parts", "9")
    assert said.code == 2
    assert "<https://x.example/Query>: on all records, as a SPARQL query of it may look at any triple" in said.err
    assert "by the other shapes alone" in said.err
    french = datahub("validate", data, "--shapes", shapes, "--parts", "9", "--lang", "fr").err
    assert "à cause de ces formes" in french
    assert "une de ses requêtes SPARQL" in french
    data.write_bytes(b"# first\n" + data.read_bytes())
    assert "one plain statement a line" in datahub("validate", data, "--shapes", shapes, "--parts", "9").err
    turtle = data.with_suffix(".ttl")
    turtle.write_bytes(data.read_bytes())
    assert "Write it as N-Triples" in datahub("validate", turtle, "--shapes", shapes).err


def test_which_of_several_files_is_broken_is_told(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "good.ttl").write_text("<https://x.example/1> a <https://x.example/A> .\n", "utf-8")
    (tmp_path / "bad.ttl").write_text(
        "<https://x.example/1> a\n  <https://x.example/A> .\n<https://x.example/2> a ; .\n", "utf-8"
    )
    for data, ontology, shapes in (("bad", "good", "good"), ("good", "bad", "good"), ("good", "good", "bad")):
        said = datahub(
            "validate", f"{data}.ttl", "--ontology", f"{ontology}.ttl", "--shapes", f"{shapes}.ttl", "--lang", "fr"
        )
        assert said.code == 2
        assert "bad.ttl, ligne 3" in said.err
        assert "good.ttl" not in said.err
    said = datahub("shapes", "check", "good.ttl", "--data", "bad.ttl")
    assert "bad.ttl, row 3" in said.err


def test_a_file_in_which_nothing_was_checked_is_not_praised(datahub: Session, tmp_path: Path) -> None:
    (tmp_path / "other.ttl").write_text("<https://x.example/1> a <https://x.example/Unheard> .", "utf-8")
    said = datahub("validate", "other.ttl", "--profile", "food")
    assert said.code == 0
    assert said.out.startswith("Nothing was checked.")
    assert "Conforms" not in said.out
    assert datahub("validate", "other.ttl", "--profile", "food", "--report", "ttl").out.startswith("# No shape found")


def test_an_ontology_of_ones_own_says_which_class_lies_below_which(datahub: Session, tmp_path: Path) -> None:
    prefixes = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix s: <https://x.example/> . "
    (tmp_path / "data.ttl").write_text(prefixes + "s:brie a s:Cheese .", "utf-8")
    (tmp_path / "shapes.ttl").write_text(
        prefixes + "s:S a sh:NodeShape ; sh:targetClass s:Food ; sh:property [ sh:path s:name ; sh:minCount 1 ] .",
        "utf-8",
    )
    (tmp_path / "o.ttl").write_text(
        prefixes + "s:Cheese <http://www.w3.org/2000/01/rdf-schema#subClassOf> s:Food .", "utf-8"
    )
    assert datahub("validate", "data.ttl", "--shapes", "shapes.ttl").code == 0
    said = datahub("validate", "data.ttl", "--shapes", "shapes.ttl", "--ontology", "o.ttl")
    assert said.code == 1
    assert "→" in said.out


def test_where_no_row_can_be_read_only_the_rows_are_talked_of(datahub: Session, tmp_path: Path) -> None:
    header, *_ = PRODUCTS.splitlines()
    cells = ["x €" if name == "price" else "1" for name in header.split(",")]
    (tmp_path / "bad.csv").write_text(f"{header}\n{','.join(cells)}\n", "utf-8")
    said = datahub("validate", "bad.csv", "--connector", "ofn-products", "--lang", "fr")
    assert said.code == 1
    assert "ligne 2" in said.out
    assert "IRI" not in said.out
