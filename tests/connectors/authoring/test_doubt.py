"""A file that holds none of the records that can be drafted is not passed off as one."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from datahub.connectors.authoring.drafting import draft
from datahub.connectors.authoring.sample import read
from datahub.errors import InputError

NOTHING_KNOWN = {
    "timetable": "trip_id,arrival_time,departure_time,stop_sequence\n1,10:00:00,10:01:00,1\n1,10:05:00,10:06:00,2\n",
    "calendar": "service_id,monday,tuesday,sunday,start_date,end_date\nS1,1,1,0,20260101,20261231\nS2,0,0,1,20260101,20261231\n",
    "measures": "capteur;horodatage;pm10;pm25\nA;2026-01-01 10:00;12;8\nB;2026-01-01 11:00;14;9\n",
}
KNOWN = {
    "prices": "nom;prix TTC;unité\nMiel;5,50;kg\nPain;3,20;pièce\n",
    "places": "nom,latitude,longitude,couleur\nAire,45.123,5.123,rouge\nGare,45.223,5.223,vert\n",
}


@pytest.mark.parametrize("text", NOTHING_KNOWN.values(), ids=NOTHING_KNOWN.keys())
def test_the_draft_of_a_file_of_something_else_is_called_doubtful(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    assert draft(read(path)).doubtful


@pytest.mark.parametrize("text", KNOWN.values(), ids=KNOWN.keys())
def test_the_draft_of_a_plain_list_is_not(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    assert not draft(read(path)).doubtful


def test_an_archive_is_told_with_what_is_in_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "feed.zip", "w") as feed:
        feed.writestr("agency.txt", "agency_id\nA\n")
        feed.writestr("stops.txt", "stop_id\nA\n")
    with pytest.raises(InputError) as caught:
        read(tmp_path / "feed.zip")
    assert "agency.txt, stops.txt" in caught.value.message.fr
    assert caught.value.fix is not None
