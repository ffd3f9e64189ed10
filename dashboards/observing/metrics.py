"""What is counted of a portal, for Prometheus: requests by rule, statements of the store, ages. Every label has few values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "airshed_portal"
STATUSES = ("ok", "waiting", "trouble")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_REQUEST_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_STATEMENT_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)


class Metrics:
    """Counts of one portal. report: gives its state (dashboards.observing.state.report), asked when somebody reads."""

    def __init__(self, report: Callable[[], dict[str, Any]]) -> None:
        self.registry = CollectorRegistry()
        of = {"registry": self.registry}
        self._requests = Counter(f"{PREFIX}_requests", "Requests answered", ("method", "route", "status"), **of)
        self._seconds = Histogram(
            f"{PREFIX}_request_seconds", "Time until the answer was ready", ("route",), buckets=_REQUEST_S, **of
        )
        self._statements = Histogram(
            f"{PREFIX}_store_statement_seconds", "Time until the store answered a statement", buckets=_STATEMENT_S, **of
        )
        self._slow = Counter(f"{PREFIX}_store_slow_statements", "Statements that were slow enough to be logged", **of)
        self.registry.register(_Ages(report))
        ProcessCollector(namespace=PREFIX, registry=self.registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. route: the rule that answered, never an address that somebody wrote."""
        self._requests.labels(method if method in METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def statement(self, seconds: float, slow: bool) -> None:
        """Count a statement of the store."""
        self._statements.observe(seconds)
        if slow:
            self._slow.inc()

    def text(self) -> bytes:
        """Write all that is counted in Prometheus' text format 0.0.4."""
        return generate_latest(self.registry)


class _Ages:
    """Ages are of the moment in which they are read. What has no age has no sample: a nought would look fresh."""

    def __init__(self, report: Callable[[], dict[str, Any]]) -> None:
        self._report = report

    def describe(self) -> list[Metric]:
        """Name nothing ahead: a registry then does not ask the store when it is made."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give the state and the ages of now."""
        said = self._report()
        status = GaugeMetricFamily(f"{PREFIX}_status", "1 for the state the portal is in", labels=["status"])
        for name in STATUSES:
            status.add_metric([name], float(said["status"] == name))
        yield status
        yield _gauge("store_readable", "Whether the store can be read", float(said["store"]["readable"]))
        yield _gauge("data_age_seconds", "Time since the newest hour ended", said["data"]["age_s"])
        press = said.get("press")
        if press is not None:
            yield _gauge("press_at_work", "Whether the press still looks at the store", float(press["at_work"]))
            yield _gauge("press_looked_age_seconds", "Time since the press looked", press["looked_age_s"])
            yield _gauge("press_age_seconds", "Time since the press made pages", press["made_age_s"])


def _gauge(name: str, what: str, value: float | None) -> GaugeMetricFamily:
    """Give a measure with one sample, with none where the value is not known."""
    return GaugeMetricFamily(f"{PREFIX}_{name}", what, value=value)
