"""Validation in parts: the results are those of the whole, for whatever shapes, data and number of parts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from datahub.errors import InputError
from datahub.rdf.formats import parse
from datahub.rdf.terms import RDF_TYPE, RDFS
from datahub.shacl import Report, Shapes, load, validate
from datahub.shacl import plan as planning
from datahub.shacl.parts import planned, validate_parts
from datahub.shacl.plan import Seen, plan
from tests.shacl.results import results

EX = "https://t.example/"
HEAD = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://t.example/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:prefixes sh:declare [ sh:prefix "ex" ; sh:namespace "https://t.example/"^^xsd:anyURI ] .
"""
TARGETS = (
    "sh:targetClass ex:A",
    "sh:targetClass ex:Below",
    "sh:targetSubjectsOf ex:p",
    "sh:targetObjectsOf ex:p",
    "sh:targetObjectsOf ex:n",
    "sh:targetNode ex:r1",
)
CONSTRAINTS = (
    "sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:maxCount 2 ]",
    "sh:property [ sh:path ex:p ; sh:class ex:A ]",
    "sh:property [ sh:path ( ex:p ex:q ) ; sh:maxCount 1 ; sh:nodeKind sh:IRI ]",
    "sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:maxCount 1 ]",
    "sh:property [ sh:path ( [ sh:inversePath ex:p ] ex:q ) ; sh:minCount 1 ]",
    "sh:property [ sh:path [ sh:zeroOrMorePath ex:p ] ; sh:class ex:A ]",
    "sh:property [ sh:path [ sh:alternativePath ( ex:p ex:q ) ] ; sh:lessThan ex:n ]",
    "sh:property [ sh:path ( ex:n [ sh:inversePath ex:n ] ) ; sh:maxCount 1 ]",
    "sh:closed true ; sh:ignoredProperties ( rdf:type ex:p )",
    "sh:property [ sh:path ex:p ; sh:node [ a sh:NodeShape ; sh:closed true ] ]",
    "sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ sh:class ex:A ] ; sh:qualifiedMinCount 1 ]",
    "sh:or ( [ sh:path ex:p ; sh:hasValue ex:r2 ] [ sh:path ex:q ; sh:minCount 1 ] )",
    "sh:property [ sh:path ex:p ; sh:property [ sh:path ex:q ; sh:minCount 1 ] ]",
    "sh:sparql [ sh:prefixes ex:prefixes ; sh:select 'SELECT $this ?value WHERE { $this ex:p ?value . ?value ex:q ?x }' ]",
    "sh:sparql [ sh:prefixes ex:prefixes ; sh:select 'SELECT $this ?value WHERE { ?value ex:p $this . ?value a ex:A }' ]",
    "sh:sparql [ sh:prefixes ex:prefixes ;"
    " sh:select 'SELECT $this WHERE { $this ex:p ?a . FILTER NOT EXISTS { ?a ex:q ?b } }' ]",
    "sh:sparql [ sh:prefixes ex:prefixes ; sh:select 'SELECT $this WHERE { OPTIONAL { $this ex:q ?a } FILTER (!bound(?a)) }' ]",
)
NODES = [*(f"<{EX}r{n}>" for n in range(4)), *(f"<{EX}r{n}#part>" for n in range(4)), "_:x"]
LITERALS = [f'"{n}"^^<http://www.w3.org/2001/XMLSchema#integer>' for n in (1, 2)]
CLASSES = [f"<{EX}A>", f"<{EX}Below>", f"<{EX}Lowest>"]
TRIPLES = st.one_of(
    st.tuples(st.sampled_from(NODES), st.sampled_from([f"<{EX}p>", f"<{EX}q>"]), st.sampled_from([*NODES, *LITERALS])),
    st.tuples(st.sampled_from(NODES), st.just(f"<{EX}n>"), st.sampled_from(LITERALS)),
    st.tuples(st.sampled_from(NODES), st.just(f"<{RDF_TYPE}>"), st.sampled_from(CLASSES)),
    st.tuples(st.just(CLASSES[1]), st.just(f"<{RDFS}subClassOf>"), st.just(CLASSES[0])),
    st.tuples(st.just(CLASSES[2]), st.just(f"<{RDFS}subClassOf>"), st.just(CLASSES[1])),
)
SHAPES = st.lists(
    st.tuples(st.sampled_from(TARGETS), st.lists(st.sampled_from(CONSTRAINTS), min_size=1, max_size=2, unique=True)),
    min_size=1,
    max_size=3,
)


def shapes(*asked: tuple[str, list[str]]) -> Shapes:
    text = HEAD + "".join(
        f"ex:S{n} a sh:NodeShape ; {target} ; {' ; '.join(constraints)} .\n"
        for n, (target, constraints) in enumerate(asked)
    )
    return load(parse(text.encode(), "ttl"))


@pytest.fixture(autouse=True, scope="module")
def any_share() -> Iterator[None]:
    """Of data as small as here, nothing is a small share: whatever can go by records does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "FEW", 1.0)
        patch.setattr(planning, "MOST", 1.0)
        yield


def in_parts(data: bytes, rules: Shapes, parts: int) -> Report | None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "data.nt"
        file.write_bytes(data)
        return validate_parts(file, rules, parts)


@settings(max_examples=60, deadline=None)
@given(asked=SHAPES, triples=st.lists(TRIPLES, min_size=1, max_size=20), parts=st.integers(1, 5))
def test_parts_give_the_results_of_the_whole(
    asked: list[tuple[str, list[str]]], triples: list[tuple[str, str, str]], parts: int
) -> None:
    data = "".join(f"{s} {p} {o} .\n" for s, p, o in triples).encode()
    rules = shapes(*asked)
    found = in_parts(data, rules, parts)
    event("in parts" if found is not None else "at once")
    if found is not None:
        whole = validate(parse(data, "nt"), rules)
        assert found.focus_nodes == whole.focus_nodes
        assert {shape.node for shape in found.unused} == {shape.node for shape in whole.unused}
        assert isomorphic(found.graph(), whole.graph())


RECORDS = "".join(
    f'<{EX}r{n}> <{RDF_TYPE}> <{EX}A> .\n<{EX}r{n}> <{EX}p> <{EX}r{n}#part> .\n<{EX}r{n}#part> <{EX}n> "{n}" .\n'
    f"<{EX}r{n}> <{EX}q> <{EX}r{n // 10}> .\n"
    for n in range(100)
).encode()


@pytest.mark.parametrize(
    ("constraint", "by_records"),
    [
        ("sh:property [ sh:path ( ex:p ex:n ) ; sh:minCount 1 ]", True),
        (
            "sh:property [ sh:path ex:p ; sh:node [ sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:minCount 1 ] ] ]",
            True,
        ),
        ("sh:closed true ; sh:ignoredProperties ( rdf:type ex:p )", True),
        (
            "sh:property [ sh:path ( ex:p ex:n [ sh:inversePath ex:n ] ) ; sh:maxCount 1 ]",
            False,
        ),  # literals are in no record
        ("sh:property [ sh:path [ sh:inversePath ex:q ] ; sh:minCount 1 ]", False),
        ("sh:property [ sh:path ( ex:q ex:p ) ; sh:minCount 1 ]", True),
        ("sh:property [ sh:path ex:q ; sh:node [ a sh:NodeShape ; sh:closed true ] ]", False),
        ("sh:sparql [ sh:select 'SELECT $this WHERE { $this ?any ?value }' ]", False),
    ],
)
def test_what_goes_by_records_is_told_from_the_shapes(tmp_path: Path, constraint: str, by_records: bool) -> None:
    file = tmp_path / "data.nt"
    file.write_bytes(RECORDS)
    rules = shapes(("sh:targetClass ex:A", [constraint]))
    found = planned(file, rules)
    assert found is not None
    assert bool(found.by_records) is by_records
    assert ("by records" in str(found)) is by_records


def test_few_triples_of_other_records_go_to_every_part() -> None:
    rules = shapes(("sh:targetClass ex:A", ["sh:property [ sh:path ( ex:q ex:rare ) ; sh:minCount 1 ]"]))
    found = plan(
        rules, Seen(frozenset({f"{EX}q", RDF_TYPE}), frozenset(), {(f"{EX}rare", None): 0.01, (f"{EX}q", None): 0.4})
    )
    assert (f"{EX}rare", None) in found.shared
    assert "every part with https://t.example/rare" in str(found)


def test_a_way_out_of_records_that_the_sample_missed_is_heeded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample sees parts inside of their records only; the last record borrows the part of another."""
    from datahub.rdf import scatter
    from datahub.shacl import parts

    late = f"<{EX}r100> <{RDF_TYPE}> <{EX}A> .\n<{EX}r100> <{EX}p> <{EX}r0#part> .\n".encode()
    early = tmp_path / "early.nt"
    early.write_bytes(RECORDS)
    file = tmp_path / "data.nt"
    file.write_bytes(RECORDS + late)
    monkeypatch.setattr(parts, "sample", lambda path, graphs: scatter.sample(early, graphs=graphs))
    rules = shapes(("sh:targetClass ex:A", ["sh:property [ sh:path ( ex:p ex:n ) ; sh:minCount 1 ; sh:maxLength 1 ]"]))
    found = validate_parts(file, rules, 4)
    assert found is not None
    assert results(found.graph()) == results(validate(parse(RECORDS + late, "nt"), rules).graph())


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_shapes_by_records_and_on_all_together(parts: int) -> None:
    rules = shapes(
        ("sh:targetClass ex:A", ["sh:property [ sh:path ( ex:p ex:n ) ; sh:maxLength 1 ]", CONSTRAINTS[1]]),
        ("sh:targetClass ex:A", ["sh:property [ sh:path [ sh:inversePath ex:q ] ; sh:minCount 1 ]"]),
    )
    found = in_parts(RECORDS, rules, parts)
    assert found is not None
    assert found.results.height > 90
    assert results(found.graph()) == results(validate(parse(RECORDS, "nt"), rules).graph())


def test_a_layout_that_is_not_plain_is_left_to_the_whole(tmp_path: Path) -> None:
    file = tmp_path / "data.nt"
    file.write_bytes(b"# a comment\n" + RECORDS)
    rules = shapes(("sh:targetClass ex:A", ["sh:property [ sh:path ex:p ; sh:minCount 1 ]"]))
    assert planned(file, rules) is None
    assert validate_parts(file, rules, 3) is None


def test_classes_below_those_of_the_shapes_count_wherever_they_are_told(tmp_path: Path) -> None:
    file = tmp_path / "data.nt"
    file.write_bytes(RECORDS.replace(f"<{EX}A>".encode(), f"<{EX}Lowest>".encode()))
    below = [f"<{EX}Lowest> <{RDFS}subClassOf> <{EX}Below> .\n", f"<{EX}Below> <{RDFS}subClassOf> <{EX}A> .\n"]
    ontology = parse("".join(below).encode(), "nt")
    rules = shapes(
        ("sh:targetClass ex:A", ["sh:property [ sh:path ex:q ; sh:class ex:A ]"]),
        ("sh:targetClass ex:A", ["sh:property [ sh:path [ sh:inversePath ex:q ] ; sh:minCount 1 ; sh:class ex:A ]"]),
    )
    found = validate_parts(file, rules, 3, ontology=ontology)
    assert found is not None
    whole = validate(parse(file, "nt"), rules, ontology=ontology)
    assert whole.results.height == 90
    assert results(found.graph()) == results(whole.graph())


def test_a_broken_line_is_told_by_its_number_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "data.nt"
    lines = RECORDS.splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:123], f'<{EX}r1> <{EX}n> "a\\q" .\n'.encode(), *lines[123:]]))
    rules = shapes(("sh:targetClass ex:A", ["sh:property [ sh:path ex:p ; sh:minCount 1 ]"]))
    with pytest.raises(InputError, match="line 124, column") as raised:
        validate_parts(file, rules, 3)
    assert raised.value.place.row == 124


def test_too_little_room_for_temporary_files_is_told_before_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "data.nt"
    file.write_bytes(RECORDS)
    rules = shapes(("sh:targetClass ex:A", ["sh:property [ sh:path ex:p ; sh:minCount 1 ]"]))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(1000, 900, 100))  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="temporary files are needed") as raised:
        validate_parts(file, rules, 3)
    assert raised.value.code == "parts-room"
