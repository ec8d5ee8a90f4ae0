"""A Spark session for the command line: on this machine, or on the cluster that ``--master`` names."""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datahub import extras
from datahub.errors import InputError, NotFoundError, Place
from datahub.i18n import Text

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HERE = "local[*]"
JAVA = 17


@contextmanager
def session(master: str | None = None) -> Iterator[SparkSession]:
    """A session that ends with the block; ``master``: Spark's address of a cluster, by default all cores of this machine.

    The machines of a cluster run datahub with the Python that PYSPARK_PYTHON names, by default the one that runs here. All else
    that Spark can be told stands in its own ``conf/spark-defaults.conf``. Raises `NotFoundError` where PySpark or Java is missing,
    `InputError` ``spark-master`` where the cluster does not answer.
    """
    check_installed()
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    address = master or HERE
    builder = (
        SparkSession.builder.appName("datahub lift")
        .master(address)
        .config("spark.log.level", "WARN" if os.environ.get("DATAHUB_DEBUG") else "FATAL")  # errors are told in words
        .config("spark.ui.showConsoleProgress", str(sys.stderr.isatty()).lower())
        .config("spark.executorEnv.POLARS_MAX_THREADS", "1")  # Spark runs a task per core
        .config("spark.executorEnv.PYTHONWARNINGS", "ignore::FutureWarning")
    )
    if address.startswith("local"):  # nothing of it is of use to other machines
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.ui.enabled", "false")
    interrupted = signal.getsignal(signal.SIGINT)
    logging.root.addFilter(_of_ours)
    try:
        try:
            started = builder.getOrCreate()
            _tell_of_machines(started)
        except (Py4JError, PySparkException, RuntimeError):
            raise _no_master(address) from None
        if threading.current_thread() is threading.main_thread():  # PySpark's own handler fails while a job runs
            signal.signal(signal.SIGINT, interrupted)
        try:
            yield started
        finally:
            started.stop()
    finally:
        logging.root.removeFilter(_of_ours)


def _of_ours(record: logging.LogRecord) -> bool:
    """Leaves out what the bridge to Java logs of errors, which it raises too."""
    return not {"py4j", "pyspark"} & set(Path(record.pathname).parts)


def _tell_of_machines(started: SparkSession) -> None:
    """Lets Spark say on standard error that no machine takes the job, or that one was lost: it goes on waiting."""
    jvm: Any = started.sparkContext._jvm
    log4j = jvm.org.apache.logging.log4j
    log4j.core.config.Configurator.setLevel("org.apache.spark.scheduler.TaskSchedulerImpl", log4j.Level.WARN)


def check_installed() -> None:
    """Raises `NotFoundError` ``spark-missing`` or ``java-missing`` with what to install."""
    try:
        import pyarrow  # noqa: F401
        import pyspark  # noqa: F401
    except ImportError:
        raise NotFoundError(
            "spark-missing",
            Text("Apache Spark is not installed.", "Apache Spark n'est pas installé."),
            extras.install("spark"),
        ) from None
    version = java_version()
    if version is None or version < JAVA:
        raise NotFoundError(
            "java-missing",
            Text(
                f"Spark needs Java {JAVA} or newer; none was found."
                if version is None
                else f"Spark needs Java {JAVA} or newer; this is Java {version}.",
                f"Spark demande Java {JAVA} ou plus récent ; aucun n'a été trouvé."
                if version is None
                else f"Spark demande Java {JAVA} ou plus récent ; ceci est Java {version}.",
            ),
            Text(
                "Install it, or say where it is in JAVA_HOME.", "Installez-le, ou indiquez son dossier dans JAVA_HOME."
            ),
        )


def java_version() -> int | None:
    """The major version of the Java that Spark will run; None where there is none."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if program is None:
        return None
    try:
        told = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    return int(found[1]) if found else None


def _no_master(address: str) -> InputError:
    return InputError(
        "spark-master",
        Text(f"Spark could not be started at {address}.", f"Spark n'a pas pu démarrer à l'adresse {address}."),
        Text(
            "Write --master local[2], or spark://HOST:PORT of a cluster that runs.",
            "Écrivez --master local[2], ou spark://HÔTE:PORT d'un cluster qui tourne.",
        ),
        Place(value=address),
    )
