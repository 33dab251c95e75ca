from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from roots import ON, fact_of, snapshot_of

from engine import dependents
from engine.dependents import Dependents, Question, Role, State
from engine.diagnostics import InputError
from engine.facts import RenewalFact
from engine.model import UserId

NOW = dt.datetime(ON.year, ON.month, ON.day, 12, tzinfo=dt.UTC)
JANA: Mapping[str, Any] = {"name": "Jana Weber", "email": "jana@nord.example"}
TOM: Mapping[str, Any] = {"name": "Tom Kern", "email": "tom@nord.example"}
BEN: Mapping[str, Any] = {"name": "Ben Roth", "email": "ben@nord.example"}
USERS = {"jana": JANA, "tom": TOM, "ben": BEN}
DEFAULT = {"owner": "hubspot", "contact": "jana", "backup_contacts": ["tom"]}
NORD: Mapping[str, Any] = {"users": USERS, "default": DEFAULT, "clients": {"acme": {}}}


def found(
    question: Question | None = None,
    facts: tuple[RenewalFact, ...] = (),
    others: Mapping[str, Any] | None = None,
    **sections: Any,  # noqa: ANN401 - any JSON
) -> list[Dependents]:
    """Ask about the users of nord, with these sections of its file instead, and of other partners."""
    root = snapshot_of({"nord": {**NORD, **sections}, **(others or {})})
    return dependents.find(root, facts or (fact_of(),), question or Question(on=ON), NOW)


def of(user: UserId, *facts: RenewalFact, **sections: Any) -> Dependents:  # noqa: ANN401 - any JSON
    """Ask about one of them."""
    (one,) = found(Question(user=f"nord/{user}", on=ON), facts, **sections)
    return one


def roles(one: Dependents) -> list[tuple[Role, str | None]]:
    return [(naming.role, naming.about) for naming in one.namings]


def cover(**fields: str) -> list[dict[str, str]]:
    return [{"user": "jana", "cover": "tom", "from": "2026-11-20", "until": "2026-12-01", **fields}]


class TestState:
    """Who can be reached."""

    def test_a_user_is_active_unless_the_file_says_otherwise(self) -> None:
        assert of("jana").state is State.ACTIVE

    def test_who_has_left_is_inactive(self) -> None:
        assert of("tom", users={**USERS, "tom": {**TOM, "active": False}}).state is State.INACTIVE

    def test_who_is_replaced_by_a_cover_that_day_is_away(self) -> None:
        one = of("jana", covers=cover())

        assert one.state is State.AWAY
        assert one.away is not None
        assert one.away.until == dt.date(2026, 12, 1)

    @pytest.mark.parametrize(
        "covers",
        [
            pytest.param(cover(mode="copy"), id="the cover gets a copy"),
            pytest.param(cover(**{"from": "2026-11-24"}), id="the absence is yet to come"),
            pytest.param(cover(until="2026-11-23"), id="the absence is over"),
        ],
    )
    def test_who_receives_their_mail_is_not_away(self, covers: list[dict[str, str]]) -> None:
        assert of("jana", covers=covers).state is State.ACTIVE

    def test_who_cannot_be_reached_comes_first(self) -> None:
        users = {**USERS, "tom": {**TOM, "active": False}}

        listed = found(users=users, covers=cover(cover="ben"))

        assert [one.user_id for one in listed] == ["tom", "jana", "ben"]

    def test_within_a_state_users_come_by_partner_and_id(self) -> None:
        listed = found(others={"alp": {"users": {"zoe": {**BEN, "email": "zoe@alp.example"}}}})

        assert [one.name for one in listed] == ["alp/zoe", "nord/ben", "nord/jana", "nord/tom"]


class TestNamings:
    """Where the file names a user."""

    def test_each_role_in_which_the_file_names_a_user_is_listed(self) -> None:
        one = of(
            "tom",
            users={**USERS, "tom": {**TOM, "admin": True}},
            clients={"acme": {"override": {"owner": "partner", "contact": "tom"}}},
            covers=cover(),
        )

        assert roles(one) == [
            (Role.OVERRIDE_CONTACT, "acme"),
            (Role.BACKUP_CONTACT, None),
            (Role.ADMIN, None),
            (Role.COVER, "jana"),
        ]

    def test_whom_nothing_names_has_no_role(self) -> None:
        assert roles(of("ben")) == []

    @pytest.mark.parametrize(
        ("until", "is_listed"), [("2026-11-23", False), ("2026-11-24", True), ("2027-11-24", True)]
    )
    def test_what_is_over_does_not_count(self, until: str, *, is_listed: bool) -> None:
        override = {"owner": "partner", "contact": "ben", "until": until}

        one = of("ben", clients={"acme": {"override": override}})

        assert roles(one) == ([(Role.OVERRIDE_CONTACT, "acme")] if is_listed else [])

    def test_the_override_of_a_client_that_has_gone_does_not_count(self) -> None:
        override = {"owner": "partner", "contact": "ben"}

        assert roles(of("ben", clients={"acme": {"until": "2026-11-01", "override": override}})) == []

    def test_what_is_yet_to_come_is_listed_with_its_days(self) -> None:
        override = {"owner": "partner", "contact": "ben", "from": "2027-01-01", "until": "2027-03-01"}

        (naming,) = of("ben", clients={"acme": {"from": "2027-02-01", "override": override}}).namings

        assert (naming.starts, naming.until) == (dt.date(2027, 2, 1), dt.date(2027, 3, 1))

    def test_each_knows_its_place(self) -> None:
        text = (
            "version: 1\npartner: nord\n"
            "users:\n  jana: {name: Jana, email: jana@nord.example, admin: true}\n"
            "default: {owner: hubspot, contact: jana}\n"
        )

        (one,) = dependents.find(snapshot_of({"nord": text}), (), Question(on=ON), NOW)

        places = [str(naming.origin).removeprefix("config/partners/nord.yaml:") for naming in one.namings]
        assert places == ["5:36", "4:55"]


class TestClients:
    """Whose contact a user is."""

    def test_the_clients_whose_contact_they_are_that_day_are_listed(self) -> None:
        override = {"owner": "partner", "contact": "tom", "from": "2026-12-01"}
        clients = {"acme": {}, "globex": {"override": override}}

        assert of("jana", clients=clients).clients == ("acme", "globex")
        assert of("tom", clients=clients).clients == ()

    def test_a_client_that_only_a_renewal_names_is_listed(self) -> None:
        assert of("jana", fact_of(client="hooli", partner="nord")).clients == ("acme", "hooli")

    def test_a_listed_client_that_renews_with_another_partner_is_not_theirs(self) -> None:
        assert of("jana", fact_of(partner="sued")).clients == ()

    def test_who_stands_in_for_somebody_who_has_left_is_the_contact(self) -> None:
        users = {**USERS, "jana": {**JANA, "active": False}}

        assert of("tom", users=users).clients == ("acme",)
        assert of("jana", users=users).clients == ()


class TestReceipts:
    """The renewal on 2027-02-15 has a deadline on 2027-01-01: its notices fall on the days below."""

    def days(self, one: Dependents, part: str) -> list[str]:
        return [f"{receipt.decision.send_on:%m-%d}" for receipt in one.receipts if receipt.part == part]

    def test_copies_are_told_from_notices_that_are_addressed_to_them(self) -> None:
        clients = {"acme": {"override": {"owner": "partner", "contact": "tom"}}}

        assert self.days(of("jana"), "cc") == ["12-11", "12-25", "02-08"]
        assert self.days(of("jana"), "to") == []
        assert self.days(of("tom", clients=clients), "to") == ["12-11", "12-18", "12-25", "02-08"]

    def test_a_cover_receives_in_place_of_who_is_away(self) -> None:
        covers = cover(until="2026-12-20")

        assert self.days(of("tom", covers=covers), "cc") == ["12-11"]
        assert self.days(of("jana", covers=covers), "cc") == ["12-25", "02-08"]

    def test_a_decision_maker_with_their_address_is_them(self) -> None:
        fact = fact_of(decision_maker={"email": "BEN@nord.example"})

        assert self.days(of("ben", fact), "to") == ["12-11", "12-25", "02-08"]

    def test_the_next_notice_is_the_first(self) -> None:
        assert of("jana").next_notice == dt.date(2026, 12, 11)
        assert of("ben").next_notice is None

    def test_notices_after_the_days_ahead_are_not_listed(self) -> None:
        (one,) = found(Question(user="jana", on=dt.date(2026, 10, 11)))

        assert one.window.until == dt.date(2027, 2, 8)
        assert self.days(one, "cc") == ["11-17", "12-11", "12-25"]

    def test_a_client_that_moves_is_told_of_to_each_partner_in_its_days(self) -> None:
        clients = {"acme": {"until": "2026-12-20"}}
        sued = {
            "users": {"eva": {"name": "Eva Horn", "email": "eva@sued.example"}},
            "default": {"owner": "hubspot", "contact": "eva"},
            "clients": {"acme": {"from": "2026-12-20"}},
        }

        listed = found(clients=clients, others={"sued": sued})

        days = {one.user_id: self.days(one, "cc") for one in listed if one.receipts}
        assert days == {"jana": ["12-11"], "eva": ["12-25", "02-08"]}

    def test_the_end_of_the_calendar_is_the_last_day_ahead(self) -> None:
        (one,) = found(Question(user="jana", on=dt.date(9999, 12, 1)))

        assert one.window.until == dt.date.max


class TestQuestion:
    """Who is meant."""

    ALP: Mapping[str, Any] = {"users": {"jana": {"name": "Jana Horn", "email": "jana@alp.example"}}}

    def names(self, **asked: Any) -> list[str]:  # noqa: ANN401 - any field of a question
        return [one.name for one in found(Question(on=ON, **asked), others={"alp": self.ALP})]

    def test_a_partner_narrows_it_to_its_users(self) -> None:
        assert self.names(partner="alp") == ["alp/jana"]

    def test_a_bare_user_id_is_every_user_of_that_id(self) -> None:
        assert self.names(user="jana") == ["alp/jana", "nord/jana"]
        assert self.names(user="jana", partner="nord") == ["nord/jana"]

    def test_with_its_partner_it_is_one_user(self) -> None:
        assert self.names(user="nord/jana") == ["nord/jana"]
        assert self.names(user="nord/jana", partner="nord") == ["nord/jana"]

    @pytest.mark.parametrize(
        ("asked", "message", "hint"),
        [
            ({"partner": "norb"}, "there is no partner norb", "did you mean nord?"),
            ({"user": "norb/jana"}, "there is no partner norb", "did you mean nord?"),
            ({"user": "jan"}, "no partner has a user jan", "did you mean jana?"),
            ({"user": "nord/jan"}, "jan is not a user of nord", "did you mean jana?"),
            ({"user": "ben", "partner": "alp"}, "ben is not a user of alp", None),
            ({"user": "alp/jana", "partner": "nord"}, "alp/jana is not a user of nord", "did you mean jana?"),
        ],
    )
    def test_who_is_nobody_is_bad_input(self, asked: dict[str, str], message: str, hint: str | None) -> None:
        with pytest.raises(InputError) as caught:
            self.names(**asked)

        assert (caught.value.message, caught.value.hint) == (message, hint)

    def test_without_a_day_it_is_today(self) -> None:
        assert found(Question())[0].window.since == ON
