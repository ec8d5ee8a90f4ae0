"""A hub on the command line: owners, pushes here and over HTTP, exports, projections."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from datahub.cli import server
from datahub.settings import Settings
from tests.cli.conftest import PRODUCTS, Session

LICENCE = "https://spdx.org/licenses/ODbL-1.0"


@pytest.fixture
def hub(datahub: Session) -> Session:
    """A hub in ./datahub-data with the platform farms.example and its dataset farms."""
    assert datahub("platform", "add", "farms.example", "--name", "Farms").code == 0
    options = ["--platform", "farms.example", "--connector", "ofn-products", "--licence", LICENCE]
    said = datahub("dataset", "add", "farms", *options)
    assert said.code == 0, said.err
    assert said.out.strip().endswith("/datasets/farms")
    return datahub


def test_owners_are_listed_for_people_and_for_programs(hub: Session) -> None:
    assert "farms.example" in hub("platform", "list").out
    [dataset] = json.loads(hub("dataset", "list", "--json").out)
    assert (dataset["id"], dataset["platform"], dataset["visibility"], dataset["records"]) == (
        "farms",
        "farms.example",
        "open",
        0,
    )
    assert dataset["licence"] == LICENCE
    assert hub("dataset", "list", "--lang", "fr").out.startswith("jeu")


def test_what_is_there_already_or_not_at_all_is_told(hub: Session) -> None:
    assert hub("platform", "add", "farms.example").code == 2
    assert hub("push", "products.csv", "--dataset", "nope").code == 2
    said = hub("dataset", "add", "x", "--platform", "nope.example", "--connector", "ofn-products", "--licence", LICENCE)
    assert said.code == 2
    assert len(said.err.splitlines()) == 1


def test_a_push_is_taken_once_and_then_changes_nothing(hub: Session, products: Path) -> None:
    first = hub("push", products, "--dataset", "farms", "--json")
    assert first.code == 0, first.err
    report = json.loads(first.out)
    assert report["status"] == "taken"
    assert report["filename"] == "products.csv"
    assert report["counts"]["created"] > 0
    again = json.loads(hub("push", products, "--dataset", "farms", "--json").out)
    assert again["status"] == "unchanged"
    assert again["counts"]["unchanged"] == report["counts"]["created"]


def test_a_push_tells_what_each_stage_took(hub: Session, products: Path) -> None:
    said = hub("push", products, "--dataset", "farms", "--timings", "--lang", "fr")
    table = said.out.rpartition("\n\n")[2].splitlines()
    assert table[0].split() == ["étape", "secondes", "part", "éléments"]
    assert [line[:10].strip() for line in table[1:]] == [
        "lecture",
        "découpage",
        "vérificati",
        "comparaiso",
        "écriture d",
        "indexation",
        "graphe SPA",
    ]
    assert 95 <= sum(int(line.partition("%")[0].split()[-1]) for line in table[1:]) <= 105
    assert "seconds" not in hub("push", products, "--dataset", "farms").out


def test_a_dry_run_changes_nothing(hub: Session, products: Path) -> None:
    said = hub("push", products, "--dataset", "farms", "--dry-run")
    assert said.code == 0
    assert "Dry run" in said.out
    assert json.loads(hub("dataset", "list", "--json").out)[0]["records"] == 0


def test_a_push_of_which_nothing_can_be_taken_leaves_with_1(hub: Session, tmp_path: Path) -> None:
    header, row, *_ = PRODUCTS.splitlines()
    (tmp_path / "bad.csv").write_text(f"{header}\n{row.replace('2.40', '-2.40')}\n", "utf-8")
    said = hub("push", "bad.csv", "--dataset", "farms", "--lang", "fr")
    assert said.code in (0, 1)
    assert "Refusé" in said.out
    report = json.loads(hub("push", "bad.csv", "--dataset", "farms", "--json").out)
    assert report["counts"]["refused"] == 1


def test_a_delta_deletes_nothing(hub: Session, products: Path, tmp_path: Path) -> None:
    hub("push", products, "--dataset", "farms")
    before = json.loads(hub("dataset", "list", "--json").out)[0]["records"]
    header, row, *_ = PRODUCTS.splitlines()
    (tmp_path / "delta.csv").write_text(f"{header}\n{row.replace('2.40', '2.60')}\n", "utf-8")
    report = json.loads(hub("push", "delta.csv", "--dataset", "farms", "--delta", "--json").out)
    assert (report["mode"], report["counts"]["deleted"]) == ("delta", 0)
    assert report["counts"]["updated"] >= 1
    assert json.loads(hub("dataset", "list", "--json").out)[0]["records"] == before


def test_records_are_withdrawn_by_name_without_a_file(hub: Session, products: Path) -> None:
    hub("push", products, "--dataset", "farms")
    before = json.loads(hub("dataset", "list", "--json").out)[0]["records"]
    exported = hub("export", "farms", "--format", "nt").out
    named = next(line.split()[0].strip("<>") for line in exported.splitlines() if "/products/" in line.split()[0])
    gone = named.partition("#")[0]
    short = gone.partition("/records/farms/")[2]
    tried = json.loads(hub("push", "--dataset", "farms", "--delete", short, "--dry-run", "--json").out)
    assert (tried["mode"], tried["counts"]["deleted"]) == ("delta", 1)
    said = hub("push", "--dataset", "farms", "--delete", gone, "--lang", "fr")
    assert said.code == 0, said.err
    assert json.loads(hub("dataset", "list", "--json").out)[0]["records"] == before - 1
    assert (
        f"<{gone}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
        not in hub("export", "farms", "--format", "nt").out
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--dataset", "farms"], "--delete"),
        (["products.csv", "--dataset", "farms", "--delete", "x"], "delta"),
    ],
)
def test_a_push_of_nothing_or_of_two_minds_is_refused(
    hub: Session, products: Path, arguments: list[str], words: str
) -> None:
    said = hub("push", *arguments)
    assert said.code == 2
    assert words in said.err
    assert json.loads(hub("dataset", "list", "--json").out)[0]["records"] == 0


@pytest.mark.parametrize("form", ["nt", "ttl", "jsonld", "csv", "geojson"])
def test_a_dataset_is_exported(hub: Session, products: Path, tmp_path: Path, form: str) -> None:
    hub("push", products, "--dataset", "farms")
    said = hub("export", "farms", "--format", form, "-o", "out")
    assert said.code == 0, said.err
    text = (tmp_path / "out").read_text("utf-8")
    if form == "geojson":
        assert json.loads(text)["license"] == LICENCE
        return
    assert "Carottes" in text
    assert form == "csv" or LICENCE in text
    if form == "nt":
        assert list(ox.parse(text, ox.RdfFormat.N_TRIPLES))


def test_a_dataset_is_exported_in_another_platforms_format(hub: Session, products: Path, tmp_path: Path) -> None:
    hub("push", products, "--dataset", "farms")
    said = hub("export", "farms", "--connector", "cagette-catalogue", "--loss", "loss.json")
    assert said.code == 0, said.err
    assert "Carottes" in said.out
    assert json.loads((tmp_path / "loss.json").read_text("utf-8"))["total"] > 0
    assert hub("export", "farms").code == 2


def test_projections_are_made_again(hub: Session, products: Path) -> None:
    hub("push", products, "--dataset", "farms")
    before = hub("export", "farms", "--format", "nt").out
    said = hub("rebuild")
    assert said.code == 0
    assert "versions" in said.out
    assert sorted(hub("export", "farms", "--format", "nt").out.splitlines()) == sorted(before.splitlines())


def test_a_dataset_is_withdrawn_after_confirmation(hub: Session, products: Path) -> None:
    hub("push", products, "--dataset", "farms")
    assert hub("dataset", "remove", "farms", stdin=b"n\n").code == 130
    assert json.loads(hub("dataset", "list", "--json").out)[0]["records"] > 0
    assert hub("dataset", "remove", "farms", "--yes").code == 0
    assert hub("export", "farms", "--format", "nt").out == ""


def test_who_may_read_a_dataset_can_be_changed(hub: Session, products: Path) -> None:
    hub("push", products, "--dataset", "farms")
    said = hub("dataset", "update", "farms", "--visibility", "private", "--title", "Our farms", "--lang", "fr")
    assert (said.code, said.err.strip()) == (0, "farms est changé.")
    [dataset] = json.loads(hub("dataset", "list", "--json").out)
    assert (dataset["visibility"], dataset["title"]["fr"], dataset["licence"]) == ("private", "Our farms", LICENCE)
    assert hub("export", "farms", "--format", "nt").code == 2
    assert hub("export", "farms", "--format", "nt", "--everything").out
    assert hub("dataset", "update", "farms", "--licence", "free").code == 2
    assert hub("dataset", "update", "farms").code == 2
    assert hub("dataset", "update", "nope", "--title", "x").code == 2


def test_an_approval_can_be_taken_back(hub: Session, tmp_path: Path) -> None:
    from datahub.hub import Hub
    from datahub.settings import Settings

    def approved() -> bool:
        with Hub(Settings(data_dir=tmp_path / "datahub-data")) as opened:
            return opened.platforms.get("farms.example").approved

    assert approved()
    assert "no longer" in hub("platform", "approve", "farms.example", "--withdraw").err
    assert not approved()
    assert hub("platform", "approve", "farms.example").code == 0
    assert approved()
    assert hub("platform", "approve", "nope.example").code == 2


def test_a_key_is_shown_once_and_can_be_revoked(hub: Session) -> None:
    said = hub("key", "create", "farms.example", "--label", "cron")
    secret = said.out.strip()
    assert len(secret) > 20
    listed = hub("key", "list", "farms.example").out
    assert "cron" in listed
    assert secret not in listed
    key = listed.splitlines()[1].split()[0]
    assert hub("key", "revoke", key).code == 0


@contextmanager
def hub_elsewhere() -> Iterator[str]:
    """The hub of ./datahub-data on a free port."""
    from datahub.cli import hubs
    from datahub.hub import Hub
    from tests.serving import listening, serving

    place, url = listening()
    with Hub(hubs.settings()) as hub, serving(hub, place):
        yield url.rstrip("/")


def test_a_file_is_pushed_to_a_hub_elsewhere(hub: Session, products: Path, tmp_path: Path) -> None:
    key = hub("key", "create", "farms.example").out.strip()
    with hub_elsewhere() as address:
        said = hub("push", products, "--dataset", "farms", "--hub", address, "--key", key, "--json")
        assert said.code == 0, said.err
        report = json.loads(said.out)
        assert (report["status"], report["filename"], report["by"]) == ("taken", "products.csv", "farms.example")

        for wrong, told in (
            (["--key", "nope"], "clé"),
            (["--key", key, "--delta", "--dataset", "nope"], "nope"),
            ([], "clé"),
        ):
            said = hub("push", products, "--dataset", "farms", "--hub", address, *wrong, "--lang", "fr")
            assert said.code == 2
            assert said.err.startswith("Erreur : ")
            assert told in said.err

        (tmp_path / "other.csv").write_text("a;b\n1;2\n", "utf-8")
        said = hub("push", "other.csv", "--dataset", "farms", "--hub", address, "--key", key, "--lang", "fr")
        assert said.code == 2
        assert said.out == ""


def test_a_hub_that_does_not_answer_is_told(datahub: Session, products: Path) -> None:
    said = datahub("push", products, "--dataset", "d", "--hub", "http://127.0.0.1:9", "--key", "k", "--lang", "fr")
    assert said.code == 2
    assert "ne répond pas" in said.err


def test_the_demo_loads_the_samples_and_leaves_nothing_behind(datahub: Session, tmp_path: Path) -> None:
    said = datahub("demo", "--exit-after-load")
    assert said.code == 0, said.err
    assert "taken" in said.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8123/"),
        ("::1", "http://[::1]:8123/"),
        ("0.0.0.0", "http://127.0.0.1:8123/"),
        ("hub.example", "http://hub.example:8123/"),
    ],
)
def test_the_demo_names_its_records_by_an_address_that_a_browser_finds(host: str, address: str) -> None:
    assert server.address(Settings(host=host, port=8123)) == address


def test_a_port_that_is_taken_is_told_before_any_work(datahub: Session) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = datahub("serve", "--port", taken.getsockname()[1])
    assert said.code == 2
    assert "--port" in said.err
