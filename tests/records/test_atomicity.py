"""A push is all there or not at all, at whatever moment the process is killed; and pushes to one dataset queue."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from datahub.records import SqlLog
from datahub.records.queue import Turns
from tests.records.deliveries import deliver

ROOT = Path(__file__).parents[2]

VICTIM = """
import os, signal, sys
import sqlalchemy as sa
from datahub.records import SqlLog
from tests.records.deliveries import deliver
log = SqlLog(sys.argv[1])
seen = 0
def die(*_):
    global seen
    seen += 1
    if seen == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
engine = log.database._engine
for event in ("before_cursor_execute", "after_cursor_execute", "commit"):
    sa.event.listen(engine, event, die)
insert = log.database.insert
def halfway(connection, table, columns, rows):
    rows = list(rows)
    insert(connection, table, columns, rows[: len(rows) // 2])
    die()
    insert(connection, table, columns, rows[len(rows) // 2 :])
    die()
log.database.insert = halfway
deliver(log, "one", {f"r{i}": "2" for i in range(50, 400)})
print(seen)
"""


def victim(url: str, moment: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", VICTIM, url, str(moment)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_push_killed_at_any_statement_leaves_the_log_as_before_or_complete(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'log.db'}"
    log = SqlLog(url)
    deliver(log, "one", {f"r{i}": "1" for i in range(200)})
    before = log.states(0, bodies=True)
    moment, killed = 0, 0
    while True:
        moment += 1 if moment < 3 else 3
        died = victim(url, moment)
        if died.returncode == 0:
            break
        assert died.returncode == -signal.SIGKILL, died.stderr
        killed += 1
        assert log.head().seq == 200
        assert log.states(0, bodies=True).equals(before)
        assert log.pushes("one", 9) == ["1..200"]
    assert killed >= 6
    assert log.head().seq == 200 + 50 + 150 + 200
    assert log.changes(0)["seq"].to_list() == list(range(1, 601))
    log.close()


def test_a_process_killed_at_random_times_leaves_whole_pushes_only(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'log.db'}"
    log = SqlLog(url)
    script = (
        "import sys; from datahub.records import SqlLog; from tests.records.deliveries import deliver\n"
        "log = SqlLog(sys.argv[1]); n = log.head().seq\n"
        "while True:\n"
        "    n += 1; deliver(log, 'one', {f'r{i}': str(n) for i in range(40)})\n"
        "    print('one more', flush=True)\n"
    )
    for pause in (0.02, 0.05, 0.09, 0.14):
        child = subprocess.Popen([sys.executable, "-c", script, url], cwd=ROOT, stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(pause)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        head = log.head().seq
        assert head % 40 == 0
        assert log.changes(0)["seq"].to_list() == list(range(1, head + 1))
        assert len(log.pushes("one", 10_000)) == head // 40
    assert log.head().seq > 0
    log.close()


def test_turns_are_taken_in_the_order_of_arrival() -> None:
    turns, order, threads = Turns(), [], []

    def work(number: int) -> None:
        with turns.turn("one"):
            order.append(number)

    with turns.turn("one"):
        for number in range(20):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            while len(turns._lines["one"]) < number + 2:
                time.sleep(0.001)
        with turns.turn("two"):
            pass  # another dataset does not wait
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_someone_who_gives_up_waiting_does_not_hold_up_the_line() -> None:
    turns = Turns()
    with pytest.raises(RuntimeError), turns.turn("one"):
        raise RuntimeError
    with turns.turn("one"):
        pass


def test_threads_pushing_to_one_dataset_queue(log: SqlLog) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(5):
                deliver(log, "one", {f"{number}-{step}": "1", "shared": f"{number}-{step}"}, "delta")
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    table = log.changes(0)
    assert table["seq"].to_list() == list(range(1, 41))
    assert table["time"].is_sorted()
    shared = table.filter(table["record"] == "shared")
    assert shared["op"].to_list() == ["create"] + ["update"] * 19
    assert shared["previous"].to_list() == [None, *shared["seq"].to_list()[:-1]]


def test_processes_pushing_to_one_dataset_queue(log: SqlLog, log_url: str) -> None:
    script = (
        "import sys; from datahub.records import SqlLog; from tests.records.deliveries import deliver\n"
        "log = SqlLog(sys.argv[1])\n"
        "for step in range(5): deliver(log, 'one', {sys.argv[2] + str(step): '1', 'shared': sys.argv[2] + str(step)}, 'delta')\n"
    )
    children = [subprocess.Popen([sys.executable, "-c", script, log_url, name], cwd=ROOT) for name in "abc"]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    table = log.changes(0)
    assert table["seq"].to_list() == list(range(1, 31))
    assert table["time"].is_sorted()
    assert (table["record"] == "shared").sum() == 15
