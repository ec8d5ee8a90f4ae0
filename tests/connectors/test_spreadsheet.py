"""A community fills in a spreadsheet; nobody makes them export it first."""

from __future__ import annotations

import datetime

import pytest

from datahub.connectors import connector
from datahub.errors import InputError
from tests.sources.test_spreadsheet import workbook

pytest.importorskip("fastexcel")
BASE = "https://hub.example/r/"
NAMES = [
    "Identifiant",
    "Titre",
    "Type",
    "Hôte",
    "Communauté",
    "Statut",
    "Mise à jour",
    "Précision",
    "Commune",
    "Tarif",
    "Prix",
]
ROWS = [
    NAMES,
    [
        "A1",
        "Chambre du haut",
        "séjour",
        "Nadia",
        "Les Passeurs",
        "actif",
        datetime.date(2026, 4, 12),
        "commune",
        "Die",
        "payant",
        42.5,
    ],
    [
        "A2",
        "Balade",
        "balade",
        "Marius",
        "Les Passeurs",
        "actif",
        datetime.date(2026, 4, 12),
        "commune",
        "Die",
        "gratuit",
        None,
    ],
]


def test_a_spreadsheet_says_the_same_as_the_csv_file_made_of_it() -> None:
    one = connector("hospitality-offers")
    sheet = one.lift(workbook(ROWS), BASE)
    text = ";".join(NAMES) + "\n"
    text += "A1;Chambre du haut;séjour;Nadia;Les Passeurs;actif;12/04/2026;commune;Die;payant;42,5\n"
    text += "A2;Balade;balade;Marius;Les Passeurs;actif;12/04/2026;commune;Die;gratuit;\n"
    plain = one.lift(text.encode(), BASE)
    assert sheet.read == plain.read == 2
    assert sheet.refused.is_empty()
    assert sheet.frame.equals(plain.frame)


def test_a_spreadsheet_of_another_format_is_refused_with_the_connector_that_fits() -> None:
    with pytest.raises(InputError) as caught:
        connector("bnlc").lift(workbook(ROWS), BASE)
    assert caught.value.code == "not-this-format"
    assert "« nom_lieu »" in caught.value.message.fr
    assert caught.value.fix is not None
    assert "« hospitality-offers »" in caught.value.fix.fr


def test_a_spreadsheet_is_no_feed() -> None:
    with pytest.raises(InputError) as caught:
        connector("gtfs-stops").lift(workbook(ROWS), BASE)
    assert "tableur" in caught.value.message.fr
