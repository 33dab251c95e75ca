from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from engine.daemon import knownfacts
from engine.daemon.knownfacts import KnownFacts
from engine.daemon.readings import Reading
from engine.feeds import factfiles
from engine.sources import Sources
from engine.trees import File

PATHS = st.sampled_from(["facts/a.jsonl", "facts/b.jsonl", "facts/ä.csv"])
FILES = st.lists(st.builds(File, PATHS, st.sampled_from([b"", b"x", b"y\n"])), max_size=3).map(tuple)


def line(renewal: str = "rn_1", client: str = "acme", **more: object) -> bytes:
    fact = {"renewal": renewal, "client": client, "renewal_date": "2027-02-15", **more}
    return json.dumps(fact).encode() + b"\n"


def known(*lines: bytes) -> KnownFacts:
    return KnownFacts.of(factfiles.read([File("facts/a.jsonl", b"".join(lines))]), "sha256:1")


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


def test_a_portal_of_very_many_clients_takes_time_in_proportion_only() -> None:
    found = knownfacts.by_website(("portal.example", f"client-{number}") for number in range(100_000))

    assert len(found["portal.example"]) == 100_000


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
