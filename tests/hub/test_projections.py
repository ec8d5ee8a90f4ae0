"""Projections follow the log: whatever was pushed, and wherever a process was killed, they can be made again to the same state."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from datahub.errors import DatahubError
from datahub.graph.oxigraph import OxigraphStore
from datahub.hub import ADMIN, Dataset, Hub, follow
from datahub.hub.follow import public_text
from datahub.rdf.frame import Frame
from datahub.settings import Settings
from tests.hub.conftest import BASE, LICENCE, places, triples

ROOT = Path(__file__).parents[2]
NAME, PHONE = "http://schema.org/name", "http://schema.org/telephone"
VISIBILITY, DH = "https://w3id.org/datahub/ns/core/visibility", "https://w3id.org/datahub/ns/core/"


def state(hub: Hub) -> tuple[object, ...]:
    """All that the projections hold."""
    with hub.log.database.read() as connection:
        tables = [
            [tuple(row) for row in connection.execute(sa.text(f'SELECT * FROM "{name}" ORDER BY 1, 2'))]
            for name in ("current", "tally")
        ]
    graph = hub.sparql(
        "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o", format="tsv"
    ).data.splitlines()
    return (*tables, hub._index.everything().rows(), sorted(graph))


def pushed_at_random(hub: Hub, dice: random.Random, steps: int) -> dict[str, dict[str, dict[str, str]]]:
    """Pushes at random to two datasets, and gives what should stand in each."""
    worlds: dict[str, dict[str, dict[str, str]]] = {"one": {}, "two": {}}
    names = ["a", "b", "c", "a#part", "d"]
    for _ in range(steps):
        name = dice.choice(list(worlds))
        if dice.random() < 0.15:
            hub.datasets.update(name, visibility=dice.choice(["open", "members"]))  # type: ignore[arg-type]
            continue
        came: dict[str, dict[str, str]] = {}
        for record in dice.sample(names, dice.randint(0, 4)):
            came[record] = {NAME: f'"{dice.choice("xyz")}"'}
            if dice.random() < 0.3:
                came[record][PHONE] = '"0475"'
            if dice.random() < 0.3:
                came[record][VISIBILITY] = f"<{DH}{dice.choice(['Private', 'Members', 'Open'])}>"
        data = triples(came, name)
        if dice.random() < 0.5:
            hub.push(name, data, filename="x.nt", allow_deletions=True)
            worlds[name] = came
        else:
            gone = dice.sample(names, dice.randint(0, 2))
            base = f"{BASE}records/{name}/"
            hub.push(name, data, filename="x.nt", mode="delta", deletions=[base + record for record in gone])
            worlds[name] = worlds[name] | came
            for record in gone:
                worlds[name].pop(record, None)
    return worlds


@pytest.mark.parametrize("seed", range(6))
def test_projections_made_again_from_the_log_are_the_same(hub: Hub, things: Callable[..., Dataset], seed: int) -> None:
    for name in ("one", "two"):
        things(name)
    pushed_at_random(hub, random.Random(seed), 12)
    hub.wait()
    before = state(hub)
    rebuilt = hub.rebuild()
    assert rebuilt.versions == hub.head()
    assert state(hub) == before


@pytest.mark.parametrize("seed", range(10, 13))
def test_the_graph_holds_what_is_open_and_nothing_else(hub: Hub, things: Callable[..., Dataset], seed: int) -> None:
    for name in ("one", "two"):
        things(name)
    pushed_at_random(hub, random.Random(seed), 10)
    query = f"SELECT ?s ?n {{ GRAPH ?g {{ ?s <{NAME}> ?n }} FILTER(?g != <{BASE}catalog>) }}"
    rows = hub.sparql(query, format="csv").data.decode().splitlines()[1:]
    frame = hub.frame(provenance=False)
    code = frame.iri(NAME)
    named = frame.triples.filter(pl.col("p") == code) if code is not None else frame.triples.clear()
    terms = frame.terms["lexical"]
    assert sorted(rows) == sorted(f"{terms[s]},{terms[o]}" for s, o in named.select("s", "o").iter_rows())
    assert PHONE.encode() not in hub.sparql("SELECT DISTINCT ?p { ?s ?p ?o }", format="csv").data


def test_a_graph_that_was_lost_is_made_again_when_it_is_asked(settings: Settings) -> None:
    import shutil

    with Hub(settings) as hub:
        hub.platforms.add("roads.example", "Roads")
        hub.datasets.add("places", platform="roads.example", connector="bnlc", title="P", licence=LICENCE)
        hub.push("places", places("a", "b"))
        before = state(hub)
    shutil.rmtree(settings.data_dir / "graph")
    with Hub(settings) as hub:
        assert state(hub) == before


def test_a_graph_that_stopped_half_way_goes_on_to_the_right_end(hub: Hub, things: Callable[..., Dataset]) -> None:
    """A batch is applied and the process dies before its commit; more is pushed before the next attempt."""
    things("one")
    hub.push("one", triples({"a": {NAME: '"1"'}, "b": {NAME: '"1"'}}, "one"), filename="x.nt")
    position = hub.graph.position()
    followed, hub._follower.follow = hub._follower.follow, lambda *_, **__: False  # type: ignore[method-assign]
    hub.push("one", triples({"a": {NAME: '"2"'}, "c": {NAME: '"2"'}}, "one"), filename="x.nt", mode="delta")
    with hub.graph.writing() as writing:
        assert writing is not None
        for removed, added, _ in hub._follower._changes(position, hub.head()):
            writing.remove(f"{BASE}datasets/one", hub._follower._text(removed))
            writing.add(f"{BASE}datasets/one", hub._follower._text(added))
    hub.push(
        "one", triples({"a": {NAME: '"3"'}}, "one"), filename="x.nt", mode="delta", deletions=[f"{BASE}records/one/c"]
    )
    hub._follower.follow = followed  # type: ignore[method-assign]
    hub.wait()
    after = state(hub)
    hub.rebuild()
    assert state(hub) == after
    rows = hub.sparql(f"SELECT ?n {{ ?s <{NAME}> ?n }} ORDER BY ?n", format="csv").data.split()
    assert rows == [b"n", b"1", b"3"]


def test_a_log_that_was_put_back_in_place_takes_the_graph_back_with_it(settings: Settings) -> None:
    with Hub(settings) as hub:
        hub.platforms.add("roads.example", "Roads")
        hub.datasets.add("places", platform="roads.example", connector="bnlc", title="P", licence=LICENCE)
        hub.push("places", places("a"))
        before = state(hub)
        with (
            sqlite3.connect(settings.data_dir / "log.db") as source,
            sqlite3.connect(settings.data_dir / "old") as copy,
        ):
            source.backup(copy)
        hub.push("places", places("a", "b", "c"))
    for leftover in settings.data_dir.glob("log.db*"):
        if leftover.is_file():
            leftover.unlink()
    (settings.data_dir / "old").rename(settings.data_dir / "log.db")
    with Hub(settings) as hub:
        assert state(hub) == before


def test_a_graph_that_can_not_be_written_is_told_and_follows_later(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(OxigraphStore, "_publish", full)
        with pytest.raises(DatahubError) as error:
            hub.push("places", places("a", "b"))
    assert error.value.code == "graph-unwritable"
    assert hub.records().total == 2
    query = "SELECT (COUNT(?s) AS ?n) { ?s <http://schema.org/name> ?n }"
    assert hub.sparql(query, format="csv").data.split() == [b"n", b"2"]


def test_a_dataset_registered_while_the_graph_follows_is_described_the_next_time(hub: Hub) -> None:
    hub.push("places", places("a"))
    follower = hub._follower
    describe = follower._metadata

    def registered_meanwhile() -> Frame:
        found = describe()
        follower._metadata = describe
        hub.datasets.add("more", platform="farms.example", connector="bnlc", title="More", licence=LICENCE)
        return found

    follower._metadata = registered_meanwhile
    hub.push("places", places("a", "b"))
    assert follower.behind()
    assert b"More" in hub.sparql("SELECT ?t { ?d <http://purl.org/dc/terms/title> ?t }", format="csv").data


def test_a_server_helps_the_index_where_another_process_died_before_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "POLL_SECONDS", 0.1)
    file = tmp_path / "more.csv"
    file.write_bytes(places("a", "b", "c"))
    script = (
        "import os, signal, sys; from pathlib import Path; from datahub.hub import Hub, search\n"
        "from datahub.settings import Settings\n"
        "hub = Hub(Settings(data_dir=Path(sys.argv[1]), base_iri='http://hub.test/'))\n"
        "search.PlaceIndex.apply = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "hub.push('places', Path(sys.argv[2]))\n"
    )
    with Hub(settings, background=True) as hub:
        hub.platforms.add("roads.example", "Roads")
        hub.datasets.add("places", platform="roads.example", connector="bnlc", title="P", licence=LICENCE)
        command = [sys.executable, "-c", script, str(settings.data_dir), str(file)]
        died = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert died.returncode == -signal.SIGKILL, died.stderr
        end = time.monotonic() + 30
        while not hub.ready() and time.monotonic() < end:
            time.sleep(0.05)
        assert hub.records().total == 3


VICTIM = """
import os, signal, sys
from pathlib import Path
from datahub.hub import Hub
from datahub.settings import Settings
import sqlalchemy as sa
hub = Hub(Settings(data_dir=Path(sys.argv[1]), base_iri="http://hub.test/"))
where, moment = sys.argv[2], int(sys.argv[3])
seen = 0
def die(*_):
    global seen
    seen += 1
    if seen == moment:
        os.kill(os.getpid(), signal.SIGKILL)
if where == "log":
    sa.event.listen(hub.log.database._engine, "after_cursor_execute", die)
else:
    follower = hub._follower
    text = follower._text
    follower._text = lambda versions: (die(), text(versions))[1]
    publish = hub.graph._publish
    hub.graph._publish = lambda position: (die(), publish(position), die())[1]
hub.push("places", Path(sys.argv[4]))
"""


@pytest.mark.slow
def test_a_hub_killed_at_any_moment_of_a_push_has_all_of_it_or_nothing_and_its_projections_follow(
    tmp_path: Path,
) -> None:
    settings = Settings(data_dir=tmp_path / "hub", base_iri=BASE)
    file = tmp_path / "second.csv"
    file.write_bytes(places("b", "c", b="44.1"))
    with Hub(settings) as hub:
        hub.platforms.add("roads.example", "Roads")
        hub.datasets.add("places", platform="roads.example", connector="bnlc", title="P", licence=LICENCE)
    whole = 0
    for where, moments in (("log", (2, 6, 9, 14, 17)), ("graph", (1, 2, 3, 4))):
        for moment in moments:
            with Hub(settings) as hub:
                hub.push("places", places("a", "b"), allow_deletions=True)
                start = hub.head()
            command = [sys.executable, "-c", VICTIM, str(settings.data_dir), where, str(moment), str(file)]
            died = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
            assert died.returncode in (0, -signal.SIGKILL), died.stderr
            with Hub(settings) as hub:
                assert hub.head() in (start, start + 3)
                taken = hub.head() == start + 3
                whole += taken
                assert hub.records().total == 2
                assert {r.rsplit("-", 1)[1] for r in hub.records().table["record"]} == (
                    {"b", "c"} if taken else {"a", "b"}
                )
                hub.wait()
                before = state(hub)
                hub.rebuild()
                assert state(hub) == before
    assert 0 < whole < 9


def test_a_server_keeps_its_graph_behind_the_log_also_when_another_process_pushes(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "more.csv"
    file.write_bytes(places("a", "b", "c"))
    script = (
        "import sys; from pathlib import Path; from datahub.hub import Hub; from datahub.settings import Settings\n"
        "with Hub(Settings(data_dir=Path(sys.argv[1]), base_iri='http://hub.test/')) as hub:\n"
        "    print(hub.push('places', Path(sys.argv[2])).counts.created)\n"
    )
    with Hub(settings, background=True) as hub:
        hub.platforms.add("roads.example", "Roads")
        hub.datasets.add("places", platform="roads.example", connector="bnlc", title="P", licence=LICENCE)
        report = hub.push("places", places("a"))
        assert "graph" not in [stage.name for stage in report.stages]
        assert hub.wait(60)
        command = [sys.executable, "-c", script, str(settings.data_dir), str(file)]
        out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ)
        assert out.stdout.strip() == "2"
        assert hub.records(reader=ADMIN).total == 3
        assert hub.wait(60)
        count = hub.sparql("SELECT (COUNT(?s) AS ?n) { ?s <http://schema.org/name> ?n }", format="csv").data.split()
        assert count[1] == b"3"


def test_lines_with_personal_data_are_left_out_of_bodies_and_nothing_else_is() -> None:
    body = (
        f'<http://h/a> <{NAME}> "says <{PHONE}> aloud" .\n'
        f'<http://h/a> <{PHONE}> "0475" .\n'
        '<http://h/a#x> <http://schema.org/email> "x@y.z" .\n'
    )
    clean = '<http://h/b> <http://h/p> "x" .\n'
    only = f'<http://h/c> <{PHONE}> "0475" .\n'
    shown = public_text(pl.Series([clean, body, None, only])).to_list()
    assert shown == [clean, body.splitlines(keepends=True)[0], None, ""]
