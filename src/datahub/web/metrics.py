"""Figures about the running server, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from datahub.hub import Hub, PushReport


class Metrics:
    """The figures of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "datahub_requests", "Requests served", ["route", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram("datahub_request_seconds", "Time to answer", ["route"], registry=self.registry)
        self.pushes = Counter("datahub_pushes", "Pushes by outcome", ["dataset", "status"], registry=self.registry)
        self.push_records = Counter(
            "datahub_push_records",
            "Records of pushes by what became of them",
            ["dataset", "fate"],
            registry=self.registry,
        )
        self.push_seconds = Histogram(
            "datahub_push_stage_seconds",
            "What each stage of a push takes",
            ["stage"],
            buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300),
            registry=self.registry,
        )
        self.records = Gauge("datahub_records", "Open records that stand", ["dataset"], registry=self.registry)
        self.position = Gauge(
            "datahub_position", "Last sequence number applied", ["projection"], registry=self.registry
        )

    def pushed(self, report: PushReport, open_: bool) -> None:
        """Counts one push that was not a dry run; the name of a dataset that is not open is not told."""
        name = report.dataset if open_ else ""
        self.pushes.labels(name, report.status).inc()
        for fate in ("created", "updated", "unchanged", "deleted", "refused"):
            self.push_records.labels(name, fate).inc(getattr(report.counts, fate))
        for stage in report.stages:
            self.push_seconds.labels(stage.name).observe(stage.seconds)

    def observe(self, hub: Hub) -> None:
        """Reads what the hub holds now."""
        now = hub.statistics()
        for name, position in (("log", now.head), ("graph", now.graph_position), ("index", now.index_position)):
            self.position.labels(name).set(position)
        for row in now.by_dataset.iter_rows(named=True):
            self.records.labels(row["dataset"]).set(row["records"])
