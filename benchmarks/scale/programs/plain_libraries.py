"""The plain libraries: PyYAML's CSafeLoader and jsonschema, one process, as anybody would write it first.

`python plain_libraries.py FOLDER SCHEMA EVERY` takes every so many-th file, and prints the seconds of CPU
without start and imports, the bytes that it read, and how many files are valid.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import jsonschema
import yaml


class _Loader(yaml.CSafeLoader):
    """Dates stay the text that they are written as."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML declares it so
        first: [(tag, expression) for tag, expression in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def main() -> None:
    """Validate the files one after another."""
    folder, schema, every = sys.argv[1:]
    paths = sorted(Path(folder).rglob("*.yaml"))[:: int(every)]
    begun = time.process_time()
    validator = jsonschema.Draft202012Validator(json.loads(Path(schema).read_text()))
    read = valid = 0
    for path in paths:
        data = path.read_bytes()
        read += len(data)
        valid += not list(validator.iter_errors(yaml.load(data, _Loader)))  # noqa: S506 - it is a safe loader
    sys.stdout.write(f"{time.process_time() - begun} {read} {valid}\n")


if __name__ == "__main__":
    main()
