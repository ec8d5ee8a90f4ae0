"""Files with very many columns are drafted while one waits."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path

from datahub.connectors.authoring.drafting import draft
from datahub.connectors.authoring.sample import read

WORDS = [
    "prix", "nom", "libellé", "code", "ville", "adresse", "latitude", "stock", "date",
    "tva", "producteur", "poids", "unité", "description", "horaire", "région", "places", "type",
    "statut", "commentaire", "quantité", "référence", "téléphone", "email", "site",
]  # fmt: skip


def _cell(column: int, row: int, chance: random.Random) -> str:
    return (
        f"{chance.random() * 10:.2f}".replace(".", ","),
        f"Texte {chance.randint(0, 99)} mot {row}",
        str(chance.randint(0, 50)),
        f"{chance.randint(1, 28):02}/0{chance.randint(1, 9)}/2026",
        "oui" if chance.random() < 0.5 else "non",
        f"A-{row}-{column}",
        f"{44 + chance.random():.5f}",
        f"{chance.randint(1, 500)} g",
        f"x{row}@example.org",
        chance.choice(["kg", "g", "pièce", "botte"]),
    )[column % 10]


def test_three_hundred_columns_are_drafted(tmp_path: Path) -> None:
    chance = random.Random(1)
    names = [f"{a} {b} {n}" for n, (a, b) in enumerate(product(WORDS, WORDS[:12]))][:300]
    rows = [names, *([_cell(column, row, chance) for column in range(300)] for row in range(50))]
    path = tmp_path / "large.csv"
    path.write_text("\n".join(";".join(row) for row in rows), "utf-8")
    sample = read(path)
    found = draft(sample, "food")
    every = draft(sample)
    assert len(found.guesses) == len(every.guesses) == 300
    assert sum(guess.slot is not None for guess in every.guesses) > 10
