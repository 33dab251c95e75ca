from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import overlays
from engine.overlays import Overlaid

KEYS = st.sampled_from("abcdefgh")
VALUES = st.integers(1, 3)
MAPPINGS = st.dictionaries(KEYS, VALUES)
OTHERS = st.dictionaries(KEYS, VALUES | st.none())

NEVER, ALWAYS = 0, 100
"""Shares with which versions are put together."""


def applied(last: dict[str, int], others: dict[str, int | None]) -> dict[str, int]:
    return {key: value for key, value in {**last, **others}.items() if value is not None}


@given(MAPPINGS, st.lists(OTHERS), st.sampled_from([NEVER, 1, 3, ALWAYS]))
def test_a_version_is_what_a_plain_dictionary_would_be_and_leaves_the_one_before(
    first: dict[str, int], changes: list[dict[str, int | None]], share: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlays, "_FEW", 0)
        patch.setattr(overlays, "_SHARE", share)
        plain, version = first, overlays.changed(first, {})
        for others in changes:
            before, said = version, dict(version)

            version, plain = overlays.changed(version, others), applied(plain, others)

            assert version == plain
            assert (len(version), {*version}, dict(version.items())) == (len(plain), {*plain}, plain)
            for key in "abcdefghi":
                assert (version.get(key), version.get(key, 9)) == (plain.get(key), plain.get(key, 9))
                assert (key in version) is (key in plain)
                if key not in plain:
                    with pytest.raises(KeyError):
                        version[key]
            assert dict(before) == said


def test_little_is_laid_over_what_there_was_and_much_is_put_together() -> None:
    few, many = (dict.fromkeys(map(str, range(count)), 0) for count in (10_000, 32_000))

    little = overlays.changed(many, {"1": None, "new": 2})
    assert isinstance(little, Overlaid)
    assert little.below is many

    much = overlays.changed(little, dict.fromkeys(map(str, range(1_000)), 3))
    assert isinstance(much, dict)
    assert len(much) == 32_001
    assert isinstance(overlays.changed(few, {"1": None}), dict)
