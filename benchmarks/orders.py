"""Products with quantities, offers, producers and regions as N-Triples, of any size, for shapes of a realistic size; one product
in a hundred has a mistake; and as one CSV, a line each, for the way of a push. No library of ours or of others is used."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

NS = "https://bench.example/ns/"
DATA = "https://bench.example/data/"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
XSD = "http://www.w3.org/2001/XMLSchema#"
SEED = 20261121
MISTAKE = 100
PER_PRODUCER = 40
REGIONS = 18
_CATEGORIES = ("vegetable", "fruit", "dairy", "bakery", "meat", "drink")
_UNITS = ("gram", "kilogram", "litre", "piece")
_RATES = ("2.1", "5.5", "10.0", "20.0")


def write(path: Path, products: int) -> Path:
    """Writes ``products`` products and what belongs to them (about 23 triples each) to ``path``."""
    random = Random(SEED)
    with path.open("w", encoding="utf-8") as file:
        for number in range(REGIONS):
            file.write(_region(number))
        for number in range(products):
            if number % PER_PRODUCER == 0:
                file.write(_producer(number // PER_PRODUCER))
            file.write(_product(number, random))
    return path


def _triple(subject: str, predicate: str, value: str) -> str:
    return f"<{DATA}{subject}> <{NS}{predicate}> {value} .\n"


def _typed(subject: str, cls: str) -> str:
    return f"<{DATA}{subject}> {TYPE} <{NS}{cls}> .\n"


def _literal(value: object, datatype: str) -> str:
    return f'"{value}"^^<{XSD}{datatype}>'


def _region(number: int) -> str:
    me = f"regions/{number}"
    return "".join(
        (
            _typed(me, "Region"),
            _triple(me, "label", f'"Région {number}"@fr'),
            _triple(me, "code", f'"{number + 10}"'),
            _triple(me, "country", f"<{NS}france>"),
        )
    )


def _producer(number: int) -> str:
    me = f"producers/{number}"
    return "".join(
        (
            _typed(me, "Enterprise"),
            _triple(me, "label", f'"Ferme {number}"'),
            _triple(me, "siret", f'"{80000000000000 + number}"' if number % 97 else '"8000"'),
            _triple(me, "mail", f'"ferme{number}@bench.example"'),
            _triple(me, "region", f"<{DATA}regions/{number % REGIONS}>"),
            _triple(me, "postcode", f'"{10000 + number % 80000}"'),
            _triple(me, "homepage", f"<https://ferme{number}.bench.example/>"),
        )
    )


def _product(number: int, random: Random) -> str:
    me = f"products/{number}"
    wrong = random.randrange(10) if number % MISTAKE == 7 else None
    price = random.randint(100, 4000) / 100
    group = price * (1.2 if wrong == 0 else 0.9)
    lines = [
        _typed(me, "Product"),
        _triple(me, "sku", f'"SKU-{number:06d}"' if wrong != 1 else f'"sku {number}"'),
        _triple(me, "name", f'"Produit n° {number}"@fr'),
        _triple(me, "name", f'"Product no. {number}"@{"fr" if wrong == 2 else "en"}'),
        _triple(me, "description", f'"Récolté le matin, lot {number % 5000}"'),
        _triple(me, "category", f"<{NS}{random.choice(_CATEGORIES) if wrong != 3 else 'garden'}>"),
        _triple(me, "producer", f"<{DATA}{'producers/' + str(number // PER_PRODUCER) if wrong != 4 else 'nobody'}>"),
        _triple(me, "stock", _literal(random.randint(0, 400) if wrong != 5 else "beaucoup", "integer")),
        _triple(me, "availableFrom", _literal(f"2026-{random.randint(1, 6):02d}-{random.randint(1, 28):02d}", "date")),
        _triple(me, "availableUntil", _literal("2026-09-01" if wrong != 6 else "2025-12-31", "date")),
        _triple(me, "quantity", f"<{DATA}{me}#quantity>"),
        _typed(f"{me}#quantity", "Quantity"),
        _triple(f"{me}#quantity", "value", _literal(random.randint(1, 900) if wrong != 7 else 0, "decimal")),
        _triple(f"{me}#quantity", "unit", f"<{NS}{random.choice(_UNITS)}>"),
    ]
    for channel, amount in (("shop", price), ("group", group)):
        offer = f"{me}#{channel}"
        lines += [
            _triple(me, "offer", f"<{DATA}{offer}>"),
            _typed(offer, "Offer"),
            _triple(offer, "price", _literal(f"{amount if wrong != 8 else -amount:.2f}", "decimal")),
            _triple(offer, "currency", '"EUR"'),
            _triple(offer, "channel", f"<{NS}{channel if wrong != 9 else 'fair'}>"),
            _triple(offer, "vatRate", _literal(random.choice(_RATES), "decimal")),
        ]
    return "".join(lines)


COLUMNS = (
    *("sku", "name_fr", "name_en", "other_name", "description", "category"),
    *("producer", "producer_label", "siret", "mail", "postcode", "homepage", "region", "region_label"),
    *("stock", "available_from", "available_until", "value", "unit"),
    *("shop_price", "group_price", "currency", "vat_rate"),
)


def write_csv(path: Path, products: int) -> Path:
    """Writes ``products`` products to ``path``, each with its offers, producer and region on one line."""
    random = Random(SEED)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_line(number, random) for number in range(products))
    return path


def _line(number: int, random: Random) -> dict[str, object]:
    wrong = random.randrange(10) if number % MISTAKE == 7 else None
    price = random.randint(100, 4000) / 100
    producer = number // PER_PRODUCER
    region = producer % REGIONS
    right = {
        "sku": f"SKU-{number:06d}",
        "name_fr": f"Produit n° {number}",
        "name_en": f"Product no. {number}",
        "description": f"Récolté le matin, lot {number % 5000}",
        "category": random.choice(_CATEGORIES),
        "producer": producer,
        "producer_label": f"Ferme {producer}",
        "siret": 80000000000000 + producer if producer % 97 else 8000,
        "mail": f"ferme{producer}@bench.example",
        "postcode": 10000 + producer % 80000,
        "homepage": f"https://ferme{producer}.bench.example/",
        "region": region + 10,
        "region_label": f"Région {region}",
        "stock": random.randint(0, 400),
        "available_from": f"2026-{random.randint(1, 6):02d}-{random.randint(1, 28):02d}",
        "available_until": "2026-09-01",
        "value": random.randint(1, 900),
        "unit": random.choice(_UNITS),
        "shop_price": f"{price:.2f}",
        "group_price": f"{price * 0.9:.2f}",
        "currency": "EUR",
        "vat_rate": random.choice(_RATES),
    }
    mistakes: tuple[dict[str, object], ...] = (
        {"group_price": f"{price * 1.2:.2f}"},
        {"sku": f"REF-{number:06d}"},
        {"other_name": f"Autre n° {number}"},
        {"category": "garden"},
        {"producer": ""},
        {"stock": -3},
        {"available_until": "2025-12-31"},
        {"value": 0},
        {"shop_price": f"-{price:.2f}"},
        {"currency": "USD"},
    )
    return right if wrong is None else {**right, **mistakes[wrong]}
