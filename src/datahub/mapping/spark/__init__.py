"""Lifting with Apache Spark: the same plan inside Spark's tasks, for files that one machine can't hold.

>>> from datahub.mapping import parse
>>> from datahub.mapping.spark import lift_on_spark, session
>>> with session("spark://master:7077") as spark:
...     lift_on_spark(spark, parse(Path("mapping.ttl")), "/shared/out")

PySpark is imported when a session is made (extra ``spark``).
"""

from datahub.mapping.spark.cluster import check_installed, session
from datahub.mapping.spark.job import Spread, lift_on_spark

__all__ = ["Spread", "check_installed", "lift_on_spark", "session"]
