from __future__ import annotations

import pytest

from datahub.i18n import Text
from datahub.rdf.formats import parse
from datahub.rdf.frame import Frame
from datahub.rdf.terms import DFC_B, SCHEMA
from datahub.syndication.links import Links
from datahub.syndication.names import Names

MARKET = """
@prefix : <https://hub.example/records/market/> .
@prefix dfc-b: <https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix schema: <http://schema.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix void: <http://rdfs.org/ns/void#> .

<https://hub.example/records/market/honey> a dfc-b:SuppliedProduct ;
    dfc-b:name "Miel de châtaignier"@fr , "Chestnut honey"@en ;
    dct:identifier "honey" ;
    dfc-b:hasQuantity <https://hub.example/records/market/honey#quantity> ;
    dfc-b:suppliedBy <https://hub.example/records/market/farm> ;
    dct:license <https://creativecommons.org/licenses/by/4.0/> ;
    void:inDataset <https://hub.example/datasets/market> .
<https://hub.example/records/market/honey#quantity> a dfc-b:QuantitativeValue ;
    dfc-b:value 0.5 ; dfc-b:hasUnit <https://hub.example/units/kg> .
<https://hub.example/records/market/honey#offer> dfc-b:offers <https://hub.example/records/market/honey> ; dfc-b:value 9 .

<https://hub.example/records/market/farm> a dfc-b:Enterprise ; dfc-b:name "=cmd()" ;
    schema:latitude 44.1 ; schema:longitude -1.25 ;
    dct:license <https://creativecommons.org/licenses/by/4.0/> ;
    void:inDataset <https://hub.example/datasets/market> .
"""


@pytest.fixture
def market() -> Frame:
    """Two records: honey, with a quantity below it and an offer that points to it, and the farm that supplies it."""
    return parse(MARKET.encode(), "ttl")


@pytest.fixture
def names() -> Names:
    return Names(
        {
            DFC_B + "name": Text("name", "nom"),
            DFC_B + "value": Text("value", "valeur"),
            DFC_B + "hasQuantity": Text("quantity", "quantité"),
            DFC_B + "hasUnit": Text("unit", "unité"),
            DFC_B + "suppliedBy": Text("supplied by", "fourni par"),
            DFC_B + "SuppliedProduct": Text("product", "produit"),
            SCHEMA + "latitude": Text("latitude", "latitude"),
            SCHEMA + "longitude": Text("longitude", "longitude"),
            "https://hub.example/units/kg": Text("kilogram", "kilogramme"),
        }
    )


@pytest.fixture
def links() -> Links:
    return Links("https://hub.example/", "https://hub.example/")
