"""Files at random, equal for equal seeds, and what holds of each: the fast tier has no opinion of its own."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from fuzzwords import COLONS, CONTEXTS, FLOW_KEYS, KEYS, SIGNS, VALUES, WORDS

from engine import documents, schemas
from engine.fast import reading, validity

PROJECT = Path(__file__).resolve().parent.parent
FOLDERS = ("config", "rules", "engine/_templates", "tests/root", "tests/cases", "tests/broken")
KINDS = ("partner", "vendor", "rules", "schedule", "tests")


class DisagreementError(AssertionError):
    """The fast tier accepted what the strict tier refuses or reads otherwise."""


def judge(data: bytes) -> str:
    """Return how far the fast tier goes with a file, and make sure that the strict tier agrees.

    What both read alike must hold for every file, whether or not it satisfies a schema.
    """
    value = reading.parse(data)
    if value is None:
        return "handed over"
    document, problems = documents.parse("f.yaml", data)
    strict = document.value if document else None
    if problems or repr(strict) != repr(value):  # with types, signs of zeros, and the order of keys
        said = ", ".join(map(str, problems)) or repr(strict)
        raise DisagreementError(f"{data!r}\n  fast:   {value!r}\n  strict: {said}")
    valid = [kind for kind in KINDS if validity.is_valid(kind, value)]
    if any(violation for kind in valid for violation in schemas.violations(kind, value)):
        raise DisagreementError(f"{data!r} does not satisfy all of {valid}")
    return "valid" if valid else "plain"


def judge_all(files: Iterable[bytes]) -> Counter[str]:
    """Return how many files went how far."""
    return Counter(map(judge, files))


def probes() -> Iterator[bytes]:
    """Yield every word in every context."""
    yield from (context.replace("¤", word).encode() for context in CONTEXTS for word in WORDS)


@cache
def real_files() -> tuple[bytes, ...]:
    """Return every YAML file of the sample roots and of the tests."""
    paths = sorted(path for folder in FOLDERS for path in (PROJECT / folder).rglob("*.y*ml"))
    return tuple(path.read_bytes() for path in paths)


def file(seed: int) -> bytes:
    """Return a file made from that seed: a piece of a real one with mistakes, or a mapping of anything."""
    rng = random.Random(seed)  # noqa: S311 - nothing here is secret
    text = _mutated(rng) if seed % 2 else _written(rng)
    return text.encode("utf-8", "surrogatepass")


# Real files with mistakes


def _mutated(rng: random.Random) -> str:
    lines = rng.choice(real_files()).decode("utf-8", "replace").splitlines(keepends=True)
    begin = 0 if rng.random() < 0.8 else rng.randrange(len(lines) + 1)
    lines = lines[begin : begin + rng.choice((3, 8, 15, 25))]
    for _ in range(rng.randint(0, 3)):
        _spoil_lines(rng, lines)
    text = "".join(lines)
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        text = _spoil_text(rng, text)
    return text


def _spoil_lines(rng: random.Random, lines: list[str]) -> None:
    at = rng.randrange(len(lines) + 1)
    line = rng.choice(lines) if lines else "k: v\n"
    match rng.randrange(6):
        case 0:
            lines.insert(at, line)
        case 1:
            del lines[at : at + 1]
        case 2:
            lines[at : at + 1] = [" " * rng.randint(1, 4) + line]
        case 3:
            lines[at : at + 1] = [line.removeprefix("  ")]
        case 4:
            is_list = rng.random() < 0.5
            lines.insert(at, _line(rng, " " * rng.randint(0, 6), "k", wild=0.3, is_list=is_list))
        case _:
            head, colon, _ = line.partition(":")
            lines[at : at + 1] = [f"{head}{colon} {_value(rng, wild=0.3)}\n"]


def _spoil_text(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    match rng.randrange(4):
        case 0 | 1:
            return text[:at] + rng.choice(SIGNS) + text[at:]
        case 2:
            return text[:at] + text[at + 1 :]
        case _:
            return text[:at] + rng.choice(WORDS) + text[at + rng.randint(0, 4) :]


# Mappings of anything


def _written(rng: random.Random) -> str:
    """Write a mapping; some files are wild, in others a little is odd, or nothing."""
    wild = rng.choice((0.0, 0.02, 0.05, 0.3))
    lines = list(_block(rng, 0, wild, depth=rng.choice((1, 2, 3))))
    if rng.random() < 0.1:
        tops = ("---\n", "# c\n---\n", "--- # c\n", "\n---\n", " ---\n", "---\n---\n", "%YAML 1.2\n---\n")
        lines.insert(0, rng.choice(tops))
    if rng.random() < wild:
        _spoil_lines(rng, lines)
    text = "".join(lines)
    return text if rng.random() < 0.95 else text[:-1]


def _block(
    rng: random.Random, indent: int, wild: float, *, depth: int, is_list: bool = False
) -> Iterator[str]:
    """Write a mapping or a list, an entry a line, some of them with another block below."""
    for key in rng.sample(KEYS, rng.randint(1, 4)):
        if rng.random() < 0.1:
            yield rng.choice(("\n", "  \n", "# c\n", "   # c\n", "#\n", "\n\n", "  #c: d\n"))
        at = indent + (rng.choice((-1, 1, 2)) if rng.random() < wild else 0)
        nests = depth > 0 and rng.random() < 0.4
        yield _line(rng, " " * at, key, wild, is_list=is_list, is_open=nests)
        if rng.random() < 0.05:
            yield from _text_below(rng, at, wild)
        if nests:
            into_list = not is_list and rng.random() < 0.4
            deeper = rng.choice((0, 1, 2, 4) if into_list else (5, 6) if is_list else (1, 2, 2, 4))
            yield from _block(rng, indent + deeper, wild, depth=depth - 1, is_list=into_list)


def _line(
    rng: random.Random, indent: str, key: str, wild: float, *, is_list: bool = False, is_open: bool = False
) -> str:
    name = rng.choice(WORDS) if rng.random() < wild else key
    colon = rng.choice(COLONS) if rng.random() < wild else ": "
    value = "" if is_open else _value(rng, wild)
    dashes = rng.choice(("- ", "- ", "-  ", "- - " if wild else "- ")) if is_list else ""
    entry = value if is_list and value and rng.random() < 0.5 else name + colon + value
    end = rng.choice((" \n", " # c\n", "#\n", "  \n")) if rng.random() < 0.1 else "\n"
    return indent + dashes + entry + end


def _text_below(rng: random.Random, indent: int, wild: float) -> Iterator[str]:
    """Write a block scalar, below what may be a key."""
    yield " " * indent + rng.choice(("y: |\n", "y: |-\n", "y: |\n", "y: |+\n" if wild else "y: |-\n"))
    margin = indent + rng.choice((1, 2, 4))
    for _ in range(rng.randint(1, 3)):
        if rng.random() < 0.1:
            yield rng.choice(("\n", "  \n", " " * 12 + "\n", "# c\n", "\n\n"))
        deeper = rng.choice((0, 0, 1, 2)) if rng.random() > wild else rng.choice((-1, -2))
        texts = WORDS if rng.random() < 0.3 else ("a b", "- a", "k: v", "# c", "12: a", "a ")
        text = rng.choice(texts)
        yield " " * (margin + deeper) + text + "\n"


def _value(rng: random.Random, wild: float, depth: int = 0, *, in_list: bool = False) -> str:
    if depth > 2 or rng.random() < 0.6:
        return rng.choice(WORDS if rng.random() < wild else VALUES)
    is_list = not (in_list and rng.random() > wild) and rng.random() < 0.5
    parts = [_value(rng, wild, depth + 1, in_list=is_list) for _ in range(rng.randint(0, 3))]
    comma = rng.choice((",", ",  ", " , ", ",\n  ")) if rng.random() < wild else ", "
    if is_list:
        return "[" + comma.join(parts) + rng.choice(("]", "]", " ]", ", ]"))
    colon = rng.choice(COLONS) if rng.random() < wild else ": "
    names = rng.sample(WORDS if rng.random() < wild else FLOW_KEYS, len(parts))
    entries = comma.join(f"{name}{colon}{part}" for name, part in zip(names, parts, strict=True))
    return rng.choice(("{", "{", "{ ")) + entries + rng.choice(("}", "}", " }"))
