from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from repositories import NORD, Scratch
from repositories import partner as partner_text
from roots import renewal_of
from test_loading import CONTENTS, SOUTH, STRAY, Files, partner, sources_of, vendor

from engine import sources
from engine.daemon import lastgood
from engine.daemon.attempts import Attempt, Cause
from engine.daemon.loading import Loader
from engine.daemon.readings import Reading
from engine.daemon.service import Live, Service
from engine.daemon.settling import StoppedError
from engine.diagnostics import ConfigurationError, Diagnostic, InputError
from engine.model import entries
from engine.notices import RENEWAL_NOTICE
from engine.sources import VENDOR
from engine.trees import File, Folder

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
SOUND: Files = {NORD: CONTENTS[NORD][0], VENDOR: vendor()}
OTHER: Files = {**SOUND, NORD: partner("nord", "tom")}
BROKEN: Files = {**SOUND, NORD: partner("nord", "nobody")}
BROKEN_OTHERWISE: Files = {**SOUND, NORD: b"users: ["}
LINE = b'{"renewal": "rn_1", "client": "acme", "renewal_date": "2027-02-15"}\n'
OTHER_LINE = LINE.replace(b"rn_1", b"rn_2")
BAD_LINE = b'{"renewal": "rn_2"}\n'


@dataclass
class Root:
    """A root in memory, and a clock that goes on by a second whenever somebody looks at it."""

    files: Files = field(default_factory=lambda: dict(SOUND))
    facts: bytes = LINE
    unread: tuple[Diagnostic, ...] = ()
    error: Exception | None = None
    now: dt.datetime = NOON
    readings: int = 0
    causes: list[Cause] = field(default_factory=list)

    def read(self, cause: Cause) -> Reading:
        self.causes.append(cause)
        self.readings += 1
        if self.error is not None:
            raise self.error
        files = (File("facts/a.jsonl", self.facts),)
        return Reading(sources_of(self.files), files, self.unread)

    def clock(self) -> dt.datetime:
        self.now += dt.timedelta(seconds=1)
        return self.now


@dataclass
class Running:
    """A service over a root in memory."""

    root: Root
    service: Service

    def becomes(self, files: Files) -> Attempt:
        self.root.files = files
        return self.service.reload("change")

    def delivers(self, facts: bytes) -> Attempt:
        self.root.facts = facts
        return self.service.reload("change")

    @property
    def live(self) -> Live:
        return self.service.live

    @property
    def contact(self) -> str | None:
        """Who is the contact of nord by default, by what is live."""
        ((_, default),) = entries(self.live.snapshot.partners["nord"].record.default)
        return default.contact


def made(root: Root, kept: Path | None = None, *, skip_bad_facts: bool = False) -> Service:
    return Service(Path("/root"), root.read, kept=kept, clock=root.clock, skip_bad_facts=skip_bad_facts)


def started(kept: Path | None = None, *, skip_bad_facts: bool = False) -> Running:
    root = Root()
    service = made(root, kept, skip_bad_facts=skip_bad_facts)
    service.start()
    return Running(root, service)


# Changes


def test_what_is_prepared_is_not_live_until_it_was_read_again() -> None:
    running = started()
    before = running.live

    running.service.prepare(Reading(sources_of(OTHER)))
    running.service.prepare(Reading(sources_of({NORD: b"version: ["})))

    assert running.live is before
    assert running.becomes(OTHER).outcome == "loaded"


def test_what_is_no_longer_live_forgets_what_it_remembered_and_nothing_else() -> None:
    running = started()
    before = running.live.snapshot
    renewal = renewal_of(client="acme")
    found = before.place(renewal, RENEWAL_NOTICE, NOON.date())

    running.becomes(OTHER)
    now = running.live.snapshot
    now.place(renewal, RENEWAL_NOTICE, NOON.date())

    assert not [*before.forgetting()], "it has forgotten"
    assert before.place(renewal, RENEWAL_NOTICE, NOON.date()) == found, "and finds the same again"
    running.delivers(b"")
    assert running.live.snapshot is now
    assert [*now.forgetting()], "it is live"


def test_a_defect_in_preparing_is_told_by_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    running = started()

    def defect(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("engine.daemon.loading.configuration.load", defect)
    running.service.prepare(Reading(sources_of(OTHER)))

    assert running.becomes(OTHER).outcome == "failed"


def test_a_change_becomes_live() -> None:
    running = started()

    attempt = running.becomes(OTHER)

    assert (attempt.outcome, attempt.cause, running.contact) == ("loaded", "change", "tom")
    assert running.root.causes == ["start", "change"]
    assert running.live.snapshot.revision.digest == attempt.configuration.digest
    assert running.live.since == attempt.at == running.service.last_success


def test_what_is_wrong_is_refused_and_what_was_live_stays() -> None:
    running = started()
    before = running.live

    attempt = running.becomes(BROKEN)

    assert (attempt.outcome, running.live) == ("refused", before)
    assert {problem.code for problem in attempt.diagnostics if problem.stops_deciding} == {"unknown-contact"}
    assert running.service.last_success == before.since


def test_the_same_again_is_no_news() -> None:
    running = started()
    before = running.live

    attempt = running.service.reload("http")

    assert (attempt.outcome, attempt.diagnostics) == ("unchanged", before.diagnostics)
    assert running.live is before
    assert running.service.last_success == attempt.at > before.since


def test_a_mistake_that_is_taken_back_is_a_success() -> None:
    running = started()
    before = running.live
    running.becomes(BROKEN)

    attempt = running.becomes(dict(SOUND))

    assert (attempt.outcome, attempt.is_success) == ("unchanged", True)
    assert running.live is before
    assert running.service.last_attempt is attempt


def test_the_latest_mistakes_are_told_and_then_none() -> None:
    running = started()

    codes = [
        {problem.code for problem in running.becomes(files).diagnostics if problem.stops_deciding}
        for files in (BROKEN, BROKEN_OTHERWISE, OTHER)
    ]

    assert codes == [{"unknown-contact"}, {"yaml-syntax"}, set()]
    assert running.contact == "tom"


def test_a_root_that_cannot_be_read_leaves_what_is_live_and_says_why() -> None:
    running = started()
    before = running.live
    running.root.error = InputError("files are still being written", "rename them")

    attempt = running.service.reload("poll")

    assert (attempt.outcome, attempt.is_success, running.live) == ("failed", False, before)
    assert attempt.message == "files are still being written; rename them"
    assert (attempt.configuration.outcome, attempt.facts.outcome) == ("failed", "failed")


def test_a_defect_of_ours_leaves_what_is_live_and_says_where() -> None:
    running = started()
    before = running.live
    running.root.error = KeyError("defect")

    attempt = running.service.reload("poll")

    assert (attempt.outcome, running.live) == ("failed", before)
    assert "KeyError: 'defect'" in str(attempt.message)
    assert "Traceback" in str(attempt.message)


def test_on_a_new_day_there_are_new_warnings_of_the_same_revision() -> None:
    running = started()
    running.becomes({**SOUND, NORD: CONTENTS[NORD][1]})
    before = running.live
    running.root.now += dt.timedelta(days=8)

    attempt = running.service.reload("day")

    assert (attempt.outcome, running.live.since) == ("unchanged", before.since)
    assert running.live.loaded.on == dt.date(2026, 12, 1)
    assert "expired-entry" in {problem.code for problem in running.live.snapshot.diagnostics}
    assert running.live.snapshot.rulebook is before.snapshot.rulebook


# Configuration and facts are independent


def test_facts_become_live_while_the_configuration_is_refused() -> None:
    running = started()
    running.root.facts = LINE.replace(b"rn_1", b"rn_9")

    attempt = running.becomes(BROKEN)

    assert (attempt.configuration.outcome, attempt.facts.outcome) == ("refused", "loaded")
    assert (attempt.outcome, running.contact, list(running.live.facts.by_renewal)) == (
        "refused",
        "jana",
        ["rn_9"],
    )


def test_a_configuration_becomes_live_while_the_facts_are_refused() -> None:
    running = started()
    running.root.facts = BAD_LINE

    attempt = running.becomes(OTHER)

    assert (attempt.configuration.outcome, attempt.facts.outcome) == ("loaded", "refused")
    assert (attempt.outcome, running.contact, list(running.live.facts.by_renewal)) == (
        "refused",
        "tom",
        ["rn_1"],
    )


def test_a_defect_in_reading_facts_does_not_keep_a_configuration_from_becoming_live(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running = started()
    monkeypatch.delattr(Loader, "facts")

    attempt = running.becomes(OTHER)

    assert (attempt.configuration.outcome, attempt.facts.outcome) == ("loaded", "failed")
    assert (running.contact, list(running.live.facts.by_renewal)) == ("tom", ["rn_1"])


def test_new_facts_are_news_and_the_same_with_a_stray_file_are_not() -> None:
    running = started()
    first = running.live
    running.root.unread = (STRAY,)

    assert running.service.reload("change").facts.outcome == "unchanged"
    assert running.live.since == first.since
    assert running.delivers(OTHER_LINE).facts.outcome == "loaded"
    assert running.live.since > first.since
    assert running.live.loaded is first.loaded


# Starting


def test_nothing_is_live_before_the_start() -> None:
    with pytest.raises(RuntimeError, match="before the service was started"):
        _ = made(Root()).live


def test_a_start_with_a_broken_root_raises_everything_that_is_wrong() -> None:
    root = Root(files={**BROKEN, SOUTH: b""}, facts=BAD_LINE)

    with pytest.raises(ConfigurationError) as error:
        made(root).start()

    places = {problem.location.path for problem in error.value.diagnostics if problem.stops_deciding}
    assert places == {NORD, SOUTH, "facts/a.jsonl"}


def test_a_start_with_bad_facts_names_them_and_the_way_out() -> None:
    with pytest.raises(InputError) as error:
        made(Root(facts=LINE + BAD_LINE)).start()

    assert {problem.location.line for problem in error.value.diagnostics} == {2}
    assert "--skip-bad-facts" in str(error.value.hint)


def test_bad_facts_that_are_skipped_are_told_and_the_others_are_live() -> None:
    service = made(Root(facts=LINE + BAD_LINE), skip_bad_facts=True)
    service.start()

    assert list(service.live.facts.by_renewal) == ["rn_1"]
    assert service.last_attempt is not None
    assert service.last_attempt.facts.diagnostics == service.live.facts.problems != ()


def test_a_root_that_cannot_be_read_is_an_error_of_whoever_starts() -> None:
    with pytest.raises(InputError, match="files come and go"):
        made(Root(error=InputError("files come and go"))).start()


def test_a_defect_at_the_start_is_raised_with_its_place() -> None:
    with pytest.raises(RuntimeError, match="KeyError: 'defect'"):
        made(Root(error=KeyError("defect"))).start()


def test_a_defect_in_reading_facts_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Loader, "facts")

    with pytest.raises(RuntimeError, match="AttributeError"):
        made(Root()).start()


def test_a_stop_ends_an_attempt_and_leaves_what_is_live() -> None:
    running = started()
    before = running.service.moment
    running.root.error = StoppedError()

    with pytest.raises(StoppedError):
        running.service.reload("poll")

    assert running.service.moment is before


# The last good configuration


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return the folder in which the sound root was saved."""
    started(tmp_path / "kept")
    return tmp_path / "kept"


def restarted(kept: Path, root: Root) -> Running:
    service = made(root, kept)
    service.start(from_last_good=True)
    return Running(root, service)


def test_what_was_good_answers_until_the_root_is_good_again(kept: Path) -> None:
    running = restarted(kept, Root(files=BROKEN))

    assert (running.live.is_last_good, running.contact) == (True, "jana")
    assert running.live.facts.by_renewal.keys() == {"rn_1"}
    assert running.becomes(BROKEN_OTHERWISE).outcome == "refused"
    assert running.live.is_last_good
    assert running.becomes(OTHER).outcome == "loaded"
    assert (running.live.is_last_good, running.contact) == (False, "tom")
    assert running.service.complaint is None
    assert lastgood.read(kept, Path("/root")).digest == running.live.snapshot.revision.digest


def test_a_root_that_becomes_what_was_saved_is_live_by_itself(kept: Path) -> None:
    running = restarted(kept, Root(files=BROKEN))
    since = running.live.since

    attempt = running.becomes(dict(SOUND))

    assert (attempt.is_success, running.live.is_last_good, running.live.since) == (True, False, since)
    assert running.service.reload("poll").outcome == "unchanged"


def test_a_good_root_starts_from_itself_whatever_was_saved(kept: Path) -> None:
    (kept / lastgood.NAME).write_bytes(b"torn")

    running = restarted(kept, Root(files=OTHER))

    assert (running.live.is_last_good, running.contact, running.service.complaint) == (False, "tom", None)
    assert lastgood.read(kept, Path("/root")).digest == running.live.snapshot.revision.digest


def test_what_was_saved_is_not_used_unless_that_is_asked_for(kept: Path) -> None:
    with pytest.raises(ConfigurationError):
        made(Root(files=BROKEN), kept).start()


def test_with_a_root_that_cannot_be_read_what_was_saved_answers_without_facts(kept: Path) -> None:
    running = restarted(kept, Root(error=InputError("files come and go")))

    assert (running.live.is_last_good, len(running.live.facts.renewals)) == (True, 0)
    running.root.error = None
    assert running.service.reload("poll").outcome == "loaded"
    assert running.live.facts.by_renewal.keys() == {"rn_1"}


def test_what_is_saved_and_damaged_is_complained_of_beside_what_is_wrong_with_the_root(kept: Path) -> None:
    (kept / lastgood.NAME).write_bytes(b"torn")
    service = made(Root(files=BROKEN), kept)

    with pytest.raises(ConfigurationError) as error:
        service.start(from_last_good=True)

    assert "unknown-contact" in {problem.code for problem in error.value.diagnostics}
    assert "is ignored: " in service.complaints[0]
    assert "damaged" in service.complaints[0]


def test_what_was_saved_and_is_good_no_longer_is_complained_of(kept: Path) -> None:
    lastgood.save(kept, Path("/root"), sources_of(BROKEN), NOON)
    service = made(Root(files=BROKEN_OTHERWISE), kept)

    with pytest.raises(ConfigurationError):
        service.start(from_last_good=True)

    assert "no longer good: " in service.complaints[0]
    assert "contact nobody" in service.complaints[0]


def test_with_bad_facts_what_was_saved_does_not_start_either(kept: Path) -> None:
    with pytest.raises(InputError, match="the facts cannot be used"):
        restarted(kept, Root(files=BROKEN, facts=BAD_LINE))


def test_the_root_is_read_once_for_a_start_from_what_was_saved(kept: Path) -> None:
    assert restarted(kept, Root(files=BROKEN)).root.readings == 1


def test_what_cannot_be_saved_is_complained_of_and_saved_once_that_is_possible(tmp_path: Path) -> None:
    in_the_way = tmp_path / "kept"
    in_the_way.write_text("a file where the folder is to be")

    running = started(in_the_way)

    assert "cannot be kept" in str(running.service.complaint)
    in_the_way.unlink()
    running.service.reload("http")
    assert running.service.complaint is None
    assert lastgood.read(in_the_way, Path("/root")).digest == running.live.snapshot.revision.digest


def test_what_is_saved_already_is_not_saved_again(kept: Path) -> None:
    running = started(kept)
    before = (kept / lastgood.NAME).stat()

    running.delivers(b"")
    running.becomes(BROKEN)
    running.service.keep_again()

    assert (kept / lastgood.NAME).stat() == before


def test_no_change_waits_until_the_one_before_was_saved(tmp_path: Path) -> None:
    aside: list[Callable[[], None]] = []
    root = Root()
    service = Service(Path("/root"), root.read, kept=tmp_path, clock=root.clock, later=aside.append)
    service.start()
    first = lastgood.read(tmp_path, Path("/root")).digest
    running = Running(root, service)

    running.becomes(OTHER)
    running.becomes({**OTHER, VENDOR: vendor("Tim")})
    digest = running.live.snapshot.revision.digest

    assert first == lastgood.read(tmp_path, Path("/root")).digest != digest
    for do in aside:
        do()
        assert lastgood.read(tmp_path, Path("/root")).digest == digest, "the newest, and once"


def test_what_somebody_has_removed_is_saved_again_at_the_next_look(kept: Path) -> None:
    running = started(kept)
    (kept / lastgood.NAME).unlink()

    running.service.keep_again()

    assert lastgood.read(kept, Path("/root")).digest == running.live.snapshot.revision.digest


def test_a_complaint_heals_by_itself_at_the_next_look(tmp_path: Path) -> None:
    in_the_way = tmp_path / "kept"
    in_the_way.write_text("a file where the folder is to be")
    running = started(in_the_way)
    before = running.service.complaints
    in_the_way.unlink()

    running.service.keep_again()

    assert (len(before), len(running.service.complaints)) == (1, 0)
    assert (in_the_way / lastgood.NAME).exists()


# Several who ask


class Gate:
    """A lock that tells when somebody asks for it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = threading.Semaphore(0)

    def __enter__(self) -> None:
        self.asked.release()
        assert self.lock.acquire(timeout=10)

    def __exit__(self, *_error: object) -> None:
        self.lock.release()

    def wait_for(self, callers: int) -> None:
        """Wait until so many more have asked."""
        for _ in range(callers):
            assert self.asked.acquire(timeout=10)


@dataclass
class Slow(Root):
    """A root of which a reading begins, takes in the files, and ends when it is let go."""

    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    let_go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    at_once: int = 0
    most_at_once: int = 0

    def read(self, cause: Cause) -> Reading:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        found, error = super().read(cause) if self.error is None else None, self.error
        self.begun.release()
        assert self.let_go.acquire(timeout=10)
        self.at_once -= 1
        if error is not None:
            raise error
        assert found is not None
        return found


class Crowd:
    """Callers in threads of their own, and the root that they ask for."""

    def __init__(self) -> None:
        self.root, self.gate = Slow(), Gate()
        self.service = made(self.root)
        self.service._lock = self.gate  # type: ignore[assignment]  # enough of one
        self.pool = ThreadPoolExecutor(20)

    def ask(self) -> Future[Attempt]:
        """Ask for a reload, and return once the question stands."""
        asked = self.pool.submit(self.service.reload, "http")
        self.gate.wait_for(1)
        return asked

    def begin(self) -> Future[Attempt]:
        """Ask for a reload, and return once it reads."""
        asked = self.ask()
        assert self.root.begun.acquire(timeout=10)
        return asked

    def let_go(self) -> None:
        """Let the reading that began end."""
        self.root.let_go.release()

    def finish(self) -> None:
        """Let the next reading begin and end."""
        assert self.root.begun.acquire(timeout=10)
        self.let_go()


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    crowd = Crowd()
    yield crowd
    crowd.pool.shutdown()


def test_who_asks_while_one_is_running_gets_the_next_and_all_of_them_share_it(crowd: Crowd) -> None:
    running = crowd.begin()
    crowd.root.files = OTHER
    others = [crowd.ask() for _ in range(10)]
    crowd.let_go()
    crowd.finish()

    attempts = {id(other.result(10)) for other in others}

    assert len(attempts) == 1
    assert attempts != {id(running.result())}
    assert others[0].result().configuration.digest == crowd.service.live.snapshot.revision.digest
    assert (crowd.root.readings, crowd.root.most_at_once) == (2, 1)


def test_nobody_gets_the_result_of_before_because_the_next_attempt_was_stopped(crowd: Crowd) -> None:
    first = crowd.begin()
    crowd.let_go()
    first.result(10)
    second = crowd.begin()
    crowd.root.error = StoppedError()
    third, fourth = crowd.ask(), crowd.ask()
    crowd.let_go()
    crowd.finish()
    crowd.root.error = None
    crowd.finish()

    results = [one.exception(10) or id(one.result()) for one in (third, fourth)]

    assert sum(isinstance(one, StoppedError) for one in results) == 1
    assert not {id(first.result()), id(second.result())} & set(results)


def test_a_reload_that_is_asked_for_during_the_start_is_one_after_it(crowd: Crowd) -> None:
    starting = crowd.pool.submit(crowd.service.start)
    crowd.gate.wait_for(1)
    assert crowd.root.begun.acquire(timeout=10)
    reload = crowd.ask()
    crowd.let_go()
    crowd.finish()

    starting.result(10)

    assert reload.result(10).outcome == "unchanged"
    assert crowd.root.readings == 2


# Those who listen


def test_a_listener_that_fails_is_logged_and_spoils_nothing(caplog: pytest.LogCaptureFixture) -> None:
    running, told = started(), list[Attempt]()

    def fail(attempt: Attempt) -> None:
        raise KeyError(attempt.cause)

    running.service.listeners += [fail, told.append]
    attempt = running.becomes(OTHER)

    assert told == [attempt]
    assert running.contact == "tom"
    assert [(line.levelno, line.exc_info is not None) for line in caplog.records] == [(logging.ERROR, True)]


def test_who_listens_sees_what_became_live() -> None:
    running, seen = started(), list[tuple[str | None, bool]]()
    running.service.listeners.append(
        lambda attempt: seen.append((running.contact, running.service.last_attempt is attempt))
    )

    running.becomes(OTHER)

    assert seen == [("tom", True)]


# Which commit is live


@pytest.fixture
def work_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    scratch = Scratch.at(tmp_path / "root")
    scratch.commit({NORD: partner_text()})
    return scratch


def serving(scratch: Scratch) -> Service:
    service = Service(
        scratch.path, lambda _: Reading(sources.read_tree(Folder(scratch.path))), clock=lambda: NOON
    )
    service.start()
    return service


def commit_of(service: Service) -> tuple[str | None, bool | None]:
    revision = service.live.snapshot.revision
    return revision.commit, revision.dirty


def test_a_change_that_is_committed_later_is_that_commit_once_git_is_asked_again(work_tree: Scratch) -> None:
    service = serving(work_tree)
    first = commit_of(service)
    work_tree.write({NORD: partner_text(default="{owner: partner, contact: ben}")})
    service.reload("change")
    changed, since = commit_of(service), service.live.since
    commit = work_tree.commit({})

    service.ask_git_again()

    assert changed == (first[0], True)
    assert commit_of(service) == (commit, False)
    assert service.live.since == since


def test_a_commit_that_changes_nothing_that_is_read_is_the_one_that_is_live(work_tree: Scratch) -> None:
    service = serving(work_tree)
    commit = work_tree.commit({"README.md": "Read me"})

    service.ask_git_again()

    assert commit_of(service) == (commit, False)


def test_when_git_says_what_it_said_before_nothing_is_replaced(work_tree: Scratch) -> None:
    service = serving(work_tree)
    clean = service.moment
    service.ask_git_again()
    assert service.moment is clean
    work_tree.write({NORD: partner_text(default="{owner: partner, contact: ben}")})
    service.reload("change")
    dirty = service.moment

    service.ask_git_again()

    assert service.moment is dirty


def test_a_repository_that_is_damaged_keeps_nobody_from_being_served(
    work_tree: Scratch, caplog: pytest.LogCaptureFixture
) -> None:
    for file in (work_tree.path / ".git" / "objects").rglob("*"):
        if file.is_file():
            file.unlink()

    service = serving(work_tree)
    service.ask_git_again()

    assert commit_of(service) == (None, None)
    assert "Traceback" not in caplog.text or "git cannot tell" in caplog.text


def test_outside_of_git_nobody_knows_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    root = tmp_path / "root"
    (root / NORD).parent.mkdir(parents=True)
    (root / NORD).write_text(partner_text())

    service = serving(Scratch(root))
    service.ask_git_again()

    assert commit_of(service) == (None, None)


# Whatever happens


STEPS: SearchStrategy[list[tuple[Files, bytes, Exception | None]]] = st.lists(
    st.tuples(
        st.sampled_from([SOUND, OTHER, BROKEN, BROKEN_OTHERWISE]),
        st.sampled_from([LINE, OTHER_LINE, BAD_LINE, b""]),
        st.sampled_from([None, None, None, InputError("unsettled"), KeyError("defect")]),
    ),
    max_size=8,
)


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_live_are_always_the_newest_good_configuration_and_the_newest_good_facts(
    steps: list[tuple[Files, bytes, Exception | None]],
) -> None:
    running = started()
    good, facts = SOUND, LINE
    for files, text, error in steps:
        before = running.live
        running.root.facts, running.root.error = text, error
        attempt = running.becomes(files)
        is_told = error is None and files in (SOUND, OTHER), error is None and text in (LINE, OTHER_LINE)
        good, facts = files if is_told[0] else good, text if is_told[1] else facts

        assert running.live.loaded.sources.digest == sources_of(good).digest
        assert list(running.live.facts.by_renewal) == ["rn_1" if facts == LINE else "rn_2"]
        assert attempt.is_success == all(is_told)
        assert (running.live.since == before.since) == (
            attempt.configuration.outcome != "loaded" and attempt.facts.outcome != "loaded"
        )
