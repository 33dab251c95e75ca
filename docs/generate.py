"""Writes what the documents take from the code, for which it is the only source: `make docs`.

In a page such a text stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""  # noqa: INP001 - a script

from __future__ import annotations

import datetime as dt
import re
import runpy
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

import cli
from engine import schemas, validation, vocabulary
from engine.codes import CODES
from engine.diagnostics import Diagnostic
from engine.reasons import REASONS
from engine.reports import problems
from engine.vocabulary import Fact

ROOT = Path(__file__).resolve().parent.parent
BROKEN = ROOT / "tests" / "broken"
BROKEN_ON = dt.date(2026, 11, 23)
_WIDEST = 100
_WITHOUT_EXAMPLE = {"analysis-incomplete"}
_PARTNER, _RULES = "config/partners/nord.yaml", "rules/mine.yaml"
_MANY_RULES = "version: 1\nroutes: []\nadjustments:\n" + "".join(
    f"  - {{rule: client-{number}, when: {{client.id: client-{number}}}, reason: LISTED}}\n"
    for number in range(241)
)
_MADE: Mapping[str, tuple[str, bytes]] = {
    "yaml-encoding": (_PARTNER, "version: 1\npartner: nord\nname: Café\n".encode("latin-1")),
    "yaml-too-large": (_PARTNER, b"version: 1\npartner: nord\nname: " + b"[" * 65 + b"]" * 65),
    "unreadable-file": (f"{_PARTNER}/a-directory-has-this-name", b""),
    "rules-too-complex": (_RULES, _MANY_RULES.encode()),
    "schema-exclusiveMinimum": (
        "facts/renewals.jsonl",
        b'{"renewal": "rn_1", "client": "acme", "renewal_date": "2027-02-15", "mrr": -1e15}',
    ),
}
_MARKED = re.compile(r"(<!-- generated: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Return every page with its generated parts as the code has them now."""
    found = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
    return {page: _MARKED.sub(_generated, page.read_text(encoding="utf-8")) for page in found}


def _generated(marked: re.Match[str]) -> str:
    begin, name, end = marked.groups()
    return f"{begin}\n{PARTS[name]()}\n\n{end}"


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ("---",) * len(header), *rows]
    cells = ([cell.replace("|", r"\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def code(text: str) -> str:
    """Mark text as code."""
    return f"`{text}`"


def fields(kind: str) -> str:
    """Return the fields of a file, as its schema explains them to an editor."""
    rows = _fields(schemas.schema(kind), schemas.schema(kind)["$defs"], "")
    return table(("field", "required", "meaning"), rows)


def step_fields() -> str:
    """Return the fields of a step, which are the same in every tier."""
    schema = schemas.schema("schedule")
    return table(("field", "required", "meaning"), _fields(schema["$defs"]["entry"], schema["$defs"], ""))


def _fields(
    node: Mapping[str, Any], definitions: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, str, str]]:
    for name, written in node.get("properties", {}).items():
        field = _resolved(written, definitions)
        required = "yes" if name in node.get("required", ()) else ""
        yield code(f"{prefix}{name}"), required, field["description"]
        yield from _below(field, definitions, f"{prefix}{name}")


def _below(
    field: Mapping[str, Any], definitions: Mapping[str, Any], path: str
) -> Iterator[tuple[str, str, str]]:
    """Yield the fields of what stands in a field: in its mapping, each of its entries or elements."""
    if field["title"] == "When":
        return  # the rule language, which has a page of its own
    entries = field.get("additionalProperties")
    if isinstance(entries, dict):
        yield from _fields(_resolved(entries, definitions), definitions, f"{path}.ID.")
    elif "items" in field:
        yield from _fields(_resolved(field["items"], definitions), definitions, f"{path}[].")
    else:
        yield from _fields(field, definitions, f"{path}.")


def _resolved(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a node with what it refers to; of several forms the mapping, which says the most."""
    forms = [form for form in node.get("anyOf", ()) if form.get("type") == "object"]
    below: Mapping[str, Any] = _resolved(forms[0], definitions) if forms else {}
    if "$ref" in node:
        below = {**below, **definitions[node["$ref"].removeprefix("#/$defs/")]}
    return {**below, **node}


def facts() -> str:
    """Return the table of facts."""
    known = [*vocabulary.FACTS.values(), *vocabulary.LABELS.values()]
    rows = ((code(_shown_name(fact)), _kind(fact), _absent(fact), fact.description) for fact in known)
    return table(("fact", "it is", "may be absent", "meaning"), rows)


def _shown_name(fact: Fact) -> str:
    return f"{fact.name}*" if fact.name.endswith(".") else fact.name


def _kind(fact: Fact) -> str:
    return ", ".join(map(code, fact.values)) if fact.values else str(fact.kind)


def _absent(fact: Fact) -> str:
    return "yes" if fact.optional else ""


def operators() -> str:
    """Return the table of operators by kind of fact."""
    rows = (
        (str(kind), ", ".join(code(name) if name != "equals" else "a constant" for name in names))
        for kind, names in vocabulary.OPERATORS.items()
    )
    return table(("the fact is", "it is compared by"), rows)


def options(command: click.Command) -> str:
    """Return the table of a command's options."""
    context = click.Context(command)
    shown = [option for option in command.params if isinstance(option, click.Option)]
    records = [(option, option.get_help_record(context) or ("", "")) for option in shown]
    rows = (
        (code(names), " ".join([*meaning.split(), *_variable(option)]))
        for option, (names, meaning) in records
    )
    return table(("option", "meaning"), rows)


def _variable(option: click.Option) -> Iterator[str]:
    """Say which environment variable gives the option too."""
    if isinstance(option.envvar, str):
        yield f"[also `{option.envvar}`]"


def options_of(name: str) -> str:
    """Return the table of options of the command of that name."""
    command = cli.renewctl.get_command(click.Context(cli.renewctl), name)
    return options(command) if command else ""


def diagnostic_codes() -> str:
    """Return the table of diagnostic codes."""
    rows = ((_link(name), known.severity, known.meaning, known.cure) for name, known in sorted(CODES.items()))
    return table(("code", "severity", "meaning", "cure"), rows)


def _link(name: str) -> str:
    return code(name) if name in _WITHOUT_EXAMPLE else f"[{code(name)}](#{name.lower()})"


def reason_codes() -> str:
    """Return the table of reason codes."""
    return table(("code", "meaning"), ((code(name), meaning) for name, meaning in REASONS.items()))


def examples() -> str:
    """Return an example of each diagnostic code: a line of a broken file, and what is said of it."""
    with TemporaryDirectory() as folder:
        trees = [*sorted(BROKEN.iterdir()), *_made(Path(folder))]
        found = [
            (tree, diagnostic)
            for tree in trees
            for diagnostic in validation.validate(tree, BROKEN_ON).diagnostics
        ]
        names = sorted({diagnostic.code for _, diagnostic in found})
        return "\n\n".join(_example(*_choose(name, found)) for name in names)


def _made(folder: Path) -> Iterator[Path]:
    """Yield trees that would not survive in git, or that nobody wants to read there."""
    for name, (path, data) in _MADE.items():
        file = folder / name / path
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
        yield folder / name


def _choose(name: str, found: Iterable[tuple[Path, Diagnostic]]) -> tuple[Path, Diagnostic]:
    """Return the first diagnostic of the code, in the tree that is named after it if there is one."""
    fitting = [(tree, diagnostic) for tree, diagnostic in found if diagnostic.code == name]
    return min(fitting, key=lambda one: (one[0].name != name, not one[0].name.startswith(name)))


def _example(tree: Path, diagnostic: Diagnostic) -> str:
    said = "\n".join(problems.lines([diagnostic]))
    line = _line(tree, diagnostic)
    written = f"{_fence(line)}\n\n" if line.strip() else ""
    return f"### {diagnostic.code}\n\n{written}{_fence(said)}"


def _line(tree: Path, diagnostic: Diagnostic) -> str:
    path = tree / diagnostic.location.path
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.is_file() else []
    line = lines[diagnostic.location.line - 1].replace("\t", "→") if lines else ""
    return line if len(line) <= _WIDEST else f"{line[:_WIDEST]}…"


def _fence(text: str) -> str:
    return f"```text\n{text}\n```"


def modules() -> str:
    """Return every module in import order, with the sentence that says its idea."""
    order = runpy.run_path(str(ROOT / "tests" / "test_import_order.py"))
    rows = ((code(module), _idea(order["path_of"](module))) for module in order["ORDER"])
    return table(("module", "idea"), rows)


def _idea(path: Path) -> str:
    """Return the first sentence of a module's docstring."""
    docstring = re.match(r'"""(.*?)(?:\n\n|""")', path.read_text(encoding="utf-8"), re.DOTALL)
    return " ".join(docstring[1].split()) if docstring else ""


PARTS: Mapping[str, Callable[[], str]] = {
    "fields of a partner": lambda: fields("partner"),
    "fields of the vendor": lambda: fields("vendor"),
    "fields of a renewal": lambda: fields("renewal"),
    "fields of rules": lambda: fields("rules"),
    "fields of a step": step_fields,
    "global options": lambda: options(cli.renewctl),
    "options of validate": lambda: options_of("validate"),
    "options of decide": lambda: options_of("decide"),
    "options of upcoming": lambda: options_of("upcoming"),
    "options of clients": lambda: options_of("clients"),
    "options of contacts": lambda: options_of("contacts"),
    "facts": facts,
    "operators": operators,
    "diagnostic codes": diagnostic_codes,
    "examples": examples,
    "reason codes": reason_codes,
    "modules": modules,
}

if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text, encoding="utf-8")
