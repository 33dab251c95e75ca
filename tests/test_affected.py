from __future__ import annotations

from roots import snapshot_of

from engine.changes import affected
from engine.changes.affected import Affected

NORD = """\
version: 1
partner: nord
users: {jana: {name: Jana, email: jana@nord.example}}
default: {owner: hubspot, contact: jana}
clients:
  acme: {}
  globex: {}
"""


def between(base: str, head: str) -> Affected:
    return affected.between(snapshot_of({"nord": base}), snapshot_of({"nord": head}))


def test_nobody_is_affected_where_the_files_say_the_same() -> None:
    assert between(NORD, f"# Ours.\n{NORD}") == Affected(everybody=False, partners=set(), clients=set())


def test_an_edited_entry_affects_its_client_only() -> None:
    found = between(NORD, NORD.replace("acme: {}", "acme: {override: {owner: partner}}"))

    assert (found.has_client("acme"), found.has_client("globex")) == (True, False)
    assert not found.has("unlisted", "nord")


def test_an_edited_default_affects_all_clients_of_the_partner_listed_or_not() -> None:
    found = between(NORD, NORD.replace("hubspot", "partner"))

    assert found.has("unlisted", "nord")
    assert found.has("globex", "sued")
    assert not found.has("unlisted", "sued")


def test_a_rule_affects_everybody_unless_it_has_only_moved() -> None:
    rule = "{rule: note, when: {owner: partner}, reason: NOTED}"
    base, moved, edited = (
        snapshot_of({"nord": NORD}, rules=f"version: 1\n{text}")
        for text in (
            f"adjustments:\n  - {rule}\n",
            f"# Ours.\nadjustments:\n  - {rule}\n",
            f"adjustments:\n  - {rule.replace('NOTED', 'OTHER')}\n",
        )
    )

    assert not affected.between(base, moved).everybody
    assert affected.between(base, edited).everybody
