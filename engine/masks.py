"""Compiles comparisons into one function that returns, for the facts of a notice, which of them are true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

from engine import vocabulary
from engine.conditions import Comparison
from engine.vocabulary import Fact

MaskFunction: TypeAlias = Callable[[Any, Any, Any, int], int]
"""`mask(standing, renewal, notice, on)`: bit i is the truth of comparison i."""

ReaderFunction: TypeAlias = Callable[[Any, Any, Any, int], list[object]]
"""`read(standing, renewal, notice, on)`: the value of each fact, None where it is absent."""

_TRUTHS: Mapping[str, str] = {
    "equals": "fact == {constant}",
    "in": "fact in {constant}",
    "not_in": "fact not in {constant}",
    "lt": "fact < {constant}",
    "lte": "fact <= {constant}",
    "gt": "fact > {constant}",
    "gte": "fact >= {constant}",
    "contains": "{constant} in fact",
    "contains_any": "not fact.isdisjoint({constant})",
    "contains_all": "fact.issuperset({constant})",
}
"""How each operator reads in Python for a fact that is present."""


def compile_mask(comparisons: Sequence[Comparison], functions: Mapping[str, object]) -> MaskFunction:
    """Return the function for these comparisons.

    Plain Python source is several times faster than a tree of calls. What users write does not get into it:
    it is bound as constants, and a label's name stands in it as a literal. `functions` are those that the
    facts of the vocabulary call.
    """
    constants = {f"c{bit}": _constant(comparison) for bit, comparison in enumerate(comparisons)}
    namespace: dict[str, Any] = {**functions, **constants}
    source = "\n".join(["def mask(standing, renewal, notice, on):", "    bits = 0", *_body(comparisons)])
    exec(compile(f"{source}\n    return bits\n", "<conditions>", "exec"), namespace)  # noqa: S102 - see above
    function: MaskFunction = namespace["mask"]
    return function


def compile_reader(names: Sequence[str], functions: Mapping[str, object]) -> ReaderFunction:
    """Return the function that reads these facts, for an explanation."""
    sources = ", ".join(_fact(name).source for name in names)
    namespace: dict[str, Any] = dict(functions)
    exec(f"def read(standing, renewal, notice, on): return [{sources}]", namespace)  # noqa: S102 - as above
    function: ReaderFunction = namespace["read"]
    return function


def _constant(comparison: Comparison) -> object:
    operand = comparison.operand
    return frozenset(operand) if isinstance(operand, tuple) else operand


def _body(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Yield the lines: each fact is read once, then compared."""
    by_fact = sorted(enumerate(comparisons), key=lambda item: item[1].fact)
    for name, group in groupby(by_fact, key=lambda item: item[1].fact):
        fact = _fact(name)
        numbered = list(group)
        yield f"    fact = {fact.source}"
        yield from _when_absent(numbered)
        present = [(bit, comparison) for bit, comparison in numbered if comparison.operator != "present"]
        indent = "        " if fact.optional and present else "    "
        if fact.optional and present:
            yield "    if fact is not None:"
        for bit, comparison in present:
            truth = _TRUTHS[comparison.operator].format(constant=f"c{bit}")
            yield f"{indent}if {truth}: bits |= {1 << bit:#x}"


def _when_absent(numbered: Sequence[tuple[int, Comparison]]) -> Iterator[str]:
    for bit, comparison in numbered:
        if comparison.operator == "present":
            sign = "is not" if comparison.operand else "is"
            yield f"    if fact {sign} None: bits |= {1 << bit:#x}"


def _fact(name: str) -> Fact:
    fact = vocabulary.find(name)
    if fact is None:
        raise ValueError(f"{name} is not a fact")
    return fact
