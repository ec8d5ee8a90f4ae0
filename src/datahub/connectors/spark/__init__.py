"""Connectors on Apache Spark: identity, mapping and repairs as on one machine, inside Spark's tasks."""

from datahub.connectors.spark.job import lift_on_spark

__all__ = ["lift_on_spark"]
