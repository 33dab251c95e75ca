from __future__ import annotations

import pytest

from engine import persons


@pytest.mark.parametrize(
    ("email", "address"),
    [
        ("ada@acme.example", "ada@acme.example"),
        ("  Ada@ACME.example ", "ada@acme.example"),
        ("ada+renewals@acme.example", "ada+renewals@acme.example"),
        ("a.d.a@acme.example", "a.d.a@acme.example"),
    ],
)
def test_the_spelling_of_an_address_does_not_count_and_its_tags_do(email: str, address: str) -> None:
    assert persons.normalised(email) == address
