"""A product catalogue as an Open Food Network hub exports it, of any size, the same on every machine.

Producers have 20 to 60 products each; names, descriptions and prices vary; units are weights, volumes and pieces; one row in a
hundred has a mistake of the kinds that real files have. No library of ours or of others is used.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

HEADER = [
    "producer",
    "sku",
    "name",
    "display_name",
    "category",
    "description",
    "units",
    "unit_type",
    "variant_unit_name",
    "price",
    "on_hand",
    "available_on",
    "on_demand",
    "shipping_category",
    "tax_category",
]
SEED = 20261121
MISTAKE = 100

_FARMS = ("Ferme", "Gaec", "Jardin", "Verger", "Moulin", "Fournil", "Rucher", "Laiterie", "Cave", "Bergerie")
_PLACES = (
    "des Tilleuls",
    "du Vallon",
    "de la Combe",
    "aux Alouettes",
    "du Grand Bois",
    "de Kerven",
    "des Deux Rives",
    "du Causse",
)
_GOODS = {
    "Vegetables": (
        "Carotte",
        "Poireau",
        "Courge butternut",
        "Chou frisé",
        "Betterave crue",
        "Épinard",
        "Panais",
        "Oignon jaune",
    ),
    "Fruit": ("Pomme reinette", "Poire conférence", "Prune d'ente", "Kiwi", "Fraise gariguette", "Châtaigne"),
    "Dairy": ("Yaourt nature", "Tomme fermière", "Faisselle", "Beurre cru", "Crème épaisse"),
    "Bakery": ("Pain de campagne", "Brioche", "Pain au seigle", "Fougasse"),
    "Eggs": ("Œufs de poules élevées en plein air",),
    "Meat": ("Poulet fermier", "Côtes d'agneau", "Saucisse fraîche"),
    "Preserves and Sauces": ("Confiture de mûres", "Coulis de tomate", "Miel de printemps", "Tapenade"),
    "Drinks": ("Jus de pomme", "Cidre brut", "Bière blonde", "Sirop de sureau"),
}
_WORDS = [
    "Récolté",
    "le",
    "matin",
    "même,",
    "sans",
    "traitement,",
    "conservé",
    "au",
    "frais.",
    "Variété",
    "ancienne",
    "choisie",
    "avec",
    "les",
    "voisins",
    ";",
    "goût",
    "franc,",
    "texture",
    "ferme.",
    "Se",
    "cuisine",
    "au",
    "four,",
    "en",
    "soupe",
    "ou",
    "cru.",
    "Emballage",
    "consigné,",
    "à",
    "rendre",
    "au",
    "prochain",
    "marché.",
]
_UNITS = (
    ("500", "g", ""),
    ("1", "kg", ""),
    ("250", "g", ""),
    ("75", "cl", ""),
    ("1", "l", ""),
    ("6", "", "pièce"),
    ("1", "", "botte"),
)


def rows(count: int) -> Iterator[list[str]]:
    """The first ``count`` rows of the catalogue, without header."""
    random = Random(SEED)
    farm = number = 0
    while number < count:
        farm += 1
        producer = f"{random.choice(_FARMS)} {random.choice(_PLACES)} {farm}"
        for _ in range(min(random.randint(20, 60), count - number)):
            yield _row(random, producer, number)
            number += 1


def _row(random: Random, producer: str, number: int) -> list[str]:
    category = random.choice(tuple(_GOODS))
    good = random.choice(_GOODS[category])
    units, unit_type, unit_name = random.choice(_UNITS)
    description = " ".join(random.choice(_WORDS) for _ in range(random.randint(4, 24)))
    price = f"{random.randint(50, 4000) / 100:.2f}"
    on_demand = random.random() < 0.1
    stock = "" if on_demand else str(random.randint(0, 400))
    display = f"{good} — panier" if random.random() < 0.2 else ""
    available = f"2026-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}" if random.random() < 0.3 else ""
    name = f"{good} n° {number}"
    if number % MISTAKE == 7:
        name, price = random.choice(((name, f"-{price}"), ("", price), (name, price), (name, f"-{price}")))
        units = units if random.random() < 0.5 else "0"
    return [
        producer,
        f"SKU-{number:06d}",
        name,
        display,
        category,
        description,
        units,
        unit_type,
        unit_name,
        price,
        stock,
        available,
        "1" if on_demand else "0",
        "Frais" if category in ("Dairy", "Meat", "Eggs") else "Ambiant",
        "TVA 5,5",
    ]


def write(path: Path, count: int) -> Path:
    """Writes the catalogue as CSV to ``path``."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows(count))
    return path


def write_json(path: Path, count: int) -> Path:
    """Writes the catalogue as one JSON array of nested products, with two offers each, to ``path``."""
    with path.open("w", encoding="utf-8") as file:
        for number, row in enumerate(rows(count)):
            file.write("[\n" if number == 0 else ",\n")
            json.dump(_nested(dict(zip(HEADER, row, strict=True))), file, ensure_ascii=False, indent=1)
        file.write("\n]\n")
    return path


def _nested(row: dict[str, str]) -> dict[str, object]:
    price = float(row["price"])
    return {
        "sku": row["sku"],
        "name": row["name"],
        "description": row["description"],
        "category": row["category"],
        "producer": {"name": row["producer"], "address": {"city": "Rennes", "postcode": "35000"}},
        "quantity": {"value": float(row["units"]), "unit": row["unit_type"] or row["variant_unit_name"]},
        "offers": [
            {"id": f"{row['sku']}-shop", "price": price, "currency": "EUR", "channel": "shop"},
            {"id": f"{row['sku']}-group", "price": round(price * 0.9, 2), "currency": "EUR", "channel": "group"},
        ],
        "stock": int(row["on_hand"]) if row["on_hand"] else None,
        "tags": [row["shipping_category"], row["tax_category"]],
    }
