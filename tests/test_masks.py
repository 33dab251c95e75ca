from __future__ import annotations

import pytest
from oracle import holds
from worlds import FUNCTIONS, VALUES, comparisons, worlds

from engine import masks, vocabulary
from engine.conditions import Comparison

WORLDS = worlds(60)


def test_every_word_of_the_vocabulary_is_tried() -> None:
    families = tuple(vocabulary.LABELS)
    fixed = {name for name in VALUES if not name.startswith(families)}

    assert fixed == {*vocabulary.FACTS, vocabulary.SEND_DAY.name}
    assert all(any(name.startswith(family) for name in VALUES) for family in families)


@pytest.mark.parametrize("name", VALUES)
def test_every_comparison_of_a_fact_is_true_when_the_oracle_says_so(name: str) -> None:
    asked = comparisons(name)
    mask = masks.compile_mask(asked, FUNCTIONS)

    for world in WORLDS:
        bits = mask(world.standing, world.renewal, world.notice, world.on)
        assert [bool(bits >> bit & 1) for bit in range(len(asked))] == [
            holds(one, world.facts) for one in asked
        ]


@pytest.mark.parametrize("name", VALUES)
def test_every_comparison_is_true_in_some_world_and_false_in_another(name: str) -> None:
    """So that the test before this one can fail."""
    told_apart = {holds(one, world.facts) for one in comparisons(name) for world in WORLDS}

    assert told_apart == {True, False}


def test_bits_are_in_the_order_of_the_comparisons_not_of_the_facts() -> None:
    asked = [one for name in VALUES for one in comparisons(name)[:3]][::-1]
    mask = masks.compile_mask(asked, FUNCTIONS)

    for world in WORLDS:
        bits = mask(world.standing, world.renewal, world.notice, world.on)
        assert bits == sum(1 << bit for bit, one in enumerate(asked) if holds(one, world.facts))


def test_without_comparisons_the_mask_is_empty() -> None:
    world = WORLDS[0]

    assert masks.compile_mask([], {})(world.standing, world.renewal, world.notice, world.on) == 0


def test_what_people_write_is_never_run() -> None:
    texts = ['"', "'", "\\", "\n", "{on}", "__import__('os')", "'); raise ValueError('"]
    labels = [Comparison(f"client.labels.{text}", "present", operand=False) for text in texts]
    constants = [Comparison("client.id", "equals", text) for text in texts]
    mask = masks.compile_mask([*labels, *constants], {})
    world = WORLDS[0]

    assert mask(world.standing, world.renewal, world.notice, world.on) == 2 ** len(texts) - 1


@pytest.mark.parametrize("name", ["owners", "client.labels.", "client.labels", ""])
def test_what_is_no_fact_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a fact"):
        masks.compile_mask([Comparison(name, "present", operand=True)], {})


def test_the_values_of_facts_can_be_read_for_an_explanation() -> None:
    names = list(VALUES)
    read = masks.compile_reader(names, FUNCTIONS)

    for world in WORLDS:
        values = read(world.standing, world.renewal, world.notice, world.on)
        assert dict(zip(names, values, strict=True)) == world.facts
