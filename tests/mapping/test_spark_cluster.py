"""A standalone Spark cluster of a master and two workers on this machine, one of which is killed in the middle of a job."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from datahub.errors import DatahubError
from datahub.mapping import lift_to, parse
from datahub.mapping.spark import check_installed

try:
    check_installed()
except DatahubError as error:
    pytest.skip(f"{error.message.en} {error.fix.en if error.fix else ''}", allow_module_level=True)

pytestmark = pytest.mark.slow

SECONDS = 120
ROWS = 120_000
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""What a Java program that runs for seconds is best told."""
MAPPING = """
@prefix rml: <http://w3id.org/rml/> .
@prefix ex: <http://ex.org/> .
@base <http://maps/> .
<#product> rml:logicalSource [ rml:source "products.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "p/{sku}" ; rml:class ex:Product ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "name" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:by ; rml:objectMap [ rml:parentTriplesMap <#farm> ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:of ; rml:objectMap [ rml:parentTriplesMap <#kind> ;
    rml:joinCondition [ rml:child "kind" ; rml:parent "code" ] ] ] .
<#farm> rml:logicalSource [ rml:source "products.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "farms/{farm}" ; rml:class ex:Farm ] .
<#kind> rml:logicalSource [ rml:source "kinds.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "kinds/{code}" ; rml:class ex:Kind ] .
"""


@dataclass(frozen=True)
class Cluster:
    """``url``: of the master. ``workers``: their processes. ``folders``: where each keeps what it runs. ``settings``: Spark's."""

    url: str
    workers: list[subprocess.Popen[bytes]]
    folders: list[Path]
    environment: dict[str, str]


def wait(for_what: str, done: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < end, f"waited {SECONDS} s for {for_what}"
        time.sleep(0.05)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
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
            running.callback(end, process)
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


def busy(folder: Path) -> bool:
    """Whether a task has run on the worker of ``folder``."""
    return any(b"Running task" in log.read_bytes() for log in folder.glob("app-*/*/stderr"))


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a daemon with what it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait(SECONDS)


def test_a_worker_killed_in_the_middle_changes_nothing_in_the_result(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "mapping.ttl").write_text(MAPPING)
    (tmp_path / "kinds.csv").write_text("code\n" + "".join(f"k{n}\n" for n in range(5)))
    rows = (f'{n},"Produit {n}\nde la ferme",{n % 40},k{n % 7}\n' for n in range(ROWS))
    (tmp_path / "products.csv").write_text("sku,name,farm,kind\n" + "".join(rows))
    command = [sys.executable, "-m", "datahub.cli", "lift", "--engine", "spark", "--master", cluster.url]
    command += ["--mapping", "mapping.ttl", "-o", "out", "--lang", "fr"]
    with subprocess.Popen(command, cwd=tmp_path, env=cluster.environment, stderr=subprocess.PIPE) as job:

        def lifted() -> int:
            """How many tasks have handed in what they lifted."""
            assert job.poll() is None, job.stderr.read().decode() if job.stderr else ""
            return len(list(tmp_path.glob(".out.lifting-*/lifted/_temporary/0/task_*")))

        wait("some tasks", lambda: lifted() >= 4 and all(busy(folder) for folder in cluster.folders))
        at_kill = lifted()
        end(cluster.workers[0])
        _, told = job.communicate(timeout=SECONDS)
    said = told.decode().splitlines()
    assert job.returncode == 0, told.decode()
    tasks = int(said[-1].rpartition(" ")[2].removesuffix(")."))
    assert 4 <= at_kill < tasks, "the worker was killed in the middle of the job"
    assert (tmp_path / "out" / "_SUCCESS").is_file()
    lines = [
        line for part in sorted((tmp_path / "out").glob("*.nt")) for line in part.read_bytes().splitlines(keepends=True)
    ]
    here = io.BytesIO()
    lift_to(here, parse(tmp_path / "mapping.ttl"))
    assert sorted(lines) == sorted(here.getvalue().splitlines(keepends=True))
    assert said[-1] == f"{len(lines)} triplets écrits (tâches : {tasks})."
