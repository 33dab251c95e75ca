from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from commandline import copy_of_root
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as families
from roots import decided, fact_of, snapshot_of

from engine import sources
from engine.daemon.attempts import Attempt, Part
from engine.daemon.families import FAMILIES
from engine.daemon.metrics import Metrics
from engine.daemon.readings import Reading
from engine.daemon.service import Service
from engine.decisions import Decision
from engine.trees import File, Folder

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
NORDLICHT = "config/partners/nordlicht.yaml"
BROKEN = "version: 1\npartner: nordlicht\nusers: {}\ndefault: {contact: nobody}\n"


@dataclass
class Watch:
    """A watcher that has just looked."""

    mode: str = "events"
    last_look: dt.datetime | None = NOW


class Running(NamedTuple):
    """A service of a root on disk, counted by metrics."""

    root: Path
    service: Service
    metrics: Metrics
    watch: Watch

    def write(self, text: str, path: str = NORDLICHT) -> Attempt:
        """Write a file, and have it taken up."""
        (self.root / path).write_text(text, encoding="utf-8")
        return self.service.reload("change")

    def values(self, name: str, accept: str = "") -> Mapping[frozenset[tuple[str, str]], float]:
        """Return the value of every sample of that name by its labels."""
        return {
            frozenset(sample.labels.items()): sample.value
            for family in families(self.metrics.page(accept).body.decode())
            for sample in family.samples
            if sample.name == name
        }

    def value(self, name: str, **labels: str) -> float:
        """Return the value of one sample."""
        return self.values(name)[frozenset(labels.items())]


def read(root: Path) -> Callable[[], Reading]:
    facts = sorted((root / "facts").glob("*"))
    return lambda: Reading(
        sources.read_tree(Folder(root)),
        tuple(File(file.relative_to(root).as_posix(), file.read_bytes()) for file in facts),
    )


@pytest.fixture
def running(tmp_path: Path) -> Running:
    root = copy_of_root(tmp_path)
    service = Service(root, lambda _: read(root)(), clock=lambda: NOW)
    watch = Watch()
    metrics = Metrics(service, watch, in_flight=lambda: 3)
    service.listeners.append(metrics.attempt)
    service.start()
    return Running(root, service, metrics, watch)


def decision(owner: str = "partner") -> Decision:
    users = {"tom": {"name": "Tom", "email": "tom@nord.example"}}
    partner = {"users": users, "default": {"owner": owner, "contact": "tom"}, "clients": {"acme": {}}}
    return decided(snapshot_of({"nord": partner}), fact=fact_of())


def test_a_good_root_is_a_successful_reload_at_the_time_of_the_attempt(running: Running) -> None:
    assert running.value("renewctl_config_last_reload_successful") == 1
    assert running.value("renewctl_config_last_reload_success_timestamp_seconds") == NOW.timestamp()
    assert running.value("renewctl_config_reloads_total", part="configuration", outcome="loaded") == 1
    assert running.value("renewctl_config_reload_duration_seconds_count") == 1


def test_a_refused_change_is_seen_and_what_is_live_is_still_described(running: Running) -> None:
    before = running.values("renewctl_config_info")
    good = (running.root / NORDLICHT).read_text(encoding="utf-8")

    running.write(BROKEN)

    assert running.value("renewctl_config_last_reload_successful") == 0
    assert running.value("renewctl_config_reloads_total", part="configuration", outcome="refused") == 1
    assert running.value("renewctl_config_diagnostics", of="last_attempt", severity="error") > 0
    assert running.value("renewctl_config_diagnostics", of="live", severity="error") == 0
    assert running.values("renewctl_config_info") == before

    running.write(good)

    assert running.value("renewctl_config_last_reload_successful") == 1
    assert running.value("renewctl_config_diagnostics", of="last_attempt", severity="error") == 0


def test_what_is_live_is_counted_when_the_page_is_made(running: Running) -> None:
    live = running.service.live

    assert running.value("renewctl_partners") == len(live.snapshot.partners) > 1
    assert running.value("renewctl_clients") == len(live.snapshot.listings) > 1
    assert running.value("renewctl_renewals") == len(live.facts.renewals) > 1

    (running.root / NORDLICHT).unlink()
    running.service.reload("change")

    assert running.value("renewctl_partners") == len(live.snapshot.partners) - 1


def test_every_way_of_watching_has_a_series_of_which_one_is_1(running: Running) -> None:
    running.watch.mode = "poll"

    assert running.values("renewctl_watch_mode") == {
        frozenset({("mode", "events")}): 0,
        frozenset({("mode", "poll")}): 1,
        frozenset({("mode", "off")}): 0,
    }


def test_a_watcher_that_never_looked_is_as_stale_as_can_be(running: Running) -> None:
    assert running.value("renewctl_watch_last_look_timestamp_seconds") == NOW.timestamp()

    running.watch.last_look = None

    assert running.value("renewctl_watch_last_look_timestamp_seconds") == 0


def test_decisions_are_counted_by_outcome_and_owner(running: Running) -> None:
    running.metrics.decided([decision(), decision(), decision("hubspot")])
    running.metrics.decided(iter([decision()]))

    assert running.value("renewctl_decisions_total", outcome="send", owner="partner") == 3
    assert running.value("renewctl_decisions_total", outcome="send", owner="hubspot") == 1
    assert running.value("renewctl_decisions_total", outcome="unroutable", owner="none") == 0


def test_a_decision_without_an_owner_is_counted_as_nobodys(running: Running) -> None:
    unknown = decided(snapshot_of({}), fact=fact_of(partner="gone"))

    running.metrics.decided([unknown])

    assert running.value("renewctl_decisions_total", outcome="unroutable", owner="none") == 1


def test_answers_are_counted_by_route_and_status_and_their_durations_by_route(running: Running) -> None:
    running.metrics.answered("/v1/decisions", 200, 0.004)
    running.metrics.answered("/v1/decisions", 422, 0.001)
    running.metrics.answered("/v1/decisions", 200, 99)

    buckets = running.values("renewctl_http_request_duration_seconds_bucket")

    assert running.value("renewctl_http_requests_total", route="/v1/decisions", status="200") == 2
    assert running.value("renewctl_http_requests_in_flight") == 3
    assert buckets[frozenset({("route", "/v1/decisions"), ("le", "0.001")})] == 1
    assert buckets[frozenset({("route", "/v1/decisions"), ("le", "0.005")})] == 2
    assert buckets[frozenset({("route", "/v1/decisions"), ("le", "30")})] == 2
    assert buckets[frozenset({("route", "/v1/decisions"), ("le", "+Inf")})] == 3


def test_whoever_asks_for_many_routes_does_not_make_many_series(running: Running) -> None:
    for number in range(2_000):
        running.metrics.answered(f"/v1/clients/{number}", 404, 0.001)

    requests = running.values("renewctl_http_requests_total")

    assert len(requests) <= 501
    assert sum(requests.values()) == 2_000
    assert running.value("renewctl_http_requests_total", route="other", status="other") >= 1_500


def test_a_page_names_no_person_no_client_and_no_partner(running: Running) -> None:
    live = running.service.live
    running.write(BROKEN)
    running.metrics.decided([decision()])
    page = running.metrics.page().body.decode()
    values = {
        value for family in families(page) for sample in family.samples for value in sample.labels.values()
    }

    assert "@" not in page
    assert not values & (live.snapshot.partners.keys() | live.snapshot.listings.keys())


def test_a_larger_root_has_no_more_series(running: Running) -> None:
    count = len(running.metrics.page().body.splitlines())
    nordlicht = (running.root / NORDLICHT).read_text(encoding="utf-8")
    clients = "".join(f"  another-{number}: {{}}\n" for number in range(50))

    assert nordlicht.count("\nclients:\n") == 1
    attempt = running.write(nordlicht.replace("\nclients:\n", f"\nclients:\n{clients}"))

    assert attempt.outcome == "loaded"
    assert len(running.metrics.page().body.splitlines()) == count


def test_every_metric_of_the_table_is_on_the_page_in_its_kind_and_no_other_of_ours(running: Running) -> None:
    running.metrics.answered("/v1/decisions", 200, 0.004)
    shown = {
        family.name: family.type
        for family in families(running.metrics.page().body.decode())
        if family.name.startswith("renewctl_")
    }

    assert shown == {family.name.removesuffix("_total"): family.kind for family in FAMILIES}


def test_the_process_is_described_too(running: Running) -> None:
    names = {family.name for family in families(running.metrics.page().body.decode())}

    assert {"process_resident_memory_bytes", "process_open_fds", "python_info"} <= names


def test_who_asks_for_open_metrics_gets_it(running: Running) -> None:
    running.metrics.answered("/v1/decisions", 200, 0.004)

    page = running.metrics.page("application/openmetrics-text; version=1.0.0, text/plain;q=0.5")
    parsed = openmetrics(page.body.decode())  # type: ignore[no-untyped-call]

    assert page.media_type.startswith("application/openmetrics-text")
    assert "renewctl_decisions" in {family.name for family in parsed}


def test_two_services_in_one_process_count_apart(running: Running) -> None:
    other = Metrics(running.service, Watch())

    other.decided([decision()])

    assert running.value("renewctl_decisions_total", outcome="send", owner="partner") == 0


def test_counts_of_many_threads_are_all_there(running: Running) -> None:
    one = decision()

    def count() -> None:
        for _ in range(1_000):
            running.metrics.decided([one])
            running.metrics.answered("/v1/decisions", 200, 0.004)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert running.value("renewctl_decisions_total", outcome="send", owner="partner") == 4_000
    assert running.value("renewctl_http_request_duration_seconds_count", route="/v1/decisions") == 4_000


def test_both_parts_of_an_attempt_are_counted(running: Running) -> None:
    running.metrics.attempt(Attempt(NOW, "signal", 0.3, Part("loaded"), Part("refused")))

    values = running.values("renewctl_config_reloads_total")
    counts = Counter({dict(labels)["outcome"]: value for labels, value in values.items() if value == 1})

    assert counts["refused"] == 1
    assert running.value("renewctl_config_reloads_total", part="facts", outcome="refused") == 1
