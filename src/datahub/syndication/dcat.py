"""The catalogue of what is open, in DCAT-AP 3.0.1: catalogue, datasets, their distributions and services, and publishers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from datahub.i18n import Text
from datahub.rdf.frame import Frame
from datahub.rdf.terms import DCAT, DCT, FOAF, SKOS, VOID, Term
from datahub.records.visibility import Visibility
from datahub.syndication.links import Links
from datahub.syndication.statements import Statements, integer, moment

FILE_TYPE = "http://publications.europa.eu/resource/authority/file-type/"
LANGUAGE = "http://publications.europa.eu/resource/authority/language/"
ACCESS_RIGHT = "http://publications.europa.eu/resource/authority/access-right/"
ACCESS_RIGHTS: dict[Visibility, str] = {"open": "PUBLIC", "members": "RESTRICTED", "private": "NON_PUBLIC"}
AVAILABILITY = "http://publications.europa.eu/resource/authority/planned-availability/"
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
LANGUAGES = (LANGUAGE + "FRA", LANGUAGE + "ENG")


@dataclass(frozen=True)
class Described:
    """What the catalogue says of one dataset."""

    id: str
    iri: str
    title: Text
    description: Text
    publisher: str
    licence: str
    source: str | None
    issued: datetime
    modified: datetime | None
    records: int
    standard: str | None
    visibility: Visibility = "open"


@dataclass(frozen=True)
class Publisher:
    """A platform as the publisher of datasets."""

    iri: str
    name: str
    home: str | None
    kind: str | None


@dataclass(frozen=True)
class Download:
    """One downloadable form: the name in ``?format=``, its media type, and its code in the EU list of file types."""

    form: str
    media: str
    file_type: str
    label: Text


DOWNLOADS = (
    Download("csv", "text/csv", "CSV", Text("CSV table", "Tableau CSV")),
    Download("geojson", "application/geo+json", "GEOJSON", Text("GeoJSON", "GeoJSON")),
    Download("jsonld", "application/ld+json", "JSON_LD", Text("JSON-LD", "JSON-LD")),
    Download("ttl", "text/turtle", "RDF_TURTLE", Text("RDF in Turtle", "RDF en Turtle")),
    Download("nt", "application/n-triples", "RDF_N_TRIPLES", Text("RDF in N-Triples", "RDF en N-Triples")),
    Download("rdfxml", "application/rdf+xml", "RDF_XML", Text("RDF in XML", "RDF en XML")),
)


@dataclass(frozen=True)
class Service:
    """One interface of the hub that serves all open datasets."""

    path: str
    title: Text
    standard: str
    description: str | None = None


FEEDS = (
    Service(
        "/feeds/all/rpde",
        Text("Change feed (RPDE)", "Flux de changements (RPDE)"),
        "https://openactive.io/realtime-paged-data-exchange/",
    ),
    Service(
        "/feeds/all/ldes",
        Text("Event stream (LDES)", "Flux d'événements (LDES)"),
        "https://w3id.org/ldes/specification",
    ),
)
SERVICES = (
    Service("/sparql", Text("SPARQL endpoint", "Point d'accès SPARQL"), "https://www.w3.org/TR/sparql11-protocol/"),
    Service(
        "/collections",
        Text("OGC API Features", "OGC API Features"),
        "http://www.opengis.net/doc/IS/ogcapi-features-1/1.0",
    ),
    *FEEDS,
)


def catalogue(
    links: Links,
    title: Text,
    description: Text,
    datasets: Sequence[Described],
    publishers: Mapping[str, Publisher],
    operator: Publisher,
    modified: datetime | None,
) -> Frame:
    """The whole catalogue; ``datasets`` are those that anyone may read, in their neutral order."""
    out = Statements()
    iri = links.to("/catalog")
    out.a(iri, DCAT + "Catalog")
    out.text(iri, DCT + "title", title)
    out.text(iri, DCT + "description", description)
    out.add(iri, DCT + "publisher", operator.iri)
    out.add(iri, FOAF + "homepage", links.to("/"))
    out.a(links.to("/"), FOAF + "Document")
    _languages(out, iri)
    if modified:
        out.add(iri, DCT + "modified", moment(modified))
    out.each(iri, DCAT + "dataset", [one.iri for one in datasets])
    for service in SERVICES:
        _service(out, links, iri, service, datasets, operator)
    _publisher(out, operator)
    for one in datasets:
        _dataset(out, links, one)
        _publisher(out, publishers[one.publisher])
        record = links.dataset(one.id) + "#record"
        out.add(iri, DCAT + "record", record)
        out.a(record, DCAT + "CatalogRecord")
        out.add(record, FOAF + "primaryTopic", one.iri)
        out.add(record, DCT + "modified", moment(one.modified or one.issued))
        out.add(record, DCT + "issued", moment(one.issued))
    return out.frame()


def dataset(links: Links, one: Described, publisher: Publisher) -> Frame:
    """The description of one dataset with its distributions."""
    out = Statements()
    _dataset(out, links, one)
    _publisher(out, publisher)
    return out.frame()


def publisher(one: Publisher) -> Frame:
    """The description of one publisher."""
    out = Statements()
    _publisher(out, one)
    return out.frame()


def _dataset(out: Statements, links: Links, one: Described) -> None:
    out.a(one.iri, DCAT + "Dataset", VOID + "Dataset")
    out.text(one.iri, DCT + "title", one.title)
    out.text(one.iri, DCT + "description", one.description if one.description.en or one.description.fr else one.title)
    out.add(one.iri, DCT + "identifier", Term.literal(one.id))
    out.add(one.iri, DCT + "publisher", one.publisher)
    out.add(one.iri, DCT + "issued", moment(one.issued))
    if one.modified:
        out.add(one.iri, DCT + "modified", moment(one.modified))
    out.add(one.iri, VOID + "entities", integer(one.records))
    rights = ACCESS_RIGHT + ACCESS_RIGHTS[one.visibility]
    out.add(one.iri, DCT + "accessRights", rights)
    out.a(rights, DCT + "RightsStatement")
    if one.source:
        out.add(one.iri, DCAT + "landingPage", one.source)
        out.a(one.source, FOAF + "Document")
    if one.standard:
        out.add(one.iri, DCT + "conformsTo", one.standard)
        out.a(one.standard, DCT + "Standard")
    for download in DOWNLOADS:
        _distribution(out, links, one, download)
    for service in FEEDS:
        kind = service.path.rpartition("/")[2]
        at = links.feed(one.id, kind)
        own = at + "#distribution"
        out.add(one.iri, DCAT + "distribution", own)
        out.a(own, DCAT + "Distribution")
        out.text(own, DCT + "title", service.title)
        out.add(own, DCAT + "accessURL", at)
        out.add(own, DCAT + "accessService", _endpoint(out, links, service))
        _licence(out, own, one.licence)
    _licence(out, one.iri, one.licence)


def _distribution(out: Statements, links: Links, one: Described, download: Download) -> None:
    url = links.records(one.id, download.form)
    at = links.dataset(one.id) + f"#{download.form}"
    out.add(one.iri, DCAT + "distribution", at)
    out.a(at, DCAT + "Distribution")
    out.text(at, DCT + "title", download.label)
    out.add(at, DCAT + "accessURL", url)
    out.add(at, DCAT + "downloadURL", url)
    out.add(at, DCAT + "mediaType", MEDIA_TYPE + download.media)
    out.a(MEDIA_TYPE + download.media, DCT + "MediaType")
    out.add(at, DCT + "format", FILE_TYPE + download.file_type)
    out.a(FILE_TYPE + download.file_type, DCT + "MediaTypeOrExtent")
    out.add(at, "http://data.europa.eu/r5r/availability", AVAILABILITY + "STABLE")
    out.a(AVAILABILITY + "STABLE", SKOS + "Concept")
    out.text(AVAILABILITY + "STABLE", SKOS + "prefLabel", Text("stable", "stable"))
    _licence(out, at, one.licence)


def _licence(out: Statements, subject: str, licence: str) -> None:
    out.add(subject, DCT + "license", licence)
    out.a(licence, DCT + "LicenseDocument")


def _service(
    out: Statements, links: Links, catalogue: str, service: Service, datasets: Sequence[Described], operator: Publisher
) -> None:
    at = _endpoint(out, links, service)
    out.add(catalogue, DCAT + "service", at)
    out.add(at, DCAT + "endpointDescription", links.to("/openapi.json"))
    out.add(at, DCT + "publisher", operator.iri)
    out.add(at, DCT + "conformsTo", service.standard)
    out.a(service.standard, DCT + "Standard")
    out.each(at, DCAT + "servesDataset", [one.iri for one in datasets])


def _endpoint(out: Statements, links: Links, service: Service) -> str:
    """The IRI of ``service``, with what every description of it must say."""
    at = links.to(service.path) + "#service"
    out.a(at, DCAT + "DataService")
    out.text(at, DCT + "title", service.title)
    out.add(at, DCAT + "endpointURL", links.to(service.path))
    return at


def _publisher(out: Statements, one: Publisher) -> None:
    out.a(one.iri, FOAF + "Agent")
    out.add(one.iri, FOAF + "name", Term.literal(one.name))
    out.add(one.iri, FOAF + "homepage", one.home)
    out.add(one.iri, DCT + "type", one.kind)
    if one.kind:
        out.a(one.kind, SKOS + "Concept")
    if one.home:
        out.a(one.home, FOAF + "Document")


def _languages(out: Statements, subject: str) -> None:
    for language in LANGUAGES:
        out.add(subject, DCT + "language", language)
        out.a(language, DCT + "LinguisticSystem")
