"""The bare verdict: read every partner file, yaml-rs, jsonschema-rs, two processes. Nothing of ours is used.

What the libraries themselves take to say valid or not, without a position, a sentence or a check of meaning:
`python bare_verdict.py FOLDER SCHEMA` prints how many files are valid.
"""

from __future__ import annotations

import gc
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import jsonschema_rs
import yaml_rs

PROCESSES = 2

_PORTAL_NUMBER = re.compile(rb"^( +)([0-9]+):", re.MULTILINE)
"""A key without quotes, which yaml-rs takes as a number, and jsonschema-rs takes no key but text."""


def main() -> None:
    """Share the files out, and add up what each process says."""
    folder, schema = sys.argv[1:]
    gc.disable()
    validator = jsonschema_rs.validator_for(json.loads(Path(schema).read_text()), validate_formats=True)
    paths = _paths(folder)
    pipes = [_started(validator, paths[share::PROCESSES]) for share in range(1, PROCESSES)]
    valid = _valid(validator, paths[::PROCESSES])
    for process, pipe in pipes:
        with os.fdopen(pipe) as said:
            valid += int(said.read())
        os.waitpid(process, 0)
    sys.stdout.write(f"{valid} of {len(paths)} files are valid\n")


def _paths(folder: str) -> list[str]:
    return [f"{at}/{name}" for at, _, names in os.walk(folder) for name in names if name.endswith(".yaml")]


def _started(validator: jsonschema_rs.Validator, paths: Sequence[str]) -> tuple[int, int]:
    """Fork a process for these files; return its id and where it writes how many are valid."""
    ours, theirs = os.pipe()
    process = os.fork()
    if process:
        os.close(theirs)
        return process, ours
    os.write(theirs, str(_valid(validator, paths)).encode())
    os._exit(0)


def _valid(validator: jsonschema_rs.Validator, paths: Sequence[str]) -> int:
    return sum(validator.is_valid(yaml_rs.loads(_text(path), parse_datetime=False)) for path in paths)


def _text(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib takes longer than the reading
        return _PORTAL_NUMBER.sub(rb"\1'\2':", file.read()).decode()


if __name__ == "__main__":
    main()
