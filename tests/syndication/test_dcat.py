"""The catalogue conforms to DCAT-AP 3.0.1, by the shapes of SEMIC and pySHACL."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from datahub.i18n import Text
from datahub.rdf.formats import write
from datahub.rdf.frame import Frame
from datahub.syndication.dcat import Described, Publisher, catalogue, dataset
from datahub.syndication.links import Links

SHAPES = Path(__file__).parents[3] / "shared" / "reference" / "dcat-ap-3.0.1"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MARKET = Publisher("https://hub.example/platforms/market.example", "Market", "https://market.example/", None)
HUB = Publisher("https://hub.example/#hub", "datahub", "https://hub.example/", None)


def described(description: Text) -> Described:
    return Described(
        id="market",
        iri="https://hub.example/datasets/market",
        title=Text("Market", "Marché"),
        description=description,
        publisher=MARKET.iri,
        licence="https://creativecommons.org/licenses/by/4.0/",
        source="https://market.example/shop",
        issued=NOON,
        modified=NOON,
        records=12,
        standard="https://w3id.org/datahub/ns/food",
    )


def whole(links: Links) -> Frame:
    found = [described(Text("What we grow", "Ce que nous cultivons"))]
    return catalogue(links, Text("Hub", "Hub"), Text("All", "Tout"), found, {MARKET.iri: MARKET}, HUB, NOON)


def test_a_dataset_without_description_is_described_by_its_title(links: Links) -> None:
    frame = dataset(links, described(Text("", "")), MARKET)
    found = frame.predicate("http://purl.org/dc/terms/description")
    assert set(frame.terms["lexical"].gather(found["o"])) == {"Market", "Marché"}


def test_every_distribution_names_its_licence(links: Links) -> None:
    frame = whole(links)
    distributions = set(frame.predicate("http://www.w3.org/ns/dcat#distribution")["o"])
    licensed = set(frame.predicate("http://purl.org/dc/terms/license")["s"])
    assert distributions
    assert distributions <= licensed


@pytest.mark.corpus
@pytest.mark.parametrize("file", ["shapes.ttl", "range.ttl"])
def test_the_catalogue_breaks_no_shape_of_dcat_ap(file: str, links: Links) -> None:
    if not SHAPES.is_dir():
        pytest.skip("../shared with the DCAT-AP shapes is absent")
    import pyshacl
    import rdflib

    data = rdflib.Graph().parse(data=write(whole(links), "ttl"), format="turtle")
    conforms, _, text = pyshacl.validate(
        data, shacl_graph=rdflib.Graph().parse(SHAPES / file), allow_warnings=True, allow_infos=True
    )
    assert conforms, text


@pytest.mark.corpus
def test_the_shapes_would_notice_a_missing_publisher_name(links: Links) -> None:
    if not SHAPES.is_dir():
        pytest.skip("../shared with the DCAT-AP shapes is absent")
    import pyshacl
    import rdflib

    data = rdflib.Graph().parse(data=write(whole(links), "ttl"), format="turtle")
    data.remove((None, rdflib.FOAF.name, None))
    conforms, _, _ = pyshacl.validate(data, shacl_graph=rdflib.Graph().parse(SHAPES / "shapes.ttl"))
    assert not conforms
