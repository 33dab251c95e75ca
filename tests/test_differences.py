from __future__ import annotations

import pytest

from engine import documents
from engine.changes.differences import Differences, Edit
from engine.documents import Document, Path
from engine.model import Origin

USERS = "users:\n  jana: {name: Jana, active: true}\n  tom: {name: Tom}\n"


def edit(base: str, head: str, *at: str | int, in_base: bool = False) -> str | None:
    """Return the line that was edited at that path, marked if it was removed."""
    was, is_now = parsed(base), parsed(head)
    found = Differences.of([(was, is_now)]).edit(Origin(was if in_base else is_now, at))
    return told(found)


def parsed(text: str) -> Document:
    document, _ = documents.parse("a.yaml", text.encode())
    assert document is not None
    return document


def told(found: Edit | None) -> str | None:
    return None if found is None else f"{found.location.line}{' removed' if found.is_removed else ''}"


@pytest.mark.parametrize("at", [("users", "jana", "active"), ("users", "jana"), ("users",), ()])
def test_an_edit_is_found_by_its_place_and_by_all_that_it_stands_in(at: Path) -> None:
    assert edit(USERS, USERS.replace("true", "false"), *at) == "2"


def test_what_stands_beside_an_edit_was_not_edited() -> None:
    assert edit(USERS, USERS.replace("true", "false"), "users", "tom") is None


def test_within_what_was_added_the_place_itself_is_the_edit() -> None:
    added = USERS + "default:\n  owner: partner\n  contact: jana\n"

    assert edit(USERS, added, "default", "contact") == "6"


def test_what_was_removed_is_found_where_it_stood() -> None:
    without = USERS.partition("  tom")[0]

    assert edit(USERS, without, "users", "tom", "name", in_base=True) == "3 removed"
    assert edit(USERS, without, "users", in_base=True) == "3 removed"


def test_comments_and_moved_lines_are_no_edits() -> None:
    assert edit(USERS, f"# Our people.\n\n{USERS}".replace("{name: Jana", "{ name: 'Jana'")) is None


def test_users_in_another_order_are_an_edit_for_the_first_admin_is_asked_first() -> None:
    swapped = "users:\n  tom: {name: Tom}\n  jana: {name: Jana, active: true}\n"

    assert edit(USERS, swapped, "users", "tom") == "2"


def test_an_element_that_is_put_before_others_does_not_make_those_edits() -> None:
    base = "covers:\n  - {user: jana}\n  - {user: tom}\n"
    head = "covers:\n  - {user: ben}\n  - {user: jana}\n  - {user: tom, cover: ben}\n"

    assert edit(base, head, "covers", 0) == "2"
    assert edit(base, head, "covers", 1) is None
    assert edit(base, head, "covers", 2) == "4"


def test_a_rule_is_the_same_by_its_name() -> None:
    base = "routes:\n  - {rule: a, to: [x]}\n  - {rule: b, to: [x]}\n"
    head = "routes:\n  - {rule: c, to: [x]}\n  - {rule: b, to: [y]}\n"

    assert edit(base, head, "routes", 1, "to") == "3"
    assert edit(base, head, "routes", 0) == "2"


def test_a_field_of_another_kind_is_one_edit() -> None:
    assert edit("default: {owner: partner}\n", "default:\n  - {owner: hubspot}\n", "default", 0) == "2"


def test_a_file_that_only_one_version_has_is_an_edit_everywhere() -> None:
    document = parsed(USERS)

    added = Differences.of([(None, document)]).edit(Origin(document, ("users", "tom")))
    removed = Differences.of([(document, None)]).edit(Origin(document, ()))

    assert (told(added), told(removed)) == ("3", "1 removed")
