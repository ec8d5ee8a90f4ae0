"""A connector inside Spark's tasks: the same triples and findings as on one machine, however a file is cut."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datahub.connectors import Connector, connector
from datahub.connectors.scaffold import scaffold
from datahub.connectors.spark import job as spread
from datahub.connectors.spark import lift_on_spark
from datahub.errors import InputError
from datahub.grouping import groups
from datahub.mapping.spark import Spread
from tests.on_spark import lines_in

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")]

BASE = "https://hub.example/r/"
OFN = (
    "producer,sku,name,display_name,category,description,units,unit_type,variant_unit_name,price,on_hand,available_on,"
    "on_demand,shipping_category,tax_category\n"
)


@pytest.fixture(autouse=True)
def small_parts(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a few kilobytes are cut."""
    monkeypatch.setattr(spread, "SMALL_BYTES", 0)
    spark.conf.set("spark.sql.files.maxPartitionBytes", "20k")


Same = Callable[[Connector, Path], Spread]


@pytest.fixture
def same(spark: Any, tmp_path: Path) -> Same:
    """Lifts on Spark and on one machine, and compares them."""

    def run(one: Connector, file: Path) -> Spread:
        here = one.lift(file, BASE)
        made = lift_on_spark(spark, one, file, tmp_path / "out", BASE)
        lines = lines_in(tmp_path / "out")
        assert sorted(lines) == [line.rstrip("\n") for line in here.frame.canonical_lines()]
        assert len(lines) == made.statements
        expected = {(g.severity, g.code, g.column): (g.count, g.rows) for g in groups(here.findings)}
        assert {(g.severity, g.code, g.column): (g.count, g.rows) for g in groups(made.findings)} == expected
        return made

    return run


def products(count: int) -> list[str]:
    rows = []
    for n in range(count):
        category, price = "Vegetables" if n % 3 else "Zzz", "abc" if n % 97 == 0 else "2.5"
        rows.append(f'Ferme {n % 7},S{n},"Produit {n}\nsuite",,{category},,500,g,,{price},3,,,,\n')
    return rows


def test_a_large_catalogue_gives_the_same_in_parts_repeats_and_collisions_across_them_too(
    same: Same, tmp_path: Path
) -> None:
    rows = products(900)
    rows[10] = rows[10].replace("S10,", "TWICE,")
    rows[892] = rows[892].replace("S892,", "TWICE,")  # another product of this farm under that reference, parts away
    rows[500] = rows[500].replace("S500,", ",")  # without a reference one is made up
    rows += [rows[20], "Ferme 1,only\n"]  # a row that comes again, and one that is broken
    file = tmp_path / "produits.csv"
    file.write_text(OFN + "".join(rows), "utf-8")
    made = same(connector("ofn-products"), file)
    assert made.parts >= 3
    codes = set(made.findings["code"])
    assert {"identifier-collision", "row-duplicate", "identifier-made", "value-not-in-code-list"} <= codes
    shared = "".join(path.read_text("utf-8") for path in (tmp_path / "out").glob("shared-*"))
    named = [line for line in shared.splitlines() if '"Ferme 1"' in line]
    assert len(named) == 1, "what many products say of their farm is written once"


def test_json_lines_with_lists_of_objects_in_parts(same: Same, tmp_path: Path) -> None:
    records = [
        {"ref": f"R{n}", "nom": f"Miel {n}", "producteur": {"nom": f"Rucher {n % 5}"},
         "offres": [{"libellé": "pot", "prix": n + 0.5}, {"libellé": "seau", "prix": 9}][: n % 3]}
        for n in range(400)
    ]  # fmt: skip
    sample, file = tmp_path / "exemple.jsonl", tmp_path / "tout.jsonl"
    for path, some in ((sample, records[:5]), (file, [*records, records[3]])):
        path.write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in some), "utf-8")
    made = scaffold("miel", sample, tmp_path / "new", record_class="dfc-b:SuppliedProduct")
    result = same(connector(str(made.folder)), file)
    assert result.parts >= 2
    assert "row-duplicate" in set(result.findings["code"])


@pytest.mark.parametrize("name", ["dfc", "gtfs-stops", "datatourisme", "cagette-catalogue"])
def test_what_can_not_be_cut_is_read_by_one_task(same: Same, name: str) -> None:
    one = connector(name)
    made = same(one, one.samples[0])
    if name != "cagette-catalogue":
        assert made.parts == 1


PRO = "productName;ref;desc;unit;organic;floatQt;txp;offerName;offerRef;qt;price;vat;active;imageUrl;imageDate\n"


def test_rows_that_go_on_with_the_record_above_are_kept_together(same: Same, tmp_path: Path) -> None:
    file = tmp_path / "pro.csv"
    rows = [f"Miel {n};M{n};;kg;0;0;;pot;o{n};1;2,50;5,5;1;;\n;;;;;;;seau;p{n};5;9,50;5,5;1;;\n" for n in range(600)]
    file.write_text(PRO + PRO + "".join(rows), "utf-8")
    assert same(connector("cagette-catalogue"), file).parts == 1


def test_what_one_task_can_not_read_and_nobody_can_cut_is_refused(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "WHOLE_BYTES", 10)
    file = tmp_path / "pro.csv"
    file.write_text(PRO + PRO + "Miel;M1;;kg;0;0;;pot;o1;1;2,50;5,5;1;;\n", "utf-8")
    feed = tmp_path / "feed.zip"
    with zipfile.ZipFile(feed, "w") as archive:
        archive.writestr("stops.txt", "stop_id,stop_name\nA,Gare\n")
    for name, path, why in (
        ("cagette-catalogue", file, "continuent la fiche"),
        ("gtfs-stops", feed, "ni un simple CSV"),
    ):
        with pytest.raises(InputError) as caught:
            lift_on_spark(spark, connector(name), path, tmp_path / "out", BASE)
        assert caught.value.code == "spark-not-cuttable"
        assert why in caught.value.message.fr
        assert caught.value.fix is not None
        assert not (tmp_path / "out").exists()


def test_a_file_in_another_format_is_refused_as_on_one_machine(spark: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(InputError) as caught:
        lift_on_spark(spark, connector("bnlc"), file, tmp_path / "out", BASE)
    assert caught.value.code == "not-this-format"
    assert not (tmp_path / "out").exists()


def test_strictly_a_row_that_is_refused_leaves_nothing(spark: Any, tmp_path: Path) -> None:
    file = tmp_path / "produits.csv"
    file.write_text(OFN + "".join([*products(3), products(3)[1].replace("Produit", "Autre")]), "utf-8")
    with pytest.raises(InputError):
        lift_on_spark(spark, connector("ofn-products"), file, tmp_path / "out", BASE, strict=True)
    assert not (tmp_path / "out").exists()
