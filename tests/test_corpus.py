"""The corpus is what programmes of its size look like, and nothing is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from commandline import PROJECT, process

from benchmarks import corpus
from benchmarks.corpus import ON, Made, names, sizes
from benchmarks.corpus.sizes import QUANTILES
from engine import documents

PARTNERS = 140
"""Enough that the rarest feature is there."""

HEAVY_PARTNERS = 20


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    root = tmp_path_factory.mktemp("corpus")
    return root, corpus.write(root, PARTNERS)


@pytest.fixture(scope="module")
def root(made: tuple[Path, Made]) -> Path:
    return made[0]


@pytest.fixture(scope="module")
def partners(root: Path) -> list[Mapping[str, Any]]:
    return [_value(path) for path in sorted((root / "config" / "partners").rglob("*.yaml"))]


def test_the_numbers_of_clients_are_those_of_the_real_volume() -> None:
    counts = sizes.of_each(corpus.PARTNERS)

    assert len(counts) == corpus.PARTNERS
    assert sum(counts) == 250_000
    assert {share: counts[round(share * (len(counts) - 1))] for share, _ in QUANTILES} == dict(QUANTILES)


@pytest.mark.parametrize("partners", [1, 2, 7, 70, 700])
def test_a_smaller_volume_has_as_many_clients_a_partner_and_none_too_large(partners: int) -> None:
    counts = sizes.of_each(partners)

    assert len(counts) == partners
    assert min(counts) >= 1
    assert max(counts) <= 2_000
    assert sum(counts) >= round(partners * sizes.CLIENTS_PER_PARTNER)


def test_no_two_of_the_clients_have_the_same_name() -> None:
    assert len({names.slug(number) for number in range(250_000)}) == 250_000


def test_it_is_made_of_its_size_and_seed_alone(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        corpus.write(tmp_path / name, 10, seed)

    assert _files(tmp_path / "one") == _files(tmp_path / "again")
    assert _files(tmp_path / "one") != _files(tmp_path / "other")


def test_it_says_how_much_of_everything_there_is(
    made: tuple[Path, Made], partners: list[Mapping[str, Any]]
) -> None:
    root, said = made
    clients = [client for partner in partners for client in partner["clients"]]
    renewals = _renewals(root)

    assert said == Made(len(partners), len(clients), len(renewals))
    assert said.renewals == pytest.approx(said.clients * 1.6, rel=0.01)
    assert {str(client) for client in clients} == {renewal["client"] for renewal in renewals}


@pytest.mark.parametrize("heavy", [False, True])
def test_nothing_is_wrong_with_it(tmp_path: Path, heavy: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    corpus.write(tmp_path / "made", HEAVY_PARTNERS, heavy=heavy)

    ran = process("--root", str(tmp_path / "made"), "validate", "--strict", "--on", str(ON))

    assert ran.out.startswith("no problems in ")
    assert ran.code == 0


def test_every_feature_of_the_format_is_there(root: Path, partners: list[Mapping[str, Any]]) -> None:
    schema = msgspec.json.decode((PROJECT / "schemas" / "partner.schema.json").read_bytes())
    said = Counter(field for partner in partners for field in _fields(partner))

    assert said.keys() >= set(_described(schema)), "a field of the schema that no partner file has"
    texts = "".join(path.read_text() for path in (root / "config").rglob("*.yaml"))
    assert not texts.isascii()
    for style in (
        "\n    website: ",
        ": {website: ",
        "'",
        '"',
        "\n  # ",
        "}  # ",
        "|-\n",
        ":\n  1",
        "default:\n  - ",
    ):
        assert style in texts


def test_a_heavy_entry_is_several_times_as_long(root: Path, tmp_path: Path) -> None:
    corpus.write(tmp_path / "heavy", PARTNERS, heavy=True)

    plain, heavy = (_bytes_a_client(folder) for folder in (root, tmp_path / "heavy"))

    assert 60 < plain < 130
    assert 300 < heavy < 380


def _files(root: Path) -> dict[Path, bytes]:
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def _value(path: Path) -> Any:  # noqa: ANN401 - whatever the file says
    document, problems = documents.parse(path.name, path.read_bytes())
    assert document is not None
    assert not problems
    return document.value


def _renewals(root: Path) -> list[dict[str, Any]]:
    lines = (root / "facts" / "renewals.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line) for line in lines]


def _fields(value: Any, at: str = "") -> Iterator[str]:  # noqa: ANN401 - any part of a document
    """Yield the path of every field, with the ids of users and clients left out."""
    if isinstance(value, list):
        for item in value:
            yield from _fields(item, at)
    elif isinstance(value, dict):
        for key, item in value.items():
            path = at if at in {"/users", "/clients"} else f"{at}/{key}"
            path = f"{path}/*" if path in {"/users", "/clients"} and at == path else path
            yield path
            if not path.endswith("/labels"):
                yield from _fields(item, path)


def _described(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the path of every field that the schema describes."""
    parts = schema["$defs"]
    yield from (f"/{name}" for name in schema["properties"])
    for at, part in (
        ("/users/*", "user"),
        ("/default", "default"),
        ("/covers", "cover"),
        ("/clients/*", "client"),
    ):
        yield from (f"{at}/{name}" for name in parts[part]["properties"])
    for part in ("override", "hold"):
        yield from (f"/clients/*/{part}/{name}" for name in parts[part]["properties"])


def _bytes_a_client(root: Path) -> float:
    read = [path.read_text() for path in (root / "config" / "partners").rglob("*.yaml")]
    clients = sum(len(_value(path)["clients"]) for path in (root / "config" / "partners").rglob("*.yaml"))
    return sum(len(text.encode()) for text in read) / clients
