"""Files as people save them: other quotes, other encodings, prices with their unit in the title."""

from __future__ import annotations

from pathlib import Path

import pytest

from datahub.connectors import connector
from datahub.connectors.check import check
from datahub.connectors.scaffold import Scaffold, scaffold
from datahub.errors import InputError


def begun(folder: Path, data: str | bytes) -> Scaffold:
    path = folder / "exemple.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return scaffold("mine", path, folder / "new")


def placed(made: Scaffold) -> dict[str, str]:
    return {guess.column.name: f"{g.node}.{g.predicate}" for guess in made.draft.guesses if (g := guess.slot)}


DIALECTS = {
    "tabs": "Réf\tProduit\tPrix\n1\tMiel\t12,50\n2\tPain\t4,20\n",
    "bars": "ref|produit|prix\n1|Miel|12,50\n2|Pain|4,20\n",
    "apostrophes": "'ref';'produit';'prix'\n'1';'Miel; doux';'12,50'\n'2';'Pain';'4,20'\n",
    "UTF-16": "Réf;Produit;Prix\n1;Miel;12,50\n2;Crème;4,20\n".encode("utf-16"),
    "old Macintosh": b"Ref;Produit;Prix\r1;Miel;12,50\r2;Pain;4,20\r",
    "line breaks in names": '"Ref";"Nom du\nproduit";"Prix TTC\n(€)"\n1;Miel;12,50\n2;Pain;4,20\n',
}


@pytest.mark.parametrize("data", DIALECTS.values(), ids=DIALECTS.keys())
def test_a_price_list_is_read_whole_and_written_back(data: str | bytes, tmp_path: Path) -> None:
    made = begun(tmp_path, data)
    assert sorted(placed(made).values()) == ["price.dfc-b:value", "record.dct:identifier", "record.dfc-b:name"]
    (result,) = check(connector(str(made.folder)))
    assert result.passed, result.detail
    assert result.outcome is not None
    assert result.outcome.lift.read == 2
    assert result.outcome.lift.refused.is_empty()
    assert '"12.50"' in result.outcome.triples
    assert result.loss is not None
    assert result.loss.lost == 0


@pytest.mark.parametrize("title", ["Prix €/kg", "Prix (€)", "Prix en €", "prix / kg", "Prix EUR", "PRIX_€"])
def test_a_price_is_known_whatever_currency_and_unit_stand_behind_it(title: str, tmp_path: Path) -> None:
    made = begun(tmp_path, f"Nom;{title}\nMiel;12,50\nPain;4,20\n")
    assert placed(made)[title] == "price.dfc-b:value"


def test_a_column_without_a_name_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        begun(tmp_path, "nom;prix;;\nMiel;5,50;;note\nPain;3,20;;\n")
    assert caught.value.fix is not None
    assert "Give each column a name" in caught.value.fix.en
