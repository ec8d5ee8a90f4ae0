"""The catalogue lifted the way that most scripts do it: one row after the other into an rdflib graph.

python rowwise.py CATALOGUE.csv OUT.nt
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from urllib.parse import quote

from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS

DFC_B = Namespace("https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#")
DFC_M = Namespace("https://github.com/datafoodconsortium/taxonomies/releases/latest/download/measures.rdf#")
DHF = Namespace("https://w3id.org/datahub/ns/food/")
BASE = "https://hub.example/records/bench/"


def lift(source: Path) -> Graph:
    """The graph of a catalogue, term for term that of ``catalogue.rml.ttl``."""
    graph = Graph()

    def put(subject: URIRef, predicate: URIRef, text: str, datatype: URIRef | None = None) -> None:
        if text:
            graph.add((subject, predicate, Literal(text, datatype=datatype, normalize=False)))

    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            iri = f"{BASE}products/{quote(row['sku'], safe='')}"
            product, quantity, item = URIRef(iri), URIRef(iri + "#quantity"), URIRef(iri + "#catalogItem")
            offer, price = URIRef(iri + "#offer"), URIRef(iri + "#price")
            producer = URIRef(f"{BASE}enterprises/{quote(row['producer'], safe='')}")
            for node, kind in (
                (product, DFC_B.SuppliedProduct),
                (producer, DFC_B.Enterprise),
                (quantity, DFC_B.QuantitativeValue),
                (item, DFC_B.CatalogItem),
                (offer, DFC_B.Offer),
                (price, DFC_B.Price),
            ):
                graph.add((node, RDF.type, kind))
            put(product, DCTERMS.identifier, row["sku"])
            put(product, DFC_B.name, row["name"])
            put(product, DHF.displayName, row["display_name"])
            put(product, DFC_B.description, row["description"])
            put(product, DHF.sourceCategory, row["category"])
            put(product, DHF.variantUnitName, row["variant_unit_name"])
            put(product, DHF.shippingCategory, row["shipping_category"])
            put(product, DHF.taxCategory, row["tax_category"])
            put(producer, DFC_B.name, row["producer"])
            put(quantity, DFC_B.value, row["units"], XSD.decimal)
            put(item, DFC_B.sku, row["sku"])
            put(item, DFC_B.stockLimitation, row["on_hand"], XSD.decimal)
            put(item, DHF.availableOn, row["available_on"], XSD.date)
            put(price, DFC_B.value, row["price"], XSD.decimal)
            for subject, predicate, value in (
                (product, DFC_B.suppliedBy, producer),
                (product, DFC_B.hasQuantity, quantity),
                (product, DFC_B.referencedBy, item),
                (item, DFC_B.references, product),
                (item, DFC_B.managedBy, producer),
                (item, DFC_B.offeredThrough, offer),
                (offer, DFC_B.offers, item),
                (offer, DFC_B.hasPrice, price),
                (price, DFC_B.isPriceOf, offer),
                (price, DFC_B.hasUnit, DFC_M.Euro),
            ):
                graph.add((subject, predicate, value))
    return graph


if __name__ == "__main__":
    lift(Path(sys.argv[1])).serialize(sys.argv[2], format="nt", encoding="utf-8")
