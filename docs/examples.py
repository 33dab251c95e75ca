"""Makes the example of each code: `tests/broken` and `tests/reasons.yaml` as the command line answers them.

An example shows what is written, which command is run there, and what it says.
"""  # noqa: INP001 - a script

from __future__ import annotations

import contextlib
import datetime as dt
import io
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from engine import documents, validation
from engine.catalogue import Example
from engine.commands.program import renewctl
from engine.commands.session import Session
from engine.diagnostics import Diagnostic
from engine.reports import problems

TESTS = Path(__file__).resolve().parent.parent / "tests"
BROKEN_ON = dt.date(2026, 11, 23)
_AROUND = 2
"""How many lines are shown before a problem, and after it."""
_WIDEST = 100
_PARTNER, _RULES = "config/partners/nord.yaml", "rules/mine.yaml"


def _many_rules() -> str:
    rules = (
        f"  - {{rule: client-{number}, when: {{client.id: client-{number}}}, reason: LISTED}}\n"
        for number in range(241)
    )
    return f"version: 1\nroutes: []\nadjustments:\n{''.join(rules)}"


def _parity(flags: str, *, odd: bool) -> str:
    """Return the condition that an odd or even number of flags is set: nothing is harder to analyse."""
    if not flags:
        return "{not: {}}" if odd else "{}"
    has = f"renewal.flags: {{contains: {flags[0]}}}"
    with_it, without_it = _parity(flags[1:], odd=not odd), _parity(flags[1:], odd=odd)
    return f"{{any: [{{{has}, all: [{with_it}]}}, {{not: {{{has}}}, all: [{without_it}]}}]}}"


def _intricate_rules() -> str:
    never = (_parity("abcdefg", odd=True), _parity("bcdefga", odd=False), _parity("cdefgab", odd=False))
    return (
        f"version: 1\nroutes:\n  - rule: intricate\n    when: {{all: [{', '.join(never)}]}}\n"
        "    to: [partner_contact]\n  - {rule: rest, to: [partner_contact]}\n"
    )


_MADE: Mapping[str, tuple[str, bytes]] = {
    "yaml-encoding": (_PARTNER, "version: 1\npartner: nord\nname: Café\n".encode("latin-1")),
    "yaml-too-large": (_PARTNER, b"version: 1\npartner: nord\nname: " + b"[" * 65 + b"]" * 65),
    "unreadable-file": (f"{_PARTNER}/a-directory-has-this-name", b""),
    "rules-too-complex": (_RULES, _many_rules().encode()),
    "analysis-incomplete": (_RULES, _intricate_rules().encode()),
    "schema-exclusiveMinimum": (
        "facts/renewals.jsonl",
        b'{"renewal": "rn_1", "client": "acme", "renewal_date": "2027-02-15", "mrr": -1e15}',
    ),
}
"""Files that would not survive in git, or that nobody wants to read there."""

_FILES = {
    "nord": _PARTNER,
    "south": "config/partners/south.yaml",
    "rules": _RULES,
    "schedule": "rules/schedule.yaml",
    "facts": "facts/renewals.jsonl",
    "sent": "sent.txt",
}
"""What a situation of tests/reasons.yaml may have, and where it lies in a root."""


def text() -> str:
    """Return the file of all examples."""
    found = msgspec.json.encode({**of_diagnostics(), **of_reasons()})
    return f"{msgspec.json.format(found, indent=1).decode()}\n"


def of_diagnostics() -> Mapping[str, Example]:
    """Return an example of each diagnostic code that a tree gives."""
    with TemporaryDirectory() as folder:
        trees = [*sorted((TESTS / "broken").iterdir()), *_made(Path(folder))]
        found = [
            (tree, diagnostic)
            for tree in trees
            for diagnostic in validation.validate(tree, BROKEN_ON).diagnostics
        ]
        codes = sorted({diagnostic.code for _, diagnostic in found})
        return {code: _example(*_choose(code, found)) for code in codes}


def _made(folder: Path) -> Iterator[Path]:
    for name, (path, data) in _MADE.items():
        _write(folder / name / path, data)
        yield folder / name


def _choose(code: str, found: Iterable[tuple[Path, Diagnostic]]) -> tuple[Path, Diagnostic]:
    """Return the first diagnostic of the code, in the tree that is named after it if there is one."""
    fitting = [(tree, diagnostic) for tree, diagnostic in found if diagnostic.code == code]
    return min(fitting, key=lambda one: (one[0].name != code, not one[0].name.startswith(code)))


def _example(tree: Path, diagnostic: Diagnostic) -> Example:
    said = "\n".join(problems.lines([diagnostic]))
    return Example(_excerpt(tree, diagnostic), "renewctl validate", said)


def _excerpt(tree: Path, diagnostic: Diagnostic) -> str:
    """Return the lines around a problem, numbered, with a mark below its column."""
    place = diagnostic.location
    path = tree / place.path
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.is_file() else []
    if not any(lines):
        return ""
    first = max(place.line - _AROUND, 1)
    around = lines[first - 1 : place.line + _AROUND]
    shown = [f"{number:>4} | {_cut(line)}".rstrip() for number, line in enumerate(around, first)]
    if place.column <= _WIDEST:
        shown.insert(place.line - first + 1, f"     | {' ' * (place.column - 1)}^")
    return "\n".join((place.path, *shown)).removesuffix(f"\n{len(lines):>4} |")


def _cut(line: str) -> str:
    """Return a line as a page shows it."""
    line = line.replace("\t", "→")
    return line if len(line) <= _WIDEST else f"{line[:_WIDEST]}…"


def of_reasons() -> Mapping[str, Example]:
    """Return an example of each reason code: what a command says in the situation that is written for it."""
    document, diagnostics = documents.parse("reasons.yaml", (TESTS / "reasons.yaml").read_bytes())
    if document is None or diagnostics:
        raise ValueError(diagnostics)
    situations = msgspec.convert(document.value, dict[str, dict[str, str]])
    return {code: _answered(situation) for code, situation in situations.items()}


def _answered(situation: Mapping[str, str]) -> Example:
    files = {_FILES[name]: _whole(name, text) for name, text in situation.items() if name != "run"}
    with TemporaryDirectory() as folder:
        for path, content in files.items():
            _write(Path(folder) / path, content.encode())
        said = _run(situation["run"], Path(folder))
    written = "\n\n".join(
        f"# {path}\n{content.rstrip()}" if content else f"# {path}: empty" for path, content in files.items()
    )
    return Example(written, f"renewctl {situation['run']}", said)


def _whole(name: str, content: str) -> str:
    """Return the file: that of a partner begins with its id."""
    return f"version: 1\npartner: {name}\n{content}" if name in {"nord", "south"} else content


def _run(command: str, root: Path) -> str:
    """Return what the command prints in that root."""
    printed, warned = io.StringIO(), io.StringIO()
    with contextlib.chdir(root), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(warned):
        renewctl.main(shlex.split(command), standalone_mode=False, obj=Session(color="never"))
    return "\n".join(line.rstrip() for line in printed.getvalue().rstrip().split("\n"))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
