"""What the mapping of the catalogue says, as pieces of N-Triples: for the scripts that do without a mapping."""

from __future__ import annotations

RECORDS = "https://hub.example/records/bench/"
DFC = "https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#"
FOOD = "https://w3id.org/datahub/ns/food/"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
EURO = "https://github.com/datafoodconsortium/taxonomies/releases/latest/download/measures.rdf#Euro"
XSD = "http://www.w3.org/2001/XMLSchema#"

PRODUCT, QUANTITY, ITEM, OFFER, PRICE = (
    ("products/", "sku", end) for end in ("", "#quantity", "#catalogItem", "#offer", "#price")
)
FARM = ("enterprises/", "producer", "")

LINKS = [
    (PRODUCT, TYPE, f"{DFC}SuppliedProduct"),
    (PRODUCT, f"{DFC}suppliedBy", FARM),
    (PRODUCT, f"{DFC}hasQuantity", QUANTITY),
    (PRODUCT, f"{DFC}referencedBy", ITEM),
    (FARM, TYPE, f"{DFC}Enterprise"),
    (QUANTITY, TYPE, f"{DFC}QuantitativeValue"),
    (ITEM, TYPE, f"{DFC}CatalogItem"),
    (ITEM, f"{DFC}references", PRODUCT),
    (ITEM, f"{DFC}managedBy", FARM),
    (ITEM, f"{DFC}offeredThrough", OFFER),
    (OFFER, TYPE, f"{DFC}Offer"),
    (OFFER, f"{DFC}offers", ITEM),
    (OFFER, f"{DFC}hasPrice", PRICE),
    (PRICE, TYPE, f"{DFC}Price"),
    (PRICE, f"{DFC}isPriceOf", OFFER),
    (PRICE, f"{DFC}hasUnit", EURO),
]
"""Subject, predicate, object: nodes as (folder, column, fragment), or an IRI."""

VALUES = [
    (PRODUCT, "http://purl.org/dc/terms/identifier", "sku", ""),
    (PRODUCT, f"{DFC}name", "name", ""),
    (PRODUCT, f"{FOOD}displayName", "display_name", ""),
    (PRODUCT, f"{DFC}description", "description", ""),
    (PRODUCT, f"{FOOD}sourceCategory", "category", ""),
    (PRODUCT, f"{FOOD}variantUnitName", "variant_unit_name", ""),
    (PRODUCT, f"{FOOD}shippingCategory", "shipping_category", ""),
    (PRODUCT, f"{FOOD}taxCategory", "tax_category", ""),
    (FARM, f"{DFC}name", "producer", ""),
    (QUANTITY, f"{DFC}value", "units", "decimal"),
    (ITEM, f"{DFC}sku", "sku", ""),
    (ITEM, f"{DFC}stockLimitation", "on_hand", "decimal"),
    (ITEM, f"{FOOD}availableOn", "available_on", "date"),
    (PRICE, f"{DFC}value", "price", "decimal"),
]
"""Subject, predicate, column, datatype."""
