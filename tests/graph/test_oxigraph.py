"""The embedded graph: follows the log, answers read-only queries, and can always be stopped."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from datahub.errors import DatahubError, ForbiddenError, InputError
from datahub.graph import QueryLimits, QueryRequest, guard, open_graph, oxigraph
from datahub.graph import query as querying
from datahub.graph.oxigraph import OxigraphStore

ONE, TWO = "http://h/datasets/one", "http://h/datasets/two"


def nt(*names: str) -> bytes:
    return "".join(f'<http://h/{name}> <http://h/p> "{name}" .\n' for name in names).encode()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[OxigraphStore]:
    found = open_graph(f"oxigraph:///{tmp_path / 'graph'}", QueryLimits(seconds=20, rows=1000))
    assert isinstance(found, OxigraphStore)
    yield found
    found.close()


def fill(store: OxigraphStore, position: int = 1, **graphs: bytes) -> None:
    with store.writing() as writing:
        assert writing is not None
        for name, triples in graphs.items():
            writing.add(f"http://h/datasets/{name}", triples)
        writing.commit(position)


def names(store: OxigraphStore, query: str = "SELECT ?s { ?s ?p ?o } ORDER BY ?s") -> list[str]:
    result = store.query(QueryRequest(query, format="json"))
    return [row["s"]["value"].rsplit("/", 1)[1] for row in json.loads(result.data)["results"]["bindings"]]


def test_queries_see_the_union_of_all_graphs_and_each_by_name(store: OxigraphStore) -> None:
    assert names(store) == []
    fill(store, one=nt("a", "b"), two=nt("c"))
    assert names(store) == ["a", "b", "c"]
    assert names(store, f"SELECT ?s {{ GRAPH <{TWO}> {{ ?s ?p ?o }} }}") == ["c"]
    request = QueryRequest("SELECT ?s { ?s ?p ?o }", format="csv", default_graphs=(TWO,))
    assert store.query(request).data == b"s\r\nhttp://h/c\r\n"


def test_changes_are_seen_after_their_commit_with_the_position_of_the_log(store: OxigraphStore) -> None:
    fill(store, 3, one=nt("a", "b"))
    with store.writing() as writing:
        assert writing is not None
        writing.remove(ONE, nt("a", "never-there"))
        writing.add(ONE, nt("c"))
        assert names(store) == ["a", "b"]
        writing.commit(5)
    assert names(store) == ["b", "c"]
    assert store.position() == 5


def test_large_pieces_are_loaded_side_by_side_and_all_are_there_before_anything_is_removed(
    store: OxigraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oxigraph, "BULK", 1)
    monkeypatch.setattr(oxigraph, "PIECE", 1)
    pieces = [nt(*(f"n{piece}-{n}" for n in range(200))) for piece in range(8)]
    with store.writing() as writing:
        assert writing is not None
        for piece in pieces:
            writing.add(ONE, piece)
        writing.remove(ONE, b"".join(pieces[1:]))
        writing.add(TWO, nt("z"))
        writing.commit(1)
    assert names(store) == sorted([*(f"n0-{n}" for n in range(200)), "z"])


def test_small_pieces_of_a_graph_are_loaded_together(store: OxigraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[tuple[str, int]] = []
    load = oxigraph._Writing._load

    def noted(how: Callable[..., None], graph: str, triples: bytes) -> None:
        loads.append((graph, triples.count(b"\n")))
        load(how, graph, triples)

    monkeypatch.setattr(oxigraph._Writing, "_load", staticmethod(noted))
    monkeypatch.setattr(oxigraph, "PIECE", len(nt("a", "b", "c")))
    with store.writing() as writing:
        assert writing is not None
        for name in "abcd":
            writing.add(ONE, nt(name))
        writing.add(ONE, b"")
        writing.add(TWO, nt("z"))
        writing.commit(1)
    assert loads == [(ONE, 3), (ONE, 1), (TWO, 1)]
    assert names(store) == ["a", "b", "c", "d", "z"]


def test_a_piece_that_cannot_be_loaded_is_not_committed(store: OxigraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, 3, one=nt("a"))
    monkeypatch.setattr(oxigraph, "BULK", 1)
    with store.writing() as writing:
        assert writing is not None
        writing.add(ONE, nt("b") + b"<http://h/c> nonsense\n")
        with pytest.raises(SyntaxError):
            writing.commit(4)
    assert (store.position(), names(store)) == (3, ["a"])


def test_replacing_a_graph_leaves_exactly_the_new_triples(store: OxigraphStore) -> None:
    fill(store, one=nt("a", "b"), two=nt("z"))
    with store.writing() as writing:
        assert writing is not None
        writing.replace(ONE, nt("b", "c"))
        writing.commit(2)
    assert names(store) == ["b", "c", "z"]


def test_a_cleared_store_answers_from_its_last_checkpoint_until_the_next_commit(store: OxigraphStore) -> None:
    fill(store, 7, one=nt("a"))
    with store.writing() as writing:
        assert writing is not None
        writing.clear()
        assert (names(store), store.position(), store.fresh()) == (["a"], 0, True)
        writing.add(ONE, nt("b"))
        writing.commit(8)
    assert names(store) == ["b"]


def test_what_was_committed_is_there_when_the_store_is_opened_again(store: OxigraphStore) -> None:
    fill(store, 4, one=nt("a"))
    store.close()
    again = OxigraphStore(store.path, QueryLimits())
    assert (again.position(), names(again)) == (4, ["a"])
    again.close()


def test_only_one_process_writes_while_all_may_read(store: OxigraphStore) -> None:
    fill(store, one=nt("a"))
    script = (
        "import sys; from pathlib import Path; from datahub.graph import QueryLimits, QueryRequest\n"
        "from datahub.graph.oxigraph import OxigraphStore\n"
        "store = OxigraphStore(Path(sys.argv[1]), QueryLimits())\n"
        "with store.writing() as writing: print(writing)\n"
        "print(store.query(QueryRequest('ASK { ?s ?p ?o }', format='csv')).data)\n"
        "store.close()\n"
    )
    out = subprocess.run([sys.executable, "-c", script, str(store.path)], capture_output=True, text=True, check=True)
    assert out.stdout.split("\n")[:2] == ["None", "b'true'"]


def test_a_query_that_takes_too_long_is_stopped_and_the_next_one_is_answered(tmp_path: Path) -> None:
    store = OxigraphStore(tmp_path, QueryLimits(seconds=3, workers=1))
    fill(store, one=nt(*(f"n{i}" for i in range(3000))))
    with pytest.raises(DatahubError) as error:
        store.query(QueryRequest("SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"))
    assert (error.value.code, error.value.status) == ("sparql-timeout", 503)
    assert store.query(QueryRequest("ASK { ?s ?p ?o }", format="csv")).data == b"true"
    store.close()


def test_queries_beyond_the_number_of_workers_wait_for_a_place(tmp_path: Path) -> None:
    store = OxigraphStore(tmp_path, QueryLimits(workers=1))
    fill(store, one=nt("a"))
    seen: list[list[str]] = []
    threads = [threading.Thread(target=lambda: seen.append(names(store))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [["a"]] * 6
    store.close()


def test_a_query_that_takes_too_much_memory_is_refused_and_the_next_one_is_answered(tmp_path: Path) -> None:
    store = OxigraphStore(tmp_path, QueryLimits(seconds=30, memory=1400 << 20, workers=1))
    fill(store, one=nt(*(f"n{i}" for i in range(4000))))
    with pytest.raises(InputError) as error:
        store.query(QueryRequest("SELECT * { ?a ?p ?b . ?c ?q ?d } ORDER BY ?b ?d"))
    assert error.value.code == "sparql-too-large"
    assert names(store, "SELECT ?s { ?s ?p 'n7' }") == ["n7"]
    store.close()


def test_a_query_ends_also_when_the_process_that_asked_is_killed(tmp_path: Path) -> None:
    store = OxigraphStore(tmp_path, QueryLimits())
    fill(store, one=nt(*(f"n{i}" for i in range(3000))))
    store.close()
    script = (
        "import sys; from pathlib import Path; from datahub.graph import QueryLimits, QueryRequest, worker\n"
        "from datahub.graph.oxigraph import OxigraphStore\n"
        "store = OxigraphStore(Path(sys.argv[1]), QueryLimits(seconds=1))\n"
        "store._pool._take = (lambda take: lambda: (w := take(), print(w.pid, flush=True))[0])(store._pool._take)\n"
        "store.query(QueryRequest('SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }'))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 15
    while Path(f"/proc/{worker}/exe").exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert not Path(f"/proc/{worker}/exe").exists()


def test_results_beyond_the_caps_are_refused_not_cut(tmp_path: Path) -> None:
    store = OxigraphStore(tmp_path, QueryLimits(rows=3, bytes=2000))
    fill(store, one=nt("a", "b", "c", "d") + f'<http://h/long> <http://h/q> "{"x" * 5000}" .\n'.encode())
    for query, code in (
        ("SELECT * { ?s <http://h/p> ?o }", "sparql-too-many-rows"),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o FILTER(?p = <http://h/p>) }", "sparql-too-many-rows"),
        ("SELECT * { ?s <http://h/q> ?o }", "sparql-too-large"),
        ("CONSTRUCT WHERE { ?s <http://h/q> ?o }", "sparql-too-large"),
    ):
        with pytest.raises(InputError) as error:
            store.query(QueryRequest(query))
        assert error.value.code == code
    assert names(store, "SELECT * { ?s <http://h/p> ?o } LIMIT 3") == ["a", "b", "c"]
    store.close()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELEC * { ?s ?p ?o }", "sparql-syntax"),
        ("", "sparql-syntax"),
        ("SELECT * { ?s ?p", "sparql-syntax"),
        ("INSERT DATA { <http://a> <http://b> <http://c> }", "sparql-update"),
        ("PREFIX a: <http://a#> CLEAR ALL", "sparql-update"),
        ("LOAD <file:///etc/passwd>", "sparql-update"),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "sparql-service"),
        ("SELECT * { SeRvIcE SILENT ?x { ?s ?p ?o } }", "sparql-service"),
        ("SELECT * { \\u0053ERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "sparql-service"),
        ("SELECT * { ?s ?p 'a#b' SERVICE <http://127.0.0.1/> {} }", "sparql-service"),
        ("SELECT * { # \n SERVICE<http://127.0.0.1/> {} }", "sparql-service"),
        ('SELECT * { ?s ?p """a"b""" . SERVICE<http://127.0.0.1/> {} }', "sparql-service"),
        ("SELECT * { ?a <x> ?b . FILTER(?a<3 && ?b>4) SERVICE <http://127.0.0.1/> {} }", "sparql-service"),
        ("PREFIX : <http://127.0.0.1/> SELECT * { SERVICE:x {} }", "sparql-service"),
        ("PREFIX ex: <http://127.0.0.1/> SELECT * { SERVICEex:x # and\n {} }", "sparql-service"),
        ("SELECT * { SERVICESILENT<http://127.0.0.1/> {} }", "sparql-service"),
        ("SELECT * { ?s ?p trueSERVICE<http://127.0.0.1/> {} }", "sparql-service"),
        ("PREFIX ex: <http://h/> SELECT * { ?s ?p ex:.SERVICE<http://127.0.0.1/> {} }", "sparql-service"),
        ('SELECT * { FILTER("\\u0022" != "") SERVICE<http://127.0.0.1/> {} #"\n }', "sparql-service"),
        ("SELECT * { ?s <http://h/\\u0041#> ?o SERVICE<http://127.0.0.1/> {} }", "sparql-service"),
    ],
)
def test_what_is_no_query_or_leaves_the_hub_is_refused_in_words(store: OxigraphStore, query: str, code: str) -> None:
    with pytest.raises((InputError, ForbiddenError)) as error:
        store.query(QueryRequest(query))
    assert error.value.code == code
    assert error.value.message.fr != error.value.message.en


@pytest.mark.parametrize(
    "query",
    [
        "PREFIX schema: <http://schema.org/> SELECT * { ?service a schema:Service }",
        "SELECT * { ?s ?p 'SERVICE <http://x> {' }",
        'SELECT * { ?s ?p """ "SERVICE" """ }',
        "SELECT * { ?s ?p ?o # SERVICE <http://x> {}\n }",
        "SELECT * { ?s <http://h/SERVICE> ?o }",
        "PREFIX service: <http://h/> SELECT * { ?s service:SERVICE ?o }",
    ],
)
def test_a_query_that_only_mentions_the_word_service_is_answered(store: OxigraphStore, query: str) -> None:
    fill(store, one=nt("a"))
    assert store.query(QueryRequest(query)).media_type == "application/sparql-results+json"


@pytest.mark.parametrize(
    "piece", ["a-", "a.", '"', '"""', "<", "<a", "#a\n", "a:\n", "\\u0041", "?a", "_:a", "{", "a {", " "]
)
def test_a_query_is_looked_through_in_proportion_to_its_length(piece: str) -> None:
    guard.check(piece * 200_000)  # quadratic time would not end today


def test_a_query_that_got_past_the_guard_finds_no_network(
    store: OxigraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    if subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets no process leave the network")
    called = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError):
                server.accept()[0].close()
                called.set()

        threading.Thread(target=answer, daemon=True).start()
        monkeypatch.setattr(querying, "check", lambda _: None)
        with pytest.raises(DatahubError):
            store.query(QueryRequest(f"SELECT * {{ SERVICE <http://127.0.0.1:{server.getsockname()[1]}/> {{}} }}"))
    assert not called.is_set()


def test_an_address_that_is_no_graph_is_refused_in_words() -> None:
    for url in ("https://example.org/sparql", "oxigraph://", "nothing"):
        with pytest.raises(InputError) as error:
            open_graph(url, QueryLimits())
        assert error.value.code == "graph-url"
