"""What tests on Apache Spark share: a session of this process, and a cluster of a master and two workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from datahub.errors import DatahubError
from tests.serving import free_port

SECONDS = 300
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""What a Java program that runs for seconds is best told."""


@pytest.fixture(scope="session")
def spark_installed() -> None:
    """Skips where Spark or Java is not installed: when a test begins, so that all workers collect the same tests."""
    from datahub.mapping.spark import check_installed

    try:
        check_installed()
    except DatahubError as error:
        pytest.skip(f"{error.message.en} {error.fix.en if error.fix else ''}")


@pytest.fixture(scope="module")
def spark(spark_installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session that is told, as its users may, by Spark's own settings: what suits a program that runs for seconds."""
    from datahub.mapping.spark import session

    settings = tmp_path_factory.mktemp("conf")
    (settings / "spark-defaults.conf").write_text(
        f"spark.driver.extraJavaOptions {QUICK}\n"
        "spark.sql.codegen.factoryMode NO_CODEGEN\n"
        "spark.sql.codegen.wholeStage false\n"
        "spark.sql.shuffle.partitions 2\n"
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SPARK_CONF_DIR", str(settings))
        with session("local[2]") as started:
            yield started


def lines_in(folder: Path) -> list[str]:
    """The lines of all files of a result."""
    assert (folder / "_SUCCESS").is_file()
    found = sorted(path for path in folder.iterdir() if path.name[0] not in "._")
    return [line for path in found for line in path.read_bytes().decode().split("\n") if line]


@dataclass(frozen=True)
class Cluster:
    """``url``: of the master. ``workers``: their processes. ``folders``: where each keeps what it runs. ``environment``: of what
    goes there."""

    url: str
    workers: list[subprocess.Popen[bytes]]
    folders: list[Path]
    environment: dict[str, str]

    def lift(self, folder: Path, *arguments: str, large: int | None = None) -> subprocess.Popen[bytes]:
        """Starts ``datahub lift`` on the cluster, in ``folder``, to its folder ``out``; ``large``: the bytes from which on a file
        is too large to be read as a whole."""
        limit = f"survey.WHOLE_BYTES = {large}" if large else ""
        program = f"from datahub.mapping.spark import survey; {limit}\nfrom datahub.cli import main; main()"
        command = [sys.executable, "-c", program, "lift", "--engine", "spark", "--master", self.url]
        command += [*arguments, "-o", "out", "--lang", "fr"]
        return subprocess.Popen(command, cwd=folder, env=self.environment, stderr=subprocess.PIPE)

    def killed_in_the_middle(self, folder: Path, job: subprocess.Popen[bytes]) -> list[str]:
        """What ``job`` said, after a worker was killed while its tasks lifted to ``folder``; the job ended well all the same."""

        def lifted() -> int:
            """How many tasks have handed in what they lifted."""
            assert job.poll() is None, job.stderr.read().decode() if job.stderr else ""
            return len(list(folder.glob(".out.lifting-*/lifted/_temporary/0/task_*")))

        wait("some tasks", lambda: lifted() >= 4 and all(_busy(each) for each in self.folders))
        at_kill = lifted()
        _end(self.workers[0])
        _, told = job.communicate(timeout=SECONDS)
        assert job.returncode == 0, told.decode()
        said = told.decode().splitlines()
        tasks = int(said[-1].rpartition(" ")[2].removesuffix(")."))
        assert 4 <= at_kill < tasks, "the worker was killed in the middle of the job"
        return said


@pytest.fixture
def cluster(spark_installed: None, tmp_path: Path) -> Iterator[Cluster]:
    """A standalone cluster on this machine."""
    import pyspark

    (tmp_path / "conf").mkdir()
    settings = {
        "spark.executor.memory": "512m",
        "spark.driver.memory": "512m",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.driver.extraJavaOptions": QUICK,
        "spark.executor.extraJavaOptions": QUICK,
        "spark.sql.files.maxPartitionBytes": "256k",
        "spark.sql.shuffle.partitions": "2",
    }
    lines = "".join(f"{name} {value}\n" for name, value in settings.items())
    (tmp_path / "conf" / "spark-defaults.conf").write_text(lines)
    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_CONF_DIR": str(tmp_path / "conf"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": QUICK,
    }
    port = free_port()
    url = f"spark://127.0.0.1:{port}"
    log = tmp_path / "log"

    with ExitStack() as running, log.open("wb") as out:

        def start(kind: str, *arguments: str) -> subprocess.Popen[bytes]:
            command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", "--host", "127.0.0.1"]
            process = subprocess.Popen(
                [*command, "--webui-port", "0", *arguments],
                env=environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
            running.callback(_end, process)
            return process

        start("master.Master", "--port", str(port))
        wait("the master", lambda: f"Starting Spark master at {url}".encode() in log.read_bytes())
        folders = [tmp_path / name for name in ("one", "two")]
        workers = [
            start("worker.Worker", "--cores", "1", "--memory", "768m", "--work-dir", str(folder), url)
            for folder in folders
        ]
        wait("the workers", lambda: log.read_bytes().count(b"Successfully registered with master") == 2)
        yield Cluster(url, workers, folders, environment)


def wait(for_what: str, done: Callable[[], bool]) -> None:
    """Waits until ``done``, `SECONDS` at most."""
    end = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < end, f"waited {SECONDS} s for {for_what}"
        time.sleep(0.05)


def _busy(folder: Path) -> bool:
    """Whether a task has run on the worker of ``folder``."""
    return any(b"Running task" in log.read_bytes() for log in folder.glob("app-*/*/stderr"))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a daemon with what it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait(SECONDS)
