"""What the hand-written shapes promise, and what they say about good and bad records (run by pySHACL)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import polars as pl
import pyoxigraph as ox
import pyshacl
import pytest
from rdflib import RDF, SH, Graph, Namespace, URIRef

from datahub.errors import NotFoundError
from datahub.profiles import data_folder, prefixes, profile, profiles, shapes_files, shapes_graph, vocabulary
from datahub.rdf.frame import TERM_SCHEMA, TRIPLE_SCHEMA, Frame
from datahub.rdf.terms import BLANK, Term
from datahub.shacl import load, validate

DH = Namespace("https://w3id.org/datahub/ns/core/")
SHAPES = "https://w3id.org/datahub/shapes/"
ALL = Graph()
for file in sorted(data_folder("shapes").glob("*.ttl")):
    ALL.parse(file)
REPORTING = {
    shape
    for shape in {*ALL.subjects(RDF.type, SH.PropertyShape), *ALL.subjects(RDF.type, SH.NodeShape)}
    if (shape, SH.severity, None) in ALL
}


EXAMPLES = Path(__file__).parent / "examples"
HERE = "https://example.org/"
PREFIXES = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in prefixes().items())
PREFIXES += f"@prefix : <{HERE}> .\n"
Result: TypeAlias = tuple[str, str, str]
"""Focus node, severity, shape."""
Results: TypeAlias = Callable[[str, str], Mapping[str, set[str]]]


def example(name: str) -> str:
    return (EXAMPLES / f"{name}.ttl").read_text("utf-8")


def by_pyshacl(name: str, turtle: str) -> Iterator[Result]:
    data = Graph().parse(data=turtle, format="turtle")
    shapes = shapes_graph(name)
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=True, allow_infos=True, allow_warnings=True)
    for result in report.subjects(RDF.type, SH.ValidationResult):
        focus, shape = report.value(result, SH.focusNode), report.value(result, SH.sourceShape)
        yield str(focus), str(report.value(result, SH.resultSeverity)).rsplit("#", 1)[1].lower(), str(shape)


def by_datahub(name: str, turtle: str) -> Iterator[Result]:
    codes: dict[Term, int] = {}
    triples = [
        tuple(codes.setdefault(term(node), len(codes)) for node in quad.triple)
        for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)
    ]
    terms = pl.DataFrame([each.key for each in codes], schema=TERM_SCHEMA, orient="row")
    frame = Frame(terms, pl.DataFrame([(*spo, None, None) for spo in triples], schema=TRIPLE_SCHEMA, orient="row"))
    report = validate(frame, load(shapes_files(name)))
    yield from zip(
        report.terms["lexical"].gather(report.results["focus"]),
        report.results["severity"],
        report.results["shape"],
        strict=True,
    )


def term(node: ox.NamedNode | ox.BlankNode | ox.Literal) -> Term:
    if isinstance(node, ox.Literal):
        return Term.literal(node.value, node.datatype.value, node.language)
    return Term(BLANK, node.value) if isinstance(node, ox.BlankNode) else Term.iri(node.value)


@pytest.fixture(params=[by_pyshacl, by_datahub], ids=["pyshacl", "datahub"])
def results(request: pytest.FixtureRequest) -> Results:
    """Focus node → local names of the shapes that it does not conform to, each behind V, W or I; by either engine."""

    def found(name: str, turtle: str) -> Mapping[str, set[str]]:
        faults = defaultdict(set)
        for focus, severity, shape in request.param(name, turtle):
            faults[focus.removeprefix(HERE)].add(f"{severity[0].upper()} {shape.removeprefix(SHAPES)}")
        return faults

    return found


def test_a_profile_is_found_by_name_and_others_are_refused() -> None:
    assert [each.name for each in profiles()] == ["core", "food", "mobility", "hospitality"]
    assert profile("food").title.fr == "Alimentation"
    assert profile("food").records[0].endswith("#SuppliedProduct")
    with pytest.raises(NotFoundError, match="no profile “sports”") as error:
        profile("sports")
    assert "Choisissez parmi : core" in error.value.to("fr")


@pytest.mark.parametrize("name", [each.name for each in profiles()])
def test_shapes_are_valid_shacl(name: str) -> None:
    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=shapes_graph(name), advanced=True, meta_shacl=True)
    assert conforms, text


@pytest.mark.parametrize("name", [each.name for each in profiles()])
def test_a_profile_holds_whatever_its_shapes_name(name: str) -> None:
    graph = shapes_graph(name)
    assert all((shape, SH.path, None) in graph for shape in graph.objects(None, SH.property))
    assert shapes_files(name) == shapes_files(profile(name))
    assert set(profile(name).modules) <= {module.name for module in vocabulary().modules()}
    assert profile(name).context.startswith(b"{")


def test_every_shape_says_what_is_wrong_and_how_to_mend_it_in_both_languages() -> None:
    assert len(REPORTING) > 100
    for shape in REPORTING:
        for said in (SH.name, SH.message, DH.fix):
            assert sorted(text.language for text in ALL.objects(shape, said)) == ["en", "fr"], (shape, said)


def test_every_property_shape_is_used_and_has_a_severity() -> None:
    named = set(ALL.subjects(RDF.type, SH.PropertyShape))
    assert named == {shape for shape in ALL.objects(None, SH.property) if isinstance(shape, URIRef)}
    assert named <= REPORTING


def test_patterns_are_read_alike_by_every_engine() -> None:
    """Rust's regular expressions, which the vectorised engine uses, know no look-around."""
    for pattern in ALL.objects(None, SH.pattern):
        pl.Series(["x"]).str.contains(str(pattern))


@pytest.mark.parametrize(
    ("shape", "scheme"),
    [
        ("meetingPlaceType", "place-types"),
        ("kind", "hospitality-kinds"),
        ("priceKind", "price-kinds"),
        ("platformKind", "platform-kinds"),
        ("stepFreeAccess", "answers"),
    ],
)
def test_lists_of_allowed_concepts_are_those_of_the_scheme(shape: str, scheme: str) -> None:
    allowed = ALL.value(URIRef(SHAPES + shape), SH["in"])
    assert {str(iri) for iri in ALL.items(allowed)} == {concept.iri for concept in vocabulary().concepts(scheme)}


def test_every_measure_of_the_units_scheme_is_allowed_as_a_quantity() -> None:
    allowed = {str(iri) for iri in ALL.items(ALL.value(URIRef(SHAPES + "quantityUnit"), SH["in"]))}
    groups = {
        f"https://w3id.org/datahub/ns/units/{name}" for name in ("mass", "volume", "length", "count", "packaging")
    }
    assert allowed == {unit.iri for unit in vocabulary().concepts("units") if groups & set(unit.parents)}


def test_a_complete_product_has_nothing_to_be_said_against_it(results: Results) -> None:
    assert results("food", example("food-good")) == {}


def test_faults_of_products_are_found_and_only_they(results: Results) -> None:
    assert results("food", example("food-bad")) == {
        "nameless": {"V productName"},
        "blank": {"V productNameText"},
        "merged": {"V productName"},
        "bare": {"W suppliedByGiven", "W typeGiven", "I quantityGiven", "I catalogItemGiven"},
        "strange": {"W type", "W certification", "V modifiedNotInFuture", "V active"},
        "q2": {"V quantityNumber", "W quantityAboveZero"},
        "q3": {"W quantityAboveZero", "W quantityUnit"},
        "q4": {"V quantityNumber", "W quantityAboveZero", "W quantityUnitGiven"},
        "i2": {"I stockOnDemand"},
        "i3": {"V stockNumber", "I stockOnDemand", "V availableOn"},
        "i4": {"W itemProduct", "W itemOffer"},
        "o2": {"V offerPrice", "V priceKind"},
        "p2": {"V priceValue", "V vatNumber", "W vatRate", "W priceCurrency"},
        "p3": {"V priceValue", "W vatRate"},
        "p4": {"W priceValueGiven"},
        "unknown": {"V enterpriseName"},
        "far": {"V addressLatitude", "W addressCountry"},
    }


def test_good_places_have_nothing_to_be_said_against_them(results: Results) -> None:
    assert results("mobility", example("mobility-good")) == {}


def test_faults_of_places_are_found_and_only_they(results: Results) -> None:
    assert results("mobility", example("mobility-bad")) == {
        "contradicts": {"V nationalIdentifier"},
        "tomorrow": {"V modifiedNotInFuture"},
        "postcode": {"W inseeCodeOfCommune", "V modified"},
        "nocode": {"V inseeCode"},
        "two": {"V oneName", "V oneLatitude"},
        "nowhere": {"V latitude", "V oneLongitude", "W meetingPlaceType", "I inseeCodeGiven", "W modifiedGiven"},
        "odd": {"V isOpen", "W parkingSpaces", "W publisherSiren", "W maximumStay", "W openingHours", "V visibility"},
        "stop": {"V latitude", "W stopLongitudeGiven", "W stopName", "V locationType"},
        "journey": {"V dropOffGiven", "W seats"},
    }


def test_good_offers_with_and_without_money_have_nothing_to_be_said_against_them(results: Results) -> None:
    assert results("hospitality", example("hospitality-good")) == {}


def test_faults_of_offers_are_found_and_only_they(results: Results) -> None:
    required = {
        "nameGiven",
        "identifierGiven",
        "kindGiven",
        "hostGiven",
        "communityGiven",
        "statusGiven",
        "precisionGiven",
    }
    required |= {"hospitalityModifiedGiven", "offerLocated", "offerTerms"}
    assert results("hospitality", example("hospitality-bad")) == {
        "empty": {f"V {shape}" for shape in required},
        "unpriced": {"V offerPriced"},
        "termless": {"V offerTerms"},
        "uncredited": {"I imageCredited"},
        "rated": {"V noRating"},
        "odd": {
            *("W nameLanguage", "V kind", "V price", "V maximumGuests", "V bookingLink"),
            *("W availableLanguage", "W stepFreeAccess", "W validFrom"),
        },
        "lost": {"V nameGiven", "V latitude", "W modifiedGiven"},
    }


def test_platforms_need_a_domain_name_and_places_coordinates(results: Results) -> None:
    turtle = """
    :good a dh:Platform ; dh:domainName "openfoodfrance.org" ; dh:platformKind dhplat:food , dhplat:cooperative-platform .
    :bad a dh:Platform ; dh:domainName "https://Example.org" ; dh:platformKind dhplat:bank .
    :here a schema:Place ; schema:name "Ici"@fr , "Here"@en ; schema:latitude "48.1"^^xsd:double ; schema:longitude 2 .
    :there a schema:Place ; schema:name "Là"@fr , "Là-bas"@fr ; schema:latitude "48,1" ; schema:longitude 2 .
    """
    assert results("core", PREFIXES + turtle) == {
        "bad": {"V domainName", "W platformKind"},
        "there": {"V latitude", "W oneNamePerLanguage"},
    }


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ('"2999-01-01"^^xsd:date', True),
        ('"2999-01-01T00:00:00"^^xsd:dateTime', True),
        ('"2999-01-01T00:00:00+02:00"^^xsd:dateTime', True),
        ('"2020-02-29"^^xsd:date', False),
        ('"2020-02-29T23:59:59.999-11:00"^^xsd:dateTime', False),
    ],
)
def test_a_date_is_refused_only_after_now_whatever_its_zone(results: Results, value: str, refused: bool) -> None:
    turtle = f':it a schema:Place ; schema:name "A" ; schema:latitude 1 ; schema:longitude 1 ; dct:modified {value} .'
    assert results("core", PREFIXES + turtle) == ({"it": {"V modifiedNotInFuture"}} if refused else {})


@pytest.mark.corpus
def test_the_patterns_let_the_real_base_of_carpool_places_pass() -> None:
    file = Path(__file__).parents[3] / "shared/corpus/mobility/bnlc.csv"
    if not file.exists():
        pytest.skip("needs ../shared/corpus/mobility, which is not here")
    table = pl.read_csv(file, infer_schema=False)

    def odd(column: str, shape: str) -> list[str]:
        pattern = str(ALL.value(URIRef(SHAPES + shape), SH.pattern))
        return table.filter(~pl.col(column).str.contains(pattern))[column].to_list()

    assert odd("insee", "inseeCode") == []
    assert odd("insee", "inseeCodeOfCommune") == ["33000"]
    assert odd("source", "publisherSiren") == []
    assert odd("horaires", "openingHours") == []
    assert set(table["type"]) == set(vocabulary().codes("place-types", "bnlc")["code"])
