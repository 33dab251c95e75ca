from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import NORD, Scratch, partner
from roots import ON, fact_of

from engine import planning, snapshot, sources
from engine.changes import views
from engine.changes.views import View
from engine.decisions import decide
from engine.facts import Renewal, RenewalFact
from engine.git import Commit, Repository
from engine.notices import RENEWAL_NOTICE
from engine.past import footprint
from engine.past.footprint import Footprints
from engine.past.hindsight import Hindsight
from engine.past.history import Change, Entry, History, Kind, Subject
from engine.planning import Window
from engine.reports.history import aspects
from engine.trees import Folder

SUD = "config/partners/sud.yaml"
MINE = "{acme: {override: {owner: partner}}}"
FACT = fact_of()


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch.at(tmp_path / "repository")


def history(
    scratch: Scratch,
    root: str = ".",
    rev: str | None = None,
    facts: Sequence[RenewalFact] = (FACT,),
) -> list[Entry]:
    """Return acme's history."""
    folder = scratch.path / root
    newest = Repository.at(folder).commit(rev or "HEAD")
    with closing(History(Subject("acme", facts, ON))) as found:
        return list(found.entries(newest, None if rev else sources.read_tree(Folder(folder))))


def after(change: Change) -> View:
    """Return what is decided now, where something is."""
    assert change.after
    return change.after


def told(entries: Sequence[Entry]) -> list[tuple[str, str | None]]:
    """Return what each entry is and the subject of its commit."""
    return [(entry.kind.value, entry.commit.subject if entry.commit else None) for entry in entries]


def test_every_change_is_told_the_newest_first_with_the_line_that_did_it(scratch: Scratch) -> None:
    scratch.commit({NORD: partner(clients="{acme: {}}")}, "Begin")
    scratch.commit({NORD: partner(clients="{acme: {}}") + "# nothing\n"}, "Remark")
    scratch.commit({NORD: partner(clients=MINE)}, "Hand over")
    scratch.commit({SUD: partner("sud")}, "Somebody else")

    changed, first = history(scratch)

    assert told([changed, first]) == [("changed", "Hand over"), ("first", "Begin")]
    (change,) = changed.changes
    assert change.before
    assert (change.before.owner, after(change).owner) == ("hubspot", "partner")
    assert change.cause
    assert (change.cause.location.path, change.cause.location.line) == (NORD, 6)


def test_a_default_a_rule_and_the_vendor_change_it_too(scratch: Scratch) -> None:
    rules = "version: 1\nroutes:\n  - {rule: all, description: All., to: [renewal_manager]}\n"
    vendor = "version: 1\nrenewal_manager: {name: Claire, email: claire@vendor.example}\n"
    scratch.commit({NORD: partner(clients="{acme: {}}")}, "Begin")
    scratch.commit({NORD: partner(default="{owner: partner, contact: ben}", clients="{acme: {}}")}, "Default")
    scratch.commit({"rules/own.yaml": rules}, "Rules")
    scratch.commit({"config/vendor.yaml": vendor}, "Vendor")
    scratch.commit({"rules/own_test.yaml": "version: 1\n", "facts/README.md": "facts\n"}, "Test")

    assert [subject for _, subject in told(history(scratch))] == ["Vendor", "Rules", "Default", "Begin"]


def test_what_is_not_committed_comes_first_if_it_decides_otherwise(scratch: Scratch) -> None:
    scratch.commit({NORD: partner(clients="{acme: {}}")}, "Begin")
    scratch.write({NORD: "# remark\n" + partner(clients="{acme: {}}")})
    remarked = history(scratch)
    scratch.write({NORD: partner(clients=MINE)})

    assert told(remarked) == [("first", "Begin")]
    assert told(history(scratch)) == [("changed", None), ("first", "Begin")]
    assert told(history(scratch, rev="HEAD")) == [("first", "Begin")]


def test_a_revision_with_errors_is_told_only_between_others(scratch: Scratch) -> None:
    scratch.commit({NORD: "acme: 1\n"}, "Broken from the beginning")
    scratch.commit({NORD: partner(clients="{acme: {}}")}, "Begin")
    scratch.commit({NORD: partner(clients="{acme: {over: 1}}")}, "Break")
    scratch.commit({NORD: partner(clients="{acme: {over: 2}}")}, "Break otherwise")
    scratch.commit({NORD: partner(clients="{acme: {}}") + "\n"}, "Mend")

    entries = history(scratch)

    assert told(entries) == [("unusable", "Break"), ("first", "Begin")]
    assert [problem.location.path for problem in entries[0].verdict.problems] == [NORD]


def test_a_change_is_told_across_revisions_with_errors(scratch: Scratch) -> None:
    scratch.commit({NORD: partner(clients="{acme: {}}")}, "Begin")
    scratch.commit({NORD: partner(clients="{acme: {over: 1}}")}, "Break")
    scratch.commit({NORD: partner(clients=MINE)}, "Mend otherwise")
    scratch.write({NORD: "<<<<<<< acme\n"})

    assert told(history(scratch)) == [
        ("unusable", None),
        ("changed", "Mend otherwise"),
        ("unusable", "Break"),
        ("first", "Begin"),
    ]


def test_errors_of_a_partner_that_does_not_matter_do_not_stop_it(scratch: Scratch) -> None:
    scratch.commit({NORD: partner(clients=MINE), SUD: "nothing"}, "Begin")

    assert told(history(scratch)) == [("first", "Begin")]


def test_a_merge_is_one_change_made_by_the_commit_within_it(scratch: Scratch) -> None:
    scratch.commit({NORD: partner(clients="{acme: {}}")}, "Begin")
    scratch.git("checkout", "-q", "-b", "topic")
    scratch.commit({NORD: "# topic\n" + partner(clients="{acme: {}}")}, "Prepare")
    scratch.commit({NORD: "# topic\n" + partner(clients=MINE)}, "Hand over")
    scratch.git("checkout", "-q", "main")
    scratch.commit({SUD: partner("sud")}, "Somebody else")
    scratch.git("merge", "-q", "--no-ff", "-m", "Merge topic", "topic")

    changed, first = history(scratch)

    assert told([changed, first]) == [("changed", "Merge topic"), ("first", "Begin")]
    assert [commit.subject for commit in changed.made_by] == ["Hand over"]


def test_what_a_branch_took_over_from_main_was_not_made_by_it(scratch: Scratch) -> None:
    scratch.commit({NORD: partner(clients="{acme: {}}")}, "Begin")
    scratch.git("checkout", "-q", "-b", "topic")
    scratch.commit({SUD: partner("sud")}, "Somebody else")
    scratch.git("checkout", "-q", "main")
    scratch.commit({NORD: partner(clients=MINE)}, "Hand over")
    scratch.git("checkout", "-q", "topic")
    scratch.git("merge", "-q", "--no-ff", "-m", "Keep up", "main")
    vendor = "version: 1\nlocale: fr-FR\n"
    scratch.commit({"config/vendor.yaml": vendor, NORD: partner(clients="{acme: {name: A}}")}, "Hand back")
    scratch.git("checkout", "-q", "main")
    scratch.git("merge", "-q", "--no-ff", "-m", "Merge topic", "topic")

    entries = history(scratch)

    assert [one.subject for one in entries[0].made_by] == ["Hand back"]
    assert told(entries)[1:] == [("changed", "Hand over"), ("first", "Begin")]


def test_a_client_that_moves_between_partners_is_followed(scratch: Scratch) -> None:
    scratch.commit({NORD: partner(clients="{acme: {}}"), SUD: partner("sud")}, "Begin")
    scratch.commit({NORD: partner(), SUD: partner("sud", clients="{acme: {}}")}, "Move")

    changed, first = history(scratch)

    assert changed.changes[0].before
    assert (changed.changes[0].before.partner, after(changed.changes[0]).partner) == ("nord", "sud")
    assert after(first.changes[0]).partner == "nord"


def test_a_partner_that_only_a_fact_names_matters(scratch: Scratch) -> None:
    scratch.commit({NORD: partner(), SUD: partner("sud", clients="{acme: {}}")}, "Begin")
    scratch.commit({NORD: partner(default="{owner: partner, contact: ben}")}, "Take over")

    assert told(history(scratch, facts=[fact_of(partner="nord")])) == [
        ("changed", "Take over"),
        ("first", "Begin"),
    ]
    assert told(history(scratch)) == [("first", "Begin")]


def test_a_partner_that_a_fact_names_matters_though_another_file_is_its_twin(scratch: Scratch) -> None:
    scratch.commit({SUD: partner("sud"), "config/partners/twin/sud.yaml": "# sud\n"}, "Begin")
    scratch.git("rm", "-q", "-r", "config/partners/twin")
    scratch.commit({}, "One is enough")

    entries = history(scratch, facts=[fact_of(partner="sud")])

    assert told(entries) == [("first", "One is enough")]
    assert after(entries[0].changes[0]).partner == "sud"


def test_only_the_files_that_matter_are_read(scratch: Scratch) -> None:
    west = partner("west", clients="{globex: {name: acme.example}, acme-2: {}}")
    scratch.commit({NORD: partner(clients=MINE), SUD: partner("sud"), "config/partners/west.yaml": west})
    commit, footprints = Repository.at(scratch.path).commit("HEAD"), Footprints("acme", ["sud"])

    read = footprint.read(commit, footprints.of_commit(commit))

    assert [file.path for file in read.files] == [NORD, SUD]


def test_a_client_that_an_escape_spells_is_found(scratch: Scratch) -> None:
    scratch.commit({NORD: partner(clients=r'{"\x61cme": {}}')}, "Begin")

    assert after(history(scratch)[0].changes[0]).partner == "nord"


def test_a_partner_file_that_is_renamed_is_no_change(scratch: Scratch) -> None:
    scratch.commit({NORD: partner(clients=MINE)}, "Begin")
    (scratch.path / "config/partners/ländle").mkdir()
    scratch.git("mv", NORD, "config/partners/ländle/nord.yaml")
    scratch.commit({}, "Move the file")

    assert told(history(scratch)) == [("first", "Begin")]


def test_a_root_in_a_subdirectory_is_followed_to_where_it_was(scratch: Scratch) -> None:
    scratch.commit({NORD: partner(clients="{acme: {}}")}, "Begin")
    (scratch.path / "renewals").mkdir()
    scratch.git("mv", "config", "renewals/config")
    scratch.commit({}, "Move the root")
    scratch.commit({f"renewals/{NORD}": partner(clients=MINE)}, "Hand over")

    assert told(history(scratch, "renewals")) == [("changed", "Hand over"), ("first", "Begin")]


def test_a_root_that_is_not_committed_has_only_that_to_tell(scratch: Scratch) -> None:
    scratch.commit({"README.md": "Ours\n"}, "Begin")
    scratch.write({NORD: partner(clients=MINE)})

    assert told(history(scratch)) == [("first", None)]


def test_a_merge_may_bring_a_branch_that_never_had_the_root(scratch: Scratch) -> None:
    scratch.commit({NORD: partner(clients="{acme: {}}")}, "Begin")
    scratch.git("checkout", "-q", "--orphan", "other")
    scratch.git("rm", "-q", "-r", "-f", ".")
    scratch.commit({"README.md": "Ours\n"}, "Elsewhere")
    scratch.git("checkout", "-q", "main")
    scratch.git("merge", "-q", "--no-commit", "--allow-unrelated-histories", "other")
    scratch.commit({NORD: partner(clients=MINE)}, "Merge, and hand over")

    changed, first = history(scratch)

    assert told([changed, first]) == [("changed", "Merge, and hand over"), ("first", "Begin")]
    assert changed.made_by == ()


def test_another_root_that_is_still_there_is_not_taken_for_the_former_one(scratch: Scratch) -> None:
    scratch.commit({f"old/{NORD}": partner()}, "Another")
    scratch.commit(
        {f"old/{NORD}": partner(clients=MINE), f"new/{NORD}": partner(clients="{acme: {}}")}, "Begin"
    )

    assert told(history(scratch, "new")) == [("first", "Begin")]


def test_renewals_that_change_apart_are_told_apart(scratch: Scratch) -> None:
    facts = [fact_of(renewal="rn_2", partner="nord"), fact_of(renewal="rn_1", partner="sud")]
    scratch.commit({NORD: partner(), SUD: partner("sud", clients="{acme: {}}")}, "Begin")
    scratch.commit({SUD: partner("sud", clients=MINE)}, "Hand over")

    changed, first = history(scratch, facts=facts)

    assert [change.renewal for change in changed.changes] == ["rn_1"]
    assert [change.renewal for change in first.changes] == ["rn_1", "rn_2"]


DEFAULTS = ("{owner: hubspot, contact: ben}", "{owner: partner, contact: ben}")
CLIENTS = (
    "{}",
    "{acme: {}}",
    MINE,
    "{globex-NAME: {name: not acme.example}}",
    "{acme-NAME: {}}",
    r'{"\x61cme": {}}',
)
VENDORS = ("version: 1\n", "version: 1\nlocale: de-DE\ndeadline_lead_days: 10\n")
RULES = (
    "version: 1\nroutes:\n  - {rule: all, description: All., to: [partner_contact]}\n",
    "version: 1\nadjustments:\n  - {rule: late, description: Late., suppress: LATE}\n",
)


def _versions(rng: random.Random) -> Iterator[dict[str, str]]:
    """Yield what one commit after another writes; acme is in at most one file, for two would be an error."""
    for _ in range(6):
        holder = rng.choice(("nord", "sud", "west"))
        yield {
            **{
                f"config/partners/{name}.yaml": partner(
                    name,
                    rng.choice(DEFAULTS),
                    rng.choice(CLIENTS if name == holder else CLIENTS[::3]).replace("NAME", name),
                )
                for name in ("nord", "sud", "west")
            },
            **rng.choice(({}, {"config/vendor.yaml": rng.choice(VENDORS)})),
            **rng.choice(({}, {"rules/own.yaml": rng.choice(RULES)})),
        }


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), named=st.sampled_from((None, "nord", "west", "ghost")))
def test_the_footprint_decides_as_the_whole_root_does(
    tmp_path_factory: pytest.TempPathFactory, seed: int, named: str | None
) -> None:
    rng = random.Random(seed)  # noqa: S311 - nothing here is secret
    scratch = Scratch.at(tmp_path_factory.mktemp("repository"))
    ids = [scratch.commit(files) for files in _versions(rng)]
    rng.shuffle(ids)
    fact = fact_of(partner=named)
    footprints, hindsight = Footprints("acme", {named} if named else ()), Hindsight([fact], ON)

    for commit in map(Repository.at(scratch.path).commit, ids):
        found = footprints.of_commit(commit)
        read = footprint.read(commit, found)
        verdict = hindsight.verdict(read)

        assert [answers.views for answers in verdict.answers] == [_whole(commit, fact)]
        narrowed = footprints.narrowed(sources.read_tree(commit))
        assert (footprints.of_files(narrowed), narrowed.files) == (found, read.files)


def _whole(commit: Commit, fact: RenewalFact) -> tuple[View, dict[tuple[str, str | None], View]]:
    used = snapshot.build(sources.read_tree(commit), ON)
    renewal = Renewal.from_fact(fact, used.vendor)
    asked = views.of_decision(decide(used, renewal, RENEWAL_NOTICE, ON), used.vendor)
    planned = planning.plan(used, [renewal], Window(ON, dt.date(2027, 3, 23)))
    used.close()
    return asked, {(one.notice.type, one.notice.step): views.of_decision(one, used.vendor) for one in planned}


def test_what_counts_from_a_later_day_on_is_told_with_the_first_notice_that_it_changes(
    scratch: Scratch,
) -> None:
    later = "{acme: {override: {owner: partner, from: 2026-12-15}}}"
    scratch.commit({NORD: partner(clients="{acme: {}}")}, "Begin")
    scratch.commit({NORD: partner(clients=later)}, "From December on")

    changed, first = history(scratch)

    assert told([changed, first]) == [("changed", "From December on"), ("first", "Begin")]
    (change,) = changed.changes
    assert change.before is None  # the escalation is of partner-owned renewals only
    assert change.after
    assert (change.step, change.after.owner) == ("D-14", "partner")
    assert change.cause
    assert change.cause.location.line == 6


def test_a_change_is_always_one_that_words_can_say(scratch: Scratch) -> None:
    for files in _versions(random.Random(7)):  # noqa: S311 - nothing here is secret
        scratch.commit(files)

    changes = [change for entry in history(scratch) if entry.kind is Kind.CHANGED for change in entry.changes]

    assert changes
    for change in changes:
        assert change.before
        assert aspects(change.before) != aspects(after(change))
