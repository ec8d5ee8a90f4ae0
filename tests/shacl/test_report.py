"""The report: columns, sentences, and the W3C graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import rdflib
from rdflib import RDF

from datahub.i18n import Text
from datahub.profiles import called
from datahub.rdf.terms import DH, SH, XSD
from datahub.shacl import RESULT_SCHEMA, NothingCheckedWarning, Report, load, validate
from datahub.shacl import model as m
from datahub.shacl.advice import ADVICE, advice
from datahub.shacl.messages import SENTENCES as SENTENCES_BY_KIND

from .conftest import EX, frame_of

Validate = Callable[..., Report]

SHAPES = """
ex:ProductShape a sh:NodeShape ; sh:targetClass ex:Product ; sh:property ex:PriceShape, ex:NameShape .
ex:PriceShape sh:path ex:price ; sh:datatype xsd:decimal ; sh:minInclusive 0 ; sh:name "Price"@en, "Prix"@fr ;
    dh:fix "Use a point."@en, "Utilisez un point."@fr .
ex:NameShape sh:path ex:name ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "No name."@en, "Pas de nom."@fr .
ex:Idle a sh:NodeShape ; sh:targetClass ex:Nothing ; sh:nodeKind sh:IRI .
"""
DATA = """
ex:a a ex:Product ; ex:price '12,5'^^xsd:decimal ; ex:name "A" .
ex:b a ex:Product ; ex:price 3.5 .
ex:c a ex:Product ; ex:price -1.0 ; ex:name "C" .
"""


def test_results_are_columns(check: Validate) -> None:
    report = check(SHAPES, DATA)
    assert dict(report.results.schema) == RESULT_SCHEMA
    rows = [
        (report.term(row["focus"]).lexical[-1], row["severity"], row["message_en"], row["fix_fr"])
        for row in report.results.iter_rows(named=True)
    ]
    price = "Price: must be a number, such as 12.5."
    assert rows == [
        ("a", "violation", price, "Utilisez un point."),
        ("a", "violation", "Price: must be at least 0.", "Utilisez un point."),
        ("c", "violation", "Price: must be at least 0.", "Utilisez un point."),
        (
            "b",
            "warning",
            "No name.",
            "Donnez la valeur : sans elle, la fiche est incomplète pour ceux qui s'en servent.",
        ),
    ]
    assert report.results["message_fr"].to_list() == [
        "Prix : doit être un nombre, par exemple 12.5.",
        "Prix : doit être au moins 0.",
        "Prix : doit être au moins 0.",
        "Pas de nom.",
    ]


def test_codes_of_the_report_are_those_of_the_frame(check: Validate, frame: Callable[..., object]) -> None:
    report = check(SHAPES, DATA)
    assert report.term(report.results["value"][0]).lexical == "12,5"
    assert report.results["value"][3] is None


def test_warnings_alone_do_not_refuse_but_do_not_conform(check: Validate) -> None:
    report = check(SHAPES, "ex:b a ex:Product .")
    assert not report.conforms
    assert report.accepted
    assert not check(SHAPES, DATA).accepted


def test_a_report_without_results_conforms(check: Validate) -> None:
    report = check(SHAPES, "ex:b a ex:Product ; ex:name 'B' .")
    assert report.conforms
    assert report.accepted
    assert report.results.is_empty()
    assert dict(report.results.schema) == RESULT_SCHEMA
    assert report.summary().is_empty()
    assert (None, rdflib.URIRef(SH + "conforms"), rdflib.Literal(True)) in report.graph()


def test_shapes_without_focus_nodes_are_named(check: Validate) -> None:
    report = check(SHAPES, DATA)
    assert [shape.node.lexical for shape in report.unused] == ["http://example.org/Idle"]
    assert report.focus_nodes == 3


def test_summary_counts_and_gives_examples(check: Validate) -> None:
    many = " ".join(f"ex:p{i} a ex:Product ; ex:name 'n' ; ex:price 'x{i}' ." for i in range(10))
    first = check(SHAPES, many).summary().row(0, named=True)
    assert (first["count"], first["nodes"], first["path"]) == (10, 10, "http://example.org/price")
    assert len(first["examples"]) == 3
    assert first["values"] == ["x0", "x1", "x2"]


def test_an_empty_frame_conforms(check: Validate) -> None:
    report = check(SHAPES, "")
    with pytest.warns(NothingCheckedWarning):
        assert report.conforms
    assert len(report.unused) == 2


def test_the_graph_is_a_w3c_report(check: Validate) -> None:
    graph = check(SHAPES, DATA).graph()
    sh = rdflib.Namespace(SH)
    assert len(list(graph.subjects(RDF.type, sh.ValidationResult))) == 4
    warning = next(graph.subjects(sh.resultSeverity, sh.Warning))
    assert {str(m) for m in graph.objects(warning, sh.resultMessage)} == {"No name.", "Pas de nom."}
    assert (None, sh.value, rdflib.Literal("12,5", datatype=rdflib.XSD.decimal, normalize=False)) in graph


def test_the_results_are_the_same_in_each_run(check: Validate) -> None:
    many = " ".join(f"ex:p{i} a ex:Product ; ex:price 'x{i % 7}', {i} ." for i in range(50))
    one, two = (
        [
            (report.term(focus), report.term(value) if value else None, *rest)
            for focus, path, value, *rest in report.results.rows()
        ]
        for report in (check(SHAPES, many) for _ in range(2))
    )
    assert one == two


SENTENCES = [
    ("sh:minCount 1", "a value is required", "une valeur est obligatoire"),
    ("sh:maxCount 0", "no value is allowed", "aucune valeur n'est permise"),
    ("sh:minCount 3", "at least 3 values are required", "au moins 3 valeurs sont obligatoires"),
    ("sh:in ( 'a' ex:b )", "must be one of “a”, http://example.org/b", "doit être une des valeurs « a », http://example.org/b"),
    ("sh:or ( [ sh:datatype xsd:integer ] [ sh:minLength 99 ] )",
     "must meet one of these: must be a whole number; must have at least 99 characters",
     "doit satisfaire l'un de ces points : doit être un nombre entier ; doit avoir au moins 99 caractères"),
    ("sh:node [ sh:message 'Say who.'@en, 'Dites qui.'@fr ; sh:in () ]",
     "must meet this: Say who", "doit satisfaire ceci : Dites qui"),
    ("sh:in ()", "no value is allowed", "aucune valeur n'est permise"),
    ("sh:qualifiedValueShape [ sh:class ex:C ] ; sh:qualifiedMinCount 2",
     "at least 2 values must meet this: must be a http://example.org/C",
     "au moins 2 valeurs doivent satisfaire ceci : doit être de la classe http://example.org/C"),
    ("sh:sparql [ sh:select 'SELECT $this WHERE { $this <http://example.org/p> ?x }' ]",
     "the rule of a query is not met", "la règle d'une requête n'est pas respectée"),
    ("dh:notInFuture true", "must not lie in the future", "ne doit pas être dans le futur"),
    ("sh:nodeKind sh:IRI", "must be a link (IRI)", "doit être un lien (IRI)"),
]  # fmt: skip


@pytest.mark.parametrize(("constraint", "en", "fr"), SENTENCES, ids=[case[0][:20] for case in SENTENCES])
def test_sentences_are_made_where_the_shape_has_none(check: Validate, constraint: str, en: str, fr: str) -> None:
    shapes = f"ex:S sh:targetSubjectsOf ex:p, ex:q ; sh:property [ sh:path ex:p ; sh:name 'F' ; {constraint} ] ."
    results = check(shapes, "ex:a ex:p '2999-01-01'^^xsd:date . ex:b ex:q 1 .").results
    assert results["message_en"][0] == f"F: {en}."
    assert results["message_fr"][0] == f"F : {fr}."


def test_a_message_in_one_language_leaves_the_other_to_a_made_sentence(check: Validate) -> None:
    shapes = "ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:message 'Il manque p.'@fr ] ."
    row = check(shapes, "").results.row(0, named=True)
    assert row["message_fr"] == "Il manque p."
    assert row["message_en"] == "http://example.org/p: a value is required."


def test_our_components_have_iris_of_their_own(check: Validate) -> None:
    shapes = "ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:p ; dh:notInFuture true ] ."
    assert (
        check(shapes, "ex:a ex:p '2999-01-01'^^xsd:date .").results["component"][0]
        == DH + "NotInFutureConstraintComponent"
    )


def test_turtle_keeps_values_as_they_were_written(check: Validate) -> None:
    report = check(SHAPES, "ex:a a ex:Product ; ex:price '-01.50'^^xsd:decimal ; ex:name 'A' .")
    text = report.turtle()
    assert "-01.50" in text
    assert len(rdflib.Graph().parse(data=text, format="turtle")) == len(report.graph())


def test_every_component_has_a_sentence_and_advice_in_both_languages() -> None:
    def below(cls: type[m.Constraint]) -> set[type[m.Constraint]]:
        return {cls, *(each for direct in cls.__subclasses__() for each in below(direct))}

    kinds = {kind for kind in below(m.Constraint) if "component" in vars(kind)} - {m.Property}
    assert kinds == set(SENTENCES_BY_KIND) == set(ADVICE)
    for constraint in (m.MinCount(1), m.MaxCount(0), m.MaxCount(2), m.Datatype(XSD + "date"), m.Datatype("urn:own")):
        said = advice(constraint)
        assert said.en != said.fr
        assert ": " in said.en
        assert " : " in said.fr


def test_properties_go_by_the_name_that_the_vocabulary_or_the_shapes_give_them(turtle: Callable[[str], Path]) -> None:
    shapes = """ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:born ; sh:minCount 1 ],
      [ sh:path ( ex:home ex:town ) ; sh:minCount 1 ],
      [ sh:path ex:died ; sh:minCount 1 ; sh:lessThan ex:born ] . ex:born rdfs:label 'born on'@en, 'date de naissance'@fr ."""
    words = {EX + "home": Text("home", "domicile"), EX + "town": Text("town", "ville")}
    said = validate(frame_of("ex:a ex:b 1 ."), load(turtle(shapes), words.get)).results
    assert sorted(said["message_fr"]) == [
        "date de naissance : une valeur est obligatoire.",
        "domicile → ville : une valeur est obligatoire.",
        "http://example.org/died : une valeur est obligatoire.",
    ]
    assert "born on: a value is required." in said["message_en"].to_list()


def test_the_profiles_call_properties_by_their_labels() -> None:
    assert called(DH + "inseeCode") is not None
    assert called("http://example.org/unknown") is None
