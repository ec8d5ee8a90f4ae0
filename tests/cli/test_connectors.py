"""``datahub connectors``: what there is, in both languages and for programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from datahub.connectors import connectors
from tests.cli.conftest import Session


def test_the_list_is_the_default_and_names_every_connector(datahub: Session) -> None:
    said = datahub("connectors")
    assert said.code == 0
    assert said.out == datahub("connectors", "list").out
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == [one.name for one in connectors()]


def test_json_tells_directions_and_formats(datahub: Session) -> None:
    found = {one["name"]: one for one in json.loads(datahub("connectors", "--json").out)}
    assert datahub("connectors", "list", "--json").out == datahub("connectors", "--json").out
    assert found["bnlc"]["directions"] == ["in", "out"]
    assert found["datatourisme"]["directions"] == ["in"]
    assert found["ofn-products"]["formats"] == ["text/csv"]
    assert all(one["title"]["fr"] and one["title"]["en"] for one in found.values())


def test_show_tells_where_each_column_goes(datahub: Session) -> None:
    shown = json.loads(datahub("connectors", "show", "ofn-products", "--json").out)
    paths = {"/".join(column["path"]) for column in shown["columns"] if column["column"] == "price"}
    value = "dfc-b:referencedBy/dfc-b:offeredThrough/dfc-b:hasPrice/dfc-b:value"
    assert value in paths
    said = datahub("connectors", "show", "ofn-products", "--lang", "fr")
    assert said.code == 0
    assert value in said.out
    assert "colonne" in said.out


def test_the_samples_of_a_package_are_compared_with_what_is_expected(datahub: Session, tmp_path: Path) -> None:
    assert datahub("connectors", "test", "bnlc").code == 0
    copy = tmp_path / "bnlc"
    shutil.copytree(next(one.folder for one in connectors() if one.name == "bnlc"), copy)
    for expected in (copy / "expected").glob("*.nt"):
        expected.write_text("", "utf-8")
    said = datahub("connectors", "test", copy, "--lang", "fr")
    assert said.code == 1
    assert said.out
