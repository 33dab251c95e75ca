"""Which rules fire, decided by durable_rules: the only module that knows `durable_rules_engine`.

The C extension is called directly, without the package's Host, whose timers, threads and sessions lose
and mix decisions. It is asked only for what it does reliably:

- It sees booleans; comparisons are made in Python, where types and absence have one meaning.
- It sees one fact at a time in one session, under a lock: asserted, drained of actions, retracted.
- Every branch begins with `k == 1`: a rule without a positive test would hang it.
- A C ruleset has at most MAX_BRANCHES branches: with more than 64 true at once it fails with error 303
  and fires the rest of the decision in the next call.
- A fact may have 252 properties of its own, hence MAX_CONDITIONS.
- `delete_state` frees pointers that the first action sets, hence the warm-up.
- `delete_ruleset` does not free the session, hence `delete_state` before it.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import count
from threading import Lock
from types import TracebackType
from typing import Self, TypeAlias

import durable_rules_engine as native  # type: ignore[import-not-found]  # a C extension without stubs
import msgspec

from engine.branches import MAX_BRANCHES, Branch, normal_form
from engine.conditions import Comparison, Condition

MAX_CONDITIONS = 240
"""Comparisons and derived conditions that one Engine takes."""

_SERIAL = count()
_SESSION = None  # the session of a fact that names none
_RETRACTION = '{"id":"e"}'
_FIRED, _NO_BRANCH_HOLDS = 0, 1
_OwnedBranch: TypeAlias = tuple[int, Branch]  # with the index of its rule


class TooComplex(Exception):  # noqa: N818 - names the finding, `rules-too-complex`
    """The rules need more conditions than MAX_CONDITIONS."""

    def __init__(self, needed: int) -> None:
        self.needed = needed
        super().__init__(f"the rules come to {needed} conditions; at most {MAX_CONDITIONS} are possible")


class Engine:
    """Which rules fire, decided by durable_rules; one object per version of the rules.

    Bit i of a mask is the truth of `comparisons[i]`. `unreachable` are the rules that contradict
    themselves by their own boolean structure.
    """

    comparisons: tuple[Comparison, ...]
    unreachable: tuple[int, ...]

    def __init__(self, rules: Sequence[Condition]) -> None:
        self._form = normal_form(rules)
        if self._form.conditions > MAX_CONDITIONS:
            raise TooComplex(self._form.conditions)
        self.comparisons = self._form.comparisons
        self.unreachable = tuple(rule for rule, branches in enumerate(self._form.branches) if not branches)
        self._lock = Lock()
        self._is_closed = False
        self._rulesets = tuple(_Ruleset(part) for part in _parts(self._form.branches))

    def fired(self, mask: int) -> tuple[int, ...]:
        """Return the indexes of the rules that hold, ascending."""
        facts = self._form.complete(mask)
        with self._lock:
            if self._is_closed:
                raise RuntimeError("this engine is closed: its rules have been replaced")
            rules = {rule for ruleset in self._rulesets for rule in ruleset.fired(facts)}
        return tuple(sorted(rules))

    def close(self) -> None:
        """Free the C rulesets; a second time does nothing."""
        with self._lock:
            self._is_closed = True
            for ruleset in self._rulesets:
                ruleset.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _parts(rules: Iterable[Sequence[Branch]]) -> Iterator[Sequence[_OwnedBranch]]:
    """Cut the branches of all rules into what one C ruleset can take."""
    owned = [(rule, branch) for rule, branches in enumerate(rules) for branch in branches]
    for start in range(0, len(owned), MAX_BRANCHES):
        yield owned[start : start + MAX_BRANCHES]


class _Ruleset:
    """One compiled C ruleset; only one thread may use it at a time."""

    def __init__(self, branches: Sequence[_OwnedBranch]) -> None:
        self._rules = tuple(rule for rule, _ in branches)
        self._properties = tuple(
            (bit, (f',"c{bit}":false', f',"c{bit}":true'))
            for bit in _tested(branch for _, branch in branches)
        )
        self._handle: int = native.create_ruleset(f"rules-{next(_SERIAL)}", _definition(branches))
        # The warm-up: the first branch fires. If even that fails, the ruleset leaks, because
        # `delete_state` might crash.
        self._decide(branches[0][1].true)
        self.close = weakref.finalize(self, _delete, self._handle)  # at the latest with the last reference
        self.close.atexit = False

    def fired(self, facts: int) -> list[int]:
        """Return the rule of each branch that holds."""
        try:
            return self._decide(facts)
        except BaseException:  # an interrupt too: a fact left behind would fire in the next call
            _delete_state(self._handle)
            raise

    def _decide(self, facts: int) -> list[int]:
        outcome, state = native.assert_fact(self._handle, self._fact(facts))
        if outcome == _NO_BRANCH_HOLDS:  # and the fact was not kept
            return []
        if outcome != _FIRED:
            raise RuntimeError(f"durable_rules refused a fact with outcome {outcome}")
        rules = []
        _, action = native.start_action_for_state(self._handle, state)
        while action:
            rules.append(self._rules[_branch_of(action)])
            action = native.complete_and_start_action(self._handle, state)
        native.retract_fact(self._handle, _RETRACTION)
        return rules

    def _fact(self, facts: int) -> str:
        properties = "".join([texts[facts >> bit & 1] for bit, texts in self._properties])
        return f'{{"k":1,"id":"e"{properties}}}'


def _tested(branches: Iterable[Branch]) -> list[int]:
    """Return which bits the branches look at."""
    bits = 0
    for branch in branches:
        bits |= branch.true | branch.false
    return [bit for bit in range(bits.bit_length()) if bits >> bit & 1]


def _definition(branches: Iterable[_OwnedBranch]) -> str:
    """Return the rules as the C extension reads them: one for each branch, named by its position."""
    rules = {
        position: {"all": [{"m": {"$and": [{"k": 1}, *_literals(branch)]}}]}
        for position, (_, branch) in enumerate(branches)
    }
    return msgspec.json.encode(rules).decode()


def _literals(branch: Branch) -> Iterator[dict[str, bool]]:
    for bit in _tested([branch]):
        yield {f"c{bit}": bool(branch.true >> bit & 1)}


def _branch_of(action: str) -> int:
    """Read the position of the branch from an action, `{"17":{"m":{…}}}`."""
    return int(action[2 : action.index('"', 2)])


def _delete(handle: int) -> None:
    _delete_state(handle)
    native.delete_ruleset(handle)


def _delete_state(handle: int) -> None:
    with suppress(native.error):  # there is none after an earlier error
        native.delete_state(handle, _SESSION)
