from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import processes
from engine.daemon import lookup, shelf
from engine.daemon.knownfacts import KnownFacts
from engine.daemon.readings import Reading
from engine.daemon.shelf import Shelf
from engine.diagnostics import InputError
from engine.facts import Contact, Contacts, RenewalFact
from engine.feeds import factfiles, portions
from engine.sources import Sources
from engine.trees import File, Folder

PATHS = st.sampled_from(["facts/a.jsonl", "facts/b.jsonl", "facts/ä.csv"])
FILES = st.lists(st.builds(File, PATHS, st.sampled_from([b"", b"x", b"y\n"])), max_size=3).map(tuple)


def line(renewal: str = "rn_1", client: str = "acme", **more: object) -> bytes:
    fact = {"renewal": renewal, "client": client, "renewal_date": "2027-02-15", **more}
    return json.dumps(fact).encode() + b"\n"


def known(*lines: bytes) -> KnownFacts:
    return KnownFacts.of([File("facts/a.jsonl", b"".join(lines))], "sha256:1")


def test_renewals_are_found_by_client_in_their_order_and_by_id() -> None:
    facts = known(line("rn_2"), line("rn_1"), line("rn_3", "globex"))

    assert [fact.renewal for fact in facts.by_client["acme"]] == ["rn_2", "rn_1"]
    assert facts.by_renewal["rn_3"].client == "globex"
    assert [fact.renewal for fact in facts.renewals] == ["rn_2", "rn_1", "rn_3"]


def test_clients_are_found_by_website_without_what_people_paste_along() -> None:
    facts = known(
        line("rn_1", "acme", website="www.portal.example"),
        line("rn_2", "globex", website="portal.example"),
        line("rn_3", "initech.example"),
    )

    assert facts.websites == {
        "portal.example": frozenset({"acme", "globex"}),
        "initech.example": frozenset({"initech.example"}),
    }


def test_nothing_is_known_of_a_file_that_changes_before_its_last_line_is_read(tmp_path: Path) -> None:
    (tmp_path / "facts.jsonl").write_bytes(line())
    file = Folder(tmp_path).read_unheld("facts.jsonl", limit=1000)
    assert isinstance(file, File)
    (tmp_path / "facts.jsonl").write_bytes(line("rn_2"))

    with pytest.raises(InputError, match="no longer what it was"):
        KnownFacts.of([file])


def test_what_is_wrong_with_those_that_were_left_out_is_kept() -> None:
    facts = known(line(), line("rn_1", "globex"), b"{}\n")

    assert [fact.client for fact in facts.renewals] == ["acme"]
    assert {problem.location.line for problem in facts.problems} == {2, 3}


@given(FILES, FILES)
def test_two_digests_are_equal_exactly_when_paths_and_bytes_are(
    some: tuple[File, ...], others: tuple[File, ...]
) -> None:
    digests = [Reading(Sources(), files).facts_digest for files in (some, others)]

    assert (digests[0] == digests[1]) == (some == others)


TEXTS = st.sampled_from(["acme", "globex", "initech.example", "a"])
MAYBE = st.none() | TEXTS
MONEY = st.none() | st.integers(-9, 9) | st.floats(-9, 9) | st.sampled_from(["800.00", "-0.5"])
CONTACTS = st.builds(
    Contacts,
    decision_maker=st.builds(Contact, email=st.just(" Ada@acme.example"), name=TEXTS | st.just("Jürgen")),
)
FACTS = st.lists(
    st.builds(
        RenewalFact,
        renewal=st.uuids().map(str),
        client=TEXTS,
        renewal_date=st.dates(),
        partner=MAYBE,
        website=st.none() | st.just("www.acme.example"),
        products=st.none() | st.lists(TEXTS).map(tuple),
        mrr=MONEY,
        status=st.sampled_from([None, "pending", "churned"]),
        contacts=st.none() | CONTACTS,
    ),
    max_size=50,
)


@given(FACTS)
def test_packed_facts_are_the_same_facts(facts: list[RenewalFact]) -> None:
    shelf = Shelf()
    numbers = [shelf.put(fact) for fact in facts]
    open_facts = list(map(repr, shelf))
    shelf.close()

    assert open_facts == list(map(repr, shelf)) == list(map(repr, facts))
    assert numbers == list(range(len(shelf)))
    assert [shelf[number] for number in reversed(numbers)] == facts[::-1]


@given(FACTS)
def test_facts_are_found_as_by_looking_at_every_one(facts: list[RenewalFact]) -> None:
    found = known(*(msgspec.json.encode(fact) + b"\n" for fact in facts))

    for text in ("acme", "globex", "initech.example", "a", "other"):
        assert found.by_client.get(text, ()) == tuple(fact for fact in facts if fact.client == text)
        assert found.by_partner.get(text, ()) == tuple(fact for fact in facts if fact.partner == text)
        assert (text in found.by_partner) == any(fact.partner == text for fact in facts)
        assert list(found.that_concern(text, ["acme", "a"])) == [
            fact for fact in facts if fact.partner == text or fact.client in {"acme", "a"}
        ]
    assert found.by_renewal == {fact.renewal: fact for fact in facts}
    assert found.clients == len({fact.client for fact in facts})


def test_of_texts_with_one_hash_each_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "hash", lambda _: 7, raising=False)

    facts = known(line("rn_1"), line("rn_2", "globex"), line("rn_3"))

    assert [fact.renewal for fact in facts.by_client["acme"]] == ["rn_1", "rn_3"]
    assert facts.by_renewal["rn_2"].client == "globex"
    assert "initech" not in facts.by_client


def test_neighbours_are_unpacked_once_and_what_is_still_open_never(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = 0

    class Counted:
        def copy(self) -> object:
            nonlocal unpacked
            unpacked += 1
            return unpacker.copy()

    unpacker = shelf._UNPACKER
    monkeypatch.setattr(shelf, "_UNPACKER", Counted())
    facts = [
        RenewalFact(renewal=f"rn_{number}", client="acme", renewal_date=dt.date(2027, 2, 15))
        for number in range(2 * shelf._BLOCK + 1)
    ]
    shelved = Shelf()
    for fact in facts:
        shelved.put(fact)

    assert [shelved[number] for number in range(len(facts))] == facts
    assert unpacked == 2
    assert [shelved[number] for number in (0, -1, 1)] == [facts[0], facts[-1], facts[1]]
    assert unpacked == 3
    shelved.put(facts[5])
    assert shelved[-1] == facts[5]
    assert unpacked == 3


def test_the_facts_of_many_renewals_take_less_memory_than_their_file() -> None:
    lines = [line(f"rn_{number}", f"client-{number % 700}") for number in range(1000)]

    packed = known(*lines).renewals

    assert len(packed._packed) < sum(map(len, lines)) / 3


def test_facts_are_kept_unpacked_up_to_a_number_of_facts_not_of_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lookup, "_HOT", 3)
    facts = known(*(line(f"rn_{number}", f"c{number // 4}") for number in range(9)), line("rn_9", "c3"))

    assert facts.by_client["c0"] is not facts.by_client["c0"]  # four are more than may be kept
    assert facts.by_client["c2"] is facts.by_client["c2"]
    assert facts.by_client["c3"] is facts.by_client["c3"]


def test_more_answers_than_are_kept_stay_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "_HOT", 2)
    facts = known(*(line(f"rn_{number}", f"c{number}") for number in range(9)))

    for number in (0, 1, 2, 3, 0, 0, 8, 1):
        assert [fact.client for fact in facts.by_client[f"c{number}"]] == [f"c{number}"]
        assert f"c{number}" in facts.by_client
    with pytest.raises(KeyError):
        facts.by_client["c9"]


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three processes share whatever is read."""
    monkeypatch.setattr(portions, "LEAST_BYTES", 0)
    monkeypatch.setattr(processes, "usable", lambda: 3)


def said(facts: KnownFacts) -> dict[str, object]:
    """Return everything that facts say."""
    lookups = {
        name: dict(getattr(facts, name)) for name in ("by_client", "by_partner", "by_renewal", "websites")
    }
    others = (
        facts.clients,
        sorted(facts.client_ids()),
        facts.partners,
        facts.problems,
        facts.bad,
        facts.words,
    )
    return lookups | {"renewals": list(facts.renewals), "others": others}


def both(files: list[File], monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, object], dict[str, object]]:
    """Return what several processes make of files, and what the way makes that knows every mistake."""
    together = said(KnownFacts.of(files))
    with monkeypatch.context() as patch:
        patch.setattr("engine.daemon.piles.of", _unsound)
        return together, said(KnownFacts.of(files))


def _unsound(_: object) -> None:
    raise portions.UnsoundError


def delivered() -> list[File]:
    lines = [
        line(f"rn_{number}", f"c{number % 7}", partner=f"p{number % 5}", website=f"www.w{number % 3}.example")
        for number in range(100)
    ]
    table = b"renewal,client,renewal_date,partner\nrn_t,c1,2027-02-28,p9\n"
    return [
        File("facts/a.jsonl", b"".join(lines[:70])),
        File("facts/b.csv", table),
        File("facts/c.jsonl", b"\n".join(lines[70:])),
    ]


@needs_fork
@pytest.mark.usefixtures("three")
def test_several_processes_know_what_one_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    together, alone = both(delivered(), monkeypatch)

    assert together == alone
    assert len(together["renewals"]) == 101  # type: ignore[arg-type]


@needs_fork
@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "more",
    [line("rn_1", "other"), line("rn_t"), b"{}\n", b"what is this?", line("rn_x", status="none")],
    ids=["a renewal of another share", "one of a table", "no fact", "no JSON", "a word that is none"],
)
def test_what_is_wrong_in_a_share_is_told_as_by_one_process(
    more: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, alone = both([*delivered(), File("facts/d.jsonl", more)], monkeypatch)

    assert together == alone
    assert together["others"][4] == 1  # type: ignore[index]


@needs_fork
@pytest.mark.usefixtures("three")
def test_nothing_is_known_of_a_file_that_changes_before_its_shares_are_read(tmp_path: Path) -> None:
    (tmp_path / "facts.jsonl").write_bytes(line() * 10)
    file = Folder(tmp_path).read_unheld("facts.jsonl", limit=10_000)
    assert isinstance(file, File)
    (tmp_path / "facts.jsonl").write_bytes(b"".join(line(f"rn_{number}") for number in range(10)))

    with pytest.raises(InputError, match="no longer what it was"):
        KnownFacts.of([file])


def test_sound_facts_are_not_read_in_the_way_that_keeps_every_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factfiles, "sift", None)

    assert len(known(line("rn_1"), line("rn_2")).renewals) == 2


@given(FACTS, st.integers(0, 50))
def test_a_shelf_on_which_another_was_put_holds_both(facts: list[RenewalFact], at: int) -> None:
    shelf, other = Shelf(), Shelf()
    for one, held in ((shelf, facts[:at]), (other, facts[at:])):
        for fact in held:
            one.put(fact)
        one.close()
    shelf.add(other.taken())

    assert list(map(repr, shelf)) == list(map(repr, facts))
    assert [shelf.put(fact) for fact in facts] == [len(facts) + number for number in range(len(facts))]
    assert list(map(repr, shelf)) == list(map(repr, [*facts, *facts]))


def test_texts_with_one_hash_are_named_together_however_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "hash", len, raising=False)
    index = lookup.Index()
    for number, text in enumerate(["a", "bb", "c", "ddd", "e", "ff"]):
        index.note(text, number)
    index.close()

    assert list(index.alike()) == [(0, 2, 4), (1, 5)]
