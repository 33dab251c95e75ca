from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roots import ON, fact_of, sources_of
from strategies import MODEST, OTHER_PARTNER, PARTNER, Question, Root, questions, roots

from engine import facts, planning, snapshot
from engine.changes import affected, comparing
from engine.changes.causes import Side
from engine.changes.comparing import MANY, Comparison
from engine.changes.concerned import Known, Selector
from engine.changes.dangers import Danger
from engine.changes.disagreeing import Change
from engine.changes.disagreeing import Question as Days
from engine.decisions import decide
from engine.facts import Renewal, RenewalFact
from engine.notices import RENEWAL_NOTICE
from engine.reports import decisions as reports
from engine.snapshot import Snapshot

NOW = dt.datetime(ON.year, ON.month, ON.day, 12, tzinfo=dt.UTC)
USERS = """\
users:
  jana: {name: Jana, email: jana@nord.example}
  tom: {name: Tom, email: tom@nord.example}
"""
HUBSPOT = "default:\n  owner: hubspot\n  contact: jana\n"
PARTNER_OWNED = "default:\n  owner: partner\n  contact: jana\n"
CLIENT = "clients:\n  acme:\n    website: acme.example\n"

Files: TypeAlias = Mapping[str, Any]


def nord(text: str = HUBSPOT, users: str = USERS) -> str:
    """Return nord's file: users stand in lines 3 to 5, the text begins in line 6."""
    return f"version: 1\npartner: nord\n{users}{text}"


def side(partners: Mapping[str, str], **shared: Any) -> Side:  # noqa: ANN401 - any JSON
    files = sources_of(partners, **shared)
    return Side(snapshot.build(files, ON), files)


def compared(base: Side, head: Side, *known: RenewalFact, until: dt.date | None = None) -> Comparison:
    asked = Days(now=NOW, on=ON, until=until)
    facts = known or (fact_of(partner="nord", acknowledged=True),)
    return comparing.compare(base, head, known_of(base, head, facts), asked)


def known_of(base: Side, head: Side, known: Sequence[RenewalFact]) -> Known:
    return Selector(affected.between(base.snapshot, head.snapshot)).known(known)


def told(found: Comparison) -> list[str]:
    """Return each change as its worst danger and the line to look at, marked if it was removed."""
    return [f"{change.danger} {_line(change)}" for change in found.changes]


def _line(change: Change) -> str:
    assert change.cause is not None
    place = change.cause.location
    name = place.path.rpartition("/")[2].removesuffix(".yaml")
    return f"{name}:{place.line}{' removed' if change.cause.is_removed else ''}"


def told_of(base: str, head: str) -> list[str]:
    """Return the same of two versions of nord's file, before the first notice is due."""
    return told(compared(side({"nord": base}), side({"nord": head}), until=dt.date(2026, 12, 1)))


class TestCause:
    """The line that a reviewer has to look at."""

    def test_the_owner_of_the_default(self) -> None:
        assert told_of(nord(), nord(PARTNER_OWNED)) == ["owner nord:7"]

    def test_the_contact_of_the_default_though_its_owner_moved_too(self) -> None:
        pinned = CLIENT + "    override: {owner: hubspot}\n"
        moved = PARTNER_OWNED.replace("jana", "tom")

        assert told_of(nord(HUBSPOT + pinned), nord(moved + pinned)) == ["recipient nord:8"]

    def test_an_override_that_was_added(self) -> None:
        head = nord(HUBSPOT + CLIENT + "    override: {owner: partner, contact: tom}\n")

        assert told_of(nord(HUBSPOT + CLIENT), head) == ["owner nord:12"]

    def test_an_override_that_was_removed(self) -> None:
        base = nord(HUBSPOT + CLIENT + "    override:\n      owner: partner\n")

        assert told_of(base, nord(HUBSPOT + CLIENT)) == ["owner nord:13 removed"]

    def test_the_day_on_which_an_override_ends(self) -> None:
        override = "    override:\n      owner: partner\n"
        base, head = (nord(HUBSPOT + CLIENT + override + end) for end in ("", "      until: 2026-11-01\n"))

        assert told_of(base, head) == ["owner nord:14"]

    def test_the_user_who_left(self) -> None:
        left = USERS.replace("jana@nord.example", "jana@nord.example, active: false")

        assert told_of(nord(PARTNER_OWNED), nord(PARTNER_OWNED, left)) == ["lost nord:4"]

    def test_the_user_who_left_where_somebody_stands_in(self) -> None:
        left = USERS.replace("jana@nord.example", "jana@nord.example, active: false")
        text = PARTNER_OWNED + "  backup_contacts: [tom]\n"

        assert told_of(nord(text), nord(text, left)) == ["recipient nord:4"]

    def test_the_address_of_a_user(self) -> None:
        moved = USERS.replace("jana@nord.example", "jana@elsewhere.example")

        assert told_of(nord(), nord(users=moved)) == ["domain nord:4"]

    def test_a_cover(self) -> None:
        cover = "covers:\n  - {user: jana, cover: tom, from: 2026-11-01, until: 2026-12-01}\n"

        assert told_of(nord(), nord(HUBSPOT + cover)) == ["recipient nord:9"]

    def test_a_hold(self) -> None:
        hold = "    hold: {until: 2027-01-01, reason: merger, by: jana}\n"

        assert told_of(nord(HUBSPOT + CLIENT), nord(HUBSPOT + CLIENT + hold)) == ["lost nord:12"]

    def test_a_file_that_is_gone(self) -> None:
        found = compared(
            side({"nord": nord(), "sued": "version: 1\npartner: sued\n"}),
            side({"sued": "version: 1\npartner: sued\n"}),
        )

        assert set(told(found)) == {"lost nord:7 removed"}

    def test_the_entry_in_the_file_of_the_new_partner(self) -> None:
        sued = nord().replace("partner: nord", "partner: sued").replace("nord.example", "sued.example")
        base = side({"nord": nord(HUBSPOT + CLIENT), "sued": sued})
        head = side({"nord": nord(), "sued": sued + CLIENT})

        found = compared(base, head, fact_of(), until=dt.date(2026, 12, 1))

        assert told(found) == ["domain sued:10"]
        assert (found.changes[0].before and found.changes[0].before.partner) == "nord"

    def test_the_entry_of_a_client_that_the_fact_gives_to_another_partner(self) -> None:
        base, head = (
            side({"nord": nord(text), "sued": "version: 1\npartner: sued\n"})
            for text in (HUBSPOT, HUBSPOT + CLIENT)
        )

        found = compared(base, head, fact_of(partner="sued"))

        assert told(found) == ["other nord:10"]
        assert "PARTNER_MISMATCH" in (found.changes[0].after or found.changes[0].before).reasons  # type: ignore[union-attr]

    def test_a_rule(self) -> None:
        rule = "version: 1\nadjustments:\n  - rule: copy-tom\n    add:\n      cc: [{}]\n"
        base, head = (
            side({"nord": nord(HUBSPOT + "  backup_contacts: [tom]\n")}, rules=rule.replace("{}", role))
            for role in ("partner_contact", "backup_contacts")
        )

        found = compared(base, head, until=dt.date(2026, 12, 1))

        assert told(found) == ["recipient own:5"]

    def test_the_vendors_list_of_notices_that_follow_an_override(self) -> None:
        text = nord(HUBSPOT + CLIENT + "    override: {owner: partner}\n")
        base = side({"nord": text})
        head = side({"nord": text}, vendor={"notice_types_following_override": ["overage"]})

        assert set(told(compared(base, head))) == {"owner vendor:3"}

    def test_a_step_of_the_schedule(self) -> None:
        schedule = (
            "version: 1\ntiers:\n  enterprise: []\n  starter: []\n  monthly: []\n"
            "  professional:\n    - {step: D-30, kind: notice}\n"
        )
        base = side({"nord": nord()}, schedule=schedule)
        head = side({"nord": nord()}, schedule=schedule + "    - {step: D-7, kind: reminder}\n")

        assert told(compared(base, head)) == ["due schedule:8"]


class TestChange:
    """What is said of a change, and what comes first."""

    def test_equal_decisions_are_no_change_wherever_their_lines_stand(self) -> None:
        moved = nord("# Our default.\n\n" + HUBSPOT)

        assert compared(side({"nord": nord()}), side({"nord": moved})) == Comparison((), 0)

    def test_a_client_of_whom_no_renewal_is_known_changes_hands_all_the_same(self) -> None:
        base, head = (side({"nord": nord(text + CLIENT)}) for text in (HUBSPOT, PARTNER_OWNED))

        found = compared(base, head, fact_of(client="globex", partner="nord"), until=dt.date(2026, 12, 1))

        assert [(change.client, len(change.subjects)) for change in found.changes] == [
            ("acme", 0),
            ("globex", 1),
        ]
        assert (told(found), found.undecided) == (["owner nord:7", "owner nord:7"], 1)

    def test_notices_that_change_alike_are_one_change(self) -> None:
        tom = nord(HUBSPOT.replace("jana", "tom"))

        (change,) = compared(side({"nord": nord()}), side({"nord": tom})).changes

        assert len(change.subjects) > 1
        assert {subject.renewal for subject in change.subjects} == {"rn_1"}

    def test_a_notice_that_only_one_side_has_is_part_of_the_change_that_brought_it(self) -> None:
        fact = fact_of(partner="nord", acknowledged=False)

        found = compared(side({"nord": nord()}), side({"nord": nord(PARTNER_OWNED)}), fact)

        assert "due nord:7" in told(found)
        assert {change.client for change in found.changes} == {"acme"}

    def test_many_clients_by_one_edit_are_a_danger_of_its_own(self) -> None:
        base, head = side({"nord": nord()}), side({"nord": nord(HUBSPOT.replace("jana", "tom"))})
        until = dt.date(2026, 12, 1)
        many = [fact_of(client=f"c{number}", partner="nord") for number in range(MANY)]

        found, fewer = compared(base, head, *many, until=until), compared(base, head, *many[1:], until=until)

        assert {change.danger for change in found.changes} == {Danger.MANY_CLIENTS}
        assert {change.danger for change in fewer.changes} == {Danger.RECIPIENT}

    def test_the_worst_comes_first(self) -> None:
        clients = CLIENT + "  globex:\n    override: {}\n"
        base = nord(HUBSPOT + clients.format("{owner: hubspot}"))
        head = nord(
            HUBSPOT
            + clients.format("{owner: partner}").replace(
                "acme:\n", "acme:\n    hold: {until: 2027-01-01, reason: x, by: jana}\n"
            )
        )
        known = fact_of(client="globex", partner="nord"), fact_of(partner="nord")

        found = compared(side({"nord": base}), side({"nord": head}), *known, until=dt.date(2026, 12, 1))

        assert told(found) == ["lost nord:11", "owner nord:14"]

    def test_a_hold_loses_the_clients_address_too(self) -> None:
        hold = "    hold: {until: 2027-01-01, reason: merger, by: jana}\n"
        base, head = (side({"nord": nord(HUBSPOT + CLIENT + text)}) for text in ("", hold))

        (change,) = compared(base, head, until=dt.date(2026, 12, 1)).changes

        assert change.dangers == (Danger.LOST, Danger.CLIENT_ADDRESS, Danger.RECIPIENT)

    @pytest.mark.parametrize(
        ("vendor", "line"),
        [({"locale": "fr-FR"}, "other vendor:3"), ({"deadline_lead_days": 40}, "other vendor:3")],
    )
    def test_what_changes_no_recipient_comes_last(self, vendor: Files, line: str) -> None:
        found = compared(side({"nord": nord()}), side({"nord": nord()}, vendor=vendor))

        assert told(found)[-1] == line


def seen(used: Snapshot, fact: RenewalFact) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return every decision about a renewal as JSON has it, without what does not count; by notice."""
    renewal = Renewal.from_fact(fact, used.vendor)
    planned = planning.plan(used, [renewal], planning.window(ON))
    decided = [decide(used, renewal, RENEWAL_NOTICE, ON), *planned]
    return {
        (one.notice.type, one.notice.step or ""): _counting(reports.to_builtins(one, used)) for one in decided
    }


def _counting(report: dict[str, Any]) -> dict[str, Any]:
    kept = ("partner", "outcome", "owner", "contact", "to", "cc", "tasks", "locale", "reasons")
    send_on = report["notice"]["send_on"]
    return {"send_on": send_on, **{key: _placeless(report[key]) for key in kept}}


def _placeless(value: object) -> object:
    if isinstance(value, dict):
        return {key: _placeless(item) for key, item in value.items() if key not in {"origin", "user"}}
    return [_placeless(item) for item in value] if isinstance(value, list) else value


LISTS = ("default", "clients")
SECTIONS = (("users",), ("covers",), LISTS)
"""What of a partner's file may be taken from another one, and is valid all the same."""
EDITS = st.tuples(
    roots() | roots(own_rules=True), st.sets(st.sampled_from(SECTIONS)), st.booleans(), st.booleans()
)


def edited(root: Root, other: Root, sections: set[tuple[str, ...]], *, vendor: bool, rules: bool) -> Root:
    """Return the root with these parts taken from another one."""
    file = {key: other.partners[PARTNER][key] for section in sorted(sections) for key in section}
    moved = {OTHER_PARTNER: other.partners[OTHER_PARTNER]} if LISTS in sections else {}
    return Root(
        {**root.with_partner(**file).partners, **moved},
        other.vendor if vendor else root.vendor,
        other.rules if rules else root.rules,
    )


def side_of(root: Root) -> Side:
    return Side(root.snapshot, sources_of(root.partners, root.vendor, root.rules))


@MODEST
@given(roots(), EDITS, questions())
def test_a_client_changes_exactly_when_one_of_its_decisions_does(
    base: Root, edit: tuple[Root, set[tuple[str, ...]], bool, bool], asked: list[Question]
) -> None:
    other, sections, vendor, rules = edit
    head = edited(base, other, sections, vendor=vendor, rules=rules)
    known = [facts.from_value(question.fact) for question in asked[::7]]
    differing = {fact.client for fact in known if seen(base.snapshot, fact) != seen(head.snapshot, fact)}

    was, is_now = side_of(base), side_of(head)
    days = Days(now=NOW, on=ON)

    found = comparing.compare(was, is_now, known_of(was, is_now, known), days)

    assert {change.client for change in found.changes if change.subjects} == differing
    assert all(change.cause for change in found.changes)
