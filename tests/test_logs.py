from __future__ import annotations

import io
import json
import logging
import os
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import pytest
from commandline import copy_of_root
from daemons import Nobody
from hypothesis import example, given
from hypothesis import strategies as st
from test_metrics import BROKEN, NORDLICHT, NOW, Running, Watch, read

from engine import configuration
from engine.daemon import events, logs, running
from engine.daemon.attempts import Attempt, Outcome, Part
from engine.daemon.events import EVENTS, SHOWN, Log, SlowAnswers
from engine.daemon.logs import Style
from engine.daemon.metrics import Metrics
from engine.daemon.refusals import DefectError
from engine.daemon.service import Service
from engine.diagnostics import ConfigurationError, Diagnostic, InputError, Location, warning
from engine.feeds import factfiles

Configure = Callable[..., io.StringIO]
BROKEN_ROOTS = sorted(path for path in (Path(__file__).parent / "broken").iterdir() if path.is_dir())


@pytest.fixture
def configure() -> Iterator[Configure]:
    """Write the log to a text until the test ends."""
    handlers = []

    def configured(style: Style = "json") -> io.StringIO:
        stream = io.StringIO()
        handlers.append(logs.configure(style, stream=stream))
        return stream

    yield configured
    for handler in handlers:
        logging.getLogger().removeHandler(handler)
    logging.captureWarnings(capture=False)


class Logged(NamedTuple):
    """A service of a root on disk, and what is said of it."""

    running: Running
    log: Log
    stream: io.StringIO

    def said(self) -> list[dict[str, Any]]:
        """Return every line since this was last asked."""
        lines = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        self.stream.seek(0)
        self.stream.truncate()
        return lines

    def events(self) -> list[str]:
        return [line["event"] for line in self.said()]


@pytest.fixture
def logged(tmp_path: Path, configure: Configure) -> Logged:
    root = copy_of_root(tmp_path)
    service = Service(root, lambda _: read(root)(), clock=lambda: NOW)
    watch = Watch()
    log = Log(service, watch)
    stream = configure()
    service.listeners.append(log.attempt)
    service.start()
    return Logged(Running(root, service, Metrics(service, watch), watch), log, stream)


def attempt_of(*diagnostics: Diagnostic, message: str | None = None) -> Attempt:
    outcome: Outcome = "failed" if message else "refused" if diagnostics else "loaded"
    return Attempt(NOW, "change", 0.31234, Part(outcome, "sha256:1", diagnostics, message), Part("unchanged"))


def problem(line: int, message: str = "contact bem is not a user of nord") -> Diagnostic:
    return Diagnostic(Location("config/partners/nord.yaml", line), "unknown-contact", message)


def test_a_line_has_time_level_event_and_fields(logged: Logged) -> None:
    reload = logged.said()[0]

    assert list(reload)[:4] == ["time", "level", "event", "message"]
    assert reload["time"].endswith("Z")
    assert (reload["level"], reload["event"], reload["cause"]) == ("info", "reload", "start")
    assert (reload["configuration"], reload["facts"]) == ("loaded", "loaded")
    assert reload["digest"] == logged.running.service.live.snapshot.revision.digest


def test_what_answers_is_said_at_the_start(logged: Logged) -> None:
    logged.said()

    logged.log.started(["http://127.0.0.1:8480"])

    (line,) = logged.said()
    assert (line["event"], line["message"]) == ("start", "ready")
    assert line["addresses"] == "http://127.0.0.1:8480"
    assert line["partners"] == len(logged.running.service.live.snapshot.partners)


def test_a_refused_change_is_an_error_and_each_diagnostic_has_a_line(logged: Logged) -> None:
    logged.said()

    attempt = logged.running.write(BROKEN)

    reload, *diagnostics = logged.said()
    assert (reload["level"], reload["outcome"]) == ("error", "refused")
    assert reload["diagnostics"] == len(diagnostics) == len(attempt.diagnostics) > 0
    assert {(line["event"], line["level"]) for line in diagnostics} == {("diagnostic", "error")}
    assert {line["code"] for line in diagnostics} == {one.code for one in attempt.diagnostics}
    assert {line["file"] for line in diagnostics} == {NORDLICHT}


def test_what_is_refused_again_for_the_same_reasons_is_one_line(logged: Logged) -> None:
    logged.running.write(BROKEN)
    logged.said()

    logged.running.service.reload("http")

    (line,) = logged.said()
    assert line["diagnostics"] > line["new_diagnostics"] == 0


def test_only_what_is_newly_wrong_has_a_line(logged: Logged) -> None:
    logged.log.attempt(attempt_of(problem(1), problem(2)))
    logged.said()

    logged.log.attempt(attempt_of(problem(2), problem(3)))

    _, line = logged.said()
    assert line["line"] == 3


def test_what_is_wrong_again_after_it_was_mended_is_said_again(logged: Logged) -> None:
    logged.log.attempt(attempt_of(problem(1)))
    logged.log.attempt(attempt_of())
    logged.said()

    logged.log.attempt(attempt_of(problem(1)))

    assert logged.events() == ["reload", "diagnostic"]


def test_of_very_many_problems_the_errors_are_shown_and_the_rest_is_counted(logged: Logged) -> None:
    harmless = [
        warning(Location("a.yaml", line), "unused-user", "nobody names tom") for line in range(SHOWN + 100)
    ]
    logged.said()

    logged.log.attempt(attempt_of(*harmless, problem(7)))

    _, *lines, rest = logged.said()
    assert len(lines) == SHOWN
    assert lines[0]["code"] == "unknown-contact"
    assert {line["level"] for line in lines[1:]} == {"warning"}
    assert (rest["event"], rest["more"]) == ("diagnostics", 101)


def test_a_defect_is_told_with_its_traceback_once(logged: Logged) -> None:
    logged.said()

    logged.log.attempt(attempt_of(message="Traceback\n  File x\nZeroDivisionError"))
    logged.log.attempt(attempt_of(message="Traceback\n  File x\nZeroDivisionError"))

    first, second = logged.said()
    assert first["detail"].endswith("ZeroDivisionError")
    assert "detail" not in second


def test_another_way_of_watching_is_said_once(logged: Logged) -> None:
    logged.log.look()
    logged.said()
    logged.running.watch.mode = "poll"

    logged.log.look()
    logged.log.look()

    (line,) = logged.said()
    assert (line["event"], line["level"]) == ("watch", "warning")
    assert (line["mode"], line["before"]) == ("poll", "events")


def test_how_changes_are_noticed_is_not_said_before_anybody_watches(logged: Logged) -> None:
    assert "watch" not in logged.events()

    logged.log.started([])
    logged.running.service.reload("change")

    assert logged.events() == ["start", "reload", "watch"]


def test_at_the_start_every_problem_has_a_line(logged: Logged) -> None:
    logged.said()

    logged.log.attempt(attempt_of(*map(problem, range(SHOWN + 5)))._replace(cause="start"))

    assert logged.events() == ["reload", *["diagnostic"] * (SHOWN + 5)]


def test_a_complaint_is_said_with_the_attempt_even_before_the_start(logged: Logged) -> None:
    logged.said()
    logged.running.service.complaint = "the last good configuration is ignored: it is damaged"

    logged.log.attempt(attempt_of())

    assert logged.events() == ["reload", "complaint"]


def test_why_it_does_not_start_is_one_masked_line(logged: Logged) -> None:
    logged.said()

    events.not_started(InputError("the facts of ada@acme.example cannot be used", "mend them", [problem(1)]))

    (line,) = logged.said()
    assert (line["event"], line["level"], line["hint"]) == ("refused", "error", "mend them")
    assert line["message"] == "the facts of [address] cannot be used"


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (InputError("the port is taken"), 2, "the port is taken"),
        (ConfigurationError([problem(1)]), 1, "the configuration cannot be used"),
        (
            ConfigurationError([Diagnostic(Location("."), "no-configuration", "it is empty")]),
            2,
            "the configuration cannot be used",
        ),
        (DefectError("Traceback: ..."), 3, "this is a defect of renewctl"),
        (KeyError("odd"), 3, "this is a defect of renewctl"),
    ],
)
def test_whatever_keeps_it_from_starting_is_one_line_and_an_exit_code(
    logged: Logged, error: Exception, code: int, message: str
) -> None:
    logged.said()

    events.not_started(error)

    (line,) = logged.said()
    assert (line["event"], line["message"], events.exit_code(error)) == ("refused", message, code)
    assert ("detail" in line) is isinstance(error, KeyError), "of the others all has been said before"


def test_a_thread_that_ends_by_a_defect_is_a_masked_line(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged.said()
    monkeypatch.setattr(threading, "excepthook", running._tell_of_thread)
    failing = threading.Thread(target=int, args=("ada@acme.example",))

    failing.start()
    failing.join()

    (line,) = logged.said()
    assert (line["event"], line["level"], line["message"]) == (
        "message",
        "error",
        "a thread ended by a defect",
    )
    assert "ValueError: invalid literal for int() with base 10: [address]" in line["detail"]


def test_a_complaint_is_said_once(logged: Logged) -> None:
    logged.log.look()
    logged.said()
    logged.running.service.complaint = "the last good configuration cannot be kept in /x: No space left"

    logged.log.look()
    logged.log.look()

    assert logged.events() == ["complaint"]


def test_a_slow_answer_is_told_by_its_route(logged: Logged) -> None:
    logged.said()
    observer = SlowAnswers(Nobody())

    observer.answered("/v1/clients/{id}/decision", 200, 0.2)
    observer.answered("/v1/clients/{id}/decision", 200, 2.5)

    (line,) = logged.said()
    assert (line["event"], line["route"], line["seconds"]) == ("slow", "/v1/clients/{id}/decision", 2.5)


def test_an_observer_of_slow_answers_passes_everything_on(logged: Logged) -> None:
    metrics = logged.running.metrics
    observer = SlowAnswers(metrics)

    observer.answered("/v1/decisions", 200, 2.5)

    assert logged.running.value("renewctl_http_requests_total", route="/v1/decisions", status="200") == 1
    assert observer.page().media_type == metrics.page().media_type


def test_the_end_is_said(logged: Logged) -> None:
    logged.said()

    events.stopping("SIGTERM")
    events.stopped()

    assert logged.events() == ["stop", "stopped"]


def test_every_event_is_one_of_the_table(logged: Logged) -> None:
    logged.running.write(BROKEN)
    logged.log.started([])
    logging.getLogger("uvicorn.error").info("Started server process")

    assert set(logged.events()) <= EVENTS.keys()


@pytest.mark.parametrize("style", ["json", "text"])
def test_what_libraries_say_comes_in_the_same_form(configure: Configure, style: Style) -> None:
    stream = configure(style)

    logging.getLogger("uvicorn.error").info("Uvicorn running on %s", "http://127.0.0.1:8480")
    logging.getLogger("uvicorn.access").info("10.0.0.7 GET /v1/clients/acme/decision")
    logging.getLogger("somebody.else").info("chatter")
    logging.getLogger("asyncio").error("Task exception was never retrieved")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)

    lines = stream.getvalue().splitlines()
    assert "Uvicorn running on http://127.0.0.1:8480" in lines[0]
    assert "uvicorn.error" in lines[0]
    assert "never retrieved" in lines[1]
    assert "old" in lines[2]
    assert "acme" not in stream.getvalue()
    assert "chatter" not in stream.getvalue()


@pytest.mark.parametrize("style", ["json", "text"])
@pytest.mark.parametrize("root", BROKEN_ROOTS, ids=lambda path: path.name)
def test_no_diagnostic_carries_an_address_into_the_log(
    configure: Configure, root: Path, style: Style
) -> None:
    stream = configure(style)
    service = Service(root, lambda _: read(root)(), clock=lambda: NOW)
    log = Log(service, Watch())
    reading = read(root)()

    checked = configuration.load(reading.sources, NOW.date())
    facts = factfiles.read(reading.facts)
    log.attempt(attempt_of(problem(1), *checked.diagnostics, *facts.problems))

    assert not re.search(r"@\w", stream.getvalue())


ADDRESSES = st.from_regex(
    r"[a-zA-Z0-9!#$&'*+/?^_`.~-]{1,20}@[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?", fullmatch=True
)
AROUND = st.text(st.characters(exclude_characters="@\uff20%", exclude_categories=["Cs"]), max_size=10)


@given(before=AROUND, address=ADDRESSES, after=AROUND)
@example(before="<", address="ada.long@acme.example", after=">")
@example(before='"ada long" is ', address="ada@acme.example", after="")
@example(before="mailto:", address="o'hara@acme.example", after=",")
def test_an_address_is_masked_whatever_stands_around_it(before: str, address: str, after: str) -> None:
    assert "@" not in logs.masked(f"{before}{address}{after}")


@pytest.mark.parametrize(
    "address",
    [
        "ada@localhost",
        "jörg@müller.example",
        "ada%40acme.example",
        "ada\uff20acme.example",
        '"ada long"@acme.example',
        "ada%acme.example@",
        "ada%acme.example",
        "ada@",
    ],
)
def test_unusual_addresses_are_masked_too(address: str) -> None:
    masked = logs.masked(f"the address {address} is odd")

    assert masked == "the address [address] is odd"


def log_defect(text: str) -> None:
    """Log an exception with that text, as a part of the daemon does."""
    try:
        int(text)
    except ValueError:
        logging.getLogger("engine").exception("it broke")


def test_addresses_in_fields_and_tracebacks_are_masked(configure: Configure) -> None:
    stream = configure()

    logs.say(logging.INFO, "reload", "x", hint="write ada@acme.example")
    log_defect("ada@acme.example")

    assert "ada" not in stream.getvalue()
    assert stream.getvalue().count("[address]") == 2


def test_what_is_no_address_stays(configure: Configure) -> None:
    assert logs.masked("config/partners/nord.yaml:3:5: @ nobody, a @ b, HEAD@{1}") == (
        "config/partners/nord.yaml:3:5: @ nobody, a @ b, HEAD@{1}"
    )
    del configure


def test_a_text_line_is_one_line_that_a_person_reads(configure: Configure) -> None:
    stream = configure("text")

    logs.say(logging.WARNING, "diagnostic", "a.yaml:1:1: odd\nname\x1b[31m", hint="did you mean x?", code="y")

    (line,) = stream.getvalue().splitlines()
    time, rest = line.split(" ", 1)
    assert time.endswith("Z")
    assert rest == r'warning diagnostic: a.yaml:1:1: odd\nname\x1b[31m hint="did you mean x?" code=y'


def test_a_text_line_does_not_repeat_what_its_message_says(configure: Configure) -> None:
    stream = configure("text")

    logs.say(
        logging.ERROR, "diagnostic", "a.yaml:1:2: odd", file="a.yaml", line=1, digest=f"sha256:{'ab' * 32}"
    )

    assert stream.getvalue().endswith("diagnostic: a.yaml:1:2: odd digest=sha256:abababababab\n")


def test_a_field_cannot_forge_another_line(configure: Configure) -> None:
    stream = configure("text")

    logs.say(logging.INFO, "reload", "x", cause='a\n2026 error reload: all is lost "b" c=d')

    assert len(stream.getvalue().splitlines()) == 1
    assert '"a\\n2026 error reload: all is lost \\"b\\" c=d"' in stream.getvalue()


def test_the_journal_gets_priorities_instead_of_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "journal").open("w+", encoding="utf-8") as journal:
        told(journal, monkeypatch)
        journal.seek(0)
        lines = journal.read().splitlines()

    assert lines[0] == "<3>reload: refused"
    assert lines[1].startswith("<3>message: it broke logger=engine")
    assert all(line.startswith("<3>  ") for line in lines[2:])


def told(journal: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """Log an error and a traceback to what systemd says is the journal."""
    found = os.fstat(journal.fileno())
    monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
    handler = logs.configure("text", stream=journal)
    try:
        logs.say(logging.ERROR, "reload", "refused")
        log_defect("x")
    finally:
        logging.getLogger().removeHandler(handler)
        logging.captureWarnings(capture=False)


def test_a_stream_that_is_not_the_journal_gets_times(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "1:1")
    stream = configure("text")

    logs.say(logging.INFO, "stop", "stopping")

    assert "<" not in stream.getvalue()
