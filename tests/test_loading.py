from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import astuple, replace
from typing import Any, NamedTuple, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from roots import ON, SHIPPED_RULES, SHIPPED_SCHEDULE, decided, renewal_of

from engine import configuration, schedule, snapshot
from engine.configuration import Configuration, Memory
from engine.daemon.knownfacts import KnownFacts
from engine.daemon.loading import Loaded, Loader
from engine.daemon.readings import Reading
from engine.decisions import decide
from engine.diagnostics import ConfigurationError, Diagnostic, Location, warning
from engine.index import Index
from engine.notices import RENEWAL_NOTICE
from engine.reading import partners
from engine.reports import decisions
from engine.snapshot import Snapshot, State
from engine.sources import PARTNERS, VENDOR, Sources
from engine.trees import File

Files: TypeAlias = dict[str, bytes]

NORD, SOUTH, TEST = f"{PARTNERS}/nord.yaml", f"{PARTNERS}/south.yaml", "rules/own_test.yaml"
RULES, SCHEDULE = "rules/own.yaml", "rules/schedule.yaml"
BROKEN = b"version: 1\nusers: ["


def partner(name: str, contact: str = "jana", **more: object) -> bytes:
    users = {user: {"name": user.title(), "email": f"{user}@{name}.example"} for user in ("jana", "tom")}
    default = {"owner": "partner", "contact": contact}
    return json.dumps({"version": 1, "partner": name, "users": users, "default": default, **more}).encode()


def vendor(name: str = "Rita", **more: object) -> bytes:
    return json.dumps({"renewal_manager": {"name": name, "email": "rita@vendor.example"}, **more}).encode()


OWN_RULE = {"version": 1, "adjustments": [{"rule": "own", "when": {"client.id": "acme"}, "reason": "OWN"}]}
MOVED = b"# a comment moves everything down\n"
SHIPPED_STEPS = SHIPPED_SCHEDULE.data

CONTENTS: Mapping[str, tuple[bytes, ...]] = {
    NORD: (
        partner("nord", clients={"acme": {}, "globex": {"website": "globex.example"}}),
        partner("nord", "tom", clients={"acme": {"until": "2026-11-24"}}),
        MOVED + partner("nord", clients={"acme": {}}),
        partner("nord", "nobody"),
        partner("south"),
        BROKEN,
    ),
    SOUTH: (
        partner("south", clients={"acme": {"from": "2026-11-24"}}),
        partner("south", clients={"acme": {"website": "acme.example"}}),
        partner("nord"),
        b"",
    ),
    f"{PARTNERS}/west/nord.yaml": (partner("nord"), partner("west")),
    VENDOR: (vendor(), vendor("Ada"), vendor(time_zone="Europe/Berlin"), MOVED + vendor(), BROKEN),
    RULES: (json.dumps(OWN_RULE).encode(), MOVED + json.dumps(OWN_RULE).encode(), BROKEN, b"version: 1\n"),
    SCHEDULE: (SHIPPED_STEPS, MOVED + SHIPPED_STEPS, BROKEN),
    TEST: (b"version: 1\n", BROKEN, MOVED + b"version: 1\n"),
}
"""What each file of a root may hold; None, beside these, is that it is not there."""

DAYS = st.sampled_from([ON + dt.timedelta(days) for days in range(3)])
UNREAD = warning(Location(f"{PARTNERS}/README"), "ignored-file", "this file is not read")


def sources_of(files: Mapping[str, bytes], problems: tuple[Diagnostic, ...] = ()) -> Sources:
    """Return the sources of a root of these files, read anew: equal bytes are other objects."""
    found = [File(path, bytes(bytearray(data))) for path, data in sorted(files.items())]
    by_path = {file.path: file for file in found}
    return Sources(
        partners=tuple(file for file in found if file.path.startswith(PARTNERS)),
        vendor=by_path.get(VENDOR),
        rules=tuple(file for file in found if file.path == RULES),
        schedule=by_path.get(SCHEDULE),
        shipped_rules=SHIPPED_RULES,
        shipped_schedule=SHIPPED_SCHEDULE,
        decision_tests=tuple(file for file in found if file.path == TEST),
        diagnostics=problems,
    )


def said(checked: Configuration) -> tuple[Any, ...]:
    """Return all that a configuration says, with what equality leaves out."""
    return (
        [
            (file.document.path, file.document.text, file.document.value, file.record)
            for file in checked.partners
        ],
        (checked.vendor.document.path, checked.vendor.document.value, checked.vendor.record),
        (checked.ruleset, checked.schedule, tuple(checked.schedule.tiers), checked.digest),
        [astuple(problem) for problem in checked.diagnostics],
        [indexed(index) for index in (checked.by_partner, checked.by_client)],
    )


def indexed(index: Index) -> tuple[dict[str, list[str]], frozenset[str]]:
    """Return the paths that an index finds."""
    found = {name: [file.document.path for file in files] for name, files in index.files.items()}
    return found, index.several


class Editing(RuleBasedStateMachine):
    """Somebody edits a root, and after each edit it is loaded with a memory and without."""

    def __init__(self) -> None:
        super().__init__()
        self.files: Files = {NORD: CONTENTS[NORD][0], VENDOR: CONTENTS[VENDOR][0]}
        self.problems: tuple[Diagnostic, ...] = ()
        self.on = ON
        self.memory = Memory()
        self.loaded: tuple[Configuration, Files, dt.date] | None = None
        self.previous: Snapshot | None = None

    @rule(data=st.data(), path=st.sampled_from(sorted(CONTENTS)))
    def write(self, data: st.DataObject, path: str) -> None:
        self.files[path] = data.draw(st.sampled_from(CONTENTS[path]))

    @rule(path=st.sampled_from(sorted(CONTENTS)))
    def remove(self, path: str) -> None:
        self.files.pop(path, None)

    @rule(paths=st.permutations([NORD, SOUTH, f"{PARTNERS}/west/nord.yaml"]))
    def rename(self, paths: list[str]) -> None:
        if paths[0] in self.files:
            self.files[paths[1]] = self.files.pop(paths[0])

    @rule()
    def mend(self) -> None:
        self.files |= {path: contents[0] for path, contents in CONTENTS.items() if path in self.files}

    @rule(on=DAYS)
    def another_day(self, on: dt.date) -> None:
        self.on = on

    @rule(problems=st.sampled_from([(), (UNREAD,)]))
    def stray(self, problems: tuple[Diagnostic, ...]) -> None:
        self.problems = problems

    @invariant()
    def a_memory_changes_nothing(self) -> None:
        sources = sources_of(self.files, self.problems)
        quick = configuration.load(sources, self.on, memory=self.memory)
        full = configuration.load(sources, self.on)

        assert said(quick) == said(full)
        self._check_shared(quick)
        self._check_decisions(quick, full)

    def _check_shared(self, quick: Configuration) -> None:
        """A partner whose file is as it was is the same object."""
        before, files, on = self.loaded or (quick, self.files, self.on)
        earlier = {file.document.path: file for file in before.partners}
        for file in quick.partners:
            path = file.document.path
            if path in earlier and on == self.on and files[path] == self.files[path]:
                assert file is earlier[path]
        self.loaded = quick, copy.copy(self.files), self.on

    def _check_decisions(self, quick: Configuration, full: Configuration) -> None:
        """What shares the rules with the snapshot before decides as one that is built by itself."""
        if not full.may_decide:
            return
        used = snapshot.from_configuration(quick, previous=self.previous)
        alone = snapshot.from_configuration(full)

        assert _answers(used, self.on) == _answers(alone, self.on)
        self.previous = used


def _answers(used: Snapshot, on: dt.date) -> list[Any]:
    """Return what is decided, what the rules looked at, and what is due."""
    found: list[Any] = []
    for renewal in (renewal_of(used.vendor, client=client) for client in ("acme", "globex")):
        standing = used.place(renewal, RENEWAL_NOTICE, on).standing
        found += [
            decisions.json([decide(used, renewal, RENEWAL_NOTICE, on)], used),
            used.rulebook.consider(standing, renewal, RENEWAL_NOTICE, on.toordinal()),
            [due for due in schedule.due(used.schedule, renewal) if used.is_due(due, renewal)],
        ]
    return found


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=25, stateful_step_count=10, deadline=None)


# The parts of it that are easily lost


def test_another_shipped_schedule_is_read_though_the_rules_are_those_of_before() -> None:
    sources, memory = sources_of({NORD: partner("nord")}), Memory()
    configuration.load(sources, ON, memory=memory)
    newer = replace(
        sources, shipped_schedule=replace(SHIPPED_SCHEDULE, data=b"version: 1\nholidays: false\n")
    )

    quick, full = configuration.load(newer, ON, memory=memory), configuration.load(newer, ON)

    assert said(quick) == said(full)
    assert quick.schedule != configuration.load(sources, ON).schedule


def test_rules_that_only_moved_say_where_they_stand_now() -> None:
    files = {NORD: CONTENTS[NORD][0], RULES: CONTENTS[RULES][0]}
    before = snapshot.build(sources_of(files), ON)
    checked = configuration.load(sources_of({**files, RULES: CONTENTS[RULES][1]}), ON)

    used = snapshot.from_configuration(checked, previous=before)

    (place,) = (step.origin for step in decided(used).trace if step.rule == "own")
    assert str(place).startswith("rules/own.yaml:2:")
    assert used.rulebook is not before.rulebook


def test_rules_are_compiled_again_for_another_vendor_whom_they_may_reach() -> None:
    files = {NORD: CONTENTS[NORD][0]}
    before = snapshot.build(sources_of(files), ON)
    manager = b"version: 1\nrenewal_manager: {name: Rita, email: rita@vendor.example}\n"
    checked = configuration.load(sources_of({**files, VENDOR: manager}), ON)

    used = snapshot.from_configuration(checked, previous=before)

    assert used.rulebook is not before.rulebook
    assert used.steps is not before.steps


def test_rules_that_are_those_of_before_are_not_compiled_again() -> None:
    before = snapshot.build(sources_of({NORD: CONTENTS[NORD][0]}), ON)
    checked = configuration.load(sources_of({NORD: CONTENTS[NORD][1]}), ON)

    used = snapshot.from_configuration(checked, previous=before)

    assert used.rulebook is before.rulebook
    assert used.steps is before.steps


# What becomes live


class Known(NamedTuple):
    """A loader, and what it has made live."""

    loader: Loader
    live: Loaded

    def load(
        self, files: Files, on: dt.date = ON, problems: tuple[Diagnostic, ...] = ()
    ) -> tuple[Loaded | None, str]:
        loaded, part = self.loader.configuration(sources_of(files, problems), on, self.live)
        return loaded, part.outcome


SOUND: Files = {NORD: CONTENTS[NORD][0], VENDOR: vendor()}


def known(
    files: Files = SOUND,
    problems: tuple[Diagnostic, ...] = (),
    state: Callable[[Sources], State] | None = None,
) -> Known:
    loader = Loader(state or (lambda _sources: State()))
    live, part = loader.configuration(sources_of(files, problems), ON, None)
    assert live is not None
    assert part.outcome == "loaded"
    return Known(loader, live)


def test_what_is_live_already_is_not_loaded_again() -> None:
    assert known().load(dict(SOUND)) == (None, "unchanged")


def test_with_a_warning_of_before_nothing_is_loaded_again() -> None:
    assert known(problems=(UNREAD,)).load(dict(SOUND), problems=(UNREAD,)) == (None, "unchanged")


def test_a_warning_that_is_gone_is_gone_from_what_is_live_though_the_revision_is_the_same() -> None:
    loaded, outcome = known(problems=(UNREAD,)).load(dict(SOUND))

    assert outcome == "unchanged"
    assert loaded is not None
    assert "ignored-file" not in {problem.code for problem in loaded.snapshot.diagnostics}


def test_a_decision_test_that_cannot_be_read_is_refused_though_decisions_do_not_depend_on_it() -> None:
    loaded, outcome = known().load({**SOUND, TEST: BROKEN})

    assert (loaded, outcome) == (None, "refused")


def test_on_another_day_the_same_files_are_checked_again_and_are_no_news() -> None:
    loaded, outcome = known({**SOUND, NORD: CONTENTS[NORD][1]}).load(
        {**SOUND, NORD: CONTENTS[NORD][1]}, dt.date(2026, 12, 1)
    )

    assert outcome == "unchanged"
    assert loaded is not None
    assert "expired-entry" in {problem.code for problem in loaded.snapshot.diagnostics}


def test_which_commit_was_read_is_asked_when_it_is_read() -> None:
    asked: list[str] = []

    def state(sources: Sources) -> State:
        asked.append(sources.digest)
        return State("c0ffee", dirty=True)

    live = known(state=state).live

    assert asked == [live.sources.digest]
    assert (live.snapshot.revision.commit, live.snapshot.revision.dirty) == ("c0ffee", True)


def test_what_was_prepared_is_what_is_loaded() -> None:
    before = known()
    sources = sources_of({**SOUND, NORD: CONTENTS[NORD][1]})
    before.loader.prepare(sources, ON, before.live)
    prepared = before.loader._prepared
    assert prepared is not None

    assert before.loader.configuration(sources, ON, before.live) is prepared.result
    assert before.loader._prepared is None  # it is for once


@pytest.mark.parametrize("other", ["files", "day", "live"])
def test_what_was_prepared_for_something_else_is_not_used(other: str) -> None:
    before = known()
    sources = sources_of({**SOUND, NORD: CONTENTS[NORD][1]})
    before.loader.prepare(sources, ON, before.live)
    asked = {
        "files": (sources_of({**SOUND, NORD: CONTENTS[NORD][2]}), ON, before.live),
        "day": (sources, ON + dt.timedelta(1), before.live),
        "live": (sources, ON, None),
    }[other]

    loaded, part = before.loader.configuration(*asked)

    assert loaded is not None
    assert (loaded.sources, loaded.on, part.outcome) == (asked[0], asked[1], "loaded")


def test_clients_are_known_by_the_websites_that_partner_files_list() -> None:
    files = {**SOUND, SOUTH: partner("south", clients={"twin": {"website": "www.globex.example"}})}

    live = known(files).live

    assert live.clients_of("globex.example") == {"globex", "twin"}
    assert live.clients_of("nobody.example") == frozenset()


def test_a_refused_configuration_is_not_built() -> None:
    loaded, outcome = known().load({NORD: partner("nord", "nobody")})

    assert (loaded, outcome) == (None, "refused")
    with pytest.raises(ConfigurationError):
        snapshot.build(sources_of({NORD: partner("nord", "nobody")}), ON)


# Facts


LINE = b'{"renewal": "rn_1", "client": "acme", "renewal_date": "2027-02-15"}\n'
UNREADABLE = Diagnostic(Location("facts/b.jsonl"), "unreadable-file", "the file cannot be read")
STRAY = warning(Location("facts/notes.txt"), "ignored-file", "this file is not read")


def facts(
    text: bytes = LINE,
    live: KnownFacts | None = None,
    *,
    unread: tuple[Diagnostic, ...] = (),
    skip: bool = False,
) -> tuple[KnownFacts | None, str, int]:
    """Return what could become live, the outcome, and the number of problems."""
    loader = Loader(lambda _sources: State(), skip_bad_facts=skip)
    reading = Reading(Sources(), (File("facts/a.jsonl", text),), unread)
    found, part = loader.facts(reading, live)
    assert part.digest == reading.facts_digest
    return found, part.outcome, len(part.diagnostics)


def live_facts(text: bytes = LINE, **more: Any) -> KnownFacts:  # noqa: ANN401 - passed on
    found, outcome, _ = facts(text, **more)
    assert found is not None
    assert outcome == "loaded"
    return found


def test_facts_that_are_live_already_are_not_read_again() -> None:
    assert facts(live=live_facts()) == (None, "unchanged", 0)


def test_facts_beside_a_stray_file_are_not_read_again_and_the_warning_stays() -> None:
    live = live_facts(unread=(STRAY,))

    assert facts(live=live, unread=(STRAY,)) == (None, "unchanged", 1)
    assert facts(live=live) == (None, "unchanged", 0)


def test_facts_that_are_gone_with_the_whole_root_stay() -> None:
    live = live_facts()
    loader = Loader(lambda _sources: State())

    found, part = loader.facts(Reading(Sources()), live)

    assert (found, part.outcome, part.digest) == (None, "unchanged", live.digest)


def test_facts_that_are_gone_while_partners_are_there_stay_and_are_missed() -> None:
    loader = Loader(lambda _sources: State())

    found, part = loader.facts(Reading(sources_of(SOUND)), live_facts())

    assert (found, part.outcome) == (None, "refused")
    assert part.message
    assert "no file of facts is left" in part.message


@pytest.mark.parametrize("text", [b"", b"\n", b"{}\n"])
def test_facts_in_which_no_renewal_is_left_are_refused_and_said_to_be(text: bytes) -> None:
    loader = Loader(lambda _sources: State(), skip_bad_facts=True)

    found, part = loader.facts(Reading(sources_of(SOUND), (File("facts/a.jsonl", text),)), live_facts())

    assert (found, part.outcome) == (None, "refused")
    assert part.message
    assert "no renewal is left" in part.message


def test_a_root_that_never_had_facts_misses_none() -> None:
    loader = Loader(lambda _sources: State())

    found, part = loader.facts(Reading(sources_of(SOUND)), None)
    again = loader.facts(Reading(sources_of(SOUND)), found)

    assert (part.outcome, again[1].outcome) == ("loaded", "unchanged")


def test_bad_facts_are_refused_and_those_of_before_stay() -> None:
    found, outcome, problems = facts(LINE + b"{}\n", live_facts())

    assert (found, outcome) == (None, "refused")
    assert problems > 0


def test_an_unreadable_facts_file_is_refused_whatever_the_others_hold() -> None:
    assert facts(live=live_facts(), unread=(UNREADABLE,)) == (None, "refused", 1)


def test_when_bad_facts_are_skipped_the_good_ones_become_live_and_what_is_wrong_is_said_each_time() -> None:
    live = live_facts(LINE + b"{}\n", skip=True)
    again = facts(LINE + b"{}\n", live, skip=True)

    assert [fact.renewal for fact in live.renewals] == ["rn_1"]
    assert again == (None, "unchanged", len(live.problems))
    assert live.problems


@given(st.lists(st.tuples(st.sampled_from([LINE, b"", b"{}\n", LINE * 2]), st.booleans()), max_size=6))
def test_what_is_live_is_always_the_last_delivery_without_a_mistake(steps: list[tuple[bytes, bool]]) -> None:
    live: KnownFacts | None = None
    for text, is_unreadable in steps:
        is_left_empty = not text and live is not None and bool(live.renewals)
        good = text in {LINE, b""} and not is_unreadable and not is_left_empty
        found, outcome, _ = facts(text, live, unread=(UNREADABLE,) if is_unreadable else ())

        assert (outcome != "refused") == good
        live = found or live
        if good:
            assert live is not None
            assert bool(live.renewals) == (text == LINE)


# Another day


days = st.integers(-2, 3).map(lambda number: ON + dt.timedelta(number))
spans = st.fixed_dictionaries({}, optional={"from": days, "until": days})


@st.composite
def dated_partners(draw: st.DrawFn) -> bytes:
    """Return a partner file in which everything that may have dates may have some."""

    def dated(entry: Mapping[str, object]) -> dict[str, object]:
        return {**entry, **{key: day.isoformat() for key, day in draw(spans).items()}}

    contact = st.sampled_from(["jana", "tom"])
    default = {"owner": "partner", "contact": "jana", "backup_contacts": ["tom"]}
    own = [dated(default), dated(default)] if draw(st.booleans()) else default
    client: dict[str, object] = dated({}) if draw(st.booleans()) else {}
    if draw(st.booleans()):
        client["override"] = dated({"owner": "partner", "contact": draw(contact)})
    if draw(st.booleans()):
        client["hold"] = dated({"reason": "a dispute", "by": "jana"})
    users = {user: {"name": user, "email": f"{user}@nord.example"} for user in ("jana", "tom")}
    covers = [dated({"user": "jana", "cover": "tom"})] if draw(st.booleans()) else []
    more = {"default": own, "users": users, "covers": covers, "clients": {"acme": client, "globex": {}}}
    return json.dumps({"version": 1, "partner": "nord", **more}).encode()


@given(dated_partners(), days, days)
@settings(max_examples=200, suppress_health_check=[HealthCheck.filter_too_much])
def test_what_was_found_on_one_day_and_holds_on_another_is_what_is_found_on_that(
    data: bytes, before: dt.date, on: dt.date
) -> None:
    file = File(NORD, data)
    found = partners.read(file, before)

    if partners.holds_on(found, before, on):
        assert [astuple(one) for one in found.problems] == [
            astuple(one) for one in partners.read(file, on).problems
        ]


def test_on_another_day_only_files_are_read_again_that_may_say_something_else() -> None:
    default = {"owner": "partner", "contact": "jana", "backup_contacts": ["tom"]}
    files = {
        NORD: partner("nord", default=default, clients={"acme": {"until": "2026-12-24"}}),
        SOUTH: partner("south", default=default),
    }
    sources, memory = sources_of(files), Memory()
    on_day = {
        day: configuration.load(sources, dt.date(2026, *day), memory=memory).made.partners
        for day in ((11, 23), (12, 23), (12, 24))
    }

    assert on_day[12, 23] == on_day[11, 23]
    assert on_day[12, 24][SOUTH][1] is on_day[12, 23][SOUTH][1]
    assert on_day[12, 24][NORD][1] is not on_day[12, 23][NORD][1]
