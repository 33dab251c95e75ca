"""What is written quickly is what is said at length, byte for byte."""

from __future__ import annotations

import gc
import weakref

import msgspec
import pytest
from hypothesis import given
from roots import decided, fact_of, snapshot_of
from strategies import MODEST, Situation, any_situations

from engine.reports import decisions as reports
from engine.reports import writer
from engine.reports.writer import Writer

ODD = 'Zoë "Quote" \\ <tag> / 😀'


@MODEST
@given(any_situations())
def test_a_decision_is_written_as_it_would_be_at_length(situation: Situation) -> None:
    root, questions = situation
    encode = Writer.of(root.snapshot).encode
    for question in questions:
        decision = root.decide(question)

        assert encode(decision) == msgspec.json.encode(reports.to_builtins(decision, root.snapshot)), question


def test_odd_characters_and_early_years_are_written_alike() -> None:
    used = snapshot_of({})
    contact = {"email": "ada@acme.example", "name": ODD, "user": ODD}
    decision = decided(used, fact=fact_of(renewal="größe", renewal_date="0901-02-03", decision_maker=contact))

    assert Writer.of(used).encode(decision) == msgspec.json.encode(reports.to_builtins(decision, used))


def test_a_snapshot_has_one_writer_which_ends_with_it() -> None:
    used = snapshot_of({"nordlicht": {}})
    found = Writer.of(used)
    assert Writer.of(used) is found
    ends = weakref.ref(used)

    del used
    gc.collect()

    assert ends() is None


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_REMEMBERED", 2)
    users = {"jana": {"name": "Jana", "email": "jana@nordlicht.example"}}
    clients = {f"client-{number}": {"override": {"owner": "partner"}} for number in range(5)}
    default = {"owner": "hubspot", "contact": "jana"}
    used = snapshot_of({"nordlicht": {"users": users, "default": default, "clients": clients}})
    found = Writer.of(used)

    for client in clients:
        decision = decided(used, fact=fact_of(client=client))
        assert found.encode(decision) == msgspec.json.encode(reports.to_builtins(decision, used))

    assert len(found._settings) <= 2
    assert len(found._traces) <= 2
    assert len(found._mailings) <= 2
