from __future__ import annotations

import pytest
from roots import ON

from engine.changes.comparing import Comparison
from engine.changes.dangers import Danger
from engine.changes.disagreeing import Change, Subject
from engine.changes.views import Receiver, View
from engine.notices import RENEWAL_NOTICE
from engine.reports import changes, comment

JANA = Receiver("partner_contact", "Jana", "jana@nord.example", "action", "jana@nord.example")
BEFORE = View("nord", "partner", "partner_default", "jana", "partner_default", "send", to=(JANA,))
AFTER = BEFORE._replace(to=(JANA._replace(email="tom@nord.example", address="tom@nord.example"),))


def change(client: str, *dangers: Danger, before: View | None = BEFORE, after: View | None = AFTER) -> Change:
    subjects = (Subject("rn_1", RENEWAL_NOTICE, ON),)
    return Change(client, subjects, before, after, dangers, None)


def several(danger: Danger, number: int) -> list[Change]:
    return [change(f"{danger}-{index}", danger) for index in range(number)]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((0, 0, 0, 0), "0 clients change recipient, 0 lose all recipients, 0 change owner"),
        ((1, 1, 1, 0), "1 client changes recipient, 1 loses all recipients, 1 changes owner"),
        ((37, 4, 2, 0), "37 clients change recipient, 4 lose all recipients, 2 change owner"),
        ((0, 0, 1, 0), "0 clients change recipient, 0 lose all recipients, 1 changes owner"),
        (
            (2, 0, 0, 1),
            "2 clients change recipient, 0 lose all recipients, 0 change owner, 1 changes otherwise",
        ),
        ((1200, 0, 0, 0), "1200 clients change recipient, 0 lose all recipients, 0 change owner"),
    ],
)
def test_the_summary_counts_clients(numbers: tuple[int, ...], said: str) -> None:
    dangers = (Danger.RECIPIENT, Danger.LOST, Danger.OWNER, Danger.OTHER)
    found = [one for danger, number in zip(dangers, numbers, strict=True) for one in several(danger, number)]

    assert changes.summary(Comparison(tuple(found), 0)) == f"Decisions: {said}"


def test_a_client_that_changes_in_two_ways_is_counted_in_both_and_once_in_each() -> None:
    found = change("acme", Danger.LOST, Danger.RECIPIENT), change("acme", Danger.RECIPIENT)

    said = changes.summary(Comparison(found, 0))

    assert said == "Decisions: 1 client changes recipient, 1 loses all recipients, 0 change owner"


def test_changes_of_a_client_by_one_edit_are_one_row_of_the_worst() -> None:
    found = change("acme", Danger.LOST), change("globex", Danger.OWNER), change("acme", Danger.RECIPIENT)

    first, second = changes.rows(found)

    assert (first.change.danger, first.amount) == (Danger.LOST, "2 notices, 1 of them differently")
    assert (second.change.client, second.amount) == ("globex", "1 notice")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (BEFORE, AFTER, ("partner-owned, to jana@nord.example", "partner-owned, to tom@nord.example")),
        (BEFORE, None, ("partner-owned, to jana@nord.example", "not due")),
        (BEFORE, BEFORE._replace(locale="de-DE"), ("language -", "language de-DE")),
        (
            BEFORE,
            BEFORE._replace(owner_source="client_override"),
            ("owner from partner default", "owner from client override"),
        ),
        (
            BEFORE,
            BEFORE._replace(outcome="suppress", to=(), reasons=("HOLD",)),
            ("partner-owned, to jana@nord.example", "partner-owned, suppress (HOLD)"),
        ),
        (
            BEFORE,
            BEFORE._replace(partner="sued"),
            ("nord: partner-owned, to jana@nord.example", "sued: partner-owned, to jana@nord.example"),
        ),
    ],
)
def test_what_differs_is_said_in_words(before: View, after: View | None, said: tuple[str, str]) -> None:
    assert changes.words(change("acme", Danger.OTHER, before=before, after=after)) == said


def test_a_comment_is_cut_after_fifty_rows_and_says_how_many_are_left() -> None:
    found = comment.text(Comparison(tuple(several(Danger.OWNER, 52)), 0))

    assert found.count("\n| the owner changes |") == 50
    assert found.endswith("\n\n… and 2 more rows")


def test_a_comment_without_a_change_is_its_summary() -> None:
    said = "0 clients change recipient, 0 lose all recipients, 0 change owner"

    assert comment.text(Comparison((), 3)) == f"<!-- renewctl diff -->\n**Decisions: {said}**"


def test_what_users_wrote_cannot_shape_a_comment_or_call_anybody() -> None:
    odd = BEFORE._replace(to=(JANA._replace(email="`a|b`@x.example, @all <img> *b* #1"),))

    found = comment.text(Comparison((change("acme", Danger.OWNER, before=odd),), 0))

    assert r"\`a\|b\`@<!-- -->x.example, @<!-- -->all &lt;img&gt; \*b\* \#1" in found
    assert "jana@" not in found
