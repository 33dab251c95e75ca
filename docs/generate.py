"""Writes what the documents take from the code, for which it is the only source: `make docs`.

In a page such a text stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""  # noqa: INP001 - a script

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import click
import msgspec

from engine import catalogue, resources, schemas, vocabulary
from engine.catalogue import Entry, Example
from engine.commands import group
from engine.commands.program import renewctl
from engine.daemon.events import EVENTS
from engine.daemon.families import FAMILIES
from engine.reports import codes
from engine.server import openapi
from engine.server.limits import DEFAULT
from engine.vocabulary import Fact

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "engine"
COMMANDS = ROOT / "docs" / "commands.md"
_MARKED = re.compile(r"(<!-- generated: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Return every page with its generated parts as the code has them now, and what `explain` shows."""
    found = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
    texts = {page: _MARKED.sub(_generated, page.read_text(encoding="utf-8")) for page in found}
    return {**texts, resources.EXAMPLES: examples_text()}


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
    command = renewctl.get_command(click.Context(renewctl), name)
    return options(command) if command else ""


def diagnostic_codes() -> str:
    """Return the table of diagnostic codes."""
    rows = (
        (_link(entry.code), entry.severity, entry.meaning, entry.cure)
        for entry in _entries()
        if entry.severity
    )
    return table(("code", "severity", "meaning", "cure"), rows)


def reason_codes() -> str:
    """Return the table of reason codes."""
    rows = ((_link(entry.code), entry.meaning, entry.cure) for entry in _entries() if not entry.severity)
    return table(("code", "meaning", "what to do"), rows)


def _link(name: str) -> str:
    return f"[{code(name)}](#{name.lower()})"


def diagnostic_examples() -> str:
    """Return a section with an example of each diagnostic code."""
    return "\n\n".join(codes.markdown(entry) for entry in _entries() if entry.severity)


def reason_examples() -> str:
    """Return a section with an example of each reason code."""
    return "\n\n".join(codes.markdown(entry) for entry in _entries() if not entry.severity)


@cache
def examples_text() -> str:
    """Return the file of examples, which is made anew."""
    text: str = runpy.run_path(str(ROOT / "docs" / "examples.py"))["text"]()
    return text


def _entries() -> Iterable[Entry]:
    return catalogue.entries(msgspec.json.decode(examples_text(), type=dict[str, Example])).values()


def commands() -> str:
    """Return every command with what it does, and where that is said at length."""
    context = click.Context(renewctl)
    found = {name: renewctl.get_command(context, name) for name in group.COMMANDS}
    rows = ((_linked(name), command.get_short_help_str(200)) for name, command in found.items() if command)
    return table(("command", "what it does"), rows)


def _linked(name: str) -> str:
    """Return the name of a command, with a link to its heading on the page of commands."""
    heading = re.search(rf"^## (renewctl {name}\b.*)$", COMMANDS.read_text(encoding="utf-8"), re.MULTILINE)
    if not heading:
        return code(name)
    anchor = re.sub(r"[^\w\- ]", "", heading[1].lower()).replace(" ", "-")
    return f"[{code(name)}](docs/commands.md#{anchor})"


def packages() -> str:
    """Return the packages of the engine, each with its idea, in the order of their first modules."""
    rows = ((code(name), _idea(ENGINE / name / "__init__.py")) for name in _by_package() if name)
    return table(("package", "idea"), rows)


def modules() -> str:
    """Return every module with its idea, in import order, a table to open for each package."""
    return "\n\n".join(_opened(name, rows) for name, rows in _by_package().items())


def _opened(package: str, rows: Iterable[tuple[str, str]]) -> str:
    title = f"<code>{package}</code>" if package else "Beside the packages"
    return f"<details>\n<summary>{title}</summary>\n\n{table(('module', 'idea'), rows)}\n\n</details>"


def _by_package() -> Mapping[str, Sequence[tuple[str, str]]]:
    """Return each module, as code, with its idea, by package; those that are in none first."""
    order = runpy.run_path(str(ROOT / "tests" / "test_import_order.py"))
    found: dict[str, list[tuple[str, str]]] = {"": []}
    for module in order["ORDER"]:
        package = module.rpartition(".")[0]
        found.setdefault(package, []).append((code(module), _idea(order["path_of"](module))))
    return found


def _idea(path: Path) -> str:
    """Return the first sentence of a module's docstring."""
    docstring = re.match(r'r?"""(.*?)(?:\n\n|""")', path.read_text(encoding="utf-8"), re.DOTALL)
    return " ".join(docstring[1].split()) if docstring else ""


def metrics() -> str:
    """Return the table of metrics."""
    rows = ((code(one.name), one.kind, ", ".join(map(code, one.labels)), one.meaning) for one in FAMILIES)
    return table(("metric", "kind", "labels", "meaning"), rows)


def status_fields() -> str:
    """Return the table of the fields of a daemon's status."""
    found = runpy.run_path(str(ROOT / "docs" / "statusfields.py"))["rows"]()
    return table(("field", "meaning"), ((code(name), meaning) for name, meaning in found))


def endpoints() -> str:
    """Return the table of what a daemon is asked."""
    rows = (
        (code(f"{method.upper()} {path}"), f"{asked['summary']}. {asked['description']}", _parameters(asked))
        for path, methods in openapi.document()["paths"].items()
        for method, asked in methods.items()
    )
    return table(("request", "is", "parameters"), rows)


def _parameters(operation: Mapping[str, Any]) -> str:
    found = operation.get("parameters", ())
    return ", ".join(code(one["name"]) for one in found if one["in"] == "query")


def problems() -> str:
    """Return the table of the problems of the HTTP API."""
    found = runpy.run_path(str(ROOT / "docs" / "problems.py"))["rows"]()
    return table(("type", "status", "meaning"), ((code(name), *said) for name, *said in found))


def log_events() -> str:
    """Return the table of the events of a daemon's log."""
    return table(("event", "meaning"), ((code(name), meaning) for name, meaning in EVENTS.items()))


def limits() -> str:
    """Return the table of what one client may take of a daemon."""
    source = (ROOT / "engine" / "server" / "limits.py").read_text(encoding="utf-8")
    meanings = dict(re.findall(r'^    (\w+): .*\n    """(.+?)"""', source, re.MULTILINE))
    rows = ((code(name), f"{value:,}", meanings[name]) for name, value in DEFAULT._asdict().items())
    return table(("limit", "is", "meaning"), rows)


PARTS: Mapping[str, Callable[[], str]] = {
    "fields of a partner": lambda: fields("partner"),
    "fields of the vendor": lambda: fields("vendor"),
    "fields of a renewal": lambda: fields("renewal"),
    "fields of rules": lambda: fields("rules"),
    "fields of a step": step_fields,
    "global options": lambda: options(renewctl),
    **{f"options of {name}": partial(options_of, name) for name in group.COMMANDS},
    "facts": facts,
    "operators": operators,
    "diagnostic codes": diagnostic_codes,
    "examples": diagnostic_examples,
    "reason codes": reason_codes,
    "examples of reasons": reason_examples,
    "commands": commands,
    "packages": packages,
    "modules": modules,
    "metrics": metrics,
    "status fields": status_fields,
    "endpoints": endpoints,
    "problems": problems,
    "log events": log_events,
    "limits": limits,
}

if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text, encoding="utf-8")
