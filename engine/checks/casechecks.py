"""What decision tests may say by their schema and yet cannot mean: names twice, or names of nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.cases.casefiles import Case, CaseFile
from engine.diagnostics import Diagnostic, suggest, warning
from engine.ruleset import Ruleset

_UNKNOWN_PARTNER = "UNKNOWN_PARTNER"


def check_cases(file: CaseFile, ruleset: Ruleset | None, partners: Collection[str]) -> Iterator[Diagnostic]:
    """Yield everything that can be said of a file of tests without deciding one.

    There is no ruleset while some rules cannot be read: a test may mean one of them.
    """
    yield from check_duplicate_cases(file)
    rules = None if ruleset is None else frozenset(rule.name for rule in ruleset.rules)
    for case in file.cases:
        yield from check_expectation(case)
        if rules is not None:
            yield from check_unknown_rules(case, rules)
        yield from check_unknown_partner(case, partners)


def check_duplicate_cases(file: CaseFile) -> Iterator[Diagnostic]:
    """A case is found by its name; the second one of a name is reported."""
    names: dict[str, Case] = {}
    for case in file.cases:
        first = names.setdefault(case.name, case)
        if first is not case:
            message = f"there is another case `{case.name}` at {first.location}"
            yield Diagnostic(
                case.place_of("case"), "duplicate-case", message, hint="give it a name of its own"
            )


def check_expectation(case: Case) -> Iterator[Diagnostic]:
    """A test that cannot fail is worse than none."""
    if case.expect == {}:
        message = f"case `{case.name}` expects nothing, so it can never fail"
        hint = "say what is to come of it, such as `expect: {outcome: send}`"
        yield warning(case.location, "nothing-expected", message, hint)


def check_unknown_rules(case: Case, rules: Collection[str]) -> Iterator[Diagnostic]:
    """A rule that does not exist can never count."""
    expected = (case.expect or {}).get("rules") or ()
    for index, name in enumerate(expected):
        if name not in rules:
            hint = suggest(name, rules) or f"rules: {', '.join(sorted(rules))}"
            place = case.place("rules", index)
            yield Diagnostic(place, "unknown-rule", f"there is no rule {name}", hint=hint)


def check_unknown_partner(case: Case, partners: Collection[str]) -> Iterator[Diagnostic]:
    """A renewal of a partner that is not there reaches nobody, which is rarely what a test is about."""
    known = partners if case.partners is None else case.partners.keys()
    meant = (case.expect or {}).get("reasons") or ()
    for layer in reversed(case.renewal):
        facts = layer.value
        named = facts.get("partner") if isinstance(facts, dict) else None
        if named is not None:
            if str(named) not in known and _UNKNOWN_PARTNER not in meant:
                place = layer.document.locate((*layer.written, "partner"))
                hint = (
                    suggest(str(named), known) or f"expect `reasons: [{_UNKNOWN_PARTNER}]` if it is meant so"
                )
                yield warning(place, "unknown-partner", f"there is no partner {named} in this case", hint)
            return
