"""What people know from spreadsheets and no reader can take is told in their words; odd columns are not taken for something."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from datahub.connectors import connector
from datahub.connectors.authoring.drafting import Draft, draft
from datahub.connectors.authoring.sample import read
from datahub.connectors.scaffold import scaffold
from datahub.errors import InputError
from datahub.rdf.terms import XSD

BASE = "https://hub.example/r/"


def drafted(path: Path, text: str, **chosen: str) -> Draft:
    path.write_text(text, "utf-8")
    return draft(read(path), **chosen)


def places(found: Draft) -> dict[str, str | None]:
    """Column → the property that it is taken for."""
    return {guess.column.title: guess.slot.predicate if guess.slot else None for guess in found.guesses}


DMS = """Nom du point;Latitude;Longitude;Type
Gare de Die;44°45'12"N;5°22'30"E;Parking
Parking du Champ;44° 43' 05.2" N;5° 20' 11" E;Parking
Pointe;44°50'N;1°24'30"O;Parking
"""


def test_degrees_and_minutes_are_read_as_coordinates_and_written_back(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text(DMS, "utf-8")
    made = scaffold("points", tmp_path / "points.csv", tmp_path / "new")
    assert made.draft.model.type == "dhm:MeetingPoint"
    one = connector(str(made.folder))
    lift = one.lift(tmp_path / "points.csv", BASE)
    lines = "".join(lift.frame.canonical_lines())
    assert f'longitude> "-1.4083333"^^<{XSD}decimal>' in lines
    assert f'latitude> "44.7181111"^^<{XSD}decimal>' in lines
    written = one.lower(lift.frame, BASE).data.decode()
    assert '44°43\'05.2""N' in written
    assert '1°24\'30""O' in written


@pytest.mark.parametrize("sheet", [False, True])
def test_names_in_two_lines_are_refused_with_the_names_to_write(tmp_path: Path, sheet: bool) -> None:
    lines = ["Produit;Prix;;Stock", ";HT;TTC;", "Miel;8,00;8,44;12", "Pain;3,00;3,17;30"]
    path = tmp_path / ("deux.xlsx" if sheet else "deux.csv")
    if sheet:
        workbook(path, [line.split(";") for line in lines])
    else:
        path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.code == "sample-header"
    assert caught.value.fix is not None
    assert "“Produit”, “Prix HT”, “Prix TTC”, “Stock”" in caught.value.fix.en
    assert "« Prix HT »" in caught.value.fix.fr


def test_a_line_of_explanations_or_an_empty_column_is_no_second_line_of_names(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Produit;Prix;;Stock\nMiel;8,00;;12\nPain;3,00;;30\n", "utf-8")
    assert read(path).table.height == 2


def test_cells_merged_over_rows_are_told_with_their_column(tmp_path: Path) -> None:
    rows = [["Producteur", "Produit"], ["Ferme A", "Miel"], ["", "Pain"], ["Ferme B", "Lait"]]
    workbook(tmp_path / "amap.xlsx", rows, merge="A2:A3")
    (note,) = [note for note in read(tmp_path / "amap.xlsx").notes if "A2:A3" in note.en]
    assert note.en.startswith("“Producteur” has cells merged over several rows")
    assert note.fr.startswith("« Producteur » a des cellules fusionnées")


def workbook(path: Path, rows: list[list[Any]], merge: str | None = None) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([cell or None for cell in row])
    if merge:
        book.active.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    path.write_bytes(out.getvalue())


def test_an_empty_column_is_taken_for_nothing_unless_it_is_called_so(tmp_path: Path) -> None:
    text = "Nom,Adresse,Col12,Fax,Téléphone\nAna,1 rue A,,,\nLuc,2 rue B,,,\n"
    found = places(drafted(tmp_path / "lieux.csv", text, record_class="dhh:HospitalityOffer"))
    assert found["Col12"] is None
    assert found["Fax"] is None
    assert found["Téléphone"] == "schema:telephone"


def test_what_is_inside_a_list_of_a_record_is_not_taken_for_the_record(tmp_path: Path) -> None:
    records = [
        {"sku": f"P{n}", "title": f"Miel {n}", "photos": [{"url": f"https://x.example/{n}.jpg"}],
         "variants": [{"id": f"P{n}-{m}", "label": f"pot {m}00 g", "price": 2.5 + m} for m in (2, 5)]}
        for n in range(4)
    ]  # fmt: skip
    found = places(drafted(tmp_path / "p.json", json.dumps(records), record_class="dfc-b:SuppliedProduct"))
    assert found["sku"] == "dfc-b:sku"
    assert found["variants id"] != "dct:identifier"
    assert found["variants label"] != "dfc-b:hasCertification"
    assert found["photos url"] != "schema:url"


def test_a_truth_value_that_never_occurs_is_written_in_the_words_of_the_other(tmp_path: Path) -> None:
    records = [{"id": n, "nom": f"Aire {n}", "lat": 45.1234, "lon": 4.8123, "gratuit": True} for n in range(3)]
    found = drafted(tmp_path / "p.json", json.dumps(records), record_class="dhm:MeetingPoint")
    (guess,) = [guess for guess in found.guesses if guess.column.title == "gratuit"]
    assert guess.reading.options["words"] == "true / false"


def test_small_numbers_are_numbers_and_not_departments(tmp_path: Path) -> None:
    text = "Nom,Prix,attr_1\n" + "".join(f"Miel {n},{n}.50,{n}\n" for n in range(1, 30))
    found = drafted(tmp_path / "a.csv", text, record_class="dfc-b:SuppliedProduct")
    assert found.guesses[2].slot is None
    assert found.guesses[2].reading.kind == "integer"


def test_what_belongs_to_somebody_whom_no_column_names_is_not_said_to_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Nom,Adresse,Tél.\nAna,1 rue A,0478000002\nLuc,2 rue B,0478000003\n", "utf-8")
    made = scaffold("a", tmp_path / "a.csv", tmp_path / "new", record_class="dhh:HospitalityOffer")
    guess = made.draft.guesses[2]
    assert guess.slot is None
    assert guess.reason.en == "it goes with “host”, which no column gives"
    assert guess.reason.fr == "elle va avec « hôte », qu'aucune colonne ne donne"
    (tmp_path / "b.csv").write_text("Nom,Hôte,Tél.\nGîte,Ana,0478000002\nStudio,Luc,0478000003\n", "utf-8")
    named = scaffold("b", tmp_path / "b.csv", tmp_path / "new", record_class="dhh:HospitalityOffer")
    assert named.draft.guesses[2].slot is not None
