"""The order of the modules: a module imports only what stands left of it (docs/architecture.md)."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

REPORTS = (
    "styles",
    "tables",
    "junit",
    "problems",
    "sarif",
    "writer",
    "decisions",
    "shares",
    "lines",
    "commits",
    "explanation",
    "coverage",
    "cases",
    "clients",
    "contacts",
    "leaving",
    "changes",
    "comment",
    "history",
    "codes",
    "overrides",
    "calendar",
    "ics",
    "daemon",
)
FEEDS = (
    "fields",
    "judging",
    "shapes",
    "jsonfacts",
    "picking",
    "csvfacts",
    "factfiles",
    "shares",
    "cells",
    "connections",
    "databases",
    "portions",
    "factsources",
)
CHANGES = (
    "differences",
    "causes",
    "views",
    "dangers",
    "affected",
    "concerned",
    "known",
    "together",
    "disagreeing",
    "parcels",
    "comparing",
)
READING = ("files", "partners", "forms", "sharing", "versions", "cache", "remembering", "ways")
CHECKS = (
    "rulechecks",
    "partnerfiles",
    "examined",
    "datechecks",
    "userchecks",
    "contactchecks",
    "partnerchecks",
    "casechecks",
)
COMMANDS = (
    "options",
    "console",
    "session",
    "bulk",
    "outputs",
    "validate",
    "decide",
    "upcoming",
    "clients",
    "contacts",
    "editing",
    "set_",
    "unset",
    "replace_user",
    "import_",
    "export",
    "fmt",
    "diff",
    "history",
    "test",
    "init",
    "schema",
    "explain",
    "serve",
    "status",
    "reload",
    "group",
    "program",
)
SERVER = (
    "limits",
    "faults",
    "asgi",
    "marks",
    "observing",
    "deadlines",
    "places",
    "origins",
    "receiving",
    "jsontext",
    "requests",
    "bodies",
    "answers",
    "decisions",
    "shortcut",
    "gate",
    "parameters",
    "views",
    "threads",
    "components",
    "operations",
    "openapi",
    "page",
    "application",
    "lingering",
    "protocol",
    "prompt",
    "rounds",
    "serving",
)
EDITS = (
    "spans",
    "wording",
    "layout",
    "pairs",
    "splices",
    "blockstyle",
    "flowstyle",
    "rewriting",
    "shape",
    "timeline",
    "writing",
    "committing",
    "targets",
    "overrides",
    "succession",
    "blocktexts",
    "spacing",
    "canonical",
    "formatting",
    "csvcells",
    "overriderows",
    "importchecks",
    "importing",
)
DAEMON = (
    *(
        "attempts",
        "shelf",
        "lookup",
        "piles",
        "knownfacts",
        "readings",
        "fingerprints",
        "glances",
        "lookouts",
        "patches",
        "recordings",
        "proofs",
        "settling",
        "wakeups",
    ),
    *("lastgood", "checkout", "loading", "crosschecks", "refusals", "service", "status", "watcher"),
    *("logs", "tallies", "families"),
)
ORDER = (
    *("digests", "diagnostics", "codes", "resources"),
    *(f"strict.{name}" for name in ("encoding", "values", "scalars", "complaints", "events")),
    *(f"strict.{name}" for name in ("dialect", "places", "walking", "lines")),
    *("documents", "civil", "sentences", "schemas"),
    *(f"fast.{name}" for name in ("matching", "guard", "validity", "reading", "tier")),
    *("stamps", "trees", "sources", "processes", "collecting", "bounded", "overlays"),
    *("vocabulary", "model", "spellings", "facts", "notices", "cases.layers", "cases.casefiles"),
    *(f"feeds.{name}" for name in FEEDS),
    *("conditions", "ruleset", "grammar", "rulefiles", "schedule", "schedulefiles"),
    *("branches", "inference"),
    *(f"analysis.{name}" for name in ("formulas", "classes", "reachability")),
    *("persons", "teams", "ownership", "people"),
    *(f"checks.{name}" for name in CHECKS),
    *(f"reading.{name}" for name in READING),
    *("index", "configuration", "cases.fixtures", "validation"),
    *("standings", "masks", "rulebook", "envelopes", "mailings", "snapshot", "decisions", "identity"),
    *("reasons", "catalogue", "starting"),
    *("git", "revisions", "past.blame"),
    *(
        "changes.pairing",
        "workloads",
        "runs",
        "spills",
        "planning",
        "inquiry",
        "sentfiles",
        "agenda",
        "dashboard",
        "dependents",
        "leaving",
    ),
    *(f"changes.{name}" for name in CHANGES),
    *(f"past.{name}" for name in ("footprint", "hindsight", "history")),
    *(f"cases.{name}" for name in ("situations", "runs", "coverage")),
    *(f"edits.{name}" for name in EDITS),
    *(f"daemon.{name}" for name in DAEMON),
    *(f"reports.{name}" for name in REPORTS),
    *(f"server.{name}" for name in SERVER),
    *(f"daemon.{name}" for name in ("metrics", "events", "deliveries", "listening", "supervisor", "running")),
    "daemon.asking",
    *(f"commands.{name}" for name in COMMANDS),
    "cli",
)

LIBRARIES = {
    "yaml": {"strict.events"},
    "jsonschema": {"schemas"},
    "yaml_rs": {"fast.reading"},
    "jsonschema_rs": {"fast.matching", "fast.validity"},
    "durable_rules_engine": {"inference"},
    "rich": {"reports.tables", "commands.console"},
    "holidays": {"civil"},
    "icalendar": {"reports.ics"},
    "sqlalchemy": {"feeds.connections", "feeds.databases"},
    "watchdog": {"daemon.wakeups"},
    "prometheus_client": {"daemon.metrics"},
    "starlette": {"server.application"},
    "httptools": {"server.protocol"},
    "uvicorn": {"server.protocol", "server.serving"},
    "uvloop": {"daemon.running"},
    "pygit2": {"git"},
    "click": {f"commands.{name}" for name in COMMANDS if name not in {"session", "bulk"}},
}
"""Which modules know a third-party library."""

OF_EVERYBODY = {"engine", "msgspec", *sys.stdlib_module_names}


def path_of(module: str) -> Path:
    """Return the file of a module."""
    return ROOT / "cli.py" if module == "cli" else ROOT / "engine" / f"{module.replace('.', '/')}.py"


@cache
def imports(module: str) -> frozenset[str]:
    """Return the dotted name of every module that this one imports, wherever in it."""
    tree = ast.parse(path_of(module).read_text(encoding="utf-8"))
    return frozenset(_imported(tree))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = node.module or ""
            modules = [f"{package}.{alias.name}" for alias in node.names if _is_ours(package, alias.name)]
            yield from modules or [package]


def _is_ours(package: str, name: str) -> bool:
    return (ROOT / package.replace(".", "/") / f"{name}.py").is_file()


def test_every_module_has_one_place_in_the_order() -> None:
    package = ROOT / "engine"
    files = (file.relative_to(package) for file in package.rglob("*.py") if file.name != "__init__.py")
    modules = {".".join(file.with_suffix("").parts) for file in files}

    assert sorted(ORDER) == sorted({*modules, "cli"})


@pytest.mark.parametrize("module", ORDER)
def test_a_module_imports_only_from_its_left(module: str) -> None:
    itself_and_right = {f"engine.{name}" for name in ORDER[ORDER.index(module) :]}

    assert itself_and_right & imports(module) == set()


def test_each_library_is_known_to_the_modules_made_for_it_and_to_no_other() -> None:
    known: defaultdict[str, set[str]] = defaultdict(set)
    for module in ORDER:
        for package in {name.partition(".")[0] for name in imports(module)}:
            known[package].add(module)

    assert {package: known[package] for package in known.keys() - OF_EVERYBODY} == LIBRARIES
