from __future__ import annotations

from engine.changes.dangers import Danger
from engine.changes.differences import Edit
from engine.changes.disagreeing import Change
from engine.changes.parcels import Parcels
from engine.documents import Document
from engine.model import Origin


def test_a_change_comes_back_with_the_very_document_of_its_cause() -> None:
    was, is_now = Document("nord.yaml", {}, b"{}"), Document("nord.yaml", {}, b"{} # edited")
    removed, edited = (
        Edit(Origin(was, ("users", "tom")), is_removed=True),
        Edit(Origin(is_now, ()), is_removed=False),
    )
    changes = [Change("acme", (), None, None, (Danger.OTHER,), cause) for cause in (edited, removed, None)]
    parcels = Parcels([was, is_now])

    found = list(parcels.unpacked(parcels.packed(changes)))

    assert found == changes
    assert [change.cause and change.cause.origin.document for change in found] == [is_now, was, None]


def test_changes_of_one_edit_come_back_with_one_whose_line_is_found_once() -> None:
    document = Document("nord.yaml", {"users": {}}, b"users: {}")
    cause = Edit(Origin(document, ("users",)), is_removed=False)
    changes = [Change(client, (), None, None, (Danger.OTHER,), cause) for client in ("acme", "globex")]
    parcels = Parcels([document])

    found = [next(iter(parcels.unpacked(parcels.packed([change])))).cause for change in changes]

    assert found[0] is found[1]
