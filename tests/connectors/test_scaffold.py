"""A new package begins with a sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from datahub.connectors import connector
from datahub.connectors.check import check, record
from datahub.connectors.scaffold import scaffold
from datahub.errors import ConflictError, InputError, NotFoundError


def sample(folder: Path, text: str) -> Path:
    path = folder / "exemple.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_sample_becomes_a_package_that_lifts_it(tmp_path: Path) -> None:
    path = sample(
        tmp_path,
        "Réf;Nom;Latitude;Longitude;Code postal;Couleur\nA1;Halle;44.1;5.2;26000;rouge\nA2;Gare;44.2;5.3;26100;\n",
    )
    folder = scaffold("places-du-coin", path, tmp_path / "new", "mobility")
    one = connector(str(folder))
    lift = one.lift(folder / "samples" / "exemple.csv", "https://hub.example/r/")
    text = "".join(lift.frame.lines())
    assert '<https://hub.example/r/records/A1> <http://schema.org/name> "Halle"' in text
    assert '<http://schema.org/postalCode> "26100"' in text
    mapping = (folder / "mapping.ttl").read_text("utf-8")
    assert "“Couleur”" in mapping, "what is left to decide is named"
    record(one)
    assert all(result.passed for result in check(one))


def test_a_package_is_never_overwritten(tmp_path: Path) -> None:
    path = sample(tmp_path, "id,nom\n1,A\n")
    scaffold("mine", path, tmp_path, "food")
    with pytest.raises(ConflictError):
        scaffold("mine", path, tmp_path, "food")


@pytest.mark.parametrize("name", ["../out", "Mine", "", "a b", "-a"])
def test_a_name_is_a_plain_word(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        scaffold(name, sample(tmp_path, "id,nom\n1,A\n"), tmp_path / "x", "food")
    assert not (tmp_path / "x").exists()


def test_what_has_no_header_or_no_profile_makes_no_package(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        scaffold("mine", sample(tmp_path, "a,a\n1,2\n"), tmp_path / "x", "food")
    with pytest.raises(NotFoundError):
        scaffold("mine", sample(tmp_path, "a,b\n1,2\n"), tmp_path / "x", "cooking")
    assert not (tmp_path / "x").exists()
