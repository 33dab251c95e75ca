"""The metrics as Prometheus reads them.

`prometheus_client` is the library, and only this module knows it. What is odd about it:
- Its registry, and a switch for series named `_created`, are the process's. So each `Metrics` has a registry
  of its own and counts itself, which also is several times as fast as a counter of the library.
- It reads `/proc` for the metrics of the process at each page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from engine.daemon.attempts import Attempt
from engine.daemon.families import FAMILIES, NOBODY, Counts, Family, State
from engine.daemon.service import Service
from engine.daemon.status import Watch
from engine.decisions import Decision
from engine.server.observing import Page


class Metrics(Collector):
    """Counts what happens, and makes a page of it; the server's `Observer`, and a listener of the service."""

    def __init__(self, service: Service, watch: Watch, in_flight: Callable[[], int] = lambda: 0) -> None:
        self._service = service
        self._watch = watch
        self._in_flight = in_flight
        self._counts = Counts()
        self._registry = CollectorRegistry()
        self._registry.register(self)
        PlatformCollector(registry=self._registry)
        ProcessCollector(registry=self._registry)

    def attempt(self, attempt: Attempt) -> None:
        """Count an attempt to take up a change."""
        self._counts.reloads.add(("configuration", attempt.configuration.outcome))
        self._counts.reloads.add(("facts", attempt.facts.outcome))
        self._counts.reload_seconds.add((), attempt.seconds)

    def decided(self, decisions: Iterable[Decision]) -> None:
        """Count decisions that were sent, all of one answer at once."""
        self._counts.decisions.add_all([(one.outcome, one.standing.owner or NOBODY) for one in decisions])

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answer; `route` is a template such as `/v1/clients/{id}/decision`."""
        self._counts.requests.add((route, f"{status:d}"))
        self._counts.request_seconds.add((route,), seconds)

    def page(self, accept: str = "") -> Page:
        """Return all metrics as they are now, in the format that is asked for: OpenMetrics, or else text."""
        encode, media_type = choose_encoder(accept)
        return Page(encode(self._registry), media_type)

    def describe(self) -> list[Metric]:
        """Name nothing: a registry would collect to find names, and there may be nothing live yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every metric of one moment."""
        state = self._state()
        yield from (_metric(family, state) for family in FAMILIES)

    def _state(self) -> State:
        service = self._service
        return State(
            counts=self._counts,
            live=service.live,
            attempt=service.last_attempt,
            last_success=service.last_success,
            started=service.started,
            mode=self._watch.mode,
            last_look=self._watch.last_look,
            in_flight=self._in_flight(),
            complaints=len(service.complaints),
        )


def _metric(family: Family, state: State) -> Metric:
    if family.distributions is not None:
        histogram = HistogramMetricFamily(family.name, family.meaning, labels=family.labels)
        for labels, found in family.distributions(state).items():
            histogram.add_metric(labels, found.buckets, found.total)
        return histogram
    of_kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = of_kind(family.name, family.meaning, labels=family.labels)
    for labels, value in family.values(state) if family.values else ():
        metric.add_metric(labels, value)
    return metric
