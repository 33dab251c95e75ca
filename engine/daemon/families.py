"""Every metric of the daemon: its name, its meaning, and where its values come from.

What is true at a moment is read at that moment, out of one `Live` and one attempt: no gauge is older than
another. No label names a person, a client, a partner or a path, so that there are few series for ever.
"""

from __future__ import annotations

import datetime as dt
import platform
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Literal, NamedTuple, TypeAlias, get_args

from engine import __version__
from engine.daemon.attempts import Attempt, Outcome
from engine.daemon.service import Live
from engine.daemon.tallies import Distribution, Durations, Labels, Tally
from engine.diagnostics import Severity

Kind: TypeAlias = Literal["gauge", "counter", "histogram"]

MODES = ("events", "poll", "off")
NOBODY = "none"
"""Instead of an owner, where there is none."""

_PARTS = ("configuration", "facts")
_OUTCOMES = ("send", "suppress", "unroutable")
_OWNERS = ("hubspot", "partner", NOBODY)
_RELOAD_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_ANSWER_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(frozen=True, slots=True)
class Counts:
    """What has happened since the daemon was started."""

    reloads: Tally = field(default_factory=lambda: Tally(product(_PARTS, get_args(Outcome))))
    reload_seconds: Durations = field(default_factory=lambda: Durations(_RELOAD_SECONDS))
    decisions: Tally = field(default_factory=lambda: Tally(product(_OUTCOMES, _OWNERS)))
    requests: Tally = field(default_factory=Tally)
    request_seconds: Durations = field(default_factory=lambda: Durations(_ANSWER_SECONDS))


class State(NamedTuple):
    """Everything that metrics are made of, as it is at one moment."""

    counts: Counts
    live: Live
    attempt: Attempt | None
    last_success: dt.datetime | None
    started: dt.datetime
    mode: str
    last_look: dt.datetime | None
    in_flight: int
    complaints: int


Values: TypeAlias = Iterable[tuple[Labels, float]]


class Family(NamedTuple):
    """A metric; `values` or, of a histogram, `distributions` are what it shows."""

    name: str
    kind: Kind
    labels: Labels
    meaning: str
    values: Callable[[State], Values] | None = None
    distributions: Callable[[State], Mapping[Labels, Distribution]] | None = None


def _one(value: float) -> Values:
    return [((), value)]


def _moment(moment: dt.datetime | None) -> Values:
    """Return the moment in seconds; 0 is never, as with Prometheus itself."""
    return _one(0.0 if moment is None else moment.timestamp())


def _info(*labels: str | None) -> Values:
    return [(tuple(label or "" for label in labels), 1.0)]


def _revision(state: State) -> Values:
    revision = state.live.snapshot.revision
    dirty = None if revision.dirty is None else str(revision.dirty).lower()
    return _info(revision.digest, revision.commit, dirty)


def _diagnostics(state: State) -> Iterator[tuple[Labels, float]]:
    """Yield how many there are: of what answers, and of what was tried last."""
    tried = state.attempt.diagnostics if state.attempt else ()
    for subject, diagnostics in (("live", state.live.diagnostics), ("last_attempt", tried)):
        found = Counter(diagnostic.severity for diagnostic in diagnostics)
        yield from (((subject, severity.value), found[severity]) for severity in Severity)


def _modes(state: State) -> Values:
    return [((mode,), float(mode == state.mode)) for mode in MODES]


def _is_success(state: State) -> Values:
    return _one(float(state.attempt is not None and state.attempt.is_success))


FAMILIES: tuple[Family, ...] = (
    Family(
        "renewctl_build_info",
        "gauge",
        ("version", "python"),
        "Always 1; which renewctl runs, on which Python.",
        lambda _: _info(__version__, platform.python_version()),
    ),
    Family(
        "renewctl_config_last_reload_successful",
        "gauge",
        (),
        "1 when the last attempt left nothing on disk that is not live; 0 when it was refused or failed.",
        _is_success,
    ),
    Family(
        "renewctl_config_last_reload_success_timestamp_seconds",
        "gauge",
        (),
        "When an attempt last succeeded, be it that nothing had changed; 0 is never.",
        lambda state: _moment(state.last_success),
    ),
    Family(
        "renewctl_config_last_reload_attempt_timestamp_seconds",
        "gauge",
        (),
        "When the last attempt began.",
        lambda state: _moment(state.attempt.at if state.attempt else None),
    ),
    Family(
        "renewctl_config_reloads_total",
        "counter",
        ("part", "outcome"),
        "Attempts by what became of the part `configuration` or `facts`: `loaded`, `unchanged`, `refused`, "
        "`failed`.",
        lambda state: state.counts.reloads.counts().items(),
    ),
    Family(
        "renewctl_config_reload_duration_seconds",
        "histogram",
        (),
        "How long attempts took, the wait for the files to be quiet included.",
        distributions=lambda state: state.counts.reload_seconds.distributions(),
    ),
    Family(
        "renewctl_config_info",
        "gauge",
        ("digest", "commit", "dirty"),
        "Always 1; which configuration answers. `commit` and `dirty` are empty outside a git work tree.",
        _revision,
    ),
    Family(
        "renewctl_config_live_since_timestamp_seconds",
        "gauge",
        (),
        "Since when this configuration answers, with these facts.",
        lambda state: _moment(state.live.since),
    ),
    Family(
        "renewctl_config_last_good",
        "gauge",
        (),
        "1 while a saved configuration answers, because the root could not be used at the start.",
        lambda state: _one(float(state.live.is_last_good)),
    ),
    Family(
        "renewctl_config_diagnostics",
        "gauge",
        ("of", "severity"),
        "Problems by severity: of what is `live`, and of the `last_attempt`.",
        _diagnostics,
    ),
    Family(
        "renewctl_facts_info",
        "gauge",
        ("digest",),
        "Always 1; which facts are known. The digest is empty when there are none.",
        lambda state: _info(state.live.facts.digest),
    ),
    Family(
        "renewctl_partners",
        "gauge",
        (),
        "Partners with a file.",
        lambda state: _one(len(state.live.snapshot.partners)),
    ),
    Family(
        "renewctl_clients",
        "gauge",
        (),
        "Clients that a partner's file lists.",
        lambda state: _one(len(state.live.snapshot.listings)),
    ),
    Family(
        "renewctl_rules",
        "gauge",
        (),
        "Rules in use: routes and adjustments.",
        lambda state: _one(len(state.live.snapshot.rulebook.rules)),
    ),
    Family(
        "renewctl_renewals",
        "gauge",
        (),
        "Renewals known from facts.",
        lambda state: _one(len(state.live.facts.renewals)),
    ),
    Family(
        "renewctl_watch_mode",
        "gauge",
        ("mode",),
        "1 for how changes are noticed now, 0 for the others: `events`, `poll`, `off`.",
        _modes,
    ),
    Family(
        "renewctl_watch_last_look_timestamp_seconds",
        "gauge",
        (),
        "When the files were last looked at; what is live may be as old. 0 is never.",
        lambda state: _moment(state.last_look),
    ),
    Family(
        "renewctl_complaints",
        "gauge",
        (),
        "What is wrong beside the root, as `renewctl status` says: no last good saved, git tells no commit.",
        lambda state: _one(state.complaints),
    ),
    Family(
        "renewctl_decisions_total",
        "counter",
        ("outcome", "owner"),
        "Decisions that were answered: `send`, `suppress`, `unroutable`, by the owner of the client.",
        lambda state: state.counts.decisions.counts().items(),
    ),
    Family(
        "renewctl_http_requests_total",
        "counter",
        ("route", "status"),
        "Answers by route, such as `/v1/clients/{id}/decision`, and status code.",
        lambda state: state.counts.requests.counts().items(),
    ),
    Family(
        "renewctl_http_request_duration_seconds",
        "histogram",
        ("route",),
        "How long answers took, from the head of the request to their end; without the wait for its body.",
        distributions=lambda state: state.counts.request_seconds.distributions(),
    ),
    Family(
        "renewctl_http_requests_in_flight",
        "gauge",
        (),
        "Requests that are being answered.",
        lambda state: _one(state.in_flight),
    ),
    Family(
        "renewctl_start_timestamp_seconds",
        "gauge",
        (),
        "When the daemon was started.",
        lambda state: _moment(state.started),
    ),
)
