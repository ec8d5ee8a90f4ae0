"""A community fills in a spreadsheet; nobody makes them export it first."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from datahub.connectors import connector
from datahub.connectors.scaffold import scaffold
from datahub.errors import InputError
from tests.sources.test_opendocument import ods
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


@pytest.mark.parametrize("written", [workbook, ods])
def test_a_spreadsheet_says_the_same_as_the_csv_file_made_of_it(written: Callable[..., bytes]) -> None:
    one = connector("hospitality-offers")
    sheet = one.lift(written(ROWS), BASE)
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


def test_a_text_document_is_no_spreadsheet() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<office:document-content/>")
    with pytest.raises(InputError) as caught:
        connector("bnlc").lift(out.getvalue(), BASE)
    assert caught.value.code == "not-spreadsheet"


def test_a_connector_is_drafted_from_it(tmp_path: Path) -> None:
    path = tmp_path / "gites.ods"
    path.write_bytes(
        ods(
            [
                ["Offres 2026"],
                [],
                ["N°", "Titre", "Type", "Hôte", "Mail", "Ville", "Capacité", "Prix/nuit", "Statut", "Maj"],
                ["G1", "Le Serre", "séjour", "Ana", "a@ex.fr", "Die", 4, 45.5, "actif", datetime.date(2026, 3, 1)],
                ["G2", "Les Merles", "repas", "Bob", "b@ex.fr", "Luc", 2, 38.0, "actif", datetime.date(2026, 3, 2)],
            ]
        )
    )
    made = scaffold("gites", path, tmp_path / "new")
    lift = connector(str(made.folder)).lift(path, BASE)
    assert lift.read == 2
    assert 'schema.org/price> "45.5"' in "".join(lift.frame.canonical_lines())
    assert lift.refused.is_empty()
