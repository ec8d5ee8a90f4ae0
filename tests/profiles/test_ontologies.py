"""What every file in `ontologies/` promises."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS

from datahub.profiles import FORMATS, data_folder, profiles, shapes_files, vocabulary

NS = "https://w3id.org/datahub/ns/"
DH = Namespace(NS + "core/")
FOLDER = data_folder("ontologies")
FILES = sorted(FOLDER.glob("**/*.ttl"))
OWN_FILES = [file for file in FILES if file.parent == FOLDER]
TERMS = list(vocabulary())
OWN_TERMS = [term for term in TERMS if term.own]


def graph(file: Path) -> Graph:
    return Graph().parse(file, format="turtle")


GRAPHS = {file.stem: graph(file) for file in FILES}
STANDARD = ("http://www.w3.org/", "http://purl.org/vocab/vann/")


@pytest.mark.parametrize("file", OWN_FILES, ids=lambda f: f.stem)
def test_a_module_says_what_it_is_and_under_what_licence(file: Path) -> None:
    iri = URIRef(NS + file.stem)
    about = GRAPHS[file.stem]
    assert (iri, RDF.type, OWL.Ontology) in about
    assert {title.language for title in about.objects(iri, DCTERMS.title)} == {"en", "fr"}
    assert {text.language for text in about.objects(iri, DCTERMS.description)} == {"en", "fr"}
    assert list(about.objects(iri, OWL.versionInfo)) == [Literal("0.1")]
    assert list(about.objects(iri, OWL.versionIRI)) == [URIRef(f"{iri}/0.1")]
    assert list(about.objects(iri, DCTERMS.license)) == [URIRef("https://www.gnu.org/licenses/agpl-3.0.html")]


def test_every_term_has_one_label_in_each_language() -> None:
    for name, about in GRAPHS.items():
        for term in TERMS:
            labels = [*about.objects(URIRef(term.iri), RDFS.label), *about.objects(URIRef(term.iri), SKOS.prefLabel)]
            languages = Counter(label.language for label in labels)
            assert all(count == 1 for count in languages.values()), (name, term.iri)
    assert [term.iri for term in TERMS if set(term.labels) != {"en", "fr"}] == []


def test_every_own_term_is_defined_in_both_languages() -> None:
    groups = {term.iri for term in OWN_TERMS if term.kind == "concept" and not term.parents}
    undefined = [term.iri for term in OWN_TERMS if set(term.definitions) != {"en", "fr"} and term.iri not in groups]
    assert undefined == []
    assert [iri for iri in groups if not vocabulary().term(iri).definitions and not vocabulary().children(iri)] == []


def test_every_own_term_names_its_module_and_lies_in_its_file() -> None:
    for term in OWN_TERMS:
        assert term.defined_by == NS + term.module, term.iri
        assert term.iri.rsplit("/", 1)[0] == term.defined_by, term.iri


def test_every_reused_term_names_the_ontology_that_defines_it() -> None:
    for term in TERMS:
        if not term.own:
            assert term.defined_by, term.iri
            assert not term.defined_by.startswith(NS), term.iri


def test_no_term_is_declared_twice() -> None:
    declared = defaultdict(list)
    for name, about in GRAPHS.items():
        for iri in {*about.subjects(RDFS.label), *about.subjects(SKOS.prefLabel)}:
            declared[iri].append(name)
    assert {iri: names for iri, names in declared.items() if len(names) > 1} == {}


def test_whatever_a_module_refers_to_is_declared_somewhere() -> None:
    known = {term.iri for term in TERMS} | {module.iri for module in vocabulary().modules()}
    missing = set()
    for file in OWN_FILES:
        about = GRAPHS[file.stem]
        for subject, predicate, value in about:
            if predicate in (DCTERMS.license, OWL.versionIRI, RDFS.isDefinedBy):
                continue
            missing |= {
                str(iri)
                for iri in (subject, predicate, value)
                if isinstance(iri, URIRef) and str(iri) not in known and not str(iri).startswith(STANDARD)
            }
    assert missing == set()


def test_names_are_the_usual_ones_for_their_kind() -> None:
    for term in OWN_TERMS:
        form = {"class": r"[A-Z]\w*", "concept": r"[a-z0-9]+(-[a-z0-9]+)*", "individual": r"[A-Z]\w*"}
        form["constraint-component"] = form["class"]
        assert re.fullmatch(form.get(term.kind, r"[a-z]\w*"), term.name), term.iri


@pytest.mark.parametrize("scheme", [m.name for m in vocabulary().modules() if m.kind == "scheme"])
@pytest.mark.parametrize("notation", FORMATS)
def test_a_code_means_one_concept_in_its_scheme(scheme: str, notation: str) -> None:
    codes = Counter(
        code.casefold()
        for concept in vocabulary().concepts(scheme)
        for code in concept.codes.get(FORMATS[notation], ())
    )
    assert {code for code, count in codes.items() if count > 1} == set()


@pytest.mark.parametrize("scheme", [m.name for m in vocabulary().modules() if m.kind == "scheme"])
def test_a_label_means_one_concept_in_its_scheme(scheme: str) -> None:
    meant = defaultdict(set)
    for concept in vocabulary().concepts(scheme):
        for language in ("en", "fr"):
            for label in (concept.labels[language], *concept.alt_labels.get(language, ())):
                meant[language, label.casefold()].add(concept.name)
    assert {label: names for label, names in meant.items() if len(names) > 1} == {}


@pytest.mark.parametrize("scheme", [m.name for m in vocabulary().modules() if m.kind == "scheme"])
def test_concepts_hang_together(scheme: str) -> None:
    concepts = vocabulary().concepts(scheme)
    iris = {concept.iri for concept in concepts}
    about = GRAPHS[scheme]
    for concept in concepts:
        top = (URIRef(concept.iri), SKOS.topConceptOf, URIRef(NS + scheme)) in about
        assert top != bool(concept.parents), concept.iri
        assert set(concept.parents) <= iris, concept.iri
        assert len(concept.codes[str(SKOS.notation)]) == 1, concept.iri


def test_units_convert_within_one_base() -> None:
    units = GRAPHS["units"]
    for unit, base in units.subject_objects(DH.baseUnit):
        assert units.value(unit, DH.conversionFactor), unit
        assert units.value(base, DH.conversionFactor).toPython() == 1, base
    litre = vocabulary().term("dfc-m:Litre").iri
    assert float(units.value(URIRef(vocabulary().term("dfc-m:Gallon").iri), DH.conversionFactor)) == 4.54609
    assert str(units.value(URIRef(vocabulary().term("dhu:kilolitre").iri), DH.baseUnit)) == litre


def test_data_about_people_is_marked() -> None:
    personal = vocabulary().personal_predicates()
    for curie in (
        "dfc-b:email",
        "dfc-b:firstName",
        "dfc-b:familyName",
        "schema:telephone",
        "schema:email",
        "foaf:mbox",
    ):
        assert vocabulary().term(curie).iri in personal
    assert "ofn:contact_name" in personal
    for curie in ("schema:name", "dfc-b:name", "dct:modified", "schema:latitude", "dh:inseeCode"):
        assert vocabulary().term(curie).iri not in personal


def test_inverse_pairs_are_of_known_links_and_each_is_given_once() -> None:
    pairs = vocabulary().inverse_pairs()
    assert len(pairs) >= 64
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    for pair in pairs:
        assert {vocabulary().term(iri).kind for iri in pair} == {"object-property"}


def test_everything_a_shape_uses_is_declared() -> None:
    """Predicates, classes, values of sh:in and sh:hasValue, datatypes; the shapes' own IRIs and SHACL's words are not terms."""
    used = set()
    for file in {file for each in profiles() for file in shapes_files(each)}:
        shapes = graph(file)
        own = set(shapes.subjects())
        for triple in shapes:
            used |= {iri for iri in triple if isinstance(iri, URIRef) and iri not in own}
    outside = ("http://www.w3.org/ns/shacl#", "https://w3id.org/datahub/shapes/", "https://www.gnu.org/")
    assert {str(iri) for iri in used if not str(iri).startswith(outside) and str(iri) not in vocabulary()} == set()


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("scheme", "prefix", "file"),
    [
        ("units", "dfc-m:", "measures.rdf"),
        ("product-types", "dfc-pt:", "productTypes.rdf"),
        ("certifications", "dfc-f:", "facets.rdf"),
    ],
)
def test_reused_concepts_exist_in_the_taxonomies_of_the_data_food_consortium(
    scheme: str, prefix: str, file: str
) -> None:
    taxonomy = Path(__file__).parents[3] / "shared/reference/food/dfc-taxonomies-1.3.0" / file
    if not taxonomy.exists():
        pytest.skip("needs ../shared/reference/food, which is not here")
    theirs = {str(iri) for iri in Graph().parse(taxonomy).subjects(RDF.type, SKOS.Concept)}
    ours = {concept.iri for concept in vocabulary().concepts(scheme) if not concept.own}
    assert ours
    assert ours <= theirs
    if scheme == "product-types":
        assert ours == theirs


@pytest.mark.corpus
def test_all_of_dfc_1_16_is_reused_with_its_inverses() -> None:
    ontology = Path(__file__).parents[3] / "shared/reference/food/DFC_BusinessOntology-1.16.rdf"
    if not ontology.exists():
        pytest.skip("needs ../shared/reference/food, which is not here")
    theirs = Graph().parse(ontology)
    business = vocabulary().term("dfc-b:name").iri.removesuffix("name")
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
    terms = {str(iri) for kind in kinds for iri in theirs.subjects(RDF.type, kind) if str(iri).startswith(business)}
    assert {iri for iri in terms if iri not in vocabulary()} == set()
    pairs = {frozenset(pair) for pair in vocabulary().inverse_pairs()}
    assert {frozenset(map(str, pair)) for pair in theirs.subject_objects(OWL.inverseOf)} <= pairs
