"""Whatever the fast tier accepts, the strict tier accepts with the same value: what makes it safe to use."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import fuzz
import pytest
import yaml

from engine.documents import Value
from engine.fast import reading

BLOCK = 10_000
SHORT = range(0, 20_000, BLOCK)
LONG = range(1_000_000, 3_000_000, BLOCK)
"""Where blocks of seeds begin: of each `make test`, and of `make test-slow`, which takes two million."""

SUITE = os.environ.get("YAML_TEST_SUITE", "")
"""A checkout of github.com/yaml/yaml-test-suite."""


# What it reads


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("version: 1\npartner: nord\n", {"version": 1, "partner": "nord"}),
        (
            "# c\n---\nversion: 1\npartner: 4711\nlabels: {tier: 'gold'}\n",
            {"version": 1, "partner": 4711, "labels": {"tier": "gold"}},
        ),
        (
            "version: 1\npartner: nord\nclients:\n  4711:\n  0: {until: 2027-01-01}\n",
            {"version": 1, "partner": "nord", "clients": {"4711": None, "0": {"until": "2027-01-01"}}},
        ),
        (
            "version: 1\npartner: nord\nclients:\n a:\n  override:\n   note: |-\n    b\n     c\n",
            {"version": 1, "partner": "nord", "clients": {"a": {"override": {"note": "b\n c"}}}},
        ),
    ],
)
def test_a_plain_partner_is_read(text: str, value: Value) -> None:
    assert repr(reading.read("partner", text.encode())) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# c\n",
        "null\n",
        "- version: 1\n",
        "version: 1\npartner: &a nord\n",
        "version: 1\npartner: nord\npartner: nord\n",
        "version: 1\npartner: nord\nclients:\n  4711:\n  '4711':\n",
        "version: 1\npartner: nord\ndefault: {owner: nobody}\n",
        "version: 1\npartner: nord\ntime_zone: Mars/Olympus\n",
        "version: 1\npartner: nord\ncovers:\n  - {user: a, cover: b, from: 2027-02-30}\n",
        "version: 1\npartner: nord\nshop: x\n",
        "version: 1\n",
    ],
)
def test_what_the_strict_tier_must_see_is_handed_over(text: str) -> None:
    assert reading.read("partner", text.encode()) is None


@pytest.mark.parametrize("kind", ["partner", "rules"])
def test_the_schema_is_that_of_the_kind(kind: str) -> None:
    assert (reading.read(kind, b"version: 1\npartner: nord\n") is not None) == (kind == "partner")


def test_most_files_of_the_sample_and_of_the_tests_need_no_strict_tier() -> None:
    went = fuzz.judge_all(fuzz.real_files())

    assert went["valid"] > 0.5 * went.total()  # in tests/broken most are wrong on purpose


# What the strict tier says too


# Each was read otherwise, or accepted though it is wrong, by some version of the guard.
@pytest.mark.parametrize(
    "text",
    [
        "k: {true: 1}\n",
        "k:\n  FALSE: v\n",
        "k:   007  \n",
        "k: 00 # c\n",
        "k: " + "9" * 101 + " # c\n",
        "k: {a:? b, c: d}\n",
        "k:\n  007: v\n",
        "00: [] # c\n",
        "when: {add: {0}}\n",
        "k: { c: { [a ?b]}}\n",
        "y: |-\n  k: v\n  12: a\n",
        "y: |\n  a\n  \n   12: a\n",
        "k:\n  y: |\n   a\n     # c\n  \n    on: b\n    4711:\n",
    ],
)
def test_a_counterexample_of_the_past_is_none_any_more(text: str) -> None:
    fuzz.judge(text.encode())


def test_every_word_in_every_context_is_read_alike_or_handed_over() -> None:
    went = fuzz.judge_all(fuzz.probes())

    assert went["plain"] > 0.2 * went.total()


@pytest.mark.parametrize("first", SHORT)
def test_files_at_random_are_read_alike_or_handed_over(first: int) -> None:
    went = fuzz.judge_all(map(fuzz.file, range(first, first + BLOCK)))

    assert min(went["plain"], went["valid"]) > 0.02 * BLOCK


@pytest.mark.slow
@pytest.mark.parametrize("first", LONG)
def test_two_million_files_at_random_are_read_alike_or_handed_over(first: int) -> None:
    fuzz.judge_all(map(fuzz.file, range(first, first + BLOCK)))


@pytest.mark.skipif(not SUITE, reason="YAML_TEST_SUITE names no checkout of the YAML test suite")
@pytest.mark.parametrize("frame", ["{}", "k:\n{}", "a: b\n{}", "{}c: d\n"])
def test_the_yaml_test_suite_is_read_alike_or_handed_over(frame: str) -> None:
    texts = list(suite())
    went = fuzz.judge_all(frame.replace("{}", text).encode() for text in texts)
    indented = fuzz.judge_all(f"k:\n{re.sub('(?m)^', '  ', text)}\n".encode() for text in texts)

    assert went["plain"] + indented["plain"]


def suite() -> Iterator[str]:
    """Yield the documents of the suite, which writes what does not show with signs of its own."""
    signs = {"␣": " ", "↵": "", "∎\n": "", "←": "\r", "⇔": "\ufeff"}
    for path in sorted(Path(SUITE, "src").glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            text = re.sub("—*»", "\t", case.get("yaml", ""))
            for sign, meant in signs.items():
                text = text.replace(sign, meant)
            yield text
