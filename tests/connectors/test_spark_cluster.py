"""A connector on a standalone Spark cluster of a master and two workers, one of which is killed in the middle of a job."""

from __future__ import annotations

from pathlib import Path

import pytest

from datahub.connectors import connector
from tests.on_spark import Cluster, lines_in

pytestmark = pytest.mark.slow

ROWS = 30_000
OFN = "producer,sku,name,category,description,units,unit_type,price,on_hand\n"
BASE = "https://hub.example/r/"


def test_repeats_and_collisions_are_found_across_machines_though_a_worker_is_killed(
    cluster: Cluster, tmp_path: Path
) -> None:
    rows = [f"Ferme {n % 40},S{n},Produit {n},Vegetables,{'cultivé ici ' * 12},500,g,2.5,3\n" for n in range(ROWS)]
    rows[20_000] = rows[40].replace("Produit", "Autre")  # another product under the same reference, machines away
    rows.append(rows[7])  # a row that comes again
    file = tmp_path / "produits.csv"
    file.write_text(OFN + "".join(rows), "utf-8")
    with cluster.lift(tmp_path, "--connector", "ofn-products", "--base", BASE, "produits.csv") as job:
        said = cluster.killed_in_the_middle(tmp_path, job)
    lines = lines_in(tmp_path / "out")
    here = connector("ofn-products").lift(file, BASE)
    assert sorted(lines) == [line.rstrip("\n") for line in here.frame.canonical_lines()]
    assert {"identifier-collision", "row-duplicate"} <= set(here.findings["code"])
    assert said[-1].startswith(f"{len(lines)} triplets écrits (tâches\u00a0: ")
    assert "S40" in "\n".join(said), "the collision is told"
